"""A permutation test of the arms, and the interval that inverts it: what allocation alone could have made.

Patients are what was randomised, so their arms are dealt again, within strata. The statistic is the covariate-adjusted
difference: outcome and arm, both less what the covariates explain (Freedman and Lane 1983, J Bus Econ Stat 1:292).
"""

import numpy as np

from mmresearch.models.clusters import ignoring
from mmresearch.models.table import design, estimable
from mmresearch.models.wording import join

DEALS, SEED = 1999, 20260105  # re-allocations beside the real one, and where their dice start
SAME = 1e-9  # a deal this close to the real allocation says nothing about the difference


def deal(treated, strata, deals=DEALS, seed=SEED):
    """Return (deals, n) re-allocations of `treated` (n,), within strata (n,) of any labels."""
    dice, dealt = np.random.default_rng(seed), np.empty((deals, len(treated)))
    for stratum in np.unique(strata):
        members = np.flatnonzero(strata == stratum)
        dealt[:, members] = dice.permuted(np.tile(treated[members], (deals, 1)), axis=1)
    return dealt


def permute(outcome, others, treated, dealt, level):
    """Return (point, low, high): the adjusted difference and the interval of values the permutation test keeps.

    outcome, treated  (n,); others: (n, q) covariates, intercept included; dealt: (B, n) of `deal`
    low, high         at two-sided `level`; infinite where there are too few deals to exclude anything

    With the difference d taken away, a deal z gives a - d c, the real allocation b - d; so the deal's statistic is at
    least the real one exactly where d >= (b - a) / (1 - c), and the test inverts by sorting.
    """
    basis = np.linalg.qr(others)[0]
    rest, arm = (values - basis @ (basis.T @ values) for values in (outcome, treated))
    size = dealt.sum(axis=1) - np.square(dealt @ basis).sum(axis=1)  # arms are 0 and 1
    point, share = float(arm @ rest / (arm @ arm)), dealt @ arm / size
    kept = 1 - share > SAME
    turns = np.sort((point - (dealt[kept] @ rest / size[kept])) / (1 - share[kept]))
    # a deal that repeats the real allocation is as extreme on both sides: it counts in both tails, as the real one does
    place = int((1 - level) / 2 * (len(dealt) + 1)) - int((~kept).sum())
    if place < 1:
        return point, -np.inf, np.inf
    return point, float(turns[place - 1]), float(turns[-place])


def permuted_line(question, rows, study, level):
    """Return {words: (point, low, high)} among patients observed at the judged visit; empty where chance dealt no arms.

    Not for interactions: dealing the arms again tests that there is no effect at all.
    """
    seen = rows.values[question.visit.name].notna()
    people, outcome = rows.people[seen], rows.values.loc[seen, question.visit.name].to_numpy()
    if study.design != "randomised" or question.analysis.modifier or people["treated"].nunique() < 2:
        return {}
    covariates, treated = design(people, study).matrix, people["treated"].to_numpy()
    if not estimable(people["treated"], covariates) or covariates.shape[1] + 2 >= len(people):
        return {}
    strata = people[[name for name in study.strata if name in people]].astype("string").fillna("not recorded")
    dealt = deal(treated, strata.agg("/".join, axis=1).to_numpy() if strata.shape[1] else np.zeros(len(people)))
    point, low, high = permute(outcome, np.column_stack([np.ones(len(people)), covariates]), treated, dealt, level)
    within = f" within {join(strata.columns)}" if strata.shape[1] else ""
    words = f"permutation of the arms{within} ({DEALS + 1:,} allocations, patients observed at the visit)"
    words += ignoring(people["therapist"])
    return {words: (point, low, high)} if np.isfinite([low, high]).all() else {}
