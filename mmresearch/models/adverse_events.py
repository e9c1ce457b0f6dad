"""Adverse events as recorded: at sessions, or as an outcome (instrument AE); one row a session or visit, with its
grade.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from mmresearch.models.wording import counted

GRADES = {"none": 0, "no": 0, "nil": 0, "mild": 1, "moderate": 2, "serious": 3, "severe": 3}
WORDS = {1: "adverse events of any grade", 2: "moderate or serious adverse events", 3: "serious adverse events"}
COLUMNS = ["patient", "session", "arm", "therapist", "grade"]


@dataclass(frozen=True)
class Events:
    """What was recorded of the patients in the window, in all arms.

    sessions  one row a session with a known record: patient, session, arm, therapist, grade (0 none; NaN: some
              event, its grade unknown); empty where events were recorded at visits only
    people    patient -> worst grade over sessions and visits, with arm and therapist
    source    where the grades come from, in words; said, ungraded: sentences, and how many events have no known grade
    """

    sessions: pd.DataFrame = field(repr=False)
    people: pd.DataFrame = field(repr=False)
    source: str = ""
    said: tuple = ()
    ungraded: int = 0


def gather_events(question, dataset):
    """Return the Events of the question's patients within its window."""
    sessions, said = _session_rows(question, dataset)
    outcomes = _outcome_rows(question, dataset)
    at_sessions = outcomes[outcomes["session"].notna()]
    at_visits = outcomes[outcomes["session"].isna()]
    if sessions.empty and len(at_sessions):
        sessions, source = at_sessions, "the outcome AE at sessions"
    elif sessions.empty:
        source = "the outcome AE at visits"
    else:
        source = "the sessions' record of adverse events"
    people = _worst(pd.concat([sessions, at_visits], ignore_index=True))
    ungraded = int(sessions["grade"].isna().sum()) if len(sessions) else int(at_visits["grade"].isna().sum())
    return Events(sessions.reset_index(drop=True), people, source, said, ungraded)


def reached(grades, cutoff):
    """Return 1.0 where the grade is the cut-off or worse; an event whose grade is unknown counts as reaching it."""
    return ((grades >= cutoff) | grades.isna()).astype(float)


def _session_rows(question, dataset):
    """Sessions with a record of whether something happened. A blank cell is no record, unless no cell says `none`."""
    rows = dataset.sessions
    rows = rows[rows["patient"].isin(question.observed) & _within(rows["day"], question.window)]
    known = rows["adverse_event"].notna()
    if not known.any():
        return pd.DataFrame(columns=COLUMNS), ()
    grades = rows["adverse_event"].map(_grade, na_action="ignore").astype("float64")
    silent = not (grades == 0).any()
    said = (
        f"{counted(int((~known).sum()), 'session')} without a record of adverse events "
        f"{'count as sessions without one, since no session says none' if silent else 'left out'}.",
    )
    grades = grades.mask(~known, 0.0) if silent else grades
    rows = _with_arm_and_therapist(rows.assign(grade=grades)[known | silent], dataset)
    return rows, said * int((~known).any())


def _grade(word):
    """Return the grade of a word or number; NaN for an event in words of the clinic's own."""
    text = str(word).strip().lower()
    if text in GRADES:
        return float(GRADES[text])
    return float(text) if text in ("0", "1", "2", "3", "4", "5") else np.nan


def _outcome_rows(question, dataset):
    rows = dataset.outcomes_of("AE")
    rows = rows[rows["patient"].isin(question.observed)]
    rows = rows[_within(rows["day"], question.window)].rename(columns={"value": "grade"})
    return _with_arm_and_therapist(rows, dataset)


def _within(days, window):
    days = days.astype("float64")
    return days.isna() | days.between(*window)


def _with_arm_and_therapist(rows, dataset):
    """Add the arm the patient was in then; the session's therapist, else the patient's own."""
    rows = dataset.with_arms(rows.drop(columns=["arm"], errors="ignore"))
    own = dataset.patients.set_index("patient")["therapist"]
    therapist = rows["patient"].map(own)
    rows["therapist"] = rows["therapist"].astype("object").fillna(therapist) if "therapist" in rows else therapist
    return rows[COLUMNS].astype({"grade": "float64"})


def _worst(rows):
    """Return one row a patient: worst grade (NaN: an event of unknown grade and none known that is worse), arm,
    therapist.
    """
    if rows.empty:
        return pd.DataFrame(columns=["arm", "therapist", "grade"])
    ranked = rows.assign(rank=rows["grade"].fillna(2.5)).sort_values("rank", kind="stable")
    worst = ranked.drop_duplicates(["patient", "arm"], keep="last")
    return worst.set_index("patient")[["arm", "therapist", "grade"]]
