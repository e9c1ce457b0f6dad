"""Two chunks of one table whose layouts differ, because a column happened to be constant in one of them."""

import numpy as np

from mmresearch.models.mmrm.layout import Layout


def aligned(one, other):
    """Return both SufficientStatistics in one layout: a column is a constant only where it is the same one in both."""
    a, b = one.layout, other.layout
    T, q = a.size[:2]
    fixed = np.zeros((T, q))
    varies = np.ones((T, q), dtype=bool)
    for visit in range(T):
        parts = [each.layout.maps[visit] for each in (one, other) if each.seen[:, visit].any()] or [a.maps[visit]]
        constant = np.all(
            [~np.any(part[:, 1:] != 0, axis=1) & (part[:, 0] == parts[0][:, 0]) for part in parts], axis=0
        )
        varies[visit], fixed[visit] = ~constant, np.where(constant, parts[0][:, 0], 0.0)
    varies[:, -1] = True
    at, column = np.nonzero(varies)
    maps = np.zeros((T, q, 1 + len(at)))
    maps[at, column, 1 + np.arange(len(at))] = 1.0
    maps[:, :, 0] = np.where(varies, 0.0, fixed)
    known = one.seen.any(axis=0)[at]  # a chunk without the visit knows nothing of its means
    shift = np.append(0.0, np.where(known, a.maps[at, column] @ a.shift, b.maps[at, column] @ b.shift))
    layout = Layout(a.names, a.visits, maps, np.append(-1, at), np.zeros(len(shift)), a.groups).shifted(shift)
    return _moved(one, layout, at, column), _moved(other, layout, at, column)


def _moved(statistics, layout, at, column):
    """Return the statistics in a layout whose columns are (visit, column of z) pairs."""
    old = statistics.layout
    steps = np.zeros((layout.size[2], old.size[2]))
    steps[0, 0] = 1.0
    steps[1:] = old.maps[at, column]
    counted = np.concatenate([np.ones((len(statistics.keys), 1), bool), statistics.seen[:, at]], axis=1)
    own = steps * counted[:, :, None]
    grams = own @ statistics.grams @ own.transpose(0, 2, 1)
    shift = steps @ old.shift
    shift[0] = 0.0
    held = Layout(layout.names, layout.visits, layout.maps, layout.owner, shift, layout.groups)
    moved = type(statistics)(held, statistics.keys, statistics.counts, grams, statistics.log_weights)
    return moved.reshifted(layout.shift)
