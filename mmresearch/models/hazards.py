"""The hazard ratio: Cox regression with Efron's ties, therapists as clusters, and a test that the ratio is constant.

Cox 1972, J R Stat Soc B 34:187; Efron 1977, J Am Stat Assoc 72:557; residuals and the robust variance Lin and Wei 1989,
J Am Stat Assoc 84:1074; the test Grambsch and Therneau 1994, Biometrika 81:515, as a score test (R survival's cox.zph).
statsmodels' PHReg has the same estimate but, under Efron's ties, residuals that do not sum to zero, and no such test.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy import stats

STEPS, FARTHEST = 30, 15.0  # a log hazard ratio beyond the latter: one side has no events, and the fit runs away


@dataclass(frozen=True, eq=False)
class Cox:
    """A fitted Cox model. beta (p,), information (p, p); converged: False where a coefficient runs to infinity.

    scores (n, p)    score residuals, summing to 0
    spreads (n, p, p) each patient's part of the information
    martingale (n,)  events less those expected
    """

    beta: np.ndarray = field(repr=False)
    information: np.ndarray = field(repr=False)
    converged: bool
    events: int
    scores: np.ndarray = field(repr=False)
    spreads: np.ndarray = field(repr=False)
    martingale: np.ndarray = field(repr=False)
    terms: object = field(repr=False, default=None)


@dataclass(frozen=True, eq=False)
class Terms:
    """One row for each event, tied ones thinned in turn (Efron): risk-set totals, means and covariances.

    time (E,), total (E,), mean (E, p), spread (E, p, p); kept (n, E): the share of each patient's weight still at risk
    """

    time: np.ndarray
    total: np.ndarray
    mean: np.ndarray
    spread: np.ndarray
    kept: np.ndarray


def cox(times, happened, columns):
    """Return the Cox fit. times (n,), happened (n,) bool, columns (n, p) without intercept, full rank."""
    columns = np.asarray(columns, float)
    columns = columns - columns.mean(axis=0)
    times, happened = np.asarray(times, float), np.asarray(happened, bool)
    kept, moments = _at_risk(times, happened), _Moments(columns)
    before = beta = np.zeros(columns.shape[1])
    last, converged = -np.inf, False
    for _ in range(STEPS):
        terms = _terms(times, happened, columns, beta, kept, moments)
        value = columns[happened].sum(axis=0) @ beta - np.log(terms.total).sum()
        score, information = columns[happened].sum(axis=0) - terms.mean.sum(axis=0), terms.spread.sum(axis=0)
        if value < last - 1e-9:  # the step was too long
            beta = (beta + before) / 2
            continue
        step = np.linalg.lstsq(information, score, rcond=None)[0]
        converged = float(score @ step) < 1e-14 * max(1.0, abs(value))
        if converged or np.abs(columns @ beta).max() > 2 * FARTHEST:
            break
        before, last, beta = beta, value, beta + step
    return _fitted(times, happened, columns, beta, terms, converged)


class _Moments:
    """The products of columns, once for all steps."""

    def __init__(self, columns):
        self.products = np.einsum("np,nq->npq", columns, columns).reshape(len(columns), -1)


def _at_risk(times, happened):
    """Return (n, E): 1 at risk, 0 not; of d tied events the l-th term keeps 1 - l / d of each (Efron)."""
    order = np.argsort(times[happened], kind="stable")
    at = times[happened][order]
    first = np.searchsorted(at, at, side="left")
    ties = np.searchsorted(at, at, side="right") - first
    thinned = (np.arange(len(at)) - first) / ties
    return (times[:, None] >= at) - thinned * (happened[:, None] & (times[:, None] == at))


def _terms(times, happened, columns, beta, kept, moments):
    weight = np.exp(columns @ beta)[:, None] * kept
    total = weight.sum(axis=0)
    mean = weight.T @ columns / total[:, None]
    p = columns.shape[1]
    spread = (weight.T @ moments.products / total[:, None]).reshape(-1, p, p) - np.einsum("ep,eq->epq", mean, mean)
    return Terms(np.sort(times[happened]), total, mean, spread, kept)


def _fitted(times, happened, columns, beta, terms, converged):
    """Score residuals: what was observed at a patient's event less what was expected while at risk."""
    pull = np.exp(columns @ beta)[:, None] * terms.kept / terms.total
    expected = columns * pull.sum(axis=1)[:, None] - pull @ terms.mean
    own = (times[:, None] == terms.time) & happened[:, None]
    observed = np.where(happened[:, None], columns - own @ terms.mean / np.maximum(own.sum(axis=1), 1)[:, None], 0.0)
    spreads = _spreads(columns, pull, terms.mean)
    martingale = happened - pull.sum(axis=1)
    return Cox(beta, terms.spread.sum(axis=0), converged and bool(np.abs(beta).max() < FARTHEST), int(happened.sum()),
               observed - expected, spreads, martingale, terms)


def _spreads(columns, pull, mean):
    """Return (n, p, p): sum over events of pull times the product of a patient's distance from the mean with itself."""
    n, p = columns.shape
    crossed = np.einsum("np,nq->npq", columns, pull @ mean)
    middle = (pull @ np.einsum("ep,eq->epq", mean, mean).reshape(-1, p * p)).reshape(n, p, p)
    own = np.einsum("np,nq->npq", columns, columns) * pull.sum(axis=1)[:, None, None]
    return own - crossed - crossed.transpose(0, 2, 1) + middle


def proportionality(fit, times, happened, columns, place):
    """Return (chi-squared, p) of the score test that the log hazard ratio of column `place` does not move with time.

    Time runs as one minus the Kaplan-Meier curve just before each event, as in R's cox.zph.
    """
    columns = np.asarray(columns, float)
    columns = columns - columns.mean(axis=0)
    times, happened = np.asarray(times, float), np.asarray(happened, bool)
    clock = _clock(times, happened, fit.terms.time)
    order = np.argsort(times[happened], kind="stable")
    seen = columns[happened][order][:, place] - fit.terms.mean[:, place]  # tied events share a time, so order is free
    along = np.einsum("e,ep->p", clock, fit.terms.spread[:, :, place])
    twice = float(clock**2 @ fit.terms.spread[:, place, place])
    left = twice - float(along @ np.linalg.solve(fit.information, along))
    if left <= 1e-12 * twice or twice == 0:  # all events on one day: nothing can move
        return 0.0, 1.0
    statistic = float((clock @ seen) ** 2 / left)
    return statistic, float(stats.chi2.sf(statistic, 1))


def _clock(times, happened, at):
    """One minus Kaplan and Meier's curve just before each of the days `at`."""
    days, counts = np.unique(times[happened], return_counts=True)
    free = np.cumprod(1 - counts / (times[:, None] >= days).sum(axis=0))
    return 1 - np.concatenate([[1.0], free])[np.searchsorted(days, at, side="left")]
