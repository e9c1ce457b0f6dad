"""The method `variance`: one variance between groups, against lme4 and anova of R; therapists, conditions, goals."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from model_studies import ARMS, make_claim, make_dataset, make_patients, make_study, make_values
from scipy import stats

from mmresearch.models import fit
from mmresearch.models.component import component
from mmresearch.verdict.findings import finding

FOLDER = Path(__file__).parent / "reference" / "variance"
REFERENCE = json.loads((FOLDER / "output.json").read_text())
DATA = pd.read_csv(FOLDER / "data.csv")
THERAPISTS = {
    "method": "variance",
    "measure": "variance",
    "hypothesis": "exists",
    "comparators": [],
    "modifier": "therapist",
    "direction": "higher",
    "designs": ["randomised", "cohort", "single-arm"],
}
CONDITIONS = {
    "method": "variance",
    "measure": "variance",
    "hypothesis": "below",
    "null": 0.25,
    "modifier": "condition",
    "designs": ["randomised"],
    "population": {"words": "anyone"},
}


def parts(case, slope=False, restricted=True):
    rows = DATA[DATA["case"] == case]
    member = pd.get_dummies(rows["group"]).to_numpy(float)
    fixed = [np.ones(len(rows)), rows["x"], rows["treated"]] + ([member] if slope else [])
    loads = member * rows[["treated"]].to_numpy() if slope else member
    return component(rows["y"].to_numpy(), np.column_stack(fixed), loads, restricted)


@pytest.mark.parametrize("case", REFERENCE)
def test_the_variance_is_that_of_lme4(case):
    """lme4 1.1-31, tests/reference/variance/script.R: REML and ML to 1e-4 (its optimiser's precision), also of a
    slope.
    """
    wanted = REFERENCE[case]
    assert parts(case).maximum[0] == pytest.approx(wanted["reml"], rel=1e-4)
    assert parts(case, restricted=False).maximum[0] == pytest.approx(wanted["ml"], rel=1e-4)
    assert parts(case, slope=True).maximum[0] == pytest.approx(wanted["slope"], rel=1e-4)


@pytest.mark.parametrize("case", REFERENCE)
def test_the_profile_interval_is_that_of_lme4(case):
    """lme4's confint(profile) of the full likelihood, a standard deviation; it interpolates, so 0.002 points."""
    low, high = parts(case, restricted=False).likelihood_interval(0.95)
    assert (low**0.5, high**0.5) == pytest.approx((REFERENCE[case]["sd_low"], REFERENCE[case]["sd_high"]), abs=0.002)


@pytest.mark.parametrize("case", REFERENCE)
def test_the_exact_test_is_anovas(case):
    """R anova of two lm, 1e-9: the group as fixed columns, and its interaction with the treatment."""
    wanted = REFERENCE[case]
    assert (parts(case).f_statistic(), parts(case).f_test()) == pytest.approx((wanted["f"], wanted["p"]), rel=1e-9)
    slope = parts(case, slope=True)
    assert (slope.f_statistic(), slope.f_test()) == pytest.approx((wanted["slope_f"], wanted["slope_p"]), rel=1e-9)


def test_the_exact_interval_of_a_balanced_design_is_the_textbooks():
    """Searle, Casella and McCulloch 1992, Variance Components, section 3.6d: ((F / F_upper - 1) / n, (F / F_lower -
    1) / n).
    """
    dice = np.random.default_rng(1)
    member = np.repeat(np.eye(8), 6, axis=0)
    y = member @ dice.normal(0, 1, 8) + dice.normal(0, 1, 48)
    found = component(y, np.ones((48, 1)), member)
    table = stats.f_oneway(*np.split(y, 8))
    upper, lower = stats.f.ppf([0.975, 0.025], 7, 40)
    assert found.f_statistic() == pytest.approx(table.statistic)
    assert found.ratio_interval(0.95) == pytest.approx(
        ((table.statistic / upper - 1) / 6, (table.statistic / lower - 1) / 6)
    )


def treated_by(spread, therapists=8, n=128, seed=3, **study):
    """A Dataset whose therapists (of the massage arm) differ with a standard deviation of `spread` points."""
    dice = np.random.default_rng(seed)
    patients = make_patients(n, seed=seed)
    massage = (patients["arm"] == "massage").to_numpy()
    who = dice.integers(0, therapists, n)
    names = pd.Series(np.where(massage, [f"t{each}" for each in who], None), dtype="object")
    outcomes = make_values(patients, seed=seed + 1)
    skill = dict(zip(patients["patient"], np.where(massage, dice.normal(0, spread, therapists)[who], 0), strict=True))
    moved = outcomes["value"] + outcomes["patient"].map(skill) * (outcomes["day"] > 0)
    return make_dataset(make_study(**study), patients.assign(therapist=names), outcomes.assign(value=moved))


def test_therapists_who_differ_are_found_and_told_in_words():
    claim = make_claim(**THERAPISTS)
    estimate = fit(claim, treated_by(1.0))
    assert estimate.p_value < 0.001 and estimate.low > 0 and estimate.low < 1.0 < estimate.high
    assert (estimate.unit, estimate.reference, estimate.n) == ("points²", None, {"massage": 64})
    assert estimate.df == 7 and estimate.clustered
    sentence = finding(claim, estimate)
    assert sentence.startswith(
        "the variance of pain intensity (NRS) between therapists at week 12 with medical massage was"
    )
    deviation, share = estimate.derived[:2]
    assert (deviation.point, deviation.high) == pytest.approx((estimate.point**0.5, estimate.high**0.5))
    assert 0 < share.low < share.point < share.high < 1


def test_therapists_who_do_not_differ_leave_the_interval_at_zero():
    """Of eight studies without any difference one or two may find one; three have a chance of 0.6% (binomial)."""
    found = [fit(make_claim(**THERAPISTS), treated_by(0.0, seed=seed)) for seed in range(100, 108)]
    assert sum(estimate.p_value < 0.05 for estimate in found) <= 2
    assert sum(estimate.low == 0 for estimate in found) >= 6


def test_two_therapists_are_too_few():
    estimate = fit(make_claim(**THERAPISTS), treated_by(1.0, therapists=2))
    assert {"few-groups", "therapists-few"} <= {each.code for each in estimate.serious}


def test_what_is_one_value_for_each_therapist_is_part_of_how_they_differ():
    dataset = treated_by(1.0, strata=["site"])
    patients = dataset.patients
    homes = patients["therapist"].map(lambda name: f"s{int(name[1:]) % 4}", na_action="ignore").fillna("s0")
    estimate = fit(make_claim(**THERAPISTS), make_dataset(dataset.study, patients.assign(site=homes), dataset.outcomes))
    assert any("'site' differs only between therapists" in line for line in estimate.assumptions)


NAMES = ["low-back-pain", "neck-pain", "osteoarthritis", "fibromyalgia", "migraine"]


def by_condition(spread, seed=5, n=160, names=NAMES, **columns):
    """A Dataset in which the effect of massage differs between conditions with a standard deviation of `spread`."""
    dice = np.random.default_rng(seed)
    patients = make_patients(n, seed=seed).assign(condition=dice.choice(names, n), **columns)
    effects = dict(zip(names, dice.normal(0, spread, len(names)), strict=True))
    levels = dict(zip(names, dice.normal(0, 2, len(names)), strict=True))
    moved = patients["condition"].map(levels) + patients["condition"].map(effects) * (patients["arm"] == "massage")
    outcomes = make_values(patients, seed=seed + 1)
    by_patient = dict(zip(patients["patient"], moved, strict=True))
    later = outcomes["patient"].map(by_patient) * (outcomes["day"] > 0)
    return make_dataset(make_study(condition=None), patients, outcomes.assign(value=outcomes["value"] + later))


def test_effects_that_differ_between_conditions_are_found_whatever_the_conditions_levels():
    claim = make_claim(**CONDITIONS)
    alike, apart = fit(claim, by_condition(0.0)), fit(claim, by_condition(1.5))
    assert alike.high < apart.high and alike.point < 0.25 < apart.point
    assert apart.n == {"massage": 80, "control": 80} and apart.df == 4
    assert "the variance of the difference in pain intensity (NRS) between conditions" in finding(claim, apart)


def test_therapists_are_fixed_where_the_effect_between_conditions_is_asked():
    """The same columns by hand: arm, conditions, baseline and a column a therapist; F of the interaction."""
    dice = np.random.default_rng(6)
    dataset = by_condition(1.0)
    patients = dataset.patients
    names = pd.Series([f"t{dice.integers(6)}" if arm == "massage" else None for arm in patients["arm"]], dtype="object")
    dataset = make_dataset(dataset.study, patients.assign(therapist=names), dataset.outcomes)
    estimate = fit(make_claim(**CONDITIONS | {"hypothesis": "exists", "null": 0}), dataset)
    frame = patients.assign(therapist=names).set_index("patient").join(dataset.wide("NRS"))
    treated = (frame["arm"] == "massage").to_numpy(float)
    groups = pd.get_dummies(frame["condition"]).to_numpy(float)
    base = np.column_stack([groups, treated, frame["baseline"], pd.get_dummies(frame["therapist"]).to_numpy(float)])
    full = np.column_stack([base, groups * treated[:, None]])
    left = [np.linalg.lstsq(matrix, frame["week 12"], rcond=None) for matrix in (base, full)]
    squares = [
        float(np.sum((frame["week 12"] - matrix @ found[0]) ** 2))
        for matrix, found in zip((base, full), left, strict=True)
    ]
    df = [len(frame) - found[2] for found in left]
    statistic = (squares[0] - squares[1]) / (df[0] - df[1]) / (squares[1] / df[1])
    assert estimate.p_value == pytest.approx(stats.f.sf(statistic, df[0] - df[1], df[1]), rel=1e-8)
    assert estimate.clustered


def test_how_often_sessions_are_planned_is_not_adjusted_for_itself():
    dice = np.random.default_rng(8)
    patients = make_patients(80, arms=("massage",)).assign(condition=dice.choice(NAMES, 80))
    usual = dict(zip(NAMES, (1.0, 2.0, 1.0, 3.0, 2.0), strict=True))
    values = patients["condition"].map(usual) + dice.choice([0, 1], 80, p=[0.8, 0.2])
    outcomes = make_values(patients, visits={"baseline": 0}, instrument="FREQUENCY").assign(value=values.to_numpy())
    claim = make_claim(
        **THERAPISTS
        | {
            "modifier": "condition",
            "instruments": ["FREQUENCY"],
            "windows": [[0, 182]],
            "population": {"words": "anyone"},
        }
    )
    study = make_study(design="single-arm", condition=None, arms={"massage": ARMS["massage"]}, covariates=["age"])
    estimate = fit(claim, make_dataset(study, patients, outcomes))
    assert estimate.visit == "baseline" and estimate.p_value < 1e-6 and "unadjusted" in estimate.model
    assert estimate.unit == "(sessions/week)²" and 0.3 < estimate.point < 2


def test_an_intraclass_correlation_can_be_asked_for():
    estimate = fit(make_claim(**THERAPISTS | {"measure": "icc"}), treated_by(1.0))
    assert 0 < estimate.low < estimate.point < estimate.high < 1 and estimate.unit == ""


def simulate(spread, groups, patients, draws, seed):
    """(share of profile intervals that hold spread squared, share of exact tests below 0.05)."""
    dice, held, found = np.random.default_rng(seed), 0, 0
    for _ in range(draws):
        codes = np.concatenate([np.arange(groups), dice.integers(0, groups, patients - groups)])
        member, x = np.eye(groups)[codes], dice.normal(0, 1, patients)
        y = x + member @ dice.normal(0, spread, groups) + dice.normal(0, 1, patients)
        part = component(y, np.column_stack([np.ones(patients), x]), member)
        low, high = part.likelihood_interval(0.95)
        held, found = held + (low <= spread**2 <= high), found + (part.f_test() < 0.05)
    return held / draws, found / draws


def test_no_variance_is_rarely_found_and_the_interval_holds_it():
    held, found = simulate(0.0, 6, 40, 200, 9)
    assert stats.binom.sf(round(200 * found) - 1, 200, 0.05) > 0.001
    assert stats.binom.cdf(round(200 * held), 200, 0.95) > 0.001


@pytest.mark.slow
@pytest.mark.parametrize("spread", [0.0, 0.3, 0.7])
@pytest.mark.parametrize("groups", [6, 12])
def test_the_profile_interval_covers_the_truth(spread, groups):
    """At least 93%; near 0 it holds the truth more often than 95%, because it cannot lie below 0."""
    held, found = simulate(spread, groups, 40, 1000, 10)
    assert held >= 0.93
    if spread == 0:
        assert 0.03 <= found <= 0.07
