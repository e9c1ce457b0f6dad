"""Published effects as forest plots: a panel for each kind of number, instrument and unit, by comparator within."""

import math
from dataclasses import dataclass

from mmresearch.evidence import favoured_side, group_rows
from mmresearch.exhibits.drawing import Scale, bottom_axis, line, mark, picture, text, whisker
from mmresearch.exhibits.markup import join, tag
from mmresearch.exhibits.numbers import show_interval
from mmresearch.exhibits.published import name_publication, print_numbers
from mmresearch.exhibits.tables import forest_cells

KINDS = {"MD": "Differences between means", "SMD": "Standardised differences", "RR": "Risk ratios", "OR": "Odds ratios",
         "HR": "Hazard ratios"}
REACH = 2.5  # intervals that reach further than so many times the largest effect end in an arrow
HEAD = ("Publication; what was measured, and when", "As printed (95% interval)")


@dataclass(frozen=True)
class Axis:
    """Where rows of one panel stand: turned so that the right of `null`, no difference, favours `side`."""

    scale: Scale
    null: float
    side: str


def draw_panels(claim, rows, named=(), said="", beside=()):
    """Return the forest plots of PublishedEffects in their fixed order, the panel of the reading's row first.

    named: the rows a reading rests on, drawn as diamonds; said: what is said of them; beside: (name, words, (point,
    low, high)) in the unit and sign of the first of them, drawn above its panel's rows.
    """
    side = "the claim" if claim.analysis else "massage"
    panels = {}
    for heading in [_heading(row) for row in (*named, *rows)]:
        panels.setdefault(heading, [row for row in rows if _heading(row) == heading])
    first = _heading(named[0]) if named else None
    return join([_panel(heading, members, claim, (named, said), side, beside if heading == first else ())
                 for heading, members in panels.items()])


def _heading(row):
    """Numbers of different kinds, instruments or units never share an axis."""
    return KINDS[row.effect_type] + (f": {row.instrument}, {row.unit}" if row.effect_type == "MD" else "")


def _panel(heading, rows, claim, marked, side, beside):
    ends = {row.effect_id: _turn((row.effect, row.low, row.high), favoured_side(claim, row), row.is_ratio)
            for row in rows}
    first = marked[0][0] if beside else rows[0]
    turned = [_turn(each[2], favoured_side(claim, first), first.is_ratio) for each in beside]
    axis = Axis(_scale([*ends.values(), *turned], first.is_ratio), first.null, side)
    lines = [tag("li", _beside(*each, where, axis), class_="row") for each, where in zip(beside, turned)]
    for group, members in group_rows(rows).items():
        lines.append(tag("li", f"Massage against {group[0].lower()}{group[1:]}", class_="group"))
        lines += [tag("li", _line(row, ends[row.effect_id], axis, marked[1] if row in marked[0] else ""),
                      class_="row") for row in members]
    foot = picture(40, bottom_axis(axis.scale, 1, _name_axis(rows[0], side)), label="axis")
    return tag("div", tag("h3", heading),
               tag("div", forest_cells(HEAD[0], _sides(side), HEAD[1]), class_="row head", aria_hidden="true"),
               tag("ol", lines), tag("div", forest_cells(None, foot, None), class_="row foot", aria_hidden="true"),
               class_="forest literature")


def _turn(ends, favoured, ratio):
    """Return (point, low, high) with the favoured side on the right: differences negated, ratios inverted."""
    point, low, high = ends
    if favoured == "higher":
        return ends
    return (1 / point, 1 / high, 1 / low) if ratio else (-point, -high, -low)


def _scale(ends, ratio):
    """Return a Scale that shows no difference, every effect, and intervals unless one would squeeze all others."""
    if ratio:
        inner = _scale([tuple(math.log(end) for end in each) for each in ends], False)
        return Scale(math.exp(inner.low), math.exp(inner.high), inner.start, inner.end, log=True)
    widest = REACH * max(max(abs(point), min(point - low, high - point)) for point, low, high in ends)
    low = min(0.0, max(-widest, min(low for _, low, _ in ends)))
    high = max(0.0, min(widest, max(high for _, _, high in ends)))
    room = 0.06 * (high - low)
    return Scale(low - room, high + room, 2, 98)


def _line(row, ends, axis, said):
    what = [name_publication(row), " ", tag("small", _measured(row)),
            tag("small", f" {said}", class_="named") if said else None]
    lies = f"{'favours' if ends[1] > axis.null else 'against' if ends[2] < axis.null else 'open for'} {axis.side}"
    return forest_cells(what, _draw(ends, axis, "main" if said else "other", "diamond" if said else "square",
                              f"{row.study}: {lies}"), print_numbers(row))


def _beside(name, words, ends, where, axis):
    """A line that is no row of our table: a study, or pooled trials. ends: in the unit and sign of the named row."""
    return forest_cells([tag("strong", name), " ", tag("small", words)], _draw(where, axis, "a3", "circle", name),
                  show_interval(*ends))


def _draw(ends, axis, tone, shape, label):
    point, low, high = ends
    null = axis.scale.percent(axis.null)
    return picture("100%", line(null, 0, null, "100%", "null"), whisker(axis.scale, low, high, "50%", tone),
                   mark(axis.scale.percent(point), "50%", shape, tone), label=label)


def _measured(row):
    parts = [row.outcome, row.time, row.technique if row.technique != "massage" else "",
             f"against {row.comparator}" if row.comparator else ""]
    return "; ".join(filter(None, parts))


def _sides(side):
    return picture(26, text("0%", 16, "\u2190 against", "side", "start"),
                   text("100%", 16, f"favours {side} \u2192", "side", "end"), label=f"right: favours {side}")


def _name_axis(row, side):
    unit = {"SMD": "standard deviations", "MD": row.unit}.get(row.effect_type, "ratio, turned so that above 1")
    return f"{unit} {'favours' if row.is_ratio else 'in favour of'} {side}"

