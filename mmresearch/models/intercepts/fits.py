"""From rows to a Fit: variances, coefficients, and contrasts with Kenward and Roger's standard error and df.

Kenward and Roger 1997, Biometrics 53:983, with the expected information (as R pbkrtest). V is linear in its parameters
t = (s, s g_1, .., s g_K), so no second derivatives stand in it:

    F_A = F + 2 F {sum_ij W_ij X' V^-1 G_i P G_j V^-1 X} F        df = 2 (l'Fl)^2 / (d' W d), d_i = dl'Fl/dt_i

W the inverse information of t, G_0 = I, G_k = Z_k Z_k'. As V = s I + sum_k t_k G_k and P X = 0, the terms with G_0
follow from the others: G_0 = (V - sum_k t_k G_k) / s.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from mmresearch.models.inference import Contrast
from mmresearch.models.intercepts.likelihood import Point, Sums, gather_sums
from mmresearch.models.intercepts.solver import Convergence, solve


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted model. coefficients (p,) in the order of X; variances of the factors' intercepts (K,) and residual."""

    sums: Sums = field(repr=False)
    point: Point = field(repr=False)
    convergence: Convergence
    lengths: np.ndarray = field(repr=False)  # of the columns of X, which the solver has at length one
    centre: float  # taken off y, and put back on the coefficient of the constant column, if X has one
    constant: int | None = None

    @property
    def residual(self):
        return self.point.variance

    @property
    def variances(self):
        return self.point.ratios * self.point.variance

    @property
    def deviance(self):
        """-2 restricted log-likelihood, as lme4 counts it."""
        return self.point.deviance + 2 * float(np.log(self.lengths).sum())

    @cached_property
    def coefficients(self):
        q, half = len(self.sums.factor), self.point.halves @ self.point.C[:-1, -1]
        found = (self.point.halves.T @ half)[q:] / self.lengths
        if self.constant is not None:
            found[self.constant] += self.centre
        return found

    def contrast(self, row):
        """Return the Contrast of one combination (p,) of coefficients."""
        row = np.asarray(row, float)
        scaled = row / self.lengths
        error = np.sqrt(self.residual * scaled @ self._adjusted @ scaled)
        return Contrast(float(row @ self.coefficients), float(error), float(self._degrees(scaled)))

    def covariance(self):
        """Return (p, p): Kenward and Roger's covariance of the coefficients."""
        return self.residual * self._adjusted / np.outer(self.lengths, self.lengths)

    @cached_property
    def _phi(self):
        """(X' V0^-1 X)^-1, in the units of s."""
        q = len(self.sums.factor)
        part = self.point.halves[:, q:]
        return part.T @ part

    @cached_property
    def _pulled(self):
        """E_k = Z_k' V0^-1 X of every factor, and with it X' V0^-1 G_k V0^-1 X: (K, p, p)."""
        point, q = self.point, len(self.sums.factor)
        inner = point.halves[:q, :q]
        known = inner @ point.C[:q, q:-1]
        first = point.H[:, q:-1] - point.H[:, :q] @ (inner.T @ known)
        others = point.C[:q, q:-1] - point.C[:q, :q] @ (inner.T @ known)
        parts = [first, *(others[self.sums.factor == k] for k in range(1, self.sums.factors))]
        return first, others, np.array([part.T @ part for part in parts])

    @cached_property
    def _middle(self):
        """M_kl = X' V0^-1 G_k P G_l V0^-1 X = E_k' R_kl E_l: (K, K, p, p)."""
        first, others, _ = self._pulled
        K, p, factor = self.sums.factors, self.sums.p, self.sums.factor
        out = np.zeros((K, K, p, p))
        reach = self.point.reach[0]
        turned = first.T @ reach
        out[0, 0] = (first * self.point.d[:, None]).T @ first - turned @ turned.T
        for k in range(1, K):
            at = factor == k
            out[0, k] = first.T @ self.point._across[:, at] @ others[at]
            out[k, 0] = out[0, k].T
            for j in range(1, K):
                out[k, j] = others[at].T @ self.point._among[np.ix_(at, factor == j)] @ others[factor == j]
        return out

    @cached_property
    def _uncertainty(self):
        """W (K + 1, K + 1): inverse expected information of (1, g_1, .., g_K) in the units of s; the residual first."""
        point, g = self.point, self.point.ratios
        whole = np.zeros((len(g) + 1,) * 2)
        whole[1:, 1:] = point.squares
        whole[0, 1:] = whole[1:, 0] = point.traces - g @ point.squares
        whole[0, 0] = self.sums.n - self.sums.p - g @ point.traces - g @ whole[0, 1:]
        return np.linalg.inv(whole / 2)

    @cached_property
    def _adjusted(self):
        g, W = self.point.ratios, self._uncertainty
        turn = np.vstack([-g, np.eye(len(g))])  # G_0 in terms of the others
        weights = turn.T @ W @ turn
        return self._phi + 2 * self._phi @ np.einsum("kl,klij->ij", weights, self._middle) @ self._phi

    def _degrees(self, row):
        half = row @ self._phi
        pulls = np.einsum("i,kij,j->k", half, self._pulled[2], half)
        variance = half @ row
        slopes = np.concatenate([[variance - self.point.ratios @ pulls], pulls])
        return 2 * variance**2 / (slopes @ self._uncertainty @ slopes)


def fit_intercepts(y, X, *codes):
    """Return the Fit of y (n,) on X (n, p), full rank, with a random intercept for each level of each of `codes`.

    codes: int arrays (n,), levels 0, 1, ..; -1 where a row has no level (an arm without therapists). The factor with
    the most levels goes first. Raises Singular where columns of X follow from others.
    """
    y, X = np.asarray(y, float), np.asarray(X, float)
    lengths, centre = np.linalg.norm(X, axis=0), float(y.mean())
    constant = next(iter(np.flatnonzero(np.all(X == 1, axis=0))), None)
    centre = centre if constant is not None else 0.0
    sums = gather_sums(y - centre, X / lengths, codes)
    point, report = solve(sums)
    return Fit(sums, point, report, lengths, centre, constant)
