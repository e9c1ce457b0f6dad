"""Patients of invented studies, made in memory: allocated, treated by therapists who differ, some of them lost."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from mmresearch.study import Dataset, Study
from mmresearch.study.dataset import MEDICATIONS, OUTCOMES, PATIENTS, SESSIONS

ARMS = {
    "massage": {"label": "Medical massage", "technique": "medical-massage"},
    "control": {"label": "Usual care", "technique": "usual-care", "comparator_class": "usual-care", "reference": True},
}
DAYS = {"baseline": 0, "week 6": 42, "week 12": 84}
STAYS = (2.1, 1.7)  # log odds of staying in the arm and the reference arm: 11% and 15% leave, more where worse
WORSE = 0.5  # lower log odds of staying per standard deviation of severity at baseline


@dataclass
class Crowd:
    """n patients an arm. level: severity (SD 1); who: therapist (-1: none); skill: their therapist's (SD 1, else 0)."""

    n: int
    treated: np.ndarray = field(repr=False)
    level: np.ndarray = field(repr=False)
    who: np.ndarray = field(repr=False)
    skill: np.ndarray = field(repr=False)
    stays: np.ndarray = field(repr=False)

    @property
    def therapist(self):
        return pd.Series([f"t{each}" if each >= 0 else None for each in self.who], dtype="object")


def therapists_of(n):
    """Return how many therapists treat n patients: 4, 6 and 10 of 20, 40 and 100."""
    return {20: 4, 40: 6, 100: 10}.get(n, max(4, n // 10))


def draw_crowd(dice, n, arms=2, therapists=None):
    """Return the Crowd; arms 1: everyone is treated. Allocation alternates, as in blocks of two."""
    size = arms * n
    treated = np.ones(size) if arms == 1 else np.resize([1.0, 0.0], size)
    therapists = therapists or therapists_of(n)
    who = np.full(size, -1)
    who[treated == 1] = np.resize(np.arange(therapists), n)
    skill = np.where(treated == 1, dice.standard_normal(therapists)[who], 0.0)
    level = dice.standard_normal(size)
    log_odds = np.where(treated == 1, *STAYS) - WORSE * level
    return Crowd(n, treated, level, who, skill, dice.random(size) < 1 / (1 + np.exp(-log_odds)))


def rows(people, values, instrument, **columns):
    """Return outcome rows of one value a patient (NaN: none); columns: visit, day, session, moment, period ..."""
    table = {name: np.full(len(people), np.nan, object) for name in OUTCOMES}
    table |= {"patient": people["patient"].to_numpy(), "instrument": instrument, "value": np.asarray(values, float)}
    frame = pd.DataFrame(table | columns)
    return frame[frame["value"].notna()]


def at_visit(people, values, instrument, visit, seen=None):
    values = np.asarray(values, float)
    values = values if seen is None else np.where(seen, values, np.nan)
    return rows(people, values, instrument, visit=visit, day=float(DAYS[visit]))


def people_of(crowd, names=("massage", "control")):
    """Return the patients table of a Crowd."""
    size = len(crowd.treated)
    table = {name: np.full(size, None, object) for name in PATIENTS}
    table |= {"patient": [f"p{number:04d}" for number in range(size)], "arm": np.where(crowd.treated == 1, *names),
              "age": np.full(size, 50.0), "condition": "low-back-pain", "therapist": crowd.therapist}
    return pd.DataFrame(table)


def declare(**changes):
    """Return a Study of two arms with visits at weeks 6 and 12, changed as given."""
    declared = {
        "title": "Invented", "design": "randomised", "simulated": True, "primary_visit": "week 12",
        "data_locked": "2026-01-01", "condition": "low-back-pain", "arms": ARMS,
        "visits": [{"name": name, "day": day} for name, day in DAYS.items()],
        "files": {"patients": {"path": "patients.csv", "columns": {"id": {"means": "patient"}}}},
    }
    return Study.model_validate(declared | changes)


def study_of(study, people, parts, sessions=None, **extra):
    """Return the Dataset of these tables; parts: outcome rows to put together."""
    outcomes = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=OUTCOMES)
    for name in ("value", "day", "session", "period", "observed"):
        outcomes[name] = outcomes[name].astype(float)
    sessions = pd.DataFrame(columns=SESSIONS) if sessions is None else sessions.reindex(columns=list(SESSIONS))
    return Dataset(study, people, outcomes, sessions, pd.DataFrame(columns=MEDICATIONS), **extra)


def one_arm():
    return {"design": "single-arm", "arms": {"massage": ARMS["massage"]}}
