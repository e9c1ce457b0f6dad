"""The method `time-to-event`: from a study to an Estimate, and what its numbers are worth in invented studies."""

import numpy as np
import pandas as pd
import pytest
from model_studies import make_study
from statsmodels.regression.linear_model import OLS
from times_until import invented_times, timed_study, until_claim

from mmresearch.estimate import Lack, dumps, from_json
from mmresearch.models import fit
from mmresearch.models.survival import curve
from mmresearch.verdict.findings import finding

RATIO = {"measure": "hazard-ratio", "null": 1}
ADJUSTED = make_study(covariates=["age"], strata=["site"])


def codes(estimate):
    return [trouble.code for trouble in estimate.troubles]


def times(seed=1, study=None, named=True, **how):
    days, endings, treated, therapist = invented_times(np.random.default_rng(seed), **how)
    people = {"therapist": [f"t{each}" if each >= 0 else None for each in therapist]} if how.get("therapists") else {}
    return timed_study(days, endings, treated, study, **people), days, endings, treated


def test_the_estimate_is_the_difference_of_the_arms_restricted_means():
    """Unadjusted: each arm's mean and influence are R's (test_models_survival); the error is that of two samples."""
    dataset, days, endings, treated = times()
    estimate = fit(until_claim(), dataset)
    ends = [curve(days[treated == arm], endings[treated == arm]).mean(182) for arm in (1, 0)]
    assert estimate.point == pytest.approx(ends[0][0] - ends[1][0])
    variance = sum(np.sum(influence**2) * 40 / 39 for _, influence in ends)
    assert estimate.standard_error == pytest.approx(np.sqrt(variance))
    assert estimate.df == pytest.approx(78, abs=2) and not estimate.clustered
    found = (estimate.measure, estimate.unit, estimate.direction, estimate.visit)
    assert found == ("rmst-difference", "days", "lower", None)
    assert estimate.n == {"massage": 40, "control": 40}


def test_everyone_followed_is_the_plain_mean_of_days_adjusted_by_least_squares():
    """Oracle: statsmodels, OLS with HC2, of the days themselves."""
    dice = np.random.default_rng(4)
    days, treated = np.ceil(dice.exponential(60, 60)).clip(1, 182), np.resize([1, 0], 60)
    dataset = timed_study(days, np.ones(60), treated, ADJUSTED)
    people = dataset.patients
    sites = pd.get_dummies(people["site"], dtype=float).iloc[:, 1:]
    columns = np.column_stack([np.ones(60), treated, people["age"].astype(float), sites])
    expected = OLS(days, columns).fit(cov_type="HC2")
    estimate = fit(until_claim(), dataset)
    assert (estimate.point, estimate.standard_error) == pytest.approx((expected.params[1], expected.bse[1]))
    assert "adjusted for age and site" in estimate.model and "counted over 182 days" in estimate.outcome


def test_what_stands_beside_it():
    dataset, days, endings, treated = times(forestalled=0.003)
    estimate = fit(until_claim(), dataset)
    assert codes(estimate) == ["competing-events"]
    assert [each.name for each in estimate.derived] == [
        "median-massage", "share-massage", "median-control", "share-control", "hazard-ratio"]
    assert [each.analysis for each in estimate.robustness] == [
        "without covariates", "competing events as if lost from sight, without covariates"]
    happened = (endings == 1) & (days <= 182)
    assert [arm.events for arm in estimate.by_arm] == [happened[treated == 1].sum(), happened[treated == 0].sum()]
    assert from_json(estimate.to_json()).to_json() == estimate.to_json() and dumps(estimate.to_json())


def test_whom_something_else_forestalls_never_gets_there():
    """Ten of twenty in an arm are forestalled on day 1, ten reach it on day 10; the others all reach it on day 10."""
    days = np.array([1.0] * 10 + [10] * 10 + [10] * 20)
    endings = np.array([2] * 10 + [1] * 30)
    estimate = fit(until_claim(), timed_study(days, endings, np.repeat([1, 0], 20)))
    assert estimate.point == pytest.approx((10 * 182 + 10 * 10) / 20 - 10)


def test_times_count_no_further_than_both_arms_were_followed():
    days, endings = np.array([30.0, 50, 90, 120] * 10), np.array([1, 1, 0, 0] * 10)
    days[::2] = np.minimum(days[::2], 100)
    estimate = fit(until_claim(), timed_study(days, endings, np.resize([1, 0], 40)))
    assert "over 84 days" in estimate.model  # 90 were followed by both: in whole weeks
    assert "follow-up-short" in codes(estimate)


