"""Standard errors, degrees of freedom and tests of contrasts L b.

satterthwaite           v = l'Fl, df = 2 v^2 / (g' H g), g = dv/dtheta, H = inverse observed information (Fai and
Cornelius 1996)
kenward-roger           F_A = F + 2 F {sum w_kl (Q_kl - P_k F P_l - R_kl / 4)} F, theta in R mmrm's parametrisation
kenward-roger-linear    the same without R_kl: invariant to the parametrisation, equal to SAS DDFM=KR for TYPE=UN
                        (Kenward and Roger 1997; w = inverse of the observed information, or of the expected one)
between-within          n patients - columns constant within them; N rows - n - the other columns; the intercept counts
                        among the first and uses the second; the smallest over the coefficients touched (as R mmrm)
residual, normal        rows minus columns; infinite
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from mmresearch.errors import UsageError, nearest

VARIANTS = {
    "kenward-roger-linear": "Kenward-Roger, linear (second derivatives of the covariance left out)",
    "kenward-roger": "Kenward-Roger, non-linear (log standard deviations and rho / sqrt(1 - rho^2); "
    "unstructured: log D and unit lower triangular U of D U U' D)",
    "satterthwaite": "Satterthwaite (observed information)",
    "between-within": "between-within",
    "residual": "residual",
    "normal": "normal approximation",
}
WITHIN, BETWEEN, INTERCEPT, BOTH = range(
    4
)  # kinds of columns for between-within; BOTH: a sum of a between and a within one


@dataclass(frozen=True)
class Joint:
    """A test of several contrasts at once: F, its two degrees of freedom and p; rank of the contrasts."""

    statistic: float | None
    df1: int
    df2: float | None
    p_value: float | None
    variant: str


def named(variant, information="observed"):
    """Return the variant's full name."""
    return VARIANTS[variant].replace("observed", information)


class Inference:
    """Variance and degrees of freedom at a solved Point, in the solver's units. Raises UsageError on an unknown
    variant."""

    def __init__(self, point, variant, information="observed", between=None):
        if variant not in VARIANTS:
            raise UsageError(f"df '{variant}'", f"it is one of {', '.join(VARIANTS)}.{nearest(variant, VARIANTS)}")
        if information not in ("observed", "expected"):
            raise UsageError(f"information '{information}'", "it is observed or expected")
        self.point, self.variant, self.between = point, variant, between
        self.name = named(variant, information)
        if variant == "kenward-roger" and point.covariance.structure.code == "us":
            self.point = point = cholesky_point(point)
        self.phi = point.phi
        if variant in ("satterthwaite", "kenward-roger", "kenward-roger-linear"):
            self.w = 2 * np.linalg.inv(point.expected if information == "expected" else point.observed)
            self.minus_p = point.spread[:, :-1, :-1]
        self.variance = adjusted(self.point, self.w, variant) if variant.startswith("kenward") else self.phi

    def standard_errors(self, L):
        return np.sqrt(np.einsum("mi,ij,mj->m", L, self.variance, L))

    def degrees(self, L):
        """(m,) degrees of freedom of single contrasts; inf for normal."""
        if self.variant == "normal":
            return np.full(len(L), np.inf)
        if self.variant == "residual":
            return np.full(len(L), float(self.point.moments.N - L.shape[1]))
        if self.variant == "between-within":
            return self._between_within(L)
        v = np.einsum("mi,ij,mj->m", L, self.phi, L)
        half = L @ self.phi
        g = np.einsum("mi,kij,mj->mk", half, self.minus_p, half)
        return 2 * v**2 / np.einsum("mk,kl,ml->m", g, self.w, g)

    def joint(self, L, estimates):
        """Test L b = 0 for contrasts of full row rank; estimates (m,) = L b."""
        m = len(L)
        if self.variant.startswith("kenward"):
            scale, df2 = self._kenward_roger(L)
        else:
            scale, df2 = 1.0, self._fai_cornelius(L)
        F = float(scale * estimates @ np.linalg.solve(L @ self.variance @ L.T, estimates) / m)
        p = stats.f.sf(F, m, df2) if np.isfinite(df2) else stats.chi2.sf(F * m, m)
        return Joint(F, m, float(df2) if np.isfinite(df2) else None, float(p), self.name)

    def _fai_cornelius(self, L):
        values, vectors = np.linalg.eigh(L @ self.variance @ L.T)
        nu = self.degrees(vectors.T @ L)
        m = len(L)
        if self.variant in ("normal", "residual") or m == 1:
            return float(nu[0])
        if self.variant == "between-within":
            return float(self.degrees(L).min())
        if np.ptp(nu) < 1e-8:
            return float(nu.mean())
        if np.any(nu <= 2):
            return 2.0
        total = (nu / (nu - 2)).sum()
        return float(2 * total / (total - m))

    def _kenward_roger(self, L):
        m = len(L)
        theta = L.T @ np.linalg.solve(L @ self.phi @ L.T, L)
        mixed = -theta @ self.phi @ self.minus_p @ self.phi
        traces = np.trace(mixed, axis1=1, axis2=2)
        a1 = traces @ self.w @ traces
        a2 = np.einsum("kl,kij,lji->", self.w, mixed, mixed, optimize=True)
        b = (a1 + 6 * a2) / (2 * m)
        g = ((m + 1) * a1 - (m + 4) * a2) / ((m + 2) * a2)
        c = np.array([g, m - g, m + 2 - g]) / (3 * m + 2 * (1 - g))
        mean = 1 / (1 - a2 / m)
        spread = 2 / m * (1 + c[0] * b) / ((1 - c[1] * b) ** 2 * (1 - c[2] * b))
        df2 = 4 + (m + 2) / (m * spread / (2 * mean**2) - 1)
        return df2 / (mean * (df2 - 2)), df2

    def _between_within(self, L):
        if self.between is None:
            raise UsageError("df 'between-within'", "which columns are constant within patients is not known here")
        n, N, kinds = self.point.moments.n, self.point.moments.N, self.between
        within = (kinds == WITHIN) | (kinds == BOTH)
        outer, inner = float(n - (~within).sum()), float(N - n - within.sum())
        touched = np.abs(L) > 1e-12 * np.abs(L).max()
        by_patient = touched & ((kinds == BETWEEN) | (kinds == BOTH))
        by_visit = touched & (kinds != BETWEEN)
        return np.minimum(
            np.where(by_patient.any(axis=1), outer, np.inf), np.where(by_visit.any(axis=1), inner, np.inf)
        )


