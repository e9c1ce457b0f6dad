"""How a variance between groups is told: standard deviation, share of all variance, units and names."""

import math

from mmresearch.estimate import Derived

PLURALS = {"therapist": "therapists", "condition": "conditions", "goal": "goals", "site": "sites"}


def derived(question, contrast, interval, level, groups):
    """The standard deviation between groups, in the instrument's unit; without comparison also the share between
    them.
    """
    if question.analysis.measure != "variance":
        return ()
    unit, word = question.instrument.unit, plural(question.analysis.modifier)
    low, point, high = (math.sqrt(value) for value in (interval[0], contrast.point, interval[1]))
    what = "the difference of arms varies" if question.reference else "results vary"
    text = (
        f"Between {word} {what} with a standard deviation of {point:.2g} {unit} ({low:.2g} to {high:.2g}): "
        f"most lie "
        "within two of these around their mean."
    )
    made = [Derived("standard-deviation", point, low, high, unit, text)]
    if not question.reference:
        bottom, top = (ratio / (1 + ratio) for ratio in contrast.part.ratio_interval(level))
        share = contrast.point / (contrast.point + contrast.part.error)
        bottom, top = min(bottom, share), max(top, share)
        made.append(
            Derived(
                "intraclass-correlation",
                share,
                bottom,
                top,
                "proportion",
                f"Of the variance not explained otherwise, {100 * share:.0f}% lies between {word} "
                f"({100 * bottom:.0f} to {100 * top:.0f}%, exact).",
            )
        )
    return tuple(made)


def squared(unit):
    return f"{unit}²" if unit.isalpha() else f"({unit})²"


def plural(name):
    return PLURALS.get(name, f"groups of {name.replace('_', ' ')}")


def name_outcome(question, words):
    word = plural(question.analysis.modifier)
    return f"the difference in {words} between {word}" if question.reference else f"{words} between {word}"
