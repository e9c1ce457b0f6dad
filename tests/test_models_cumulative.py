"""Proportional odds: against MASS, ordinal and sandwich of R, print and simulated therapists."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mmresearch.models.clusters import cr2
from mmresearch.models.cumulative import information_of, proportional_odds, rows_of, shift_pieces
from mmresearch.models.proportionality import placements, score_test, win_contrast
from mmresearch.models.score_clusters import cluster_sums, score_cr2, shared_variance

FOLDER = Path(__file__).parent / "reference" / "ordinal"
REFERENCE = json.loads((FOLDER / "output.json").read_text())
DATA = pd.read_csv(FOLDER / "data.csv")


def fitted(case):
    rows = DATA[DATA["case"] == case]
    return proportional_odds(rows["y"], rows[["arm", "x"]]), rows


@pytest.mark.parametrize("case", REFERENCE)
def test_the_fit_is_that_of_clm_and_polr(case):
    """R ordinal 2022.11-16 clm and MASS 7.3-58.2 polr, tests/reference/ordinal/script.R; 1e-6 of the value."""
    found, wanted = fitted(case)[0], REFERENCE[case]
    assert found.converged
    assert found.thresholds == pytest.approx(wanted["alpha"], rel=1e-6, abs=1e-7)
    assert found.slopes == pytest.approx(wanted["beta"], rel=1e-6)
    assert found.log_likelihood == pytest.approx(wanted["loglik"], rel=1e-9)
    place = len(found.thresholds)
    error = math.sqrt(found.covariance[place, place])
    assert (error, error) == pytest.approx((wanted["se"], wanted["se_polr"]), rel=1e-6)


@pytest.mark.parametrize("case", REFERENCE)
def test_the_sandwich_is_that_of_r_before_it_is_corrected(case):
    """R sandwich 3.0-2 vcovCL(HC0, cadjust = FALSE) of clm; 1e-6. The correction is checked against CR2 below."""
    found, rows = fitted(case)
    labels = np.where(rows["therapist"] > 0, rows["therapist"], 100 + np.arange(len(rows)))
    sums, _ = cluster_sums(found.scores, lambda kept: np.eye(found.scores.shape[1]), labels)
    place = len(found.thresholds)
    pulled = sums @ found.covariance[:, place]
    assert math.sqrt(np.sum(pulled**2)) == pytest.approx(REFERENCE[case]["cluster_se"], rel=1e-6)


@pytest.mark.parametrize("case", REFERENCE)
def test_the_test_of_proportional_odds_is_the_score_test(case):
    """From numeric derivatives of the cells in R (numDeriv), 1e-5; and near clm's likelihood ratio test, as it must
    be.
    """
    found = score_test(fitted(case)[0], [0])
    assert found.statistic == pytest.approx(REFERENCE[case]["score"], rel=1e-5)
    assert found.statistic == pytest.approx(REFERENCE[case]["lr"], rel=0.02)
    assert found.df == len(REFERENCE[case]["alpha"]) - 1


def test_two_grades_are_a_logistic_regression():
    """Oracle: statsmodels Logit; 1e-6."""
    from statsmodels.discrete.discrete_model import Logit

    dice = np.random.default_rng(1)
    x = dice.normal(0, 1, (60, 2))
    y = (x @ [1.0, -0.5] + dice.logistic(0, 1, 60) > 0.3).astype(int)
    wanted, found = Logit(y, np.column_stack([np.ones(60), x])).fit(disp=0), proportional_odds(y, x)
    assert found.slopes == pytest.approx(wanted.params[1:], rel=1e-6)
    assert np.sqrt(np.diag(found.covariance))[1:] == pytest.approx(wanted.bse[1:], rel=1e-6)
    assert score_test(found, [0]) is None


def test_cheese():
    """McCullagh and Nelder 1989, Generalized Linear Models, table 5.1 and section 5.6: -1.613, -4.965, -3.323 (sign of
    their table turned), deviance as SAS's and R's -2 log L 711.348."""
    counts = [
        [0, 0, 1, 7, 8, 8, 19, 8, 1],
        [6, 9, 12, 11, 7, 6, 1, 0, 0],
        [1, 1, 6, 8, 23, 7, 5, 1, 0],
        [0, 0, 0, 1, 3, 7, 14, 16, 11],
    ]
    rows = [(grade, row) for row, line in enumerate(counts) for grade, count in enumerate(line) for _ in range(count)]
    codes, kinds = np.array(rows).T
    found = proportional_odds(codes, np.eye(4)[kinds][:, :3])
    assert found.slopes == pytest.approx([-1.613, -4.965, -3.323], abs=5e-4)
    assert -2 * found.log_likelihood == pytest.approx(711.348, abs=5e-4)


def test_scores_of_least_squares_give_its_cr2():
    """For least squares the scores' CR2 is that of clusters.py, which its own tests hold to R clubSandwich; 1e-10."""
    dice = np.random.default_rng(2)
    design = np.column_stack([np.ones(70), np.arange(70) % 2, dice.normal(0, 1, 70)])
    labels = np.where(design[:, 1] == 1, dice.integers(0, 6, 70), 100 + np.arange(70))
    y = dice.normal(0, 1, 70) + np.where(labels < 6, dice.normal(0, 0.5, 200)[labels], 0)
    residuals = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    sums = cluster_sums(design * residuals[:, None], lambda kept: design[kept].T @ design[kept], labels)
    weights = np.array([0.0, 1.0, 0.0])
    wanted = cr2(design, residuals, labels, weights)[0]
    assert score_cr2(*sums, weights, np.array([1.0, 0, 0]), 0.1)[0] == pytest.approx(wanted, rel=1e-10)


