"""Turns an Estimate so that positive means what the article claims, and puts ratios on the log scale."""

import math

from mmresearch.codebook import codebook
from mmresearch.estimate import RATIOS
from mmresearch.verdict.rules import Facts

MARGINS = {"any": 0, "important": 1}  # of the claim's magnitude; `large` is a convention of the codebook


def orient(claim, estimate, p):
    """Return the Facts of one estimate. p: the one that decides, or None.

    Differences are taken from the registered null, margins stay in the unit of the measure. For a ratio the margin
    is itself a ratio (1.25 and 0.8 say the same), so `large` is the margin squared.
    """
    turn = _sign(estimate)
    ends = [turn * (_scale(estimate, value) - origin(estimate)) if value is not None else None
            for value in (estimate.low, estimate.point, estimate.high)]
    low, point, high = ends if turn > 0 else reversed(ends)
    return Facts(low=low, point=point, high=high, p=1.0 if p is None else p, alpha=alpha(estimate),
                 margin=margin(estimate), threshold=threshold(claim, estimate), serious=bool(estimate.serious))


def alpha(estimate):
    """Return 1 - level without the last bit of floating-point dust, so that p = 0.05 is not below 0.05."""
    return round(1 - estimate.level, 10)


def margin(estimate):
    """Return M on the scale of the judgement, or None where no margin is known."""
    if estimate.margin is None:
        return None
    return abs(math.log(estimate.margin)) if estimate.measure in RATIOS else estimate.margin


def multiple(claim):
    """Return how many margins the article's own words ask for: 0 (any), 1 (important), or the codebook's for large."""
    magnitude = claim.analysis.magnitude
    return codebook().conventions["large-multiple"].value if magnitude == "large" else MARGINS[magnitude]


def threshold(claim, estimate):
    """Return L on the scale of the judgement, or None where it needs a margin and none is known."""
    known = margin(estimate)
    return 0.0 if multiple(claim) == 0 else None if known is None else multiple(claim) * known


def origin(estimate):
    """Return the value that counts as zero, on the scale of the judgement: the registered null, else no difference."""
    if estimate.hypothesis in ("non-inferiority", "equivalence") or estimate.null is None:
        return 0.0  # the margins stand around no difference, whatever the test's null is written as
    return _scale(estimate, estimate.null)


def _scale(estimate, value):
    return math.log(value) if estimate.measure in RATIOS else value


def _sign(estimate):
    if estimate.hypothesis in ("above", "below"):
        return 1 if estimate.hypothesis == "above" else -1
    return -1 if estimate.direction == "lower" else 1
