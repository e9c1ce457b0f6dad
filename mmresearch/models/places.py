"""Where an outcome stands, and what `the study measured it` means there: at a visit, around a session, as a time ..."""

import pandas as pd

MOMENTS = ("before", "after")


def measured_rows(place, analysis, dataset, name):
    """Return the rows that count as measured: patient, day and, at visits, visit; values never missing.

    place: a word of needs.PLACES; name: an instrument. Days are planned days at visits, else as recorded; a row whose
    day is not recorded counts in every window.
    """
    return ROWS[place](analysis, dataset, name).reset_index(drop=True)


def session_changes(dataset, name):
    """Return one row a patient and session with a value both before and after it.

    Columns patient, session, day (NaN where not recorded), period (NaN but in crossover studies), before, after
    (instrument's unit), therapist (NA).
    """
    rows = dataset.outcomes_of(name)
    rows = rows[rows["session"].notna() & rows["moment"].isin(MOMENTS)]
    keys = ["patient", "session"]
    before, after = (rows.loc[rows["moment"] == moment, [*keys, "day", "period", "value"]] for moment in MOMENTS)
    table = before.rename(columns={"value": "before"}).merge(
        after[[*keys, "value"]].rename(columns={"value": "after"}), on=keys)
    return _with_sessions(table.sort_values(keys, ignore_index=True), dataset)


def _with_sessions(table, dataset):
    """Add what the session's own row says: its day where the outcome has none, its therapist."""
    known = dataset.sessions[["patient", "session", "day", "therapist"]]
    known = known.drop_duplicates(["patient", "session"]).rename(columns={"day": "session_day"})
    joined = table.astype({"session": "float64"}).merge(
        known.astype({"session": "float64"}), on=["patient", "session"], how="left")
    days = [pd.to_numeric(joined.pop(name), errors="coerce").astype("float64") for name in ("day", "session_day")]
    joined["day"] = days[0].fillna(days[1])
    return joined


def _at_visits(analysis, dataset, name):
    """At follow-ups, by planned day; a claim that compares nothing may be answered by the baseline too."""
    days = {visit.name: float(visit.day) for visit in dataset.study.visits}
    rows = dataset.measured(name)
    rows = rows.assign(day=rows["visit"].map(days).astype("float64"))
    return rows[(rows["day"] > 0) | (not analysis.comparators and rows["day"] == 0)]


def _around_sessions(analysis, dataset, name):
    return session_changes(dataset, name)


def _along_the_course(analysis, dataset, name):
    """After baseline, at a visit or at a session (whatever moment)."""
    rows = dataset.outcomes_of(name)
    within = _with_sessions(rows.loc[rows["session"].notna(), ["patient", "session", "day"]], dataset)
    return pd.concat([_at_visits(analysis, dataset, name), within], ignore_index=True)


def _whenever(analysis, dataset, name):
    """Any outcome row of the instrument; for adverse events also the sessions of a study that records them there."""
    columns = ["patient", "session", "visit", "day", "period"]
    found = _with_sessions(dataset.outcomes_of(name)[columns], dataset)
    sessions = dataset.sessions
    if name == "AE" and sessions["adverse_event"].notna().any():
        found = pd.concat([found, sessions[["patient", "session", "day", "period"]]], ignore_index=True)
    return found.astype({"day": "float64"})


def _as_times(analysis, dataset, name):
    """Times until something happened; the day is how long the patient was followed."""
    rows = dataset.outcomes_of(name)
    return rows.assign(day=rows["value"].astype("float64"))


def _by_raters(analysis, dataset, name):
    """Values of patients whom two raters rated at the same visit."""
    rows = dataset.outcomes_of(name)
    rows = rows[rows["session"].isna()]
    if "rater" not in rows:
        return rows.iloc[:0]
    return rows[rows.groupby(["patient", "visit"], dropna=False)["rater"].transform("nunique") >= 2]


def period_values(dataset, name):
    """Return what was measured in each period of a crossover study: at its visits, else after its sessions.

    Columns patient, period, visit (NA within sessions), day (since the period's first visit or session), value, start
    (the value before the session, NaN at visits), therapist (NA). One row a patient and visit, or a session.
    """
    rows = dataset.outcomes_of(name)
    rows = rows[rows["period"].notna() & rows["session"].isna()]
    if len(rows):
        visits = [visit for visit in dataset.study.visits if visit.period is not None]
        begins = {visit.period: min(each.day for each in visits if each.period == visit.period) for visit in visits}
        days = {visit.name: float(visit.day - begins[visit.period]) for visit in visits}
        rows = rows.assign(day=rows["visit"].map(days), start=float("nan"), therapist=None)
    else:
        rows = session_changes(dataset, name).assign(visit=None).rename(columns={"before": "start", "after": "value"})
        rows["day"] -= rows.groupby(["patient", "period"])["day"].transform("min")
    return rows[["patient", "period", "visit", "day", "value", "start", "therapist"]]


def _in_each_period(analysis, dataset, name):
    return period_values(dataset, name)


ROWS = {
    "visit": _at_visits,
    "session": _around_sessions,
    "course": _along_the_course,
    "event": _whenever,
    "time": _as_times,
    "raters": _by_raters,
    "period": _in_each_period,
}
