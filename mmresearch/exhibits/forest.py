"""Every estimate of a family in the claimed direction, on one axis: multiples of the margin, or of the baseline SD."""

import math
from dataclasses import dataclass

from mmresearch.estimate import RATIOS, Estimate
from mmresearch.exhibits.drawing import Scale, band, bottom_axis, line, mark, picture, sides, tick_text, whisker
from mmresearch.exhibits.markup import join, tag
from mmresearch.exhibits.numbers import line_digits, reading_unit, show_interval, times
from mmresearch.exhibits.record import Exhibit
from mmresearch.exhibits.tables import forest_cells
from mmresearch.exhibits.verdicts import by_claim
from mmresearch.exhibits.words import VERDICTS, column_text, glyph, page_of, visit_text
from mmresearch.verdict.orientation import orient

WIDEST = 6.0  # in margins or SD: intervals that reach further end in an arrow
DIFFERENCES = frozenset({"superiority", "non-inferiority", "equivalence"})
PANELS = {  # scale: (heading, axis, what the shaded band is)
    "margins": ("In margins", "in margins; 1 is the smallest difference between groups worth having", True),
    "SD": ("No margin known: in standard deviations", "in standard deviations at baseline", False),
    "ratio": ("No margin known: ratios", "ratio, in the claimed direction", False),
}
ENDS = "left: the opposite of the claim; right: as claimed"


@dataclass(frozen=True)
class Row:
    """One estimate, oriented: what it is about, where it stands on its panel, and the claims it answers."""

    panel: str
    low: float
    point: float
    high: float
    label: str
    detail: str
    numbers: str
    claims: tuple  # (claim id, verdict, text)


def show_forest(registry, outcomes, verdicts, href=page_of):
    """Return the Exhibit of all estimates of a registry in the claimed direction.

    outcomes: claim id -> Estimate or Lack; verdicts: as `judge` returns them; href: claim id -> its page, or None.
    Claims that share an estimate share a row. Left out, and counted: what is no contrast, and fits without interval.
    """
    rows = forest_rows(registry, outcomes, verdicts)
    estimates = sum(isinstance(each, Estimate) for each in outcomes.values())
    left_out = estimates - sum(len(row.claims) for row in rows)
    panels = [_panel(name, [row for row in rows if row.panel == name], href) for name in PANELS]
    body = [*panels, tag("p", f"Not contrasts that fit this axis, and shown on their pages alone: {left_out} "
                              f"{'estimate' if left_out == 1 else 'estimates'}.", class_="note") if left_out else None]
    if not rows:
        body = [tag("p", "No claim has an estimate to draw in this study.")]
    return Exhibit("forest", "All estimates, in the claimed direction", join(body))


def forest_rows(registry, outcomes, verdicts):
    """Return the Rows: one for each distinct estimand and direction, largest first within its panel."""
    groups, verdicts = {}, by_claim(verdicts)
    for claim in registry:
        estimate = outcomes.get(claim.id)
        if isinstance(estimate, Estimate) and estimate.hypothesis in DIFFERENCES and None not in (
                estimate.low, estimate.point, estimate.high):
            key = (estimate.estimand or claim.id, estimate.direction, estimate.margin)
            groups.setdefault(key, []).append((claim, estimate))
    rows = [_row(members, verdicts) for members in groups.values()]
    order = list(PANELS)
    return sorted((row for row in rows if row), key=lambda row: (order.index(row.panel), -row.point, row.label))


def _row(members, verdicts):
    claim, estimate = members[0]
    facts = orient(claim, estimate, None)
    panel, unit = _panel_of(estimate, facts)
    if panel is None:
        return None
    factor, words = reading_unit(estimate)
    ends = times(factor, estimate.point, estimate.low, estimate.high)
    claims = tuple((each.id, verdicts[each.id].verdict, each.text) for each, _ in members)
    arms = f"{estimate.arm_label or estimate.arm} v {estimate.reference_label or estimate.reference}"
    detail = "; ".join(filter(None, [visit_text(estimate.visit), arms, estimate.population]))
    numbers = f"{show_interval(*ends, line_digits(estimate))} {words}".strip()
    return Row(panel, facts.low / unit, facts.point / unit, facts.high / unit, _name(claim, estimate), detail,
               numbers, claims)


def _name(claim, estimate):
    name = estimate.outcome or estimate.instrument or estimate.claim
    name += f", depending on {column_text(claim.analysis.modifier)}" if claim.analysis.modifier else ""
    return f"Responders, {name}" if estimate.method == "responder" else name[:1].upper() + name[1:]


def _panel_of(estimate, facts):
    """(panel, divisor): the margin where it is known, else the pooled baseline SD, else the log ratio itself."""
    if facts.margin:
        return "margins", facts.margin
    if estimate.measure in RATIOS:
        return "ratio", 1.0
    pooled = [(arm.n, arm.baseline_sd) for arm in estimate.by_arm if arm.baseline_sd]
    if any(n is None for n, _ in pooled):  # withheld in a released report: arms then weigh the same
        pooled = [(1, sd) for _, sd in pooled]
    if not pooled or estimate.measure != "mean-difference":
        return None, None
    return "SD", math.sqrt(sum(n * sd * sd for n, sd in pooled) / sum(n for n, _ in pooled))


def _panel(name, rows, href):
    if not rows:
        return None
    heading, axis, banded = PANELS[name]
    scale = _scale(rows)
    ends = picture(26, sides(16), label=ENDS)
    head = forest_cells("Outcome and comparison; claims it answers", ends, "Arm minus reference")
    items = [tag("li", _line(row, scale, banded, href), class_="row") for row in rows]
    return tag("div", tag("h3", heading), tag("div", head, class_="row head", aria_hidden="true"), tag("ol", items),
               tag("div", forest_cells(None, _foot(scale, axis, name), None), class_="row foot", aria_hidden="true"),
               class_="forest")


def _foot(scale, axis, name):
    show = (lambda value: tick_text(float(f"{math.exp(value):.2g}"))) if name == "ratio" else tick_text
    return picture(40, bottom_axis(scale, 1, axis, 6, show), label=f"axis {axis}")


def _line(row, scale, banded, href):
    links = [_dot(*each, href) for each in row.claims]
    tone = row.claims[0][1] if len({verdict for _, verdict, _ in row.claims}) == 1 else "mixed"
    zone = band(scale, max(-1, scale.low), min(1, scale.high), 0, "100%", "zone") if banded else None
    words = f"{row.point:.2f} ({row.low:.2f} to {row.high:.2f}) {row.panel} in the claimed direction"
    drawn = picture("100%", zone, line(scale.percent(0), 0, scale.percent(0), "100%", "null"),
                    whisker(scale, row.low, row.high, "50%", tone),
                    mark(scale.percent(row.point), "50%", "diamond", tone) if scale.holds(row.point) else None,
                    label=f"{row.label}: {words}")
    what = [tag("strong", row.label), " ", tag("small", row.detail), " ", tag("span", links, class_="dots")]
    return forest_cells(what, drawn, row.numbers)


def _dot(claim, verdict, words, href):
    page = href(claim)
    return tag("a" if page else "span", glyph(verdict), tag("span", words, class_="hide"), href=page or None,
               class_=f"dot {verdict}", title=f"{VERDICTS[verdict][0]}: {words}")


def _scale(rows):
    low = max(-WIDEST, min(-1.25, *(row.low for row in rows)))
    high = min(WIDEST, max(1.25, *(row.high for row in rows)))
    room = 0.04 * (high - low)
    return Scale(low - room, high + room, 2, 98)
