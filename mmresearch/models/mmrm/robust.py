"""Cluster-robust standard errors with bias-reduced linearisation (CR2, Bell and McCaffrey 2002) and their degrees of
freedom.

With F the inverse of X'V^-1 X = KK', per cluster M_c = X_c'W_c X_c, s_c = X_c'W_c r_c and N_c = K'M_c K, a contrast's
variance is the sum over clusters of (l'K (I - N_c)^(-1/2) K's_c)^2: unbiased if V is the true covariance. It is the
CR2 of R mmrm ("Empirical-Bias-Reduced"). Degrees of freedom: Satterthwaite for that quadratic form under V
(Pustejovsky and Tipton 2018). Only per-cluster sums enter, so clusters may come from separate statistics.
"""

from dataclasses import dataclass, field

import numpy as np

from mmresearch.errors import UsageError
from mmresearch.models.mmrm.contrasts import drawn
from mmresearch.models.mmrm.moments import Moments

NAME = "CR2 (Bell-McCaffrey), {what} as clusters, Satterthwaite"
BARELY = 1e-8  # an eigenvalue of I - N_c below this is taken as 0, and its inverse root as 0 (Pustejovsky and Tipton)


@dataclass(frozen=True, eq=False)
class ClusterSums:
    """What each cluster adds, in the solver's units: M (C, r, r) = X'WX and s (C, r) = X'W residual."""

    M: np.ndarray = field(repr=False)
    s: np.ndarray = field(repr=False)

    def contrasts(self, fit, L, names, what="patients", level=0.95, where=None):
        """Return a tuple of Contrast for L (m, p) with CR2 standard errors. Raises UsageError for fewer than 2
        clusters."""
        if len(self.M) < 2:
            raise UsageError("robust standard errors", f"{len(self.M)} cluster; at least 2 are needed")
        L = np.atleast_2d(L)
        known = fit.moments.columns.estimable(L) & fit.convergence.sound
        values, errors, df = np.full((3, len(L)), np.nan)
        inner, offsets = fit.moments.columns.inner(L[known])
        values[known] = inner @ fit.point.beta + offsets
        errors[known], df[known] = self.moments_of(fit.point.phi, inner)
        places = where or [{}] * len(L)
        return tuple(
            drawn(name, value if fine else None, error, free, level, NAME.format(what=what), **place)
            for name, value, fine, error, free, place in zip(names, values, known, errors, df, places, strict=True)
        )

    def moments_of(self, phi, inner):
        """Return (standard errors (m,), df (m,)) of contrasts in the solver's units."""
        K = np.linalg.cholesky(phi)
        N = K.T @ self.M @ K
        values, vectors = np.linalg.eigh(np.eye(len(phi)) - N)
        values = np.where(values > BARELY, values, np.inf) ** -0.5
        turned = inner @ K  # (m, r)
        a = np.einsum("cij,cj,ckj,mk->mci", vectors, values, vectors, turned, optimize=True)
        terms = np.einsum("mci,ci->mc", a, self.s @ K)
        h = np.einsum("cij,mcj->mci", N, a)
        alpha, length = (a * h).sum(axis=2), (h * h).sum(axis=2)
        mixed = np.einsum("mci,mcj->mij", h, h)
        top = (alpha - length).sum(axis=1) ** 2
        bottom = (alpha**2 - 2 * alpha * length).sum(axis=1) + (mixed**2).sum(axis=(1, 2))
        with np.errstate(invalid="ignore", divide="ignore"):  # no number where the clusters leave none
            errors, df = np.sqrt((terms**2).sum(axis=1)), top / bottom
        known = (errors > 1e-6 * np.sqrt((turned**2).sum(axis=1))) & np.isfinite(df)  # else what is left is rounding
        return np.where(known, errors, np.nan), df


def cluster_sums(fit, clusters=None):
    """Return the ClusterSums of a fit that kept its rows. clusters (n,) numbers, -1: a cluster of its own; None:
    patients.

    With therapists as a random effect, clusters are their codes: patients of one therapist are not independent.
    """
    if fit.rows is None:
        raise UsageError("robust standard errors", "the fit was made of sums alone; give each cluster's sums instead")
    rows, place = fit.rows.shifted(), fit.rows.places(fit.statistics)
    n = len(rows)
    codes = np.arange(n) if clusters is None else np.asarray(clusters).copy()
    alone = codes < 0
    codes[alone] = codes.max(initial=-1) + 1 + np.arange(alone.sum())
    _, codes = np.unique(codes, return_inverse=True)
    M, s = _per_patient(fit, rows, place)
    if fit.nested and clusters is None:
        raise UsageError("robust standard errors", "with therapists in the model, clusters are the therapists")
    if clusters is None:
        keep = place >= 0
        return ClusterSums(M[keep], s[keep])
    r = s.shape[1]
    total_M, total_s = np.zeros((codes.max() + 1, r, r)), np.zeros((codes.max() + 1, r))
    np.add.at(total_M, codes, M)
    np.add.at(total_s, codes, s)
    if fit.nested:  # Woodbury: X_c'V_c^-1 X_c = X'WX - d b b'
        point, J = fit.point, fit.point.nest.J
        b = point.b[:, :-1]
        total_M[:J] -= np.einsum("j,jq,jr->jqr", point.d, b, b)
        total_s[:J] -= (point.d * (point.b @ point.c))[:, None] * b
    used = np.unique(codes[place >= 0])
    return ClusterSums(total_M[used], total_s[used])


def _per_patient(fit, rows, place):
    """Return X'WX (n, r, r) and X'W residual (n, r) of each patient; 0 for patients seen at no visit."""
    moments, point = fit.moments, fit.point
    W = fit.weights_on(moments)
    maps, r = moments.maps, moments.q - 1
    M, s = np.zeros((len(rows), r, r)), np.zeros((len(rows), r))
    for g in range(len(moments.counts)):
        at = np.flatnonzero(place == g)
        visits = np.flatnonzero(moments.seen[g])
        z = rows[at] @ maps[visits].transpose(0, 2, 1)  # (m, n_g, q)
        half = np.linalg.cholesky(W[g][np.ix_(visits, visits)])
        turned = np.tensordot(half.T, z, axes=1).transpose(1, 0, 2)  # (n_g, m, q)
        x = turned[:, :, :-1]
        M[at] = x.transpose(0, 2, 1) @ x
        s[at] = np.einsum("nmr,nm->nr", x, turned @ point.c)
    return M, s


def pooled_sums(fit, parts):
    """Return the ClusterSums of separate SufficientStatistics, one a cluster, of the same model as the fit's."""
    kept = []
    for part in parts:
        whole = Moments(part.reshifted(fit.statistics.layout.shift), like=fit.moments)
        A = whole.combine(fit.weights_on(whole)[None])[0]
        kept.append((A[:-1, :-1], (A @ fit.point.c)[:-1]))
    return ClusterSums(np.array([M for M, _ in kept]), np.array([s for _, s in kept]))
