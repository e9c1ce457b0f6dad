"""Average-information Newton steps with halving, and a report of how they ended."""

from dataclasses import dataclass

import numpy as np

from mmresearch.models.mmrm.likelihood import NotPositive, Point

NEAR = 0.5  # a Newton decrement below which the observed information takes over from the average one
DONE = 1e-6  # a Newton decrement (in deviance) below which one last step ends the search


@dataclass(frozen=True)
class Convergence:
    """How the search ended. decrement: the deviance still to be gained by a Newton step; condition: of the information,
    scaled to a unit diagonal; identified: the information is positive definite there."""

    converged: bool
    iterations: int
    decrement: float
    condition: float
    identified: bool

    @property
    def sound(self):
        return self.converged and self.identified


def solve(moments, covariance, start, reml=True, iterations=100):
    """Return (Point, Convergence) at the smallest deviance found from `start`. Raises NotPositive if none is
    possible."""
    with np.errstate(all="ignore"):  # a search that runs away ends in a report, not in warnings
        point = Point(moments, covariance, np.asarray(start, dtype=float), reml)
        decrement, used = np.inf, 0
        for used in range(1, iterations + 1):  # noqa: B007  counted, and reported after the loop
            step, decrement = _direction(point, observed=decrement < NEAR)
            moved = _halved(point, step)
            if moved is None:
                break
            last = decrement < DONE
            point = moved
            if last:
                break
        return point, _report(point, used)


def _direction(point, observed):
    """Return (step, decrement). Directions in which the information is not positive are turned round, not followed."""
    information = point.observed if observed else point.average
    if not (np.isfinite(information).all() and np.isfinite(point.gradient).all()):
        return np.zeros(len(point.theta)), np.inf
    size = np.sqrt(np.maximum(np.abs(np.diag(information)), 1e-300))
    values, vectors = np.linalg.eigh(information / np.outer(size, size))
    values = np.maximum(np.abs(values), 1e-10)
    along = vectors.T @ (point.gradient / size)
    return -(vectors @ (along / values)) / size, float(along @ (along / values))


def _halved(point, step):
    """Return the Point after the longest of the halved steps that does not raise the deviance, or None."""
    if not np.any(step):
        return None
    allowed = 1e-11 * (1 + abs(point.value))  # rounding: at the end a step may seem to rise by this much
    for halving in range(40):
        try:
            moved = Point(point.moments, point.covariance, point.theta + step * 0.5**halving, point.reml)
        except NotPositive:
            continue
        if np.isfinite(moved.value) and moved.value <= point.value + min(allowed, 1e-6):
            return moved
    return None


def _report(point, used):
    _, decrement = _direction(point, observed=True)
    information = point.observed
    diagonal = np.diag(information)
    if not (np.isfinite(information).all() and diagonal.min() > 1e-12 * diagonal.max()):
        return Convergence(bool(decrement < 1e-6), used, decrement, np.inf, False)
    size = np.sqrt(diagonal)
    values = np.linalg.eigvalsh(information / np.outer(size, size))
    identified = bool(values[0] > 1e-10)
    condition = float(values[-1] / values[0]) if values[0] > 0 else np.inf
    return Convergence(bool(decrement < 1e-6), used, decrement, condition, identified)
