"""Clustered standard errors, against numbers and identities that others published."""

import numpy as np
import pandas as pd
import pytest
from scipy import linalg, stats
from statsmodels.regression.linear_model import OLS

from mmresearch.models.clusters import cr2, therapist_labels


def fitted(design, outcome):
    return np.asarray(OLS(outcome, design).fit().resid)


def test_one_row_a_cluster_is_hc2_as_stata_gives_it():
    """Stata `reg y x, vce(hc2)`; in R's dfadjust (Kolesar), test_clustervar.R; printed to 10 digits."""
    x = np.sin(np.concatenate([np.arange(1, 11), np.arange(2, 12)]))
    y = np.concatenate([np.cos(np.arange(10)), np.tan(np.arange(1, 11))])
    design = np.column_stack([np.ones(20), x])
    found = [np.sqrt(cr2(design, fitted(design, y), np.arange(20), weights)[0]) for weights in np.eye(2)]
    assert found == pytest.approx([0.4227339762, 0.4421048122], abs=1e-10)


@pytest.mark.parametrize("first, second", [(3, 27), (10, 20), (15, 15)])
def test_df_of_two_groups_is_the_closed_form(first, second):
    """Imbens and Kolesar 2016, Rev Econ Stat 98:701, section II: two groups without clustering; exact."""
    treated = np.repeat([1.0, 0.0], [first, second])
    design = np.column_stack([np.ones(first + second), treated])
    _, df = cr2(design, np.ones(first + second), np.arange(first + second), np.array([0.0, 1.0]))
    n = first + second
    closed = n**2 * (first - 1) * (second - 1) / (first**2 * (first - 1) + second**2 * (second - 1))
    assert df == pytest.approx(closed, rel=1e-10)


def test_whole_clusters_treated_is_the_comparison_of_cluster_means():
    """Clusters of one size, treated whole: CR2 is Welch's variance of their means (Bell, McCaffrey 2002); exact."""
    dice = np.random.default_rng(4)
    means = dice.normal(0, 2, 12)
    labels = np.repeat(np.arange(12), 5)
    outcome = means[labels] + dice.normal(0, 1, 60)
    treated = (labels < 5).astype(float)
    design = np.column_stack([np.ones(60), treated])
    variance, _ = cr2(design, fitted(design, outcome), labels, np.array([0.0, 1.0]))
    by_cluster = pd.Series(outcome).groupby(labels).mean()
    welch = stats.sem(by_cluster[:5]) ** 2 + stats.sem(by_cluster[5:]) ** 2
    assert variance == pytest.approx(welch, rel=1e-10)


def test_variance_is_unbiased_under_the_working_model():
    """E[CR2] is the true variance when errors are independent, of equal variance (Pustejovsky, Tipton 2018); exact."""
    dice = np.random.default_rng(5)
    labels = np.array([0] * 6 + [1] * 4 + [2] * 5 + list(range(3, 18)))
    design = np.column_stack([np.ones(30), (labels < 3).astype(float), dice.normal(size=30)])
    weights, residual_maker = np.array([0.0, 1.0, 0.0]), np.eye(30) - design @ np.linalg.pinv(design)
    expected = sum(cr2(design, residual_maker[:, column], labels, weights)[0] for column in range(30))
    assert expected == pytest.approx(np.linalg.inv(design.T @ design)[1, 1], rel=1e-8)


def dense_df(design, residuals, labels, weights):
    """Degrees of freedom by definition, with whole matrices: the traces of Imbens and Kolesar 2016, section III."""
    n, bread = len(labels), np.linalg.inv(design.T @ design)
    maker, indicator = np.eye(n) - design @ bread @ design.T, np.equal.outer(np.unique(labels), labels).astype(float)
    columns = []
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        root = np.real(linalg.sqrtm(np.linalg.inv(maker[np.ix_(rows, rows)])))
        columns.append(maker[:, rows] @ root @ design[rows] @ bread @ weights)
    pairs = (indicator.sum(axis=1) ** 2).sum() - n
    common = max((((indicator @ residuals) ** 2).sum() - (residuals**2).sum()) / pairs, 0)
    working = max((residuals**2).sum() / n - common, 0) * np.eye(n) + common * indicator.T @ indicator
    products = np.array(columns) @ working @ np.array(columns).T
    return np.trace(products) ** 2 / np.sum(products**2)


@pytest.mark.parametrize("skill", [0.0, 2.0])
def test_df_follow_the_definition_with_whole_matrices(skill):
    dice = np.random.default_rng(8)
    labels = np.concatenate([np.repeat(np.arange(6), 6), np.arange(6, 42)])
    design = np.column_stack([np.ones(72), (labels < 6).astype(float), dice.normal(size=72)])
    outcome = skill * dice.normal(size=42)[labels] + dice.normal(size=72)
    residuals, weights = fitted(design, outcome), np.array([0.0, 1.0, 0.0])
    assert cr2(design, residuals, labels, weights)[1] == pytest.approx(
        dense_df(design, residuals, labels, weights), rel=1e-8
    )


@pytest.mark.slow
def test_intervals_hold_their_level_when_six_therapists_differ():
    """600 invented trials, six therapists of six patients against 36 without, a quarter of the variance theirs.

    Binomial bounds at p 0.001 around 95%.
    """
    dice, held = np.random.default_rng(2718), 0
    labels = np.concatenate([np.repeat(np.arange(6), 6), np.arange(6, 42)])
    design = np.column_stack([np.ones(72), (labels < 6).astype(float)])
    for _ in range(600):
        skill = np.where(labels < 6, dice.normal(0, np.sqrt(1 / 3), 42)[labels], 0)
        outcome = skill + dice.normal(0, 1, 72)
        result = OLS(outcome, design).fit()
        variance, df = cr2(design, np.asarray(result.resid), labels, np.array([0.0, 1.0]))
        held += abs(result.params[1]) <= stats.t.ppf(0.975, df) * np.sqrt(variance)
    assert stats.binom.ppf(0.0005, 600, 0.95) <= held <= stats.binom.ppf(0.9995, 600, 0.95)


def test_patients_without_a_therapist_are_clusters_of_their_own():
    labels = therapist_labels(pd.Series(["a", pd.NA, "b", "a", None, np.nan], dtype="object"))
    assert labels[0] == labels[3]
    assert len(set(labels)) == 5
