"""Finds the variance ratios at which the restricted likelihood is highest: Newton's steps, none below 0."""

from dataclasses import dataclass

import numpy as np

from mmresearch.models.intercepts.likelihood import Point

MOST, HALVINGS = 60, 30
DONE = 1e-10  # a Newton decrement, in deviance
AT_BOUND = 1e-8  # a ratio below this, with the deviance rising, is 0


@dataclass(frozen=True)
class Convergence:
    """converged: no step lowers the deviance further; iterations; decrement: what one more step would gain."""

    converged: bool
    iterations: int
    decrement: float


def solve(sums):
    """Return (Point, Convergence) at the restricted maximum. Raises Singular."""
    point = min((Point(sums, np.full(sums.factors, start)) for start in (0.02, 0.3, 2.0)), key=lambda p: p.deviance)
    for step in range(MOST):
        gradient, hessian = slopes(point)
        free = (point.ratios > AT_BOUND) | (gradient < 0)
        if not free.any():
            return _at_bounds(point, free), Convergence(True, step, 0.0)
        move = np.zeros(len(free))
        move[free] = _downhill(gradient[free], hessian[np.ix_(free, free)], point, free)
        decrement = float(-gradient @ move)
        if decrement < DONE:
            return _at_bounds(point, free), Convergence(True, step, decrement)
        lower = _search(sums, point, move)
        if lower is None:
            return point, Convergence(decrement < 1e-6, step, decrement)
        point = lower
    return point, Convergence(False, MOST, decrement)


def slopes(point):
    """Return gradient (K,) and Hessian (K, K) of the deviance in the ratios, the residual variance profiled out."""
    free, r = point.sums.n - point.sums.p, point.residual
    gradient = point.traces - free * point.lengths / r
    pull = 2 * point.bends / r - np.outer(point.lengths, point.lengths) / r**2
    return gradient, free * pull - point.squares


def _downhill(gradient, hessian, point, free):
    """Newton's step; where the Hessian bends the wrong way, the expected one: it never does."""
    try:
        np.linalg.cholesky(hessian)
    except np.linalg.LinAlgError:
        traces, squares = point.traces[free], point.squares[np.ix_(free, free)]
        hessian = squares - np.outer(traces, traces) / (point.sums.n - point.sums.p)
        hessian = hessian + 1e-9 * np.trace(hessian) * np.eye(len(hessian))
    return -np.linalg.solve(hessian, gradient)


def _search(sums, point, move):
    """Return the first Point on the (projected) way down whose deviance is lower, or None."""
    for halving in range(HALVINGS):
        ratios = np.maximum(point.ratios + move * 0.5**halving, 0.0)
        tried = Point(sums, ratios)
        if tried.deviance < point.deviance:
            return tried
    return None


def _at_bounds(point, free):
    """The same Point with ratios that lie at their bound exactly 0."""
    return Point(point.sums, np.where(free, point.ratios, 0.0)) if (point.ratios[~free] > 0).any() else point