def test_a_window_that_ends_sooner_is_the_horizon():
    estimate = fit(until_claim(windows=[[1, 60]]), times()[0])
    assert "over 60 days" in estimate.model and codes(estimate) == []
    assert all(arm.ls_mean < 60 for arm in estimate.by_arm)


def test_therapists_are_clusters():
    dataset = times(therapists=5, spread=0.8, study=ADJUSTED)[0]
    for claim in (until_claim(), until_claim(**RATIO)):
        estimate = fit(claim, dataset)
        assert estimate.clustered and "clustered by therapist (CR2)" in estimate.model
        assert estimate.df < 25


def test_a_hazard_ratio_may_be_what_is_registered():
    claim = until_claim(**RATIO)
    estimate = fit(claim, times(ratio=2.5, n=80)[0])
    assert (estimate.measure, estimate.direction, estimate.null) == ("hazard-ratio", "higher", 1)
    assert 1 < estimate.low < estimate.point < estimate.high and estimate.p_value < 0.01
    beside = fit(until_claim(), times(ratio=2.5, n=80)[0]).derived[-1]
    assert (beside.point, beside.low, beside.high) == pytest.approx((estimate.point, estimate.low, estimate.high))


def test_hazards_that_cross_are_told():
    dice = np.random.default_rng(5)
    treated = np.resize([1, 0], 200)
    days = np.where(treated == 1, dice.choice([5, 170], 200), dice.uniform(60, 100, 200))
    estimate = fit(until_claim(**RATIO), timed_study(days, np.ones(200), treated))
    assert codes(estimate) == ["hazards-not-proportional"]
    told = fit(until_claim(), timed_study(days, np.ones(200), treated)).derived[-1].sentence
    assert "it changes with time" in told


@pytest.mark.parametrize("registered", [{}, RATIO])
def test_nothing_happened(registered):
    estimate = fit(until_claim(**registered), timed_study(np.full(40, 182.0), np.zeros(40), np.resize([1, 0], 40)))
    assert estimate.point is None and estimate.p_value is None
    assert estimate.serious[0].code == "not-estimable" and "few-events" in codes(estimate)


def test_an_arm_in_which_it_never_happens_has_a_restricted_mean_but_no_hazard_ratio():
    days, treated = np.resize([40.0, 182, 80, 182], 48), np.resize([1, 0], 48)
    dataset = timed_study(days, treated, treated)
    assert fit(until_claim(), dataset).low < fit(until_claim(), dataset).point < 0
    assert "runs to infinity" in fit(until_claim(**RATIO), dataset).serious[0].sentence


def test_a_study_without_the_instrument_lacks_it():
    lack = fit(until_claim(instruments=["MME"]), times()[0])
    assert isinstance(lack, Lack) and lack.code == "no-instrument"


def test_a_difference_in_time_is_longer_or_shorter():
    estimate = fit(until_claim(), times(ratio=2.5, n=80)[0])
    words = finding(until_claim(), estimate)
    assert "counted over 182 days, was" in words and "days shorter with medical massage than with usual care" in words
    assert "lower" not in words and "higher" not in words


def covered(how, draws, seed):
    """How often the interval holds the truth: 182 days censored exponential times, from a large simulation."""
    dice, level = np.random.default_rng(seed), []
    many = invented_times(np.random.default_rng(0), n=200_000, lost=1e9, **how | {"therapists": 200_000})
    reached = np.where(many[1] == 1, many[0], 182)
    truth = reached[many[2] == 1].mean() - reached[many[2] == 0].mean()
    for _ in range(draws):
        estimate = fit(until_claim(), times(dice.integers(1 << 31), study=ADJUSTED, **how)[0])
        level.append((estimate.low <= truth <= estimate.high, (estimate.point - truth) / estimate.standard_error))
    return np.mean([each for each, _ in level]), np.mean([each for _, each in level])


HOW = [dict(n=40), dict(n=40, ratio=1.7, forestalled=0.003), dict(n=40, therapists=6, spread=0.4)]


@pytest.mark.slow
@pytest.mark.parametrize("how", HOW, ids=["null", "faster, with competing events", "null, with therapists"])
def test_intervals_hold_the_truth(how):
    """400 draws of 40 an arm: 95% give or take three standard errors of 1.1%; bias below three of 0.05."""
    cover, bias = covered(how, 400, 20261121)
    assert 0.917 < cover < 0.983 and abs(bias) < 0.16


def test_times_without_any_variation_are_no_certainty():
    days = np.where(np.resize([1, 0], 40) == 1, 20.0, 30.0)
    estimate = fit(until_claim(), timed_study(days, np.ones(40), np.resize([1, 0], 40)))
    assert estimate.point is None and "no variation" in estimate.serious[0].sentence
