"""The method `change`: analysis of covariance and the mixed model behind one door."""

import re
from pathlib import Path

import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st
from model_studies import (
    ARMS,
    TWO,
    make_claim,
    make_dataset,
    make_patients,
    make_values,
    one_visit,
    study_with,
    table_of,
)
from scipy import stats

import mmresearch.models
from mmresearch.models import TROUBLES, fit


def codes(estimate):
    return [trouble.code for trouble in estimate.troubles]


@pytest.mark.parametrize("loss", [0.0, 0.2])
def test_ancova_is_the_formula_fit_of_statsmodels(loss):
    """Oracle: statsmodels' formula interface on the rows with an outcome; agreement to rounding (1e-9)."""
    dataset = one_visit(study_with(covariates=["age"], strata=["site"]), loss=loss)
    estimate = fit(make_claim(), dataset)
    oracle = smf.ols("y ~ treated + start + age + C(site)", table_of(dataset).dropna(subset=["y"])).fit()
    low, high = oracle.conf_int().loc["treated"]
    found = (estimate.point, estimate.standard_error, estimate.df, estimate.low, estimate.high, estimate.p_value)
    expected = (oracle.params["treated"], oracle.bse["treated"], oracle.df_resid, low, high, oracle.pvalues["treated"])
    assert found == pytest.approx(expected, rel=1e-9)
    assert sum(estimate.n.values()) == oracle.nobs
    assert "adjusted for baseline, age and site; pooled variance" in estimate.model


def test_model_means_differ_by_the_point():
    estimate = fit(make_claim(), one_visit(study_with(strata=["site"])))
    first, second = (summary.ls_mean for summary in estimate.by_arm)
    assert first - second == pytest.approx(estimate.point, abs=1e-10)


def test_arms_are_summed_up_as_observed():
    dataset = one_visit(loss=0.3)
    summary = fit(make_claim(), dataset).by_arm[0]
    rows = table_of(dataset).query("treated == 1 and y == y")
    expected = (len(rows), rows["start"].mean(), rows["start"].std(), rows["y"].mean(), rows["y"].std())
    assert (summary.n, summary.baseline_mean, summary.baseline_sd, summary.mean, summary.sd) == pytest.approx(expected)


@settings(max_examples=15, deadline=None)
@given(shift=st.floats(-50, 50), seed=st.integers(0, 1000))
def test_a_constant_added_to_all_outcomes_changes_nothing(shift, seed):
    patients = make_patients(30, seed)
    values = make_values(patients, seed, visits=TWO)
    plain, moved = (
        fit(make_claim(), make_dataset(study_with(), patients, each))
        for each in (values, values.assign(value=values["value"] + shift))
    )
    assert (moved.point, moved.low, moved.p_value) == pytest.approx(
        (plain.point, plain.low, plain.p_value), rel=1e-6, abs=1e-9
    )


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000))
def test_swapping_the_arms_flips_the_sign(seed):
    patients = make_patients(30, seed)
    values = make_values(patients, seed, visits=TWO)
    swapped = patients.assign(arm=patients["arm"].map({"massage": "control", "control": "massage"}))
    one, other = (fit(make_claim(), make_dataset(study_with(), each, values)) for each in (patients, swapped))
    assert (one.point, one.low, one.high) == pytest.approx((-other.point, -other.high, -other.low), rel=1e-9)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000))
def test_the_order_of_rows_does_not_matter(seed):
    patients = make_patients(30, 3)
    values = make_values(patients, 3, visits=TWO)
    study = study_with(covariates=["age"], strata=["site"])
    plain = fit(make_claim(), make_dataset(study, patients, values))
    mixed = fit(
        make_claim(),
        make_dataset(study, patients.sample(frac=1, random_state=seed), values.sample(frac=1, random_state=seed)),
    )
    assert (mixed.point, mixed.high, mixed.p_value) == pytest.approx((plain.point, plain.high, plain.p_value), rel=1e-9)


