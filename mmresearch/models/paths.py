"""How much of an effect goes through a mediator: products of least squares coefficients, resampled from moments.

Mediator on arm and covariates: a; outcome on arm, mediator and covariates: b and the direct effect c'. Indirect: a b;
in linear models total = direct + indirect exactly (Baron and Kenny 1986, J Pers Soc Psychol 51:1173; MacKinnon 2008,
Introduction to statistical mediation analysis). Everything follows from one matrix of moments, so a resample costs a
weighted sum. What an unmeasured cause of both mediator and outcome would do: Imai, Keele and Yamamoto 2010, Stat Sci
25:51, theorem 4.
"""

from dataclasses import dataclass, field

import numpy as np

NAMES = ("a", "b", "total", "mediator_sd", "outcome_sd", "link")
LARGEST = 4_000_000  # numbers held at once while resampling


@dataclass(frozen=True, eq=False)
class Paths:
    """Coefficients, each a number or (draws,): a, b, total; spread: residual SDs of mediator and outcome, link their
    correlation, given arm and covariates but not each other."""

    a: np.ndarray
    b: np.ndarray
    total: np.ndarray
    mediator_sd: np.ndarray = field(repr=False)
    outcome_sd: np.ndarray = field(repr=False)
    link: np.ndarray = field(repr=False)

    @property
    def indirect(self):
        return self.a * self.b

    @property
    def direct(self):
        return self.total - self.indirect

    def indirect_if(self, rho):
        """Return the indirect effect if what is unmeasured correlates mediator and outcome by `rho` (Imai et al.)."""
        left = self.link - rho * np.sqrt((1 - self.link**2) / (1 - rho**2))
        return self.a * self.outcome_sd / self.mediator_sd * left


def paths(treated, mediator, outcome, covariates):
    """Return the Paths of n patients; covariates (n, q), full rank with an intercept and the arm."""
    products, places = _products(treated, mediator, outcome, covariates)
    return _solved(products.sum(axis=0)[None], places)


def resampled(treated, mediator, outcome, covariates, counts):
    """Return the Paths of resamples; nan where there is no fit. counts (draws, n): how often each patient was drawn."""
    products, places = _products(treated, mediator, outcome, covariates)
    step = max(1, LARGEST // max(products.shape[1], len(treated)))
    parts = [_solved(counts[start : start + step] @ products, places) for start in range(0, len(counts), step)]
    return Paths(*(np.concatenate([getattr(part, name) for part in parts]) for name in NAMES))


def draw_counts(dice, groups, draws):
    """Return (draws, n): how often each patient is drawn, within groups (arms) as large as they are. groups (n,)."""
    counts = np.zeros((draws, len(groups)))
    for group in np.unique(groups):
        rows = np.flatnonzero(groups == group)
        counts[:, rows] = dice.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), size=draws)
    return counts


def left_out(treated, mediator, outcome, covariates):
    """Return the Paths without each patient in turn: (n,) each."""
    n = len(treated)
    return resampled(treated, mediator, outcome, covariates, np.ones((n, n)) - np.eye(n))


def _products(treated, mediator, outcome, covariates):
    """Return ((n, m) products of columns, each pair once; where each pair stands in the matrix of moments)."""
    columns = np.column_stack([np.ones(len(treated)), treated, covariates, mediator, outcome])
    columns[:, 2:] -= columns[:, 2:].mean(axis=0)
    scale = np.linalg.norm(columns, axis=0)
    scale[:2] = 1.0
    scale[scale == 0] = 1.0
    columns = columns / scale
    rows, others = np.triu_indices(columns.shape[1])
    return columns[:, rows] * columns[:, others], (rows, others, scale)


def _solved(moments, places):
    """Return the Paths of moments (draws, m)."""
    rows, others, scale = places
    k, draws = len(scale), len(moments)
    whole = np.empty((draws, k, k))
    whole[:, rows, others] = whole[:, others, rows] = moments
    inner, right = whole[:, : k - 2, : k - 2], whole[:, : k - 2, k - 2 :]
    fine = np.linalg.cond(inner) < 1e12 if draws > 1 else np.ones(1, bool)
    slopes = np.full(right.shape, np.nan)
    slopes[fine] = np.linalg.solve(inner[fine], right[fine])
    left = whole[:, k - 2 :, k - 2 :] - np.swapaxes(right, 1, 2) @ slopes
    mediator, outcome, both = left[:, 0, 0], left[:, 1, 1], left[:, 0, 1]
    with np.errstate(invalid="ignore", divide="ignore"):
        a, total = slopes[:, 1, 0] * scale[-2], slopes[:, 1, 1] * scale[-1]
        b = both / mediator * scale[-1] / scale[-2]
        link = both / np.sqrt(mediator * outcome)
        spreads = np.sqrt(mediator) * scale[-2], np.sqrt(outcome) * scale[-1]
    return Paths(a, b, total, *spreads, link)
