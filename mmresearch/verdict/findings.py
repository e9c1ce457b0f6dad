"""What was found, as the middle of a sentence: one builder a kind of measure.

The verdict's own words stand around it in words.py. No builder says whether the claim holds.
"""

from mmresearch.codebook import codebook
from mmresearch.verdict.numbers import PERCENT, decimals, digits_of, p_text, write
from mmresearch.verdict.orientation import alpha

RATIO_OF = {"rate-ratio": "the rate of ", "hazard-ratio": "the hazard of ", "odds-ratio": "the odds of ",
            "mean-ratio": ""}
LEVEL_OF = {"proportion": "the share with {outcome}", "rate": "the rate of {outcome}",
            "kappa": "the agreement (kappa) on {outcome}", "icc": "the intraclass correlation of {outcome}",
            "variance": "the variance of {outcome}", "indirect-effect": "the indirect effect on {outcome}",
            "slope": "the slope of {outcome}"}


def finding(claim, estimate, adjusted=None):
    """Return the finding as a clause: what differed, by how much, with interval and p. adjusted: of the family."""
    if claim.analysis.modifier and estimate.reference and estimate.measure not in (*RATIO_OF, "variance", "icc"):
        return _interaction(claim, estimate, adjusted)
    if estimate.measure.endswith("-ratio"):
        return _ratio(claim, estimate, adjusted)
    if estimate.measure in LEVEL_OF:
        return _level(claim, estimate, adjusted)
    return _difference(claim, estimate, adjusted)


def outcome_of(claim, estimate):
    """Return the outcome in plain words; for responders the share that reached the threshold."""
    name = estimate.outcome or _known(estimate.instrument)
    if estimate.measure != "risk-difference":
        return name
    return f"the share of responders in {name}" if claim.analysis.method == "responder" else f"the share with {name}"


def when(estimate):
    """Return ` at week 12`, or nothing where the estimate belongs to no visit."""
    return f" at {estimate.visit.replace('_', ' ').replace('-', ' ')}" if estimate.visit else ""


def unit_of(estimate):
    """Return (factor, words): shares are told in percentage points."""
    shares = estimate.measure == "risk-difference" or estimate.unit in PERCENT
    return (100, "percentage points") if shares else (1, estimate.unit)


def p_of(estimate, adjusted):
    """Return `; p = 0.0002 after Holm`, the one-sided p of `exists`, or nothing where there is none."""
    if adjusted is not None and adjusted.p_holm is not None:
        return f"; {p_text(adjusted.p_holm, alpha(estimate))} {'in fixed sequence' if adjusted.held else 'after Holm'}"
    if adjusted is None and estimate.p_value is not None and estimate.hypothesis == "exists":
        return f"; one-sided {p_text(estimate.p_value, alpha(estimate))}"
    return ""


def percent_level(estimate):
    return f"{round(100 * estimate.level, 6):g}% CI"


def _known(instrument):
    known = codebook().instruments.get(instrument)
    return f"{known.measures} ({known.id})" if known else instrument or "the outcome"


def _compared(estimate, body):
    """`X was BODY with A than with B`; of a cohort `A was associated with X that was BODY than with B`.

    Where nothing is compared: `X was BODY with A`.
    """
    arm, reference = estimate.arm_label or estimate.arm, estimate.reference_label or estimate.reference
    subject, size = body
    was = "were" if estimate.measure == "odds-ratio" else "was"
    if not estimate.reference:
        return f"{subject} {was} {size} with {_lower(arm)}"
    if estimate.design == "cohort":
        return f"{_lower(arm)} was associated with {subject} that {was} {size} than with {_lower(reference)}"
    return f"{subject} {was} {size} with {_lower(arm)} than with {_lower(reference)}"


def _difference(claim, estimate, adjusted):
    factor, unit = unit_of(estimate)
    low, point, high = (factor * value for value in (estimate.low, estimate.point, estimate.high))
    size, span = _sided(low, point, high, unit, _marks(estimate, factor))
    if estimate.measure == "rmst-difference":
        size, span = _timed(size), _timed(span)
    text = _compared(estimate, (outcome_of(claim, estimate) + when(estimate), size))
    return f"{text} ({percent_level(estimate)} {span}{p_of(estimate, adjusted)})"


def _interaction(claim, estimate, adjusted):
    """The contrast of arms where the modifier is higher (or so much, or present) minus the contrast where it is not."""
    factor, unit = unit_of(estimate)
    low, point, high = (factor * value for value in (estimate.low, estimate.point, estimate.high))
    size, span = _sided(low, point, high, unit, _marks(estimate, factor))
    arm, reference = estimate.arm_label or estimate.arm, estimate.reference_label or estimate.reference
    at_least = claim.analysis.modifier_at_least
    by = claim.analysis.modifier.replace("_", " ") + (f" of at least {at_least:g}" if at_least is not None else "")
    return (f"the difference between {_lower(arm)} and {_lower(reference)} in {outcome_of(claim, estimate)}"
            f"{when(estimate)} was shifted {size} by {by} ({percent_level(estimate)} {span}{p_of(estimate, adjusted)})")


def _ratio(claim, estimate, adjusted):
    ends = estimate.low, estimate.point, estimate.high
    change = 100 * (estimate.point - 1)
    size = f"{abs(change):.0f}% {'lower' if change < 0 else 'higher'}"
    text = _compared(estimate, (RATIO_OF[estimate.measure] + outcome_of(claim, estimate) + when(estimate), size))
    digits = digits_of(estimate, estimate.low, estimate.high)
    low, point, high = (write(value, digits) for value in ends)
    name = estimate.measure.replace("-", " ")
    return f"{text} ({name} {point}; {percent_level(estimate)} {low} to {high}{p_of(estimate, adjusted)})"


def _level(claim, estimate, adjusted):
    factor, unit = (100, "%") if estimate.measure == "proportion" else (1, estimate.unit)
    ends = [factor * value for value in (estimate.low, estimate.point, estimate.high)]
    null = [factor * estimate.null] if estimate.null is not None else []
    low, point, high = (write(value, decimals(ends[0], ends[2], (0, *null))) for value in ends)
    arm = f" with {_lower(estimate.arm_label or estimate.arm)}" if estimate.arm else ""
    gap = "" if unit == "%" or not unit else " "
    subject = LEVEL_OF[estimate.measure].format(outcome=outcome_of(claim, estimate))
    return (f"{subject}{when(estimate)}{arm} was {point}{gap}{unit} "
            f"({percent_level(estimate)} {low} to {high}{gap}{unit}{p_of(estimate, adjusted)})")


def _marks(estimate, factor):
    margin = estimate.margin * factor if estimate.margin is not None else 0
    return (0, margin, -margin)


def _sided(low, point, high, unit, marks):
    """Return (`1.3 points lower`, `0.8 to 1.8`); an interval on both sides names the side of each end."""
    digits = decimals(low, high, marks)
    if point < 0:
        near, far, side, other = -high, -low, "lower", "higher"
    else:
        near, far, side, other = low, high, "higher", "lower"
    told = write(abs(point), digits)
    size = f"{told} {unit.removesuffix('s') if told == '1' else unit} {side}".replace("  ", " ")
    span = f"{write(near, digits)} to {write(far, digits)}" if near >= 0 else \
        f"{write(-near, digits)} {other} to {write(far, digits)} {side}"
    return size, span


def _timed(words):
    """A time is shorter or longer, not lower or higher."""
    return words.replace("lower", "shorter").replace("higher", "longer")


def _lower(label):
    """Lower the first letter of a label inside a sentence, unless it is an abbreviation such as `TENS`."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
