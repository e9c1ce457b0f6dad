"""A study's own estimate beside what has been published: their difference, or why the two cannot be compared."""

import math
from dataclasses import dataclass
from statistics import NormalDist

from mmresearch.codebook import codebook
from mmresearch.estimate import RATIOS
from mmresearch.evidence.records import NORMAL
from mmresearch.evidence.wording import number

KINDS = {"odds-ratio": "OR", "hazard-ratio": "HR", "mean-difference": "MD"}  # measure: the effect_type that is the same
WORDS = {"MD": "a difference between means", "SMD": "a standardised difference between means", "RR": "a risk ratio",
         "OR": "an odds ratio", "HR": "a hazard ratio"}
HOW = ("Normal approximation; the standard error of the literature is taken from its 95% interval, and study and "
       "literature as independent.")
MOST = 6  # decimals of a p
OPENING = "Study and literature cannot be set against each other here"


@dataclass(frozen=True)
class Comparison:
    """Study minus literature (ratios: study over literature), or why there is none.

    sentence    what is said; notes: how it was reckoned and what differs, a sentence each
    published   (point, low, high) of the literature in the study's unit and sign, None where not comparable
    difference  (point, low, high) in the study's unit, at the study's level; p_value of no difference between the two
    study       (point, low, high) of the study in the unit and sign of the row it is compared with
    sd          the study's pooled baseline SD by which a standardised effect was put back on points, else None
    """

    claim: str
    sentence: str
    notes: tuple = ()
    published: tuple | None = None
    difference: tuple | None = None
    p_value: float | None = None
    study: tuple | None = None
    sd: float | None = None


def compare(estimate, reading):
    """Return the Comparison of a study's Estimate (None where it has none) with the row a Reading rests on."""
    why = _why_not(estimate, reading)
    if why:
        return Comparison(reading.claim, f"{OPENING}: {why}.")
    source, row = _source(reading)
    ratio, better = row.is_ratio, codebook().instrument(estimate.instrument).better
    sd = baseline_sd(estimate) if row.effect_type == "SMD" else None
    factor = (sd or _factor(row, estimate) or 1.0) * (1 if ratio or row.benefit_direction == better else -1)
    point, error = (factor * source[0], abs(factor) * source[1])
    own = math.log(estimate.point) if ratio else estimate.point
    reach = NormalDist().inv_cdf((1 + estimate.level) / 2)
    apart, spread = own - point, math.hypot(estimate.standard_error, error)
    p = 2 * NormalDist().cdf(-abs(apart) / spread)
    ends = [_around(centre, reach * width, ratio) for centre, width in ((point, error), (apart, spread))]
    return Comparison(reading.claim, _tell(estimate, row, reading, *ends, p, sd), _notes(estimate, row, reading),
                      *ends, p, _in_units_of(factor, estimate, ratio), sd)


def _why_not(estimate, reading):
    """Return why nothing can be reckoned, as the end of a sentence, or an empty string."""
    if not reading.word:
        return "published effects cannot be read for this claim"
    if not reading.rows:
        return "our table has no published trial of it"
    if reading.row is None and reading.pooled is None:
        return "no published result of our table answers the claim"
    if estimate is None or None in (estimate.point, estimate.standard_error):
        return "this study has no estimate of its own"
    return _why_unlike(estimate, _source(reading)[1])


def _why_unlike(estimate, row):
    """Why two numbers are not of one measure, instrument and unit."""
    same = KINDS.get(estimate.measure) == row.effect_type
    if not same and not (estimate.measure == "mean-difference" and row.effect_type == "SMD"):
        measure = estimate.measure.replace("-", " ")
        return f"the study's estimate is a {measure}, {row.study} prints {WORDS[row.effect_type]}"
    if estimate.instrument not in row.instruments:
        return f"the study measured with {estimate.instrument}, {row.study} with {row.instrument}"
    if row.effect_type == "SMD" and not baseline_sd(estimate):
        return (f"{row.study} prints standard deviations, and no SD of {estimate.instrument} is known by which to put "
                "them back on points")
    if row.effect_type == "MD" and _factor(row, estimate) is None:
        return f"{row.study} prints {row.unit} of {row.instrument}, and how many {estimate.unit} these are is not known"
    return ""


