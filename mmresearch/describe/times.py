"""How many it has happened to, and how many still wait, week by week: for outcomes that are times."""

import math

import numpy as np

from mmresearch.describe.groups import chosen, count_arms
from mmresearch.describe.records import Waiting, WaitingPoint

WEEK, MOST = 7, 13  # landmarks at most


def waiting(dataset, instrument, arms=None, patients=None):
    """Return the Waiting of an instrument of kind `time`, by arm, at whole weeks: no patient's own day is shown.

    Shares are Kaplan and Meier's, with competing events Aalen and Johansen's. arms: names to show, default all;
    patients: pseudonyms to restrict to. Raises UsageError for an unknown instrument.
    """
    known = dataset.instrument(instrument)
    shown = tuple(arm for arm in count_arms(dataset, patients) if arms is None or arm.name in arms)
    rows = dataset.outcomes_of(known.id).merge(chosen(dataset, patients)[["patient", "arm"]], on="patient")
    rows = rows[rows["arm"].isin([arm.name for arm in shown])]
    points = []
    for arm in shown:
        here = rows[rows["arm"] == arm.name]
        points += _points(arm.name, here["value"].to_numpy(float), here["ending"].to_numpy(), _landmarks(rows["value"]))
    return Waiting(known.id, known.name, known.measures, shown, tuple(points))


def _landmarks(values):
    """Days 0, then every so many whole weeks, up to the week after the longest time."""
    weeks = math.ceil(values.max() / WEEK) if len(values) else 0
    step = max(1, math.ceil(weeks / (MOST - 1)))
    return [WEEK * week for week in range(0, weeks + step, step)]


def _points(arm, days, endings, landmarks):
    """One arm's share by each landmark; None from where nobody is watched any more though some still waited."""
    at = np.unique(days[endings != "censored"])
    risk = np.array([(days >= day).sum() for day in at])
    happened = np.array([((days == day) & (endings == "event")).sum() for day in at])
    gone = np.array([((days == day) & (endings != "censored")).sum() for day in at])
    free = np.concatenate([[1.0], np.cumprod(1 - gone / risk)]) if len(at) else np.ones(1)
    share = np.concatenate([[0.0], np.cumsum(free[:-1] * happened / risk)]) if len(at) else np.zeros(1)
    made = []
    for landmark in landmarks:
        place = np.searchsorted(at, landmark, side="right")
        still = int((days >= landmark).sum())
        known = still > 0 or free[place] < 1e-12
        made.append(WaitingPoint(arm, landmark, still, float(share[place]) if known and len(days) else None))
    return made
