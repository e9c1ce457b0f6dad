"""A raw export on its way to being anonymous: its columns, each patient's baseline, and each column converted."""

from dataclasses import dataclass, field

from mmresearch.anonymity import protect
from mmresearch.anonymity.dates import read_date
from mmresearch.errors import counted
from mmresearch.study.config import Column
from mmresearch.study.findings import Findings
from mmresearch.study.gate import NUMERIC
from mmresearch.study.reader import read_sheet

LETTERS = {"patient": "P", "site": "S", "therapist": "T", "rater": "R"}
MOSTLY = 0.5  # share of a column's cells that are dates, from which it is one of dates


@dataclass
class Raw:
    """One anonymisation under way: the raw columns of each file, and what has been found out of the patients.

    sheets   file name -> {header: cells}
    starts   patient -> date of baseline
    told     what was done, as sentences with counts
    """

    study: object
    key: bytes = field(repr=False)
    findings: Findings
    sheets: dict = field(repr=False)
    starts: dict = field(default_factory=dict, repr=False)
    told: list = field(default_factory=list)


def read_columns(folder, study, name, findings):
    """Return {header: cells} of the mapped columns of a file, and of the one that holds the baseline dates."""
    file, plan = study.files[name], study.anonymize
    extra = {plan.column: Column(means="day")} if plan and plan.file == name else {}
    sheet = read_sheet(folder, file.model_copy(update={"columns": {**extra, **file.columns}}), {}, findings)
    if sheet is None:
        return {}
    for header in (*extra, *file.columns):
        if header not in sheet.columns:
            findings.wrong(file.label, f"no column '{header}' in the header")
    return dict(sheet.columns)


def patients_of(work, name):
    """Return the key of each row's patient: the cell, with the site's where patients are numbered within sites."""
    file, cells = work.study.files[name], work.sheets[name]
    keys = cells[_header(file, "patient")]
    site = _header(file, "site") if work.study.patient_within == "site" else None
    return [f"{place}\0{key}" for place, key in zip(cells[site], keys)] if site else list(keys)


def _header(file, meaning):
    return next((header for header, column in file.columns.items() if column.means == meaning), None)


def _order(work, file, header, cells):
    """Whether a column has the day or the month first, as its own cells or study.toml show."""
    try:
        order = protect.date_order(cells)
    except ValueError as error:
        work.findings.wrong(f"{file.label}, column '{header}'", str(error))
        return None
    order = order or (work.study.anonymize.order if work.study.anonymize else None)
    try:
        for cell in cells:
            read_date(cell, order)
    except ValueError:
        what = (
            'dates whose day and month cannot be told apart; say order = "day-month" or "month-day" under [anonymize]'
        )
        work.findings.wrong(f"{file.label}, column '{header}'", what)
        return "day-month"
    return order


def find_starts(work):
    """Return {patient: date of baseline}, the earliest where a patient has several."""
    plan = work.study.anonymize
    if plan is None:
        return {}
    if plan.file not in work.study.files:
        work.findings.wrong("anonymize.file", f"no file is called '{plan.file}' in study.toml")
        return {}
    cells, starts = work.sheets[plan.file][plan.column], {}
    order = _order(work, work.study.files[plan.file], plan.column, cells)
    for patient, cell in zip(patients_of(work, plan.file), cells):
        day = read_date(cell, order)
        if day is not None:
            starts[patient] = min(day, starts.get(patient, day))
    return starts


def convert(work, file, header, column, patients):
    """Return (cells, Column) of one column as the new file has them; adds findings for what cannot be converted."""
    cells, where = work.sheets[_name(work, file)][header], f"{file.label}, column '{header}'"
    if column.means in LETTERS:
        own = patients if column.means == "patient" else translate(column, cells)
        made = [
            protect.pseudonym(text, work.key, LETTERS[column.means]) if cell else "" for text, cell in zip(own, cells)
        ]
        work.told.append(f"{where}: {len(set(made) - {''})} keyed pseudonyms")
        return made, column.model_copy(update={"values": {}})
    if column.means == "covariate" and column.kind == "category":
        return translate(column, cells), column.model_copy(update={"values": {}})
    given = [cell for cell in cells if cell and cell not in {*file.missing, *column.missing}]
    numeric = column.means in NUMERIC or column.kind == "number"
    if numeric and given and sum(_is_date(cell) for cell in given) > MOSTLY * len(given):
        cells = _from_dates(work, file, header, column, cells, patients)
    if column.means == "age":
        cells = _banded(work, file, where, column, cells)
    return list(cells), column


def _name(work, file):
    return next(name for name, each in work.study.files.items() if each is file)


def translate(column, cells):
    """Return the cells with the words that study.toml gives for them."""
    return [column.values.get(cell, cell) for cell in cells]


def _is_date(cell):
    if cell.isdigit() and len(cell) == 5:
        return False  # a day number of Excel is told from a count by nobody
    try:
        return read_date(cell) is not None
    except ValueError:
        return True


def _from_dates(work, file, header, column, cells, patients):
    """Days since each patient's baseline; of days of birth, the age then."""
    where = f"{file.label}, column '{header}'"
    if not work.starts:
        work.findings.wrong(
            where, "holds dates, and [anonymize] does not name the column with each patient's baseline date"
        )
        return cells
    order = _order(work, file, header, cells)
    made, lost = [], 0
    for cell, patient in zip(cells, patients):
        start, day = work.starts.get(patient), read_date(cell, order)
        if day is not None and start is not None:
            years = protect.years_between(day, start)
            made.append(str(years) if column.means == "age" else str((day - start).days))
        else:
            lost += bool(cell) and day is not None
            made.append("" if day is not None else cell)
    if lost:
        work.findings.wrong(where, f"{counted(lost, 'date')} of patients without a baseline date")
    work.told.append(
        f"{where}: {counted(len(cells), 'date')} to {'ages' if column.means == 'age' else 'days from baseline'}"
    )
    return made


def _banded(work, file, where, column, cells):
    width = work.study.anonymize.age_band if work.study.anonymize else 5
    made, changed, missing = [], 0, {*file.missing, *column.missing}
    for cell in cells:
        number = cell.replace(",", ".")
        plain = cell not in missing and number.replace(".", "", 1).isdigit()
        made.append(protect.age_band(float(number), width) if plain else cell)
        changed += plain
    work.told.append(
        f"{where}: {counted(changed, 'age')} to the middle of bands of {counted(width, 'year')}, 90+ above 89"
    )
    return made
