"""Numbers as a reader reads them: the digits of the verdict's sentence, a true minus, a p that is never 0."""

import math

from mmresearch.estimate import RATIOS
from mmresearch.verdict.families import NEED_MARGIN
from mmresearch.verdict.numbers import decimals, digits_of, p_text

MINUS, DASH = "\u2212", "\u2013"
TOO_FEW = "too few to show"
WITHHELD = "withheld"  # in a released report; its stamp says why
SHARES = frozenset({"risk-difference", "proportion"})
BARE = frozenset({"kappa", "icc"})


def show_number(value, digits=1):
    """Return `value` with that many decimals and a true minus; a dash where there is none."""
    if value is None:
        return DASH
    text = f"{value:,.{digits}f}"
    return text.lstrip("-") if float(text.replace(",", "")) == 0 else text.replace("-", MINUS)


def null_value(estimate):
    """Return the value of no difference; of a level, and of a registered value, that value."""
    if estimate.hypothesis in NEED_MARGIN or estimate.null is None:  # of the former `null` is a margin, or none
        return 1.0 if estimate.measure in RATIOS else 0.0
    return estimate.null


def count_digits(low, high, marks=(0,)):
    """Return how many decimals an interval deserves: the rule of the verdict's sentences; 2 without an interval."""
    return 2 if None in (low, high) else decimals(low, high, tuple(mark for mark in marks if mark is not None))


def line_digits(estimate, line=None):
    """Return how many decimals the estimate's own interval, or another line of it, deserves in its reading unit."""
    line, (factor, _) = line or estimate, reading_unit(estimate)
    return 2 if None in (line.low, line.high) else digits_of(estimate, factor * line.low, factor * line.high, factor)


def mean_digits(sds):
    """Return the decimals of means whose SDs these are: one, more where the SD is below 0.5, none from 500.

    An index from 0 to 1 (SD 0.2) has two, a scale of 10 or 100 points one, counts of thousands none; two without SD.
    """
    known = [sd for sd in sds if sd is not None]
    widest = max(known, default=0)
    if not known or not 0 < widest < 500:
        return 2 if not known else int(not widest)
    return max(1, 1 - math.floor(math.log10(2 * widest)))


def show_moments(mean, sd, digits):
    """Return `6.1 (1.8)`: mean (SD); the mean alone where the SD is not told."""
    spread = "" if sd is None else f" ({show_number(sd, digits)})"
    return DASH if mean is None else f"{show_number(mean, digits)}{spread}"


def show_interval(point, low, high, digits=None, joined=" to "):
    """Return `4.6 (2.2 to 7.0)`, all at the same digits."""
    digits = count_digits(low, high) if digits is None else digits
    if None in (low, high):
        return show_number(point, digits)
    return f"{show_number(point, digits)} ({show_number(low, digits)}{joined}{show_number(high, digits)})"


def show_p(value, alpha=0.05):
    """Return p with the digits it has in the verdict's sentence, `0.034` or `< 0.0001`; a dash where there is none."""
    return DASH if value is None else p_text(value, alpha).removeprefix("p ").removeprefix("= ")


def show_count(count):
    """Return a count of patients, or that it is withheld."""
    return WITHHELD if count is None else f"{count:,}"


def show_share(share, digits=0):
    """Return a share as per cent; a dash where there is none."""
    return DASH if share is None else f"{show_number(100 * share, digits)}%"


def reading_unit(estimate):
    """Return (factor, unit): shares are read in percentage points or per cent, everything else as it is."""
    if estimate.measure in SHARES:
        return 100, "percentage points" if estimate.measure == "risk-difference" else "%"
    bare = estimate.measure in BARE or estimate.measure.endswith("-ratio")
    return 1, "" if bare else estimate.unit


def times(factor, *values):
    return tuple(None if value is None else value * factor for value in values)
