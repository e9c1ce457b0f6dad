"""Several studies of one outcome and their pooled effect: a forest plot, the numbers, and what limits them."""

from mmresearch.exhibits.drawing import Scale, line, mark, picture, span, text, tick_text, whisker
from mmresearch.exhibits.markup import join, tag
from mmresearch.exhibits.numbers import count_digits, show_interval, show_number, show_p, show_share
from mmresearch.exhibits.record import Exhibit
from mmresearch.exhibits.tables import bullets, facts, fold, forest_cells, table

STANDARDISED = "standardised-mean-difference"  # pooling has the word too, and imports scipy, which pages do without
MEASURES = {"mean-difference": "difference between means", STANDARDISED: "standardised difference",
            "risk-difference": "difference of shares", "rmst-difference": "difference between restricted mean times"}
APART = 9.0  # per cent of the width two numbers of the axis need between them
SHARES = 100  # a difference of shares is read in percentage points


def show_pooled(synthesis):
    """Return the Exhibit of a pooling.Synthesis: the forest plot, what was found, and what limits it."""
    digits = digits_of(synthesis)
    figure = tag("figure", _forest(synthesis, digits), tag("figcaption", _caption(synthesis)))
    found = facts(tell_pooled(synthesis))
    limits = bullets([f"{note[:1].upper()}{note[1:]}." for note in synthesis.notes])
    numbers = fold("The numbers behind the figure", _numbers(synthesis, digits))
    return Exhibit("pooled", f"{len(synthesis.studies)} studies pooled", join([figure, found, limits, numbers]))


def tell_pooled(synthesis):
    """Return (word, sentence) pairs of what was found, for pages and terminals."""
    pooled, digits, unit = synthesis.pooled, digits_of(synthesis), _unit(synthesis)
    ends, level = _read(synthesis, synthesis.ends), f"{100 * pooled.level:g}%"
    log = " (of the logarithm)" if synthesis.studies[0].is_ratio else f" {unit}" if unit else ""
    factor = _factor(synthesis)
    tau = show_interval(*(factor * each for each in (pooled.tau, pooled.tau2_low**0.5, pooled.tau2_high**0.5)), digits)
    share = [show_share(each) for each in (pooled.i2, pooled.i2_low, pooled.i2_high)]
    pairs = [
        ("Pooled effect", f"{show_interval(ends['point'], ends['low'], ends['high'], digits)} {unit}".strip()
         + f"; {level} interval by Hartung and Knapp, t with {pooled.df} degrees of freedom; "
         f"p = {show_p(pooled.p_value)}".replace("= <", "<")),
        ("A further study", f"{show_number(ends['prediction_low'], digits)} to "
         f"{show_number(ends['prediction_high'], digits)} {unit}".strip()
         + f": {level} prediction interval of its true effect"),
        ("Between studies", f"tau {tau}{log}; I squared {share[0]} ({share[1]} to {share[2]}); Q {pooled.q:.1f} on "
         f"{pooled.k - 1} degrees of freedom, p = {show_p(pooled.q_p)}".replace("= <", "<")),
    ]
    return [*pairs, ("On points", _on_points(synthesis))] if synthesis.on_points else pairs


def digits_of(synthesis):
    """Return the decimals that the pooled interval deserves; a ratio or SMD has two at least, as in print."""
    ends = _read(synthesis, synthesis.ends)
    if synthesis.studies[0].is_ratio:
        return max(2, count_digits(ends["low"], ends["high"], (1.0,)))
    return max(2 if synthesis.measure == STANDARDISED else 0, count_digits(ends["low"], ends["high"]))


def lines_of(synthesis):
    """Return (study, detail, interval as text, weight as text) of each study, in the order given."""
    digits, unit = digits_of(synthesis), _factor(synthesis)
    return [(each.name, "; ".join(filter(None, (_against(each), each.time))),
             show_interval(*(unit * end for end in (each.point, each.low, each.high)), digits), show_share(weight, 1))
            for each, weight in zip(synthesis.studies, synthesis.pooled.weights)]


def _against(study):
    return study.comparator and f"against {study.comparator.replace('-', ' ')}"


def name_measure(synthesis):
    """Return what was pooled, in words: `difference between means, RMDQ points`."""
    first = synthesis.studies[0]
    words = MEASURES.get(first.measure, first.measure.replace("-", " "))
    unit = "" if first.is_ratio else _unit(synthesis)
    return ", ".join(filter(None, [words, " ".join(filter(None, [first.instrument or first.outcome, unit]))]))


