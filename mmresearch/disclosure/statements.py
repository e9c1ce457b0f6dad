"""Every number that gated records tell, with the patients behind it: what the last check and the ledger go by.

Read from the records as they will be shown, and not from what the gate meant to show.
"""

from dataclasses import dataclass, field

from mmresearch.disclosure.support import ALL
from mmresearch.estimate import Estimate


@dataclass(frozen=True)
class Statement:
    """One number told. kind: `count` (of the group) or `sum` (a mean, share or estimate of a variable over it).

    base: of a count that is a part of something, the group it is a part of; 0 where there is none
    """

    where: str
    kind: str
    variable: str
    crowd: int = field(repr=False)
    shown: float | None = field(default=None, repr=False)
    base: int = field(default=0, repr=False)


def list_statements(description, outcomes, support):
    """Return the Statements of a gated Description and of gated outcomes (claim id -> Estimate or Lack)."""
    return (*_description(description, support),
            *(each for name, outcome in outcomes.items() if isinstance(outcome, Estimate) and outcome.point is not None
              for each in _estimate(name, outcome, support)))


def _description(description, support):
    arms = support.arms
    yield from (_count("patients by arm", arms[arm.name], arm.n) for arm in description.outline.arms
                if arm.n is not None)
    if description.outline.patients is not None:
        yield _count("patients of all arms", arms[ALL], description.outline.patients)
    yield from _table_one(description.table_one, support)
    for step in description.flow.steps[1:]:
        yield from (_count(f"flow, {step.label}", support.seen(step.label) & arms[arm.name], count)
                    for arm, count in zip(description.flow.arms, step.counts) if count is not None)
    yield from _missing(description.missing, support)
    for course in description.courses:
        yield from _course(course, support)
    if description.dropouts:
        yield from _dropouts(description.dropouts, support)


def _count(where, crowd, shown, base=0):
    return Statement(where, "count", "", crowd, shown, base)


def _sum(where, variable, crowd, shown=None):
    return Statement(where, "sum", "; ".join(map(str, variable)), crowd, shown)


def _table_one(table, support):
    for row in table.rows:
        known = support.measured(row.baseline_of, support.baseline) if row.baseline_of else support.known(row.label)
        variable = (row.baseline_of, support.baseline) if row.baseline_of else (row.label, "baseline")
        for name, cell in zip((*(arm.name for arm in table.arms), ALL), row.cells, strict=True):
            base, where = support.arms[name] & known, f"Table 1, {row.label}"
            if cell.count is not None:
                yield _count(where, support.arms[name] & support.level(row.label, row.level), cell.count, base)
            if cell.n is not None:
                yield _count(where, base, cell.n)
            if cell.mean is not None or cell.sd is not None:
                yield _sum(where, variable, base, cell.mean)


def _missing(missing, support):
    for row in missing.rows:
        arm, where = support.arms[row.arm], f"missing values of {row.name}"
        if row.expected is not None:
            yield _count(where, support.given(row.instrument) & arm, row.expected)
        if row.observed is not None:
            yield _count(where, support.measured(row.instrument, row.visit) & arm, row.observed)


def _course(course, support):
    for point in course.points:
        crowd, where = support.measured(course.instrument, point.visit, point.arm), f"course of {course.name}"
        yield _sum(where, (course.instrument, point.visit), crowd, point.mean)
        if point.n is not None:
            yield _count(where, crowd, point.n)


def _dropouts(dropouts, support):
    stayed = support.measured(dropouts.instrument, dropouts.visit)
    for row in dropouts.rows:
        column = row.label in support.described.columns
        variable = (row.label, "baseline") if column else (dropouts.instrument, support.baseline)
        known = support.known(row.label) if column else support.measured(*variable)
        for cell, side in ((row.completers, stayed), (row.dropouts, support.arms[ALL] & ~stayed)):
            if cell.mean is not None:
                yield _sum(f"those who stayed or left, {row.label}", variable, side & known, cell.mean)


def _estimate(name, estimate, support):
    where, behind = f"claim {name}", support.estimated[name]
    for arm in behind.asked:
        yield _sum(where, ("estimate", behind.about), support.analysed(name, arm))
        if estimate.n.get(arm) is not None:
            yield _count(where, support.divisor(estimate, arm), estimate.n[arm])
        if estimate.n_randomised.get(arm) is not None:
            yield _count(where, support.asked(name, arm), estimate.n_randomised[arm])
    for each in estimate.by_arm:
        seen, used = support.observed(name, each.arm), support.analysed(name, each.arm)
        begun = support.measured(estimate.instrument, support.baseline) & seen
        if each.n is not None:
            yield _count(where, seen, each.n)
        if each.total is not None:
            yield _count(where, used, each.total)
        if each.mean is not None or each.sd is not None:
            yield _sum(where, (estimate.instrument, estimate.visit), seen, each.mean)
        if each.baseline_mean is not None or each.baseline_sd is not None:
            yield _sum(where, (estimate.instrument, support.baseline), begun, each.baseline_mean)
