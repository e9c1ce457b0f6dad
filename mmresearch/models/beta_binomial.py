"""Days out of so many by a beta-binomial of greatest likelihood: the spread is modelled, and must hold for the mean to.

Stands beside the quasi-likelihood estimate (quasi.py), which needs the mean only. Skellam 1948, J R Stat Soc B 10:257.
"""

import numpy as np
from scipy import special

from mmresearch.models.inference import Ratio
from mmresearch.models.quasi import logit_means
from mmresearch.models.standardised import ARM

STEP = 1e-5  # of the central differences that give the information
STEPS, CLOSE = 60, 1e-8  # Newton's; the last step's length, in logits
START, FURTHEST = -0.8, 12.0  # logit of the correlation: where the search begins, and beyond which there is no maximum


def beta_binomial(outcome, columns, size):
    """Return (coefficients of the logit of the share, logit of the correlation, log likelihood), or None.

    outcome (n,) of size ((n,) or number); columns (n, k). None where the search ends without a maximum.
    """
    sizes = np.broadcast_to(np.asarray(size, float), outcome.shape)
    data = (outcome, columns, sizes)
    at = np.append(logit_means(*data).coefficients, START)
    for _ in range(STEPS):
        slope = _scores(at, *data).sum(axis=0)
        step = _newton(slope, _information(at, *data))
        if np.max(np.abs(columns @ step[:-1])) + abs(step[-1]) < CLOSE:
            return at[:-1], float(at[-1]), _likelihood(at, *data)
        at = _uphill(at, step, data)
        if at is None or abs(at[-1]) > FURTHEST:
            return None
    return None


def _newton(slope, information):
    """A step uphill: where the likelihood is not curved as at a maximum, it is taken as if it were."""
    values, vectors = np.linalg.eigh(information)
    return vectors @ ((vectors.T @ slope) / np.maximum(np.abs(values), 1e-8 * np.max(np.abs(values))))


def _uphill(at, step, data):
    """Return where the likelihood is higher, along the step or a part of it; None where it is nowhere."""
    here, length = _likelihood(at, *data), 1.0 / max(1.0, np.max(np.abs(data[1] @ step[:-1])), abs(step[-1]))
    for _ in range(30):
        if _likelihood(at + length * step, *data) >= here - 1e-10 * abs(here):
            return at + length * step
        length /= 2
    return None


def likelihood_ratio(outcome, columns, size, labels, df):
    """Return the Ratio of standardised means, arm over reference, with a standard error clustered by `labels`; or None.

    Sandwich of the likelihood's scores, times clusters / (clusters - 1); df: of the reference distribution.
    """
    sizes = np.broadcast_to(np.asarray(size, float), outcome.shape)
    found = beta_binomial(outcome, columns, sizes)
    if found is None:
        return None
    at = np.append(found[0], found[1])
    information = _information(at, outcome, columns, sizes)
    if np.linalg.cond(information) > 1e12:
        return None
    (one, slope), (other, other_slope) = _end(at, columns, 1.0), _end(at, columns, 0.0)
    gradient = np.append(slope / one - other_slope / other, 0.0)
    clusters, places = np.unique(labels, return_inverse=True)
    pulls = np.bincount(places, weights=_scores(at, outcome, columns, sizes) @ np.linalg.solve(information, gradient))
    variance = np.sum(pulls**2) * len(clusters) / (len(clusters) - 1)
    return Ratio(float(one / other), float(np.sqrt(variance)), df) if variance > 0 else None


def _end(at, columns, arm):
    columns = columns.copy()
    columns[:, ARM] = arm
    shares = special.expit(columns @ at[:-1])
    return shares.mean(), columns.T @ (shares * (1 - shares)) / len(columns)


def _shapes(at, columns):
    shares, precision = special.expit(columns @ at[:-1]), np.exp(-at[-1])
    return shares, precision, shares * precision, (1 - shares) * precision


def _likelihood(at, outcome, columns, sizes):
    _, _, first, second = _shapes(at, columns)
    ways = special.gammaln(sizes + 1) - special.gammaln(outcome + 1) - special.gammaln(sizes - outcome + 1)
    shapes = special.betaln(outcome + first, sizes - outcome + second) - special.betaln(first, second)
    return float(np.sum(ways + shapes))


def _scores(at, outcome, columns, sizes):
    """(n, k + 1): what each patient adds to the slope of the log likelihood."""
    shares, precision, first, second = _shapes(at, columns)
    more = special.digamma(outcome + first) - special.digamma(first)
    less = special.digamma(sizes - outcome + second) - special.digamma(second)
    total = special.digamma(precision) - special.digamma(sizes + precision)
    by_predictor = precision * shares * (1 - shares) * (more - less)
    by_correlation = -precision * (shares * more + (1 - shares) * less + total)
    return np.column_stack([columns * by_predictor[:, None], by_correlation])


def _information(at, outcome, columns, sizes):
    steps = STEP * np.eye(len(at))
    rows = [(_scores(at - step, outcome, columns, sizes) - _scores(at + step, outcome, columns, sizes)).sum(axis=0)
            for step in steps]
    made = np.array(rows) / (2 * STEP)
    return (made + made.T) / 2
