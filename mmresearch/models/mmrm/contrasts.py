"""One linear combination of coefficients as a record, with its interval and p."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from mmresearch.errors import UsageError


@dataclass(frozen=True)
class Contrast:
    """One linear combination of coefficients, in the outcome's unit. df None: normal; numbers None: not estimable."""

    name: str
    estimate: float | None
    standard_error: float | None
    df: float | None
    low: float | None
    high: float | None
    statistic: float | None
    p_value: float | None
    level: float
    variant: str
    arm: str | None = None
    reference: str | None = None
    visit: str | None = None
    n: int | None = None


def drawn(name, estimate, error, df, level, variant, **where):
    """Return the Contrast with its interval and two-sided p from a t distribution (normal where df is infinite)."""
    if not 0 < level < 1:
        raise UsageError("contrast", f"level {level:g} is not between 0 and 1, as 0.95 is")
    if estimate is None or not (np.isfinite(estimate) and error > 0 and df > 0):  # nan compares as False
        return Contrast(name, None, None, None, None, None, None, None, level, variant, **where)
    half = stats.t.ppf((1 + level) / 2, df) * error
    t = estimate / error
    return Contrast(
        name,
        float(estimate),
        float(error),
        float(df) if np.isfinite(df) else None,
        float(estimate - half),
        float(estimate + half),
        float(t),
        float(2 * stats.t.sf(abs(t), df)),
        level,
        variant,
        **where,
    )
