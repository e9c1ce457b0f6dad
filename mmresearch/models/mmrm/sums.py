"""Additive sufficient statistics of a mixed model for repeated measures.

Patients seen at the same visits share one covariance block, so what they add to the likelihood, its gradient and its
information depends only on the sum of z_a z_b' over them, per pair of visits (a, b). One pass over the data suffices,
and sums of chunks add up to the sums of the whole.

The bytes are INTERNAL: a pattern seen in one patient gives that patient's numbers away. They must not leave the
building.
"""

import io
import json
from dataclasses import dataclass, field, replace
from zipfile import BadZipFile

import numpy as np

from mmresearch.errors import UsageError
from mmresearch.models.mmrm.layout import Layout, bits, unbits


@dataclass(frozen=True, eq=False)
class SufficientStatistics:
    """Sums over patients, by covariance group and pattern of visits seen.

    keys    (G, 2) int64: covariance group, pattern bits; sorted, no pattern empty
    counts  (G,) patients;  grams (G, K, K): sum of w w', w shifted as the layout says
    log_weights   sum of log weights of all rows (0 without weights)
    """

    layout: Layout
    keys: np.ndarray = field(repr=False)
    counts: np.ndarray = field(repr=False)
    grams: np.ndarray = field(repr=False)
    log_weights: float = 0.0

    def __repr__(self):
        return (
            f"SufficientStatistics({int(self.counts.sum())} patients, {self.rows} rows, {len(self.keys)} patterns, "
            f"{len(self.layout.names)} fixed effects, {len(self.layout.visits)} visits)"
        )

    @property
    def rows(self):
        return int(self.counts @ self.seen.sum(axis=1))

    @property
    def seen(self):
        """(G, T) booleans: the visits of each pattern."""
        return unbits(self.keys[:, 1], len(self.layout.visits))

    def __add__(self, other):
        """Return the statistics of both sets of patients. Raises UsageError when the models differ."""
        if not isinstance(other, SufficientStatistics):
            return NotImplemented
        if not self.layout.same_words(other.layout):
            raise UsageError("sufficient statistics", "the two are not of the same model (columns, visits or groups)")
        if not self.layout.same_model(other.layout):
            from mmresearch.models.mmrm.aligning import aligned

            self, other = aligned(self, other)
        other = other.reshifted(self.layout.shift)
        keys = np.concatenate([self.keys, other.keys])
        unique, where = np.unique(keys, axis=0, return_inverse=True)
        counts = np.zeros(len(unique), dtype=np.int64)
        grams = np.zeros((len(unique), *self.grams.shape[1:]))
        for part, at in ((self, where.ravel()[: len(self.keys)]), (other, where.ravel()[len(self.keys) :])):
            counts[at] += part.counts
            grams[at] += part.grams
        return SufficientStatistics(self.layout, unique, counts, grams, self.log_weights + other.log_weights)

    def __radd__(self, other):
        return self if other == 0 else NotImplemented

    def reshifted(self, shift):
        """Return the same statistics with another shift: w_new = w_old + (old - new shift) * 1."""
        move = self.layout.shift - shift
        if not move.any():
            return replace(self, layout=_with_shift(self.layout, shift))
        owner, seen = self.layout.owner, self.seen
        counted = np.where(owner < 0, True, seen[:, owner])  # (G, K): unseen visits' columns stay 0
        steps = np.repeat(np.eye(len(shift))[None], len(self.keys), axis=0)
        steps[:, :, 0] += move * counted
        grams = steps @ self.grams @ steps.transpose(0, 2, 1)
        return replace(self, layout=_with_shift(self.layout, shift), grams=grams)

    def pair(self, pattern, a, b):
        """Return the sum of z_a z_b' (q, q) over the patients of pattern number `pattern` at visits number a and b.

        z = (x, y) as shifted: the outcome minus layout.shift. Raises UsageError if the pattern lacks a visit.
        """
        if not (self.seen[pattern, a] and self.seen[pattern, b]):
            raise UsageError("sufficient statistics", "the pattern does not hold both visits")
        return self.layout.maps[a] @ self.grams[pattern] @ self.layout.maps[b].T

    def to_bytes(self):
        """Return internal bytes: everything, so never to be shared as such."""
        header = json.dumps(
            {"names": self.layout.names, "visits": self.layout.visits, "groups": self.layout.groups}, default=_plain
        )
        file = io.BytesIO()
        np.savez(
            file,
            header=np.frombuffer(header.encode(), dtype=np.uint8),
            maps=self.layout.maps,
            owner=self.layout.owner,
            shift=self.layout.shift,
            keys=self.keys,
            counts=self.counts,
            grams=self.grams,
            log_weights=np.float64(self.log_weights),
        )
        return file.getvalue()

    @classmethod
    def from_bytes(cls, data):
        """Return what `to_bytes` wrote. Raises UsageError when the bytes are something else."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as held:
                part = {name: held[name] for name in held.files}
            head = json.loads(part["header"].tobytes())
            layout = Layout(
                tuple(head["names"]),
                tuple(head["visits"]),
                part["maps"],
                part["owner"],
                part["shift"],
                tuple(head["groups"]),
            )
            return cls(layout, part["keys"], part["counts"], part["grams"], float(part["log_weights"]))
        except (ValueError, KeyError, OSError, EOFError, BadZipFile, AssertionError):
            raise UsageError("sufficient statistics", "these bytes are not the ones to_bytes writes") from None


def _plain(label):
    """Return a label as JSON can hold it: a numpy number as a number, a date or anything else as its words."""
    return label.item() if isinstance(label, np.generic) and not isinstance(label, np.datetime64) else str(label)


def _with_shift(layout, shift):
    return Layout(layout.names, layout.visits, layout.maps, layout.owner, shift, layout.groups)


def summed(layout, patients, seen, groups=None, log_weights=0.0):
    """Return the SufficientStatistics of patients (n, K) seen (n, T), in covariance groups (n,) numbered from 0.

    patients: the rows w, not shifted; the columns of unseen visits may hold anything finite. A patient seen at no
    visit adds nothing.
    """
    rows = shifted_rows(layout, patients, seen)
    pattern = bits(seen)
    groups = np.zeros(len(rows), dtype=np.int64) if groups is None else np.asarray(groups, dtype=np.int64)
    order = np.lexsort((pattern, groups))
    order = order[pattern[order] != 0]
    keys = np.stack([groups[order], pattern[order]], axis=1)
    starts = np.flatnonzero(np.r_[True, np.any(keys[1:] != keys[:-1], axis=1)]) if len(keys) else np.array([], int)
    stops = np.append(starts[1:], len(keys))[: len(starts)]
    rows = rows[order]
    K = layout.size[2]
    grams = np.empty((len(starts), K, K))
    for place, (start, stop) in enumerate(zip(starts, stops, strict=True)):
        block = rows[start:stop]
        np.matmul(block.T, block, out=grams[place])
    return SufficientStatistics(layout, keys[starts], stops - starts, grams, log_weights)


def shifted_rows(layout, patients, seen):
    """Return w (n, K) as summed: shifted, and 0 in the columns of visits a patient was not seen at."""
    rows = patients - layout.shift
    own = np.flatnonzero(layout.owner >= 0)
    unseen = ~seen[:, layout.owner[own]]
    rows[:, own] = np.where(unseen, 0.0, rows[:, own])
    return rows
