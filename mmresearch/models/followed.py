"""The patients of a question about a time: how long each was followed, how that ended, and what to tell of it."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from mmresearch.estimate import Derived
from mmresearch.models.survival import CENSORED, CODES, COMPETING, EVENT, curve, reach
from mmresearch.models.troubles import FEW_EVENTS, trouble
from mmresearch.models.wording import counted, join

WEEK = 7
NEARLY = 0.9  # of the claim's window: followed for less is a trouble


@dataclass(frozen=True, eq=False)
class Followed:
    """people: treated, therapist, covariates; days and endings (n,); horizon: up to which day times are counted."""

    people: pd.DataFrame = field(repr=False)
    days: np.ndarray = field(repr=False)
    endings: np.ndarray = field(repr=False)
    horizon: float

    @property
    def arms(self):
        return self.people["arm"].to_numpy()

    @property
    def seen(self):
        """True where it happened within the horizon."""
        return (self.endings == EVENT) & (self.days <= self.horizon)

    def curve(self, arm, endings=None):
        """Return the Curve of an arm; endings: others than those recorded."""
        rows = self.arms == arm
        return curve(self.days[rows], (self.endings if endings is None else endings)[rows])

    def count(self, arm, which=None):
        """Return how many patients of an arm there are, or for how many of them `which` (n,) holds."""
        return int((self.arms == arm).sum() if which is None else which[self.arms == arm].sum())

    def plain(self):
        """Return (n, 2): intercept and arm."""
        return np.column_stack([np.ones(len(self.days)), self.people["treated"]])


def follow(question, dataset):
    """Return the Followed patients: those with a time, in the study's order.

    Times count up to the last day of the claim's window, or as far as both arms were followed, in whole weeks: the day
    itself would be a patient's own.
    """
    rows = dataset.outcomes_of(question.instrument.id)
    rows = rows[rows["patient"].isin(question.patients)]
    rows = rows.drop_duplicates("patient").set_index("patient")
    people = dataset.patients.set_index("patient").loc[list(question.patients)]
    people = people[people.index.isin(rows.index)]
    people = people.assign(treated=(people["arm"] == question.arm).astype(float))
    rows = rows.loc[people.index]
    days, endings = rows["value"].to_numpy(float), rows["ending"].map(CODES).to_numpy(int)
    reached = [reach(days[people["arm"] == arm], endings[people["arm"] == arm]) for arm in question.arms]
    horizon = min(reached)
    whole = question.window[1] if horizon >= question.window[1] else max(horizon // WEEK * WEEK, 1.0)
    return Followed(people, days, endings, float(whole))


def landmarks(question, followed, study, level):
    """Return Derived numbers of each arm: the median time, and the share to whom it happened by the horizon."""
    made = []
    for arm in question.arms:
        found, label = followed.curve(arm), study.arms[arm].label
        median, low, high = found.median(level)
        ends = "" if median is None else f" ({_day(low)} to {_day(high)})"
        text = f"{label}: half had it by {_day(median)}{ends}."
        made.append(Derived(f"median-{arm}", median, low, high, "days", text))
        share = 100 * found.by(followed.horizon)[0]
        told = f"{label}: it happened to {share:.0f}% by day {followed.horizon:g}."
        made.append(Derived(f"share-{arm}", share, None, None, "percent", told))
    return tuple(made)


def _day(value):
    return "no known day" if value is None else f"day {value:g}"


def censoring_words(followed):
    """Return the sentences on what was assumed of those lost."""
    lost = int(((followed.endings == CENSORED) & (followed.days < followed.horizon)).sum())
    who = f"Those last seen before day {followed.horizon:g} ({counted(lost, 'patient')})"
    return (f"{who} would have gone on as the others of their arm did: being lost says nothing of the event.",)


def follow_troubles(question, followed, study):
    """Return the troubles of the data: competing events, follow-up shorter than the claim's window, few events."""
    other = (followed.endings == COMPETING) & (followed.days <= followed.horizon)
    few = [arm for arm in question.arms if followed.count(arm, followed.seen) < FEW_EVENTS]
    found = []
    if other.any():
        who = _by_arm(followed, other, question.arms, study)
        text = f"Something else made it impossible for {who}; they count as never having reached it."
        found.append(trouble("competing-events", text))
    if followed.horizon < NEARLY * question.window[1]:
        text = f"Times are counted up to day {followed.horizon:g}, as far as both groups were followed"
        found.append(trouble("follow-up-short", f"{text}; the claim is about {question.window[1]} days."))
    if few:
        text = f"It happened to few patients: {_by_arm(followed, followed.seen, few, study)}."
        found.append(trouble("few-events", text))
    return tuple(found)


def _by_arm(followed, which, arms, study):
    return join([f"{followed.count(arm, which)} in {study.arms[arm].label}" for arm in arms], "and")
