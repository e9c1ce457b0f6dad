"""The rule that turns an interval into a verdict: one table a hypothesis, first match wins.

This table is the definition; docs/verdicts.md explains it. Everything is oriented: positive is what the article claims,
zero is no difference (or the registered value); ratios are on the log scale.
"""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Facts:
    """What the rule may look at, and nothing else.

    low, point, high  of the oriented estimate; None where the fit gave none
    margin            M, the smallest difference between groups worth having; None where none is known
    threshold         L, what the claim's own word asks for: 0, M or 2M; None where that needs an unknown margin
    p                 the p that decides: Holm's inside the family, the estimate's own outside it; 1 where there is none
    """

    low: float | None
    point: float | None
    high: float | None
    p: float
    alpha: float
    margin: float | None = None
    threshold: float | None = 0.0
    serious: bool = False

    @property
    def sure(self):
        return self.p < self.alpha

    @property
    def sure_one_sided(self):
        """True when a one-sided p is below alpha / 2: false support is as rare as from a two-sided test at alpha."""
        return self.p < self.alpha / 2

    @property
    def within(self):
        """True when the whole interval lies inside the margin on both sides."""
        return self.margin is not None and -self.margin < self.low and self.high < self.margin


@dataclass(frozen=True)
class Row:
    """One row of the rule. `stamp`: the verdict rests on the margin, so a convention must be named."""

    when: Callable[[Facts], bool]
    verdict: str
    code: str | None
    reason: str
    stamp: bool = False


NEEDS_MARGIN = Row(lambda f: f.margin is None, "not-assessable", "no-margin",
                   "no margin is known for this instrument, and without one neither equal nor not worse can be said")
TROUBLE = (
    Row(lambda f: f.serious, "inconclusive", "serious-trouble", "the analysis is in serious trouble"),
    Row(lambda f: None in (f.low, f.point, f.high), "inconclusive", "no-interval", "the analysis gave no interval"),
)
OPEN = Row(lambda f: True, "inconclusive", "interval-too-wide",
           "the interval leaves more than one answer open", stamp=True)
NOT_HOLM = Row(lambda f: f.low > 0 or f.high < 0, "inconclusive", "holm-not-reached",
               "the interval excludes zero (of a ratio, 1), but p after Holm does not reach alpha", stamp=True)

SUPERIORITY = (
    *TROUBLE,
    Row(lambda f: f.high < 0 and f.sure, "refuted", "opposite",
        "the whole interval lies on the side opposite to the claim, and p after Holm is below alpha"),
    Row(lambda f: f.low > 0 and f.sure and f.threshold == 0 and f.margin is not None and f.high < f.margin,
        "supported", "smaller-than-worth-having",
        "the whole interval lies on the claimed side, p after Holm is below alpha, and all of it is below the margin",
        stamp=True),
    Row(lambda f: f.low > 0 and f.sure and f.threshold == 0, "supported", None,
        "the whole interval lies on the claimed side, and p after Holm is below alpha"),
    Row(lambda f: f.low > 0 and f.sure and f.threshold is None, "supported", "size-not-settled",
        "the whole interval lies on the claimed side and p after Holm is below alpha, but no margin is known to "
        "measure the claimed size by"),
    Row(lambda f: f.low > 0 and f.sure and f.low >= f.threshold, "supported", None,
        "the whole interval reaches the claimed size, and p after Holm is below alpha", stamp=True),
    Row(lambda f: f.low > 0 and f.sure and f.high < f.threshold, "supported-smaller", "smaller-than-claimed",
        "the whole interval lies on the claimed side, p after Holm is below alpha, and all of it is below the "
        "claimed size", stamp=True),
    Row(lambda f: f.low > 0 and f.sure, "supported", "size-not-settled",
        "the whole interval lies on the claimed side and p after Holm is below alpha, but the claimed size lies "
        "inside the interval", stamp=True),
    Row(lambda f: f.within, "refuted", "too-small", "the whole interval lies inside the margin", stamp=True),
    NOT_HOLM,
    OPEN,
)
NON_INFERIORITY = (
    NEEDS_MARGIN,
    *TROUBLE,
    Row(lambda f: f.low > -f.margin and f.sure, "supported", None,
        "the whole interval lies above minus the margin, and p after Holm is below alpha", stamp=True),
    Row(lambda f: f.high < -f.margin, "refuted", "worse", "the whole interval lies below minus the margin", stamp=True),
    Row(lambda f: f.low > -f.margin, "inconclusive", "holm-not-reached",
        "the interval excludes a difference as bad as the margin, but p after Holm does not reach alpha", stamp=True),
    OPEN,
)
EQUIVALENCE = (
    NEEDS_MARGIN,
    *TROUBLE,
    Row(lambda f: f.within, "supported", None, "the whole interval lies inside the margin on both sides", stamp=True),
    Row(lambda f: f.low > f.margin or f.high < -f.margin, "refuted", "outside",
        "the whole interval lies outside the margin", stamp=True),
    OPEN,
)
AGAINST_VALUE = (  # `above` and `below`: zero is the registered value, positive the claimed side of it
    *TROUBLE,
    Row(lambda f: f.low > 0, "supported", None, "the whole interval lies on the claimed side of the registered value"),
    Row(lambda f: f.high < 0, "refuted", "opposite",
        "the whole interval lies on the other side of the registered value"),
    Row(lambda f: True, "inconclusive", "interval-too-wide", "the interval holds the registered value"),
)
EXISTS = (
    *TROUBLE,
    Row(lambda f: f.high < 0, "refuted", "opposite", "the whole interval lies on the side opposite to the claim"),
    Row(lambda f: f.point > 0 and f.sure_one_sided, "supported", None,
        "p of the one-sided test against zero is below half of alpha"),
    Row(lambda f: f.within, "refuted", "too-small", "the whole interval lies inside the margin", stamp=True),
    Row(lambda f: True, "inconclusive", "interval-too-wide",
        "p of the one-sided test against zero is not below half of alpha"),
)
TABLES = {
    "superiority": SUPERIORITY,
    "non-inferiority": NON_INFERIORITY,
    "equivalence": EQUIVALENCE,
    "above": AGAINST_VALUE,
    "below": AGAINST_VALUE,
    "exists": EXISTS,
}


def first_match(hypothesis, facts):
    """Return the first Row of the hypothesis' table that holds for `facts`. The last row of every table always does."""
    return next(row for row in TABLES[hypothesis] if row.when(facts))
