"""Proportional odds: a graded outcome on covariates, logit P(Y <= k) = alpha_k - x beta, by maximum likelihood.

McCullagh 1980, J R Stat Soc B 42:109. The log likelihood is concave (Pratt 1981, J Am Stat Assoc 76:103), so Newton's
steps end at the maximum, or run away where the data separate the grades.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.special import expit

STEPS, TINY = 50, 1e-9
RUNAWAY, UNKNOWN = 5.0, 20.0  # a slope per standard deviation beyond these, or its error, is no estimate


@dataclass(frozen=True)
class CumulativeFit:
    """The maximum: thresholds (K-1,), slopes (p,); scores (n, K-1+p) and information (K-1+p square) at it.

    codes (n,) grades 0..K-1; matrix (n, p); pieces: what one row adds to the information (see `information_of`).
    """

    thresholds: np.ndarray
    slopes: np.ndarray
    log_likelihood: float
    converged: bool
    codes: np.ndarray = field(repr=False)
    matrix: np.ndarray = field(repr=False)
    scores: np.ndarray = field(repr=False)
    pieces: tuple = field(repr=False)

    @property
    def information(self):
        """Observed information: minus the second derivatives of the log likelihood."""
        return information_of(self.pieces)

    @property
    def covariance(self):
        return np.linalg.inv(self.information)


def proportional_odds(codes, matrix, weights=None):
    """Return the CumulativeFit of grades 0..K-1, each of which occurs, on the columns of `matrix`.

    codes   integers (n,); matrix (n, p) without intercept; weights (n,) or None: how often a row counts
    A positive slope means higher grades. converged is False where a slope runs away or no maximum was reached.
    """
    codes, matrix = np.asarray(codes, int), np.asarray(matrix, float)
    weights = np.ones(len(codes)) if weights is None else np.asarray(weights, float)
    cuts = codes.max()
    shares = np.cumsum(np.bincount(codes, weights, cuts + 1))[:-1] / weights.sum()
    place = np.concatenate([np.log(shares / (1 - shares)), np.zeros(matrix.shape[1])])
    spread = matrix.std(axis=0)
    value, scores, pieces = _evaluate(place, codes, matrix, weights, cuts)
    for _ in range(STEPS):
        step = _solve(information_of(pieces), scores.sum(axis=0))
        gain = float(step @ scores.sum(axis=0))
        place, value, scores, pieces = _climb(place, step, value, codes, matrix, weights, cuts, (scores, pieces))
        runs_away = bool((np.abs(place[cuts:]) * spread > RUNAWAY).any())
        if gain < TINY or runs_away:
            break
    errors = _errors(information_of(pieces))[cuts:]
    fine = gain < TINY and not runs_away and not (errors * spread > UNKNOWN).any()
    return CumulativeFit(place[:cuts], place[cuts:], value, fine, codes, matrix, scores, pieces)


def information_of(pieces):
    """Return the information summed over rows: -(d2/du2 UU' + d2/dl2 LL' + d2/dudl (UL' + LU'))."""
    upper, lower, uu, ll, ul = pieces
    mixed = upper.T @ (ul[:, None] * lower)
    return upper.T @ (uu[:, None] * upper) + lower.T @ (ll[:, None] * lower) + mixed + mixed.T


def rows_of(pieces, rows):
    """Return the pieces of some rows only."""
    return tuple(piece[rows] for piece in pieces)


def _climb(place, step, value, codes, matrix, weights, cuts, kept):
    """Take Newton's step, halved until thresholds stay in order and the likelihood does not fall."""
    for halving in range(30):
        tried = place + step / 2**halving
        if (np.diff(tried[:cuts]) > 0).all():
            found = _evaluate(tried, codes, matrix, weights, cuts)
            if found[0] >= value - 1e-12:
                return tried, *found
    return place, value, *kept


def _solve(information, gradient):
    try:
        return np.linalg.solve(information, gradient)
    except np.linalg.LinAlgError:
        return np.linalg.lstsq(information, gradient, rcond=1e-12)[0]


def _errors(information):
    """Standard errors; infinite where the information is singular."""
    try:
        variances = np.diag(np.linalg.inv(information))
    except np.linalg.LinAlgError:
        return np.full(len(information), np.inf)
    return np.sqrt(np.where(variances > 0, variances, np.inf))


def _evaluate(place, codes, matrix, weights, cuts):
    """Return (log likelihood, scores (n, parameters), pieces of the information), each row weighted."""
    eta, ends = matrix @ place[cuts:], np.concatenate([[-np.inf], place[:cuts], [np.inf]])
    high, low = ends[codes + 1] - eta, ends[codes] - eta
    above, below = expit(high), expit(low)
    share = np.where(low > 0, expit(-low) - expit(-high), above - below)  # small differences of numbers near 1 are lost
    share = np.clip(share, 1e-300, None)
    slope_u, slope_l = above * (1 - above), below * (1 - below)
    a, b = slope_u / share, -slope_l / share
    upper, lower = _directions(codes, matrix, cuts)
    uu = a**2 - slope_u * (1 - 2 * above) / share
    ll = b**2 + slope_l * (1 - 2 * below) / share
    pieces = upper, lower, weights * uu, weights * ll, weights * a * b
    scores = (weights * a)[:, None] * upper + (weights * b)[:, None] * lower
    return float(weights @ np.log(share)), scores, pieces


def _directions(codes, matrix, cuts):
    """How a row's upper and lower end move with the parameters; the outermost ends do not move."""
    upper, lower = (np.zeros((len(codes), cuts + matrix.shape[1])) for _ in range(2))
    rows = np.arange(len(codes))
    top, bottom = codes < cuts, codes > 0
    upper[rows[top], codes[top]] = 1.0
    lower[rows[bottom], codes[bottom] - 1] = 1.0
    upper[top, cuts:], lower[bottom, cuts:] = -matrix[top], -matrix[bottom]
    return upper, lower


def shift_pieces(fit):
    """Return (direction (p,), score (n,), information (n,)) of moving everybody's grades up alike: the intercept's."""
    cuts = len(fit.thresholds)
    direction = np.concatenate([-np.ones(cuts), np.zeros(len(fit.slopes))])
    upper, lower, uu, ll, ul = fit.pieces
    high, low = upper @ direction, lower @ direction
    return direction, fit.scores @ direction, uu * high**2 + ll * low**2 + 2 * ul * high * low
