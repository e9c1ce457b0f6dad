"""The questions a fit asks of the sums: `combine` them with weights per pair of visits, `trace` them, `apply` a vector.

All of REML, its gradient, its informations and Kenward-Roger's matrices are made of these. The columns are scaled to
unit length and aliased ones left out, so that the solver sees a well-conditioned problem; `Columns` goes back.
"""

from dataclasses import dataclass

import numpy as np

from mmresearch.errors import UsageError

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
        """Return (m,) booleans: the contrast does not touch what is aliased. Raises UsageError on another length."""
        if contrasts.shape[1] != len(self.transform) - 1:
            raise UsageError("contrast", f"{contrasts.shape[1]} numbers for {len(self.transform) - 1} coefficients")
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
    """Sums of z_a z_b' per pattern and pair of visits a <= b, only the columns that are ever used at those visits.

    seen (G, T) booleans; counts (G,); groups (G,); q = r + 1 columns, the outcome last; patients n and rows N.
    """

    def __init__(self, statistics, like=None):
        """like: Moments whose choice of columns and scales to take over, so that the two can be compared."""
        layout = statistics.layout
        self.seen, self.counts, self.groups = statistics.seen, statistics.counts.astype(float), statistics.keys[:, 0]
        self.T, self.n, self.N = len(layout.visits), int(statistics.counts.sum()), statistics.rows
        self.log_weights = statistics.log_weights
        self.both = self.seen[:, :, None] & self.seen[:, None, :]
        self._grams = statistics.grams
        self._a, self._b = np.triu_indices(self.T)
        if like is None:
            self._choose(layout)
        else:
            self.columns, self.q, self.maps = like.columns, like.q, like.maps
        self._index()
        width = len(self._a) * self._active.shape[1] ** 2
        step = max(1, BLOCK // max(width, 1))
        self._slices = [slice(at, min(at + step, len(self.counts))) for at in range(0, len(self.counts), step)]
        self._held = [self._unpack(at) for at in self._slices] if width * len(self.counts) <= HELD else None

    def _index(self):
        """Which columns are used at each visit, padded with the number q to one length; where pairs go in a matrix."""
        used = np.any(self.maps != 0, axis=2)
        most = used.sum(axis=1).max()
        self._active = np.full((self.T, most), self.q)
        for a in range(self.T):
            columns = np.flatnonzero(used[a])
            self._active[a, : len(columns)] = columns
        places = self._active[self._a][:, :, None] * (self.q + 1) + self._active[self._b][:, None, :]
        self._order = np.argsort(places, axis=None, kind="stable")
        sorted_places = places.ravel()[self._order]
        self._starts = np.flatnonzero(np.append(True, sorted_places[1:] != sorted_places[:-1]))
        self._places = sorted_places[self._starts]
        self._half = np.where(self._a == self._b, 0.5, 1.0)
        padded = np.concatenate([self.maps, np.zeros_like(self.maps[:, :1])], axis=1)
        self._lean = padded[np.arange(self.T)[:, None], self._active]  # (T, active, K)

    def _choose(self, layout):
        """Find aliased columns and scales from the sum over all rows."""
        transform = layout.transform()
        total = self._total(layout.maps)
        kept, aliases = independent(total[:-1, :-1])
        lengths = np.sqrt(np.maximum(np.diag(total), 1e-300))
        p = len(layout.names)
        if len(aliases):  # the aliases are of shifted columns: x_s a = 0, so x (C'^-1 a) = 0
            aliases = np.linalg.solve(transform[:p, :p].T, aliases.T).T
        scale = np.append(lengths[kept], lengths[-1] if total[-1, -1] > 0 else 1.0)
        scale[-1] /= np.sqrt(max(self.N, 1))  # the outcome in units of its own spread, so that Sigma is near 1
        self.columns = Columns(kept, scale, transform, aliases)
        self.q = len(kept) + 1
        self.maps = layout.maps[:, np.append(kept, p), :] / scale[:, None]

    def _total(self, maps):
        """Sum of z z' over all rows: per visit, the grams of the patterns that hold it."""
        whole = np.tensordot(self.seen.astype(float).T, self._grams, axes=(1, 0))  # (T, K, K)
        return (maps @ whole @ maps.transpose(0, 2, 1)).sum(axis=0)

    def _unpack(self, at):
        """Return (pairs, patterns, active at a, active at b): the sums of z_a z_b'."""
        grams = self._grams[at]
        K, most = self._grams.shape[1], self._active.shape[1]
        used = [np.flatnonzero(np.any(each != 0, axis=0)) for each in self._lean]
        out = np.empty((len(self._a), len(grams), most, most))
        place = 0
        for a in range(self.T):
            half = (self._lean[a][:, used[a]] @ grams[:, used[a]]).reshape(-1, K)
            for b in range(a, self.T):
                out[place] = (half[:, used[b]] @ self._lean[b][:, used[b]].T).reshape(-1, most, most)
                place += 1
        return out

    def blocks(self):
        for place, at in enumerate(self._slices):
            yield at, (self._held[place] if self._held else self._unpack(at))

    def paired(self, weights):
        """Return weights (m, patterns, T, T) as (pairs a <= b, m, patterns)."""
        return weights[:, :, self._a, self._b].transpose(2, 0, 1)

    def paired_outer(self, W, first, second):
        """Return w_f w_s' + w_s w_f' of W's columns f and s (w_f w_f' where they are one) as (pairs, m, patterns)."""
        W = np.ascontiguousarray(W.transpose(1, 2, 0))
        a, b = self._a[:, None], self._b[:, None]
        out = W[a, first] * W[b, second]
        out += W[a, second] * W[b, first]
        out[:, first == second] /= 2
        return out

    def combine(self, weights):
        """Return sum over patterns and pairs (a, b) of weights[..., g, a, b] * (sum of z_a z_b').

        weights (m, G, T, T), symmetric in (a, b) -> (m, q, q); or (m, a function of a slice of patterns that gives
        them as (pairs a <= b, m, patterns)).
        """
        m, make = weights if isinstance(weights, tuple) else (len(weights), lambda at: self.paired(weights[:, at]))
        total = np.zeros((len(self._a), m, self._active.shape[1] ** 2))
        for at, block in self.blocks():
            step = max(16, BLOCK // (m * self.T**2))
            for start in range(at.start, at.stop, step):
                some = slice(start, min(start + step, at.stop))
                held = block[:, some.start - at.start : some.stop - at.start]
                given = make(some) * self._half[:, None, None]
                total += given @ held.reshape(*held.shape[:2], -1)
        flat = np.zeros((m, (self.q + 1) ** 2))
        total = total.transpose(1, 0, 2).reshape(m, -1)[:, self._order]
        flat[:, self._places] = np.add.reduceat(total, self._starts, axis=1)
        out = flat.reshape(m, self.q + 1, self.q + 1)[:, :-1, :-1]
        return out + out.transpose(0, 2, 1)

    def trace(self, matrix):
        """Return (G, T, T): the trace of matrix @ (sum of z_a z_b') for a symmetric matrix (q, q); 0 where unseen."""
        padded = np.zeros((self.q + 1, self.q + 1))
        padded[:-1, :-1] = matrix
        vectors = padded[self._active[self._a][:, :, None], self._active[self._b][:, None, :]].reshape(
            len(self._a), -1, 1
        )
        out = np.zeros((len(self.counts), self.T, self.T))
        for at, block in self.blocks():
            values = (block.reshape(*block.shape[:2], -1) @ vectors)[:, :, 0].T
            out[at, self._a, self._b] = values
            out[at, self._b, self._a] = values
        return out * self.both

    def apply(self, vector, W, groups):
        """Return (H, T, T, q): per group h, at [b', a'] the sum over its patterns and pairs (a, b) of
        W[b', b] W[a', a] (sum of z_a z_b') @ vector."""
        padded = np.append(vector, 0.0)[self._active]  # (T, active)
        most = self._active.shape[1]
        whole = np.zeros((groups, self.T, self.T, self.q + 1))
        for at, block in self.blocks():
            some = np.zeros((block.shape[1], self.T, self.T, most))  # the active columns at a, times vector at b
            some[:, self._b, self._a] = (padded[self._a][:, None, None, :] @ block)[:, :, 0].transpose(1, 0, 2)
            some[:, self._a, self._b] = (block @ padded[self._b][:, None, :, None])[..., 0].transpose(1, 0, 2)
            turned = some.transpose(0, 1, 3, 2) @ W[at][:, None]  # (patterns, a, active, b')
            for h in range(groups):
                mine = np.flatnonzero(self.groups[at] == h)
                for a in range(self.T):
                    part = W[at][mine, :, a].T @ turned[mine, a].reshape(len(mine), -1)
                    whole[h][:, :, self._active[a]] += part.reshape(self.T, most, self.T).transpose(2, 0, 1)
        return whole[..., :-1]


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
        rest = work[j, j] - factor[j, : len(kept)] @ factor[j, : len(kept)]
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
