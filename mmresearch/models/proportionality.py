"""Is one odds ratio enough for all cuts of a graded outcome? Score test of proportional odds; win odds, which need
none.

Score test: Peterson and Harrell 1990, Appl Stat 39:205. Win odds: Brunner, Vandemeulebroecke and Muetze 2021,
Stat Med 40:3367; its standard error from placements as in DeLong et al 1988, Biometrics 44:837.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.special import expit

from mmresearch.models.clusters import cr2
from mmresearch.models.inference import Contrast


@dataclass(frozen=True)
class ScoreTest:
    """Chi-squared statistic, its degrees of freedom and p; None where the data cannot carry the test."""

    statistic: float
    df: int
    p: float


def score_test(fit, columns):
    """Return the ScoreTest that the columns (indices) of a CumulativeFit have one slope at all cuts; None if singular.

    Expected information at the fit. With two grades there is one cut and nothing to test: None.
    """
    cuts = len(fit.thresholds)
    if cuts < 2:
        return None
    ends = fit.thresholds[None, :] - (fit.matrix @ fit.slopes)[:, None]
    directions = _directions(fit.matrix, fit.matrix[:, columns], cuts)
    slopes, inverse = expit(ends) * expit(-ends), 1 / _shares(ends)
    score = np.einsum("nk,nkp->p", _pulls(fit.codes, slopes, inverse), directions)
    return _test(score, _expected(directions, slopes, inverse), cuts + fit.matrix.shape[1])


def _directions(matrix, columns, cuts):
    """How each cut of each row moves with thresholds, slopes, and the tested columns' further slopes at it."""
    n = len(matrix)
    return np.concatenate(
        [
            np.broadcast_to(np.eye(cuts), (n, cuts, cuts)),
            np.broadcast_to(-matrix[:, None, :], (n, cuts, matrix.shape[1])),
            _extra_directions(columns, cuts),
        ],
        axis=2,
    )


def _pulls(codes, slopes, inverse):
    """Derivatives of each row's log likelihood by its cuts: only the two ends of its grade have one."""
    rows, cuts = np.arange(len(codes)), slopes.shape[1]
    pull, own = np.zeros_like(slopes), inverse[rows, codes]
    top, bottom = codes < cuts, codes > 0
    pull[rows[top], codes[top]] += slopes[rows[top], codes[top]] * own[top]
    pull[rows[bottom], codes[bottom] - 1] -= slopes[rows[bottom], codes[bottom] - 1] * own[bottom]
    return pull


def _extra_directions(columns, cuts):
    """How the cut k moves with the further slope of each column at it; the first cut has none."""
    made = np.zeros((len(columns), cuts, (cuts - 1) * columns.shape[1]))
    for cut in range(1, cuts):
        made[:, cut, (cut - 1) * columns.shape[1] : cut * columns.shape[1]] = -columns
    return made


def _shares(ends):
    above = np.concatenate([expit(ends), np.ones((len(ends), 1))], axis=1)
    return np.clip(np.diff(above, axis=1, prepend=0), 1e-12, None)


def _expected(directions, slopes, inverse):
    """Sum of D'AD over rows, A tridiagonal: what the grades' probabilities say of the cuts."""
    own = slopes**2 * (inverse[:, :-1] + inverse[:, 1:])
    next_to = -slopes[:, :-1] * slopes[:, 1:] * inverse[:, 1:-1]
    weighted = own[:, :, None] * directions
    weighted[:, :-1] += next_to[:, :, None] * directions[:, 1:]
    weighted[:, 1:] += next_to[:, :, None] * directions[:, :-1]
    flat = directions.shape[2]
    return directions.reshape(-1, flat).T @ weighted.reshape(-1, flat)


def _test(score, information, fitted):
    if np.linalg.matrix_rank(information) < len(information):
        return None
    statistic, df = float(score @ np.linalg.solve(information, score)), len(score) - fitted
    return ScoreTest(statistic, df, float(stats.chi2.sf(statistic, df)))


def win_contrast(treated, other, labels=None):
    """Return the Contrast of the log win odds: how often a treated patient's value is higher, ties half; None if sure.

    treated, other: values (n1,), (n2,). labels (n1 + n2,): clusters, treated first; None for the Brunner-Munzel
    variance with its degrees of freedom. Unadjusted.
    """
    first, second = placements(treated, other)
    share = float(first.mean())
    if labels is None:
        parts = first.var(ddof=1) / len(first), second.var(ddof=1) / len(second)
        variance = sum(parts)
        df = (
            variance**2 / sum(part**2 / (n - 1) for part, n in zip(parts, (len(first), len(second)), strict=True))
            if variance > 0
            else None
        )
    else:
        arm = np.repeat([1.0, 0.0], [len(first), len(second)])
        residuals = np.concatenate([first - first.mean(), second - second.mean()])
        variance, df = cr2(np.column_stack([np.ones(len(arm)), arm]), residuals, labels, np.array([0.0, 1.0]))
    if not (variance > 0 and 0 < share < 1):
        return None
    return Contrast(math.log(share / (1 - share)), math.sqrt(variance) / (share * (1 - share)), df)


def placements(treated, other):
    """Return (for each treated value the share of others below it, for each other value the share of treated below
    it), ties half; the mean of the first is the chance that a treated patient has the higher value."""
    return _below(treated, other), _below(other, treated)


def _below(values, among):
    ordered = np.sort(among)
    return (np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")) / (2 * len(ordered))
