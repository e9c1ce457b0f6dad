"""Figures as small SVG: x in per cent of the width, y in pixels, so that text keeps its size on a phone and on paper.

Nothing is rounded away that a reader needs, nothing is drawn for a single patient, and the same records give the same
bytes: there is no clock, no random id and no drawing library behind it.
"""

import math
from dataclasses import dataclass

from mmresearch.exhibits.markup import tag

MARKS = {"circle": "M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0-9 0z", "square": "M-4-4H4V4H-4z",
         "diamond": "M0-5.5 5.5 0 0 5.5-5.5 0z", "triangle": "M0-5.5 5 4H-5z", "cross": "M-4-4 4 4M4-4-4 4"}


APART = 7.0  # per cent of the width that two ratios of an axis need between them
SHAPES = ("circle", "square", "triangle", "diamond")


@dataclass(frozen=True)
class Scale:
    """Where a value stands between `start` and `end` (per cent or pixels).

    log: for ratios; reverse: high values first.
    """

    low: float
    high: float
    start: float = 0.0
    end: float = 100.0
    log: bool = False
    reverse: bool = False

    def place(self, value):
        low, high, value = (math.log(x) if self.log else x for x in (self.low, self.high, value))
        share = min(1.0, max(0.0, (value - low) / (high - low)))
        return round(self.start + (self.end - self.start) * (1 - share if self.reverse else share), 2)

    def percent(self, value):
        return f"{self.place(value):g}%"

    def holds(self, value):
        return self.low <= value <= self.high

    def ticks(self, about=5):
        return self._apart(ratio_ticks(self.low, self.high)) if self.log else round_ticks(self.low, self.high, about)

    def _apart(self, ratios):
        """Those whose numbers do not run into each other; 1 and its neighbours come first."""
        kept = []
        for value in sorted(ratios, key=lambda value: abs(math.log(value))):
            if all(abs(self.place(value) - self.place(other)) >= APART for other in kept):
                kept.append(value)
        return sorted(kept)


def round_ticks(low, high, about=5):
    """Return round values within [low, high], about that many: steps of 1, 2 or 5 times a power of ten."""
    raw = (high - low) / about
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw * 0.999)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(index * step, 10) for index in range(first, last + 1)]


def ratio_ticks(low, high):
    """Return familiar ratios within [low, high]."""
    known = [0.1, 0.2, 0.25, 0.33, 0.5, 0.67, 0.8, 1, 1.25, 1.5, 2, 3, 4, 5, 10]
    return [value for value in known if low <= value <= high] or [low, high]


def span(values, pad=0.06, keep=()):
    """Return (low, high) around the values and those to keep in sight, widened by a share of the range."""
    known = [value for value in [*values, *keep] if value is not None]
    low, high = min(known), max(known)
    room = (high - low) * pad or 1.0
    return low - room, high + room


def tick_text(value):
    return f"{value:g}".replace("-", "\u2212")


def picture(height, *children, label, class_=""):
    """Return the svg element: full width, fixed height, `label` read out in its place."""
    return tag("svg", *children, class_=f"pic {class_}".strip(), width="100%", height=height, role="img",
               aria_label=label, focusable="false")


def line(x1, y1, x2, y2, class_):
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def text(x, y, words, class_="", anchor="middle"):
    return tag("text", words, x=x, y=y, class_=f"t {class_}".strip(), text_anchor=anchor)


def mark(x, y, shape, class_, title=None):
    """Return a marker centred on (x in per cent, y in pixels), with its numbers as a tooltip."""
    inner = tag("path", d=MARKS[shape])
    return tag("svg", tag("title", title) if title else None, inner, x=x, y=y, class_=f"m {class_}", overflow="visible")


def band(scale, first, last, y, height, class_):
    """Return a shaded zone between two values, as far as the scale shows it."""
    left, right = sorted((scale.place(first), scale.place(last)))
    return tag("rect", x=f"{left:g}%", y=y, width=f"{round(right - left, 2):g}%", height=height, class_=class_)


def whisker(scale, low, high, y, class_):
    """Return a horizontal interval; an arrowhead where it leaves the scale."""
    ends = [(low, "M4-4-1 0 4 4"), (high, "M-4-4 1 0-4 4")]
    if scale.reverse:
        ends = [(low, "M-4-4 1 0-4 4"), (high, "M4-4-1 0 4 4")]
    arrows = [tag("svg", tag("path", d=path), x=scale.percent(value), y=y, overflow="visible", class_=f"arrow {class_}")
              for value, path in ends if not scale.holds(value)]
    return [line(scale.percent(low), y, scale.percent(high), y, f"whisker {class_}"), arrows]


def sides(y):
    """Return the words at both ends of a picture turned to the claim."""
    return [text("0%", y, "\u2190 the opposite", "side", "start"), text("100%", y, "as claimed \u2192", "side", "end")]


def arm_style(index, arm):
    """Return the CSS class of an arm's line: the reference arm looks the same in every figure."""
    return "ref" if arm.reference else f"a{index % 4}"


def arm_legend(arms):
    """Return the list that names each arm beside its line and mark."""
    items = [tag("li", tag("svg", line(0, 8, 30, 8, f"path {arm_style(index, arm)}"),
                           mark(15, 8, SHAPES[index % 4], arm_style(index, arm)),
                           width=30, height=16, aria_hidden="true"),
                 " ", arm.label) for index, arm in enumerate(arms)]
    return tag("ul", items, class_="legend")


def bottom_axis(scale, y, label=None, about=5, show=tick_text):
    """Return ticks with their numbers below `y`, and the axis' name."""
    marks = [(line(scale.percent(value), y, scale.percent(value), y + 4, "axis"),
              text(scale.percent(value), y + 17, show(value))) for value in scale.ticks(about)]
    name = text("50%", y + 34, label, "name") if label else None
    return [line(f"{scale.start:g}%", y, f"{scale.end:g}%", y, "axis"), marks, name]