def adjusted(point, w, variant):
    """Return Kenward and Roger's F_A."""
    phi, spread = point.phi, point.spread[:, :-1, :-1]
    mixed = np.einsum("kl,kij,jm,lmn->in", w, spread, phi, spread, optimize=True)
    weighted = point.weighted_q(w) if hasattr(point, "weighted_q") else _weighted_q(point, w, variant)
    return phi + 2 * phi @ (weighted - mixed) @ phi


def _weighted_q(point, w, variant):
    """Sum of w_kl (Q_kl - R_kl / 4), R only for the non-linear variant."""
    groups, T = point.moments.groups, point.moments.T
    k = len(w)
    second = np.zeros_like(point.W)
    for h in range(point.covariance.groups):
        at = groups == h
        flat = point.slopes[:, h].reshape(k, T * T)
        weighted = (flat.T @ w @ flat).reshape(T, T, T, T)  # [a, b, c, d]: sum w_kl V_k[ab] V_l[cd]
        second[at] = np.tensordot(point.W[at], weighted, axes=([1, 2], [1, 2]))  # sum over bc of W_bc -> [a, d]
    if variant == "kenward-roger":
        bends = point.covariance.bends(point.theta)
        if bends is not None:
            second = second - np.einsum("kl,klhab->hab", w, bends)[groups] / 4
    return point.moments.combine((point.W @ second @ point.W)[None])[0][:-1, :-1]


def cholesky_point(point):
    """Return the same Point with unstructured Sigma = D U U' D, D = exp(theta), U unit lower triangular (R mmrm)."""
    from mmresearch.models.mmrm.cholesky import Cholesky
    from mmresearch.models.mmrm.likelihood import Point
    from mmresearch.models.mmrm.structures import Covariance

    covariance = Covariance(Cholesky(point.moments.T), point.covariance.groups)
    return Point(point.moments, covariance, covariance.near(point.covariance.sigma(point.theta)), point.reml)
