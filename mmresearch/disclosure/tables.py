"""Released numbers as CSV, for who wants to calculate on: each row with its context; cells are never formulas."""

import csv
import io

from mmresearch.disclosure.markup import safe_cell
from mmresearch.disclosure.support import ALL
from mmresearch.estimate import Estimate

WITHHELD = "withheld"


def write_tables(description, outcomes):
    """Return file name -> bytes of table_one.csv, flow.csv, missing.csv, course.csv and estimates.csv."""
    tables = {"table_one": _table_one(description.table_one), "flow": _flow(description.flow),
              "missing": _missing(description.missing), "course": _courses(description.courses),
              "estimates": _estimates(outcomes)}
    return {f"{name}.csv": _written(rows) for name, rows in tables.items()}


def _written(rows):
    sheet = io.StringIO()
    csv.writer(sheet, lineterminator="\n").writerows([[safe_cell(cell) for cell in row] for row in rows])
    return sheet.getvalue().encode()


def _told(value):
    return WITHHELD if value is None else f"{value:.12g}"


def _table_one(table):
    yield "characteristic", "unit", "level", "arm", "patients", "of", "mean", "sd"
    names = [*(arm.label for arm in table.arms), ALL]
    for row in table.rows:
        for name, cell in zip(names, row.cells, strict=True):
            counted = (_told(cell.count), _told(cell.n), "", "") if row.level is not None else (
                "", "", _told(cell.mean), _told(cell.sd))
            yield row.label, row.unit, row.level or "", name, *counted


def _flow(flow):
    yield "stage", "day", "arm", "patients"
    for step in flow.steps:
        for arm, count in zip(flow.arms, step.counts, strict=True):
            yield step.label, "" if step.day is None else step.day, arm.label, _told(count)
    for reason, count in flow.exclusions:
        yield f"not analysed: {reason}", "", "", _told(count)


def _missing(missing):
    yield "instrument", "visit", "day", "arm", "patients given it", "patients with a value"
    labels = {arm.name: arm.label for arm in missing.arms}
    for row in missing.rows:
        yield row.name, row.visit, row.day, labels[row.arm], _told(row.expected), _told(row.observed)


def _courses(courses):
    yield "instrument", "unit", "visit", "day", "arm", "patients", "mean", "low", "high"
    for course in courses:
        labels = {arm.name: arm.label for arm in course.arms}
        for each in course.points:
            numbers = (_told(value) for value in (each.n, each.mean, each.low, each.high))
            yield course.name, course.unit, each.visit, each.day, labels[each.arm], *numbers


def _estimates(outcomes):
    yield ("claim", "outcome", "visit", "population", "arm", "reference", "measure", "unit", "model", "point", "low",
           "high", "level", "p", "patients")
    for name, each in outcomes.items():
        if not isinstance(each, Estimate) or each.point is None:
            continue
        patients = "; ".join(f"{arm}: {_told(count)}" for arm, count in each.n.items())
        yield (name, each.outcome, each.visit or "", each.population, each.arm_label, each.reference_label,
               each.measure, each.unit, each.model, *(_told(value) for value in (each.point, each.low, each.high)),
               _told(each.level), "" if each.p_value is None else _told(each.p_value), patients)
