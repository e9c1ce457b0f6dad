"""The two questions a fit asks of the sums: `combine` them with weights per pair of visits, or `trace` them.

All of REML, its gradient, its informations and Kenward-Roger's matrices are made of these two. The columns are scaled
to unit length and aliased ones left out, so that the solver sees a well-conditioned problem; `Columns` goes back.
"""

from dataclasses import dataclass, field

import numpy as np

ALIAS = 1e-9  # a column whose squared length falls below this share, given the ones before it, is aliased
HELD = 40_000_000  # numbers of unpacked sums kept (320 MB); beyond, they are made anew whenever they are needed
BLOCK = 2_000_000  # numbers of unpacked sums, or of weights, handled at once


@dataclass(frozen=True, eq=False)
class Columns:
    """From a model's p coefficients to the solver's r <= p and back.

    kept (r,) indices; scale (r + 1,) of x and y; transform C (q, q): z = C z_shifted; aliases (p - r, p): each row is a
    combination of coefficients that the data say nothing of.
    """

    kept: np.ndarray
    scale: np.ndarray
    transform: np.ndarray
    aliases: np.ndarray

    def inner(self, contrasts):
        """Return (contrasts for the solver (m, r), offsets (m,)): L b = inner b_solver * scale_y + offset."""
        p = self.transform.shape[0] - 1
        back = np.linalg.solve(self.transform[:p, :p], contrasts.T).T  # x b = x_s (C' b): b = C'^-1 (b_s + c)
        offsets = back @ self.transform[p, :p]
        return back[:, self.kept] * (self.scale[-1] / self.scale[:-1]), offsets

    def estimable(self, contrasts):
        """Return (m,) booleans: the contrast does not touch what is aliased."""
        if not len(self.aliases):
            return np.ones(len(contrasts), bool)
        size = np.abs(contrasts).max(axis=1) * np.abs(self.aliases).max(axis=1).max() + 1e-300
        return np.abs(contrasts @ self.aliases.T).max(axis=1) < 1e-7 * size

    @property
    def log_scale(self):
        """log |X'X| of the model minus that of the solver."""
        p = self.transform.shape[0] - 1
        inside = np.linalg.slogdet(self.transform[:p, :p])[1] if len(self.kept) == p else 0.0
        return 2 * (np.log(self.scale[:-1]).sum() + inside)


