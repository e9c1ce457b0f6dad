"""The method `proportion`: Wilson's interval, therapists, cut-offs, and no word of a cause."""

import numpy as np
import pandas as pd
import pytest
from model_studies import ARMS, make_claim, make_dataset, make_patients, make_shares, make_study, make_values
from scipy import stats
from statsmodels.stats.proportion import proportion_confint, proportions_ztest

from mmresearch.models import fit
from mmresearch.models.proportion import NOT_CAUSE, share_of
from mmresearch.verdict.findings import finding

HALF = {
    "method": "proportion",
    "measure": "proportion",
    "hypothesis": "above",
    "null": 0.5,
    "comparators": [],
    "designs": ["randomised", "cohort", "single-arm"],
}
GLOBAL = HALF | {"instruments": ["PGIC"], "cutoff": 2}


@pytest.mark.parametrize("events, total", [(30, 50), (0, 20), (20, 20), (5, 8)])
def test_the_interval_is_wilsons(events, total):
    """Oracle: statsmodels proportion_confint(wilson), 1e-12."""
    found = share_of(np.repeat([1.0, 0.0], [events, total - events]))[0]
    assert found.interval(0.95) == pytest.approx(proportion_confint(events, total, method="wilson"), abs=1e-12)


def test_the_test_is_the_score_test():
    """Oracle: statsmodels proportions_ztest with prop_var at the null, 1e-9; ends of the interval have p = 0.05."""
    found = share_of(np.repeat([1.0, 0.0], [30, 20]))[0]
    assert found.above(0.5) == pytest.approx(proportions_ztest(30, 50, 0.5, "larger", prop_var=0.5)[1], rel=1e-9)
    low, high = found.interval(0.95)
    assert (found.above(low), found.below(high)) == pytest.approx((0.025, 0.025), rel=1e-9)


def alone(dataset, **patients):
    """The massage arm of a Dataset as a single-arm study."""
    study = make_study(design="single-arm", arms={"massage": ARMS["massage"]})
    return make_dataset(study, dataset.patients.assign(arm="massage", **patients), dataset.outcomes)


def test_a_share_of_one_arm_says_nothing_of_its_cause():
    claim = make_claim(**HALF)
    estimate = fit(claim, alone(make_shares(30, 10, 50, 10)))
    assert (estimate.point, estimate.n) == (40 / 60, {"massage": 60})
    assert (estimate.low, estimate.high) == pytest.approx(proportion_confint(40, 60, method="wilson"))
    assert (estimate.reference, estimate.unit) == (None, "proportion") and NOT_CAUSE in estimate.assumptions
    words = "the share with a noticeable improvement in pain intensity (NRS) at week 12 with medical massage was 67%"
    assert words in finding(claim, estimate)


def test_in_a_trial_it_is_the_arms_own_share():
    assert fit(make_claim(**HALF), make_shares(30, 10, 50, 40)).point == 30 / 50


@pytest.mark.parametrize("instrument, good, share", [("PGIC", 2.0, 0.5), ("PGIC", 2.1, 0.0)])
def test_a_cutoff_counts_what_is_as_good_or_better(instrument, good, share):
    """PGIC: lower is better, 2 is much improved."""
    patients = make_patients(40, arms=("massage",))
    outcomes = make_values(patients, instrument=instrument, visits={"week 12": 84})
    outcomes["value"] = np.resize([good, 4.0], 40)
    estimate = fit(make_claim(**GLOBAL), alone(make_dataset(patients=patients, outcomes=outcomes)))
    assert estimate.point == share and any("a value of 2 or less" in line for line in estimate.assumptions)


def test_the_missing_are_counted_the_other_way_beside():
    dataset = make_shares(30, 10, 50, 10)
    lost = dataset.patients["patient"].tail(10)
    outcomes = dataset.outcomes
    kept = outcomes[(outcomes["visit"] == "baseline") | ~outcomes["patient"].isin(lost)]
    estimate = fit(make_claim(**HALF), alone(make_dataset(patients=dataset.patients, outcomes=kept)))
    assert estimate.point == 30 / 50 and estimate.robustness[0].point == 30 / 60


def test_therapists_widen_it():
    names = pd.Series([f"t{number // 6}" for number in range(60)], dtype="object")
    estimate, plain = (
        fit(make_claim(**HALF), alone(make_shares(30, 10, 50, 10), **own)) for own in ({"therapist": names}, {})
    )
    assert estimate.clustered and estimate.df < 10 and estimate.high - estimate.low > plain.high - plain.low


def coverage(share, spread, draws, seed, patients=40, therapists=8):
    """Share of intervals that hold the true share; therapists' own shares differ (beta, variance share (1 - share)
    spread).
    """
    dice, held = np.random.default_rng(seed), 0
    size = 1 / spread - 1 if spread else None
    for _ in range(draws):
        own = dice.beta(share * size, (1 - share) * size, therapists) if spread else np.full(therapists, share)
        who = np.arange(patients) % therapists
        happened = (dice.random(patients) < own[who]).astype(float)
        low, high = share_of(happened, pd.Series([f"t{each}" for each in who]))[0].interval(0.95)
        held += low <= share <= high
    return held / draws


def test_the_interval_holds_the_truth_with_therapists():
    assert stats.binom.cdf(round(200 * coverage(0.5, 0.1, 200, 1)), 200, 0.95) > 0.001


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.5, 0.7])
@pytest.mark.parametrize("spread", [0.0, 0.05, 0.2])
def test_the_interval_covers_the_truth_with_therapists(share, spread):
    """Eight therapists of five patients: 93 to 97.5%; 1500 draws leave an error of 1.1 percentage points."""
    assert 0.93 <= coverage(share, spread, 1500, 2) <= 0.975
