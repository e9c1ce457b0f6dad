"""Exploratory strata: who is in one, what is asked of it, and whether strata differ."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from model_studies import make_claim, make_dataset, make_patients, make_study, make_values, one_visit, study_with
from outcomes import make_estimate

from mmresearch.errors import RegistryError, UsageError
from mmresearch.models import ask, compare_strata, divide, divisible, fit, fit_stratum, split_patients
from mmresearch.models.interaction import heterogeneity
from mmresearch.models.robustness import registered_alone
from mmresearch.strata import Found, Interaction, Split, Stratum, read_stratum

FOLDER = Path(__file__).parent / "reference" / "strata"
R = json.loads((FOLDER / "output.json").read_text())
DAYS = {0: ("baseline", 0), 1: ("week 2", 14), 2: ("week 6", 42), 3: ("week 12", 84)}


def r_study(visits=(0, 1, 2, 3)):
    """The patients of visits.csv, as a study."""
    table = pd.read_csv(FOLDER / "visits.csv")
    people = table.drop_duplicates("id").set_index("id")
    patients = make_patients(len(people), site=people["site"].to_numpy(),
                             arm=np.where(people["treated"] == 1, "massage", "control"))
    known = dict(zip(people.index, patients["patient"], strict=True))
    start = table.drop_duplicates("id").assign(visit=0, y=lambda each: each["baseline"])
    long = pd.concat([table[["id", "visit", "y"]], start])
    long = long[long["visit"].isin(visits)]
    named = [DAYS[number] for number in long["visit"]]
    rows = pd.DataFrame({"patient": long["id"].map(known), "visit": [name for name, _ in named],
                         "day": [float(day) for _, day in named], "instrument": "NRS", "value": long["y"],
                         "session": np.nan, "moment": pd.NA})
    study = make_study(visits=[{"name": DAYS[each][0], "day": DAYS[each][1]} for each in visits])
    return make_dataset(study, patients, rows)


def strata_of(claim, dataset, column):
    """Return (Question, {level: the stratum's Estimate}) of every stratum that is run."""
    question = ask(claim, dataset)
    asked, why = divide(question, dataset, split_patients(dataset, column))
    assert not why
    return question, {level: fit_stratum(each, dataset) for level, each in asked.items() if not isinstance(each, str)}


def test_the_interaction_of_an_analysis_of_covariance_is_that_of_lm():
    """R: anova of two lm, arm by site on top of arm, baseline and site."""
    dataset = r_study((0, 3))
    question, found = strata_of(make_claim(), dataset, "site")
    test, expected = compare_strata(question, dataset, "site", found), R["ancova"]
    assert (test.statistic, test.p_value) == pytest.approx((expected["F"], expected["p"]), rel=1e-9)
    assert (test.df1, test.df2) == (expected["df1"], expected["df2"]) and test.minus == ()


def test_the_interaction_of_a_mixed_model_is_that_of_gls():
    """R: nlme::gls, the two coefficients' Wald F; ours has Kenward and Roger's correction: a little smaller."""
    dataset = r_study()
    question, found = strata_of(make_claim(model="mmrm"), dataset, "site")
    test = compare_strata(question, dataset, "site", found)
    assert 0.96 * R["mixed"]["F"] < test.statistic < R["mixed"]["F"]
    assert test.df1 == 2 and 100 < test.df2 < 150 and "Kenward-Roger" in test.test


@pytest.mark.parametrize("model", ["ancova", "mmrm"])
def test_of_two_strata_it_is_the_registered_interaction_with_that_column(model):
    patients = make_patients(sex=["female", "male", "male"] * 26 + ["female", "male"])
    dataset = make_dataset(patients=patients, outcomes=make_values(patients, loss=0.1))
    question, found = strata_of(make_claim(model=model), dataset, "sex")
    test = compare_strata(question, dataset, "sex", found)
    with registered_alone():
        modified = fit(make_claim(model=model, modifier="sex"), dataset)
    assert (test.point, test.low, test.high) == pytest.approx((modified.point, modified.low, modified.high), rel=1e-9)
    assert (test.df2, test.p_value) == pytest.approx((modified.df, modified.p_value), rel=1e-6)
    assert test.minus == ("male", "female")


def test_heterogeneity_is_cochran_s_q_where_standard_errors_are_known():
    """R: metafor::rma, method FE."""
    known = R["cochran"]
    pairs = zip(known["point"], known["error"], strict=True)
    test = heterogeneity({str(place): make_estimate(point=point, low=point - 1, high=point + 1, standard_error=error,
                                                    df=None) for place, (point, error) in enumerate(pairs)})
    assert (test.statistic * test.df1, test.p_value) == pytest.approx((known["Q"], known["p"]), rel=1e-9)
    assert test.df2 is None and "Welch" not in test.test


def test_heterogeneity_is_welch_s_f_where_they_are_estimated():
    """R: oneway.test, on the means of three groups."""
    known = R["welch"]
    rows = zip(known["point"], known["error"], known["df"], strict=True)
    test = heterogeneity({str(place): make_estimate(point=point, low=point - 1, high=point + 1, standard_error=error,
                                                    df=df) for place, (point, error, df) in enumerate(rows)})
    assert (test.statistic, test.df2, test.p_value) == pytest.approx((known["F"], known["df2"], known["p"]), rel=1e-9)
    assert test.test.endswith("Cochran's Q with Welch's degrees of freedom")


def test_strata_that_do_not_differ_are_called_different_in_one_of_twenty():
    """Four strata of eight patients, their standard errors estimated: Welch's F keeps 5%, chi-squared would not."""
    dice, rejected, naive = np.random.default_rng(5), 0, 0
    for _ in range(2000):
        values = dice.normal(0, 1, (4, 8)) * np.array([[0.5], [1], [2], [4]])
        rows = zip(values.mean(axis=1), values.std(axis=1, ddof=1) / np.sqrt(8), strict=True)
        found = {str(place): make_estimate(point=point, low=point - 1, high=point + 1, standard_error=error, df=7)
                 for place, (point, error) in enumerate(rows)}
        rejected += heterogeneity(found).p_value < 0.05
        naive += heterogeneity({level: replace(each, df=None) for level, each in found.items()}).p_value < 0.05
    assert 0.038 < rejected / 2000 < 0.064 and naive / 2000 > 0.09  # 2.5 binomial standard errors about 5%


def test_ratios_are_compared_by_their_logs_and_two_of_them_as_their_ratio():
    ratio = dict(measure="rate-ratio", null=1.0, margin=None, margin_source=None, df=None)
    one = make_estimate(point=0.5, low=0.3, high=0.8, standard_error=0.25, **ratio)
    other = make_estimate(point=1.0, low=0.6, high=1.6, standard_error=0.25, **ratio)
    test = heterogeneity({"a": one, "b": other})
    assert test.point == pytest.approx(2) and test.minus == ("b", "a")
    assert test.statistic == pytest.approx(np.log(2) ** 2 / (2 * 0.25**2))


def test_an_estimate_in_trouble_is_no_evidence_that_strata_differ():
    """Its standard error may be near 0 by accident; then any difference would look certain."""
    dataset = one_visit()
    question, _ = strata_of(make_claim(method="responder", model=None), dataset, "site")
    few = {level: make_estimate(point=point, low=point - 1, high=point + 1, standard_error=0.001, df=1.1)
           for level, point in (("north", -3.0), ("south", 1.0))}
    assert compare_strata(question, dataset, "site", few).lack
    assert compare_strata(question, dataset, "site", {}).lack


def test_a_stratum_answers_the_same_question_of_fewer_patients():
    dataset = make_dataset()
    question, found = strata_of(make_claim(model=None), dataset, "site")
    whole = fit(question.claim, dataset)
    for level, estimate in found.items():
        assert (estimate.instrument, estimate.visit, estimate.arm) == (whole.instrument, whole.visit, whole.arm)
        assert f"site: {level}" in estimate.population and estimate.estimand != whole.estimand
        assert estimate.p_value is None and estimate.robustness == () and estimate.claim == whole.claim
    counts = {arm: sum(each.n[arm] for each in found.values()) for arm in whole.n}
    assert counts == whole.n and question.model == "mmrm"


def test_a_stratum_s_estimate_is_that_of_its_patients_alone():
    dataset = one_visit(study_with())
    _, found = strata_of(make_claim(), dataset, "site")
    north = dataset.patients.loc[dataset.patients["site"] == "north", "patient"]
    alone = replace(dataset, _patients=dataset.patients[dataset.patients["patient"].isin(north)],
                    _outcomes=dataset.outcomes[dataset.outcomes["patient"].isin(north)])
    other = fit(make_claim(), alone)
    assert (found["north"].point, found["north"].high) == pytest.approx((other.point, other.high), rel=1e-12)


def test_too_small_a_stratum_is_named_without_its_count_and_not_run():
    site = ["small" if number < 7 else "large" for number in range(80)]
    dataset = one_visit(patients=make_patients(site=site))
    asked, _ = divide(ask(make_claim(), dataset), dataset, split_patients(dataset, "site"))
    assert asked["small"] == "fewer than 5 patients in an arm"
    assert not isinstance(asked["large"], str)


def test_a_claim_about_one_stratum_or_about_a_modifier_is_not_divided():
    condition = ["neck-pain" if number % 4 < 2 else "low-back-pain" for number in range(80)]
    dataset = one_visit(patients=make_patients(condition=condition), study=study_with(condition=None))
    split = split_patients(dataset, "condition")
    back = make_claim(population={"words": "backs", "conditions": ["low-back-pain"]})
    assert divide(ask(back, dataset), dataset, split) == (
        {}, "all patients the claim is about are of one stratum (low-back-pain)")
    by_age = make_claim(modifier="age", measure="slope")
    assert divide(ask(by_age, dataset), dataset, split)[1] == "the claim is itself about what its effect depends on"


@pytest.mark.parametrize("column, said", [
    ("sit", "is not recorded. Did you mean 'site'?"), ("sex", "is not recorded"),
    ("age", "is a number"), ("therapist", "follows from a patient's arm"), ("arm", "is what is compared"),
    ("condition", "is the same for all patients")])
def test_a_column_that_cannot_divide_is_refused_with_what_there_is(column, said):
    dataset = make_dataset()
    assert divisible(dataset) == ("site",)
    with pytest.raises(UsageError, match="can be divided by site") as refused:
        split_patients(dataset, column)
    assert said in str(refused.value)


def test_patients_without_the_column_are_counted_and_in_no_stratum():
    site = [None if number < 6 else "north" if number % 4 < 2 else "south" for number in range(80)]
    dataset = make_dataset(patients=make_patients(site=site))
    assert split_patients(dataset, "site") == Split("site", ("north", "south"), 6)


def test_a_stratum_is_said_as_column_and_level():
    assert read_stratum("site:a:b") == Stratum("site", "a:b") and str(Stratum("site", "a:b")) == "site:a:b"
    for wrong in ("site", ":x", "site:", "Site:x"):
        with pytest.raises(UsageError, match="column:level"):
            read_stratum(wrong)


def test_no_two_strata_have_pages_of_one_name():
    slugs = Split("site", ("A b", "a-B", "\u00e9", "\u00e8", "a b 2")).slugs
    assert len({each.lower() for each in slugs.values()}) == 5 and slugs["A b"] == "site-a-b"


def test_records_of_strata_hold_no_p_and_no_silence():
    with pytest.raises(RegistryError, match="no p of its own"):
        Found(Stratum("site", "a"), "page", make_estimate(p_value=0.2))
    for nothing in (lambda: Found(Stratum("site", "a")), Interaction):
        with pytest.raises(RegistryError, match="the reason why there is none"):
            nothing()
