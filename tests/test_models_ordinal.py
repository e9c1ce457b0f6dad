"""The method `ordinal`: proportional odds against MASS and ordinal of R, its test, win odds, therapists."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from model_studies import make_claim, make_dataset, make_patients, make_study, make_values
from scipy import stats

from mmresearch.models import fit
from mmresearch.models.cumulative import proportional_odds
from mmresearch.models.ordinal import effective_size
from mmresearch.verdict.findings import finding

FOLDER = Path(__file__).parent / "reference" / "ordinal"
REFERENCE = json.loads((FOLDER / "output.json").read_text())
DATA = pd.read_csv(FOLDER / "data.csv")
SPASM = {"method": "ordinal", "measure": "odds-ratio", "null": 1, "instruments": ["SPASM"]}


def graded(effect=-1.0, n=100, seed=4, therapists=0, skill=0.0, cuts=(-1.0, 0.5, 2.0), **study):
    """A Dataset of SPASM (0 to 3) with a log odds ratio of `effect`; therapists in the massage arm differ by
    `skill`.
    """
    dice = np.random.default_rng(seed)
    patients = make_patients(n, seed=seed)
    massage = (patients["arm"] == "massage").to_numpy()
    who = dice.integers(0, max(therapists, 1), n)
    if therapists:
        names = np.where(massage, np.array([f"t{each}" for each in who], dtype=object), None)
        patients = patients.assign(therapist=pd.Series(names, dtype="object"))
    shift = np.where(massage, effect + dice.normal(0, skill, max(therapists, 1))[who], 0)
    level = dice.normal(0, 1, n)
    outcomes = make_values(patients, instrument="SPASM", visits={"baseline": 0, "week 12": 84})
    later = (outcomes["day"] > 0).to_numpy()
    eta = np.tile(0.8 * level, 2) + np.where(later, np.tile(shift, 2), 0) + dice.logistic(0, 1, 2 * n)
    outcomes["value"] = np.digitize(eta, cuts).astype(float)
    return make_dataset(make_study(**study), patients, outcomes)


def test_the_estimate_is_an_odds_ratio_of_higher_grades():
    claim = make_claim(**SPASM)
    dataset = graded()
    estimate = fit(claim, dataset)
    wide = dataset.wide("SPASM")
    arm = (dataset.patients["arm"] == "massage").to_numpy(float)
    wanted = proportional_odds(wide["week 12"].astype(int), np.column_stack([arm, wide["baseline"]]))
    assert estimate.point == pytest.approx(math.exp(wanted.slopes[0]), rel=1e-9)
    assert estimate.df == 100 - 3 and estimate.standard_error == pytest.approx(wanted.covariance[3, 3] ** 0.5)
    assert (estimate.null, estimate.direction, estimate.measure) == (1, "lower", "odds-ratio")
    assert estimate.low < estimate.point < estimate.high and not estimate.clustered
    assert "odds of a higher grade of muscle spasm" in finding(claim, estimate)
    assert [each.analysis for each in estimate.robustness] == ["unadjusted"]


def test_the_win_odds_stand_beside_it_and_count_for_the_better_side():
    derived = next(each for each in fit(make_claim(**SPASM), graded()).derived if each.name == "win-odds")
    assert 1 < derived.point and derived.low < derived.point < derived.high
    assert "of a patient from Medical massage and one from Usual care the former is better off" in derived.sentence


def test_patients_who_share_therapists_are_clustered():
    dataset = graded(therapists=6, skill=1.5)
    estimate, plain = (
        fit(make_claim(**SPASM), dataset),
        fit(
            make_claim(**SPASM), make_dataset(dataset.study, dataset.patients.assign(therapist=None), dataset.outcomes)
        ),
    )
    assert estimate.clustered and estimate.df < 20 and "CR2" in estimate.model
    assert estimate.point == pytest.approx(plain.point)
    assert estimate.standard_error > 1.2 * plain.standard_error


def test_grades_that_do_not_overlap_get_a_finite_estimate_and_say_so():
    dataset = graded(n=40)
    massage = dataset.outcomes["patient"].isin(dataset.patients.loc[dataset.patients["arm"] == "massage", "patient"])
    values = np.where(massage, dataset.outcomes["value"].clip(upper=1), 3.0)
    estimate = fit(
        make_claim(**SPASM), make_dataset(dataset.study, dataset.patients, dataset.outcomes.assign(value=values))
    )
    assert "grades-separate" in [each.code for each in estimate.troubles]
    assert 0 < estimate.low < estimate.point < estimate.high < 1


def test_everyone_alike_is_not_estimable():
    dataset = graded(n=40)
    estimate = fit(
        make_claim(**SPASM), make_dataset(dataset.study, dataset.patients, dataset.outcomes.assign(value=1.0))
    )
    assert estimate.point is None and [each.code for each in estimate.serious] == ["not-estimable"]


def test_odds_that_are_not_proportional_are_noted():
    """Massage moves patients to both ends: the odds at low cuts fall and at high cuts rise."""
    dice = np.random.default_rng(5)
    patients = make_patients(400)
    massage = (patients["arm"] == "massage").to_numpy()
    outcomes = make_values(patients, instrument="SPASM", visits={"week 12": 84})
    spread = np.where(massage, 3.0, 1.0) * dice.logistic(0, 1, 400)
    outcomes["value"] = np.digitize(spread, [-1, 0, 1]).astype(float)
    estimate = fit(make_claim(**SPASM), make_dataset(patients=patients, outcomes=outcomes))
    assert "odds-not-proportional" in [each.code for each in estimate.troubles]


def test_few_events_carry_few_covariates():
    """Harrell's effective size of 4 in 60 and 56: 60 - (4^3 + 56^3) / 60^2 = 11.2."""
    assert effective_size(np.repeat([0, 1], [56, 4])) == pytest.approx(60 - (64 + 175616) / 3600)
    estimate = fit(make_claim(**SPASM), graded(n=60, cuts=(3.0,), effect=0.0, covariates=["age"], strata=["site"]))
    codes = [each.code for each in estimate.troubles]
    assert "covariates-left-out" in codes and "unadjusted" in estimate.model


def test_a_percentage_has_many_grades():
    """BODYMECH, 0 to 100%: proportional odds of all its values, near Wilcoxon's test; p within a fifth of it."""
    dice = np.random.default_rng(8)
    patients = make_patients(80)
    massage = (patients["arm"] == "massage").to_numpy()
    outcomes = make_values(patients, instrument="BODYMECH", visits={"week 12": 84})
    outcomes["value"] = (50 + 8 * massage + dice.normal(0, 15, 80)).round().clip(0, 100)
    claim = make_claim(**SPASM | {"instruments": ["BODYMECH"], "direction": "higher"})
    estimate = fit(claim, make_dataset(patients=patients, outcomes=outcomes))
    values = outcomes["value"].to_numpy()
    assert estimate.p_value == pytest.approx(stats.mannwhitneyu(values[massage], values[~massage]).pvalue, rel=0.2)
    assert estimate.point > 1 and "a higher value of" in estimate.outcome
