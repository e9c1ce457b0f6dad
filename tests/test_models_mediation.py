"""The method `mediation`: from a study to an Estimate, what it says it cannot show, and what its numbers are worth."""

import numpy as np
import pytest
from between import between_study, invented, through_claim
from model_studies import make_dataset, make_study
from statsmodels.regression.linear_model import OLS

from mmresearch.estimate import Lack, dumps, from_json
from mmresearch.models import ask, fit
from mmresearch.verdict.findings import finding

DIRECT = {"measure": "mean-difference"}
ALWAYS = "mediator-not-allocated"


def study(seed=1, at="week 6", plan=None, **how):
    return between_study(*invented(np.random.default_rng(seed), **how), study=plan, at=at)


def codes(estimate):
    return [trouble.code for trouble in estimate.troubles]


def fitted(dataset, *columns):
    """statsmodels' fit of the outcome (or of the mediator, without columns), both baselines and age as covariates."""
    relax, pain = dataset.wide("RELAX"), dataset.wide("NRS")
    people = dataset.patients.set_index("patient")
    treated = (people["arm"] == "massage").astype(float)
    known = [pain["baseline"], relax["baseline"], people["age"].astype(float)]
    chosen = {"treated": treated, "relaxed": relax["week 6"]}
    whole = np.column_stack([np.ones(len(people)), treated, *(chosen[name] for name in columns), *known])
    return OLS((pain["week 12"] if columns else relax["week 6"]).to_numpy(), whole).fit()


def test_the_indirect_effect_is_the_product_of_two_regressions():
    dataset = study()
    estimate = fit(through_claim(), dataset)
    assert estimate.point == pytest.approx(fitted(dataset).params[1] * fitted(dataset, "relaxed").params[2])
    assert estimate.low < estimate.point < estimate.high and 0 <= estimate.p_value <= 1
    assert (estimate.measure, estimate.direction, estimate.unit) == ("indirect-effect", "lower", "points")
    assert estimate.outcome.endswith("through how relaxed the patient feels (RELAX)")
    assert estimate.visit == "week 12" and "adjusted for baseline, mediator at baseline and age" in estimate.model


def test_the_direct_effect_is_what_least_squares_leaves():
    dataset = study()
    estimate, other = fit(through_claim(**DIRECT), dataset), fitted(dataset, "relaxed")
    assert (estimate.point, estimate.standard_error, estimate.p_value) == pytest.approx(
        (other.params[1], other.bse[1], other.pvalues[1]))
    assert (estimate.low, estimate.high) == pytest.approx(tuple(other.conf_int()[1]))
    assert estimate.df == other.df_resid and "apart from what goes through" in estimate.outcome


def test_whole_direct_and_indirect_add_up_and_stand_beside_each_other():
    one, other = (fit(through_claim(**measure), study()) for measure in ({}, DIRECT))
    beside = {each.name: each.point for each in (*one.derived, *other.derived)}
    assert beside["total-effect"] == pytest.approx(one.point + other.point)
    assert beside["direct-effect"] == pytest.approx(other.point)
    assert beside["indirect-effect"] == pytest.approx(one.point)
    assert [each.analysis for each in one.robustness] == [
        "bias-corrected and accelerated bootstrap", "t distributions of both factors"]


def test_the_same_seed_gives_the_same_interval_and_the_record_survives_json():
    first, again = (fit(through_claim(), study()) for _ in range(2))
    assert (first.low, first.high, first.p_value) == (again.low, again.high, again.p_value)
    assert from_json(first.to_json()).to_json() == first.to_json() and dumps(first.to_json())


def test_how_strong_a_hidden_cause_must_be_stands_beside_it():
    """Errors of mediator and outcome all but independent: the correlation that undoes the effect is that of b."""
    estimate = fit(through_claim(), study(n=150, b=-0.75))
    rho = {each.name: each.point for each in estimate.derived}
    assert rho["rho-no-effect"] == pytest.approx(-0.75 / np.sqrt(1 + 0.75**2), abs=0.1)
    assert rho["rho-no-effect"] < rho["rho-interval-reaches-0"] < 0
    assert "rho-interval-reaches-0" not in {each.name for each in fit(through_claim(), study(b=0.0)).derived}


