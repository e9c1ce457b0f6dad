"""Power against patients per arm, with what the plan assumes."""

from mmresearch.exhibits.drawing import SHAPES, Scale, line, mark, picture, text, tick_text
from mmresearch.exhibits.markup import join, tag
from mmresearch.exhibits.numbers import DASH, show_share
from mmresearch.exhibits.record import Exhibit
from mmresearch.exhibits.tables import bullets, fold, table

HEIGHT, TOP, BOTTOM = 300, 14, 250
NAMES = {"margin": "the smallest difference worth having", "published": "the published effect",
         "given": "the difference given"}
LEVELS = (0, 0.25, 0.5, 0.8, 0.9, 1)


def show_plan(plan):
    """Return the Exhibit of a planning.Plan: patients per arm at each difference and power."""
    powers = list(plan.targets[0].patients)
    header = ["Difference to show", *(f"{100 * power:g}% power" for power in powers), "From"]
    rows = [[f"{name_target(target)}: {target.words}", *(_count(target, power) for power in powers), target.source]
            for target in plan.targets]
    body = table("Patients to randomise per arm", header, rows, "plan")
    return Exhibit("plan", "Patients per arm", join([tag("p", plan.question), body, bullets(_sentences(plan))]))


def show_assumptions_of(plan):
    """Return the Exhibit of what a planning.Plan assumes, each number with its source."""
    rows = [[each.name, each.text, each.source] for each in plan.assumptions]
    rows.append(["Two-sided alpha", f"{plan.alpha:g}", "given" if plan.alpha != 0.05 else "convention"])
    return Exhibit("plan-assumptions", "What the plan assumes",
                   table(None, ["Assumption", "Value", "From"], rows, "plan"))


def show_power(plan):
    """Return the Exhibit of power against patients per arm, one curve a difference."""
    curves = [(target, plan.curve(target)) for target in plan.targets]
    curves = [(target, points) for target, points in curves if len(points) > 1]
    if not curves:
        return Exhibit("power", "Power", tag("p", "No number of patients below a million reaches it."))
    figure = tag("figure", _legend(curves), _draw(curves), tag("figcaption", _caption(plan)))
    return Exhibit("power", "Power", join([figure, fold("The numbers behind the figure", _numbers(curves))]))


def name_target(target):
    """Return the words for a Target: `the smallest difference worth having`."""
    return NAMES[target.name]


def _sentences(plan):
    return [f"{note[:1].upper()}{note[1:]}." for note in plan.notes]


def _count(target, power):
    count, therapists = target.patients[power], target.therapists[power]
    if count is None:
        return "over a million"
    return tag("span", f"{count:,}", tag("small", f" ({therapists} therapists)") if therapists else None)


def _draw(curves):
    most = max(size for _, points in curves for size, _ in points)
    x, y = Scale(0, most, 10, 95), Scale(0, 1, BOTTOM, TOP)
    grid = [(line("8%", y.place(level), "97%", y.place(level), "grid"),
             text("7%", y.place(level) + 4, f"{100 * level:g}%", anchor="end")) for level in LEVELS]
    ticks = [(line(x.percent(value), BOTTOM + 6, x.percent(value), BOTTOM + 11, "axis"),
              text(x.percent(value), BOTTOM + 26, tick_text(value))) for value in x.ticks()]
    lines = [_curve(index, target, points, x, y) for index, (target, points) in enumerate(curves)]
    return picture(HEIGHT, grid, line("8%", BOTTOM + 6, "97%", BOTTOM + 6, "axis"), ticks,
                   text("52%", BOTTOM + 45, "patients to randomise per arm", "name"), lines, label=_alternative(curves),
                   class_="course")


def _curve(index, target, points, x, y):
    style = f"a{index % 4}"
    places = [(x.percent(size), y.place(power)) for size, power in points]
    segments = [line(*start, *end, f"path {style}") for start, end in zip(places, places[1:])]
    marks = [mark(x.percent(count), y.place(power), SHAPES[index % 4], style,
                  f"{name_target(target)}: {count:,} patients per arm, {100 * power:g}% power")
             for power, count in target.patients.items() if count]
    return [segments, marks]


def _legend(curves):
    items = [tag("li", _key(index), f" {name_target(target)}: {target.words}")
             for index, (target, _) in enumerate(curves)]
    return tag("ul", items, class_="legend")


def _key(index):
    style, shape = f"a{index % 4}", SHAPES[index % 4]
    return tag("svg", line(0, 8, 30, 8, f"path {style}"), mark(15, 8, shape, style), width=30, height=16,
               aria_hidden="true")


def _caption(plan):
    powers = " and ".join(f"{100 * power:g}%" for power in plan.targets[0].patients)
    return ("How often a trial of that size would show the difference if it is there (two-sided test at "
            f"{plan.alpha:g}, noncentral t). Marks: {powers}.")


def _alternative(curves):
    said = "; ".join(f"{name_target(target)} ({target.words}): {_reached(target)}" for target, _ in curves)
    return f"Power against patients per arm. {said}. Numbers below."


def _reached(target):
    return ", ".join(f"{100 * power:g}% with {count:,}" for power, count in target.patients.items() if count)


def _numbers(curves):
    rows = [[name_target(target), f"{size:,}", show_share(power, 1) if power else DASH]
            for target, points in curves for size, power in points[::6]]
    return table("Power at some sizes", ["Difference to show", "Patients per arm", "Power"], rows,
                 number_columns=(1, 2))
