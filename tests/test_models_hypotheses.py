"""Interactions, non-inferiority and equivalence: hypotheses of the method `change`, each against an independent fit."""

import pytest
import statsmodels.formula.api as smf
from model_studies import TWO, make_claim, make_dataset, make_patients, make_values, one_visit, study_with, table_of
from scipy import stats

from mmresearch.models import fit


def test_a_slope_is_the_interaction_of_the_formula_fit():
    """Oracle: statsmodels' formula interface with the product written out; agreement to rounding."""
    dataset = one_visit(study_with(covariates=["age"]))
    for modifier, column in (("baseline", "start"), ("age", "age")):
        estimate = fit(make_claim(measure="slope", modifier=modifier), dataset)
        oracle = smf.ols(f"y ~ treated*{column} + start + age", table_of(dataset)).fit()
        name = f"treated:{column}"
        assert (estimate.point, estimate.p_value) == pytest.approx(
            (oracle.params[name], oracle.pvalues[name]), rel=1e-8
        )
        assert (estimate.margin, estimate.df) == (None, oracle.df_resid)


def test_two_categories_give_the_difference_of_differences():
    patients = make_patients(sex=["female", "female", "male", "male"] * 20)
    dataset = one_visit(patients=patients)
    estimate = fit(make_claim(modifier="sex"), dataset)
    oracle = smf.ols("y ~ treated*C(sex) + start", table_of(dataset)).fit()
    assert estimate.point == pytest.approx(oracle.params["treated:C(sex)[T.male]"], rel=1e-8)
    assert "arm by sex (male minus female)" in estimate.model


def test_a_number_cut_in_two_gives_the_difference_of_differences():
    dataset = one_visit()
    estimate = fit(make_claim(modifier="age", modifier_at_least=50), dataset)
    rows = table_of(dataset).assign(old=lambda t: (t["age"] >= 50).astype(float))
    oracle = smf.ols("y ~ treated*old + start", rows).fit()
    assert estimate.point == pytest.approx(oracle.params["treated:old"], rel=1e-8)
    assert "arm by age (at least 50 minus less)" in estimate.model


def test_patients_without_the_modifier_are_left_out_and_said():
    age = make_patients()["age"].mask(lambda column: column.index < 4)
    estimate = fit(make_claim(measure="slope", modifier="age"), one_visit(patients=make_patients(age=age)))
    assert sum(estimate.n.values()) == 76
    assert "4 patients without a recorded age left out." in estimate.assumptions


@pytest.mark.parametrize("direction, null", [("lower", 1.5), ("higher", -1.5)])
def test_non_inferiority_tests_against_the_margin_on_one_side(direction, null):
    study = study_with(margins={"NRS": {"value": 1.5, "reason": "set for the test"}})
    dataset = one_visit(study)
    estimate = fit(make_claim(hypothesis="non-inferiority", direction=direction), dataset)
    oracle = smf.ols("y ~ treated + start", table_of(dataset)).fit()
    one_sided = oracle.t_test(f"treated = {null}").tvalue.item()
    expected = (
        stats.t.cdf(one_sided, oracle.df_resid) if direction == "lower" else stats.t.sf(one_sided, oracle.df_resid)
    )
    assert (estimate.null, estimate.margin_source) == (null, "study")
    assert estimate.p_value == pytest.approx(expected, rel=1e-9)


def test_equivalence_takes_the_larger_of_two_one_sided_tests():
    """Oracle: statsmodels' own TOST on the same two samples, without covariates."""
    from statsmodels.stats.weightstats import ttost_ind

    patients = make_patients()
    values = make_values(patients, effect=0.2, visits=TWO)
    study = study_with(margins={"NRS": {"value": 1.0, "reason": "set for the test"}})
    estimate = fit(
        make_claim(hypothesis="equivalence"), make_dataset(study, patients, values[values["visit"] != "baseline"])
    )
    samples = [
        values.loc[
            (values["visit"] == "week 12") & values["patient"].isin(patients.loc[patients["arm"] == arm, "patient"]),
            "value",
        ]
        for arm in ("massage", "control")
    ]
    assert estimate.p_value == pytest.approx(ttost_ind(*samples, -1.0, 1.0)[0], rel=1e-9)
    assert estimate.null is None
