"""One estimate: its interval against no difference and the margin, its numbers, its assumptions, its robustness."""

from mmresearch.describe import FEWEST
from mmresearch.estimate import RATIOS
from mmresearch.exhibits.drawing import Scale, band, bottom_axis, line, mark, picture, sides, span, whisker
from mmresearch.exhibits.markup import join, tag
from mmresearch.exhibits.numbers import (
    DASH,
    TOO_FEW,
    line_digits,
    mean_digits,
    null_value,
    reading_unit,
    show_count,
    show_interval,
    show_moments,
    show_number,
    show_p,
    show_share,
    times,
)
from mmresearch.exhibits.record import Exhibit
from mmresearch.exhibits.tables import bullets, facts, table
from mmresearch.exhibits.words import ALIKE, MARGIN_SOURCES, MEASURES, visit_text
from mmresearch.verdict.families import NEED_MARGIN
from mmresearch.verdict.numbers import amount
from mmresearch.verdict.orientation import alpha

TOP, ROW = 30, 34
# method: what the counted patients or sessions have
EVENTS = {"responder": "Responders", "harms": "With an event", "proportion": "Reported it",
          "time-to-event": "It happened to"}
TIPPING = "tipping-point"  # the derived number that belongs to the robustness, not to the estimate


def show_estimate(estimate):
    """Return the Exhibit of an Estimate: the interval as a picture, then the numbers by arm and of the contrast."""
    body = [_figure(estimate), _arms(estimate), facts(_contrast(estimate)), _derived(estimate)]
    return Exhibit("estimate", "What the study found", join(body))


def show_robustness(estimate):
    """Return the Exhibit of the same estimand under other assumptions. Robustness never changes a verdict."""
    if not estimate.robustness:
        return Exhibit("robustness", "Under other assumptions", tag("p", "No other analysis of this estimand was run."))
    lines = [("As registered", estimate), *((each.analysis, each) for each in estimate.robustness)]
    factor, unit = reading_unit(estimate)
    digits = max(line_digits(estimate, each) for _, each in lines if each.low is not None or each is estimate)
    rows = [[name, show_interval(*times(factor, each.point, each.low, each.high), digits)] for name, each in lines]
    figure = _draw(estimate, [each for _, each in lines])
    caption = f"{MEASURES[estimate.measure]}{', ' if unit else ''}{unit} ({_level(estimate)} interval)"
    note = tag("p", "The verdict rests on the first line alone.", class_="note")
    body = [tag("p", _bearing(estimate, digits)),
            tag("figure", figure, tag("figcaption", "From top to bottom as in the table. ", _key(estimate))),
            table(caption, ["Analysis", "Estimate"], rows, number_columns=(1,)), note]
    return Exhibit("robustness", "Under other assumptions", join(body))


def _bearing(estimate, digits):
    """What the other analyses come to, in a sentence; and the tipping point, where one was looked for."""
    known = [each for each in estimate.robustness if None not in (each.point, each.low, each.high)]
    if not known or None in (estimate.low, estimate.high):
        return ""
    factor, unit = reading_unit(estimate)
    ends = sorted(factor * each.point for each in known)
    span = " to ".join(dict.fromkeys(show_number(end, digits) for end in (ends[0], ends[-1])))
    side = _side(estimate, estimate)
    other = [each.analysis for each in known if _side(estimate, each) != side]
    does, several = _does(estimate, side), len(known) > 1
    many = f"{len(known)} other analyses give" if several else "other analysis gives"
    if not other:
        agree = f"{'in all of them ' * several}{does}, as registered"
    elif len(other) < len(known):
        agree = f"in {len(known) - len(other)} of {len(known)} {does}, as registered, but not in: {'; '.join(other)}"
    else:
        agree = f"as registered {does}, but {'in none of them' if several else 'not there'}: {'; '.join(other)}"
    tipping = [each.sentence for each in estimate.derived if each.name == TIPPING]
    return " ".join([f"The {many} {span} {unit}".rstrip() + f"; {agree}.", *tipping])


def _does(estimate, side):
    """What an interval on this side (of `_side`) does, as a clause."""
    if estimate.hypothesis == "non-inferiority":
        claimed = -1 if estimate.direction == "lower" else 1
        return {claimed: "the interval excludes a difference as bad as the margin",
                0: "the interval holds a difference as bad as the margin",
                -claimed: "the whole interval is worse than the margin"}[side]
    if estimate.hypothesis == "equivalence":
        return {1: "the whole interval is smaller than the margin, either way", 0: "the interval reaches the margin",
                -1: "the whole interval lies beyond the margin"}[side]
    return f"the interval {'excludes' if side else 'holds'} {_null_words(estimate)}"


def _side(estimate, each):
    """1 or -1 where the whole interval lies above or below the tested value, 0 where it holds it.

    Of an equivalence: 1 between the margins, -1 beyond one of them, 0 where it holds one.
    """
    if estimate.hypothesis == "equivalence" and estimate.margin:
        low, high = sorted(_shift(estimate, null_value(estimate), estimate.margin, sign) for sign in (-1, 1))
        return (low < each.low and each.high < high) - (each.low > high or each.high < low)
    tested = null_value(estimate) if estimate.null is None else estimate.null
    return (each.low > tested) - (each.high < tested)


