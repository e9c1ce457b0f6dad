"""Options of the frame door: constrained longitudinal data analysis, weights, joint tests, averages, order of
visits."""

import numpy as np
import pandas as pd
import pytest
from trials import SETTINGS, Dense, trial, visits_covariance

from mmresearch.errors import UsageError
from mmresearch.models.mmrm import mmrm
from mmresearch.models.mmrm.structures import NAMES

BARE = dict(outcome="y", patient="id", visit="visit", arm="arm", reference="usual")


def test_constrained_baseline_has_one_mean_in_all_arms():
    """Baseline as an outcome with equal means: against dense matrices without an arm column at the first visit."""
    rows = trial(n=50, seed=12)
    result = mmrm(rows, **BARE, constrained=True, df="satterthwaite")
    arm, visit = (rows["arm"] == "massage").to_numpy(dtype=float), rows["visit"].to_numpy()
    dummies = [(visit == v).astype(float) for v in range(4)]
    X = np.column_stack([*dummies, *(arm * d for d in dummies[1:])])
    dense = Dense(rows["y"].to_numpy(), X, visits_covariance(result.fit.sigma, rows["id"].to_numpy(), visit))
    found = result.contrast("massage", 3)
    assert result.fit.deviance == pytest.approx(dense.deviance(), rel=1e-10)
    assert (found.estimate, found.standard_error) == pytest.approx(
        (dense.beta[-1], np.sqrt(dense.phi[-1, -1])), rel=1e-8
    )
    assert result.mean("massage", 0).estimate == result.mean("usual", 0).estimate
    with pytest.raises(UsageError, match="no arm 'massage' at visit '0'"):
        result.contrast("massage", 0)


def test_weights_of_2_at_one_visit_equal_a_design_of_two_means_a_row():
    """One visit, every weight w: the variance is s^2 / w, so the estimate is weighted least squares."""
    rows = trial(n=60, T=1, seed=13).assign(w=lambda t: np.random.default_rng(1).integers(1, 4, len(t)) * 1.0)
    found = mmrm(rows, **BARE, weights="w").contrast("massage", 0)
    means = {arm: np.average(part["y"], weights=part["w"]) for arm, part in rows.groupby("arm")}
    assert found.estimate == pytest.approx(means["massage"] - means["usual"], rel=1e-10)
    residual = sum((part["w"] * (part["y"] - means[arm]) ** 2).sum() for arm, part in rows.groupby("arm"))
    inverse = sum(1 / part["w"].sum() for _, part in rows.groupby("arm"))
    assert found.standard_error == pytest.approx(np.sqrt(residual / 58 * inverse), rel=1e-9)
    with pytest.raises(Exception, match=r"1 weight\(s\) are not above 0"):
        mmrm(rows.assign(w=[0.0] + [1.0] * 59), **BARE, weights="w")


def test_joint_test_of_one_visit_is_the_square_of_t():
    result = mmrm(trial(seed=14, effect=1.0), **SETTINGS)
    one, found = result.joint("massage", [3]), result.contrast("massage", 3)
    assert one.statistic == pytest.approx(found.statistic**2, rel=1e-9)
    assert (one.df2, one.p_value) == pytest.approx((found.df, found.p_value), rel=1e-6)
    assert result.joint("massage").df1 == 4


def test_average_over_visits_is_the_mean_of_the_contrasts():
    result = mmrm(trial(seed=15), **SETTINGS)
    expected = np.mean([result.contrast("massage", visit).estimate for visit in range(4)])
    assert result.average("massage").estimate == pytest.approx(expected, rel=1e-10)


def test_visits_come_in_the_order_asked_for_or_of_the_categories():
    rows = trial(seed=16).assign(visit=lambda t: t["visit"].map({0: "week 4", 1: "week 8", 2: "week 12", 3: "week 24"}))
    asked = ("week 4", "week 8", "week 12")
    assert mmrm(rows, **SETTINGS, visits=asked).visits == asked
    whole = rows.assign(visit=pd.Categorical(rows["visit"], [*asked, "week 24"]))
    assert mmrm(whole, **SETTINGS).visits == (*asked, "week 24")
    assert mmrm(whole, **SETTINGS).covariance.columns.tolist() == [*asked, "week 24"]


@pytest.mark.parametrize("code", NAMES)
def test_every_structure_fits_and_names_itself(code):
    result = mmrm(trial(seed=17), **SETTINGS, covariance=code)
    assert result.fit.structure == code and NAMES[code] in result.model and result.fit.convergence.sound
    assert result.fit.deviance >= mmrm(trial(seed=17), **SETTINGS).fit.deviance - 1e-6  # unstructured holds every other


def test_rows_in_any_order_give_the_same():
    rows = trial(seed=18)
    mixed = rows.sample(frac=1, random_state=1)
    a, b = mmrm(rows, **SETTINGS).contrast("massage", 2), mmrm(mixed, **SETTINGS).contrast("massage", 2)
    assert (a.estimate, a.standard_error, a.df) == pytest.approx((b.estimate, b.standard_error, b.df), rel=1e-9)


def test_labels_of_arms_do_not_choose_the_reference():
    rows = trial(seed=19)
    one = mmrm(rows, **SETTINGS).contrast("massage", 3)
    other = mmrm(rows, **{**SETTINGS, "reference": "massage"}).contrast("usual", 3)
    assert (one.estimate, one.p_value) == pytest.approx((-other.estimate, other.p_value), rel=1e-9)


def test_times_follow_the_visits_that_are_in_the_model():
    rows = trial(seed=20)
    setting = {**SETTINGS, "covariance": "ris"}
    whole = mmrm(rows, **setting, times=(0, 1, 2, 6))
    with_empty = mmrm(rows, **setting, visits=(0, 1, 9, 2, 3), times=(0, 1, 1.5, 2, 6))
    assert with_empty.fit.deviance == pytest.approx(whole.fit.deviance, rel=1e-10)
    assert whole.fit.deviance != pytest.approx(mmrm(rows, **setting).fit.deviance, abs=1e-3)
    with pytest.raises(UsageError, match="3 times for 4 visits"):
        mmrm(rows, **setting, times=(0, 1, 2))
