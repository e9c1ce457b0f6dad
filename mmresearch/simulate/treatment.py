"""Sessions: who came to which, what pain and relaxation were before and after, and what went wrong."""

import numpy as np
import pandas as pd

from mmresearch.simulate.codes import patient_codes, therapist_codes
from mmresearch.simulate.ratings import rate

COMES, STOPS_AFTER = 0.93, 10  # share of sessions attended; days after the last visit seen
GRADES = ("none", "mild", "moderate", "serious")
GRADE_SHARES = (0.72, 0.25, 0.03)  # of events: mild, moderate, serious
SKILL_SHARE = 0.15  # share of the variance of a session's effect that therapists make


def session_rows(trial):
    """Return one row a session attended in the arms that have any, as the therapists' log has it."""
    settings, cohort, random = trial.settings, trial.cohort, trial.stream("sessions")
    periods = len(settings.periods)
    most = max(settings.planned(name) for name in settings.arms)
    row, number = (each.ravel() for each in np.indices((len(cohort), most * periods)))
    period, within = number // max(most, 1), number % max(most, 1)
    arm = trial.orders[row, period]
    start = np.array(settings.periods)[period] + (2 if settings.design != "crossover" else 0)
    spare = min(4, settings.session_every)
    day = start + settings.session_every * within + random.integers(0, spare, size=len(row))
    planned = np.array([settings.planned(name) for name in settings.arms])[_places(settings, arm)]
    came = (within < planned) & (random.random(len(row)) < COMES) & (day <= _last_day(trial)[row])
    columns = {"id": patient_codes(cohort)[row], "session": number + 1, "day": day}
    rated = _within(trial, row, day, random) if settings.rated else {}
    logged = {"event": np.array(GRADES)[_events(trial, row, random)]} if settings.events else {}
    columns |= {"period": period + 1} if settings.design == "crossover" else {}
    columns |= {"technique": np.array([each.code for each in settings.arms.values()])[_places(settings, arm)],
                "minutes": random.choice([45, 60], size=len(row), p=[0.2, 0.8]),
                "therapist": np.where(_by_hand(settings, arm), therapist_codes(cohort)[row], ""),
                **rated, **within_columns(trial, row, arm), **logged}
    return pd.DataFrame(columns)[came]


def within_columns(trial, row, arm):
    """Return column -> text of each further instrument before and after every session."""
    settings, cohort, columns = trial.settings, trial.cohort, {}
    for each in settings.within:
        random = trial.stream(f"within {each.instrument}")
        level = each.mean + each.sd * random.standard_normal(len(cohort))[row]
        noise = random.standard_normal((2, len(row)))
        before, after = around(settings, each, level, cohort.skill[row], arm, noise)
        word = each.header
        columns |= {f"{word}_before": as_text(before, each.scale[2]), f"{word}_after": as_text(after, each.scale[2])}
    return columns


def around(settings, each, level, skill, arm, noise):
    """Return (before, after) sessions: level, skill, arm (n,) of the patient, therapist and session; noise (2, n)."""
    before = rate(each, level + each.noise * noise[0])
    chance = np.sqrt(each.therapists) * skill * _by_hand(settings, arm) + np.sqrt(1 - each.therapists) * noise[1]
    change = np.array([each.changes.get(name, 0.0) for name in settings.arms])[_places(settings, arm)]
    return before, rate(each, before + change + each.noise * chance)


def as_text(values, step):
    """Return numbers as text with as many decimals as the step has."""
    decimals = 0 if step is None or float(step).is_integer() else len(str(step).split(".")[1])
    return np.char.mod(f"%.{decimals}f", np.asarray(values, dtype=float) + 0.0)


def _places(settings, arm):
    names = np.array(list(settings.arms))
    order = np.argsort(names)
    return order[np.searchsorted(names, arm, sorter=order)]


def _by_hand(settings, arm):
    return np.array([each.treated for each in settings.arms.values()])[_places(settings, arm)]


def _last_day(trial):
    """Who left comes to no session long after the last visit attended."""
    days = np.array([visit.day for visit in trial.settings.visits])
    last = np.max(np.where(trial.there, days, 0), axis=1)
    return np.where(last == days[-1], days[-1], last + STOPS_AFTER)


def _within(trial, row, day, random):
    """Column -> pain and relaxation. Pain follows the course; a session changes it by the arm's true effect."""
    groups = [trial.settings.arms[name] for name in trial.arm]
    skill = np.sqrt(SKILL_SHARE) * trial.cohort.skill[row] + np.sqrt(1 - SKILL_SHARE) * random.standard_normal(len(row))
    course = _interpolated(trial.values[:, :, 0], [visit.day for visit in trial.settings.visits], row, day)
    before = _points(course + 0.8 * random.standard_normal(len(row)))
    after = _points(before + np.array([each.session_change for each in groups])[row] - 1.1 * skill)
    calm = _points(4.6 - 0.45 * trial.cohort.noise[row, 0, 0] + 1.5 * random.standard_normal(len(row)))
    rise = np.array([each.session_relaxation for each in groups])[row]
    calmer = _points(calm + rise + 0.6 * skill + random.standard_normal(len(row)))
    return {"pain_before": before, "pain_after": after, "relaxed_before": calm, "relaxed_after": calmer}


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
