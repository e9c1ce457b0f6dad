"""A random effect of therapist (or site), only for the patients who have one (partial nesting), from additive sums.

V = V0 + t sum_j z_j z_j', z_j the rows of therapist j's patients, t the therapists' variance. By Woodbury, with b_j =
z_j' V0^-1 (X, y), e_j = z_j' V0^-1 z_j and d_j = t / (1 + t e_j): A = A0 - sum d_j b_j b_j' and log|V| = log|V0| + sum
log(1 + t e_j). b_j and e_j need, per (therapist, pattern), only the number of patients and the sum of their w. A
patient has one therapist at most.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from mmresearch.errors import UsageError
from mmresearch.models.mmrm.layout import bits
from mmresearch.models.mmrm.likelihood import solve_normal
from mmresearch.models.mmrm.sums import shifted_rows


@dataclass(frozen=True, eq=False)
class TherapistSums:
    """Sums per (therapist, covariance group, pattern of visits seen). INTERNAL like SufficientStatistics.

    keys (E, 3) int64: therapist number, group, pattern bits; counts (E,) patients; totals (E, K): sums of w, shifted as
    the layout says; labels of the therapists.
    """

    layout: object = field(repr=False)
    labels: tuple = field(repr=False)
    keys: np.ndarray = field(repr=False)
    counts: np.ndarray = field(repr=False)
    totals: np.ndarray = field(repr=False)

    def __repr__(self):
        return f"TherapistSums({len(self.labels)} therapists)"

    def __add__(self, other):
        """Return the sums of both sets of patients; therapists are matched by label."""
        if not self.layout.same_model(other.layout) or not np.array_equal(self.layout.shift, other.layout.shift):
            raise UsageError("therapist sums", "the two are not of the same model and shift")
        labels = tuple(dict.fromkeys(self.labels + other.labels))
        number = np.array([labels.index(label) for label in other.labels], dtype=np.int64)
        moved = other.keys.copy()
        moved[:, 0] = number[moved[:, 0]]
        return _gathered(
            self.layout,
            labels,
            np.concatenate([self.keys, moved]),
            np.concatenate([self.counts, other.counts]),
            np.concatenate([self.totals, other.totals]),
        )


def therapist_sums(layout, patients, seen, codes, labels, groups=None):
    """Return the TherapistSums of patients (n, K) seen (n, T) with therapist codes (n,), -1: none."""
    rows = shifted_rows(layout, patients, seen)
    groups = np.zeros(len(rows), dtype=np.int64) if groups is None else groups
    pattern = bits(seen)
    at = (codes >= 0) & (pattern != 0)
    keys = np.stack([codes[at], groups[at], pattern[at]], axis=1).astype(np.int64)
    return _gathered(layout, tuple(labels), keys, np.ones(at.sum(), dtype=np.int64), rows[at])


def _gathered(layout, labels, keys, counts, totals):
    unique, where = np.unique(keys, axis=0, return_inverse=True)
    n, sums = np.zeros(len(unique), dtype=np.int64), np.zeros((len(unique), totals.shape[1]))
    np.add.at(n, where.ravel(), counts)
    np.add.at(sums, where.ravel(), totals)
    return TherapistSums(layout, labels, unique, n, sums)


class Nest:
    """TherapistSums in the solver's columns, matched to the patterns of Moments."""

    def __init__(self, sums, moments, statistics):
        known = {tuple(key): at for at, key in enumerate(statistics.keys.tolist())}
        self.pattern = np.array([known[tuple(key[1:])] for key in sums.keys.tolist()])
        used, self.therapist = np.unique(sums.keys[:, 0], return_inverse=True)
        self.labels = tuple(sums.labels[j] for j in used)
        self.J, self.counts = len(used), sums.counts.astype(float)
        z = np.einsum("tqk,ek->etq", moments.maps, sums.totals)
        self.z = z * moments.seen[self.pattern][:, :, None]

    def gather(self, values):
        """Sum (E, ...) over each therapist's patterns -> (J, ...)."""
        out = np.zeros((self.J, *values.shape[1:]))
        np.add.at(out, self.therapist, values)
        return out


