"""A large population of a design, followed in every arm, for truths that no mean difference holds."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from mmresearch.simulate.chance import stream
from mmresearch.simulate.cohort import Cohort, draw_cohort
from mmresearch.simulate.medicines import draw_habits, morphine
from mmresearch.simulate.ratings import asked, measured
from mmresearch.simulate.settings import Settings


@dataclass(frozen=True, eq=False)
class Crowd:
    """n patients, each with a site and a therapist of their own. Prints as counts.

    people   what populations are defined by, a row a patient
    values   arm -> (n, T, K) had everybody been in it and stayed
    asked    (n, K) True where the instrument is meant for the patient
    doses    arm -> (n, T) morphine equivalents a day, where medicines are written down
    seed     of whatever is drawn further
    """

    settings: Settings
    cohort: Cohort
    seed: int
    people: pd.DataFrame = field(repr=False)
    values: dict = field(repr=False)
    asked: np.ndarray = field(repr=False)
    doses: dict = field(repr=False)

    def __repr__(self):
        return f"Crowd({self.settings.name}: {len(self.cohort)} patients in {len(self.values)} arms)"

    def stream(self, name):
        """Return the random numbers of one part of this population."""
        return stream(self.seed, f"crowd {name}")

    def at(self, arm, visit, place):
        """Return (n,) the values of the instrument at `place` at the visit at place `visit`, had all been in `arm`."""
        return self.values[arm][:, visit, place]


def draw_crowd(settings, patients, seed, describe):
    """Return a Crowd. describe: (settings, cohort, baseline) -> the frame that populations are defined by."""
    cohort = draw_cohort(settings, patients, stream(seed, "crowd"), independent=True)
    values = {arm: measured(settings, cohort, arm) for arm in settings.arms}
    people = describe(settings, cohort, next(iter(values.values()))[:, 0, :])
    doses = {}
    if settings.medicines:
        habits = draw_habits(stream(seed, "crowd medicines"), patients, len(settings.visits))
        doses = {arm: morphine(settings, arm, habits) for arm in settings.arms}
        people["opioids"] = np.where(next(iter(doses.values()))[:, 0] > 0, "yes", "no")
    return Crowd(settings, cohort, seed, people, values, asked(settings, cohort), doses)
