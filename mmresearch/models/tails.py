"""Counts as contrasts: intervals and tests from binomial and score tails instead of a standard error."""

import math
from dataclasses import dataclass

from scipy import stats

from mmresearch.models import rates
from mmresearch.models.inference import Contrast


@dataclass(frozen=True)
class Exact(Contrast):
    """A share tested by its binomial tails; events and total may be effective numbers."""

    events: float = 0.0
    total: float = 1.0

    def interval(self, level):
        return rates.clopper_pearson(self.events, self.total, level)

    def above(self, value):
        return 1.0 if self.events <= 0 else float(stats.beta.cdf(value, self.events, self.total - self.events + 1))

    def below(self, value):
        return (
            1.0 if self.events >= self.total else float(stats.beta.sf(value, self.events + 1, self.total - self.events))
        )


@dataclass(frozen=True)
class Score(Contrast):
    """The difference of two shares, tested by the score statistic; counts: events and totals, arm first."""

    counts: tuple = ()

    def interval(self, level):
        return rates.miettinen_nurminen(*self.counts, level)

    def above(self, value):
        return float(stats.norm.sf(self._root(value)))

    def below(self, value):
        return float(stats.norm.cdf(self._root(value)))

    def _root(self, value):
        return math.copysign(math.sqrt(rates.score_statistic(*self.counts, value)), self.point - value)


@dataclass(frozen=True)
class Conditional(Contrast):
    """The ratio of two rates, tested with mid-p, given the events of both; counts: events and exposures, arm first."""

    counts: tuple = ()

    def interval(self, level):
        return rates.rate_ratio(*self.counts, level)

    def above(self, value):
        happened, exposure, other, other_exposure = self.counts
        share = value * exposure / (value * exposure + other_exposure)
        total = happened + other
        return float(stats.binom.sf(happened, total, share) + stats.binom.pmf(happened, total, share) / 2)

    def below(self, value):
        return 1 - self.above(value)