class NestedPoint:
    """A Point with the therapists' variance t beside theta; its derivatives are in (theta, t), t last.

    Offers what Inference asks of a Point: phi, beta, c, spread, observed; `active` are the parameters that are free
    (t is not when it is estimated 0).
    """

    def __init__(self, base, nest, t):
        self.base, self.nest, self.t = base, nest, float(t)
        self.moments, self.covariance, self.theta, self.reml = base.moments, base.covariance, base.theta, base.reml
        v = base.W.sum(axis=2)  # (G, T)
        self.v = v[nest.pattern]
        self.e = nest.gather(nest.counts * self.v.sum(axis=1))
        self.b = nest.gather(np.einsum("et,etq->eq", self.v, nest.z))
        grown = 1 + self.t * self.e
        self.d, self.h = self.t / grown, grown**-2.0
        self.A = base.A - np.einsum("j,jq,jr->qr", self.d, self.b, self.b)
        root, self.phi, self.beta, self.c = solve_normal(self.A)
        logs = base.value - base.residual - (base.log_x if base.reml else 0.0)
        self.value = float(
            logs
            + np.log(grown).sum()
            + self.c @ self.A @ self.c
            + (2 * np.log(np.diag(root)).sum() if self.reml else 0.0)
        )

    @cached_property
    def _first(self):
        """e_k (J, k), b_k (J, k, q): derivatives in theta."""
        base, nest = self.base, self.nest
        self._wv = np.einsum("kgab,gb->gka", base.W @ base.slopes[:, base.moments.groups], base.W.sum(axis=2))
        turned = self._wv[nest.pattern]  # (E, k, T): W V_k v
        b = -nest.gather(np.einsum("eka,eaq->ekq", turned, nest.z))
        e = -nest.gather(nest.counts[:, None] * turned.sum(axis=2))
        return e, b

    @cached_property
    def jets(self):
        """A_m (k + 1, q, q) and L_m (k + 1,): derivatives of A and of log|V|."""
        e1, b1 = self._first
        d, h, b = self.d, self.h, self.b
        J, q = b.shape
        pairs = (b[:, :, None] * b[:, None, :]).reshape(J, q * q)
        cross = ((d[:, None] * b1.reshape(J, -1)).T @ b).reshape(-1, q, q)
        A1 = -self.base.spread + ((d[:, None] ** 2 * e1).T @ pairs).reshape(-1, q, q) - cross - cross.transpose(0, 2, 1)
        At = -np.einsum("j,jq,jr->qr", h, b, b)
        traces = np.einsum(
            "hab,khab->k", self.base._by_group(self.moments.counts[:, None, None] * self.base.W), self.base.slopes
        )
        L1 = traces + d @ e1
        return np.concatenate([A1, At[None]]), np.append(L1, (self.e / (1 + self.t * self.e)).sum())

    @cached_property
    def spread(self):
        """(active, q, q): minus the derivatives of A."""
        return -self.jets[0][self.active]

    @cached_property
    def active(self):
        k = len(self.jets[1])
        return np.arange(k if self.t > 0 else k - 1)

    @cached_property
    def gradient(self):
        """(k + 1,) derivative of the deviance."""
        A1, L1 = self.jets
        logs = np.einsum("ij,kij->k", self.phi, A1[:, :-1, :-1]) if self.reml else 0.0
        return L1 + logs + np.einsum("i,kij,j->k", self.c, A1, self.c)

    @cached_property
    def second(self):
        """A_mn (k + 1, k + 1, q, q) and L_mn: second derivatives of A and of log|V|."""
        from mmresearch.models.mmrm.nested import second_derivatives

        return second_derivatives(self)

    @cached_property
    def hessian(self):
        """(k + 1, k + 1): second derivatives of the deviance."""
        A1, (A2, L2) = self.jets[0], self.second
        u = (A1 @ self.c)[:, :-1]
        out = L2 + np.einsum("klij,ij->kl", A2, np.outer(self.c, self.c)) - 2 * u @ self.phi @ u.T
        if self.reml:
            mixed = self.phi @ A1[:, :-1, :-1]
            out = out + np.einsum("ij,klij->kl", self.phi, A2[:, :, :-1, :-1]) - np.einsum("kab,lba->kl", mixed, mixed)
        return (out + out.T) / 2

    @property
    def observed(self):
        return self.hessian[np.ix_(self.active, self.active)]

    @property
    def expected(self):
        """trace(P V_m P V_n): minus the second derivatives of the determinants, V being linear in (theta, t)."""
        if not self.covariance.structure.linear:
            raise UsageError("df", "with therapists, the expected information is built for us, ri and ris only")
        A1, (A2, L2) = self.jets[0], self.second
        out = -L2
        if self.reml:
            mixed = self.phi @ A1[:, :-1, :-1]
            out = out - np.einsum("ij,klij->kl", self.phi, A2[:, :, :-1, :-1]) + np.einsum("kab,lba->kl", mixed, mixed)
        return out[np.ix_(self.active, self.active)]

    def weighted_q(self, w):
        """Sum of w_mn Q_mn for Kenward-Roger: V is linear in (theta, t), so Q_mn + Q_nm = A_mn."""
        A2 = self.second[0][np.ix_(self.active, self.active)]
        return np.einsum("mn,mnij->ij", w, A2[:, :, :-1, :-1]) / 2
