"""Two shares compared: risk difference, its interval, its p value, and the number needed to treat."""

import math

from scipy import stats

from mmresearch.estimate import Derived
from mmresearch.models.inference import Contrast, Ratio

SIDES = {1: "-to-benefit", 0: "", -1: "-to-harm"}  # by the sign of the difference in responders


def wald(events, total, other_events, other_total):
    """Return the Contrast of two shares, p1 - p2, with the unpooled standard error and a normal reference.

    Altman et al 2000, Statistics with Confidence, 2nd ed, p 49.
    """
    first, second = events / total, other_events / other_total
    error = math.sqrt(first * (1 - first) / total + second * (1 - second) / other_total)
    return Contrast(first - second, error)


def katz(events, total, other_events, other_total):
    """Return the Ratio of two shares, p1 / p2, with the log's large-sample standard error. No share may be 0.

    Katz et al 1978, Biometrics 34:469.
    """
    first, second = events / total, other_events / other_total
    error = math.sqrt((1 - first) / events + (1 - second) / other_events)
    return Ratio(first / second, error)


def newcombe(events, total, other_events, other_total, level):
    """Return (low, high) of p1 - p2 by the hybrid score method, without continuity correction.

    Newcombe 1998, Stat Med 17:873, method 10.
    """
    first, second = events / total, other_events / other_total
    (low1, high1), (low2, high2) = (wilson(events, total, level), wilson(other_events, other_total, level))
    return (
        first - second - math.hypot(first - low1, high2 - second),
        first - second + math.hypot(high1 - first, second - low2),
    )


def wilson(events, total, level):
    """Return (low, high) of a share by the score method. Wilson 1927, J Am Stat Assoc 22:209."""
    z = float(stats.norm.ppf(0.5 + level / 2))
    share = events / total
    centre = share + z**2 / (2 * total)
    half = z * math.sqrt(share * (1 - share) / total + z**2 / (4 * total**2))
    scale = 1 + z**2 / total
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)


def pearson(events, total, other_events, other_total):
    """Return p of Pearson's chi-squared test of two shares, without continuity correction; 1 where nothing varies."""
    table = [[events, total - events], [other_events, other_total - other_events]]
    if 0 in (events + other_events, total + other_total - events - other_events):
        return 1.0
    return float(stats.chi2_contingency(table, correction=False).pvalue)


def fisher(events, total, other_events, other_total):
    """Return p of Fisher's exact test, two-sided, of two shares."""
    return float(stats.fisher_exact([[events, total - events], [other_events, other_total - other_events]]).pvalue)


def number_needed(point, low, high):
    """Return the number needed to treat for one more (or one fewer) responder, with its interval, as a Derived.

    One over the risk difference; an interval of the difference that holds 0 runs through infinity, which the sentence
    says and the record leaves open (Altman 1998, BMJ 317:1309). The point is a number of patients, never signed: the
    record's name says the side, `-to-benefit` (NNTB) or `-to-harm` (NNTH).
    """
    name = "number-needed-to-treat" + SIDES[(point > 0) - (point < 0)]
    if low > 0 or high < 0:
        near, far = sorted((abs(1 / low), abs(1 / high)))
        word = "" if low > 0 else " to harm"
        text = (
            f"Number needed to treat{word}: {abs(1 / point):.1f} ({near:.1f} to {far:.1f}) patients for one "
            f"{'more' if low > 0 else 'fewer'} responder."
        )
        return Derived(name, abs(1 / point), near, far, "patients", text)
    sides = f"NNTH {_inverse(low)} to infinity to NNTB {_inverse(high)}"
    begins = "No difference, so no number needed to treat" if point == 0 else f"{_side(point)} {_inverse(point)}"
    needed = None if point == 0 else abs(1 / point)
    return Derived(name, needed, None, None, "patients", f"Number needed to treat: {begins} ({sides}).")


def _side(difference):
    return "NNTB" if difference > 0 else "NNTH"


def _inverse(difference):
    return "infinity" if difference == 0 else f"{abs(1 / difference):.1f}"
