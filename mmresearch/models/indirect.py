"""Intervals and p of a product of coefficients, which is not symmetrical: by resampling patients, or from two t's."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy import optimize, stats

POINTS = 800  # of the first factor's distribution, equally likely


@dataclass(frozen=True, eq=False)
class Bootstrap:
    """Draws of an estimate, read at percentiles a little further out: as t is to z, and n to n - 1.

    Hesterberg 2015, Am Stat 69:371 (expanded percentile interval). BCa is more often wrong where there is no effect
    (Fritz, Taylor and MacKinnon 2012, Multivariate Behav Res 47:61), so it does not decide.
    """

    draws: np.ndarray = field(repr=False)
    n: int
    df: float

    @property
    def _expansion(self):
        return np.sqrt(self.n / (self.n - 1))

    @cached_property
    def spread(self):
        return float(np.std(self.draws, ddof=1))

    def interval(self, level):
        end = stats.norm.cdf(-self._expansion * stats.t.ppf(0.5 + level / 2, self.df))
        return quantiles(self.draws, (end, 1 - end))

    def p_value(self, null=0.0):
        """Return the two-sided p at which the interval just reaches `null`; at its smallest, half a draw is beyond."""
        beyond = min(_below(self.draws, null), _below(-self.draws, -null))
        z = -stats.norm.ppf((beyond + 0.5) / (len(self.draws) + 1))
        return float(min(1.0, 2 * stats.t.sf(z / self._expansion, self.df)))


def _below(draws, value):
    return np.sum(draws < value) + 0.5 * np.sum(draws == value)


@dataclass(frozen=True, eq=False)
class Product:
    """The product of two independent estimates, each a Contrast with its degrees of freedom.

    MacKinnon, Lockwood and Williams 2004, Multivariate Behav Res 39:99, with t for the normal distribution.
    """

    first: object
    second: object

    @property
    def point(self):
        return self.first.point * self.second.point

    @property
    def spread(self):
        one, other = self.first, self.second
        parts = one.point * other.standard_error, other.point * one.standard_error
        return float(np.linalg.norm((*parts, one.standard_error * other.standard_error)))

    def interval(self, level):
        return self._end((1 - level) / 2), self._end((1 + level) / 2)

    def p_value(self, null=0.0):
        """Return the two-sided p at which the interval just reaches `null`."""
        below = self.below(null)
        return float(min(1.0, 2 * min(below, 1 - below)))

    def below(self, value):
        """Return the share of the distribution below a value."""
        if value == 0:  # one factor below 0 and the other above
            factors = (self.first, self.second)
            negative, other = (stats.t.cdf(-each.point / each.standard_error, each.df) for each in factors)
            return float(negative * (1 - other) + other * (1 - negative))
        one = self._first
        bounds = (value / one - self.second.point) / self.second.standard_error
        shares = stats.t.cdf(bounds, self.second.df)
        return float(np.mean(np.where(one > 0, shares, 1 - shares)))

    @cached_property
    def _first(self):
        """The first factor's distribution, as equally likely points."""
        ranks = (np.arange(POINTS) + 0.5) / POINTS
        return self.first.point + self.first.standard_error * stats.t.ppf(ranks, self.first.df)

    def _end(self, share):
        step = 4 * self.spread
        low, high = self.point - step, self.point + step
        while self.below(low) > share:
            low -= step
        while self.below(high) < share:
            high += step
        return float(optimize.brentq(lambda value: self.below(value) - share, low, high, xtol=1e-9 * step))


def bca(point, draws, without, level):
    """Return Efron's bias-corrected and accelerated interval (1987, J Am Stat Assoc 82:171).

    without (n,): the estimate without each patient in turn.
    """
    bias = stats.norm.ppf(np.clip(np.mean(draws < point), 1 / len(draws), 1 - 1 / len(draws)))
    away = np.mean(without) - without
    spread = np.sum(away**2) ** 1.5
    acceleration = np.sum(away**3) / (6 * spread) if spread > 0 else 0.0
    shifted = bias + stats.norm.ppf([(1 - level) / 2, (1 + level) / 2])
    return quantiles(draws, stats.norm.cdf(bias + shifted / (1 - acceleration * shifted)))


def quantiles(draws, shares):
    """Return the (B + 1) share-th of the ordered draws, between two of them on the normal scale.

    Davison and Hinkley 1997, Bootstrap methods and their application, section 5.2.1.
    """
    ordered, count = np.sort(draws), len(draws)
    found = []
    for share in shares:
        place = (count + 1) * share
        below = int(np.floor(place))
        if below < 1 or below >= count:
            found.append(float(ordered[0 if below < 1 else -1]))
            continue
        z, low, high = stats.norm.ppf([share, below / (count + 1), (below + 1) / (count + 1)])
        found.append(float(ordered[below - 1] + (z - low) / (high - low) * (ordered[below] - ordered[below - 1])))
    return tuple(found)
