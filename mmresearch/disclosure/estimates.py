"""An estimate as it may leave: whole checks first, then the numbers beside it, one by one."""

import math
from dataclasses import replace
from statistics import fmean

from mmresearch.disclosure.differencing import size
from mmresearch.disclosure.numbers import coarse_freedom, shown_p, significant, trim, trim_interval
from mmresearch.disclosure.policy import (
    LEAST_FREEDOM,
    ONE_THERAPIST,
    PARAMETERS,
    THERAPISTS,
    Withheld,
    dominated,
    may_tell_mean,
)
from mmresearch.disclosure.sentences import holds_number, plain_lack, plain_model
from mmresearch.estimate import RATIOS, Lack, Robustness, Trouble

WITHHELD = "withheld"  # the code of a Lack, and of a Verdict's reason
EVENTS = ("responder", "proportion", "harms", "time-to-event")
STAFF = ("therapist", "site")
DERIVED = ("difference", "risk-ratio", "intraclass-correlation", "standard-deviation", "shift-of-the-hazard-ratio")
BEGINNINGS = ("relative-change-", "number-needed-to-treat", "change-per-session")
# analyses of the very patients the registered one has; every other line is about fewer or more of them
SAME = ("multiple imputation", "jump to reference", "patients who left", "without covariates", "log-linear",
        "beta-binomial", "missing counted as not improved", "sessions as independent")


def gate_outcome(outcome, support, said, meanings):
    """Return an Estimate or Lack as it may leave. meanings: code of a trouble -> what it means, without counts."""
    if isinstance(outcome, Lack):
        few = outcome.code == "too-few-patients"
        return _withheld(outcome.claim, said) if few else replace(
            outcome, sentence=plain_lack(outcome.code, outcome.sentence))
    if outcome.point is None:
        return _withheld(outcome.claim, said) if outcome.claim not in support.estimated else _bare(outcome, meanings)
    why = reason_to_withhold(outcome, support, said.policy)
    if why is None and not _fits(outcome, support, said):
        why = "withheld: an estimate already told differs from it by too few patients"
    if why:
        said.withheld.append(Withheld(f"claim {outcome.claim}", why))
        return Lack(outcome.claim, WITHHELD, f"{why[0].upper()}{why[1:]}.")
    return _stripped(outcome, support, said, meanings)


def _withheld(claim, said):
    said.withheld.append(Withheld(f"claim {claim}", said.policy.reason))
    return Lack(claim, WITHHELD, f"W{said.policy.reason[1:]}.")


def reason_to_withhold(estimate, support, policy):
    """Return why nothing of this Estimate may leave, or None."""
    claim, behind = estimate.claim, support.estimated.get(estimate.claim)
    if behind is None:
        return "withheld: the patients behind it are not known"
    arms = list(behind.asked)
    groups = [group(claim, arm) for arm in arms for group in (support.asked, support.analysed, support.observed)]
    analysed = sum(size(support.analysed(claim, arm)) for arm in arms)
    if any(size(crowd) < policy.fewest for crowd in groups) or any(
            count < policy.fewest for count in estimate.n.values()):
        return policy.reason
    if any(len(group) < policy.fewest for group in behind.groups):
        return policy.reason
    if analysed - behind.parameters < LEAST_FREEDOM or behind.parameters > PARAMETERS * analysed:
        return "withheld: too few patients for so large a model"
    if estimate.method in EVENTS and not _many_events(estimate, support, policy):
        return policy.reason
    values = [support.judged(claim, support.analysed(claim, arm)) for arm in arms]
    if any(dominated(each) for each in values):
        return "withheld: one or two patients make up nearly all of a sum"
    if any(len(set(each)) == 1 for each in values):
        return "withheld: it would tell what every patient's value is"
    if _by_staff(estimate, behind, support):
        return "withheld: results by therapist or site need more patients and therapists"
    return None


def _many_events(estimate, support, policy):
    """True where in every arm those with and those without the event are many; events of sessions: whose they were."""
    pairs = [(arm.events, arm.total) for arm in estimate.by_arm if arm.events is not None]
    shares = [each for each in estimate.derived if each.name == "patients-with-event"]
    if estimate.method == "harms":
        pairs = [(round(each.point * count), count) for each in shares for count in estimate.n.values()]
    return bool(pairs) and all(
        events >= policy.fewest and total - events >= policy.fewest for events, total in pairs)


def _by_staff(estimate, behind, support):
    """True of results between therapists or sites where too few stand behind, or one is nearly all of them."""
    named = next((word for word in STAFF if behind.about.endswith(word)), None)
    if estimate.method != "variance" or named is None:
        return False
    labels = support.described.therapists if named == "therapist" else support.described.sites
    for arm in behind.asked:
        counts = support.staff(support.analysed(estimate.claim, arm), labels)
        if len(counts) < THERAPISTS or counts[0] > ONE_THERAPIST * sum(counts):
            return True
    return False


def _fits(estimate, support, said):
    """True where no estimate of the same, told before, is of nearly the same patients."""
    behind, claim = support.estimated[estimate.claim], estimate.claim
    crowds = dict.fromkeys(support.analysed(claim, arm) for arm in behind.asked)
    return (said.sum(("estimate", behind.about), *crowds) and _countable(estimate, support, said)
            and said.reach(list_reached(estimate, support)))


