"""The patients' rows behind the sums, kept only where something needs each patient again (CR2, jackknife,
imputation)."""

from dataclasses import dataclass, field

import numpy as np

from mmresearch.models.mmrm.layout import bits
from mmresearch.models.mmrm.sums import shifted_rows


@dataclass(frozen=True, eq=False)
class Rows:
    """patients (n, K) as the layout's w, not shifted; seen (n, T); group (n,) or None; labels (n,) of the patients."""

    layout: object = field(repr=False)
    patients: np.ndarray = field(repr=False)
    seen: np.ndarray = field(repr=False)
    group: np.ndarray | None = field(default=None, repr=False)
    labels: np.ndarray | None = field(default=None, repr=False)

    def __repr__(self):
        return f"Rows({len(self.seen)} patients)"

    @property
    def groups(self):
        return np.zeros(len(self.seen), dtype=np.int64) if self.group is None else self.group

    def places(self, statistics):
        """(n,) the pattern number of each patient in the statistics; -1 for a patient seen at no visit."""
        known = {tuple(key): at for at, key in enumerate(statistics.keys.tolist())}
        pattern = bits(self.seen)
        keys, where = np.unique(np.stack([self.groups, pattern], axis=1), axis=0, return_inverse=True)
        return np.array([known.get(tuple(key), -1) for key in keys.tolist()])[where.ravel()]

    def shifted(self):
        return shifted_rows(self.layout, self.patients, self.seen)
