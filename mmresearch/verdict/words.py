"""The sentences a clinician reads: one a verdict, and the limits that bound it."""

from mmresearch.estimate import RATIOS
from mmresearch.verdict.findings import finding, unit_of
from mmresearch.verdict.numbers import amount, decimals, short, write
from mmresearch.verdict.orientation import alpha, multiple
from mmresearch.verdict.planning import narrow_enough

OPENINGS = {
    ("supported", None): "Supported",
    ("supported", "smaller-than-worth-having"): "Supported",
    ("supported", "size-not-settled"): "Supported, size not settled",
    ("supported-smaller", "smaller-than-claimed"): "Supported, but smaller than claimed",
    ("refuted", "opposite"): "Refuted, the opposite",
    ("refuted", "too-small"): "Refuted, too small to matter",
    ("refuted", "worse"): "Refuted, worse",
    ("refuted", "outside"): "Refuted, not equal",
}
UNANSWERED = {
    "not-assessable": "Not assessable in this study",
    "needs-laboratory": "Session outcomes cannot settle this, a laboratory could",
    "needs-cohort": "Session outcomes cannot settle this, a long-term cohort could",
    "not-testable": "Not testable as worded",
}
SIZES = {
    ("supported", "smaller-than-worth-having"): ", smaller than worth having: less than {M}",
    ("supported", "size-not-settled"): ", but less than {L} is not excluded",
    ("supported-smaller", "smaller-than-claimed"): ", less than {L}",
    ("refuted", "too-small"): ", less than {M}",
    ("refuted", "worse"): ", worse by more than {M}",
    ("refuted", "outside"): ", more than {M}",
}
REACHED = {"superiority": ", at least {L}", "non-inferiority": ", not as much worse as {M}",
           "equivalence": ", less than {M} either way"}
WITHIN_ARM = ("A change within one group is not evidence: in 44 to 95% of simulated trials with no effect at all, "
              "a test within the arm finds relief.")
SELF_REPORTED = "self-reported by patients who knew their treatment"
UNBLINDED = ("The outcome is self-reported and patients knew which treatment they had; that alone can make a "
             "difference such as this.")
COHORT = "Groups were not allocated at random: an association is not an effect of the treatment."
SIMULATED = "The data are simulated: nothing here is evidence about patients."
CONVENTION = "(margin is a convention of ours)"
MUCH_MISSING = ("Fragile: many outcomes are missing, and no analysis shows that the answer holds if those who left did "
                "worse than assumed by the margin.")
BLINDING = ("sham",)  # comparators a patient cannot tell apart by design


def sentence(claim, estimate, row, adjusted, *, confirmatory, patients):
    """Return the answer in one sentence. row: the one of the rule that decided."""
    if row.code in ("serious-trouble", "no-interval"):
        return _stop(f"Inconclusive, because {row.reason}" + (f": {_troubles(estimate)}" if estimate.serious else ""))
    if row.verdict == "not-assessable":
        return _stop(f"{UNANSWERED[row.verdict]}: {row.reason}")
    opening = OPENINGS.get((row.verdict, row.code), "Inconclusive")
    if row.verdict.startswith("supported") and not confirmatory:
        opening += " (exploratory)"
    found = finding(claim, estimate, adjusted) + _size(claim, estimate, row) + _against(estimate, row)
    clauses = [found, *_further(estimate, row, adjusted, patients)]
    if row.verdict.startswith("supported") and told_by_the_unblinded(estimate):
        clauses.append(SELF_REPORTED)
    return _stop(f"{opening}: {'; '.join(clauses)}")


def unanswered(claim, verdict, reason):
    """Return the sentence for a claim without estimate; two where the reason has a colon of its own."""
    return _stop(f"{UNANSWERED[verdict]}{'. ' if reason.startswith('Not built yet: ') else ': '}{reason}")


def limits(claim, estimate, *, unregistered="", fragile=()):
    """Return what bounds the answer, one sentence each. unregistered: why the analysis is exploratory, if it is."""
    said = [COHORT if estimate.design == "cohort" and estimate.reference else "",
            UNBLINDED if told_by_the_unblinded(estimate) else "",
            f"Exploratory: {unregistered}." if unregistered else "",
            *(_stop(trouble.sentence) for trouble in estimate.troubles if trouble.severity == "note"),
            *fragile,
            SIMULATED if estimate.simulated else ""]
    return tuple(each for each in said if each)


def fragile_under(claim, estimate, other, verdict):
    """Return the sentence for another assumption (a Robustness) that leads to another verdict. verdict: that one."""
    digits = decimals(other.low, other.high)
    low, point, high = (write(value, digits) for value in (other.low, other.point, other.high))
    return (f"Fragile: under another assumption ({other.analysis}) the estimate is {point} ({low} to {high}), "
            f"which would be {verdict}.")


