"""To how many it has happened, by arm, as time goes on."""

from mmresearch.exhibits.drawing import SHAPES, Scale, arm_legend, arm_style, line, mark, picture, text, tick_text
from mmresearch.exhibits.markup import join, tag
from mmresearch.exhibits.record import Exhibit
from mmresearch.exhibits.tables import fold, table

HEIGHT, TOP, BOTTOM = 300, 14, 250
APART = 9.0  # per cent of the width two labels need between them


def show_waiting(waiting):
    """Return the Exhibit of a describe.Waiting."""
    name = tag("h3", waiting.name)
    if not any(point.share is not None for point in waiting.points):
        return Exhibit("waiting", "Over time", join([name, tag("p", "No time was recorded.")]))
    figure = tag("figure", arm_legend(waiting.arms), _draw(waiting), tag("figcaption", _caption(waiting)))
    numbers = fold("The numbers behind the figure", _numbers(waiting))
    return Exhibit("waiting", "Over time", join([name, figure, numbers]))


def _draw(waiting):
    days = sorted({point.day for point in waiting.points})
    x, y = Scale(days[0], max(days[-1], 1), 10, 95), Scale(0, 100, BOTTOM, TOP)
    return picture(HEIGHT, _left_axis(y), _days(days, x),
                   [_arm(waiting, index, x, y) for index in range(len(waiting.arms))],
                   label=_alternative(waiting), class_="course")


def _left_axis(y):
    return [(line("8%", y.place(value), "97%", y.place(value), "grid"),
             text("7%", y.place(value) + 4, f"{value}%", anchor="end")) for value in (0, 25, 50, 75, 100)]


def _days(days, x):
    named, last = [line("8%", BOTTOM + 6, "97%", BOTTOM + 6, "axis")], -100.0
    for day in days:
        place = x.place(day)
        named.append(line(f"{place}%", BOTTOM + 6, f"{place}%", BOTTOM + 11, "axis"))
        if place - last >= APART:
            named.append(text(f"{place}%", BOTTOM + 26, tick_text(day)))
            last = place
    return [*named, text("52%", BOTTOM + 45, "days since baseline", "name")]


def _arm(waiting, index, x, y):
    arm, style = waiting.arms[index], arm_style(index, waiting.arms[index])
    places = [(round(x.place(point.day), 2), y.place(100 * point.share), point)
              for point in waiting.of(arm.name) if point.share is not None]
    segments = [line(f"{x1}%", y1, f"{x2}%", y2, f"path {style}")
                for (x1, y1, _), (x2, y2, _) in zip(places, places[1:])]
    marks = [mark(f"{left}%", top, SHAPES[index % 4], style, f"{arm.label}, day {point.day}: {_words(point)}")
             for left, top, point in places]
    return [segments, marks]


def _caption(waiting):
    return (f"To how many it has happened ({waiting.measures}), of all patients of an arm, by whole weeks "
            "(Kaplan-Meier; what something else made impossible has not happened). Raw shares.")


def _alternative(waiting):
    ends = []
    for arm in waiting.arms:
        known = [point for point in waiting.of(arm.name) if point.share is not None]
        ends += [f"{arm.label} {100 * known[-1].share:.0f}% by day {known[-1].day}"] if known else []
    return f"{waiting.name}, share to whom it happened: {'; '.join(ends)}. Numbers below."


def _numbers(waiting):
    cells = {(point.arm, point.day): _words(point) for point in waiting.points}
    rows = [[f"day {day}", *(cells.get((arm.name, day), "\u2013") for arm in waiting.arms)]
            for day in sorted({point.day for point in waiting.points})]
    heads = ["By", *(arm.label for arm in waiting.arms)]
    return table("Share to whom it happened; patients still followed", heads, rows,
                 number_columns=range(1, len(waiting.arms) + 1))


def _words(point):
    return "\u2013" if point.share is None else f"{100 * point.share:.0f}%; n = {point.at_risk}"
