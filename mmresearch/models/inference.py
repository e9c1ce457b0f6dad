"""From a point and its standard error to an interval and a p value, for each registered hypothesis of a difference."""

import math
from dataclasses import dataclass

from scipy import stats

from mmresearch.estimate import RATIOS

OTHER = {"higher": "lower", "lower": "higher"}


@dataclass(frozen=True)
class Contrast:
    """Arm minus reference on the measure's scale; df None means the normal distribution."""

    point: float
    standard_error: float
    df: float | None = None

    @property
    def reference(self):
        return stats.norm if self.df is None else stats.t(self.df)

    def interval(self, level):
        """Return (low, high): two-sided at `level`."""
        half = float(self.reference.ppf(0.5 + level / 2)) * self.standard_error
        return self.point - half, self.point + half

    def above(self, value):
        """Return the one-sided p value for the hypothesis that the truth is at most `value`."""
        return float(self.reference.sf((self.point - value) / self.standard_error))

    def below(self, value):
        """Return the one-sided p value for the hypothesis that the truth is at least `value`."""
        return float(self.reference.cdf((self.point - value) / self.standard_error))


@dataclass(frozen=True)
class Ratio(Contrast):
    """Arm over reference: `point` and limits are ratios, `standard_error` is the log's; tests are on the log scale."""

    @property
    def log(self):
        return Contrast(math.log(self.point), self.standard_error, self.df)

    def interval(self, level):
        return tuple(math.exp(end) for end in self.log.interval(level))

    def above(self, value):
        return self.log.above(math.log(value))

    def below(self, value):
        return self.log.below(math.log(value))


def margins(question):
    """Return (low, high): the smallest differences worth having, either side. A ratio's margin is one either way up."""
    if question.analysis.measure in RATIOS:
        return tuple(sorted((question.margin, 1 / question.margin)))
    return -question.margin, question.margin


def null_value(question):
    """Return the null on the measure's scale: as registered; for non-inferiority the margin, for equivalence None."""
    analysis = question.analysis
    if analysis.hypothesis == "equivalence":
        return None
    if analysis.hypothesis == "non-inferiority":
        return margins(question)[0 if claimed_side(question) == "higher" else 1]
    return analysis.null or (1.0 if analysis.measure in RATIOS else 0.0)


def claimed_side(question):
    """Return the side the claim names on the measure's own scale.

    A share of responders counts improvements, so more of them is `higher` whatever the instrument's better side; what
    takes less time has the higher hazard.
    """
    if question.analysis.method == "responder":
        return "higher" if question.direction == question.instrument.better else "lower"
    if question.analysis.method == "time-to-event" and question.analysis.measure == "hazard-ratio":
        return OTHER[question.direction]
    return question.direction


def p_value(contrast, question):
    """Return p of the registered hypothesis.

    superiority, above, below: two-sided against the null. exists: one-sided, more than nothing. non-inferiority:
    one-sided against the margin on the claimed side's back. equivalence: two one-sided tests, the larger p (Schuirmann
    1987, J Pharmacokinet Biopharm 15:657).
    """
    hypothesis = question.analysis.hypothesis
    if hypothesis == "equivalence":
        low, high = margins(question)
        return max(contrast.above(low), contrast.below(high))
    null = null_value(question)
    if hypothesis == "exists":
        return contrast.above(null)
    if hypothesis == "non-inferiority":
        return contrast.above(null) if claimed_side(question) == "higher" else contrast.below(null)
    return min(1.0, 2 * min(contrast.above(null), contrast.below(null)))
