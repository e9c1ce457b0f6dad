"""How much true effects vary between studies: tau2 by REML, its Q-profile interval, Q and I2.

Model: y_i ~ N(mu, v_i + tau2), v_i known. Restricted log-likelihood, its score and Q as in Viechtbauer W, J Educ Behav
Stat 2005;30:261-293 and Stat Med 2007;26:37-52 (Q-profile); what R's metafor gives (`tests/reference/pooling`).
"""

import numpy as np
from scipy.optimize import brentq
from scipy.stats import chi2

STEPS = 400  # points between which a change of the score's sign is looked for
CLOSE = dict(xtol=1e-300, rtol=1e-14, maxiter=500)


def weigh(y, v, tau2):
    """Return (weights 1 / (v + tau2), weighted mean of y)."""
    w = 1 / (v + tau2)
    return w, float(w @ y / w.sum())


def generalised_q(y, v, tau2):
    """Return the weighted sum of squares about the weighted mean; at tau2 = 0 it is Cochran's Q."""
    w, mean = weigh(y, v, tau2)
    return float(w @ (y - mean) ** 2)


def log_likelihood(y, v, tau2):
    """Return the restricted log-likelihood of tau2, without its constant."""
    w, mean = weigh(y, v, tau2)
    return 0.5 * float(np.log(w).sum() - np.log(w.sum()) - w @ (y - mean) ** 2)


def _score(y, v, tau2):
    """Its derivative, (y'PPy - tr P) / 2, at each of the values of tau2."""
    w = 1 / (v + np.atleast_1d(tau2)[:, None])
    total = w.sum(1)
    residual = w * (y - ((w @ y) / total)[:, None])
    return 0.5 * ((residual**2).sum(1) - total + (w**2).sum(1) / total)


def estimate_tau2(y, v):
    """Return the tau2 at which the restricted likelihood is highest, 0 where that is on the boundary.

    Every change of the score's sign is followed, because the likelihood can have several maxima and Fisher scoring from
    one start may end in the lower. Nothing is missed above: with eigenvalues of P within 1 / (max v + tau2) and
    1 / (min v + tau2), the score is negative beyond the root of (k - 1)(tau2 + min v)^2 = SS (tau2 + max v).
    """
    grid = np.geomspace(v.min(), v.min() + 1.01 * _beyond(y, v), STEPS) - v.min()
    scores = _score(y, v, grid)
    peaks = [brentq(lambda tau2: _score(y, v, tau2)[0], grid[at], grid[at + 1], **CLOSE)
             for at in range(STEPS - 1) if scores[at] > 0 >= scores[at + 1]]
    return float(max([0.0, *peaks], key=lambda tau2: log_likelihood(y, v, tau2)))


def _beyond(y, v):
    """Root of the bound above: t^2 + (2 min v - s) t + min v^2 - s max v = 0 with s = SS / (k - 1)."""
    s, least, most = y.var(ddof=1), v.min(), v.max()
    half = (s - 2 * least) / 2
    inside = half * half - least * least + s * most
    return max(least * 1e-6, half + np.sqrt(inside)) if inside > 0 else least * 1e-6


def profile_interval(y, v, level):
    """Return (low, high) of tau2 by the Q-profile; (0, 0) where even tau2 = 0 explains more spread than there is."""
    tail = (1 - level) / 2
    return tuple(_where_q_is(y, v, chi2.ppf(share, len(y) - 1)) for share in (1 - tail, tail))


def _where_q_is(y, v, value):
    """Return the tau2 at which Q, which falls in tau2, equals value: Q <= SS / (min v + tau2) bounds it above."""
    if generalised_q(y, v, 0.0) <= value:
        return 0.0
    most = float(((y - y.mean()) ** 2).sum() / value - v.min()) * (1 + 1e-9)
    return float(brentq(lambda tau2: generalised_q(y, v, tau2) - value, 0.0, most, **CLOSE))


def typical_variance(v):
    """Return the sampling variance of a typical study (Higgins JP, Thompson SG. Stat Med 2002;21:1539-1558, eq. 9)."""
    w = 1 / v
    return float((len(v) - 1) * w.sum() / (w.sum() ** 2 - w @ w))
