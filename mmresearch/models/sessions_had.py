"""How many sessions patients had had by a visit or a day: what places visits along a course."""

import pandas as pd


def sessions_by_visit(dataset, patients, visits):
    """Return a frame (patients x visit names): sessions each had had by the visit's day, with session days known.

    The day is the one the visit happened on where it is recorded, else the planned one. A patient without recorded
    sessions had none. Empty where the study records no session days at all.
    """
    sessions = dataset.sessions
    sessions = sessions[sessions["patient"].isin(patients) & sessions["day"].notna()]
    if sessions.empty:
        return pd.DataFrame(index=list(patients))
    happened = _days(dataset, patients)
    counts = {}
    for visit in visits:
        day = happened[visit.name] if visit.name in happened else pd.Series(float(visit.day), index=list(patients))
        had = sessions["day"].astype("float64") <= sessions["patient"].map(day.fillna(float(visit.day)))
        counts[visit.name] = had.groupby(sessions["patient"]).sum().reindex(list(patients), fill_value=0)
    return pd.DataFrame(counts)


def _days(dataset, patients):
    """The day each patient's visits happened on: patients x visit names."""
    rows = dataset.outcomes
    rows = rows[rows["patient"].isin(patients) & rows["visit"].notna() & rows["session"].isna() & rows["day"].notna()]
    return rows.groupby(["patient", "visit"])["day"].first().unstack().reindex(list(patients)).astype("float64")