def test_win_odds_without_clusters_are_the_brunner_munzel_test():
    """Oracle: scipy.stats.brunnermunzel, statistic and p with t; 1e-10."""
    dice = np.random.default_rng(3)
    one, other = dice.integers(0, 5, 30), dice.integers(0, 4, 25)
    found, share = win_contrast(one, other), placements(one, other)[0].mean()
    wanted = stats.brunnermunzel(other, one)
    statistic = (share - 0.5) / (found.standard_error * share * (1 - share))
    assert statistic == pytest.approx(wanted.statistic, rel=1e-10)
    assert 2 * stats.t.sf(abs(statistic), found.df) == pytest.approx(wanted.pvalue, rel=1e-8)
    assert found.point == pytest.approx(math.log(share / (1 - share)))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=8, max_size=30), st.lists(st.integers(0, 3), min_size=8, max_size=30))
def test_swapping_the_arms_turns_the_odds_over(one, other):
    codes = np.unique(one + other, return_inverse=True)[1]
    if codes.max() == 0:
        return
    arm = np.repeat([1.0, 0.0], [len(one), len(other)])
    first, second = proportional_odds(codes, arm[:, None]), proportional_odds(codes, 1 - arm[:, None])
    assert first.converged == second.converged
    if first.converged:
        assert first.slopes == pytest.approx(-second.slopes, abs=1e-5)


def simulated(truth, therapists, skill, draws, seed, n=80):
    """Share of 95% intervals of the log odds ratio that hold the truth, with `n` / 2 patients an arm."""
    dice, held = np.random.default_rng(seed), 0
    for _ in range(draws):
        arm, x, who = np.arange(n) % 2, dice.normal(0, 1, n), dice.integers(0, therapists, n)
        eta = truth * arm + 0.8 * x + arm * dice.normal(0, skill, therapists)[who] + dice.logistic(0, 1, n)
        found = proportional_odds(
            np.unique(np.digitize(eta, [-1, 0.5, 2]), return_inverse=True)[1], np.column_stack([arm, x])
        )
        labels = np.where(arm == 1, who, 100 + np.arange(n))
        direction, score, spread = shift_pieces(found)
        sums = cluster_sums(found.scores, lambda kept, found=found: information_of(rows_of(found.pieces, kept)), labels)
        place = len(found.thresholds)
        variance, df = score_cr2(*sums, np.eye(place + 2)[place], direction, shared_variance(score, spread, labels))
        held += abs(found.slopes[0] - truth) <= stats.t.ppf(0.975, df) * math.sqrt(variance)
    return held / draws


def test_the_interval_holds_no_effect_with_therapists():
    assert stats.binom.cdf(round(150 * simulated(0.0, 6, 0.5, 150, 6)), 150, 0.95) > 0.001


@pytest.mark.slow
@pytest.mark.parametrize("truth, skill", [(0.0, 0.0), (0.0, 0.5), (0.8, 0.5)])
def test_the_interval_covers_the_truth_with_therapists(truth, skill):
    """40 patients an arm, six therapists: 93 to 98%; 1500 draws leave an error of 1.1 percentage points."""
    assert 0.93 <= simulated(truth, 6, skill, 1500, 7) <= 0.98
