"""The plain door on a DataFrame: LS means per arm and visit, and their contrasts."""

import numpy as np

from mmresearch.errors import UsageError
from mmresearch.models.mmrm.answers import answered, counted
from mmresearch.models.mmrm.arrays import spread
from mmresearch.models.mmrm.design import designed
from mmresearch.models.mmrm.fitting import fit_statistics
from mmresearch.models.mmrm.nesting import nested_in
from mmresearch.models.mmrm.rows import Rows
from mmresearch.models.mmrm.sums import summed
from mmresearch.models.mmrm.tables import checked_words, listed, read_table
from mmresearch.models.mmrm.therapists import therapist_sums


def mmrm(
    frame,
    *,
    outcome,
    patient,
    visit,
    arm,
    reference,
    baseline=None,
    covariates=(),
    by_visit=(),
    visits=None,
    covariance="us",
    per_arm=False,
    weights=None,
    reml=True,
    df="kenward-roger-linear",
    level=0.95,
    times=(),
    clusters=(),
    therapist=None,
    constrained=False,
    unseen=False,
):
    """Return the RepeatedMeasures of a long table; docs/mmrm.md says what each argument is. Raises DataError,
    UsageError."""
    covariates, by_visit, clusters = listed(covariates), listed(by_visit), listed(clusters)
    checked_words(times, by_visit, (baseline, *covariates), visits)
    if therapist and (weights or constrained):
        raise UsageError(
            "mixed model", "therapists are not built together with weights, nor with a constrained baseline"
        )
    extra = tuple(dict.fromkeys([*clusters, *([therapist] if therapist else [])]))
    table = read_table(
        frame, outcome, patient, visit, arm, reference, baseline, covariates, visits, weights, extra, unseen=unseen
    )
    design = designed(
        table.arm,
        table.arms,
        table.y,
        table.visits,
        table.covariates,
        {*by_visit, *([baseline] if baseline else [])},
        per_arm,
        constrained,
    )
    nest = nested_in(table, therapist) if therapist else None
    times = _times(times, visits, table)
    fit = fitted(design, table, per_arm, covariance, reml, df, times, nest)
    return answered(fit, design, counted(table), level, nest, table.extra)


def _times(times, visits, table):
    """Return the times of the visits in the model: given in the order of `visits`, without those nobody was seen at."""
    if not len(times):
        return ()
    asked = tuple(visits) if visits is not None else table.visits
    if len(times) != len(asked):
        raise UsageError("mixed model", f"{len(times)} times for {len(asked)} visits")
    return tuple(dict(zip(asked, times, strict=True))[visit] for visit in table.visits)


def fitted(design, table, per_arm, covariance, reml, df, times, nest=None):
    """Return the Fit of a Design: sums of patients, or of weighted rows."""
    group = design.arm.astype(np.int64) if per_arm else None
    layout, wide, log_weights = design.layout, design.wide, 0.0
    if table.weights is not None:
        layout, wide, log_weights = _weighted(design, table.weights)
    statistics = summed(layout, wide, design.seen, group, log_weights)
    rows = Rows(layout, wide, design.seen, group, table.labels)
    sums = None
    if nest is not None and nest.modelled:
        sums = therapist_sums(layout, wide, design.seen, nest.codes, range(nest.codes.max() + 1), group)
    return fit_statistics(statistics, covariance, reml, df, times, between=design.kinds, rows=rows, therapists=sums)


def _weighted(design, weights):
    patient, place = np.nonzero(design.seen)
    used = weights[patient, place]
    z = np.einsum("nqk,nk->nq", design.layout.maps[place], design.wide[patient]) * np.sqrt(used)[:, None]
    layout, wide = spread(
        z, patient, place, design.seen, design.layout.names, design.layout.visits, design.layout.groups
    )
    return layout, wide, float(np.log(used).sum())
