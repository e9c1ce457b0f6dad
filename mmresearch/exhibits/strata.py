"""Strata of one claim beside all its patients, in the claimed direction; and whether they differ. No verdict, no p of
a stratum's own."""

import math
from dataclasses import replace

from mmresearch.estimate import RATIOS
from mmresearch.exhibits.drawing import Scale, band, bottom_axis, line, mark, picture, sides, span, tick_text, whisker
from mmresearch.exhibits.markup import join, tag
from mmresearch.exhibits.numbers import (
    DASH,
    line_digits,
    null_value,
    reading_unit,
    show_interval,
    show_number,
    show_p,
    times,
)
from mmresearch.exhibits.record import Exhibit
from mmresearch.exhibits.tables import forest_cells, table
from mmresearch.exhibits.words import COLUMNS, label_of, visit_text
from mmresearch.strata import is_sound

FAR = 3.0  # widths of the whole's interval: what reaches further ends in an arrow
UNSOUND = "too uncertain to compare: see its page"


def level_text(column, level):
    """Return a level as prose: `neck-pain` -> `Neck pain`, `female` -> `Female`, a site's word as it is."""
    if column == "condition":
        return label_of("conditions", level)
    return level.capitalize() if column == "sex" else level


def by_text(column):
    """Return a column as the word after `by`: `condition`, `duration of complaint in months`."""
    return COLUMNS.get(column, column.replace("_", " "))


def show_comparison(comparison, whole, href=None, here=None):
    """Return the Exhibit of one claim's strata: a line a stratum below that of all its patients, then the interaction.

    comparison: strata.Comparison; whole: the registered Estimate; href: name of a stratum's page -> its address;
    here: the level whose page this is.
    """
    body = [_forest(comparison, whole, href or (lambda page: None), here),
            tag("p", tell_interaction(comparison, whole), class_="interaction")]
    return Exhibit("strata", f"By {by_text(comparison.column)}", join(body))


def show_strata_table(strata, claims, href):
    """Return the Exhibit of every claim in every stratum, a row each. claims: id -> its text, of those divided."""
    rows = [_row(comparison, each, claims[comparison.claim], href) for comparison in strata.comparisons
            for each in comparison.found]
    header = ["Claim", by_text(strata.split.column).capitalize(), "Patients", "Estimate and interval"]
    return Exhibit("strata-table", f"Every claim by {by_text(strata.split.column)}", join([
        table("Estimate and interval of each stratum; no verdicts", header, rows, number_columns=(2, 3))]))


def tell_interaction(comparison, whole):
    """Return whether the strata differ, in two sentences: the test, and what it can and cannot say."""
    test = comparison.interaction
    if test.lack:
        return f"Whether the strata differ was not tested: {test.lack}."
    parts = [f"Do they differ? {_statistic(test)}, {_p(test, whole)} ({test.test})."]
    left = len(comparison.estimated) - (test.df1 + 1)
    if left:
        parts.append(f"{left} too uncertain to compare {'was' if left == 1 else 'were'} left out.")
    if test.minus:
        first, second = (level_text(comparison.column, level) for level in test.minus)
        ends = _interval(whole, test)
        sign = "over" if whole.measure in RATIOS else "minus"
        parts.append(f"{first} {sign} {second}: {ends}.")
    below = test.p_value < whole.alpha
    parts.append("One test of many on these pages, not corrected for their number." if below else
                 "A difference is not shown; that there is none is not shown either.")
    return " ".join(parts)


def _statistic(test):
    if test.df2 is None:
        return f"chi-squared {show_number(test.statistic * test.df1, 2)} on {test.df1} degrees of freedom"
    return f"F({test.df1}, {show_number(test.df2, 1 if test.df2 < 20 else 0)}) = {show_number(test.statistic, 2)}"


def _p(test, whole):
    said = show_p(test.p_value, whole.alpha)
    return f"p {said}" if said.startswith("<") else f"p = {said}"


def _interval(whole, ends, like=None):
    factor, unit = reading_unit(whole)
    values = times(factor, ends.point, ends.low, ends.high)
    return f"{show_interval(*values, line_digits(like or whole, like or ends))} {unit}".rstrip()


def interval_text(estimate, like=None):
    """Return an Estimate's point and interval in the unit they are read in; a dash where there is none.

    like: the Estimate whose digits it has, where it stands beside it.
    """
    return DASH if estimate is None or estimate.point is None else _interval(estimate, estimate, like)


def told_interval(estimate, like=None):
    """Return a stratum's interval as it stands among others: with its trouble, or not at all where it says nothing."""
    if is_sound(estimate):
        return interval_text(estimate, like)
    lasting = [each for each in estimate.serious if each.code == "therapists-few"]  # the interval itself is sound
    told = lasting and len(lasting) == len(estimate.serious) and is_sound(replace(estimate, troubles=()))
    return f"{interval_text(estimate, like)}; fewer than 3 therapists" if told else UNSOUND


