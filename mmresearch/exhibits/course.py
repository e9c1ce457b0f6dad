"""Means over time by arm, with their 95% intervals."""

from dataclasses import replace

from mmresearch.describe import FEWEST
from mmresearch.exhibits.drawing import (
    SHAPES,
    Scale,
    arm_legend,
    arm_style,
    band,
    line,
    mark,
    picture,
    round_ticks,
    span,
    text,
    tick_text,
)
from mmresearch.exhibits.markup import join, tag
from mmresearch.exhibits.numbers import TOO_FEW, mean_digits, show_count, show_interval, show_number
from mmresearch.exhibits.record import Exhibit
from mmresearch.exhibits.tables import fold, table

HEIGHT, TOP, BOTTOM = 300, 14, 250
AXES = {"visits": "days since baseline", "sessions": "number of the session"}
APART = 9.0  # per cent of the width two visit labels need between them
AFTER = "; the estimate comes from the registered analysis, which may adjust and may use other patients."
NUDGE = 0.9  # per cent by which arms stand beside each other at one visit


def show_course(course, judged=None):
    """Return the Exhibit of a describe.Course. judged: name of the visit the claim is judged at, shaded when given.

    A mean of fewer than FEWEST patients is not shown.
    """
    name, whole = tag("h3", course.name), course
    course = replace(course, points=tuple(point for point in course.points if _enough(point)))
    if not course.points:
        where = "before and after a session" if course.along == "sessions" else "at a planned visit"
        what = f"No value of {FEWEST} patients of an arm" if whole.points else "No value"
        return Exhibit("course", "Over time", join([name, tag("p", f"{what} was measured {where}.")]))
    figure = tag("figure", arm_legend(course.arms), _draw(course, judged), tag("figcaption", _caption(course, judged)))
    return Exhibit("course", "Over time", join([name, figure, fold("The numbers behind the figure", _numbers(whole))]))


def _draw(course, judged):
    days = sorted({point.day for point in course.points})
    x = Scale(days[0], days[-1] if days[-1] > days[0] else days[0] + 1, 10, 95)
    edges = [edge for point in course.points for edge in (point.low, point.high, point.mean)]
    y = Scale(*_within(course, span(edges)), BOTTOM, TOP)
    return picture(HEIGHT, _shaded(course, judged, x), _left_axis(course, y), _visits(course, x),
                   [_arm(course, index, x, y) for index in range(len(course.arms))],
                   label=_alternative(course), class_="course")


def _within(course, ends):
    low, high = ends
    return (max(low, course.low) if course.low is not None else low,
            min(high, course.high) if course.high is not None else high)


def _left_axis(course, y):
    lines = [(line("8%", y.place(value), "97%", y.place(value), "grid"),
              text("7%", y.place(value) + 4, tick_text(value), anchor="end")) for value in round_ticks(y.low, y.high)]
    return [lines]


def _visits(course, x):
    """Ticks at every visit; names only where they do not run into each other."""
    named, last = [], -100.0
    for day, _visit in sorted({(point.day, point.visit) for point in course.points}):
        place = x.place(day)
        named.append(line(f"{place}%", BOTTOM + 6, f"{place}%", BOTTOM + 11, "axis"))
        if place - last >= APART:
            named.append(text(f"{place}%", BOTTOM + 26, tick_text(day)))
            last = place
    axis = line("8%", BOTTOM + 6, "97%", BOTTOM + 6, "axis")
    return [axis, named, text("52%", BOTTOM + 45, AXES[course.along], "name")]


def _shaded(course, judged, x):
    day = next((point.day for point in course.points if point.visit == judged), None)
    if day is None:
        return None
    width = (x.high - x.low) * 0.03
    around = Scale(x.low - width, x.high + width, x.start - 2.55, x.end + 2.55)
    return band(around, day - width, day + width, TOP - 8, BOTTOM - TOP + 14, "judged")


def _arm(course, index, x, y):
    arm = course.arms[index]
    points, shift = course.of(arm.name), NUDGE * (index - (len(course.arms) - 1) / 2)
    places = [(round(x.place(point.day) + shift, 2), y.place(point.mean), point) for point in points]
    style = arm_style(index, arm)
    segments = [line(f"{x1}%", y1, f"{x2}%", y2, f"path {style}")
                for (x1, y1, _), (x2, y2, _) in zip(places, places[1:])]
    bars = [line(f"{left}%", y.place(point.low), f"{left}%", y.place(point.high), f"ci {style}")
            for left, _, point in places if point.low is not None]
    shape, digits = SHAPES[index % len(SHAPES)], _digits(course)
    marks = [mark(f"{left}%", top, shape, style,
                  f"{arm.label}, {point.visit}: {_words(point, digits)}, n = {show_count(point.n)}")
             for left, top, point in places]
    return [segments, bars, marks]


def _caption(course, judged):
    ranged = None not in (course.low, course.high)
    scale = f", scale {tick_text(course.low)} to {tick_text(course.high)}" if ranged else ""
    shaded = f" The shaded visit, {judged}, is the one the claim is judged at." if judged else ""
    return (f"Mean {course.measures} ({course.unit}{scale}; {course.better} is better) of the patients observed, "
            f"with 95% intervals.{shaded} Raw means{AFTER if judged else '.'}")


def _alternative(course):
    digits = _digits(course)
    ends = [f"{arm.label} from {show_number(rows[0].mean, digits)} to {show_number(rows[-1].mean, digits)}"
            for arm in course.arms if (rows := course.of(arm.name))]
    days = [point.day for point in course.points]
    word = "session" if course.along == "sessions" else "day"
    return f"{course.name}, {word} {min(days)} to {max(days)}: mean of {'; '.join(ends)} {course.unit}. Numbers below."


def _numbers(course):
    visits = dict(sorted({(point.visit, point.day) for point in course.points}, key=lambda pair: pair[1]))
    digits = _digits(course)
    cells = {(point.arm, point.visit): f"{_told(point, digits)}; n = {show_count(point.n)}" for point in course.points}
    named = {visit: visit if course.along == "sessions" else f"{visit} (day {day})" for visit, day in visits.items()}
    rows = [[words, *(cells.get((arm.name, visit), "\u2013") for arm in course.arms)] for visit, words in named.items()]
    return table("Mean (95% interval); patients observed", ["Visit", *(arm.label for arm in course.arms)], rows,
                 number_columns=range(1, len(course.arms) + 1))


def _digits(course):
    return mean_digits(point.sd for point in course.points if _enough(point))


def _told(point, digits):
    return _words(point, digits) if _enough(point) else TOO_FEW


def _enough(point):
    """True of enough patients to tell a mean of; without their number, a gate has seen to it (disclosure)."""
    return point.n is None or point.n >= FEWEST


def _words(point, digits):
    return show_interval(point.mean, point.low, point.high, digits)
