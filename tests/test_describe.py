"""Descriptions are counts: checked by hand on eight patients, and against the printed tables of a real trial.

Vickers 2004 (BMJ 2004;328:744), tables 1 and 2 and text; the numbers stand in published.csv beside the trial's files
and are compared at the digits printed there.
"""

import re

import pandas as pd
import pytest
from describing import VICKERS, small_dataset, vickers_dataset
from model_studies import make_dataset, make_patients, make_study

from mmresearch import describe


@pytest.fixture(scope="module")
def small():
    return small_dataset()


@pytest.fixture(scope="module")
def vickers():
    return vickers_dataset()


@pytest.fixture(scope="module")
def published():
    if not VICKERS.exists():
        pytest.skip("the trial's files are not beside this checkout (set MMRESEARCH_SHARED)")
    return pd.read_csv(VICKERS / "published.csv").set_index("key")["published"]


def test_table_one_gives_means_counts_and_the_total(small):
    table = describe.table_one(small)
    age, female = table.row("Age"), table.row("Sex", "female")
    assert [arm.n for arm in table.arms] == [4, 4] and table.total == 8
    assert [(cell.n, cell.mean) for cell in age.cells] == [(4, 45.0), (3, 45.0), (7, 45.0)]
    assert age.cells[0].sd == pytest.approx(12.909944, abs=1e-6)  # sd of 30, 40, 50, 60: sqrt(500 / 3)
    assert [cell.count for cell in female.cells] == [2, 2, 4]
    assert table.row("Condition", "Neck pain").cells[-1].share == 0.25
    assert [row.baseline_of for row in table.rows if row.baseline_of] == ["NRS"]


def test_with_two_sexes_one_row_says_both(small):
    assert [row.level for row in describe.table_one(small).rows if row.label == "Sex"] == ["female"]


def test_table_one_of_those_observed(small):
    stayed = describe.observed(small, "NRS", "week 6")
    assert [arm.n for arm in describe.table_one(small, stayed).arms] == [3, 3]


def test_flow_counts_patients_not_values(small):
    flow = describe.flow(small)
    assert [(step.label, step.counts) for step in flow.steps] == [
        ("In the analysis set", (4, 4)), ("baseline", (4, 4)), ("week 6", (3, 3)), ("week 12", (2, 3))]
    assert flow.exclusions == (("no outcome at any visit", 2),)


def test_missing_shares_are_of_the_arm(small):
    rows = {(row.visit, row.arm): row.share for row in describe.missing(small).rows}
    assert rows["week 12", "massage"] == 0.5 and rows["week 12", "usual"] == 0.25 and rows["baseline", "usual"] == 0


def test_course_has_a_t_interval(small):
    point = describe.course(small, "NRS").of("massage")[1]
    assert (point.visit, point.n, point.mean, point.sd) == ("week 6", 3, 3.0, 1.0)
    assert point.high - point.mean == pytest.approx(4.302653 / 3 ** 0.5, abs=1e-5)  # t table: t(0.975, 2) = 4.303


def test_course_of_chosen_arms_and_patients(small):
    course = describe.course(small, "NRS", arms=["usual"], patients={"p4", "p5", "p0"})
    assert [(arm.name, arm.n) for arm in course.arms] == [("usual", 2)]
    assert {point.arm for point in course.points} == {"usual"} and max(point.n for point in course.points) == 2


def test_one_patient_has_a_mean_and_no_interval(small):
    point = describe.course(small, "NRS", patients={"p0"}).of("massage")[0]
    assert point.mean == 6.0 and point.sd is None and point.low is None


def test_records_print_no_patient_and_the_frames_stay_untouched(small):
    before = small.outcomes
    text = repr(describe.describe_study(small))
    assert "p0" not in text and "p7" not in text
    pd.testing.assert_frame_equal(before, small.outcomes)


def test_a_study_without_baseline_visit_is_described_without_baselines(small):
    later = small.study.model_copy(update={"visits": small.study.visits[1:]})
    rows = small.outcomes
    dataset = type(small)(later, small.patients, rows[rows["visit"] != "baseline"], small.sessions, small.medications)
    description = describe.describe_study(dataset)
    assert description.dropouts is None and not [row for row in description.table_one.rows if row.baseline_of]


def test_vickers_arms_and_follow_up(vickers, published):
    flow = describe.flow(vickers)
    assert published["n_randomised"] == f"{sum(flow.steps[0].counts)} ({'/'.join(map(str, flow.steps[0].counts))})"
    assert published["n_12m"] == " / ".join(map(str, flow.steps[-1].counts))


@pytest.mark.parametrize("key, label, level", [
    ("age_completers", "Age", None), ("chronicity", "Chronicity", None), ("pk1", "Weekly headache score", None),
    ("f1", "Headache days in 28 days", None), ("female", "Sex", "female"), ("migraine", "Condition", "Migraine")])
