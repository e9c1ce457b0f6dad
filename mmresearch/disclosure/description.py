"""The description of a study as it may leave: the same records, without the numbers of too few patients."""

from dataclasses import replace

from mmresearch.describe import Cell, Dropouts
from mmresearch.disclosure.differencing import size
from mmresearch.disclosure.numbers import shown_p, trim
from mmresearch.disclosure.policy import Withheld, may_tell_mean
from mmresearch.disclosure.support import ALL
from mmresearch.disclosure.suppression import Table, choose_shown

REST, KNOWN, UNKNOWN, PEOPLE = "the rest", "known", "unknown", "patients"


def gate_arms(description, support, said):
    """Return the arms as ArmCounts whose n is None where it may not be told, and n of all arms or None."""
    arms = []
    for arm in description.outline.arms:
        fine = said.count(support.arms[arm.name])
        arms.append(arm if fine else replace(arm, n=None))
        said.withheld += [] if fine else [Withheld(f"patients in {arm.label}", said.policy.reason)]
    table = Table({arm: size(crowd) for arm, crowd in support.arms.items()},
                  ((ALL, tuple(arm.name for arm in arms)),), (ALL,),
                  told=frozenset(arm.name for arm in arms if arm.n is not None))
    whole = choose_shown(table, said.policy.fewest) and said.count(support.arms[ALL])
    return tuple(arms), size(support.arms[ALL]) if whole else None


def gate_table_one(table, arms, total, support, said):
    """Return the TableOne that may leave. arms, total: as `gate_arms` returned them.

    A level of few patients is not named: that somebody has it is a value of somebody.
    """
    rows = [_mean_row(row, arms, support, said) if row.level is None else row for row in table.rows]
    labels = dict.fromkeys(row.label for row in table.rows if row.level is not None)
    made = {id(row): cells for label in labels
            for row, cells in _levels([row for row in rows if row.label == label and row.level is not None], arms,
                                      total, support, said)}
    rows = [replace(row, cells=made[id(row)]) if id(row) in made else row for row in rows
            if row.level is None or not said.policy.small(size(support.level(row.label, row.level)))]
    return replace(table, arms=arms, rows=tuple(rows), total=total)


def _crowds(arms, support, known):
    return [support.arms[name] & known for name in (*(arm.name for arm in arms), ALL)]


def _mean_row(row, arms, support, said):
    """Means over the patients whose value is known; their number is not shown."""
    known = support.measured(row.baseline_of, support.baseline) if row.baseline_of else support.known(row.label)
    variable = _variable(row, support)
    cells = []
    for cell, crowd in zip(row.cells, _crowds(arms, support, known)):
        values = support.values(*variable, crowd) if row.baseline_of else support.numbers(row.label, crowd)
        fine = may_tell_mean(values) and said.sum(variable, crowd)
        said.withheld += [] if fine else [Withheld(f"Table 1, {row.label}", said.policy.reason)]
        cells.append(Cell(None, trim(cell.mean, cell.sd), trim(cell.sd, cell.sd)) if fine else Cell(None))
    return replace(row, cells=tuple(cells))


def _variable(row, support):
    return (row.baseline_of, support.baseline) if row.baseline_of else (row.label, "baseline")


def _levels(rows, arms, total, support, said):
    """Yield (row, cells) for the levels of one characteristic: as many as give no small cell away."""
    label, names = rows[0].label, [*(arm.name for arm in arms), ALL]
    known = support.known(label)
    cells = {(row.level, name): support.arms[name] & support.level(label, row.level) for row in rows for name in names}
    table = _table(cells, [row.level for row in rows], names, support.arms, known, arms, total)
    fewest, chosen = said.policy.fewest, choose_shown(table, said.policy.fewest)
    shown = {key for key in table.wanted if key in chosen and said.count(cells[key])}
    bases = choose_shown(replace(table, wanted=tuple((KNOWN, name) for name in names), told=table.told | shown), fewest)
    bases = {name for name in names if (KNOWN, name) in bases and said.count(support.arms[name] & known)}
    for row in rows:
        made = tuple(_cell(table, (row.level, name), shown, bases, said.policy) for name in names)
        said.withheld += [Withheld(f"Table 1, {label}", said.policy.reason) for cell in made if cell.count is None]
        yield row, made


def _table(cells, levels, names, everyone, known, arms, total):
    """The linear relations of one characteristic: levels and the rest are those known; known and unknown, the arm."""
    counts, sums, guarded = {key: size(crowd) for key, crowd in cells.items()}, [], set()
    for name in names:
        base = size(everyone[name] & known)
        counts |= {(KNOWN, name): base, (PEOPLE, name): size(everyone[name]),
                   (UNKNOWN, name): size(everyone[name]) - base,
                   (REST, name): base - sum(counts[level, name] for level in levels)}
        sums += [((KNOWN, name), (*((level, name) for level in levels), (REST, name))),
                 ((PEOPLE, name), ((KNOWN, name), (UNKNOWN, name)))]
        guarded |= {(level, name) for level in levels if counts[level, name] in (0, base)}
    for kind in (*levels, REST, KNOWN, UNKNOWN):
        sums.append(((kind, ALL), tuple((kind, name) for name in names if name != ALL)))
    told = {(PEOPLE, arm.name) for arm in arms if arm.n is not None} | ({(PEOPLE, ALL)} if total is not None else set())
    told |= {key for key, count in counts.items() if key[0] in (REST, UNKNOWN) and count == 0}  # a reader may guess it
    return Table(counts, tuple(sums), tuple(cells), frozenset(guarded), frozenset(told))


