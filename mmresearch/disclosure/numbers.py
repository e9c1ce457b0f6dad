"""Digits: no more of them than a reader needs, because the last ones are a fingerprint of the patients."""

import math

from mmresearch.disclosure.policy import SMALLEST_P
from mmresearch.verdict.numbers import decimals


def trim(value, sd):
    """Return a mean with the decimals its standard deviation deserves: one for scales of 10 or 100 points.

    At most one more than the scale has: none from a spread of 500, two below 0.5, and so on.
    """
    if value is None:
        return None
    return round(value, mean_decimals(sd))


def mean_decimals(sd):
    if sd is None or sd <= 0:
        return 1
    return 0 if sd >= 500 else max(1, 1 - math.floor(math.log10(2 * sd)))


def trim_interval(low, high, *values):
    """Return (low, high, *values) with two decimals more than a sentence shows: rounded again, it shows the same."""
    digits = 2 if None in (low, high) else min(5, decimals(low, high) + 2)
    return tuple(None if value is None else round(value, digits) for value in (low, high, *values))


def significant(value, digits=3):
    """Return the number at so many significant digits; None stays None."""
    return None if value is None else float(f"{value:.{digits}g}")


def shown_p(value):
    """Return p as it leaves: three decimals, and never below 0.001, which then means at most that."""
    return None if value is None else max(SMALLEST_P, round(value, 3))


def coarse_freedom(df):
    """Return degrees of freedom floored to tens, from 20 to twenties: exact ones would tell how many were analysed."""
    if df is None:
        return None
    step = 20 if df >= 20 else 10
    return float(step * math.floor(df / step)) if df >= 10 else float(math.floor(df))