def _forest(synthesis, digits):
    first, ends = synthesis.studies[0], _read(synthesis, synthesis.ends)
    factor, null = _factor(synthesis), 1.0 if first.is_ratio else 0.0
    values = [factor * end for each in synthesis.studies for end in (each.low, each.high)]
    low, high = _span([*values, ends["prediction_low"], ends["prediction_high"]], null, first.is_ratio)
    scale = Scale(low, high, 2, 98, log=first.is_ratio)
    items = [_row(name, f"{detail}; weight {weight}" if detail else f"weight {weight}", numbers, scale, null,
                  whisker(scale, factor * each.low, factor * each.high, "50%", "other"),
                  mark(scale.percent(factor * each.point), "50%", "square", "other"))
             for each, (name, detail, numbers, weight) in zip(synthesis.studies, lines_of(synthesis))]
    items.append(_row("Pooled", "Hartung-Knapp interval", show_interval(ends["point"], ends["low"], ends["high"],
                                                                       digits), scale, null,
                      whisker(scale, ends["low"], ends["high"], "50%", "main"),
                      mark(scale.percent(ends["point"]), "50%", "diamond", "main")))
    reach = f"{show_number(ends['prediction_low'], digits)} to {show_number(ends['prediction_high'], digits)}"
    items.append(_row("A further study", "prediction interval", reach, scale, null,
                      line(scale.percent(ends["prediction_low"]), "50%", scale.percent(ends["prediction_high"]), "50%",
                           "path ref")))
    axis = tag("div", forest_cells(None, picture(40, _axis(scale, name_measure(synthesis), null), label="axis"), None),
               class_="row foot", aria_hidden="true")
    return tag("div", tag("ol", items), axis, class_="forest")


def _axis(scale, name, null):
    """The axis with its ticks, the null's first; a tick too near to one that stands already has no number."""
    named = []
    for value in sorted(scale.ticks(6), key=lambda tick: tick != null):
        if all(abs(scale.place(value) - scale.place(other)) >= APART for other in named):
            named.append(value)
    ticks = [(line(scale.percent(value), 1, scale.percent(value), 5, "axis"),
              text(scale.percent(value), 18, tick_text(value))) for value in named]
    return [line("2%", 1, "98%", 1, "axis"), ticks, text("50%", 35, name, "name")]


def _span(values, null, log):
    low, high = span(values, keep=(null,)) if not log else (min(*values, null) / 1.1, max(*values, null) * 1.1)
    return (low, high)


def _row(name, detail, numbers, scale, null, *drawn):
    shown = picture("100%", line(scale.percent(null), 0, scale.percent(null), "100%", "null"), *drawn,
                    label=f"{name}: {numbers}")
    return tag("li", forest_cells([tag("strong", name), " ", tag("small", detail)], shown, numbers), class_="row")


def _caption(synthesis):
    better = synthesis.studies[0].better
    side = f" {better.capitalize()} favours the treatment." if better else ""
    level = synthesis.pooled.level
    pooled = "" if level == 0.95 else f" of the studies and {100 * level:g}% intervals of what was pooled"
    return (f"Treatment {'over' if synthesis.studies[0].is_ratio else 'minus'} its comparator: "
            f"{name_measure(synthesis)}, with 95% intervals{pooled}.{side} The dashed line is where the true effect of "
            "a further study of the kind is expected.")


def _numbers(synthesis, digits):
    rows = [[*each, study.source] for each, study in zip(lines_of(synthesis), synthesis.studies)]
    return table(None, ["Study", "Against, time", "Effect (95% interval)", "Weight", "From"], rows, "pooled")


def _on_points(synthesis):
    found = synthesis.on_points
    digits = count_digits(found.low, found.high)
    return (f"{show_interval(found.point, found.low, found.high, digits)} {found.unit} of {found.instrument}, put back "
            f"from standard deviations with an SD of {found.sd:.3g} {found.unit} ({found.sd_source}); a further study "
            f"{show_number(found.prediction_low, digits)} to {show_number(found.prediction_high, digits)}. In a "
            "population with another SD the points are others.")


def _factor(synthesis):
    return SHARES if synthesis.measure == "risk-difference" else 1


def _read(synthesis, ends):
    return {name: _factor(synthesis) * value for name, value in ends.items()}


def _unit(synthesis):
    if synthesis.studies[0].is_ratio:
        return ""
    return "percentage points" if synthesis.measure == "risk-difference" else synthesis.unit
