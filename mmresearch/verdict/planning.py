"""How many patients would settle it: planned on the precision of the interval, never on the observed effect.

Source: precision-based planning, for example Bland JM, BMJ 2009;339:b3985, and Kelley K, Rausch JR, Psychol Methods
2006;11:363-385. With n analysed patients in each arm the half-width of the interval is

    h(n) = t(1 - alpha/2, df(n)) * SE(n)

Derivation from this study. SE^2 = s^2 (1/n1 + 1/n2) gives s^2 = SE^2 / (1/n1 + 1/n2), the variance of one patient as
this study's model saw it: adjusted for baseline, and inflated by clustering where the fit allowed for it. So

    SE(n)^2 = 2 s^2 / n        df(n) = df * 2n / (n1 + n2), or normal where the fit had no df

The wanted n is the smallest with h(n) <= M/2. Where outcomes are clustered this assumes as many patients per therapist
as here: more patients mean more therapists. Randomised patients are n divided by the share that was analysed here.
For a ratio SE and M are on the log scale.
"""

import math

from mmresearch.estimate import RATIOS
from mmresearch.verdict.orientation import alpha, margin

MOST = 1_000_000  # patients per arm; beyond it a number helps nobody


def half_width(estimate, n):
    """Return h(n) in the unit of the measure (log scale for ratios); n: analysed patients in each of two arms."""
    from scipy.stats import norm, t

    here = [estimate.n[arm] for arm in (estimate.arm, estimate.reference)]
    spread = estimate.standard_error / math.sqrt(1 / here[0] + 1 / here[1])
    tail = 1 - alpha(estimate) / 2
    df = estimate.df * 2 * n / sum(here) if estimate.df else None
    return (t.ppf(tail, df) if df else norm.ppf(tail)) * spread * math.sqrt(2 / n)


def patients_per_arm(estimate):
    """Return the randomised patients per arm (int) at which the half-width is expected to be half the margin, or None.

    None where no margin is known, the estimate compares no two arms, or the number exceeds a million.
    """
    if not _plannable(estimate):
        return None
    goal = margin(estimate) / 2
    low, high = 1, MOST
    if half_width(estimate, high) > goal:
        return None
    while high - low > 1:  # h(n) falls with n
        middle = (low + high) // 2
        low, high = (low, middle) if half_width(estimate, middle) <= goal else (middle, high)
    return math.ceil(high / retention(estimate))


def narrow_enough(estimate):
    """True when this study's interval is already no wider than the margin, half of it on either side."""
    ends = [math.log(end) if estimate.measure in RATIOS else end for end in (estimate.low, estimate.high)]
    return ends[1] - ends[0] <= margin(estimate)


def retention(estimate):
    """Return the share of the two arms' randomised patients that was analysed, at most 1."""
    arms = (estimate.arm, estimate.reference)
    randomised = sum(estimate.n_randomised.get(arm, 0) for arm in arms)
    analysed = sum(estimate.n[arm] for arm in arms)
    return min(1.0, analysed / randomised) if randomised else 1.0


def _plannable(estimate):
    counted = [estimate.n.get(arm, 0) for arm in (estimate.arm, estimate.reference)]
    return bool(margin(estimate)) and bool(estimate.standard_error) and min(counted) > 0
