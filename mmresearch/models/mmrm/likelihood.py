"""REML and ML from the sums: -2 log-likelihood, its gradient, and average, expected and observed information.

With W the inverse of a pattern's block of Sigma (0 where unseen), c = (-b, 1), F = inverse of X'V^-1 X, R and C the
traces of the pattern's sums with cc' and with F: the gradient with respect to Sigma is sum of n W - W (R + C) W
(without C for ML). Sources: Lindstrom and Bates 1988; Gilmour, Thompson and Cullis 1995 (average information);
Kenward and Roger 1997.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np


class NotPositive(ArithmeticError):
    """The covariance proposed is not positive definite on some pattern of visits."""


def inverses(sigma, seen):
    """Return (W (G, T, T), log determinants (G,)) of sigma (G, T, T) on the visits seen; 0 outside them."""
    both = seen[:, :, None] & seen[:, None, :]
    filled = np.where(both, sigma, np.eye(sigma.shape[1]))
    try:
        root = np.linalg.cholesky(filled)
    except np.linalg.LinAlgError:
        raise NotPositive() from None
    diagonal = np.diagonal(root, axis1=1, axis2=2)
    if not np.all(np.isfinite(diagonal)) or diagonal.min() < 1e-7 * np.sqrt(np.abs(filled).max()):
        raise NotPositive()
    half = np.linalg.inv(root)
    return np.where(both, half.transpose(0, 2, 1) @ half, 0.0), 2 * np.log(diagonal).sum(axis=1)


def solve_normal(A):
    """Return (root, phi, beta, c) of A = (X, y)'V^-1(X, y): X'V^-1X's Cholesky root and inverse, beta, (-beta, 1).

    Raises NotPositive where X'V^-1X is not positive definite.
    """
    try:
        root = np.linalg.cholesky(A[:-1, :-1])
    except np.linalg.LinAlgError:
        raise NotPositive() from None
    half = np.linalg.inv(root)
    phi = half.T @ half
    beta = phi @ A[:-1, -1]
    return root, phi, beta, np.append(-beta, 1.0)


@dataclass(eq=False)
class Point:
    """Everything at one value of theta, in the solver's units; computed when asked for, once."""

    moments: object
    covariance: object  # a Covariance: sigma(theta), slopes(theta), bends(theta)
    theta: np.ndarray
    reml: bool = True

    def __post_init__(self):
        moments = self.moments
        self.W, logs = inverses(self.covariance.sigma(self.theta)[moments.groups], moments.seen)
        self.A = moments.combine(self.W[None])[0]
        root, self.phi, self.beta, self.c = solve_normal(self.A)
        self.residual = float(self.c @ self.A @ self.c)
        self.log_x = 2 * np.log(np.diag(root)).sum()
        self.value = float(moments.counts @ logs + self.residual + (self.log_x if self.reml else 0.0))

    @cached_property
    def slopes(self):
        """(k, H, T, T): derivatives of each group's Sigma."""
        return self.covariance.slopes(self.theta)

    @cached_property
    def spread(self):
        """(k, q, q): z' V^-1 dV_k V^-1 z summed: minus the derivative of A; its x part is minus P_k of
        Kenward-Roger."""
        moments, slopes = self.moments, self.slopes
        if self.covariance.structure.code == "us" and self.covariance.groups == 1:  # each entry of Sigma is a theta
            entries = np.tril_indices(moments.T)
            return moments.combine((len(slopes), lambda at: moments.paired_outer(self.W[at], *entries)))

        def turned(at):
            return moments.paired(self.W[at] @ slopes[:, moments.groups[at]] @ self.W[at])

        return moments.combine((len(slopes), turned))

    @cached_property
    def R(self):
        return self.moments.trace(np.outer(self.c, self.c))

    @cached_property
    def C(self):
        whole = np.zeros((self.moments.q, self.moments.q))
        whole[:-1, :-1] = self.phi
        return self.moments.trace(whole)

    @cached_property
    def surface(self):
        """(H, T, T): derivative of the deviance with respect to each group's Sigma."""
        held = self.R + self.C if self.reml else self.R
        return self._by_group(self.moments.counts[:, None, None] * self.W - self.W @ held @ self.W)

    @cached_property
    def gradient(self):
        return np.einsum("hab,khab->k", self.surface, self.slopes)

    def _by_group(self, values):
        """Sum (G, ...) over the patterns of each covariance group -> (H, ...)."""
        groups = self.moments.groups
        if self.covariance.groups == 1:
            return values.sum(axis=0)[None]
        out = np.zeros((self.covariance.groups, *values.shape[1:]), dtype=values.dtype)
        np.add.at(out, groups, values)
        return out

    def _sandwich(self, middle):
        """Return (k, k): sum over patterns of trace(W dSigma_k M dSigma_l), M (G, T, T)."""
        T, total = self.moments.T, 0.0
        for h in range(self.covariance.groups):
            at = slice(None) if self.covariance.groups == 1 else self.moments.groups == h
            block = self.W[at].reshape(-1, T * T).T @ middle[at].reshape(-1, T * T)  # [ab, cd] = W_ab M_cd
            block = block.reshape(T, T, T, T).transpose(1, 2, 3, 0).reshape(T * T, T * T)  # [bc, da]
            flat = self.slopes[:, h].reshape(len(self.slopes), T * T)
            total = total + flat @ block @ flat.T
        return (total + total.T) / 2

    @cached_property
    def average(self):
        """Average information of the deviance (twice the usual one): y'P V_k P V_l P y."""
        whole = self.moments.apply(self.c, self.W, self.covariance.groups)
        u = np.tensordot(self.slopes, whole, axes=([1, 2, 3], [0, 2, 1]))[:, :-1]
        return self._sandwich(self.W @ self.R @ self.W) - u @ self.phi @ u.T

    @cached_property
    def plain(self):
        """trace(V^-1 V_k V^-1 V_l)."""
        return self._sandwich(self.W * self.moments.counts[:, None, None])

    @cached_property
    def expected(self):
        """Expected information of the deviance: trace(P V_k P V_l) (REML) or trace(V^-1 V_k V^-1 V_l) (ML)."""
        if not self.reml:
            return self.plain
        moved = self.spread[:, :-1, :-1]
        k = len(moved)
        mixed = self.phi @ moved
        products = mixed.reshape(k, -1) @ mixed.transpose(0, 2, 1).reshape(k, -1).T  # tr(mixed_k mixed_l)
        return self.plain - 2 * self._sandwich(self.W @ self.C @ self.W) + products

    @cached_property
    def observed(self):
        """Second derivatives of the deviance in theta (half of it is the observed information)."""
        bends = self.covariance.bends(self.theta)
        curved = 0.0 if bends is None else np.einsum("hab,klhab->kl", self.surface, bends)
        return 2 * self.average - self.expected + curved
