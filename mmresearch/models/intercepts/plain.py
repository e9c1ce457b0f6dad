"""Ordinary least squares in the shape of a Fit: where no factor has a level with two rows, none can be estimated."""

from dataclasses import dataclass, field

import numpy as np

from mmresearch.models.inference import Contrast
from mmresearch.models.intercepts.fits import fit_intercepts
from mmresearch.models.intercepts.solver import Convergence


@dataclass(frozen=True, eq=False)
class Plain:
    """Least squares of independent rows: coefficients (p,), residual variance on n - p degrees of freedom."""

    coefficients: np.ndarray = field(repr=False)
    inverse: np.ndarray = field(repr=False)  # of X'X
    residual: float
    df: int
    variances: np.ndarray = field(default_factory=lambda: np.zeros(0), repr=False)
    convergence: Convergence = Convergence(True, 0, 0.0)

    def contrast(self, row):
        """Return the Contrast of one combination (p,) of coefficients."""
        row = np.asarray(row, float)
        error = np.sqrt(self.residual * row @ self.inverse @ row)
        return Contrast(float(row @ self.coefficients), float(error), float(self.df))


def fit_rows(y, X, *codes):
    """Return the Fit with a random intercept for each factor that can be estimated, or the Plain where none can.

    A factor of which no level has two rows cannot be told from the residual, and is left out.
    """
    y, X = np.asarray(y, float), np.asarray(X, float)
    repeated = [code for code in codes if (np.bincount(code[code >= 0]) > 1).any()]
    if repeated:
        return fit_intercepts(y, X, *repeated)
    root = np.linalg.qr(X, mode="r")
    inverse = np.linalg.inv(root.T @ root)
    coefficients = np.linalg.lstsq(X, y, rcond=None)[0]
    df = len(y) - X.shape[1]
    return Plain(coefficients, inverse, float(np.sum((y - X @ coefficients) ** 2) / df), df)
