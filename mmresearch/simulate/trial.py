"""One study of a design: patients allocated by permuted blocks within sites and followed in the arm they drew."""

from dataclasses import dataclass

import numpy as np

from mmresearch.simulate.chance import stream
from mmresearch.simulate.cohort import Cohort, draw_cohort
from mmresearch.simulate.ratings import attended, first_of, latent, measured, seen
from mmresearch.simulate.settings import Settings


@dataclass(frozen=True, eq=False)
class Trial:
    """A followed cohort. Prints as counts.

    arm      (n,) arm names; in a crossover study those of the first period
    orders   (n, periods) arm names
    values   (n, T, K) what every visit would have measured
    there    (n, T) True at visits attended
    seen     (n, T, K) True where a value is in the files
    """

    settings: Settings
    seed: int
    cohort: Cohort
    arm: np.ndarray
    orders: np.ndarray
    values: np.ndarray
    there: np.ndarray
    seen: np.ndarray

    def __repr__(self):
        arms = len(self.settings.arms)
        return f"Trial({self.settings.name}, seed {self.seed}: {len(self.cohort)} patients in {arms} arms)"

    @property
    def treated(self):
        """(n,) True in an arm with sessions by a therapist (of the first period)."""
        return self._treated(self.arm)

    @property
    def by_hand(self):
        """(n,) True for patients whom a therapist treats in some period."""
        return self._treated(self.orders).any(axis=1)

    def _treated(self, arms):
        return np.isin(arms, [name for name, arm in self.settings.arms.items() if arm.treated])

    def latent(self, place):
        """Return (n, T): one instrument's values in the arms they were in, without bounds and steps."""
        return _in_their_arms(self.settings, self.orders,
                              lambda name: latent(self.settings, self.cohort, name, place))

    def stream(self, name):
        """Return the random numbers of one part of this study."""
        return stream(self.seed, name)


def run_trial(settings, seed):
    """Return the Trial of a design and a seed."""
    cohort = draw_cohort(settings, settings.patients, stream(seed, "cohort"))
    orders = _allocate(settings, cohort.site, stream(seed, "allocation"))
    values = _in_their_arms(settings, orders, lambda name: measured(settings, cohort, name))
    there = attended(settings, cohort, orders[:, 0], first_of(values))
    return Trial(settings, seed, cohort, orders[:, 0], orders, values, there, seen(settings, cohort, there))


def _in_their_arms(settings, orders, under):
    """Return values (n, T, ...) of each patient at each visit in the arm of that time; under: arm -> all of them."""
    found = None
    for name in settings.arms:
        values = under(name)
        found = np.empty_like(values) if found is None else found
        for visit, time in enumerate(settings.visits):
            here = orders[:, (time.period or 1) - 1] == name
            found[here, visit] = values[here, visit]
    return found


def _allocate(settings, site, random):
    """Return (n, periods) arm names: permuted blocks within sites, in the order patients came."""
    orders = np.array(settings.orders)
    block = np.repeat(np.arange(len(orders)), settings.block // len(orders))
    drawn = np.empty(len(site), dtype=int)
    for number in range(settings.sites):
        here = np.flatnonzero(site == number)
        blocks = [random.permutation(block) for _ in range(-(-len(here) // settings.block))]
        drawn[here] = np.concatenate(blocks or [[]])[:len(here)]
    return orders[drawn]
