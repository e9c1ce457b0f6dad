"""The rows of a crossover study: what was measured of each patient in each period, in which arm, after which."""

import pandas as pd

from mmresearch.estimate import ArmSummary
from mmresearch.models.places import period_values

COLUMNS = ["patient", "arm", "period", "sequence", "previous", "value", "start", "therapist"]


def judged_periods(question, dataset):
    """Return one row a patient and period in one of the question's arms: COLUMNS.

    At visits: the latest of the period within the claim's window (days since the period began). Within sessions: the
    mean after the period's sessions, and `start` the mean before them. previous: the arm of the period before.
    """
    rows = period_values(dataset, question.instrument.id)
    first, last = question.window
    rows = rows[rows["day"].isna() | rows["day"].between(first, last)]
    rows = rows[rows["patient"].isin(question.patients)]
    latest = rows.groupby("period")["day"].transform("max")
    rows = rows[rows["visit"].isna() | (rows["day"] == latest)]
    means = rows.groupby(["patient", "period"], as_index=False).agg(
        value=("value", "mean"), start=("start", "mean"), therapist=("therapist", "first"))
    table = means.merge(_orders(dataset.periods), on=["patient", "period"], how="left")
    table = table[table["arm"].isin(question.arms)].reset_index(drop=True)
    return _with_therapists(table, question, dataset)[COLUMNS]


def _orders(periods):
    """The periods with, for each, the arm before and the whole order, as words."""
    periods = periods.sort_values(["patient", "period"])
    orders = periods.groupby("patient")["arm"].agg(tuple)
    whole = {order for order in orders if len(order) == orders.map(len).max()}
    return periods.assign(previous=periods.groupby("patient")["arm"].shift(),
                          sequence=periods["patient"].map(orders.map(lambda order: _named(order, whole))))


def _named(order, whole):
    """A patient who left early belongs to the one whole order that begins alike, where there is one."""
    alike = [each for each in whole if each[: len(order)] == order]
    return ", ".join(alike[0] if len(alike) == 1 else order)


def _with_therapists(table, question, dataset):
    """Fill in therapists: the period's sessions', else, in the arm whose effect is claimed, the patient's own."""
    sessions = dataset.sessions.dropna(subset=["therapist", "period"])
    if table["therapist"].isna().all() and len(sessions):
        known = sessions.groupby(["patient", "period"])["therapist"].first()
        keys = pd.MultiIndex.from_frame(table[["patient", "period"]])
        return table.assign(therapist=known.reindex(keys).to_numpy())
    if table["therapist"].isna().all():
        own = table["patient"].map(dataset.patients.set_index("patient")["therapist"])
        return table.assign(therapist=own.where(table["arm"] == question.arm))
    return table


def mean_summaries(rows, question, study, fitted):
    """Return an ArmSummary for each arm: patients, moments of what was measured in it, model mean."""
    made = []
    for arm in question.arms:
        here = rows[rows["arm"] == arm]
        moments = [None if pd.isna(each) else float(each) for column in ("start", "value")
                   for each in (here[column].mean(), here[column].std())]
        made.append(ArmSummary(arm, study.arms[arm].label, int(here["patient"].nunique()), *moments,
                               ls_mean=fitted.ls_means.get(arm)))
    return tuple(made)