def test_vickers_table_of_completers(vickers, published, key, label, level):
    table = describe.table_one(vickers, describe.observed(vickers, "HEADSCORE", "month 12"))
    cells = table.row(label, level).cells[:2]
    shown = [f"{cell.mean:.1f} ({cell.sd:.1f})" if level is None else f"{cell.count} ({cell.share:.0%})"
             for cell in cells]
    assert published[key] == " / ".join(shown)


@pytest.mark.parametrize("key, instrument", [("pk5", "HEADSCORE"), ("f5", "HEADDAYS")])
def test_vickers_means_at_twelve_months(vickers, published, key, instrument):
    course = describe.course(vickers, instrument)
    last = [course.of(arm)[-1] for arm in ("acupuncture", "control")]
    assert published[key] == " / ".join(f"{point.mean:.1f} ({point.sd:.1f})" for point in last)


def test_vickers_reduction(vickers, published):
    stayed = describe.observed(vickers, "HEADSCORE", "month 12")
    course = describe.course(vickers, "HEADSCORE", patients=stayed)
    cuts = [1 - course.of(arm)[-1].mean / course.of(arm)[0].mean for arm in ("acupuncture", "control")]
    assert published["pk5_reduction"] == " / ".join(f"{cut:.0%}" for cut in cuts)


@pytest.mark.parametrize("key, row, digits", [("dropout_age", 0, 0), ("dropout_pk1", 1, 1)])
def test_vickers_dropouts(vickers, published, key, row, digits):
    """dropout_age 43 v 46, P=0.01; dropout_pk1 29.3 v 25.6, P=0.04; the unrounded p: 0.0117 and 0.0430."""
    found = describe.compare_dropouts(vickers, "HEADSCORE", "month 12").rows[row]
    left, stayed, p = re.fullmatch(r"([\d.]+) v ([\d.]+), P=([\d.]+)", published[key]).groups()
    assert (f"{found.dropouts.mean:.{digits}f}", f"{found.completers.mean:.{digits}f}") == (left, stayed)
    assert f"{found.p_value:.2f}" == p
    assert found.p_value == pytest.approx({"dropout_age": 0.0117, "dropout_pk1": 0.0430}[key], abs=5e-5)


def test_along_sessions_the_change_within_each_is_told_by_the_arm_of_its_period():
    """Two patients change places after two sessions; the means are worked out by hand."""
    periods = pd.DataFrame({"patient": ["a", "a", "b", "b"], "period": [1.0, 2.0] * 2,
                            "arm": ["massage", "control", "control", "massage"]})
    rows = [(patient, session, 1.0 + (session > 2), moment, value)
            for patient, session, before, after in [
                ("a", 1, 5, 3), ("a", 2, 5, 4), ("a", 3, 5, 5), ("b", 1, 6, 6), ("b", 3, 6, 2), ("b", 4, 6, 1)]
            for moment, value in (("before", before), ("after", after))]
    outcomes = pd.DataFrame(rows, columns=["patient", "session", "period", "moment", "value"]).assign(
        instrument="NRS", visit=None, day=float("nan")).astype({"session": "float64", "value": "float64"})
    patients = make_patients(2, patient=["a", "b"], arm=["massage", "control"])
    dataset = make_dataset(make_study(design="crossover"), patients, outcomes, _periods=periods)
    found = describe.session_course(dataset, "NRS")
    said = {(point.arm, point.visit): (point.n, point.mean) for point in found.points}
    assert said == {("massage", "session 1"): (1, -2.0), ("massage", "session 2"): (1, -1.0),
                    ("massage", "session 3"): (1, -4.0), ("massage", "session 4"): (1, -5.0),
                    ("control", "session 1"): (1, 0.0), ("control", "session 3"): (1, 0.0)}
    assert found.along == "sessions" and found.measures == "change in pain intensity within a session"
    assert describe.session_course(dataset, "ODI").points == ()


def test_in_a_crossover_study_means_at_a_visit_belong_to_its_period_s_arm():
    study = make_study(design="crossover", visits=[{"name": "one", "day": 1, "period": 1}, {"name": "two", "day": 8,
                                                                                          "period": 2}])
    periods = pd.DataFrame({"patient": ["a", "a", "b", "b"], "period": [1.0, 2.0] * 2,
                            "arm": ["massage", "control", "control", "massage"]})
    outcomes = pd.DataFrame({"patient": ["a", "a", "b", "b"], "visit": ["one", "two"] * 2, "day": [1.0, 8.0] * 2,
                             "instrument": "NRS", "value": [1.0, 2.0, 3.0, 4.0], "session": float("nan"),
                             "moment": None, "period": [1.0, 2.0] * 2})
    dataset = make_dataset(study, make_patients(2, patient=["a", "b"], arm=["massage", "control"]), outcomes,
                           _periods=periods)
    means = {(point.arm, point.visit): point.mean for point in describe.course(dataset, "NRS").points}
    assert means == {("massage", "one"): 1.0, ("control", "two"): 2.0, ("control", "one"): 3.0, ("massage", "two"): 4.0}
