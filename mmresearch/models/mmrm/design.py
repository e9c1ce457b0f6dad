"""From a table of patients to the layout of the model: arms by visit, baseline by visit, covariates.

Coefficients: `visit[v]` (reference arm's mean), `arm[a]:visit[v]` (difference to it), `c` or `c:visit[v]`, `c[level]`.
Continuous covariates are centred at their mean over the patients, so that `visit[v]` is an LS mean but for categories.
"""

from dataclasses import dataclass, field

import numpy as np

from mmresearch.models.mmrm.inference import BETWEEN, BOTH, INTERCEPT, WITHIN
from mmresearch.models.mmrm.layout import Layout


@dataclass(frozen=True, eq=False)
class Design:
    """What a table becomes. columns: names of w; wide (n, K) numbers; seen (n, T); kinds (p,) for between-within.

    typical (K,): w of an LS mean in the reference arm: continuous covariates at their mean, levels of a categorical one
    at equal weights.
    """

    layout: Layout
    wide: np.ndarray = field(repr=False)
    seen: np.ndarray = field(repr=False)
    arm: np.ndarray = field(repr=False)  # (n,) number of the arm, 0 = reference
    arms: tuple = ()
    kinds: np.ndarray | None = field(default=None, repr=False)
    typical: np.ndarray | None = field(default=None, repr=False)
    continuous: np.ndarray | None = field(default=None, repr=False)  # (K,) columns of continuous covariates

    def mean_row(self, arm, visit):
        """(p,) the LS mean of an arm (number) at a visit (number)."""
        typical = self.typical.copy()
        if arm:
            typical[arm] = 1.0
        return self.layout.maps[visit, :-1] @ typical


def designed(arm, arms, y, visits, covariates, by_visit, own_covariance, constrained=False):
    """Return the Design of n patients.

    arm (n,) numbers, 0 the reference; y (n, T), nan where missing; covariates: {name: (n,) floats, or (codes, levels)};
    by_visit: names that get a coefficient a visit; constrained: the first visit is the baseline, equal in all arms.
    """
    n, T = y.shape
    columns, shares, terms = _columns(arm, arms, covariates)
    width = len(columns)
    wide = np.concatenate([np.stack(columns, axis=1), np.where(np.isnan(y), 0.0, y)], axis=1)
    names, places, kinds = _terms(arms, visits, terms, by_visit, constrained)
    maps = np.zeros((T, len(names) + 1, width + T))
    for row, (column, at) in enumerate(places):
        maps[slice(None) if at is None else at, row, column] = 1.0
    maps[np.arange(T), -1, width + np.arange(T)] = 1.0
    owner = np.append(np.full(width, -1), np.arange(T))
    seen = ~np.isnan(y)
    layout = Layout(names, tuple(visits), maps, owner, np.zeros(width + T), tuple(arms) if own_covariance else ("all",))
    means = _means(wide, seen, width, terms, shares)
    typical = np.where(owner < 0, means, 0.0)
    typical[0] = 1.0
    for at, share in shares.items():
        typical[at] = share
    continuous = np.isin(np.arange(len(owner)), [at for columns in terms.values() for at in columns.values()])
    continuous[list(shares)] = False
    return Design(layout.shifted(means), wide, seen, arm, tuple(arms), kinds, typical, continuous)


def _columns(arm, arms, covariates):
    """Return (columns of w, shares of the categorical ones, {name: {label: column number}})."""
    columns = [np.ones(len(arm)), *((arm == j).astype(float) for j in range(1, len(arms)))]
    shares, terms = {}, {}
    for name, values in covariates.items():
        if isinstance(values, tuple):
            codes, levels = values
            terms[name] = {f"{name}[{level}]": len(columns) + at for at, level in enumerate(levels[1:])}
            shares |= dict.fromkeys(terms[name].values(), 1 / len(levels))
            columns += [(codes == at).astype(float) for at in range(1, len(levels))]
        else:
            terms[name] = {name: len(columns)}
            columns.append(np.asarray(values, dtype=float))
    return columns, shares, terms


def _terms(arms, visits, terms, by_visit, constrained):
    """Return (names, [(column of w, visit number or None for all)], kinds)."""
    names, places, kinds = [], [], []

    def add(name, column, at, kind):
        names.append(name)
        places.append((column, at))
        kinds.append(kind)

    for at, visit in enumerate(visits):
        add(f"visit[{visit}]", 0, at, WITHIN if at else INTERCEPT)
    for j, arm in enumerate(arms[1:], 1):
        for at, visit in enumerate(visits):
            if not (constrained and at == 0):
                add(f"arm[{arm}]:visit[{visit}]", j, at, BOTH if at else BETWEEN)
    for term, columns in terms.items():
        for label, column in columns.items():
            if term in by_visit:
                for at, visit in enumerate(visits):
                    add(f"{label}:visit[{visit}]", column, at, BOTH if at else BETWEEN)
            else:
                add(label, column, None, BETWEEN)
    return tuple(names), places, np.array(kinds)


def _means(wide, seen, width, terms, shares):
    """(K,) means: of continuous covariates over patients with an outcome, of outcomes over those seen; 0 for
    dummies."""
    means, known = np.zeros(wide.shape[1]), seen.any(axis=1)
    for columns in terms.values():
        for at in columns.values():
            means[at] = 0.0 if at in shares else wide[known, at].mean()
    counts = seen.sum(axis=0)
    totals = np.where(seen, wide[:, width:], 0.0).sum(axis=0)
    overall = totals.sum() / max(counts.sum(), 1)
    means[width:] = np.where(counts > 0, totals / np.maximum(counts, 1), overall)
    return means
