"""Agreement of two raters on numbers: the intraclass correlation of single ratings, its interval and test.

McGraw and Wong 1996, Psychol Methods 1:30, tables 4, 7 and 8. pingouin gives the same coefficient, but rounds its
interval to two decimals and knows 95% only, so it serves as a reference in the tests.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from mmresearch.models.inference import Contrast

RATERS = 2


@dataclass(frozen=True)
class Intraclass(Contrast):
    """n patients; mean squares between patients, between raters (None: raters interchangeable) and of the rest."""

    n: int = 0
    between: float = 0.0
    raters: float | None = None
    rest: float = 0.0

    def interval(self, level):
        low, high = self._ends(0.5 + level / 2)
        return float(min(low, self.point)), float(min(max(high, self.point), 1.0))

    def above(self, value):
        """One-sided p that the truth is at most `value`, by the F test of McGraw and Wong's table 8."""
        first, second = self._tested(value)
        df = self._df(value)
        return float(stats.f.sf(self.between / (first + second), self.n - 1, df))

    def below(self, value):
        return 1 - self.above(value)

    def _tested(self, value):
        if self.raters is None:
            return 0.0, self.rest * (1 + RATERS * value / (1 - value))
        share = RATERS * value / (self.n * (1 - value))
        return share * self.raters, (1 + share * (self.n - 1)) * self.rest

    def _df(self, value):
        """Satterthwaite's, of the mean square that the one between patients is compared with."""
        if self.raters is None:
            return self.n * (RATERS - 1)
        first, second = self._tested(value)
        return (first + second) ** 2 / (first**2 / (RATERS - 1) + second**2 / ((self.n - 1) * (RATERS - 1)))

    def _ends(self, quantile):
        n, k, df = self.n, RATERS, self._df(self.point)
        high, low = stats.f.ppf(quantile, n - 1, df), stats.f.ppf(quantile, df, n - 1)
        if self.raters is None:
            ratio = self.between / self.rest
            return (ratio / high - 1) / (ratio / high + k - 1), (ratio * low - 1) / (ratio * low + k - 1)
        noise = k * self.raters + (k * n - k - n) * self.rest
        return (
            n * (self.between - high * self.rest) / (high * noise + n * self.between),
            n * (low * self.between - self.rest) / (noise + n * low * self.between),
        )


def intraclass(first, second, same_raters):
    """Return the Intraclass of two ratings a patient, arrays (n,); None where nothing varies, or nothing but patients.

    same_raters: the same two raters saw everyone: absolute agreement ICC(A,1), their level counts; else ICC(1).
    """
    both = np.column_stack([first, second]).astype(float)
    n = len(both)
    between = RATERS * both.mean(axis=1).var(ddof=1)
    columns = n * both.mean(axis=0).var(ddof=1)
    total = np.sum((both - both.mean()) ** 2)
    if same_raters:
        rest = (total - between * (n - 1) - columns) / (n - 1)
        noise = rest + RATERS * (columns - rest) / n
        point = (between - rest) / (between + (RATERS - 1) * rest + RATERS * (columns - rest) / n)
    else:
        rest = noise = (total - between * (n - 1)) / n
        point = (between - rest) / (between + (RATERS - 1) * rest)
    if not (between > 0 and rest > 1e-12 * between and noise > 0 and point < 1):
        return None
    error = (1 - point) * (1 + (RATERS - 1) * point) * (2 / (RATERS * (RATERS - 1) * (n - 1))) ** 0.5
    return Intraclass(
        float(point),
        float(error),
        float(n - 1),
        n,
        float(between),
        float(columns) if same_raters else None,
        float(rest),
    )