def _source(reading):
    """Return ((effect, standard error), row): the pooled trials or the row itself, ratios on the log scale.

    Of pooled trials it is that of their interval, which knows of how few they are: t with k - 1 degrees of freedom.
    """
    if reading.pooled:
        pooled = reading.pooled
        return (pooled.point, (pooled.high - pooled.low) / (2 * NORMAL)), reading.trials[0]
    row = reading.row
    return (math.log(row.effect) if row.is_ratio else row.effect, row.standard_error), row


def _factor(row, estimate):
    """Return by how much a difference in the row's unit is multiplied to be in the estimate's, or None."""
    if row.effect_type != "MD":
        return None
    return 1.0 if row.unit == estimate.unit else codebook().instrument(estimate.instrument).converts.get(row.unit)


def baseline_sd(estimate):
    """Return the SD of an Estimate's outcome at baseline, pooled over the study's arms, or None where none is known."""
    known = [(arm.n - 1, arm.baseline_sd) for arm in estimate.by_arm
             if arm.baseline_sd and arm.n and arm.n > 1]
    return math.sqrt(sum(df * sd * sd for df, sd in known) / sum(df for df, _ in known)) if known else None


def _around(centre, reach, ratio):
    ends = (centre, centre - reach, centre + reach)
    return tuple(math.exp(end) for end in ends) if ratio else ends


def _in_units_of(factor, estimate, ratio):
    """Return the estimate's (point, low, high) in the unit and sign of the row, None without an interval."""
    ends = (estimate.point, estimate.low, estimate.high)
    if None in ends:
        return None
    point, *rest = (end**factor if ratio else end / factor for end in ends)  # the factor of a ratio is 1 or -1
    return point, min(rest), max(rest)


def _tell(estimate, row, reading, published, difference, p, sd):
    own = (estimate.point, estimate.low, estimate.high)
    digits = max(_digits(each) for each in (own, published, difference) if None not in each)
    back = f", put back on {estimate.unit} by this study's baseline SD of {number(sd, digits)}" if sd else ""
    name = f"{reading.pooled.k} trials pooled" if reading.pooled else row.study
    verb = "study over literature" if estimate.measure in RATIOS else "study minus literature"
    unit = "" if estimate.measure in RATIOS else f" {estimate.unit}"
    chance = "beyond what chance allows" if p < 1 - estimate.level else "within what chance allows"
    return (f"This study found {_interval(own, digits)}{unit}, {name} {_interval(published, digits)}{back}: "
            f"{verb} is {_interval(difference, digits)}, {_p(p, 1 - estimate.level)}, {chance}.")


def _notes(estimate, row, reading):
    classes = row.classes
    told = {
        "The standard deviation is taken as known.": row.effect_type == "SMD",
        "The study's comparator is of another class than the published one.":
            bool(classes) and estimate.comparator_class is not None and estimate.comparator_class not in classes,
        "What the published comparator was is not printed.": not classes,
        "The study's data are simulated: the difference says nothing about patients.": estimate.simulated,
        "How much trials differ among themselves is not in it: one that lies further off need not contradict them.":
            reading.pooled is not None or row.of_several,
        HOW: True,
    }
    return tuple(words for words, holds in told.items() if holds)


def _interval(ends, digits):
    point, low, high = (number(end, digits) if end is not None else None for end in ends)
    return point if low is None else f"{point} ({low} to {high})"


def _digits(ends):
    """Decimals an interval deserves: two significant digits of half its width."""
    half = (ends[2] - ends[1]) / 2
    return max(0, 1 - math.floor(math.log10(half))) if half > 0 else 2


def _p(p, alpha):
    """Return p as the verdict's sentences have it: more digits where rounding would put it on alpha."""
    digits = 2 if p >= 0.1 else 3 if p >= 0.001 else 4
    while digits < MOST and abs(round(p, digits) - alpha) < 1e-9:
        digits += 1
    return "p < 0.0001" if p < 0.0001 else f"p = {p:.{digits}f}"