def _cell(table, key, shown, bases, policy):
    if key not in shown:
        return Cell(None)
    base = table.counts[KNOWN, key[1]] if key[1] in bases else None
    return Cell(policy.rounded(base), count=policy.rounded(table.counts[key]))


def gate_flow(flow, arms, support, said, primary):
    """Return the Flow that may leave: of the visits, the primary first, then from the last back."""
    kept = {}
    order = sorted(flow.steps[1:], key=lambda step: (step.label != primary, -(step.day or 0)))
    for step in order:
        crowd = support.seen(step.label)
        kept[step.label] = tuple(
            said.policy.rounded(count) if arm.n is not None and said.count(crowd & support.arms[arm.name]) else None
            for count, arm in zip(step.counts, arms))
        if None in kept[step.label]:
            said.withheld.append(Withheld(f"patients seen at {step.label}", said.policy.reason))
    first = replace(flow.steps[0], counts=tuple(said.policy.rounded(arm.n) for arm in arms))
    steps = (first, *(replace(step, counts=kept[step.label]) for step in flow.steps[1:]))
    return replace(flow, arms=arms, steps=steps, exclusions=_excluded(flow.exclusions, said))


def _excluded(exclusions, said):
    """Reasons keep their counts only if none is small: their sum is told wherever randomised and analysed are."""
    if not any(said.policy.small(count) for _, count in exclusions):
        return tuple((reason, said.policy.rounded(count)) for reason, count in exclusions)
    said.withheld.append(Withheld("exclusions by reason", said.policy.reason))
    return tuple((reason, None) for reason, _ in exclusions)


def gate_missing(missing, arms, support, said):
    """Return the Missing that may leave: a share where neither those observed nor those missing are few."""
    rows = []
    for row in missing.rows:
        given = support.given(row.instrument) & support.arms[row.arm]
        seen = support.measured(row.instrument, row.visit) & support.arms[row.arm]
        fine = said.count(given, seen)
        rounded = said.policy.rounded
        rows.append(replace(row, expected=rounded(row.expected) if fine else None,
                            observed=rounded(row.observed) if fine else None))
        said.withheld += [] if fine else [Withheld(f"missing values of {row.name}", said.policy.reason)]
    return replace(missing, arms=arms, rows=tuple(rows))


def gate_course(course, arms, support, said):
    """Return the Course that may leave: a point of too few patients is a gap; where their number would tell, no n."""
    points = []
    for point in course.points:
        crowd = support.measured(course.instrument, point.visit, point.arm)
        values = support.values(course.instrument, point.visit, crowd)
        if not (may_tell_mean(values) and said.sum((course.instrument, point.visit), crowd)):
            said.withheld.append(Withheld(f"course of {course.name}", said.policy.reason))
            continue
        points.append(_point(point, said.count(crowd), said.policy, point.visit == support.baseline))
    return replace(course, arms=tuple(arm for arm in arms if arm.name in {each.name for each in course.arms}),
                   points=tuple(points))


def _point(point, counted, policy, again):
    """again: the standard deviation stands in Table 1, and with the interval it would tell how many they are."""
    trimmed = {name: trim(getattr(point, name), point.sd) for name in ("mean", "low", "high")}
    if not counted:
        trimmed |= {"low": None, "high": None} if again else {}
        return replace(point, **trimmed, n=None, sd=None, se=None)
    return replace(point, **trimmed, n=policy.rounded(point.n), sd=trim(point.sd, point.sd), se=None)


def gate_dropouts(dropouts, support, said):
    """Return the Dropouts that may leave, or None: those who stayed and those who left must both be many."""
    if dropouts is None or not dropouts.rows:
        return None
    everyone, stayed = support.arms[ALL], support.measured(dropouts.instrument, dropouts.visit)
    if not said.count(stayed, everyone & ~stayed):
        said.withheld.append(Withheld("those who stayed beside those who left", said.policy.reason))
        return None
    rows = [_stayed_or_left(row, dropouts, (stayed, everyone & ~stayed), support, said) for row in dropouts.rows]
    return Dropouts(dropouts.instrument, dropouts.visit, tuple(rows))


def _stayed_or_left(row, dropouts, sides, support, said):
    first = row.label in support.described.columns
    variable = (row.label, "baseline") if first else (dropouts.instrument, support.baseline)
    known = support.known(row.label) if first else support.measured(*variable)
    crowds = [side & known for side in sides]
    values = [support.numbers(row.label, crowd) if first else support.values(*variable, crowd) for crowd in crowds]
    if not all(map(may_tell_mean, values)) or not said.sum(variable, *crowds):
        said.withheld.append(Withheld(f"those who stayed and those who left, {row.label}", said.policy.reason))
        return replace(row, completers=Cell(None), dropouts=Cell(None), p_value=None)
    cells = [Cell(None, trim(cell.mean, cell.sd), trim(cell.sd, cell.sd)) for cell in (row.completers, row.dropouts)]
    return replace(row, completers=cells[0], dropouts=cells[1], p_value=shown_p(row.p_value))
