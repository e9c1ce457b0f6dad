"""The time until something happens, with people lost to follow-up and things that forestall it: one arm's curve.

Kaplan and Meier 1958, J Am Stat Assoc 53:457; with competing events Aalen and Johansen 1978, Scand J Stat 5:141. What
one patient adds to a number of the curve is its infinitesimal jackknife (its sum of squares is Greenwood's variance);
regressing it on arms and covariates is Andersen, Hansen and Klein 2004, Lifetime Data Anal 10:335, in the form of
Parner, Andersen and Overgaard 2023, Lifetime Data Anal 29:654.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy import stats

CENSORED, EVENT, COMPETING = 0, 1, 2
CODES = {"censored": CENSORED, "event": EVENT, "competing": COMPETING}


@dataclass(frozen=True, eq=False)
class Curve:
    """The share of an arm to whom it has happened: `share` (K,) from each of the days `at` (K,) on.

    influence (n, K): what each patient adds to the share; they sum to 0 over patients.
    """

    at: np.ndarray = field(repr=False)
    share: np.ndarray = field(repr=False)
    influence: np.ndarray = field(repr=False)

    def by(self, day):
        """Return (share, its standard error) of those to whom it happened by a day."""
        known = np.searchsorted(self.at, day, side="right") - 1
        if known < 0:
            return 0.0, 0.0
        return float(self.share[known]), float(np.sqrt(np.sum(self.influence[:, known] ** 2)))

    def mean(self, horizon):
        """Return (mean days without it, counted up to `horizon`; what each patient adds (n,)).

        Whom something else forestalled never reaches it: such a patient counts the whole horizon. Without competing
        events this is the restricted mean survival time (Royston and Parmar 2011, Stat Med 30:2409).
        """
        within = self.at <= horizon
        steps = np.diff(self.share[within], prepend=0.0)
        moves = np.diff(self.influence[:, within], axis=1, prepend=0.0)
        left = horizon - self.at[within]
        return float(horizon - left @ steps), -(moves @ left)

    def median(self, level):
        """Return (median, low, high) in days, None where the curve does not get there: intervals on the log-log scale.

        Brookmeyer and Crowley 1982, Biometrics 38:29.
        """
        z = stats.norm.ppf(0.5 + level / 2)
        free = np.clip(1 - self.share, 1e-12, 1 - 1e-12)
        error = np.sqrt(np.sum(self.influence**2, axis=0)) / (free * np.abs(np.log(free)))
        centre = np.log(-np.log(free))
        done = self.share > 1 - 1e-12  # where nobody is left, there is no interval
        ends = (1 - self.share, np.exp(-np.exp(centre + z * error)), np.exp(-np.exp(centre - z * error)))
        return tuple(self._half(np.where(done, 0.0 if n < 2 else np.nan, each)) for n, each in enumerate(ends))

    def _half(self, free):
        """The first day on which `free` is a half or less; the middle of the step where it is a half exactly."""
        below = np.flatnonzero(free <= 0.5 + 1e-12)
        if not len(below):
            return None
        first = below[0]
        flat = abs(free[first] - 0.5) < 1e-12 and first + 1 < len(self.at)
        return float((self.at[first] + self.at[first + 1]) / 2 if flat else self.at[first])


def curve(times, endings):
    """Return the Curve of one arm. times (n,) days, at least 0; endings (n,): CENSORED, EVENT or COMPETING."""
    times, endings = np.asarray(times, float), np.asarray(endings)
    at = np.unique(times[endings != CENSORED])
    at_risk = (times[:, None] >= at).astype(float)
    happened = (times[:, None] == at) & (endings[:, None] != CENSORED)
    event = happened & (endings[:, None] == EVENT)
    risk = at_risk.sum(axis=0)
    hazard, any_hazard = event.sum(axis=0) / risk, happened.sum(axis=0) / risk
    free = np.concatenate([[1.0], np.cumprod(1 - any_hazard)])[:-1]  # just before each day
    moved = (happened - at_risk * any_hazard) / risk / np.where(any_hazard < 1, 1 - any_hazard, 1.0)
    before = np.cumsum(moved, axis=1) - moved
    influence = free * ((event - at_risk * hazard) / risk - before * hazard)
    return Curve(at, np.cumsum(free * hazard), np.cumsum(influence, axis=1))


def reach(times, endings):
    """Return until when an arm's curve is known: its longest time; without end where that one ended in an event."""
    times, endings = np.asarray(times, float), np.asarray(endings)
    longest = times.max()
    return np.inf if (endings[times == longest] != CENSORED).all() else float(longest)
