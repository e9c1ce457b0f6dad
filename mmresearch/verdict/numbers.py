"""Numbers as a clinician reads them: as many decimals as the interval's width deserves, never one that misleads."""

import math
import re

from mmresearch.estimate import RATIOS

PERCENT = ("proportion", "share")
MOST = 6  # decimals
ONE_OF = re.compile(r"(?<=\w{2})s\b")  # the ending that one of a unit loses; the unit `s`, a second, has none


def decimals(low, high, marks=(0,)):
    """Return how many decimals a point and its interval deserve.

    One significant digit of the interval's half-width, two when its first digit is 1, 2 or 3; more when rounding would
    put a limit on one of `marks` (no difference, a margin) on which it does not lie.
    """
    half = (high - low) / 2
    if half <= 0:
        return 2
    exponent = math.floor(math.log10(half))
    digits = max(0, -exponent + (1 if half / 10**exponent < 4 else 0))
    while digits < MOST and any(_lands(value, mark, digits) for value in (low, high) for mark in marks):
        digits += 1
    return digits


def digits_of(estimate, low, high, factor=1):
    """Return the decimals of an interval of this estimate's measure: apart from no difference, null and margin.

    A ratio has two at least: one of 1.0 may be 4% lower. factor: of the unit it is read in.
    """
    null = () if estimate.null is None else (factor * estimate.null,)
    if estimate.measure in RATIOS:
        margins = (estimate.margin, 1 / estimate.margin) if estimate.margin else ()
        return max(2, decimals(low, high, (1, 0, *null, *margins)))
    margin = factor * (estimate.margin or 0)
    return decimals(low, high, (0, *null, margin, -margin))


def write(value, digits):
    """Return the number with so many decimals, a true minus never before a zero."""
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def short(value):
    """Return a registered number as it was registered: 1, 0.5, 12.5."""
    return f"{value:.6g}"


def amount(value, unit):
    """Return a registered number with its unit: 1 point, 2 points, 1 day/28 days."""
    return f"{short(value)} {ONE_OF.sub('', unit, count=1) if short(value) == '1' else unit}".strip()


def p_text(p, alpha):
    """Return `p = 0.034` or `p < 0.0001`; more digits where rounding would put p on alpha. Tables use it too."""
    if p < 0.0001:
        return "p < 0.0001"
    if 0.995 <= p < 1:
        return "p > 0.99"
    digits = 2 if p >= 0.1 else 3 if p >= 0.001 else 4
    while digits < MOST and _lands(p, alpha, digits):
        digits += 1
    return f"p = {p:.{digits}f}"


def _lands(value, mark, digits):
    return value != mark and abs(round(value, digits) - mark) < 1e-9 < abs(value - mark)
