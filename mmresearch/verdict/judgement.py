"""From all outcomes of a registry to all its verdicts."""

from dataclasses import replace

from mmresearch.errors import RegistryError
from mmresearch.estimate import RATIOS, Estimate, Lack
from mmresearch.verdict import words
from mmresearch.verdict.families import adjust
from mmresearch.verdict.orientation import orient
from mmresearch.verdict.planning import patients_per_arm
from mmresearch.verdict.records import Verdict
from mmresearch.verdict.rules import first_match

MUCH_MISSING = ("missing-outcomes", "missing-unequal")  # troubles: over 30% of an arm, or arms over 15 points apart
SETTLED_ELSEWHERE = {"laboratory": "needs-laboratory", "cohort": "needs-cohort", "not-testable": "not-testable"}


def judge(registry, outcomes):
    """Return one Verdict a claim, in registered order.

    registry: claims.Registry, the family. outcomes: claim id -> Estimate or Lack, for every claim that session outcomes
    can test; a claim left out would shrink the family, so that is refused.
    Source: docs/verdicts.md. Raises RegistryError with all findings at once.
    """
    broken = _broken(registry, outcomes)
    if broken:
        raise RegistryError(f"registry '{registry.name}'", "outcomes and claims do not fit", broken,
                            "Give one Estimate or Lack for each claim that session outcomes can test.")
    family = adjust(registry, outcomes)
    return tuple(_judge_one(claim, outcomes.get(claim.id), family.get(claim.id)) for claim in registry)


def _judge_one(claim, outcome, adjusted):
    if claim.analysis is None:
        verdict = SETTLED_ELSEWHERE[claim.testability]
        return Verdict(claim.id, verdict, None, f"{claim.why_not} What would settle it: {claim.would_settle}",
                       words.unanswered(claim, verdict, claim.why_not))
    if isinstance(outcome, Lack):
        why = (words.WITHIN_ARM,) if outcome.code == "no-comparison-group" else ()
        return Verdict(claim.id, "not-assessable", outcome.code, outcome.sentence,
                       words.unanswered(claim, "not-assessable", outcome.sentence), limits=why)
    return _judge_estimate(claim, outcome, adjusted)


def _judge_estimate(claim, estimate, adjusted):
    facts = orient(claim, estimate, _deciding(estimate, adjusted))
    row = first_match(estimate.hypothesis, facts)
    unregistered = exploratory(claim, estimate)
    judged = row.verdict != "not-assessable"
    patients = patients_per_arm(estimate) if row.verdict == "inconclusive" and row.stamp else None
    return Verdict(
        claim.id, row.verdict, row.code, row.reason,
        words.sentence(claim, estimate, row, adjusted, confirmatory=not unregistered, patients=patients),
        *((adjusted.p_holm, adjusted.p_bh, adjusted.family, adjusted.size) if adjusted else ()),
        confirmatory=not unregistered if judged else None,
        limits=words.limits(claim, estimate, unregistered=unregistered,
                            fragile=_fragile(claim, estimate, facts, row)) if judged else (),
        patients_per_arm=patients)


def exploratory(claim, estimate):
    """Return why the analysis counts as exploratory, or an empty string where it is confirmatory."""
    if claim.registered is None:
        return "the analysis carries no date of registration"
    if estimate.data_locked is None:
        return "the study does not say when its data were locked, so nothing shows that registration came first"
    if claim.registered.isoformat() > estimate.data_locked:
        return f"registered on {claim.registered}, after the data were locked on {estimate.data_locked}"
    return ""


def _deciding(estimate, adjusted):
    """Holm's p inside the family; outside it, only `exists` has a p that decides: its own, one-sided."""
    if adjusted:
        return adjusted.p_holm
    return estimate.p_value if estimate.hypothesis == "exists" else None


def _fragile(claim, estimate, facts, row):
    """Sentences for the assumptions under which the verdict would be another; the p stays the registered one's.

    With many outcomes missing, supported needs more than that none is known: the delta analysis must hold.
    """
    if row.code in ("serious-trouble", "no-interval"):
        return ()
    said = []
    for other in estimate.robustness:
        if None not in (other.low, other.point, other.high):
            turned = orient(claim, replace(estimate, low=other.low, point=other.point, high=other.high), facts.p)
            verdict = first_match(estimate.hypothesis, turned).verdict
            said += [words.fragile_under(claim, estimate, other, verdict)] if verdict != row.verdict else []
    if row.verdict.startswith("supported") and not said and _much_missing(estimate) and not _holds_when_worse(estimate):
        said.append(words.MUCH_MISSING)
    return tuple(said)


def _much_missing(estimate):
    return any(trouble.code in MUCH_MISSING for trouble in estimate.troubles)


def _holds_when_worse(estimate):
    """True when those who left may have done otherwise than assumed by the margin, and the answer stays."""
    tipping = [each.point for each in estimate.derived if each.name == "tipping-point" and each.point is not None]
    if not tipping or estimate.margin is None:
        return False
    if estimate.measure in RATIOS:  # a factor, the same either way up, as its margin is
        return max(tipping[0], 1 / tipping[0]) >= max(estimate.margin, 1 / estimate.margin)
    return abs(tipping[0]) >= estimate.margin


def _broken(registry, outcomes):
    broken = [f"claim '{name}' is not registered" for name in outcomes if name not in registry.claims]
    for claim in registry:
        outcome = outcomes.get(claim.id)
        if claim.analysis is None:
            stray = isinstance(outcome, Estimate)
            broken += [f"{claim.id}: no session data can settle it, yet it has an Estimate"] if stray else []
        elif outcome is None:
            broken.append(f"{claim.id}: has no outcome")
        elif isinstance(outcome, Estimate):
            broken += _misfits(claim, outcome, outcomes)
    return broken


def _misfits(claim, estimate, outcomes):
    hypothesis = claim.analysis.hypothesis
    if estimate.hypothesis != hypothesis:
        yield f"{claim.id}: registered as {hypothesis}, estimated as {estimate.hypothesis}"
    twin = outcomes.get(estimate.claim)  # claims with the same estimand may share one Estimate
    if estimate.claim != claim.id and not (estimate.estimand and getattr(twin, "estimand", None) == estimate.estimand):
        yield f"{claim.id}: the Estimate is of claim '{estimate.claim}'"
    if hypothesis in ("superiority", "non-inferiority", "exists") and estimate.direction is None:
        yield f"{claim.id}: {hypothesis} needs a direction"
    if hypothesis in ("above", "below") and estimate.null is None:
        yield f"{claim.id}: {hypothesis} needs the registered value as null"
