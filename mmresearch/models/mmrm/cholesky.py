"""Unstructured in R mmrm's own parametrisation, in which its non-linear Kenward-Roger correction is taken."""

from dataclasses import dataclass

import numpy as np

from mmresearch.models.mmrm.structures import Structure


@dataclass(frozen=True, eq=False)
class Cholesky:
    """Unstructured as R mmrm writes it: Sigma = D U U' D, D = diag(exp(theta[:T])), U unit lower triangular by row."""

    T: int
    code = "us-cholesky"
    linear = False

    @property
    def size(self):
        return self.T * (self.T + 1) // 2

    def _factor(self, theta):
        U = np.eye(self.T, dtype=theta.dtype)
        U[np.tril_indices(self.T, -1)] = theta[self.T :]
        return U

    def sigma(self, theta):
        half = np.exp(theta[: self.T])[:, None] * self._factor(theta)
        return half @ half.T

    def slopes(self, theta):
        U, scale = self._factor(theta), np.exp(theta[: self.T])
        sigma = self.sigma(theta)
        out = np.zeros((self.size, self.T, self.T), dtype=sigma.dtype)
        for a in range(self.T):
            out[a, a, :] += sigma[a, :]
            out[a, :, a] += sigma[:, a]
        for at, (a, b) in enumerate(zip(*np.tril_indices(self.T, -1), strict=True)):
            row = scale[a] * U[:, b] * scale  # dU = e_a e_b': D (e_a U_.b' + U_.b e_a') D
            out[self.T + at, a, :] += row
            out[self.T + at, :, a] += row
        return out

    bends = Structure.bends
