"""What `the study measured it` means for each kind of outcome, and claims that compare nothing."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from model_studies import ARMS, make_claim, make_dataset, make_patients, make_study, make_values

from mmresearch.claims.methods import METHODS as WORDS
from mmresearch.estimate import HYPOTHESES, MEASURES, Lack
from mmresearch.models import METHODS, Question, ask, needs
from mmresearch.models.assembly import assemble, give_up
from mmresearch.models.inference import Contrast
from mmresearch.models.least_squares import Fitted
from mmresearch.models.places import session_changes
from mmresearch.models.table import gather
from mmresearch.study.dataset import OUTCOMES, SESSIONS
from mmresearch.verdict.findings import finding


@pytest.fixture
def build(monkeypatch):
    """Let a method answer everything, so that what is measured decides."""

    def built(method, **changes):
        every = needs.pairs(HYPOTHESES, *MEASURES)
        monkeypatch.setitem(needs.NEEDS, method, replace(needs.NEEDS[method], answers=every, **changes))

    return built


def rows_of(patients, instrument, value=1.0, **columns):
    """One outcome row a patient, changed as given."""
    frame = pd.DataFrame({name: pd.Series(pd.NA, index=patients.index, dtype="object") for name in OUTCOMES})
    return frame.assign(patient=patients["patient"], instrument=instrument, value=value, **columns)


def around_sessions(patients, sessions=(1, 2), moments=("before", "after"), instrument="RELAX", **columns):
    return pd.concat(
        [
            rows_of(patients, instrument, float(moment == "after"), session=float(number), moment=moment, **columns)
            for number in sessions
            for moment in moments
        ],
        ignore_index=True,
    )


def single_arm(**changes):
    return make_study(design="single-arm", arms={"massage": ARMS["massage"]}, **changes)


ALONE = {"comparators": [], "designs": ["single-arm", "randomised"], "hypothesis": "above", "null": 0.5}
SESSION = {"method": "session-change", "instruments": ["RELAX"], "direction": "higher", "windows": [[0, 84]]}


def test_every_method_word_of_the_registry_has_needs_and_the_built_ones_a_module():
    assert set(needs.NEEDS) == set(WORDS)
    assert set(METHODS) == {method for method, each in needs.NEEDS.items() if each.built}
    for method, each in needs.NEEDS.items():
        assert {measure for _, measure in each.answers} <= set(WORDS[method].measures) | {"slope"}


def test_a_claim_that_compares_nothing_is_about_the_patients_of_its_arm(build):
    build("proportion")
    dataset = make_dataset(single_arm(), make_patients(arms=("massage",)))
    question = ask(make_claim(method="proportion", measure="proportion", **ALONE), dataset)
    assert (question.reference, question.comparator_class, question.arms) == (None, None, ("massage",))
    assert len(question.patients) == 80 and "None" not in question.estimand
    assert question.visit.name == "week 12" and question.margin is None


def test_in_a_study_of_several_arms_it_counts_the_claims_arm_only(build):
    build("proportion")
    question = ask(make_claim(method="proportion", measure="proportion", **ALONE), make_dataset())
    assert len(question.patients) == 40


def test_the_estimate_of_one_arm_has_no_reference_and_reads_well(build):
    build("proportion")
    dataset = make_dataset(single_arm(), make_patients(arms=("massage",)))
    claim = make_claim(method="proportion", measure="proportion", **ALONE)
    question = ask(claim, dataset)
    rows = gather(question, dataset)
    fitted = Fitted(Contrast(0.7, 0.05), "a share", {"massage": 80})
    estimate = assemble(question, dataset, rows, fitted, events={"massage": (56, 80)}, unit="proportion")
    assert (estimate.n, estimate.n_randomised) == ({"massage": 80}, {"massage": 80})
    assert (estimate.reference, estimate.comparator_class, estimate.reference_label) == (None, None, "")
    assert (len(estimate.by_arm), estimate.by_arm[0].events, estimate.null) == (1, 56, 0.5)
    assert estimate.assumptions[0] == "Nothing is compared: Medical massage, all patients."
    assert "with medical massage was 70%" in finding(claim, estimate)
    assert give_up(question, dataset, "a test").n == {"massage": 0}


def test_too_few_patients_of_one_arm_are_counted(build):
    build("proportion")
    dataset = make_dataset(single_arm(), make_patients(4, arms=("massage",)))
    lack = ask(make_claim(method="proportion", measure="proportion", **ALONE), dataset)
    assert (lack.code, "there are 4 in Medical massage" in lack.sentence) == ("too-few-patients", True)


def test_a_claim_that_compares_nothing_may_be_answered_at_baseline(build):
    build("variance")
    claim = make_claim(
        method="variance", measure="variance", **ALONE | {"hypothesis": "exists", "null": 0}, windows=[[0, 30]],
        modifier="site",
    )
    assert ask(claim, make_dataset()).visit.name == "baseline"


@pytest.mark.parametrize("modifier, code", [("site", None), ("goal", "no-modifier")])
def test_groups_between_which_results_differ_may_be_many(build, modifier, code):
    build("variance")
    claim = make_claim(method="variance", measure="variance", hypothesis="exists", modifier=modifier)
    asked = ask(claim, make_dataset())
    assert getattr(asked, "code", None) == code


def test_a_session_counts_with_a_value_before_and_after_it(build):
    build("session-change")
    patients = make_patients()
    dataset = make_dataset(patients=patients, outcomes=around_sessions(patients, day=3.0))
    question = ask(make_claim(**SESSION), dataset)
    assert isinstance(question, Question)
    assert (question.visit, question.follow_ups, question.window, question.place) == (None, (), (0, 84), "session")
    assert "days 0 to 84" in question.estimand
    changes = session_changes(dataset, "RELAX")
    assert len(changes) == 160 and set(changes["after"] - changes["before"]) == {1.0}


@pytest.mark.parametrize(
    "moments, day, code", [(("before",), 3.0, "no-instrument"), (("before", "after"), 200.0, "no-time")]
)
def test_sessions_without_a_pair_or_outside_the_window_do_not_count(build, moments, day, code):
    build("session-change")
    patients = make_patients()
    dataset = make_dataset(patients=patients, outcomes=around_sessions(patients, moments=moments, day=day))
    assert ask(make_claim(**SESSION), dataset).code == code


@pytest.mark.parametrize(
    "method, measured", [("session-change", "measured on other days"), ("time-to-event", "shorter")])
def test_a_lack_of_time_names_no_patient_s_first_or_last_day(method, measured):
    patients = make_patients()
    rows = around_sessions(patients, day=7.25)
    rows.loc[rows["patient"] == "p003", "day"] = 347.75
    times = pd.DataFrame({"patient": patients["patient"], "instrument": "RETURN", "ending": "event", "value": 10.375})
    change = SESSION if method == "session-change" else {
        "method": method, "measure": "rmst-difference", "instruments": ["RETURN"]}
    outcomes = rows if method == "session-change" else times.reindex(columns=list(OUTCOMES))
    lack = ask(make_claim(**change | {"windows": [[400, 500]]}), make_dataset(patients=patients, outcomes=outcomes))
    assert lack.code == "no-time" and measured in lack.sentence
    assert not [day for day in ("7.25", "347", "10.3") if day in lack.sentence]


def test_one_patient_with_sessions_in_an_arm_is_too_few(build):
    build("session-change")
    patients = make_patients()
    kept = patients[(patients["arm"] == "massage") | (patients["patient"] == "p001")]
    lack = ask(make_claim(**SESSION), make_dataset(patients=patients, outcomes=around_sessions(kept, day=3.0)))
    assert lack.code == "too-few-patients" and "on days 0 to 84; there are 40 in" in lack.sentence


def test_a_sessions_own_row_gives_the_day_and_the_therapist():
    patients = make_patients(2)
    sessions = pd.DataFrame(columns=SESSIONS)
    sessions["patient"], sessions["session"], sessions["day"] = patients["patient"], 1.0, [5.0, 6.0]
    sessions["therapist"] = ["t1", "t2"]
    dataset = make_dataset(patients=patients, outcomes=around_sessions(patients, sessions=(1,)))
    dataset = replace(dataset, _sessions=sessions)
    assert list(session_changes(dataset, "RELAX")[["day", "therapist"]].itertuples(index=False, name=None)) == [
        (5.0, "t1"),
        (6.0, "t2"),
    ]


def test_the_course_runs_over_visits_and_sessions(build):
    build("course")
    patients = make_patients()
    outcomes = around_sessions(patients, moments=("before",), instrument="NRS", day=2.0)
    reaching = {"measure": "hazard-ratio", "hypothesis": "below", "null": 1, "modifier": "baseline", "comparators": []}
    claim = make_claim(method="course", windows=[[1, 28]], by_session=2, **reaching)
    question = ask(claim, make_dataset(patients=patients, outcomes=outcomes))
    assert (question.visit, question.window) == (None, (1, 28)) and "by session 2" in question.estimand
    for each in (claim, make_claim(method="course", windows=[[1, 28]], by_session=2)):
        assert ask(each, make_dataset()).code == "no-time"  # visits at weeks 6 and 12 only


def test_adverse_events_are_measured_where_sessions_record_them(build):
    build("harms")
    patients = make_patients()
    claim = make_claim(
        method="harms", instruments=["AE"], measure="rate", cutoff=2.0, windows=[[0, 365]],
        **ALONE | {"hypothesis": "below", "null": 0.01},
    )
    assert ask(claim, make_dataset(patients=patients)).code == "no-instrument"
    sessions = pd.DataFrame({name: pd.Series(pd.NA, index=patients.index, dtype="object") for name in SESSIONS})
    sessions = sessions.assign(patient=patients["patient"], session=1.0, day=3.0)
    sessions.loc[0, "adverse_event"] = "2"
    question = ask(claim, replace(make_dataset(patients=patients), _sessions=sessions))
    assert isinstance(question, Question) and len(question.observed & set(question.patients)) == 40


@pytest.mark.parametrize("longest, code", [(90.0, None), (20.0, "no-time")])
def test_a_time_needs_a_follow_up_that_reaches_the_window(build, longest, code):
    build("time-to-event")
    patients = make_patients()
    times = rows_of(patients, "RETURN", value=np.linspace(1, longest, len(patients)))
    claim = make_claim(method="time-to-event", measure="rmst-difference", instruments=["RETURN"], windows=[[30, 60]])
    asked = ask(claim, make_dataset(patients=patients, outcomes=times))
    assert getattr(asked, "code", None) == code
    if code is None:
        assert len(asked.observed) == 80  # those whose event came early were followed too


def test_agreement_needs_two_raters_of_the_same_patient(build):
    build("agreement")
    patients = make_patients()
    claim = make_claim(method="agreement", measure="kappa", instruments=["TRP-CAUSE"], windows=[[0, 14]], **ALONE)
    first = rows_of(patients, "TRP-CAUSE", visit="baseline", day=0.0).assign(rater="a")
    second = first.head(30).assign(rater="b")
    assert ask(claim, make_dataset(patients=patients, outcomes=first)).code == "no-instrument"
    question = ask(claim, make_dataset(patients=patients, outcomes=pd.concat([first, second])))
    assert len(question.observed) == 30 and question.reference is None


def test_a_share_is_of_a_threshold_or_of_the_claims_own_cutoff(build):
    build("proportion")
    patients = make_patients()
    outcomes = make_values(patients, instrument="PGIC")
    dataset = make_dataset(patients=patients, outcomes=outcomes[outcomes["visit"] != "baseline"])
    share = {"method": "proportion", "measure": "proportion", "instruments": ["PGIC"], **ALONE}
    assert ask(make_claim(**share), dataset).code == "no-instrument"
    assert isinstance(ask(make_claim(**share, cutoff=2.0), dataset), Question)


@pytest.mark.parametrize("method", WORDS)
def test_a_method_that_is_not_built_says_so(method, monkeypatch):
    monkeypatch.setitem(needs.NEEDS, method, replace(needs.NEEDS[method], answers=frozenset()))
    measure = WORDS[method].measures[0]
    further = {"mediator": "RELAX"} if method == "mediation" else {}
    claim = make_claim(method=method, measure=measure, null=1 if "ratio" in measure else 0, **further)
    lack = ask(claim, make_dataset())
    assert isinstance(lack, Lack) and f"the method '{method}'" in lack.sentence