class Moments:
    """Sums of z_a z_b' per pattern, packed: a <= b and the upper triangle of (x, y), symmetric parts only.

    seen (G, T) booleans; counts (G,); groups (G,); q = r + 1 columns, the outcome last; patients n and rows N.
    """

    def __init__(self, statistics, like=None):
        """like: Moments whose choice of columns and scales to take over, so that the two can be compared."""
        layout = statistics.layout
        T = len(layout.visits)
        self.seen, self.counts, self.groups = statistics.seen, statistics.counts.astype(float), statistics.keys[:, 0]
        self.T, self.n, self.N = T, int(statistics.counts.sum()), statistics.rows
        self.log_weights = statistics.log_weights
        self._grams = statistics.grams
        self._a, self._b = np.triu_indices(T)
        self._ordered = np.where(self._a == self._b, 1.0, 0.5)
        if like is None:
            self._choose(layout)
        else:
            self.columns, self.q, self._maps, self._j, self._k, self._twice = (
                like.columns, like.q, like._maps, like._j, like._k, like._twice)
        width = len(self._a) * len(self._j)
        step = max(1, BLOCK // max(width, 1))
        self._slices = [slice(at, at + step) for at in range(0, len(self.counts), step)]
        self._held = [self._unpack(at) for at in self._slices] if width * len(self.counts) <= HELD else None

    def _choose(self, layout):
        """Find aliased columns and scales from the sum over all rows."""
        transform = layout.transform()
        total = self._total(layout.maps)
        kept, aliases = independent(total[:-1, :-1])
        lengths = np.sqrt(np.maximum(np.diag(total), 1e-300))
        p = len(layout.names)
        if len(aliases):  # the aliases are of shifted columns: x_s a = 0, so x (C'^-1 a) = 0
            aliases = np.linalg.solve(transform[:p, :p].T, aliases.T).T
        self.outcome_length = np.sqrt(max(total[-1, -1], 0.0))
        scale = np.append(lengths[kept], lengths[-1] if total[-1, -1] > 0 else 1.0)
        scale[-1] /= np.sqrt(max(self.N, 1))  # the outcome in units of its own spread, so that Sigma is near 1
        self.columns = Columns(kept, scale, transform, aliases)
        self.q = len(kept) + 1
        self._maps = layout.maps[:, np.append(kept, p), :] / scale[:, None]
        self._j, self._k = np.triu_indices(self.q)
        self._twice = np.where(self._j == self._k, 1.0, 2.0)

    def _total(self, maps):
        """Sum of z z' over all rows: per visit, the grams of the patterns that hold it."""
        whole = np.tensordot(self.seen.astype(float).T, self._grams, axes=(1, 0))  # (T, K, K)
        return (maps @ whole @ maps.transpose(0, 2, 1)).sum(axis=0)

    def _unpack(self, at):
        T, q, K = self._maps.shape
        flat = self._maps.reshape(T * q, K)
        used = np.flatnonzero(np.any(flat != 0, axis=0))
        flat = np.ascontiguousarray(flat[:, used])
        grams = self._grams[at][:, used[:, None], used[None, :]]
        whole = (flat @ grams @ flat.T).reshape(-1, T, q, T, q)
        pairs = whole[:, self._a, :, self._b, :]  # (P, G, q, q): the advanced index comes first
        pairs = pairs + pairs.transpose(0, 1, 3, 2) * (self._a != self._b)[:, None, None, None]
        packed = np.ascontiguousarray(pairs[:, :, self._j, self._k].transpose(1, 0, 2))
        return packed * (self.seen[at][:, self._a] & self.seen[at][:, self._b])[:, :, None]

    def blocks(self):
        for place, at in enumerate(self._slices):
            yield at, (self._held[place] if self._held else self._unpack(at))

    def combine(self, weights):
        """Return sum over patterns and pairs (a, b) of weights[..., g, a, b] * (sum of z_a z_b'), symmetrised.

        weights (m, G, T, T), symmetric in (a, b) -> (m, q, q); or (m, a function of a slice of patterns that gives them).
        """
        m, make = weights if isinstance(weights, tuple) else (len(weights), lambda at: weights[:, at])
        out = np.zeros((m, len(self._j)))
        for at, block in self.blocks():
            step = max(1, BLOCK // (m * self.T ** 2))
            for start in range(at.start, min(at.stop, len(self.counts)), step):
                some = slice(start, min(start + step, at.stop))
                held = block[some.start - at.start:some.stop - at.start]
                out += make(some)[:, :, self._a, self._b].reshape(m, -1) @ held.reshape(-1, held.shape[2])
        whole = np.empty((m, self.q, self.q))
        whole[:, self._j, self._k] = out
        whole[:, self._k, self._j] = out
        return whole

    def trace(self, matrix):
        """Return (G, T, T): the trace of matrix @ (sum of z_a z_b'), symmetrised, for a symmetric matrix (q, q)."""
        vector = matrix[self._j, self._k] * self._twice
        out = np.zeros((len(self.counts), self.T, self.T))
        for at, block in self.blocks():
            values = (block @ vector) * self._ordered
            out[at, self._a, self._b] = values
            out[at, self._b, self._a] = values
        return out


def independent(gram):
    """Return (indices of columns kept, aliases): Cholesky from left to right, leaving out what earlier columns explain.

    aliases (p - r, p): combinations a with X a = 0, as coefficients of the columns.
    """
    p = len(gram)
    length = np.sqrt(np.diag(gram))
    unit = np.divide(1.0, length, out=np.zeros(p), where=length > 0)
    work = gram * np.outer(unit, unit)
    factor, kept, lost = np.zeros((p, p)), [], []
    for j in range(p):
        rest = work[j, j] - factor[j, :len(kept)] @ factor[j, :len(kept)]
        if length[j] == 0 or rest < ALIAS:
            lost.append(j)
            continue
        at = len(kept)
        factor[j:, at] = (work[j:, j] - factor[j:, :at] @ factor[j, :at]) / np.sqrt(rest)
        kept.append(j)
    kept = np.array(kept, dtype=int)
    aliases = np.zeros((len(lost), p))
    for row, j in enumerate(lost):
        aliases[row, j] = 1.0
        if length[j] > 0 and len(kept):
            part = np.linalg.lstsq(work[np.ix_(kept, kept)], work[kept, j], rcond=None)[0]
            part[np.abs(part) < 1e-7] = 0.0
            aliases[row, kept] = -part * unit[kept] / unit[j]
    return kept, aliases
