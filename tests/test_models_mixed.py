"""The mixed model behind the method `change`: what goes in, what comes out; the engine has tests of its own."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_studies import ARMS, make_claim, make_dataset, make_patients, make_study, make_values

from mmresearch.models import ask, fit
from mmresearch.models.mixed import long_frame
from mmresearch.models.table import design, gather


def mixed(dataset, **analysis):
    return fit(make_claim(**{"model": "mmrm", **analysis}), dataset)


def lost(loss=0.3, study=None, patients=None):
    patients = make_patients() if patients is None else patients
    return make_dataset(study, patients, make_values(patients, loss=loss))


def test_with_complete_data_it_is_the_analysis_of_covariance():
    """Same covariates at every visit and nobody missing: generalised least squares is least squares a visit; exact."""
    estimate, plain = mixed(make_dataset()), fit(make_claim(), make_dataset())
    found = (estimate.point, estimate.standard_error, estimate.df, estimate.low, estimate.high, estimate.p_value)
    expected = (plain.point, plain.standard_error, plain.df, plain.low, plain.high, plain.p_value)
    assert found == pytest.approx(expected, rel=1e-5)


def test_each_model_stands_beside_the_other():
    estimate, plain = mixed(lost()), fit(make_claim(), lost())
    first, other = plain.robustness[0], estimate.robustness[0]
    assert (first.analysis, first.point) == ("mixed model over all follow-ups", pytest.approx(estimate.point))
    assert other.analysis.startswith("complete cases: analysis of covariance")
    assert (other.point, other.low) == pytest.approx((plain.point, plain.low))


@pytest.mark.parametrize("analysis, follow_ups, model", [
    ({}, 2, "mmrm"), ({}, 1, "ancova"), ({"model": "ancova"}, 2, "ancova"), ({"missing": "complete-case"}, 2, "ancova"),
    ({"modifier": "age", "measure": "slope"}, 2, "mmrm")])
def test_the_mixed_model_is_the_default_with_several_follow_ups(analysis, follow_ups, model):
    values = make_values(make_patients())
    values = values if follow_ups == 2 else values[values["visit"] != "week 6"]
    assert ask(make_claim(**{"model": None, **analysis}), make_dataset(outcomes=values)).model == model


def test_everyone_with_a_follow_up_counts():
    dataset = lost()
    seen = dataset.wide("NRS")[["week 6", "week 12"]].notna()
    estimate = mixed(dataset)
    assert sum(estimate.n.values()) == seen.any(axis=1).sum() < 80
    assert sum(arm.n for arm in estimate.by_arm) == seen["week 12"].sum()
    assert sum(mixed(dataset, missing="complete-case").n.values()) == seen.all(axis=1).sum()


def test_model_means_differ_by_the_point():
    estimate = mixed(lost(study=make_study(covariates=["age"], strata=["site"])))
    first, second = (arm.ls_mean for arm in estimate.by_arm)
    assert first - second == pytest.approx(estimate.point, abs=1e-8)
    assert "contrast at week 12, adjusted for baseline, age and site" in estimate.model
    assert "unstructured covariance" in estimate.model and "Kenward-Roger" in estimate.model


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 100))
def test_swapping_the_arms_flips_the_sign_and_the_order_of_rows_does_not_matter(seed):
    patients = make_patients(40, seed)
    values = make_values(patients, seed, loss=0.2)
    swapped = patients.assign(arm=patients["arm"].map({"massage": "control", "control": "massage"}))
    one = mixed(make_dataset(None, patients, values))
    shuffled = [table.sample(frac=1, random_state=seed) for table in (swapped, values)]
    other = mixed(make_dataset(None, *shuffled))
    assert (one.point, one.low, one.high) == pytest.approx((-other.point, -other.high, -other.low), rel=1e-5)


def test_the_judged_visit_need_not_be_the_last():
    dataset = lost()
    early = mixed(dataset, windows=[[30, 60]])
    assert early.visit == "week 6"
    assert early.point != pytest.approx(mixed(dataset).point)


def test_therapists_are_a_random_effect_of_their_arm():
    names = [f"t{number // 2 % 8}" if number % 2 == 0 else None for number in range(80)]
    patients = make_patients(therapist=pd.Series(names, dtype="object"))
    estimate = mixed(lost(patients=patients))
    assert estimate.clustered and "random effect of therapist" in estimate.model
    assert estimate.df <= 6  # eight therapists less two


@pytest.mark.parametrize("treated, reference, serious, notes", [
    (2, None, ["therapists-few"], ["therapists-not-modelled"]), (8, 2, [], ["therapists-few-reference"])])
def test_few_therapists_are_serious_only_in_the_arm_claimed(treated, reference, serious, notes):
    names = [f"a{number // 2 % treated}" if number % 2 == 0 else reference and f"b{number // 2 % reference}"
             for number in range(80)]
    estimate = mixed(lost(patients=make_patients(therapist=pd.Series(names, dtype="object"))))
    assert [each.code for each in estimate.serious] == serious
    assert set(notes) <= {each.code for each in estimate.troubles}


def test_missing_covariates_enter_by_mean_and_indicator():
    age = make_patients()["age"].mask(lambda column: column.index < 6)
    estimate = mixed(lost(0.0, make_study(covariates=["age"]), make_patients(age=age)))
    assert sum(estimate.n.values()) == 80
    assert "age (6 patients)" in estimate.troubles[0].sentence


def test_an_arm_that_is_a_site_cannot_be_compared():
    patients = make_patients().assign(site=lambda table: table["arm"])
    estimate = mixed(lost(study=make_study(strata=["site"]), patients=patients))
    assert (estimate.point, [each.code for each in estimate.serious]) == (None, ["not-estimable"])


def test_outcomes_without_variation_are_a_serious_trouble_not_an_error():
    patients = make_patients()
    estimate = mixed(make_dataset(None, patients, make_values(patients).assign(value=4.0)))
    assert estimate.point is None
    assert [each.severity for each in estimate.serious] == ["serious"]


def test_only_the_two_arms_compared_enter():
    patients = make_patients(120, arms=("massage", "control", "relaxation"))
    values, study = make_values(patients, loss=0.2), make_study(arms=ARMS)
    three = mixed(make_dataset(study, patients, values))
    two = mixed(make_dataset(study, patients[patients["arm"] != "relaxation"], values))
    assert (three.point, three.standard_error) == pytest.approx((two.point, two.standard_error), rel=1e-8)


def test_the_long_table_has_a_row_an_outcome_and_neutral_names():
    dataset = lost(study=make_study(covariates=["age"], strata=["site"]))
    question = ask(make_claim(model="mmrm"), dataset)
    rows = gather(question, dataset)
    frame, names = long_frame(rows, design(rows.people, dataset.study).matrix, ["week 6", "week 12"])
    assert len(frame) == rows.values[["week 6", "week 12"]].notna().sum().sum()
    assert list(names) == ["baseline", "covariate 1", "covariate 2", "covariate 3"]