def test_it_says_what_it_cannot_show():
    estimate = fit(through_claim(), study())
    assert codes(estimate) == [ALWAYS]
    said = estimate.troubles[0].sentence
    assert "Nobody was allocated to a level of RELAX" in said and "no data of this study can show" in said
    said = " ".join(estimate.assumptions)
    assert "RELAX was taken at week 6, NRS at week 12" in said


def test_a_hidden_cause_looks_like_mediation():
    """Nothing goes through the mediator, but something moves both: the page's warning is not idle."""
    estimate = fit(through_claim(), study(n=200, a=1.0, b=0.0, hidden=1.0))
    assert estimate.high < 0
    assert fit(through_claim(), study(n=200, a=1.0, b=0.0)).high > 0


def test_the_mediator_is_taken_before_the_outcome_where_it_can_be():
    late = fit(through_claim(), study(at="week 12"))
    assert codes(late) == ["mediator-not-before", ALWAYS]
    assert "which came first is not known" in late.troubles[0].sentence


def test_a_mediator_that_bears_more_in_one_arm_is_told():
    assert codes(fit(through_claim(), study(n=200, crossed=-0.6))) == [ALWAYS, "mediator-interacts"]


def test_therapists_are_clusters():
    for measure in ({}, DIRECT):
        estimate = fit(through_claim(**measure), study(therapists=5, spread=0.8))
        assert estimate.clustered and "CR2 by therapist" in estimate.model
        assert estimate.low < estimate.point < estimate.high
    assert "bootstrap" not in estimate.model


def test_patients_without_the_mediator_are_left_out_and_counted():
    dataset = study()
    rows = dataset.outcomes
    lost = rows[(rows["instrument"] == "RELAX") & (rows["visit"] == "week 6")].index[:7]
    smaller = make_dataset(make_study(covariates=["age"]), dataset.patients, rows.drop(index=lost))
    estimate = fit(through_claim(), smaller)
    assert sum(estimate.n.values()) == 73
    assert "7 patients with NRS but without RELAX left out." in estimate.assumptions


def test_a_study_without_the_mediator_lacks_it():
    lack = ask(through_claim(mediator="TRP"), study())
    assert isinstance(lack, Lack) and lack.code == "no-instrument" and "did not measure after baseline" in lack.sentence


def test_a_mediator_that_is_the_arm_cannot_be_told_from_it():
    people, mediator, outcome = invented(np.random.default_rng(1))
    treated = (np.asarray(people["arm"]) == "massage").astype(float)
    estimate = fit(through_claim(), between_study(people, (np.full(80, 5.0), 3 + treated), outcome))
    assert estimate.point is None and estimate.serious[0].code == "not-estimable"


def test_what_is_told():
    claim = through_claim(**DIRECT)
    words = finding(claim, fit(claim, study()))
    assert words.startswith("pain intensity (NRS), apart from what goes through how relaxed the patient feels (RELAX),")


def rates(draws, seed, n=40, **how):
    """Return (bias in standard errors, coverage, how often p < 0.05) over simulated studies."""
    dice, truth = np.random.default_rng(seed), how.get("a", 1.0) * how.get("b", -0.6)
    kept = []
    for _ in range(draws):
        found = fit(through_claim(), study(dice.integers(1 << 31), n=n, **how))
        away = (found.point - truth) / found.standard_error
        kept.append((away, found.low <= truth <= found.high, found.p_value < 0.05))
    return np.mean(kept, axis=0)


@pytest.mark.slow
@pytest.mark.parametrize("how, low, high", [
    ({"a": 0.0, "b": -0.6}, 0.92, 0.99), ({"a": 1.0, "b": 0.0}, 0.92, 0.99), ({"a": 0.8, "b": -0.6}, 0.92, 0.99),
    ({"a": 0.8, "b": -0.6, "therapists": 6, "spread": 0.4}, 0.91, 0.99)])
def test_intervals_hold_the_truth(how, low, high):
    """200 draws of 40 an arm: 95% give or take two standard errors of 1.5%; an interval of a product may be wider."""
    bias, cover, rejected = rates(200, 7, **how)
    assert abs(bias) < 0.25 and low <= cover <= high
    if how["a"] * how["b"] == 0:
        assert rejected < 0.08
