"""Time counted in sessions: the chance of reaching something at each, given that it was not reached before.

Complementary log-log of that chance, so that coefficients are log hazard ratios of the continuous time the sessions
cut into pieces (Prentice and Gloeckler 1978, Biometrics 34:57). Errors are clustered (CR2), with their own df.
"""

from dataclasses import dataclass, field

import numpy as np

from mmresearch.models.inference import Ratio
from mmresearch.models.score_clusters import cluster_sums, score_cr2, shared_variance

STEPS, CLOSE, FURTHEST = 60, 1e-14, 4.0  # Fisher scoring; a step in the predictor longer than FURTHEST is cut
RUNAWAY = 30.0  # a log hazard beyond it is no estimate


@dataclass(frozen=True)
class Hazards:
    """A fitted model of hazards: coefficients (p,); design (n, p) and residuals (n,) in which it is least squares.

    shift (p,): the coefficients that move every log hazard by one
    """

    coefficients: np.ndarray = field(repr=False)
    design: np.ndarray = field(repr=False)
    residuals: np.ndarray = field(repr=False)
    shift: np.ndarray = field(repr=False)
    converged: bool = True

    @property
    def covariance(self):
        """(p, p): the inverse of the expected information."""
        return np.linalg.inv(self.design.T @ self.design)

    def ratio(self, place, labels):
        """Return the Ratio exp(coefficient) with its CR2 error by `labels` (n,), or None where that has no value."""
        weights = (np.arange(len(self.coefficients)) == place).astype(float)
        scores, moved = self.design * self.residuals[:, None], self.design @ self.shift
        sums = cluster_sums(scores, lambda at: self.design[at].T @ self.design[at], labels)
        alike = shared_variance(moved * self.residuals, moved**2, labels)
        variance, df = score_cr2(*sums, weights, self.shift, alike)
        if not (variance > 0 and df >= 1):
            return None
        return Ratio(float(np.exp(self.coefficients[place])), float(np.sqrt(variance)), df)


def fit_hazards(reached, columns):
    """Return the Hazards of `reached` (n,) 0 or 1, a row a patient and session at risk, on columns (n, p)."""
    start = np.log(-np.log(1 - np.clip(reached.mean(), 1e-4, 1 - 1e-4)))
    coefficients = np.linalg.lstsq(columns, np.full(len(reached), start), rcond=None)[0]
    gain = np.inf
    for _ in range(STEPS):
        design, residuals = _scaled(reached, columns, coefficients)
        step = np.linalg.lstsq(design, residuals, rcond=1e-10)[0]
        gain = float(np.sum((design @ step) ** 2))
        longest = np.max(np.abs(columns @ step))
        coefficients = coefficients + step * min(1.0, FURTHEST / longest if longest > 0 else 1.0)
        if gain < CLOSE:
            break
    fine = gain < CLOSE and np.max(np.abs(columns @ coefficients)) < RUNAWAY
    shift = np.linalg.lstsq(columns, np.ones(len(columns)), rcond=None)[0]
    return Hazards(coefficients, *_scaled(reached, columns, coefficients), shift, converged=bool(fine))


def _scaled(reached, columns, coefficients):
    """The working design and Pearson residuals."""
    predictor = np.clip(columns @ coefficients, -RUNAWAY, 3.4)
    rate = np.exp(predictor)
    chance = -np.expm1(-rate)
    spread = np.sqrt(np.maximum(chance * (1 - chance), 1e-300))
    slope = rate * np.exp(-rate)
    return columns * (slope / spread)[:, None], (reached - chance) / spread


def pool_steps(steps, reached, fewest=5):
    """Return the group (n,) of each row: sessions in order, joined until each group has at least `fewest` reached.

    A session at which nobody, or everybody, reached it would have a hazard without an estimate.
    """
    order = np.unique(steps)
    counts = np.array([reached[steps == step].sum() for step in order])
    groups, current, seen = np.zeros(len(order), dtype=int), 0, 0
    for place, count in enumerate(counts):
        if seen >= fewest and counts[place:].sum() >= fewest:
            current, seen = current + 1, 0
        groups[place], seen = current, seen + count
    return groups[np.searchsorted(order, steps)]