def show_assumptions(estimate):
    """Return the Exhibit of what the analysis assumed, and of what troubled it."""
    troubles = [join([tag("strong", "Serious: " if trouble.severity == "serious" else "Note: "), trouble.sentence])
                for trouble in estimate.troubles]
    body = [tag("p", "Fitted: ", estimate.model, "."), bullets(estimate.assumptions),
            (tag("h3", "What a reader must know of this fit"), bullets(troubles, "troubles")) if troubles else None]
    return Exhibit("assumptions", "What was assumed", join(body))


def _figure(estimate):
    if None in (estimate.point, estimate.low, estimate.high):
        return tag("p", "The fit gave no interval to draw.")
    return tag("figure", _draw(estimate, [estimate]), tag("figcaption", _key(estimate)))


def _draw(estimate, lines):
    """Rows of intervals on one axis, turned so that the claimed side is on the right."""
    factor, unit = reading_unit(estimate)
    margin, null = times(factor, estimate.margin, null_value(estimate))
    ends = [times(factor, each.point, each.low, each.high) for each in lines]
    scale = _scale(estimate, [value for three in ends for value in three], null, margin)
    bottom = TOP + ROW * len(ends)
    zone = _zone(estimate, scale, null, margin, bottom)
    edges = [line(scale.percent(value), TOP - 8, scale.percent(value), bottom, "margin")
             for value in _tested_margins(estimate, null, margin)]
    rows = [_interval(scale, *three, TOP + ROW * (index + 0.5), index)
            for index, three in enumerate(ends) if None not in three]
    middle = line(scale.percent(null), TOP - 8, scale.percent(null), bottom, "null")
    name = f"{_contrast_name(estimate)}{', ' if unit else ''}{unit}"
    turned = estimate.direction and estimate.hypothesis != "equivalence"  # equal is on neither side
    return picture(bottom + 44, zone, middle, edges, sides(14) if turned else None, rows,
                   bottom_axis(scale, bottom, name), label=_alternative(estimate), class_="interval")


def _interval(scale, point, low, high, y, index):
    style = "main" if not index else "other"
    return [whisker(scale, low, high, y, style),
            mark(scale.percent(point), y, "diamond" if not index else "circle", style, show_interval(point, low, high))]


def _scale(estimate, values, null, margin):
    edges = [_shift(estimate, null, margin, sign) for sign in (-1, 1)] if margin else []
    known = [value for value in values if value is not None]
    width = max(known) - min(known) if known else 0
    near = [edge for edge in edges if not known or min(known) - 2 * width <= edge <= max(known) + 2 * width]
    kept = [null, *near, *_tested_margins(estimate, null, margin)]
    low, high = span(known, keep=kept)
    if estimate.measure in RATIOS:
        low = max(low, 0.5 * min([*known, *kept]))
    return Scale(low, high, 2, 98, log=estimate.measure in RATIOS, reverse=estimate.direction == "lower")


def _zone(estimate, scale, null, margin, bottom):
    if not margin:
        return None
    first, last = sorted(_shift(estimate, null, margin, sign) for sign in (-1, 1))
    return band(scale, max(first, scale.low), min(last, scale.high), TOP - 8, bottom - TOP + 8, "zone")


def _shift(estimate, null, margin, sign):
    return null * margin ** sign if estimate.measure in RATIOS else null + sign * margin


def _tested_margins(estimate, null, margin):
    """The margins a verdict rests on: of not worse the one on the worse side, of equal both; else none."""
    if not margin or estimate.hypothesis not in NEED_MARGIN:
        return ()
    both = tuple(sorted(_shift(estimate, null, margin, sign) for sign in (-1, 1)))
    return both if estimate.hypothesis == "equivalence" else both[1:] if estimate.direction == "lower" else both[:1]


def _key(estimate):
    """What the picture's parts mean, in a sentence."""
    shaded = ""
    if estimate.margin:
        dashed = {"non-inferiority": " Dashed line: the margin of not being worse.",
                  "equivalence": " Dashed lines: the margins of being equal."}.get(estimate.hypothesis, "")
        shaded = f" Shaded: smaller than the margin, {_margin(estimate)}.{dashed}"
    return (f"Diamond: the estimate; bar: its {_level(estimate)} interval. Upright line: "
            f"{_null_words(estimate)}.{shaded}")


def _null_words(estimate):
    """What the upright line stands for: of a difference its absence, of a level the value it is held against."""
    null, (factor, unit) = null_value(estimate), reading_unit(estimate)
    if estimate.reference and not _is_level(estimate) and null == (1 if estimate.measure in RATIOS else 0):
        return "no difference"
    return f"the registered value of {amount(factor * null, unit).replace(' %', '%')}"


