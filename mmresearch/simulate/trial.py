"""One study of a design: patients allocated by permuted blocks within sites and followed in the arm they drew."""

from dataclasses import dataclass

import numpy as np

from mmresearch.simulate.chance import stream
from mmresearch.simulate.cohort import Cohort, draw_cohort
from mmresearch.simulate.ratings import attended, measured, seen
from mmresearch.simulate.settings import Settings


@dataclass(frozen=True, eq=False)
class Trial:
    """A followed cohort. Prints as counts.

    arm      (n,) arm names
    values   (n, T, K) what every visit would have measured
    there    (n, T) True at visits attended
    seen     (n, T, K) True where a value is in the files
    """

    settings: Settings
    seed: int
    cohort: Cohort
    arm: np.ndarray
    values: np.ndarray
    there: np.ndarray
    seen: np.ndarray

    def __repr__(self):
        arms = len(self.settings.arms)
        return f"Trial({self.settings.name}, seed {self.seed}: {len(self.cohort)} patients in {arms} arms)"

    @property
    def treated(self):
        return np.isin(self.arm, [name for name, arm in self.settings.arms.items() if arm.treated])

    def stream(self, name):
        """Return the random numbers of one part of this study."""
        return stream(self.seed, name)


def run_trial(settings, seed):
    """Return the Trial of a design and a seed."""
    cohort = draw_cohort(settings, settings.patients, stream(seed, "cohort"))
    arm = _allocate(settings, cohort.site, stream(seed, "allocation"))
    values = np.empty_like(cohort.noise)
    for name in settings.arms:
        values[arm == name] = measured(settings, cohort.take(arm == name), name)
    there = attended(settings, cohort, arm, values[:, :, 0])
    return Trial(settings, seed, cohort, arm, values, there, seen(settings, cohort, there))


def _allocate(settings, site, random):
    """Permuted blocks within sites, in the order patients came."""
    names = np.array(list(settings.arms))
    block = np.repeat(np.arange(len(names)), settings.block // len(names))
    arm = np.empty(len(site), dtype=int)
    for number in range(settings.sites):
        here = np.flatnonzero(site == number)
        blocks = [random.permutation(block) for _ in range(-(-len(here) // settings.block))]
        arm[here] = np.concatenate(blocks or [[]])[:len(here)]
    return names[arm]
