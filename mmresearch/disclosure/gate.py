"""The release gate: the records of a run in, the records that may leave out, and what was held back and why."""

from dataclasses import dataclass, field, replace

from mmresearch.disclosure.description import (
    gate_arms,
    gate_course,
    gate_dropouts,
    gate_flow,
    gate_missing,
    gate_table_one,
)
from mmresearch.disclosure.differencing import size
from mmresearch.disclosure.estimates import gate_outcome
from mmresearch.disclosure.said import Said
from mmresearch.disclosure.verdicts import gate_verdicts
from mmresearch.estimate import Estimate


@dataclass(frozen=True)
class Gated:
    """What may leave of one study. outcomes: claim id -> Estimate or Lack; verdicts: registry name -> Verdicts."""

    description: object = field(repr=False)
    outcomes: dict = field(repr=False)
    verdicts: dict = field(repr=False)
    withheld: tuple = field(repr=False)


def gate_run(description, judged, support, policy, meanings, fingerprint=""):
    """Return the Gated copies of a run's records.

    judged       registry name -> (outcomes: claim id -> Estimate or Lack, Verdicts in registered order)
    support      disclosure.Support; meanings: code of a trouble -> what it means, in words without counts
    fingerprint  what stands in place of the data's hash: who knows all patients but one could find the one by a hash
    Numbers are let out in the order of their importance: arms, Table 1, flow, estimates, courses, missing values.
    """
    said = Said(policy)
    arms, total = gate_arms(description, support, said)
    table = gate_table_one(description.table_one, arms, total, support, said)
    flow = gate_flow(description.flow, arms, support, said, description.outline.primary_visit)
    outcomes = _gate_outcomes(judged, support, said, meanings)
    verdicts = {name: gate_verdicts(found, outcomes) for name, (_, found) in judged.items()}
    courses = tuple(gate_course(each, arms, support, said) for each in description.courses)
    missing = gate_missing(description.missing, arms, support, said)
    dropouts = gate_dropouts(description.dropouts, support, said)
    shown = tuple(replace(arm, n=policy.rounded(arm.n)) for arm in arms)
    outline = replace(description.outline, arms=shown, patients=policy.rounded(total), outcomes=None, sessions=None,
                      sha256=fingerprint, notes=(), unread=(), hidden=())
    made = replace(
        description, outline=outline, table_one=replace(table, arms=shown, total=policy.rounded(total)),
        flow=replace(flow, arms=shown), missing=replace(missing, arms=shown), dropouts=dropouts,
        courses=tuple(replace(each, arms=_same(each.arms, shown)) for each in courses))
    return Gated(made, outcomes, verdicts, tuple(said.withheld))


def _same(arms, shown):
    names = {arm.name for arm in arms}
    return tuple(arm for arm in shown if arm.name in names)


def _gate_outcomes(judged, support, said, meanings):
    """Estimates of more patients first: of two that may not stand together, the larger one is told."""
    outcomes = {name: each for found, _ in judged.values() for name, each in found.items()}
    order = sorted(outcomes, key=lambda name: -_patients(name, outcomes[name], support))
    gated = {name: gate_outcome(outcomes[name], support, said, meanings) for name in order}
    return {name: gated[name] for name in outcomes}


def _patients(name, outcome, support):
    if not isinstance(outcome, Estimate) or name not in support.estimated:
        return 0
    return sum(size(support.analysed(name, arm)) for arm in support.estimated[name].asked)
