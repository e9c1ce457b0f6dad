"""The study, who took part and who stayed: outline, Table 1, flow, missing values, drop-outs."""

from mmresearch.describe import FEWEST
from mmresearch.exhibits.markup import join, tag
from mmresearch.exhibits.numbers import (
    DASH,
    TOO_FEW,
    WITHHELD,
    mean_digits,
    show_count,
    show_moments,
    show_p,
    show_share,
)
from mmresearch.exhibits.record import Exhibit
from mmresearch.exhibits.tables import bullets, facts, fold, table
from mmresearch.exhibits.words import DESIGNS, visit_text

NOBODY = "Nobody was excluded from the study; the analysis of a claim may leave out patients without what it needs."


def show_outline(record):
    """Return the Exhibit of a describe.Outline: what the study is, what was read and what was left unread."""
    unread = [f"{name}: {', '.join(columns)}" for name, columns in record.unread if columns]
    read = [tag("h3", "What was converted or excluded"), bullets(record.notes)] if record.notes else None
    left = fold("Columns that were not read", bullets(unread)) if unread else None
    decided = tag("h3", "What somebody decided about anonymity")
    lifted = [decided, bullets(record.decisions)] if record.decisions else None
    hidden = fold("How many share a patient's traits", bullets(record.hidden)) if record.hidden else None
    return Exhibit("outline", "The study", join([facts(_outline(record)), read, lifted, left, hidden]))


def _outline(record):
    arms = [join([tag("strong", arm.label), f", n = {show_count(arm.n)}", " (reference)" if arm.reference else ""])
            for arm in record.arms]
    bias = [f"{domain.replace('_', ' ')}: {judged.replace('-', ' ')}" for domain, judged in record.risk_of_bias]
    return [
        ("Design", DESIGNS[record.design] + (", simulated" if record.simulated else "")),
        ("Arms", bullets(arms, "bare")),
        ("Patients analysed", show_count(record.patients)),
        ("Outcome values", show_count(record.outcomes) if record.outcomes is not None else None),
        ("Sessions", show_count(record.sessions) if record.sessions is not None else None),
        ("Visits", ", ".join(f"{visit_text(name)} (day {day})" for name, day in record.visits)),
        ("Primary time", visit_text(record.primary_visit)),
        ("Blinded", ", ".join(record.blinded) or "nobody"),
        ("Data locked", record.data_locked or "not said"),
        ("Error rate", f"{record.alpha:g}, two-sided"),
        ("Risk of bias (RoB 2)", "; ".join(bias) or "not assessed"),
        ("Cite the study as", record.citation),
    ]


def show_table_one(record):
    """Return the Exhibit of a describe.TableOne: n (%) or mean (SD) by arm, then over all."""
    header = ["", *(join([arm.label, tag("small", f"n = {show_count(arm.n)}")], " ") for arm in record.arms),
              join(["All", tag("small", f"n = {show_count(record.total)}")], " ")]
    rows = [[_label(row), *_cells(row.cells)] for row in record.rows]
    caption = "Characteristics at baseline: mean (SD), or patients (%)"
    body = table(caption, header, rows, number_columns=range(1, len(header)))
    return Exhibit("table-one", "Who took part", body)


def show_flow(record):
    """Return the Exhibit of a describe.Flow: patients at every stage by arm, with a bar, and exclusions by reason."""
    rows = [[step.label, *(_bar(count, arm.n) for count, arm in zip(step.counts, record.arms))]
            for step in record.steps]
    header = ["Stage", *(arm.label for arm in record.arms)]
    body = table("Patients with any outcome, by visit", header, rows, "flow")
    reasons = [f"{reason}: {show_count(count)}" for reason, count in record.exclusions]
    excluded = (tag("h3", "Not analysed"), bullets(reasons)) if reasons else tag("p", NOBODY)
    return Exhibit("flow", "From allocation to follow-up", join([body, excluded]))