def _countable(estimate, support, said):
    """True unless it is of shares whose denominators may not be told: 0.3929 is 11 of 28, and of nothing less."""
    if estimate.method not in EVENTS:
        return True
    crowds = {arm: support.divisor(estimate, arm) for arm in estimate.n}
    totals = {arm.arm: arm.total for arm in estimate.by_arm if arm.total is not None}
    return all(count == size(crowds[arm]) for arm, count in (*estimate.n.items(), *totals.items())) and said.count(
        *crowds.values())


def list_reached(estimate, support):
    """Return ((instrument, visit, group), how many reached it) of each arm of an Estimate of shares."""
    return [((estimate.instrument, estimate.visit, support.analysed(estimate.claim, arm.arm)), arm.events)
            for arm in estimate.by_arm if arm.events is not None and estimate.method in ("responder", "proportion")]


def _bare(estimate, meanings):
    """An estimate without number keeps its serious troubles, in their registered words."""
    return replace(estimate, n={}, n_randomised={}, by_arm=(), derived=(), assumptions=(), robustness=(),
                   troubles=_troubles(estimate, meanings), model=plain_model(estimate.model))


def _stripped(estimate, support, said, meanings):
    low, high, point = _ends(estimate)
    counts, randomised = _counts(estimate, support, said)
    arms = tuple(_arm(each, estimate, support, said) for each in estimate.by_arm)
    allowed = (estimate.visit, estimate.population, *(arm.label for arm in estimate.by_arm), estimate.instrument)
    return replace(
        estimate, model=plain_model(estimate.model, allowed), n=counts, n_randomised=randomised, by_arm=arms,
        point=point, low=low, high=high, standard_error=significant(estimate.standard_error),
        df=coarse_freedom(estimate.df), p_value=shown_p(estimate.p_value), troubles=_troubles(estimate, meanings),
        robustness=_robustness(estimate), derived=_derived(estimate, arms),
        assumptions=tuple(each for each in estimate.assumptions if not holds_number(each, allowed)))


def _ends(estimate):
    """(low, high, point) with the digits a reader needs; a ratio near 0 stays above it."""
    ends = estimate.low, estimate.high, estimate.point
    return tuple(significant(each, 4) for each in ends) if estimate.measure in RATIOS else trim_interval(*ends)


def _counts(estimate, support, said):
    """(analysed, randomised) by arm; None where the number itself, or what is left of a larger one, would tell few."""
    claim, analysed, randomised = estimate.claim, {}, {}
    for arm, count in estimate.n.items():
        asked, used = support.asked(claim, arm), support.divisor(estimate, arm)
        whole = estimate.n_randomised.get(arm)
        fine = whole == size(asked) and said.count(asked)
        randomised[arm] = said.policy.rounded(whole) if fine else None
        analysed[arm] = said.policy.rounded(count) if count == size(used) and said.count(used) else None
    return analysed, randomised


def _arm(each, estimate, support, said):
    """One arm's moments: of those observed, and at baseline of those of them who have one."""
    seen = support.observed(estimate.claim, each.arm)
    counted = each.n == size(seen) and said.count(seen)
    visit, start = (estimate.instrument, estimate.visit), (estimate.instrument, support.baseline)
    begun = support.measured(*start) & seen
    first = _is_of(each.baseline_mean, start, begun, support) and said.sum(start, begun)
    then = _is_of(each.mean, visit, seen, support) and said.sum(visit, seen)
    events = estimate.method in ("responder", "proportion") and each.total == size(
        support.analysed(estimate.claim, each.arm)) and said.count(support.analysed(estimate.claim, each.arm))
    return replace(
        each, n=said.policy.rounded(each.n) if counted else None,
        baseline_mean=trim(each.baseline_mean, each.baseline_sd) if first else None,
        baseline_sd=trim(each.baseline_sd, each.baseline_sd) if first else None,
        mean=trim(each.mean, each.sd) if then else None, sd=trim(each.sd, each.sd) if then and counted else None,
        ls_mean=trim(each.ls_mean, each.sd), events=said.policy.rounded(each.events) if events else None,
        total=said.policy.rounded(each.total) if events else None)


def _is_of(mean, variable, crowd, support):
    """True of a mean of exactly these patients' values that gives none of them away; of no others is it known whose."""
    values = support.values(*variable, crowd)
    return mean is not None and may_tell_mean(values) and math.isclose(mean, fmean(values), abs_tol=1e-9)


def _troubles(estimate, meanings):
    return tuple(Trouble(each.code, each.severity, _sentence(meanings.get(each.code, "see docs/formats.md")))
                 for each in estimate.troubles)


def _sentence(words):
    return f"{words[0].upper()}{words[1:]}."


def _robustness(estimate):
    """Lines about the same patients; one about fewer or more of them would be subtracted from the registered one."""
    kept = [each for each in estimate.robustness if each.analysis.startswith(SAME)]
    return tuple(Robustness(each.analysis, *_ordered(each)) for each in kept)


def _ordered(each):
    low, high, point = trim_interval(each.low, each.high, each.point)
    return point, low, high


def _derived(estimate, arms):
    """What follows from the estimate alone; what counts patients, events or sessions stays inside."""
    changes = all(arm.baseline_mean is not None and arm.mean is not None for arm in arms)
    kept = [each for each in estimate.derived if (each.name in DERIVED or each.name.startswith(BEGINNINGS))
            and (changes or not each.name.startswith("relative-change-"))]
    return tuple(replace(each, point=significant(each.point), low=significant(each.low), high=significant(each.high))
                 for each in kept)


