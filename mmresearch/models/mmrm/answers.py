"""From a Fit to a RepeatedMeasures: every LS mean, every contrast with the reference, and the troubles of cells."""

from dataclasses import dataclass

import numpy as np

from mmresearch.estimate import Trouble
from mmresearch.models.mmrm.contrasts import drawn
from mmresearch.models.mmrm.inference import VARIANTS
from mmresearch.models.mmrm.results import RepeatedMeasures, asked_of, label
from mmresearch.models.mmrm.structures import NAMES


@dataclass(frozen=True)
class Cells:
    """Who was seen where: n {arm: patients}, n_at {(arm, visit): with an outcome}; empty: visits nobody was seen at;
    lost: arms nobody of whom was seen."""

    arms: tuple
    visits: tuple
    n: dict
    n_at: dict
    empty: tuple = ()
    lost: tuple = ()


def counted(table):
    """Return the Cells of a Table."""
    seen = ~np.isnan(table.y)
    return Cells(
        table.arms,
        table.visits,
        {arm: int(seen[table.arm == j].any(axis=1).sum()) for j, arm in enumerate(table.arms)},
        {
            (arm, visit): int(seen[table.arm == j, a].sum())
            for j, arm in enumerate(table.arms)
            for a, visit in enumerate(table.visits)
        },
        table.empty,
        table.lost,
    )


def answered(fit, design, cells, level, nest=None, extra=None):
    """Return the RepeatedMeasures of a Fit: every LS mean and every contrast with the reference."""
    arms, visits = cells.arms, cells.visits
    pairs = [(j, a) for j in range(len(arms)) for a in range(len(visits))]
    rows = np.array([design.mean_row(j, a) for j, a in pairs])
    means = asked_of(
        fit,
        rows,
        [f"{arms[j]}, {visits[a]}" for j, a in pairs],
        level,
        nest,
        [{"arm": arms[j], "visit": visits[a], "n": cells.n_at[arms[j], visits[a]]} for j, a in pairs],
    )
    against = rows - np.array([design.mean_row(0, a) for _, a in pairs])
    real = [(at, arms[j], visits[a]) for at, (j, a) in enumerate(pairs) if j and against[at].any()]
    contrasts = asked_of(
        fit,
        against[[at for at, _, _ in real]],
        [label(arm, arms[0], visit) for _, arm, visit in real],
        level,
        nest,
        [{"arm": arm, "reference": arms[0], "visit": visit} for _, arm, visit in real],
    )
    contrasts += tuple(
        drawn(
            label(arm, arms[0], visit),
            None,
            None,
            None,
            level,
            VARIANTS[fit.used],
            arm=arm,
            reference=arms[0],
            visit=visit,
        )
        for arm in (*arms[1:], *cells.lost)
        for visit in (*(visits if arm in cells.lost else ()), *cells.empty)
    )
    troubles = fit.troubles + _cells_troubles(cells, contrasts) + (nest.troubles if nest else ())
    return RepeatedMeasures(
        fit,
        design,
        arms,
        visits,
        cells.n,
        cells.n_at,
        means,
        contrasts,
        troubles,
        _sentence(fit, len(visits)),
        level,
        extra or {},
        nest.estimated(fit) if nest else None,
    )


def _sentence(fit, T):
    how = "REML" if fit.point.reml else "maximum likelihood"
    groups = ", one for each arm" if len(fit.statistics.layout.groups) > 1 else ""
    who = "therapist" if fit.nested else "patient"
    robust = fit.structure != fit.asked and fit.rows is not None
    df = f"CR2 (Bell-McCaffrey) by {who}" if robust else VARIANTS[fit.used]
    return (
        f"Mixed model for repeated measures over {T} visits, {NAMES[fit.structure]} covariance{groups}, "
        f"{'random effect of therapist, ' if fit.nested else ''}{how}; standard errors and degrees of freedom: {df}"
        f"{', degrees of freedom at most therapists - 2' if fit.nested else ''}."
    )


def _cells_troubles(cells, contrasts):
    troubles = []
    for visit in cells.empty:
        troubles.append(Trouble("visit-without-outcomes", "note", f"No patient has an outcome at visit {visit}."))
    for arm in cells.arms:
        gaps = [str(visit) for visit in cells.visits if not cells.n_at[arm, visit]]
        if gaps:
            troubles.append(
                Trouble("arm-without-outcomes", "serious", f"The arm {arm} has no outcome at {', '.join(gaps)}.")
            )
    for arm in cells.lost:
        troubles.append(Trouble("arm-without-outcomes", "serious", f"The arm {arm} has no outcome at any visit."))
    lost = [c.name for c in contrasts if c.estimate is None]
    if lost:
        troubles.append(
            Trouble("not-estimable", "serious", f"{len(lost)} contrast(s) cannot be estimated: {'; '.join(lost)}.")
        )
    return tuple(troubles)
