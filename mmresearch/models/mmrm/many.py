"""Many fits through one call: bootstrap and jackknife by patient, and simulated trials of one design.

Every fit starts at the covariance of the first, so that it takes few steps; nothing else is shared between them.
"""

from dataclasses import dataclass, field

import numpy as np

from mmresearch.errors import DataError, UsageError
from mmresearch.models.mmrm.fitting import fit_statistics
from mmresearch.models.mmrm.sums import SufficientStatistics


@dataclass(frozen=True, eq=False)
class Many:
    """Contrasts of many fits. estimates, standard_errors, df (B, m): nan in the rows of fits that failed."""

    estimates: np.ndarray = field(repr=False)
    standard_errors: np.ndarray = field(repr=False)
    df: np.ndarray = field(repr=False)
    failed: int

    def __repr__(self):
        return f"Many({len(self.estimates)} fits, {self.failed} failed)"


def bootstrap(fit, L, draws, seed, stratify=None):
    """Return the Many of `draws` resamples of patients with replacement, within strata (n,) if given.

    fit: a Fit that kept its rows; L (m, p) contrasts.
    """
    rows = _rows(fit)
    rng = np.random.default_rng(seed)
    n = len(rows.seen)
    strata = np.zeros(n, dtype=int) if stratify is None else np.unique(stratify, return_inverse=True)[1]
    members = [np.flatnonzero(strata == s) for s in range(strata.max() + 1)]
    times = np.zeros((draws, n))
    for draw in range(draws):
        for member in members:
            np.add.at(times[draw], rng.choice(member, len(member)), 1.0)
    return refit(fit, resampled(fit, times), L)


def jackknife(fit, L, clusters=None):
    """Return the Many of fits that leave out one patient (or one cluster) each."""
    n = len(_rows(fit).seen)
    codes = np.arange(n) if clusters is None else np.unique(clusters, return_inverse=True)[1]
    times = (codes[None, :] != np.arange(codes.max() + 1)[:, None]).astype(float)
    return refit(fit, resampled(fit, times), L)


def resampled(fit, times):
    """Yield the SufficientStatistics in which patient i counts times[b, i] times (whole numbers), for each b."""
    rows, statistics = _rows(fit), fit.statistics
    w, place = rows.shifted(), rows.places(fit.statistics)
    order = np.argsort(place, kind="stable")
    order = order[place[order] >= 0]
    w, place = w[order], place[order]
    starts = np.searchsorted(place, np.arange(len(statistics.keys)))
    j, k = np.triu_indices(w.shape[1])
    products = w[:, j] * w[:, k]
    for each in times:
        each = each[order]
        counts = np.add.reduceat(each, starts)
        sums = np.add.reduceat(products * each[:, None], starts, axis=0)
        keep = counts > 0
        grams = np.empty((keep.sum(), w.shape[1], w.shape[1]))
        grams[:, j, k] = grams[:, k, j] = sums[keep]
        yield SufficientStatistics(statistics.layout, statistics.keys[keep], counts[keep].astype(np.int64), grams)


def refit(fit, many, L):
    """Return the Many of contrasts L (m, p) in statistics of the same model, settings as in `fit`."""
    L, sigma = np.atleast_2d(L), fit.sigma
    out = [], [], []
    failed = 0
    for statistics in many:
        try:
            each = fit_statistics(
                statistics,
                fit.structure,
                fit.point.reml,
                fit.used,
                fit.times,
                fit.information,
                fit.between,
                fallback=False,
                start=sigma,
            )
            sound = each.convergence.sound and each.moments.columns.estimable(L).all()
        except (DataError, UsageError):
            sound = False
        failed += not sound
        values = each.numbers(L) if sound else [np.full(len(L), np.nan)] * 3
        for held, value in zip(out, values, strict=True):
            held.append(value)
    return Many(*(np.array(each) for each in out), failed)


def _rows(fit):
    if fit.rows is None:
        raise UsageError("resampling", "the fit was made of sums alone; resampling needs the patients' rows")
    if fit.nested or fit.statistics.log_weights:
        raise UsageError("resampling", "resampling is not built for therapists as a random effect, nor for weights")
    return fit.rows
