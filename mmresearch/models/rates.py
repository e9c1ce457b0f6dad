"""Rare events: how often, at most how often, and how much more often in one arm than in another.

Exact intervals of a share (Clopper and Pearson 1934, Biometrika 26:404), for patients who count several times as Korn
and Graubard 1998, Surv Methodol 24:193, make them; score intervals of a difference (Miettinen and Nurminen 1985,
Stat Med 4:213); exact tests with mid-p (Lancaster 1961, J Am Stat Assoc 56:223); the rule of three (Hanley and
Lippman-Hand 1983, JAMA 249:1743). Counts may be effective, that is fractions.
"""

import math

import numpy as np
from scipy import optimize, special, stats


def clopper_pearson(events, total, level):
    """Return (low, high) of a share: no truth outside it is compatible with the count at either tail."""
    tail = (1 - level) / 2
    low = 0.0 if events <= 0 else float(stats.beta.ppf(tail, events, total - events + 1))
    high = 1.0 if events >= total else float(stats.beta.ppf(1 - tail, events + 1, total - events))
    return low, high


def mid_p_interval(events, total, level):
    """Return (low, high) of a share from tests that count half of the observed outcome; shorter than
    Clopper-Pearson.
    """
    tail = (1 - level) / 2

    ways = -special.betaln(events + 1, total - events + 1) - math.log(total + 1)  # log of the binomial coefficient

    def upper(share):  # chance of this many or more, the observed count half
        more = 1.0 if events == 0 else special.betainc(events, total - events + 1, share)
        return more - math.exp(ways + events * math.log(share) + (total - events) * math.log1p(-share)) / 2

    low = 0.0 if events == 0 else optimize.brentq(lambda p: upper(p) - tail, 1e-12, 1 - 1e-12)
    high = 1.0 if events == total else optimize.brentq(lambda p: 1 - upper(p) - tail, 1e-12, 1 - 1e-12)
    return float(low), float(high)


def poisson_exact(events, exposure, level):
    """Return (low, high) of a rate per unit of exposure. Garwood 1936, Biometrika 28:437."""
    tail = (1 - level) / 2
    low = 0.0 if events <= 0 else stats.chi2.ppf(tail, 2 * events) / 2
    return float(low / exposure), float(stats.chi2.ppf(1 - tail, 2 * events + 2) / 2 / exposure)


def rule_of_three(total, level=0.95):
    """Return the one-sided upper bound of a share when none of `total` had the event: about 3 / total at 95%."""
    return 1 - (1 - level) ** (1 / total)


def ratio_share(events, totals, labels=None):
    """Return (share, variance, df): events over totals, both summed, with clusters as the units that vary.

    events, totals (n,) of a patient each; labels (n,): clusters of patients, None where each patient is one.
    Linearised ratio, Cochran 1977, Sampling Techniques, 3rd ed, section 6.3; df: clusters minus one.
    """
    events, totals = np.asarray(events, float), np.asarray(totals, float)
    share = events.sum() / totals.sum()
    rest = events - share * totals
    if labels is not None:
        rest = np.array([rest[labels == label].sum() for label in np.unique(labels)])
    groups = len(rest)
    if groups < 2:
        return float(share), None, 0
    return float(share), float(groups / (groups - 1) * np.sum(rest**2) / totals.sum() ** 2), groups - 1


def effective(events, totals, labels, level):
    """Return the number of independent sessions that carry as much as these, at most as many as there are.

    Korn and Graubard: n / design effect, times the squared ratio of the t quantiles of n and of the clusters. Where
    nothing varies (no event, or all) the design effect is unknown and taken as 1.
    """
    total = float(np.sum(totals))
    share, variance, df = ratio_share(events, totals, labels)
    if not 0 < share < 1:
        return total
    if not variance:
        return min(total, float(df + 1)) if df else 1.0
    quantile = 0.5 + level / 2
    shrink = (stats.t.ppf(quantile, total - 1) / stats.t.ppf(quantile, df)) ** 2
    return min(total, share * (1 - share) / variance * shrink)


def miettinen_nurminen(events, total, other_events, other_total, level):
    """Return (low, high) of p1 - p2 by the score method, variance times N / (N - 1); counts may be effective ones."""
    limit = stats.chi2.ppf(level, 1)
    point = events / total - other_events / other_total

    def beyond(difference):
        return score_statistic(events, total, other_events, other_total, difference) - limit

    low = -1.0 if beyond(-1 + 1e-9) <= 0 else optimize.brentq(beyond, -1 + 1e-9, point)
    high = 1.0 if beyond(1 - 1e-9) <= 0 else optimize.brentq(beyond, point, 1 - 1e-9)
    return float(low), float(high)


def score_statistic(events, total, other_events, other_total, difference):
    """Return the score chi-squared of p1 - p2 = difference; the restricted shares solve a cubic in closed form."""
    everyone = total + other_total
    gap = events / total - other_events / other_total - difference
    other = _restricted(events, total, other_events, other_total, difference)
    one = min(max(other + difference, 0.0), 1.0)
    variance = (one * (1 - one) / total + other * (1 - other) / other_total) * everyone / (everyone - 1)
    return 0.0 if abs(gap) < 1e-12 else gap**2 / max(variance, 1e-300)


def _restricted(events, total, other_events, other_total, d):
    """The reference's share of highest likelihood when the difference is d (Miettinen and Nurminen, appendix I)."""
    everyone, cases = total + other_total, events + other_events
    l2 = (total + 2 * other_total) * d - everyone - cases
    l1 = (other_total * d - everyone - 2 * other_events) * d + cases
    l0 = other_events * d * (1 - d)
    q = (l2 / (3 * everyone)) ** 3 - l1 * l2 / (6 * everyone**2) + l0 / (2 * everyone)
    p = math.copysign(math.sqrt(max((l2 / (3 * everyone)) ** 2 - l1 / (3 * everyone), 0.0)), q or 1.0)
    turn = (math.pi + math.acos(min(max(q / p**3 if p else 0.0, -1.0), 1.0))) / 3
    return min(max(2 * p * math.cos(turn) - l2 / (3 * everyone), 0.0), 1.0)


def fisher_mid_p(events, total, other_events, other_total):
    """Return the two-sided mid-p of two shares: tables less likely than this one, and half of those as likely."""
    cases = events + other_events
    possible = np.arange(max(0, cases - other_total), min(cases, total) + 1)
    chance = stats.hypergeom.pmf(possible, total + other_total, cases, total)
    own = chance[possible == events][0]
    equal = np.isclose(chance, own, rtol=1e-7, atol=0)
    if len(possible) == 1:
        return 1.0
    return float(min(1.0, chance[(chance < own) & ~equal].sum() + chance[equal].sum() / 2))


def rate_ratio(events, exposure, other_events, other_exposure, level):
    """Return (low, high) of the ratio of two rates, exact with mid-p, given how many events there were in both.

    Conditional on the total the arm's count is binomial (Przyborowski and Wilenski 1940). Ends may be 0 or infinite.
    """
    low, high = mid_p_interval(events, events + other_events, level)
    scale = other_exposure / exposure
    return scale * low / (1 - low), math.inf if high >= 1 else scale * high / (1 - high)
