"""The method `harms`: exact intervals, patients who count several times, arms compared with few events."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from model_studies import ARMS, make_claim, make_dataset, make_patients, make_study, make_values
from scipy import stats

from mmresearch.models import fit, rates
from mmresearch.study import Dataset
from mmresearch.study.dataset import MEDICATIONS, OUTCOMES, SESSIONS
from mmresearch.verdict.findings import finding

FOLDER = Path(__file__).parent / "reference" / "harms"
REFERENCE = json.loads((FOLDER / "output.json").read_text())
DATA = pd.read_csv(FOLDER / "data.csv")
RATE = {
    "method": "harms",
    "measure": "rate",
    "hypothesis": "below",
    "null": 0.01,
    "cutoff": 2,
    "comparators": [],
    "instruments": ["AE"],
    "windows": [[0, 365]],
    "designs": ["randomised", "cohort", "single-arm", "crossover"],
}
RISK = {"method": "harms", "measure": "risk-difference", "instruments": ["AE"], "windows": [[0, 365]], "cutoff": 1}
RATIO = RISK | {"measure": "rate-ratio", "null": 1, "comparators": ["relaxation-massage"]}


def treated(grades, patients=None, outcomes=None, therapists=None, study=None, words=True):
    """A Dataset in which patient i has one session a grade of grades[i]; words: as words, else as numbers."""
    names = ["none", "mild", "moderate", "serious"]
    patients = make_patients(len(grades)) if patients is None else patients
    rows = [
        {
            "patient": name,
            "session": float(number + 1),
            "day": 7.0 * number,
            "adverse_event": value
            if value is None or isinstance(value, str)
            else names[value]
            if words
            else str(value),
            "therapist": therapists and therapists[place],
        }
        for place, (name, own) in enumerate(zip(patients["patient"], grades, strict=True))
        for number, value in enumerate(own)
    ]
    sessions = pd.DataFrame(rows).reindex(columns=list(SESSIONS))
    outcomes = pd.DataFrame(columns=OUTCOMES) if outcomes is None else outcomes
    return Dataset(study or alone(), patients, outcomes, sessions, pd.DataFrame(columns=MEDICATIONS))


def alone():
    return make_study(design="single-arm", arms={"massage": ARMS["massage"]})


def one_arm(n):
    return make_patients(n, arms=("massage",))


def test_the_rate_is_of_sessions_with_an_event_of_the_grade_asked():
    claim = make_claim(**RATE)
    estimate = fit(claim, treated([[0, 0, 1, 0]] * 38 + [[2, 0, 0, 0], [0, 3, 0, 0]], one_arm(40)))
    assert estimate.point == pytest.approx(2 / 160)
    shrunk = 160 * (stats.t.ppf(0.975, 159) / stats.t.ppf(0.975, 39)) ** 2  # patients differ no more than chance has it
    expected = rates.clopper_pearson(2 / 160 * shrunk, shrunk, 0.95)
    assert (estimate.low, estimate.high) == pytest.approx(expected, rel=0.03)
    assert (estimate.by_arm[0].events, estimate.by_arm[0].total, estimate.n) == (2, 160, {"massage": 40})
    assert "rate of moderate or serious adverse events with medical massage was 0.013 per session" in finding(
        claim, estimate
    )
    assert [each.code for each in estimate.troubles] == ["repeats-few"]
    assert {"rate-grade-1", "rate-grade-3", "patients-with-event"} == {each.name for each in estimate.derived}


def test_nothing_happened_is_an_upper_bound():
    """160 sessions: Clopper-Pearson's upper end is 1 - 0.025^(1/160), the rule of three 1 - 0.05^(1/160)."""
    estimate = fit(make_claim(**RATE), treated([[0, 0, 1, 0]] * 40, one_arm(40)))
    assert (estimate.point, estimate.low) == (0, 0) and estimate.high == pytest.approx(1 - 0.025 ** (1 / 160))
    assert [each.code for each in estimate.troubles] == ["no-events"]
    bound = next(each for each in estimate.derived if each.name == "rule-of-three")
    assert bound.high == pytest.approx(1 - 0.05 ** (1 / 160)) and "taking patients as the units" in bound.sentence


def test_a_patient_harmed_in_every_session_is_not_many_patients():
    many = fit(make_claim(**RATE), treated([[2] + [0] * 9] * 10 + [[0] * 10] * 30, one_arm(40)))
    one = fit(make_claim(**RATE), treated([[2] * 10] + [[0] * 10] * 39, one_arm(40)))
    assert many.point == one.point and one.high > 1.8 * many.high and "patients as units" in one.model


