"""The restricted likelihood of y = Xb + sum_k Z_k u_k + e from sums alone; profiled over b and the residual variance.

V = s (I + sum_k g_k Z_k Z_k'), g the variances of the random intercepts over the residual's. The first factor
(patients, many levels) is eliminated level by level: with V1 = I + g_1 Z_1 Z_1' and C = [Z_2 .. Z_K, X, y], level i of
n_i rows and sums s_i,

    C' V1^-1 C = C'C - sum_i g_1 / (1 + g_1 n_i) s_i s_i'        Z_1' V1^-1 C = s_i / (1 + g_1 n_i), row by row

and the few columns that are left stand in one small matrix. So no step needs the rows, nor a
matrix of patients by patients.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np


class Singular(Exception):
    """Columns of X that follow from others: the caller has to leave them out."""


@dataclass(frozen=True, eq=False)
class Sums:
    """What the likelihood needs of the data. n rows, p columns of X; q further levels (of Z_2 .. Z_K).

    counts (m,) rows a level of the first factor; totals (m, q + p + 1) its sums of C; cross (q + p + 1, q + p + 1) C'C;
    factor (q,) which factor (1, 2, ...) each further level belongs to.
    """

    n: int
    p: int
    counts: np.ndarray = field(repr=False)
    totals: np.ndarray = field(repr=False)
    cross: np.ndarray = field(repr=False)
    factor: np.ndarray = field(repr=False)

    @property
    def factors(self):
        return 1 + (int(self.factor.max()) if len(self.factor) else 0)


def gather_sums(y, X, codes):
    """Return the Sums of y (n,), X (n, p) and one code array (n,) a factor; -1: this row has no level of it."""
    first, *others = [np.asarray(each) for each in codes]
    indicators = [(each[:, None] == np.arange(each.max() + 1)).astype(float) for each in others]
    columns = np.column_stack([*indicators, X, y])
    inside, levels = first >= 0, int(first.max()) + 1
    totals = np.zeros((levels, columns.shape[1]))
    np.add.at(totals, first[inside], columns[inside])
    factor = np.repeat(np.arange(1, len(codes)), [each.shape[1] for each in indicators])
    return Sums(len(y), X.shape[1], np.bincount(first[inside], minlength=levels).astype(float), totals,
                columns.T @ columns, factor)


class Point:
    """The restricted likelihood at variance ratios g (K,), the first factor's first. Raises Singular.

    With P = V0^-1 - V0^-1 X (X' V0^-1 X)^-1 X' V0^-1, V0 = V / s: R_kl = Z_k' P Z_l, u_k = Z_k' P y, r = y' P y.
    """

    def __init__(self, sums, ratios):
        self.sums, self.ratios = sums, np.asarray(ratios, float)
        q, p = len(sums.factor), sums.p
        scale = np.concatenate([np.sqrt(self.ratios[sums.factor]), np.ones(p + 1)])
        grown = 1 + self.ratios[0] * sums.counts
        self.d = sums.counts / grown  # of Z_1' V1^-1 Z_1, a diagonal
        self.H = sums.totals / grown[:, None]  # Z_1' V1^-1 C
        self.C = sums.cross - sums.totals.T @ (self.ratios[0] * self.H)
        inner = self.C * scale[:, None] * scale
        inner[np.arange(q), np.arange(q)] += 1
        try:
            root = np.linalg.cholesky(inner[:-1, :-1])
        except np.linalg.LinAlgError:
            raise Singular() from None
        self.log_v = float(np.log(grown).sum() + 2 * np.log(np.diag(root)[:q]).sum())
        self.log_x = float(2 * np.log(np.diag(root)[q:]).sum())
        self.halves = np.linalg.inv(root) * scale[:-1]  # halves' halves: what T' V1^-1 T of T = [Z, X] takes away
        half = self.halves @ self.C[:-1, -1]
        self.residual = float(self.C[-1, -1] - half @ half)
        self.deviance = (sums.n - p) * (1 + np.log(2 * np.pi * self.variance)) + self.log_v + self.log_x

    @property
    def variance(self):
        """s: the residual variance."""
        return self.residual / (self.sums.n - self.sums.p)

    @cached_property
    def reach(self):
        """(m, q + p), (q, q + p): Z_k' V1^-1 [Z, X] turned so that products of rows are what P takes away."""
        q = len(self.sums.factor)
        return self.H[:, :-1] @ self.halves.T, self.C[:q, :-1] @ self.halves.T

    @cached_property
    def scores(self):
        """u_k of every level: of the first factor, of the others."""
        q, half = len(self.sums.factor), self.halves @ self.C[:-1, -1]
        first, others = self.reach
        return self.H[:, -1] - first @ half, self.C[:q, -1] - others @ half

    @cached_property
    def traces(self):
        """(K,): tr R_kk."""
        first, others = self.reach
        own = np.diag(self.C)[: len(others)] - np.square(others).sum(axis=1)
        return np.concatenate([[self.d.sum() - np.square(first).sum()], self._by_factor(own)])

    @cached_property
    def squares(self):
        """(K, K): squared Frobenius norms of R_kl."""
        first, others = self.reach
        q, inner = len(others), first.T @ first
        whole = np.zeros((self.sums.factors,) * 2)
        whole[0, 0] = np.square(self.d).sum() - 2 * self.d @ np.square(first).sum(axis=1) + np.square(inner).sum()
        if q:
            across = self._across
            whole[0, 1:] = whole[1:, 0] = self._by_factor(np.square(across).sum(axis=0))
            own = np.square(self._among)
            whole[1:, 1:] = self._by_factor(self._by_factor(own).T)
        return whole

    @cached_property
    def lengths(self):
        """(K,): u_k' u_k."""
        first, others = self.scores
        return np.concatenate([[first @ first], self._by_factor(np.square(others))])

    @cached_property
    def bends(self):
        """(K, K): u_k' R_kl u_l."""
        (first, others), (reach, _) = self.scores, self.reach
        whole = np.zeros((self.sums.factors,) * 2)
        turned = first @ reach
        whole[0, 0] = first @ (self.d * first) - turned @ turned
        if len(others):
            across = self._across.T @ first
            whole[0, 1:] = whole[1:, 0] = self._by_factor(across * others)
            own = self._among * others[:, None] * others
            whole[1:, 1:] = self._by_factor(self._by_factor(own).T)
        return whole

    @cached_property
    def _across(self):
        """R_1k of the further factors: (m, q)."""
        first, others = self.reach
        return self.H[:, : len(others)] - first @ others.T

    @cached_property
    def _among(self):
        """R_kl of the further factors: (q, q)."""
        others = self.reach[1]
        return self.C[: len(others), : len(others)] - others @ others.T

    def _by_factor(self, values):
        """Sum (q, ...) over the levels of each further factor -> (K - 1, ...)."""
        out = np.zeros((self.sums.factors - 1, *values.shape[1:]))
        np.add.at(out, self.sums.factor - 1, values)
        return out
