"""Agreement of two raters on categories or grades: kappa and Gwet's AC1, each with an interval.

Kappa: Cohen 1960, Educ Psychol Meas 20:37; weighted: Cohen 1968, Psychol Bull 70:213; standard error: Fleiss, Cohen and
Everitt 1969, Psychol Bull 72:323 (statsmodels). AC1: Gwet 2008, Br J Math Stat Psychol 61:29.
"""

import math
from dataclasses import dataclass

import numpy as np

from mmresearch.models.inference import Contrast

CLOSE = 1 - 1e-9  # a correlation of 1 has no Fisher z


@dataclass(frozen=True)
class Correlation(Contrast):
    """A coefficient up to 1, tested on Fisher's z scale around `centre`, whose standard error on that scale is
    `spread`.
    """

    centre: float = 0.0
    spread: float = 1.0

    @property
    def z(self):
        return Contrast(math.atanh(min(max(self.centre, -CLOSE), CLOSE)), self.spread, self.df)

    def interval(self, level):
        low, high = (math.tanh(end) for end in self.z.interval(level))
        return min(low, self.point), max(high, self.point)

    def above(self, value):
        return self.z.above(math.atanh(value))

    def below(self, value):
        return self.z.below(math.atanh(value))


def crossed(first, second, levels, symmetric=False):
    """Return the table of counts (K, K) of two raters' codes; symmetric: raters are interchangeable."""
    places = {level: place for place, level in enumerate(levels)}
    table = np.zeros((len(levels), len(levels)))
    np.add.at(table, ([places[one] for one in first], [places[other] for other in second]), 1.0)
    return (table + table.T) / 2 if symmetric else table


def kappa(table, weighted=False):
    """Return the Correlation: Cohen's kappa of a table of counts, weighted by squared distance for grades.

    Its interval is taken on Fisher's z scale with t on n - 1, of the table with one pair of ratings spread evenly over
    all cells: without it raters who agree on everyone would be certain, and few patients give too short an interval
    (simulated in tests/test_models_agreement.py). Raises ZeroDivisionError where all ratings are the same.
    """
    n, added = table.sum(), np.full(table.shape, 1 / table.size)
    point, error = _cohen(table, weighted)
    centre, wider = _cohen(table + added, weighted)
    return Correlation(point, error, float(n - 1), centre, wider / (1 - centre**2))


def _cohen(table, weighted):
    from statsmodels.stats.inter_rater import cohens_kappa

    if np.count_nonzero(table.sum(axis=0) + table.sum(axis=1)) < 2:
        raise ZeroDivisionError("all ratings are the same")
    with np.errstate(invalid="ignore"):  # the root of a variance that rounding made negative; taken again below
        found = cohens_kappa(table, wt="fc" if weighted else None)
    variance = found.var_kappa
    return float(found.kappa), math.sqrt(max(float(variance), 0.0))


def ac1(table):
    """Return the Contrast of Gwet's AC1: agreement beyond chance, where chance is guessing of the undecided cases
    only.
    """
    n, levels = table.sum(), len(table)
    share = (table.sum(axis=0) + table.sum(axis=1)) / (2 * n)
    chance = float(np.sum(share * (1 - share)) / (levels - 1))
    point = (float(np.trace(table)) / n - chance) / (1 - chance)
    own = (1 - share) / (levels - 1)
    guessed = (own[:, None] + own[None, :]) / 2
    each = (np.eye(levels) - chance) / (1 - chance) - 2 * (1 - point) * (guessed - chance) / (1 - chance)
    variance = float(np.sum(table * (each - point) ** 2) / (n * (n - 1)))
    return Contrast(point, math.sqrt(variance), float(n - 1))