def tell_counts(estimate):
    """Return `24 v 22`: patients analysed, arm and reference."""
    return " v ".join(str(estimate.n[arm]) for arm in (estimate.arm, estimate.reference) if arm in estimate.n)


def _row(comparison, each, text, href):
    name = level_text(comparison.column, each.stratum.level)
    page = href(each.page) if each.page else None
    cell = tag("a", name, href=page) if page else name
    if each.estimate is None:
        return [text, cell, DASH, each.lack]
    return [text, cell, tell_counts(each.estimate), told_interval(each.estimate)]


def _forest(comparison, whole, href, here):
    lines = [("All patients of the claim", whole, None, "all")]
    lines += [(level_text(comparison.column, each.stratum.level), each.estimate, each,
               "here" if each.stratum.level == here else "") for each in comparison.found]
    scale = _scale(whole, [each for _, each, _, _ in lines if each is not None and each.low is not None])
    if scale is None:
        return tag("p", "The registered analysis gave no interval to set strata beside.")
    items = [tag("li", _line(scale, whole, *each, href), class_=f"row {each[3]}".strip()) for each in lines]
    factor, unit = reading_unit(whole)
    ratio = whole.measure in RATIOS
    name = f"{whole.arm_label} {chr(0xf7) if ratio else chr(0x2212)} {whole.reference_label}" if whole.reference else ""
    axis = picture(40, bottom_axis(scale, 1, f"{name}{', ' if name and unit else ''}{unit}", 5,
                                   lambda value: tick_text(float(f"{factor * value:.3g}"))), label="axis")
    ends = picture(26, sides(16), label="left: the opposite of the claim; right: as claimed")
    head = forest_cells("", ends if whole.direction else None, "")
    return tag("div", tag("div", head, class_="row head", aria_hidden="true"), tag("ol", items),
               tag("div", forest_cells("", axis, ""), class_="row foot", aria_hidden="true"),
               class_="forest strata")


def _line(scale, whole, name, estimate, found, kind, href):
    page = href(found.page) if found is not None and found.page and kind != "here" else None
    label = tag("a", name, href=page) if page else tag("strong", name)
    if estimate is None or estimate.low is None:
        why = found.lack if estimate is None else "the fit gave no interval"
        return forest_cells(label, _null(scale, whole), why)
    said = interval_text(estimate) if kind == "all" else told_interval(estimate, whole)
    what = [label, " ", tag("small", f"n = {tell_counts(estimate)}", class_="whole")]
    if said == UNSOUND:
        return forest_cells(what, _null(scale, whole), said)
    style = "main" if kind == "all" else "mixed" if is_sound(estimate) else "other"
    shape = "diamond" if kind == "all" else "square" if is_sound(estimate) else "circle"
    drawn = picture("100%", _zone(scale, whole), line(_at(scale, whole), 0, _at(scale, whole), "100%", "null"),
                    whisker(scale, estimate.low, estimate.high, "50%", style),
                    mark(scale.percent(estimate.point), "50%", shape, style) if scale.holds(estimate.point) else None,
                    label=f"{name}: {said}")
    return forest_cells(what, drawn, said)


def _null(scale, whole):
    return picture("100%", _zone(scale, whole), line(_at(scale, whole), 0, _at(scale, whole), "100%", "null"),
                   label="no interval")


def _at(scale, whole):
    return scale.percent(null_value(whole))


def _zone(scale, whole):
    """What is smaller than the margin, either side."""
    if not whole.margin:
        return None
    ratio = whole.measure in RATIOS
    ends = [whole.margin**sign if ratio else null_value(whole) + sign * whole.margin for sign in (-1, 1)]
    low, high = max(min(ends), scale.low), min(max(ends), scale.high)
    return band(scale, low, high, 0, "100%", "zone") if low < high else None


def _scale(whole, estimates):
    """Wide enough for what is near the whole's interval; None where the whole has none."""
    if None in (whole.low, whole.high):
        return None
    ratio = whole.measure in RATIOS
    grow = math.log if ratio else float
    low, high = grow(whole.low), grow(whole.high)
    room = FAR * ((high - low) or 1.0)
    ends = [min(max(grow(end), low - room), high + room) for each in estimates for end in (each.low, each.high)]
    ends = span(ends, keep=[grow(null_value(whole))])
    first, last = (math.exp(end) for end in ends) if ratio else ends
    return Scale(first, last, 2, 98, log=ratio, reverse=whole.direction == "lower")


def heading_of(whole, text):
    """Return what a small figure of one estimate is headed by: outcome, time and groups compared."""
    arms = f"{whole.arm_label} v {whole.reference_label}" if whole.reference else whole.arm_label
    said = "; ".join(part for part in (whole.outcome or text, visit_text(whole.visit), arms) if part)
    return said[:1].upper() + said[1:]
