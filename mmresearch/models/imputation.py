"""Multiple imputation of a visit's outcome: joint normal over the follow-ups, by data augmentation, pooled by Rubin.

Outcomes of all follow-ups are normal around a regression on the analysis' own columns, with an unstructured covariance,
under Jeffreys' prior (Schafer 1997, Analysis of Incomplete Multivariate Data, ch. 5). Chains run side by side, one an
imputation, so that a step costs a few matrix products. What is imputed of patients who left is linear in what is
assumed: `delta` is added, and under jump to reference the arm's own effect is taken away (Carpenter, Roger and Kenward
2013, J Biopharm Stat 23:1352), so one set of draws answers every assumption.
"""

from dataclasses import dataclass, field

import numpy as np

DRAWS, STEPS, SEED = 100, 25, 20260104  # imputations, steps of each chain, and its dice: fixed, so that a run repeats
SPARE = 3  # residual degrees of freedom beyond the visits that a covariance needs to be drawn


@dataclass(frozen=True)
class Completed:
    """Completed outcomes of the judged visit.

    outcomes  (draws, n) in the instrument's unit, missing at random
    effects   (draws, n) what allocation to the arm adds to each patient's mean there, by the imputation model
    left      (n,) 1 for patients not seen at the judged visit nor at any later one
    """

    outcomes: np.ndarray = field(repr=False)
    effects: np.ndarray = field(repr=False)
    left: np.ndarray = field(repr=False)


def complete(columns, values, judged, allocated, draws=DRAWS, steps=STEPS, seed=SEED):
    """Return the Completed outcomes of a visit, or None where too few patients were seen to draw a covariance.

    columns    array (n, p), full rank: the analysis' columns, intercept included
    values     array (n, T), NaN where missing, in the order of the visits; judged: the column of the judged one
    allocated  (p,) True for the columns that hold the arm: it alone, and its products
    """
    seen = ~np.isnan(values)
    if min(seen.sum(axis=0)) < columns.shape[1] + values.shape[1] + SPARE:
        return None
    chains = _Chains(columns, values, draws, np.random.default_rng(seed))
    for _ in range(steps):
        chains.step()
    slopes = chains.slopes[:, allocated, judged] + chains.start[allocated, judged]
    left = ~seen[:, judged:].any(axis=1)
    return Completed(chains.completed(judged), slopes @ columns[:, allocated].T, left.astype(float))


class _Chains:
    """Independent chains of data augmentation, on outcomes less a visit's own regression (`start`), which keeps digits.

    Only patients with a gap change from step to step: outcomes (D, m, T) of theirs, in the order of `gaps`, sorted by
    pattern of what was seen. Of the others only sums are kept. slopes (D, p, T), covariance (D, T, T).
    """

    def __init__(self, columns, values, draws, dice):
        self.columns, self.dice, seen = columns, dice, ~np.isnan(values)
        self.start = np.column_stack([_regress(columns[at], y[at]) for at, y in zip(seen.T, values.T, strict=True)])
        self.values = values - columns @ self.start
        self.bread = np.linalg.inv(columns.T @ columns)
        self.root = np.linalg.cholesky(self.bread)
        whole, codes = seen.all(axis=1), seen @ (1 << np.arange(seen.shape[1]))
        self.gaps = np.argsort(codes, kind="stable")
        self.gaps = self.gaps[~whole[self.gaps]]
        edges = np.flatnonzero(np.diff(codes[self.gaps], prepend=-1, append=-1))
        self.patterns = [(slice(a, b), seen[self.gaps[a]]) for a, b in zip(edges[:-1], edges[1:], strict=True)]
        self.mine = columns[self.gaps]
        self.moments = columns[whole].T @ self.values[whole], self.values[whole].T @ self.values[whole]
        self.outcomes = np.repeat(np.nan_to_num(self.values[self.gaps])[None], draws, axis=0)
        self.free = len(columns) - columns.shape[1]
        self.draw_parameters()

    def step(self):
        self.draw_missing()
        self.draw_parameters()

    def draw_parameters(self):
        """Covariance from an inverse Wishart, then slopes from a matrix normal, given complete outcomes."""
        crossed = self.moments[0] + self.mine.T @ self.outcomes
        squares = self.moments[1] + self.outcomes.transpose(0, 2, 1) @ self.outcomes
        fitted = self.bread @ crossed
        scatter = squares - crossed.transpose(0, 2, 1) @ fitted
        self.covariance = _inverse_wishart(scatter, self.free, self.dice)
        noise = self.dice.standard_normal(fitted.shape)
        self.slopes = fitted + self.root @ noise @ np.linalg.cholesky(self.covariance).transpose(0, 2, 1)

    def draw_missing(self):
        """Missing outcomes from their normal distribution given the seen ones, pattern by pattern."""
        means = self.mine @ self.slopes
        for rows, seen in self.patterns:
            within, rest = self._regression(seen)
            theirs, mean = self.outcomes[:, rows], means[:, rows]
            known = (theirs[:, :, seen] - mean[:, :, seen]) @ within
            noise = self.dice.standard_normal(known.shape) @ np.linalg.cholesky(rest).transpose(0, 2, 1)
            theirs[:, :, ~seen] = mean[:, :, ~seen] + known + noise

    def _regression(self, seen):
        """Return (slopes of the unseen visits on the seen ones, their remaining covariance), one a chain."""
        both, unseen = self.covariance[:, seen][:, :, ~seen], self.covariance[:, ~seen][:, :, ~seen]
        within = np.linalg.solve(self.covariance[:, seen][:, :, seen], both)
        return within, unseen - both.transpose(0, 2, 1) @ within

    def completed(self, visit):
        """Return (D, n): the visit's outcomes, in the instrument's unit."""
        out = np.repeat(self.values[None, :, visit], len(self.outcomes), axis=0)
        out[:, self.gaps] = self.outcomes[:, :, visit]
        return out + self.columns @ self.start[:, visit]


def _regress(columns, outcome):
    return np.linalg.lstsq(columns, outcome, rcond=None)[0]


def _inverse_wishart(scatter, free, dice):
    """One draw for each of scatter (D, T, T), by Bartlett's decomposition."""
    draws, size = scatter.shape[:2]
    lower = np.tril(dice.standard_normal((draws, size, size)), -1)
    lower[:, range(size), range(size)] = np.sqrt(dice.chisquare(free - np.arange(size), (draws, size)))
    inner = np.linalg.solve(lower, np.linalg.cholesky(scatter).transpose(0, 2, 1))
    return inner.transpose(0, 2, 1) @ inner


def pool(points, variances, complete_df):
    """Return (point, standard error, df) by Rubin's rules; df of Barnard and Rubin 1999, Biometrika 86:948.

    points, variances: one an imputation, last axis; complete_df: without missing data.
    """
    draws = points.shape[-1]
    between, within = points.var(axis=-1, ddof=1), variances.mean(axis=-1)
    extra = (1 + 1 / draws) * between
    total = within + extra
    share = np.maximum(extra / total, 1e-12)
    observed = (complete_df + 1) / (complete_df + 3) * complete_df * (1 - share)
    return points.mean(axis=-1), np.sqrt(total), 1 / (share**2 / (draws - 1) + 1 / observed)