def _margin(estimate):
    factor, unit = reading_unit(estimate)
    return f"{amount(factor * estimate.margin, unit or '(ratio)')} ({MARGIN_SOURCES[estimate.margin_source]})"


def _is_level(estimate):
    """True of a measure that is no difference of arms, though two arms may stand behind it."""
    return estimate.measure in ("variance", "icc", "kappa", "proportion", "rate")


def _arms(estimate):
    """The arms side by side: only columns for which there is something to say."""
    if not estimate.by_arm:
        return None
    then = visit_text(estimate.visit).capitalize() or "Then"
    observed = f"Observed at {visit_text(estimate.visit)}" if estimate.visit else "Observed"
    header = ["Arm", "Patients analysed", observed, "Baseline, mean (SD)", f"{then}, mean (SD)", "Adjusted mean",
              EVENTS.get(estimate.method, "With the outcome")]
    digits = mean_digits([sd for each in estimate.by_arm for sd in (each.baseline_sd, each.sd)])
    rows = [_arm(each, estimate, digits) for each in estimate.by_arm]
    kept = [index for index in range(len(header)) if index < 2 or any(row[index] != DASH for row in rows)]
    bare = estimate.measure == "risk-difference" or estimate.measure in RATIOS or _is_level(estimate)
    unit = "" if bare else estimate.unit.removesuffix(" per session")  # the means', where the estimate is a slope
    return table(f"By arm, {unit}" if unit else "By arm", [header[index] for index in kept],
                 [[row[index] for index in kept] for row in rows], number_columns=range(1, len(kept)))


def _arm(each, estimate, digits):
    means = [show_moments(each.baseline_mean, each.baseline_sd, digits), show_moments(each.mean, each.sd, digits),
             show_number(each.ls_mean, digits)]
    share = f"{each.events} of {each.total} ({show_share(each.events / each.total)})" if each.total else DASH
    analysed = estimate.n.get(each.arm, each.n)  # a model uses patients who were not observed at the visit
    return [each.label, f"{show_count(analysed)} of {show_count(estimate.n_randomised.get(each.arm))}",
            show_count(each.n) if any(estimate.n.get(arm.arm, arm.n) != arm.n for arm in estimate.by_arm) else DASH,
            *(TOO_FEW if each.n is not None and each.n < FEWEST and cell != DASH else cell for cell in means), share]


def _contrast(estimate):
    factor, unit = reading_unit(estimate)
    normal = estimate.df is None
    return [
        (_contrast_name(estimate), tag("strong", f"{_numbers(estimate)} {unit}".rstrip())),
        ("Interval", f"{_level(estimate)}, two-sided"),
        ("p", _p(estimate)),
        ("Standard error", _error(estimate, factor)),
        ("Degrees of freedom", "normal reference" if normal else show_number(estimate.df, 1).removesuffix(".0")),
        ("Margin", _margin(estimate) if estimate.margin else "none known for this outcome"),
        ("Population", estimate.population),
        ("Judged at", visit_text(estimate.visit)),
    ]


def _p(estimate):
    """Nothing of a stratum, which has no p of its own."""
    if estimate.p_value is None and estimate.point is not None:
        return None
    return show_p(estimate.p_value, alpha(estimate) / (2 if estimate.hypothesis == "exists" else 1))


def _error(estimate, factor):
    if estimate.standard_error is None:
        return DASH
    ratio = estimate.measure in RATIOS
    return f"{show_number(estimate.standard_error * (1 if ratio else factor), 3)}{' (log scale)' if ratio else ''}"


def _contrast_name(estimate):
    if not estimate.reference or _is_level(estimate):
        return MEASURES[estimate.measure]
    if (estimate.method, estimate.measure) == ("course", "slope"):
        return f"{MEASURES[estimate.measure]}, {estimate.arm_label}"
    per = ", per step of what it depends on" if estimate.measure == "slope" else ""
    sign = "\u00f7" if estimate.measure in RATIOS else "\u2212"
    return f"{estimate.arm_label or estimate.arm} {sign} {estimate.reference_label or estimate.reference}{per}"


def _derived(estimate):
    """What follows from the estimate: in the words that came with it, else by name."""
    return bullets([each.sentence or _named(each) for each in estimate.derived if each.name != TIPPING], "derived")


def _named(each):
    return f"{each.name.replace('-', ' ')}: {show_interval(each.point, each.low, each.high, 1)} {each.unit}".rstrip()


def _numbers(estimate):
    """Point and interval in the unit they are read in."""
    factor, _ = reading_unit(estimate)
    return show_interval(*times(factor, estimate.point, estimate.low, estimate.high), line_digits(estimate))


def _level(estimate):
    return f"{round(100 * estimate.level, 6):g}%"


def _alternative(estimate):
    unit = f" {reading_unit(estimate)[1]}".rstrip()
    claimed = estimate.direction if estimate.hypothesis not in NEED_MARGIN else ALIKE[estimate.hypothesis]
    side = f" The article claims {claimed}." if claimed else ""
    return f"{_contrast_name(estimate)}: {_numbers(estimate)}{unit}, {_level(estimate)} interval.{side}"
