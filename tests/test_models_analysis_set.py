"""Who was analysed of the population, by how many therapists, and which other analyses ignore these: in sentences."""

import re
from types import SimpleNamespace

import pandas as pd
import pytest
from model_studies import ARMS, make_claim, make_dataset, make_patients, make_shares, make_study, make_values

from mmresearch.disclosure.estimates import SAME
from mmresearch.disclosure.sentences import holds_number
from mmresearch.models import ask, fit
from mmresearch.models.analysis_set import tell_analysed, tell_therapists
from mmresearch.models.inference import Contrast
from mmresearch.models.least_squares import Fitted, few_df
from mmresearch.models.means_beside import named_line
from mmresearch.models.robustness import set_beside
from mmresearch.models.table import gather
from mmresearch.models.troubles import trouble

RESPONDER = dict(method="responder", measure="risk-difference", model=None)
THERAPISTS = pd.Series([f"t{number // 2 % 6}" if number % 2 == 0 else pd.NA for number in range(120)], dtype="object")
LATER = ["week 6", "week 12"]


def trial(loss=0.35, therapists=THERAPISTS, **changes):
    patients = make_patients(120, therapist=therapists)
    return make_dataset(make_study(**changes), patients, make_values(patients, loss=loss))


def told(estimate):
    return [line for line in estimate.assumptions if line.startswith("Analysed:")]


@pytest.mark.parametrize("analysis, seen, why", [
    ({"model": "mmrm"}, lambda values: values[LATER].notna().any(axis=1), "no value of NRS after baseline, "),
    ({"model": "mmrm", "missing": "complete-case"}, lambda values: values[LATER].notna().all(axis=1),
     "a visit after baseline without a value of NRS, "),
    ({}, lambda values: values["week 12"].notna(), "no value of NRS at week 12, which this analysis needs"),
    ({**RESPONDER, "missing": "complete-case"}, lambda values: values["week 12"].notna(),
     "no value of NRS at baseline, or none at week 12"),
])
def test_fewer_than_the_population_are_counted_by_arm_with_the_methods_own_rule(analysis, seen, why):
    dataset = trial()
    arms = dataset.patients.set_index("patient")["arm"]
    counts = [f"{int((seen(dataset.wide('NRS')) & (arms == arm)).sum())} of {int((arms == arm).sum())}"
              for arm in ("massage", "control")]
    said, = told(fit(make_claim(**analysis), dataset))
    assert said.startswith(f"Analysed: {counts[0]} in Medical massage and {counts[1]} in Usual care; "
                           f"the others have {why}")
    assert holds_number(said, ("week 12", "NRS"))  # so it stays inside the building


def test_where_a_missing_outcome_counts_as_not_responding_nobody_is_left_out():
    estimate = fit(make_claim(**RESPONDER), trial())
    assert estimate.n == {"massage": 60, "control": 60} and not told(estimate)
    assert any(line.endswith("; none is left out for that.") for line in estimate.assumptions)


def test_those_never_measured_are_missing_from_every_analysis():
    patients = make_patients()
    dataset = make_dataset(None, patients, allocated={"massage": 42, "control": 40})
    for analysis, why in (({}, "no value of NRS at week 12"), (RESPONDER, "no value of any outcome")):
        said, = told(fit(make_claim(**analysis), dataset))
        counts = "40 of 42 in Medical massage and 40 of 40 in Usual care"
        assert said.startswith(f"Analysed: {counts}; the others have {why}")


def test_nothing_is_said_where_everyone_was_analysed_and_no_page_says_that_everyone_counts():
    estimate = fit(make_claim(), trial(loss=0.0))
    assert not told(estimate) and not any("veryone counts" in line for line in estimate.assumptions)


def test_a_claim_that_wants_patients_observed_elsewhere_says_so_too():
    said, = told(fit(make_claim(observed_at=["week 6"]), trial()))
    assert said.endswith("which this analysis needs, or were not observed at week 6.")


def test_an_arm_without_a_population_is_not_counted():
    study = make_study()
    assert tell_analysed({"massage": 3}, {}, study, "nothing") == ()
    assert tell_analysed({"massage": 3}, {"massage": 4}, study, "") == ()


@pytest.mark.parametrize("analysis", [{}, {"model": "mmrm"}, RESPONDER])
def test_therapists_are_counted_by_arm_among_those_analysed(analysis):
    estimate = fit(make_claim(**analysis), trial())
    assert "Therapists of those analysed: 6 in Medical massage and none recorded in Usual care." in estimate.assumptions
    without = fit(make_claim(**analysis), trial(therapists=pd.NA))
    assert not any(line.startswith("Therapists") for line in without.assumptions)


