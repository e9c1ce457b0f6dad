"""One variance between groups: how much groups differ beyond chance, exactly tested, with profile and exact intervals.

Model: y = X b + Z u + e, u ~ N(0, t) independent, e ~ N(0, s). In the space orthogonal to X this is a sum of
independent squares v_i with variance s + l_i t, l_i the eigenvalues of Z'MZ, so every likelihood costs a few sums.
Test of t = 0: the F test with Z as fixed columns, exact (Seely and El-Bassiouni 1983, Ann Stat 11:197). Interval of
t: profile restricted likelihood. Interval of t / s: exact (Harville and Fenech 1985, Biometrics 41:137).
"""

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy import optimize, stats

TINY = 1e-9  # an eigenvalue below this share of the largest is none


@dataclass(frozen=True, eq=False)
class Component:
    """What the data say of t: squares v_i^2 with eigenvalues l_i > 0 (r,), and what is left: sum of squares, df.

    whole: eigenvalues of Z'Z, for the likelihood that is not restricted; n: rows.
    """

    squares: np.ndarray = field(repr=False)
    eigenvalues: np.ndarray = field(repr=False)
    rest: float = 0.0
    rest_df: int = 0
    whole: np.ndarray = field(default=None, repr=False)
    n: int = 0
    restricted: bool = True

    @property
    def groups_df(self):
        return len(self.eigenvalues)

    @property
    def error(self):
        """The residual variance with Z as fixed columns."""
        return self.rest / self.rest_df

    def deviance(self, between, within):
        """-2 log likelihood (up to a constant) of t = between, s = within: restricted, or not."""
        spread = within + self.eigenvalues * between
        fit = float(np.sum(self.squares / spread)) + self.rest / within
        if self.restricted:
            return float(np.sum(np.log(spread))) + self.rest_df * math.log(within) + fit
        spare = self.n - len(self.whole)
        return float(np.sum(np.log(within + self.whole * between))) + spare * math.log(within) + fit

    def profiled(self, between):
        """Return the smallest deviance for this t, over s: Newton's steps in log s, none longer than 1."""
        within = self.error
        for _ in range(100):
            first, second = self._slopes(between, within)
            step = -first / second if second > 0 else -math.copysign(0.5, first)
            within *= math.exp(min(max(step, -1.0), 1.0))
            if abs(step) < 1e-9:
                break
        return self.deviance(between, within)

    def _slopes(self, between, within):
        """First and second derivative of the deviance by log s."""
        spread = within + self.eigenvalues * between
        share, fit = within / spread, self.squares / spread
        first = self.rest_df - self.rest / within - float(share @ fit)
        second = self.rest / within + float((share * fit) @ (2 * share - 1))
        logs = share if self.restricted else within / (within + self.whole * between)
        spare = 0 if self.restricted else self.n - len(self.whole) - self.rest_df
        return first + float(logs.sum()) + spare, second + float((logs * (1 - logs)).sum())

    @cached_property
    def maximum(self):
        """(t, deviance) of the maximum; t is 0 where groups differ no more than chance makes them."""
        return _maximum(self)

    def likelihood_interval(self, level):
        """Return (low, high) of t: where the profiled deviance is within the chi-squared quantile of its smallest."""
        best, least = self.maximum
        limit = least + stats.chi2.ppf(level, 1)

        def beyond(between):
            return self.profiled(between) - limit

        low = 0.0 if best == 0 or beyond(0.0) <= 0 else optimize.brentq(beyond, 0.0, best, xtol=1e-10)
        high = max(2 * best, self.error / np.mean(self.eigenvalues))
        while beyond(high) < 0:
            high *= 2
        return float(low), float(optimize.brentq(beyond, best, high, xtol=1e-10))

    def signed_root(self, between):
        """Return the signed square root of the deviance's rise at t: about standard normal there, large where t is too
        small."""
        best, least = self.maximum
        return math.copysign(math.sqrt(max(self.profiled(between) - least, 0.0)), best - between)

    def f_statistic(self, ratio=0.0):
        """The statistic that has an F distribution with (r, rest_df) where t / s is `ratio`."""
        return float(np.mean(self.squares / (1 + self.eigenvalues * ratio))) / self.error

    def f_test(self, ratio=0.0):
        """One-sided p that t / s is at most `ratio`."""
        return float(stats.f.sf(self.f_statistic(ratio), self.groups_df, self.rest_df))

    def ratio_interval(self, level):
        """Return (low, high) of t / s, exact, both ends at least 0."""
        tail = (1 - level) / 2
        ends = stats.f.ppf([1 - tail, tail], self.groups_df, self.rest_df)
        return tuple(self._ratio_at(end) for end in ends)

    def _ratio_at(self, wanted):
        if self.f_statistic(0.0) <= wanted:
            return 0.0
        high = 1.0
        while self.f_statistic(high) > wanted:
            high *= 4
        return float(optimize.brentq(lambda ratio: self.f_statistic(ratio) - wanted, 0.0, high))


def component(y, fixed, loads, restricted=True):
    """Return the Component of y (n,) on fixed (n, p) with random columns loads (n, q); None where it cannot be
    estimated.

    Not estimable: no direction of Z is left beside X, fewer than two degrees of freedom, or no residual variation.
    """
    basis = _basis(fixed)
    rest, free = y - basis @ (basis.T @ y), loads - basis @ (basis.T @ loads)
    values, vectors = np.linalg.eigh(free.T @ free)
    kept = values > TINY * max(float(np.sum(loads**2, axis=0).max()), 1e-300)
    values = values[kept]
    squares = (vectors[:, kept].T @ (free.T @ rest)) ** 2 / values
    df = len(y) - basis.shape[1] - len(values)
    left = float(rest @ rest - squares.sum())
    if not len(values) or df < 2 or left <= 1e-12 * float(rest @ rest) or not left > 0:
        return None
    whole = np.linalg.eigvalsh(loads.T @ loads)
    return Component(squares, values, left, df, whole[whole > TINY * whole.max()], len(y), restricted)


def _basis(matrix):
    """Orthonormal columns with the span of `matrix`, whatever its rank."""
    lengths = np.linalg.norm(matrix, axis=0)
    left, values, _ = np.linalg.svd(matrix / np.where(lengths > 0, lengths, 1), full_matrices=False)
    return left[:, values > 1e-9 * values.max()]


def _maximum(part):
    """Minimise the profiled deviance over t >= 0, on a grid first: it may have a minimum at 0 and another beyond."""
    top = 4 * max(float(np.max(part.squares / part.eigenvalues)), part.error / float(np.mean(part.eigenvalues)))
    grid = np.concatenate([[0.0], np.geomspace(top * 1e-5, top, 24)])
    values = [part.profiled(t) for t in grid]
    place = int(np.argmin(values))
    low, high = grid[max(place - 1, 0)], grid[min(place + 1, len(grid) - 1)]
    found = optimize.minimize_scalar(
        part.profiled, bounds=(low, high), method="bounded", options={"xatol": 1e-10 * top}
    )
    at_zero = values[0]
    return (0.0, at_zero) if at_zero <= found.fun + 1e-10 else (float(found.x), float(found.fun))
