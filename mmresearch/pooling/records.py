"""What pooling found, on the scale the effects were given on (of ratios: their logarithm)."""

import math
from dataclasses import dataclass, fields

from mmresearch.errors import RegistryError


@dataclass(frozen=True)
class Pooled:
    """One pooled effect of k independent studies. Numbers alone: which studies they are stands beside it.

    point, low, high   mean of the distribution of true effects, and its interval at `level`
    standard_error     by Hartung and Knapp; df = k - 1: the reference is t; p_value against no difference (0)
    prediction_low, prediction_high   where the true effect of a further study of the kind lies, at `level`
    tau2               variance of true effects between studies (unit squared), REML; its interval by the Q-profile
    i2                 share of tau2 in tau2 + the typical sampling variance, 0 to 1 (Higgins and Thompson 2002)
    q, q_p             Cochran's Q (k - 1 degrees of freedom) and its p
    ratio              Hartung and Knapp's variance ratio before any truncation; `truncated`: 1 was used in its place
    weights            share of each study in the point, in the order given; they add to 1
    notes              what a reader must know of this pooling, a sentence each
    Raises RegistryError where an interval does not hold its point or a number is not finite.
    """

    k: int
    level: float
    point: float
    standard_error: float
    df: int
    low: float
    high: float
    p_value: float
    prediction_low: float
    prediction_high: float
    tau2: float
    tau2_low: float
    tau2_high: float
    i2: float
    i2_low: float
    i2_high: float
    q: float
    q_p: float
    ratio: float
    truncated: bool
    weights: tuple[float, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self):
        numbers = [value for value in self._values() if isinstance(value, float)] + list(self.weights)
        rules = {
            "every number is finite": all(math.isfinite(value) for value in numbers),
            "the interval holds the point": self.low <= self.point <= self.high,
            "the prediction interval holds the interval's point": self.prediction_low <= self.point
            <= self.prediction_high,
            "variances are not negative": min(self.tau2, self.tau2_low, self.standard_error) >= 0,
            "tau2's interval is ordered": self.tau2_low <= self.tau2_high,
            "shares are between 0 and 1": all(0 <= share <= 1 for share in (self.i2, self.p_value, self.q_p)),
            "there is a weight for each study": len(self.weights) == self.k,
        }
        broken = [rule for rule, holds in rules.items() if not holds]
        if broken:
            raise RegistryError("Pooled", "a record breaks its own rules", broken)

    def _values(self):
        return (getattr(self, each.name) for each in fields(self))

    @property
    def tau(self):
        """Standard deviation of true effects between studies, in the unit of the effects."""
        return math.sqrt(self.tau2)