def show_missing(record):
    """Return the Exhibit of a describe.Missing: the share missing by instrument and visit, then also by arm."""
    visits = list(dict.fromkeys(row.visit for row in sorted(record.rows, key=lambda row: row.day)))
    named = dict.fromkeys((row.instrument, row.name) for row in record.rows)
    over_all = [[name, _given(record, key), *_shares(record, key, visits)] for key, name in named]
    by_arm = [[f"{name}, {arm.label}", *_shares(record, key, visits, arm.name)]
              for key, name in named for arm in record.arms]
    caption = "Share without a value, of the patients with any value of the instrument"
    whole = table(caption, ["Instrument", "Patients", *visits], over_all, "heat", range(1, len(visits) + 2))
    parts = table("The same, by arm", ["Instrument", *visits], by_arm, "heat", range(1, len(visits) + 1))
    return Exhibit("missing", "What is missing", join([whole, fold("The same by arm", parts)]))


def _shares(record, instrument, visits, arm=None):
    """One shaded share a visit, of one arm or of all."""
    return [_shade([row for row in record.rows if (row.instrument, row.visit) == (instrument, visit)
                    and arm in (None, row.arm)]) for visit in visits]


def show_dropouts(record):
    """Return the Exhibit of a describe.Dropouts: those observed at the visit against those not."""
    counts = [getattr(record.rows[0], side).n for side in ("completers", "dropouts")] if record.rows else [0, 0]
    header = ["At baseline", f"Observed at {record.visit}", "Not observed", "p"]
    rows = [_stayed_or_left(row) for row in record.rows]
    known = f"{counts[0]} patients with a value of {record.instrument} then, {counts[1]} without. "
    note = (f"{'' if None in counts else known}Two-sided t test. "
            "A difference here warns that the missing are not like the observed.")
    body = table("Mean (SD) at baseline", header, rows, number_columns=(1, 2, 3))
    return Exhibit("dropouts", "Did those who left differ?", join([body, tag("p", note, class_="note")]))


def _label(row):
    label = _unit(row.label, row.unit)
    return label if row.level is None else f"{label}: {row.level}"


def _unit(label, unit):
    return f"{label}, {unit}" if unit else label


def _stayed_or_left(row):
    """The p goes with the means: with one of them it would tell the other."""
    cells = row.completers, row.dropouts
    p = show_p(row.p_value) if all(_enough(cell) for cell in cells) else DASH
    return [_unit(row.label, row.unit), *_means(cells), p]


def _cells(cells):
    """One text an arm, then of all: not shown either where it would tell, less the other arms, a mean of too few."""
    if any(cell.count is not None for cell in cells):
        return [_counted(cell) for cell in cells]
    hidden = sum(cell.n for cell in cells[:-1] if not _enough(cell))
    *arms, every = _means(cells)
    return [*arms, TOO_FEW if 0 < hidden < FEWEST else every]


def _means(cells):
    """Means (SD) of one characteristic, all at the digits its widest SD deserves."""
    digits = mean_digits(cell.sd for cell in cells if _enough(cell))
    return [WITHHELD if cell.n is None and cell.mean is None else show_moments(cell.mean, cell.sd, digits)
            if _enough(cell) else TOO_FEW if cell.n else DASH for cell in cells]


def _enough(cell):
    """True of enough patients to tell a mean of; without their number, a gate has seen to it (disclosure)."""
    return cell.n is None or cell.n >= FEWEST


def _counted(cell):
    """`30 (31%)`; the count alone where the number it is a share of is withheld."""
    if cell.count is None:
        return WITHHELD
    return str(cell.count) if cell.n is None else f"{cell.count} ({show_share(cell.share)})"


def _bar(count, whole):
    if count is None or whole is None:
        return tag("span", WITHHELD, class_="none")
    share = count / whole if whole else 0
    return tag("span", f"{count} ", tag("small", f"({show_share(share)})"), class_="bar", style=f"--share:{share:.3f}")


def _given(record, instrument):
    """Patients with any value of the instrument, over the arms."""
    rows = sorted((row for row in record.rows if row.instrument == instrument), key=lambda row: row.expected or 0)
    counts = [row.expected for row in {row.arm: row for row in rows}.values()]
    return WITHHELD if None in counts else sum(counts)


def _shade(rows):
    if any(row.expected is None for row in rows):
        return tag("span", WITHHELD, class_="none")
    expected, observed = sum(row.expected for row in rows), sum(row.observed for row in rows)
    if not expected:
        return tag("span", "not planned", class_="none")
    share = 1 - observed / expected
    return tag("span", show_share(share), class_="shade", style=f"--share:{share:.3f}")