def test_therapists_of_both_arms_are_said_to_be():
    people = pd.DataFrame({"arm": ["massage", "massage", "control", "control"], "therapist": ["a", "b", "b", pd.NA]})
    said, = tell_therapists(people, ("massage", "control"), make_study())
    assert said == "Therapists of those analysed: 2 in Medical massage and 1 in Usual care, 1 of them in both."
    three = people.assign(arm=["massage", "relaxation", "control", "control"], therapist=["b", "b", "b", "a"])
    said, = tell_therapists(three, list(ARMS), make_study(arms=ARMS))
    assert said.endswith("1 in Relaxation massage and 2 in Usual care, 1 of them in all.")


@pytest.mark.parametrize("df, words", [(6.0, "6"), (6.04, "6"), (6.3, "6.3")])
def test_whole_degrees_of_freedom_are_said_as_whole(df, words):
    assert few_df(df)[0].sentence.startswith(f"Only {words} degrees of freedom")


@pytest.mark.parametrize("analysis, everywhere, imputing", [
    ({}, ["permutation"], ["multiple imputation", "patients who left", "jump to reference"]),
    (RESPONDER, ["without covariates", "complete cases"], ["multiple imputation", "jump to reference"]),
])
def test_the_lines_that_ignore_therapists_say_so_and_no_others(analysis, everywhere, imputing):
    claim = make_claim(**analysis)
    lines = [each.analysis for each in fit(claim, trial()).robustness]
    ends = {line: re.search("(, therapists ignored( in imputing)?)?$", line)[0] for line in lines}
    for line, end in ends.items():
        wanted = ", therapists ignored" if line.startswith(tuple(everywhere)) else ""
        assert end == (", therapists ignored in imputing" if line.startswith(tuple(imputing)) else wanted), line
    assert all(any(line.startswith(start) for line in lines) for start in (*everywhere, *imputing))
    plain = [each.analysis for each in fit(claim, trial(therapists=pd.NA)).robustness]
    assert plain == [line.removesuffix(end) for line, end in ends.items()]
    assert [line.startswith(SAME) for line in lines] == [line.startswith(SAME) for line in plain]


@pytest.mark.parametrize("here, there, end", [
    (True, False, ", therapists ignored"), (True, True, ""), (False, False, "")])
def test_another_model_says_so_where_it_alone_ignores_therapists(here, there, end):
    """The registered fit accounts for therapists (here), the other one does (there)."""
    left = () if there else (trouble("therapists-not-modelled", "Too few."),)
    registered = Fitted(Contrast(-1.0, 0.2, 20.0), "registered", {}, clustered=here)
    other = Fitted(Contrast(-1.0, 0.2, 20.0), "other", {}, clustered=there, troubles=left)
    dataset = trial(therapists=pd.NA)
    question = ask(make_claim(), dataset)
    fits = dict.fromkeys(("ancova", "mmrm"), lambda *_: other)
    lines = set_beside(question, dataset, gather(question, dataset), registered, fits).lines
    assert next(each.analysis for each in lines if each.analysis.startswith("mixed")) == (
        f"mixed model over all follow-ups{end}")
    means = [SimpleNamespace(clustered=each, ratio="its ratio") for each in (there, here)]
    assert named_line("per protocol", *means) == {f"per protocol{end}": "its ratio"}


def test_shares_kept_to_protocol_say_that_therapists_are_ignored():
    dataset = make_shares(30, 10, 50, 50)
    codes = [f"t{number % 5}" if arm == "massage" else pd.NA for number, arm in enumerate(dataset.patients["arm"])]
    treated = dataset.patients.loc[dataset.patients["arm"] == "massage", "patient"]
    sessions = pd.DataFrame([(patient, float(number)) for place, patient in enumerate(treated)
                             for number in range(10 if place % 4 else 3)], columns=["patient", "session"])
    dataset = make_dataset(dataset.study, dataset.patients.assign(therapist=codes), dataset.outcomes, sessions)
    lines = [each.analysis for each in fit(make_claim(**RESPONDER), dataset).robustness]
    assert [line for line in lines if re.match("per protocol: .*, Newcombe interval, therapists ignored$", line)]


def test_a_share_of_one_arm_counted_otherwise_says_that_therapists_are_ignored():
    claim = make_claim(method="proportion", measure="proportion", hypothesis="above", null=0.2, comparators=[],
                       model=None, direction="better")
    estimate = fit(claim, trial())
    assert [each.analysis for each in estimate.robustness] == [
        "missing counted as not improved, Wilson interval, therapists ignored"]
    assert told(estimate)[0].endswith("the others have no value of NRS at baseline, or none at week 12.")
