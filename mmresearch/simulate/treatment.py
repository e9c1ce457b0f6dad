"""Sessions: who came to which, what pain and relaxation were before and after, and what went wrong."""

import numpy as np
import pandas as pd

from mmresearch.simulate.codes import patient_codes, therapist_codes

PER_WEEK, COMES, STOPS_AFTER = 7, 0.93, 10  # days between sessions; share attended; days after the last visit seen
GRADES = ("none", "mild", "moderate", "serious")
GRADE_SHARES = (0.72, 0.25, 0.03)  # of events: mild, moderate, serious
SKILL_SHARE = 0.15  # share of the variance of a session's effect that therapists make


def session_rows(trial):
    """Return one row a session attended in the treated arms, as the therapists' log has it."""
    settings, cohort, random = trial.settings, trial.cohort, trial.stream("sessions")
    row, number = (each.ravel() for each in np.indices((len(cohort), settings.sessions)))
    day = 2 + PER_WEEK * number + random.integers(0, 4, size=len(row))
    came = trial.treated[row] & (random.random(len(row)) < COMES) & (day <= _last_day(trial)[row])
    before, after, calm, calmer = _within(trial, row, day, random)
    event = np.array(GRADES)[_events(trial, row, random)]
    frame = pd.DataFrame({
        "id": patient_codes(cohort)[row], "session": number + 1, "day": day,
        "technique": np.array([settings.arms[name].code for name in trial.arm])[row],
        "minutes": random.choice([45, 60], size=len(row), p=[0.2, 0.8]), "therapist": therapist_codes(cohort)[row],
        "pain_before": before, "pain_after": after, "relaxed_before": calm, "relaxed_after": calmer, "event": event})
    return frame[came]


def _last_day(trial):
    """Who left comes to no session long after the last visit attended."""
    days = np.array([visit.day for visit in trial.settings.visits])
    last = np.max(np.where(trial.there, days, 0), axis=1)
    return np.where(last == days[-1], days[-1], last + STOPS_AFTER)


def _within(trial, row, day, random):
    """Pain follows the patient's course between visits; a session changes it by the arm's true effect, more or less."""
    groups = [trial.settings.arms[name] for name in trial.arm]
    skill = np.sqrt(SKILL_SHARE) * trial.cohort.skill[row] + np.sqrt(1 - SKILL_SHARE) * random.standard_normal(len(row))
    course = _interpolated(trial.values[:, :, 0], [visit.day for visit in trial.settings.visits], row, day)
    before = _points(course + 0.8 * random.standard_normal(len(row)))
    after = _points(before + np.array([each.session_change for each in groups])[row] - 1.1 * skill)
    calm = _points(4.6 - 0.45 * trial.cohort.noise[row, 0, 0] + 1.5 * random.standard_normal(len(row)))
    rise = np.array([each.session_relaxation for each in groups])[row]
    return before, after, calm, _points(calm + rise + 0.6 * skill + random.standard_normal(len(row)))


def _events(trial, row, random):
    """Grade of each session's adverse event, 0 for none; an arm's chance of one stands in the settings."""
    chance = np.array([trial.settings.arms[name].adverse_event for name in trial.arm])[row]
    grade = random.choice([1, 2, 3], size=len(row), p=GRADE_SHARES)
    return np.where(random.random(len(row)) < chance, grade, 0)


def _interpolated(values, days, row, day):
    place = np.clip(np.searchsorted(days, day, side="right") - 1, 0, len(days) - 2)
    days = np.asarray(days, float)
    share = (day - days[place]) / (days[place + 1] - days[place])
    return values[row, place] * (1 - share) + values[row, place + 1] * share


def _points(value):
    return np.clip(np.rint(value), 0, 10).astype(int)
