"""Small invented studies, made in memory, and claims about them: what the tests of the models are fitted to."""

import numpy as np
import pandas as pd

from mmresearch.claims import Claim
from mmresearch.study import Dataset, Study
from mmresearch.study.dataset import MEDICATIONS, OUTCOMES, PATIENTS, SESSIONS

DAYS = {"baseline": 0, "week 6": 42, "week 12": 84}
ARMS = {
    "massage": {"label": "Medical massage", "technique": "medical-massage"},
    "relaxation": {
        "label": "Relaxation massage",
        "technique": "relaxation-massage",
        "comparator_class": "relaxation-massage",
    },
    "control": {"label": "Usual care", "technique": "usual-care", "comparator_class": "usual-care", "reference": True},
}


def make_claim(name="claim", **analysis):
    """Return a Claim that massage lowers pain at 12 weeks against usual care, changed as given."""
    registered = {
        "population": {"words": "adults with pain"},
        "techniques": ["medical-massage"],
        "comparators": ["usual-care"],
        "windows": [[70, 98]],
        "instruments": ["NRS"],
        "direction": "lower",
        "method": "change",
        "model": "ancova",
    }
    if analysis.get("method", "change") != "change":
        registered |= {"model": None}
    if analysis.get("method") == "responder":
        registered |= {"measure": "risk-difference"}
    return Claim.model_validate(
        {
            "id": name,
            "group": "pain",
            "text": "Massage eases pain",
            "question": "Does massage ease pain?",
            "sources": [{"article": "a.txt", "line": 1, "quote": "massage eases pain"}],
            "testability": "session-outcomes",
            "analysis": registered | analysis,
        }
    )


def make_study(**changes):
    """Return a Study of two arms and three visits, changed as given."""
    declared = {
        "title": "Invented",
        "design": "randomised",
        "simulated": True,
        "primary_visit": "week 12",
        "condition": "low-back-pain",
        "arms": {name: ARMS[name] for name in ("massage", "control")},
        "visits": [{"name": name, "day": day} for name, day in DAYS.items()],
        "files": {"patients": {"path": "patients.csv", "columns": {"id": {"means": "patient"}}}},
    }
    return Study.model_validate(declared | changes)


def make_patients(n=80, seed=1, arms=("massage", "control"), **columns):
    """Return n invented patients, alternating between the arms; other columns as given."""
    dice = np.random.default_rng(seed)
    frame = pd.DataFrame({name: pd.Series([pd.NA] * n, dtype="object") for name in PATIENTS})
    frame["patient"] = [f"p{number:03d}" for number in range(n)]
    frame["arm"] = [arms[number % len(arms)] for number in range(n)]
    frame["age"] = dice.normal(50, 10, n).round()
    frame["condition"] = "low-back-pain"
    frame["site"] = dice.choice(["north", "south", "west"], n)
    return frame.assign(**columns)


def make_values(patients, seed=2, effect=-1.0, instrument="NRS", loss=0.0, visits=DAYS):
    """Return outcomes in which massage adds `effect` at every follow-up; `loss`: share missing at each follow-up."""
    dice = np.random.default_rng(seed)
    n, start = len(patients), dice.normal(6, 1.5, len(patients))
    rows = []
    for visit, day in visits.items():
        later = 2 + 0.6 * start + effect * (patients["arm"] == "massage").to_numpy() + dice.normal(0, 1, n)
        value = start if day == 0 else later
        seen = np.ones(n, bool) if day == 0 else dice.random(n) >= loss
        rows.append(
            pd.DataFrame(
                {
                    "patient": patients["patient"],
                    "visit": visit,
                    "day": float(day),
                    "instrument": instrument,
                    "value": value,
                    "session": pd.NA,
                    "moment": pd.NA,
                }
            )[seen]
        )
    return pd.concat(rows, ignore_index=True).reindex(columns=list(OUTCOMES))


def make_dataset(study=None, patients=None, outcomes=None, sessions=None, **extra):
    """Return a Dataset of the parts given; the rest invented."""
    patients = make_patients() if patients is None else patients
    outcomes = make_values(patients) if outcomes is None else outcomes
    return Dataset(
        study or make_study(),
        patients,
        outcomes,
        pd.DataFrame(columns=SESSIONS) if sessions is None else sessions.reindex(columns=list(SESSIONS)),
        pd.DataFrame(columns=MEDICATIONS),
        **extra,
    )


def make_shares(events, other_events, total, other_total, better="lower"):
    """Return a Dataset in which so many of each arm reach the two points of the NRS; the rest stay as they were."""
    reached = [1] * events + [0] * (total - events) + [1] * other_events + [0] * (other_total - other_events)
    patients = make_patients(total + other_total, arm=["massage"] * total + ["control"] * other_total)
    step = -2.0 if better == "lower" else 2.0
    rows = [
        pd.DataFrame(
            {
                "patient": patients["patient"],
                "visit": visit,
                "day": float(day),
                "instrument": "NRS",
                "value": [6.0 + (step * one if day else 0) for one in reached],
                "session": pd.NA,
                "moment": pd.NA,
            }
        )
        for visit, day in (("baseline", 0), ("week 12", 84))
    ]
    return make_dataset(patients=patients, outcomes=pd.concat(rows, ignore_index=True))


TWO = {"baseline": 0, "week 12": 84}


def one_visit(study=None, patients=None, seed=2, **values):
    """A Dataset with one follow-up: the analysis of covariance alone, nothing beside it."""
    patients = make_patients() if patients is None else patients
    visits = [{"name": name, "day": day} for name, day in TWO.items()]
    return make_dataset(study or make_study(visits=visits), patients, make_values(patients, seed, visits=TWO, **values))


def study_with(**changes):
    return make_study(visits=[{"name": name, "day": day} for name, day in TWO.items()], **changes)


def table_of(dataset):
    """The same rows for an independent fit: y, baseline, treated, age, site; incomplete rows kept."""
    wide = dataset.wide("NRS").rename(columns={"week 12": "y", "baseline": "start"})
    people = dataset.patients.set_index("patient")
    return wide.join(people).assign(treated=(people["arm"] == "massage").astype(float))
