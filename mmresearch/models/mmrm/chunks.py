"""A table larger than memory, in chunks of whole patients: sums of each are added, then one fit."""

from dataclasses import replace

import numpy as np

from mmresearch.errors import UsageError
from mmresearch.models.mmrm.answers import Cells, answered
from mmresearch.models.mmrm.design import designed
from mmresearch.models.mmrm.fitting import fit_statistics
from mmresearch.models.mmrm.sums import summed
from mmresearch.models.mmrm.tables import checked_words, listed, read_table


def mmrm_chunks(
    chunks,
    *,
    outcome,
    patient,
    visit,
    arm,
    arms,
    visits,
    baseline=None,
    covariates=(),
    levels=None,
    by_visit=(),
    covariance="us",
    per_arm=False,
    reml=True,
    df="kenward-roger-linear",
    level=0.95,
    times=(),
):
    """Return the RepeatedMeasures of an iterable of DataFrames, in one pass and little memory.

    As `mmrm`, but said beforehand: arms (reference first), visits in order, levels {categorical covariate: labels}. A
    patient's rows must all be in one chunk: a patient in two would count as two. No CR2, as rows are not kept.
    Raises DataError, UsageError.
    """
    covariates, by_visit = listed(covariates), listed(by_visit)
    checked_words(times, by_visit, (baseline, *covariates), visits)
    setting = dict(by_visit={*by_visit, *([baseline] if baseline else [])}, own_covariance=per_arm)
    first, total = None, None
    for chunk in chunks:
        table = read_table(
            chunk,
            outcome,
            patient,
            visit,
            arm,
            arms[0],
            baseline,
            covariates,
            tuple(visits),
            None,
            arms=tuple(arms),
            levels=levels,
        )
        if not len(table.labels):
            continue
        design = designed(table.arm, table.arms, table.y, table.visits, table.covariates, **setting)
        first = first or design
        part = summed(first.layout, design.wide, design.seen, table.arm.astype(np.int64) if per_arm else None)
        total = part if total is None else total + part
    if total is None:
        raise UsageError("mixed model", "there was no chunk with an outcome")
    fit = fit_statistics(total, covariance, reml, df, times, between=first.kinds)
    return answered(
        fit,
        replace(first, typical=_typical(first, total), wide=None, seen=None, arm=None),
        _cells(total, tuple(arms)),
        level,
    )


def _typical(design, statistics):
    """(K,) w of an LS mean: continuous covariates at their mean over all patients, from the sums."""
    means = statistics.grams[:, 0].sum(axis=0) / statistics.counts.sum() + statistics.layout.shift
    return np.where(design.continuous, means, design.typical)


def _cells(statistics, arms):
    """Patients per arm and visit, from the sums of the arm columns (1, one an arm but the reference)."""
    per_arm = statistics.grams[:, 0, : len(arms)].copy()  # (G, arms): all patients, then each arm's
    per_arm[:, 0] -= per_arm[:, 1:].sum(axis=1)
    seen = statistics.seen
    visits = statistics.layout.visits
    return Cells(
        arms,
        visits,
        {arm: round(per_arm[:, j].sum()) for j, arm in enumerate(arms)},
        {
            (arm, visit): round(per_arm[seen[:, a], j].sum())
            for j, arm in enumerate(arms)
            for a, visit in enumerate(visits)
        },
    )
