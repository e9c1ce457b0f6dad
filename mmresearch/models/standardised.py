"""Standardised means of two arms, and their ratio and difference, with standard errors that do not trust the model.

Every patient's mean is predicted in either arm with their own covariates, and averaged: the marginal means. A model may
be a product of parts (any at all, times how much among those with any). The standard error is CR2 of the parts' scores,
clustered by therapist, or by patient where none is recorded, with Satterthwaite's degrees of freedom: t, never z.
Delta method over the coefficients, for the patients at hand (Qu and Luo 2015, Pharm Stat 14:56).
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from mmresearch.models.clusters import cr2, shared, therapist_labels
from mmresearch.models.inference import Contrast, Ratio

ARM = 1  # the column of the arm: 1 treated, 0 reference


@dataclass(frozen=True)
class Standardised:
    """Marginal means of arm and reference, and what their contrasts need. parts: MeanFits whose means multiply."""

    means: tuple
    parts: tuple = field(repr=False)
    gradients: tuple = field(repr=False)
    design: np.ndarray = field(repr=False)
    residuals: np.ndarray = field(repr=False)
    labels: np.ndarray = field(repr=False)
    clustered: bool = False

    @cached_property
    def ratio(self):
        """The Ratio of arm over reference, or None where a mean is 0 or the spread cannot be estimated."""
        one, other = self.means
        if not (one > 0 and other > 0):
            return None
        found = self._spread(self.gradients[0] / one - self.gradients[1] / other)
        return found and Ratio(float(one / other), *found)

    @cached_property
    def difference(self):
        """The Contrast of arm minus reference, or None where its spread cannot be estimated."""
        found = self._spread(self.gradients[0] - self.gradients[1])
        return found and Contrast(float(self.means[0] - self.means[1]), *found)

    def _spread(self, gradient):
        """Return (standard error, degrees of freedom) of a gradient over all coefficients, or None."""
        lengths = np.linalg.norm(self.design, axis=0)
        used = lengths > 1e-7 * lengths.max()  # a covariate whose patients all have none bears on nothing
        design, weights = self.design[:, used] / lengths[used], gradient[used] / lengths[used]
        variance, df = cr2(design, self.residuals, self.labels, weights)
        return (float(np.sqrt(variance)), float(df)) if variance > 0 and df >= 1 else None


def standardise(parts, columns, therapists):
    """Return the Standardised means of a model. columns (n, k): of all averaged over; therapists: a Series (n,)."""
    ends = [_end(parts, columns, arm) for arm in (1.0, 0.0)]
    clustered = shared(therapists)
    labels = therapist_labels(therapists)
    scaled = [part.scaled for part in parts]
    return Standardised(
        means=tuple(mean for mean, _ in ends),
        parts=tuple(parts),
        gradients=tuple(gradient for _, gradient in ends),
        design=_blocks([one for one, _ in scaled]),
        residuals=np.concatenate([residuals for _, residuals in scaled]),
        labels=np.concatenate([labels[part.rows] for part in parts]),
        clustered=clustered,
    )


def _end(parts, columns, arm):
    """Return (mean, its gradient over the stacked coefficients) with everyone in one arm."""
    columns = columns.copy()
    columns[:, ARM] = arm
    means, slopes = zip(*(part.at(columns) for part in parts), strict=True)
    gradient = [columns.T @ (slope * _others(means, each)) / len(columns) for each, slope in enumerate(slopes)]
    return float(np.prod(means, axis=0).mean()), np.concatenate(gradient)


def _others(means, place):
    return np.prod([mean for each, mean in enumerate(means) if each != place], axis=0)


def _blocks(matrices):
    """Return the matrices down the diagonal of one."""
    made = np.zeros(np.sum([matrix.shape for matrix in matrices], axis=0))
    row, column = 0, 0
    for matrix in matrices:
        made[row : row + matrix.shape[0], column : column + matrix.shape[1]] = matrix
        row, column = row + matrix.shape[0], column + matrix.shape[1]
    return made
