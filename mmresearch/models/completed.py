"""The analysis of covariance of many completed data sets at once, and of what is assumed of those who left."""

from dataclasses import dataclass, field

import numpy as np

from mmresearch.models.clusters import cr2, influence
from mmresearch.models.imputation import pool
from mmresearch.models.inference import Contrast

HALVINGS = 50


class Comparison:
    """One column's coefficient by least squares, for any outcomes of the same patients: plain or clustered (CR2).

    columns (n, p) full rank; judged: the column whose coefficient it is; labels (n,) of clusters, or None.
    """

    def __init__(self, columns, judged, labels=None):
        bread = np.linalg.inv(columns.T @ columns)
        self.columns, self.hat, self.labels = columns, bread @ columns.T, labels
        self.weights = np.eye(len(bread))[judged]
        self.row, self.free = self.hat[judged], len(columns) - len(bread)
        plain = np.sqrt(bread[judged, judged] / self.free)
        self.parts = np.full(len(columns), plain) if labels is None else influence(columns, labels, self.weights)
        self.places = None if labels is None else np.unique(labels, return_inverse=True)[1]

    def points(self, outcomes):
        """Return the coefficient for each of outcomes (..., n)."""
        return outcomes @ self.row

    def scores(self, outcomes):
        """Return (..., m) whose sum of squares is the variance of the coefficient; linear in outcomes (..., n)."""
        scores = (outcomes - outcomes @ self.hat.T @ self.columns.T) * self.parts
        return scores if self.places is None else scores @ np.eye(self.places.max() + 1)[self.places]

    def df(self, outcome):
        """Return the degrees of freedom of one completed outcome (n,)."""
        if self.labels is None:
            return float(self.free)
        return cr2(self.columns, outcome - self.columns @ (self.hat @ outcome), self.labels, self.weights)[1]


@dataclass(frozen=True)
class Line:
    """The pooled estimate as a straight line in delta, what those who left are assumed to be worse by."""

    points: np.ndarray = field(repr=False)  # (draws,) at delta 0
    scores: np.ndarray = field(repr=False)  # (draws, m)
    slope: float
    turn: np.ndarray = field(repr=False)  # (m,) what a unit of delta adds to the scores
    df: float

    def at(self, delta):
        """Return the pooled Contrast under delta, in the outcome's unit."""
        variances = np.square(self.scores + delta * self.turn).sum(axis=-1)
        return Contrast(*(float(each) for each in pool(self.points + delta * self.slope, variances, self.df)))


def draw_line(comparison, outcomes, shift):
    """Return the Line of completed outcomes (draws, n) along `shift` (n,): what a delta of 1 adds to each patient."""
    return Line(comparison.points(outcomes), comparison.scores(outcomes), float(comparison.points(shift)),
                comparison.scores(shift), comparison.df(outcomes.mean(axis=0)))


def tip(line, null, level):
    """Return the delta nearest 0 at which the interval first holds `null`; None where it does already or never.

    The interval holds the null for certain where the point itself reaches it, so halving between there and 0 finds it.
    """
    def holds(delta):
        low, high = line.at(delta).interval(level)
        return low <= null <= high

    if holds(0.0) or abs(line.slope) < 1e-12:
        return None
    near, far = 0.0, (null - line.at(0.0).point) / line.slope
    for _ in range(HALVINGS):
        middle = (near + far) / 2
        near, far = (near, middle) if holds(middle) else (middle, far)
    return far