def test_a_missing_covariate_keeps_the_patient_with_mean_and_indicator():
    """White and Thompson 2005: the mean of both arms and an indicator. Oracle: the formula fit of both."""
    age = make_patients()["age"].mask(lambda column: column.index % 7 == 0)
    dataset = one_visit(study_with(covariates=["age"]), make_patients(age=age))
    estimate = fit(make_claim(), dataset)
    rows = table_of(dataset).assign(
        gap=lambda t: t["age"].isna().astype(float), age=lambda t: t["age"].fillna(t["age"].mean())
    )
    oracle = smf.ols("y ~ treated + start + age + gap", rows).fit()
    assert estimate.point == pytest.approx(oracle.params["treated"], rel=1e-9)
    assert sum(estimate.n.values()) == 80
    assert "age (12 patients)" in next(each.sentence for each in estimate.troubles if each.code == "covariates-imputed")


def test_a_missing_baseline_keeps_the_patient():
    patients = make_patients()
    values = make_values(patients, visits=TWO)
    values = values[~((values["visit"] == "baseline") & values["patient"].isin(["p000", "p001"]))]
    estimate = fit(make_claim(), make_dataset(study_with(), patients, values))
    assert sum(estimate.n.values()) == 80
    assert "baseline (2 patients)" in estimate.troubles[0].sentence


def test_covariates_that_say_nothing_are_left_out_and_said():
    patients = make_patients(sex="female").assign(region=lambda t: t["site"].str.upper())
    estimate = fit(make_claim(), one_visit(study_with(covariates=["sex", "region"], strata=["site"]), patients))
    assert "'sex' is the same for everyone analysed and was left out." in estimate.assumptions
    assert "'site' follows from the other covariates and was left out." in estimate.assumptions
    assert "adjusted for baseline and region;" in estimate.model


def test_an_outcome_without_baseline_is_compared_unadjusted_and_said():
    patients = make_patients()
    values = make_values(patients, visits=TWO)
    estimate = fit(make_claim(), make_dataset(study_with(), patients, values[values["visit"] != "baseline"]))
    oracle = stats.ttest_ind(
        *(
            values.loc[
                (values["visit"] == "week 12")
                & values["patient"].isin(patients.loc[patients["arm"] == arm, "patient"]),
                "value",
            ]
            for arm in ("massage", "control")
        )
    )
    assert estimate.p_value == pytest.approx(oracle.pvalue, rel=1e-9)
    assert "baseline-missing" in codes(estimate)


def test_an_arm_that_follows_from_a_site_cannot_be_compared():
    patients = make_patients().assign(site=lambda t: t["arm"].map({"massage": "north", "control": "south"}))
    estimate = fit(make_claim(), one_visit(study_with(strata=["site"]), patients))
    assert (estimate.point, estimate.p_value, [each.code for each in estimate.serious]) == (
        None,
        None,
        ["not-estimable"],
    )


def test_equal_outcomes_have_no_variation_to_judge_by():
    patients = make_patients()
    values = make_values(patients, visits=TWO)
    estimate = fit(make_claim(), make_dataset(study_with(), patients, values.assign(value=5.0)))
    assert [each.code for each in estimate.serious] == ["not-estimable"]


