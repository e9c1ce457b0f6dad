"""What patients felt along a course: one value a number of sessions had, and where each patient started.

What was felt before a session counts as the result of those before it; without such values, what was felt after each
session, else at visits.
"""

import pandas as pd

from mmresearch.models.sessions_had import sessions_by_visit

ORIGINS = {
    "before": "what was felt before each further session",
    "after": "what was felt after each session",
    "visit": "what was felt at visits, placed by the sessions half of the patients had had by then",
}


def gather_values(question, dataset):
    """Return (rows patient, step, value in order; which of ORIGINS they are) of the arm within the claim's window."""
    rows = dataset.outcomes_of(question.instrument.id)
    rows = rows[rows["patient"].isin(question.patients)]
    within = rows[rows["session"].notna()]
    for moment, shift in (("before", 1), ("after", 0)):
        found = within[within["moment"] == moment]
        found = found.assign(step=found["session"].astype(float) - shift, day=_days(found, dataset))
        found = found[(found["step"] >= 1) & _inside(found["day"], question.window)]
        if len(found):
            return found[["patient", "step", "value"]].sort_values(["patient", "step"], ignore_index=True), moment
    return _at_visits(question, dataset), "visit"


def _inside(days, window):
    return days.isna() | days.between(*window)


def _days(rows, dataset):
    """The session's day, from the outcome's row or the session's own."""
    known = dataset.sessions.dropna(subset=["day"]).drop_duplicates(["patient", "session"])
    known = known.set_index(["patient", "session"])["day"]
    own = pd.to_numeric(rows["day"], errors="coerce").astype(float)
    other = known.reindex(pd.MultiIndex.from_frame(rows[["patient", "session"]])).to_numpy(dtype=float)
    return own.fillna(pd.Series(other, index=rows.index))


def _at_visits(question, dataset):
    first, last = question.window
    visits = [visit for visit in dataset.study.follow_ups if first <= visit.day <= last]
    had = sessions_by_visit(dataset, question.patients, visits)
    steps = {visit.name: float(had[visit.name].median()) if visit.name in had else float(place + 1)
             for place, visit in enumerate(sorted(visits, key=lambda visit: visit.day))}
    rows = dataset.measured(question.instrument.id)
    rows = rows[rows["patient"].isin(question.patients) & rows["visit"].isin(steps)]
    rows = rows.assign(step=rows["visit"].map(steps)).sort_values(["patient", "step", "day"], ignore_index=True)
    return rows.loc[rows["step"] >= 1, ["patient", "step", "value"]].drop_duplicates(["patient", "step"], keep="last")


def baselines(question, dataset):
    """Return each patient's value at baseline; where there is none, the value before the first session."""
    rows = dataset.outcomes_of(question.instrument.id)
    rows = rows[rows["patient"].isin(question.patients)]
    first = rows[(rows["session"] == 1) & (rows["moment"] == "before")].drop_duplicates("patient")
    first = first.set_index("patient")["value"].reindex(list(question.patients))
    start, table = dataset.study.baseline, dataset.wide(question.instrument.id)
    if start is None or start.name not in table:
        return first.astype(float)
    return table[start.name].reindex(list(question.patients)).astype(float).fillna(first.astype(float))
