"""How a patient's numbers make the rows of a model: z_a = maps[a] @ w, with z = (x, y) at visit a.

A patient is one vector w: first the constant 1, then what the model needs once (arm, baseline, age ...) and what it
needs at each visit (the outcomes). Sums over patients are taken of w w', so they stay small when little varies by
visit.
"""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True, eq=False)
class Layout:
    """The model's columns and visits, and the fixed shift that keeps digits.

    names   p fixed effects; visits: T labels; groups: labels of the covariance groups (one, or an arm each)
    maps    (T, p + 1, K): row a of the model is maps[a] @ w; the last of the p + 1 is the outcome
    owner   (K,) the visit a column of w belongs to, -1 for a patient's; unseen visits' columns count as 0
    shift   (K,) subtracted from w before summing; shift[0] = 0, since w[0] is the constant
    """

    names: tuple
    visits: tuple
    maps: np.ndarray = field(repr=False)
    owner: np.ndarray = field(repr=False)
    shift: np.ndarray = field(repr=False)
    groups: tuple = ("all",)

    def __post_init__(self):
        T, q, K = self.maps.shape
        fits = T == len(self.visits) and q == len(self.names) + 1 and self.owner.shape == self.shift.shape == (K,)
        assert fits and self.shift[0] == 0 and self.owner[0] == -1, "a layout's parts do not fit together"
        assert 1 <= T <= 62, "patterns of visits are kept as bits: at most 62 visits"

    @property
    def size(self):
        """T, q = p + 1, K."""
        return self.maps.shape

    def same_words(self, other):
        return (self.names, self.visits, self.groups) == (other.names, other.visits, other.groups)

    def same_model(self, other):
        return (
            self.same_words(other) and np.array_equal(self.maps, other.maps) and np.array_equal(self.owner, other.owner)
        )

    def shifted(self, means):
        """Return this layout with the largest shift towards `means` (K,) that the model's columns can absorb."""
        for keep in (np.ones(len(means), bool), self.owner < 0, self._outcomes(), np.zeros(len(means), bool)):
            shift = np.where(keep, means, 0.0)
            shift[0] = 0.0
            if keep.any() and np.array_equal(keep, self._outcomes()):  # one common number for every visit's outcome
                shift[keep] = means[keep].mean()
            candidate = Layout(self.names, self.visits, self.maps, self.owner, shift, self.groups)
            if candidate.transform() is not None:
                return candidate
        raise AssertionError("no shift at all is always possible")

    def _outcomes(self):
        return np.abs(self.maps[:, -1, :]).sum(axis=0) > 0

    def transform(self):
        """Return C (q, q) with z = C @ z_shifted at every visit, or None where the model has no columns for that."""
        T, q, K = self.maps.shape
        moved = np.zeros((q, T, K))
        reach = self.maps @ self.shift  # (T, q)
        moved[:, :, 0] = reach.T
        if not moved.any():
            return np.eye(q)
        flat = self.maps.transpose(1, 0, 2).reshape(q, T * K)
        design = flat[:-1]
        used = np.flatnonzero(np.any(flat != 0, axis=0) | np.any(moved.reshape(q, -1) != 0, axis=0))
        target = moved.reshape(q, -1)[:, used]
        part = target @ np.linalg.pinv(design[:, used])
        if not np.allclose(part @ design[:, used], target, rtol=0, atol=1e-9 * max(1.0, np.abs(target).max())):
            return None
        whole = np.eye(q)
        whole[:, :-1] += part
        return whole if np.linalg.cond(whole[:-1, :-1]) < 1e12 else None


def bits(seen):
    """Return one int64 a patient from seen (n, T) booleans: bit a is visit a."""
    return seen @ (np.int64(1) << np.arange(seen.shape[1], dtype=np.int64))


def unbits(patterns, T):
    """Return (G, T) booleans from G patterns."""
    return (np.asarray(patterns, dtype=np.int64)[:, None] >> np.arange(T, dtype=np.int64)) & 1 == 1
