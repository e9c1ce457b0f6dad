"""The claims whose error rate is controlled together, and the p values adjusted for their number.

Family: all superiority and non-inferiority claims of one registry that are assessable in the study. Claims with the
same estimand, hypothesis and null are one hypothesis: they share a p and count once.
"""

from dataclasses import dataclass

from mmresearch.estimate import Estimate

TESTED = ("superiority", "non-inferiority")
NEED_MARGIN = ("non-inferiority", "equivalence")


@dataclass(frozen=True)
class Adjusted:
    """What the family makes of one claim's p. p_holm and p_bh are None where the analysis gave no p.

    held: the fixed sequence, not the claim's own p, set p_holm: the primary claims come first.
    """

    p_holm: float | None
    p_bh: float | None
    family: str
    size: int
    held: bool = False


def holm(ps):
    """Return Holm's step-down adjusted p values, in the order given (Holm 1979, Scand J Stat 6:65-70)."""
    order = sorted(range(len(ps)), key=lambda i: ps[i])
    adjusted, largest = [0.0] * len(ps), 0.0
    for rank, i in enumerate(order):
        largest = max(largest, min(1.0, (len(ps) - rank) * ps[i]))
        adjusted[i] = largest
    return adjusted


def benjamini_hochberg(ps):
    """Return step-up adjusted p values for the false discovery rate (Benjamini, Hochberg 1995, JRSS B 57:289-300)."""
    order = sorted(range(len(ps)), key=lambda i: ps[i], reverse=True)
    adjusted, smallest = [0.0] * len(ps), 1.0
    for step, i in enumerate(order):
        smallest = min(smallest, len(ps) / (len(ps) - step) * ps[i])
        adjusted[i] = smallest
    return adjusted


def in_family(estimate):
    """True for an estimate whose claim is tested in the family: a non-inferiority claim needs its margin."""
    return isinstance(estimate, Estimate) and estimate.hypothesis in TESTED \
        and (estimate.hypothesis not in NEED_MARGIN or estimate.margin is not None)


def adjust(registry, outcomes):
    """Return claim id -> Adjusted for the claims in the family. outcomes: claim id -> Estimate or Lack.

    Without ranks: Holm over all. With ranks (primary, secondary): fixed sequence. Holm among the primaries; then Holm
    among the secondaries, each no smaller than the largest primary p, so that no secondary is rejected before all
    primaries are. A primary that could not be judged holds the secondaries back.
    """
    ps = _distinct(registry, outcomes)
    bh = dict(zip(ps, benjamini_hochberg(list(ps.values()))))
    parts = _parts(registry, outcomes, ps)
    floor, made = 0.0, {}
    for name, keys in parts:
        adjusted = dict(zip(keys, holm([ps[key] for key in keys])))
        made |= {key: (max(p, floor), bh[key], name, len(keys), floor > p) for key, p in adjusted.items()}
        floor = max([floor, *adjusted.values(), *_gate(registry, outcomes)])
    return {claim.id: _of_claim(outcomes[claim.id], made) for claim in registry if in_family(outcomes.get(claim.id))}


def hypothesis_of(estimate):
    """Return what makes two claims one hypothesis. Two-sided tests ask the same whichever side the article claims."""
    side = (estimate.direction, estimate.margin) if estimate.hypothesis == "non-inferiority" else None
    return estimate.estimand or f"claim {estimate.claim}", estimate.hypothesis, estimate.null, side


def _of_claim(estimate, made):
    p_holm, p_bh, *family = made[hypothesis_of(estimate)]
    known = estimate.p_value is not None
    return Adjusted(p_holm if known else None, p_bh if known else None, *family)


def _distinct(registry, outcomes):
    """One p a hypothesis, the largest where claims disagree; an analysis that gave none counts as 1."""
    ps = {}
    for claim in registry:
        estimate = outcomes.get(claim.id)
        if in_family(estimate):
            key = hypothesis_of(estimate)
            p = 1.0 if estimate.p_value is None else estimate.p_value
            ps[key] = max(p, ps.get(key, 0.0))
    return ps


def _parts(registry, outcomes, ps):
    """(family name, hypotheses) in the order they are tested; a hypothesis stands in the first part that names it."""
    ranks = [rank for rank in ("primary", "secondary") if any(claim.rank == rank for claim in registry)]
    if not ranks:
        return [(registry.name, list(ps))]
    parts, seen = [], set()
    for rank in ranks:
        keys = {hypothesis_of(outcomes[claim.id]): None for claim in registry
                if claim.rank == rank and in_family(outcomes.get(claim.id))}
        parts.append((f"{registry.name}, {rank}", [key for key in keys if key not in seen]))
        seen |= set(keys)
    return parts


def _gate(registry, outcomes):
    """The p of each primary claim that the family's own p values do not answer for; 1 where it has no usable test."""
    primaries = [outcomes.get(claim.id) for claim in registry if claim.rank == "primary"]
    return [each.p_value if _usable(each) else 1.0 for each in primaries if not (_usable(each) and in_family(each))]


def _usable(outcome):
    return isinstance(outcome, Estimate) and not outcome.serious and outcome.p_value is not None \
        and (outcome.hypothesis not in NEED_MARGIN or outcome.margin is not None)
