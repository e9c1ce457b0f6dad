"""The method `session-change`: against lme4 and pbkrtest, on what studies have, and on simulated truth."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from model_studies import ARMS, make_claim, make_dataset, make_patients, make_study
from scipy import stats

from mmresearch.models import ask, fit
from mmresearch.models.robustness import registered_alone
from mmresearch.study.dataset import OUTCOMES

FOLDER = Path(__file__).parent / "reference" / "intercepts"
REST = {"rest": {"label": "Quiet rest", "technique": "rest", "comparator_class": "attention", "reference": True}}
PAIR = {"massage": ARMS["massage"], **REST}


def calm(**analysis):
    registered = dict(
        method="session-change", comparators=["attention", "none"], windows=[[0, 84]], instruments=["RELAX"],
        direction="higher", designs=["randomised", "crossover", "cohort"])
    return make_claim(**registered | analysis)


def study_of(rows, design="randomised", periods=None, **patients):
    """A Dataset of rows patient, arm, session, before, after, therapist (None), period (in a crossover study)."""
    people = rows.drop_duplicates("patient")[["patient", "arm"]].reset_index(drop=True)
    frame = make_patients(len(people), arm=people["arm"], condition="low-back-pain", age=50.0)
    frame["patient"] = people["patient"]
    day = rows["day"] if "day" in rows else 7.0 * rows["session"]
    outcomes = pd.concat([
        rows.assign(value=rows[moment], moment=moment, instrument="RELAX", visit=None, day=day)
        for moment in ("before", "after")], ignore_index=True)
    extra = {} if periods is None else {"_periods": periods}
    return make_dataset(make_study(design=design, arms=PAIR), frame.assign(**patients),
                        outcomes.reindex(columns=list(OUTCOMES)), rows.assign(day=day), **extra)


def reference_rows():
    rows = pd.read_csv(FOLDER / "sessions.csv")
    therapist = rows["therapist"].map(lambda number: f"T{number}" if number else None)
    return pd.DataFrame({
        "patient": rows["patient"].map("p{:03d}".format), "arm": np.where(rows["treated"] == 1, "massage", "rest"),
        "session": rows["session"].astype(float), "therapist": therapist, "before": rows["first"],
        "after": rows["first"] + rows["change"]})


def codes(estimate):
    return [each.code for each in estimate.troubles]


def test_the_estimate_is_that_of_lme4_and_pbkrtest():
    """Oracle: reference/intercepts/output.json, `method` (script.R); relative 1e-6."""
    expected = json.loads((FOLDER / "output.json").read_text())["method"]
    place = expected["names"].index("treated")
    estimate = fit(calm(), study_of(reference_rows()))
    assert estimate.point == pytest.approx(expected["coefficients"][place], rel=1e-6)
    assert estimate.standard_error == pytest.approx(expected["standard_errors"][place], rel=1e-6)
    assert estimate.df == pytest.approx(expected["df"][place], rel=1e-5)
    assert estimate.clustered and "6 therapists within arms" in estimate.model
    found = estimate.n, estimate.visit, estimate.measure, estimate.unit
    assert found == ({"massage": 22, "rest": 22}, None, "mean-difference", "points")


def simulated(effect=0.0, patients=80, seed=1, noise=1.0, lasting=0.0, therapists=0, sessions=4, slope=0.0):
    """Rows: true calm moves by `lasting` in the massage arm after each session; both readings carry noise."""
    dice = np.random.default_rng(seed)
    arm = np.arange(patients) % 2 == 0
    true, made = dice.normal(5, 1.2, patients), []
    who = dice.integers(0, max(therapists, 1), patients)
    skill = dice.normal(0, 0.5, max(therapists, 1))
    for number in range(1, sessions + 1):
        within = arm * (effect + slope * (number - 1) + (skill[who] if therapists else 0))
        frame = pd.DataFrame({
            "patient": [f"p{each:03d}" for each in range(patients)], "arm": np.where(arm, "massage", "rest"),
            "session": float(number), "before": true + dice.normal(0, noise, patients),
            "after": true + within + dice.normal(0, noise, patients),
            "therapist": [f"T{who[each]}" if therapists and arm[each] else None for each in range(patients)]})
        made.append(frame[(dice.random(patients) < 0.9) | (number == 1)])
        true = true + lasting * arm
    return pd.concat(made, ignore_index=True)


def test_one_session_each_is_an_analysis_of_covariance():
    """Computed here anew by least squares of the change on arm and value before."""
    rows = simulated(1.0, sessions=1)
    estimate = fit(calm(), study_of(rows))
    X = np.column_stack([np.ones(len(rows)), rows["arm"] == "massage", rows["before"]]).astype(float)
    y = (rows["after"] - rows["before"]).to_numpy()
    beta, left, *_ = np.linalg.lstsq(X, y, rcond=None)
    error = np.sqrt(left[0] / (len(y) - 3) * np.linalg.inv(X.T @ X)[1, 1])
    assert (estimate.point, estimate.standard_error, estimate.df) == pytest.approx((beta[1], error, len(y) - 3))
    p = 2 * stats.t.sf(abs(beta[1] / error), len(y) - 3)
    assert estimate.p_value == pytest.approx(p)


def test_what_a_course_leaves_is_not_taken_for_what_a_session_does():
    """True calm rises from week to week, no session changes it at once: adjusting for each value before finds an effect
    that is not there (regression to the mean), the registered analysis does not."""
    found = [fit(calm(), study_of(simulated(lasting=1.0, seed=seed, sessions=6))) for seed in range(12)]
    registered = np.array([each.point for each in found])
    beside = np.array([each.robustness[0].point for each in found])
    assert found[0].robustness[0].analysis == "adjusted for the value before each session"
    assert abs(registered.mean()) < 4 * registered.std() / np.sqrt(12) + 0.02 and beside.mean() > 0.5


def test_a_difference_that_grows_is_told():
    estimate = fit(calm(), study_of(simulated(0.5, slope=0.5, patients=200)))
    shift, = estimate.derived
    assert shift.name == "shift-per-session" and shift.low < 0.5 < shift.high and "per session" in shift.unit


def test_only_sessions_within_the_window_count():
    rows = simulated(1.0)
    all_of_them, early = (fit(calm(windows=[window]), study_of(rows)) for window in ([0, 84], [0, 14]))
    sessions = int((rows["session"] <= 2).sum())
    assert f"{len(rows)} sessions" in " ".join(all_of_them.assumptions)
    assert f"{sessions} sessions" in " ".join(early.assumptions)
    assert ask(calm(windows=[[100, 120]]), study_of(rows)).code == "no-time"


def test_an_arm_without_sessions_cannot_be_compared():
    rows = simulated(1.0)
    dataset = study_of(rows)
    only = dataset.outcomes[dataset.outcomes["patient"].isin(dataset.patients.query("arm == 'massage'")["patient"])]
    lack = ask(calm(), make_dataset(dataset.study, dataset.patients, only, dataset.sessions))
    assert lack.code == "no-instrument" and "before and after a session" in lack.sentence


def test_therapists_who_are_too_few_are_said():
    few = fit(calm(), study_of(simulated(1.0, therapists=2)))
    assert {"therapists-few", "therapists-not-modelled"} <= set(codes(few)) and not few.clustered
    assert codes(fit(calm(), study_of(simulated(1.0, therapists=8)))) in ([], ["few-degrees-of-freedom"])


def test_equal_changes_are_not_certainty():
    rows = simulated(1.0)
    estimate = fit(calm(), study_of(rows.assign(after=rows["before"])))
    assert estimate.point is None and codes(estimate) == ["not-estimable"]


def test_by_arm_are_means_of_patients_means():
    rows = simulated(1.0)
    massage = rows[rows["arm"] == "massage"].groupby("patient")[["before", "after"]].mean()
    arm = fit(calm(), study_of(rows)).by_arm[0]
    assert (arm.baseline_mean, arm.mean) == pytest.approx((massage["before"].mean(), massage["after"].mean()))
    assert (arm.n, arm.sd) == (len(massage), pytest.approx(massage["after"].std()))


def crossover_rows(effect, seed=1, patients=30):
    """Two sessions in each of two periods; patients who calm down more do so in both arms."""
    dice = np.random.default_rng(seed)
    own, first = dice.normal(0, 1, patients), np.where(np.arange(patients) % 2 == 0, "massage", "rest")
    other = np.where(first == "massage", "rest", "massage")
    rows, periods = [], []
    for number in (1, 2, 3, 4):
        arm, period = (first, 1.0) if number <= 2 else (other, 2.0)
        before = dice.normal(5, 1, patients)
        frame = pd.DataFrame({
            "patient": [f"p{each:03d}" for each in range(patients)], "arm": first, "session": float(number),
            "period": period, "before": before, "therapist": None,
            "after": before + own + effect * (arm == "massage") + dice.normal(0, 0.5, patients)})
        rows.append(frame)
        periods.append(frame[["patient", "period"]].assign(arm=arm))
    return pd.concat(rows, ignore_index=True), pd.concat(periods, ignore_index=True).drop_duplicates()


def test_in_a_crossover_study_a_session_belongs_to_its_period_s_arm():
    rows, periods = crossover_rows(1.0)
    estimate = fit(calm(), study_of(rows, "crossover", periods))
    assert estimate.n == {"massage": 30, "rest": 30} and estimate.design == "crossover"
    assert estimate.low < 1 < estimate.high and estimate.high - estimate.low < 0.6, "patients are their own comparison"


def test_a_patient_s_therapist_is_not_thought_to_have_sat_by_the_rest():
    rows, periods = crossover_rows(1.0)
    theirs = pd.Series([f"T{each % 5}" for each in range(30)], dtype="object")
    by_patient = fit(calm(), study_of(rows, "crossover", periods, therapist=theirs))
    massage = rows.merge(periods, on=["patient", "period"], suffixes=("", "_then"))["arm_then"] == "massage"
    logged = rows.assign(therapist=rows["patient"].str[1:].astype(int).map(theirs).where(massage))
    by_session = fit(calm(), study_of(logged, "crossover", periods, therapist=theirs))
    assert by_patient.point == pytest.approx(by_session.point) and by_patient.df == pytest.approx(by_session.df)
    assert "therapists-two-arms" not in codes(by_patient) + codes(by_session)


@pytest.mark.slow
@pytest.mark.parametrize("study", [{}, {"patients": 40, "lasting": 0.5}, {"therapists": 5, "noise": 0.7}])
def test_error_rates_over_many_trials(study):
    """200 trials of 40 (or 20) an arm; with 95% coverage 178 or more cover with probability 0.9995."""
    with registered_alone():
        found = [fit(calm(), study_of(simulated(1.0, seed=seed, **study))) for seed in range(200)]
        null = [fit(calm(), study_of(simulated(0.0, seed=seed, **study))) for seed in range(200)]
    assert sum(each.low <= 1 <= each.high for each in found) >= 178
    points = np.array([each.point for each in found])
    assert abs(points.mean() - 1) < 4 * points.std() / np.sqrt(200)
    assert sum(each.low > 0 or each.high < 0 for each in null) <= 22