def test_over_30_percent_missing_in_an_arm_is_a_note_with_counts():
    estimate = fit(make_claim(), one_visit(loss=0.5))
    lost = [80 // 2 - count for count in estimate.n.values()]
    sentence = next(each.sentence for each in estimate.troubles if each.code == "missing-outcomes")
    assert f"{lost[0]} of 40 in Medical massage" in sentence


def test_patients_who_share_a_therapist_widen_the_interval():
    """Therapists add variance of their own; the clustered interval must be wider than the pooled one."""
    names = [f"t{number // 2 % 8}" if number % 2 == 0 else None for number in range(80)]
    patients = make_patients(therapist=pd.Series(names, dtype="object"))
    values = make_values(patients, visits=TWO)
    skill = (
        patients.set_index("patient")["therapist"]
        .map({f"t{number}": float(number % 4) for number in range(8)})
        .fillna(0)
    )
    later = values["visit"] == "week 12"
    values.loc[later, "value"] += values.loc[later, "patient"].map(skill)
    clustered = fit(make_claim(), make_dataset(study_with(), patients, values))
    plain = fit(make_claim(), make_dataset(study_with(), patients.assign(therapist=None), values))
    assert clustered.point == pytest.approx(plain.point, rel=1e-9)
    assert clustered.standard_error > plain.standard_error
    assert (clustered.clustered, plain.clustered) == (True, False)
    assert clustered.df < 15 < plain.df  # eight therapists, not 80 patients, carry the information
    assert "clustered by therapist (CR2)" in clustered.model


@pytest.mark.parametrize("count, serious", [(2, True), (3, False)])
def test_fewer_than_three_therapists_are_serious(count, serious):
    names = [f"t{number // 2 % count}" if number % 2 == 0 else None for number in range(80)]
    estimate = fit(make_claim(), one_visit(patients=make_patients(therapist=pd.Series(names, dtype="object"))))
    assert ("therapists-few" in [each.code for each in estimate.serious]) == serious


def test_a_third_arm_changes_nothing():
    patients = make_patients(120, arms=("massage", "control", "relaxation"))
    values, study = make_values(patients, visits=TWO), study_with(arms=ARMS)
    three = fit(make_claim(), make_dataset(study, patients, values))
    two = fit(make_claim(), make_dataset(study, patients[patients["arm"] != "relaxation"], values))
    assert (three.point, three.standard_error) == pytest.approx((two.point, two.standard_error))


def test_only_patients_observed_at_the_named_visits_count():
    dataset = make_dataset(outcomes=make_values(make_patients(), loss=0.3))
    estimate = fit(make_claim(windows=[[30, 60]], observed_at=["week 6", "week 12"]), dataset)
    both = dataset.wide("NRS")[["week 6", "week 12"]].notna().all(axis=1)
    assert sum(estimate.n.values()) == both.sum() < dataset.wide("NRS")["week 6"].notna().sum()


def test_patients_allocated_are_counted_before_exclusions():
    dataset = make_dataset(allocated={"massage": 45, "control": 44})
    assert fit(make_claim(), dataset).n_randomised == {"massage": 45, "control": 44}


def test_what_limits_the_words_goes_along():
    study = study_with(blinded=["assessors"], data_locked="2025-01-01", design="cohort")
    estimate = fit(make_claim(), one_visit(study))
    assert (estimate.blinded, estimate.data_locked, estimate.self_reported) == (("assessors",), "2025-01-01", True)
    assert (estimate.arm_label, estimate.reference_label, estimate.design) == (
        "Medical massage",
        "Usual care",
        "cohort",
    )
    assert "pain intensity (NRS)" == estimate.outcome
    assert any("association" in line for line in estimate.assumptions)


def test_no_pseudonym_leaves_with_an_estimate():
    patients = make_patients(therapist=pd.Series([f"t{number // 2 % 8}" for number in range(80)]))
    estimate = fit(make_claim(), one_visit(study_with(covariates=["age"], strata=["site"]), patients, loss=0.4))
    assert not re.search(r"\bp\d{3}\b|\bt\d\b", repr(estimate.to_json()) + repr(estimate))


def test_every_trouble_is_explained_in_the_docs():
    text = (Path(__file__).parents[1] / "docs" / "formats.md").read_text(encoding="utf-8")
    assert [code for code, (severity, _) in TROUBLES.items() if f"| `{code}` | {severity} |" not in text] == []


def test_every_trouble_code_is_registered():
    """A code used in the room's source but not in the table would be a KeyError only on the day it is needed."""
    used = set()
    for path in Path(mmresearch.models.__file__).parent.rglob("*.py"):
        used |= set(re.findall(r'rouble\(\s*"([a-z-]+)"', path.read_text(encoding="utf-8")))
    assert len(used) > 15 and used <= set(TROUBLES)


@pytest.mark.slow
def test_intervals_cover_the_truth_and_no_effect_is_seldom_found():
    """400 invented trials: how often intervals hold the truth, and p < 0.05 without effect; binomial bounds."""
    held = found = 0
    for seed in range(400):
        patients = make_patients(24, seed)
        effect = -1.0 if seed % 2 else 0.0
        dataset = make_dataset(study_with(), patients, make_values(patients, seed + 9000, effect=effect, visits=TWO))
        estimate = fit(make_claim(), dataset)
        held += estimate.low <= effect <= estimate.high
        found += effect == 0.0 and estimate.p_value < 0.05
    assert stats.binom.ppf(0.0005, 400, 0.95) <= held <= stats.binom.ppf(0.9995, 400, 0.95)
    assert found <= stats.binom.ppf(0.999, 200, 0.05)