def told_by_the_unblinded(estimate):
    """True for a self-reported outcome against a comparator patients could tell from the treatment."""
    return bool(estimate.reference) and estimate.self_reported and "patients" not in estimate.blinded \
        and estimate.comparator_class not in BLINDING


def _size(claim, estimate, row):
    """What the interval says of the claimed size; a margin that is ours is stamped as such."""
    text = SIZES.get((row.verdict, row.code), "")
    if row.code == "size-not-settled" and estimate.margin is None:
        text = ", but no margin is known to tell whether it is {asked}"
    if row.verdict == "supported" and row.code is None and row.stamp:
        text = REACHED[estimate.hypothesis]
    return text.format(M=_margin(estimate), L=_claimed(estimate, multiple(claim)), asked=claim.analysis.magnitude)


def _further(estimate, row, adjusted, patients):
    """Clauses of an open answer: why it is open, and how many patients would settle it."""
    if estimate.hypothesis == "exists" and row.verdict == "inconclusive":
        yield f"existence is judged one-sided, so p must be below {short(alpha(estimate) / 2)}, half of alpha"
    if row.code == "holm-not-reached":
        excluded = _zero(estimate) if estimate.hypothesis == "superiority" else "a difference as bad as the margin"
        yield f"the interval excludes {excluded}, but {_unreached(adjusted)} reach {short(alpha(estimate))}"
    if estimate.hypothesis == "non-inferiority" and row.verdict == "inconclusive" and _all_worse(estimate):
        yield f"all of the interval lies on the worse side, and whether by less than {_margin(estimate)} is open"
    if patients and not narrow_enough(estimate):
        people = "patients" if estimate.design == "crossover" else "patients per arm"
        yield f"about {patients} {people} would narrow the interval to {_half(estimate)} either side{_stamp(estimate)}"


def _all_worse(estimate):
    zero = 1 if estimate.measure in RATIOS else 0
    return estimate.low > zero if estimate.direction == "lower" else estimate.high < zero


def _unreached(adjusted):
    if adjusted.held:
        return "the primary claims come first and not all of them"
    return f"p after Holm over {adjusted.size} hypotheses does not" if adjusted.size > 1 else "p does not"


def _zero(estimate):
    return "a ratio of 1" if estimate.measure in RATIOS else "zero difference"


def _margin(estimate):
    """`the margin of 1 point`; the margin of a ratio is a ratio, the same either way up."""
    if estimate.margin is None:
        return ""
    if estimate.measure in RATIOS:
        worth = f"{short(estimate.margin)} (or {short(1 / estimate.margin)})"
    else:
        factor, unit = unit_of(estimate)
        worth = amount(estimate.margin * factor, unit)
    return f"the margin of {worth}{_stamp(estimate)}"


def _half(estimate):
    if estimate.measure in RATIOS:
        return "half the margin, on the log scale,"
    factor, unit = unit_of(estimate)
    return f"{amount(estimate.margin * factor / 2, unit)} (half the margin)"


def _claimed(estimate, times):
    """What the claim's own word asks for: the margin, or for `large` the codebook's multiple of it."""
    if times <= 1 or estimate.margin is None:
        return _margin(estimate)
    factor, unit = unit_of(estimate)
    asked = f"a ratio of {short(estimate.margin ** times)}" if estimate.measure in RATIOS else \
        amount(times * estimate.margin * factor, unit)
    return f"{asked} ({short(times)} margins, our reading of large{_ours(estimate)})"


def _stamp(estimate):
    return f" {CONVENTION}" if estimate.margin_source == "convention" else ""


def _ours(estimate):
    return "; the margin too is a convention of ours" if estimate.margin_source == "convention" else ""


def _against(estimate, row):
    if estimate.hypothesis not in ("above", "below"):
        return ""
    factor, unit = (100, "%") if estimate.measure == "proportion" else (1, estimate.unit)
    unit, gap = "" if estimate.measure in RATIOS else unit, "" if unit == "%" else " "
    side = {"supported": estimate.hypothesis, "refuted": "below" if estimate.hypothesis == "above" else "above",
            "inconclusive": "on both sides of"}[row.verdict]
    return f", {side} the registered {short(factor * estimate.null)}{gap}{unit}".rstrip()


def _troubles(estimate):
    return " ".join(_stop(trouble.sentence) for trouble in estimate.serious)


def _stop(text):
    return text if text.endswith((".", "?", "!")) else f"{text}."