def test_therapists_who_harm_widen_the_interval():
    names = [f"t{place // 10}" for place in range(40)]
    grades = [[2, 0, 0, 0]] * 10 + [[0] * 4] * 30
    with_names = fit(make_claim(**RATE), treated(grades, one_arm(40), therapists=names))
    assert with_names.clustered and "therapists as units" in with_names.model
    assert with_names.high > fit(make_claim(**RATE), treated(grades, one_arm(40))).high


@pytest.mark.parametrize(
    "word, code", [("sore back", ["repeats-few", "ungraded-events"]), ("Moderate", ["repeats-few"])]
)
def test_events_in_a_clinics_own_words_count_against_massage(word, code):
    estimate = fit(make_claim(**RATE), treated([[word, "none"]] + [["none", "none"]] * 39, one_arm(40)))
    assert estimate.point == pytest.approx(1 / 80)
    assert sorted(each.code for each in estimate.troubles) == code


@pytest.mark.parametrize("empty, total, says", [("none", 79, "left out"), (None, 80, "no session says none")])
def test_an_empty_cell_is_no_record_unless_none_is_never_written(empty, total, says):
    grades = [[2, None]] + [[empty, empty]] * 39
    estimate = fit(make_claim(**RATE), treated(grades, one_arm(40)))
    assert estimate.by_arm[0].total == total and any(says in line for line in estimate.assumptions)


def at_visits(patients, grades):
    rows = make_values(patients, instrument="AE", visits={"week 12": 84})
    return rows.assign(value=[float(grade) for grade in grades], session=np.nan)


def test_two_arms_are_compared_by_patients():
    """Newcombe's table: 5 of 56 against 0 of 29, and Fisher's mid-p because events are few."""
    patients = make_patients(85, arm=["massage"] * 56 + ["control"] * 29)
    outcomes = at_visits(patients, [2] * 5 + [0] * 80)
    estimate = fit(make_claim(**RISK), make_dataset(patients=patients, outcomes=outcomes))
    assert (estimate.low, estimate.high) == pytest.approx((-0.0326, 0.1933), abs=6e-5)
    assert estimate.p_value == pytest.approx(rates.fisher_mid_p(5, 56, 0, 29))
    assert [each.code for each in estimate.troubles] == ["few-events"] and estimate.direction == "lower"


def test_a_rate_needs_sessions():
    patients = one_arm(40)
    estimate = fit(make_claim(**RATE), make_dataset(alone(), patients, at_visits(patients, [0] * 40)))
    assert estimate.point is None and [each.code for each in estimate.serious] == ["not-estimable"]


def two_massages(first, second):
    arms = {name: ARMS[name] for name in ("massage", "relaxation")}
    study = make_study(arms={**arms, "control": ARMS["control"]})
    patients = make_patients(len(first) + len(second), arm=["massage"] * len(first) + ["relaxation"] * len(second))
    return treated(first + second, patients, study=study)


def test_rates_of_two_arms_with_few_events_are_compared_exactly():
    """The mid-p tail at the lower end, written out, is 2.5%."""
    few = fit(make_claim(**RATIO), two_massages([[1, 0, 0, 0]] * 4 + [[0] * 4] * 26, [[1, 0, 0, 0]] + [[0] * 4] * 29))
    assert few.point == pytest.approx(4.0)
    share = few.low / (1 + few.low)
    assert stats.binom.sf(4, 5, share) + stats.binom.pmf(4, 5, share) / 2 == pytest.approx(0.025, abs=1e-6)
    assert "exact mid-p" in few.model and few.low < 1 < few.high and few.p_value > 0.05


def test_no_event_in_one_arm_has_no_ratio():
    estimate = fit(make_claim(**RATIO), two_massages([[1, 0]] * 4 + [[0, 0]] * 26, [[0, 0]] * 30))
    assert estimate.point is None and "needs at least one in each group" in estimate.serious[0].sentence


def test_many_events_are_compared_with_patients_as_units():
    dice = np.random.default_rng(1)
    first, second = ([list(dice.binomial(1, chance, 8)) for _ in range(40)] for chance in (0.2, 0.1))
    estimate = fit(make_claim(**RATIO), two_massages(first, second))
    assert 1 < estimate.low < 2.0 < estimate.high and estimate.df > 30 and "units" in estimate.model
