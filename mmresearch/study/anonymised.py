"""A clinic's export made anonymous: pseudonyms, days from baseline, bands of age, rare categories merged, the rest dropped.

Nothing is written here: `anonymise(folder, key)` returns the texts of the new folder.
"""

import csv
import io
import tomllib
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from mmresearch.anonymity import crowd, headers, protect
from mmresearch.anonymity.dates import read_date
from mmresearch.errors import DataError, counted
from mmresearch.study.config import Column
from mmresearch.study.declaration import read_declaration
from mmresearch.study.findings import Findings
from mmresearch.study.gate import CODES, NUMERIC
from mmresearch.study.reader import read_sheet
from mmresearch.study.toml import as_toml

LETTERS = {"patient": "P", "site": "S", "therapist": "T", "rater": "R"}
MOSTLY = 0.5  # share of a column's cells that are dates, from which it is one of dates
REMEDY = "Correct study.toml ([anonymize], docs/anonymity.md) or the export; nothing was written."


@dataclass(frozen=True)
class Anonymised:
    """The new folder: name -> text; what was done, as sentences with counts; the patients' Crowd before and after."""

    texts: dict = field(repr=False)
    told: tuple
    before: crowd.Crowd
    after: crowd.Crowd


@dataclass
class _Work:
    """One anonymisation under way: the raw columns of each file and what has been found out of the patients."""

    study: object
    key: bytes = field(repr=False)
    findings: Findings
    sheets: dict = field(repr=False)
    starts: dict = field(default_factory=dict, repr=False)
    told: list = field(default_factory=list)


def anonymise(folder, key):
    """Return the Anonymised study of `folder`, whose study.toml maps a raw export. key: bytes.

    Raises DataError with everything that stands in the way; no message holds a cell.
    """
    folder = Path(folder)
    raw = (folder / "study.toml").read_bytes()
    study, findings = read_declaration(raw, folder), Findings()
    work = _Work(study, key, findings, {name: _columns(folder, study, name, findings) for name in study.files})
    findings.privacy.clear()  # what identifies is what is about to be taken away
    _refuse(work, folder)
    work.starts = _starts(work)
    _refuse(work, folder)
    tables = {name: _table(work, name) for name in study.files}
    _refuse(work, folder)
    merged = _merge(work, tables)
    declared = _declaration(study, tomllib.loads(raw.decode("utf-8-sig")), tables)
    texts = {"study.toml": as_toml(declared), **{f"{name}.csv": _as_csv(table) for name, table in tables.items()}}
    if (folder / "claims.toml").is_file():
        texts["claims.toml"] = (folder / "claims.toml").read_text(encoding="utf-8-sig")
    before = _crowd(study, {name: _raw_table(work, name) for name in study.files})
    return Anonymised(texts, tuple([*work.told, *merged]), before, _crowd(study, tables))


def _refuse(work, folder):
    if work.findings.data:
        number = counted(len(work.findings.data), "thing")
        raise DataError(folder, f"{number} in the way of anonymising", work.findings.data, REMEDY)


def _columns(folder, study, name, findings):
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


def _patients(work, name):
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
        what = 'dates whose day and month cannot be told apart; say order = "day-month" or "month-day" under [anonymize]'
        work.findings.wrong(f"{file.label}, column '{header}'", what)
        return "day-month"
    return order


def _starts(work):
    """Return {patient: date of baseline}, the earliest where a patient has several."""
    plan = work.study.anonymize
    if plan is None:
        return {}
    if plan.file not in work.study.files:
        work.findings.wrong("anonymize.file", f"no file is called '{plan.file}' in study.toml")
        return {}
    cells, starts = work.sheets[plan.file][plan.column], {}
    order = _order(work, work.study.files[plan.file], plan.column, cells)
    for patient, cell in zip(_patients(work, plan.file), cells):
        day = read_date(cell, order)
        if day is not None:
            starts[patient] = min(day, starts.get(patient, day))
    return starts


def _table(work, name):
    """Return {header: [(new header, Column), cells]} of one file, rows sorted by pseudonym so that no order is left."""
    file, patients = work.study.files[name], _patients(work, name)
    table, taken = {}, set()
    for header, column in file.columns.items():
        cells, column = _converted(work, file, header, column, patients)
        table[header] = [_new_header(header, column, taken), column, cells]
    keys = next(cells for _, column, cells in table.values() if column.means == "patient")
    order = sorted(range(len(keys)), key=lambda row: keys[row])
    return {header: [new, column, [cells[row] for row in order]] for header, (new, column, cells) in table.items()}


def _raw_table(work, name):
    return {header: [header, column, _translated(column, work.sheets[name][header])]
            for header, column in work.study.files[name].columns.items()}


def _new_header(header, column, taken):
    """The old name where it announces nothing, else the meaning."""
    plain = headers.announced(header) is None and not headers.poses(header) and not any(each.isdigit() for each in header[4:])
    names = [header] if plain or column.means == "outcome" and headers.announced(header) is None else []
    base = column.name or (column.instrument or "").lower().replace("-", "_") or column.means
    new = next(each for each in (*names, base, *(f"{base}_{n}" for n in range(2, 10_000))) if each not in taken)
    taken.add(new)
    return new


def _converted(work, file, header, column, patients):
    cells, where = work.sheets[_name(work, file)][header], f"{file.label}, column '{header}'"
    if column.means in LETTERS:
        own = patients if column.means == "patient" else _translated(column, cells)
        made = [protect.pseudonym(text, work.key, LETTERS[column.means]) if cell else "" for text, cell in zip(own, cells)]
        work.told.append(f"{where}: {len(set(made) - {''})} keyed pseudonyms")
        return made, column.model_copy(update={"values": {}})
    if column.means == "covariate" and column.kind == "category":
        return _translated(column, cells), column.model_copy(update={"values": {}})
    given = [cell for cell in cells if cell and cell not in {*file.missing, *column.missing}]
    numeric = column.means in NUMERIC or column.kind == "number"
    if numeric and given and sum(_is_date(cell) for cell in given) > MOSTLY * len(given):
        cells = _from_dates(work, file, header, column, cells, patients)
    if column.means == "age":
        cells = _banded(work, file, where, column, cells)
    return list(cells), column


def _name(work, file):
    return next(name for name, each in work.study.files.items() if each is file)


def _translated(column, cells):
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
        work.findings.wrong(where, "holds dates, and [anonymize] does not name the column with each patient's baseline date")
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
    work.told.append(f"{where}: {counted(len(cells), 'date')} to {'ages' if column.means == 'age' else 'days from baseline'}")
    return made


def _banded(work, file, where, column, cells):
    width = work.study.anonymize.age_band if work.study.anonymize else 5
    made, changed, missing = [], 0, {*file.missing, *column.missing}
    for cell in cells:
        number = cell.replace(",", ".")
        plain = cell not in missing and number.replace(".", "", 1).isdigit()
        made.append(protect.age_band(float(number), width) if plain else cell)
        changed += plain
    work.told.append(f"{where}: {counted(changed, 'age')} to the middle of bands of {counted(width, 'year')}, 90+ above 89")
    return made


def _merge(work, tables):
    """Merge rare sites and rare categories of covariates, counted by patient over all files."""
    fewest, told = work.study.anonymize.rare if work.study.anonymize else crowd.RARE, []
    found, places = defaultdict(dict), defaultdict(list)
    for table in tables.values():
        patients = next(cells for _, column, cells in table.values() if column.means == "patient")
        for entry in table.values():
            trait = "site" if entry[1].means == "site" else entry[1].name if entry[1].kind == "category" else None
            if trait:
                places[trait].append(entry)
                for patient, cell in zip(patients, entry[2]):
                    if cell and cell not in entry[1].missing:
                        found[trait].setdefault(patient, cell)
    for trait, entries in places.items():
        merged = protect.merge_rare(found[trait].values(), fewest)
        number = sum(new == protect.OTHER for new in merged.values())
        if number:
            told.append(f"{trait}: {counted(number, 'category', 'categories')} of fewer than {fewest} patients merged into one")
        for entry in entries:
            entry[2] = [merged.get(cell, cell) for cell in entry[2]]
    return told


def _crowd(study, tables):
    """Return the Crowd of all files' patients by age, sex, condition, site and categories."""
    traits = defaultdict(dict)
    everybody = {}
    for table in tables.values():
        patients = next(cells for _, column, cells in table.values() if column.means == "patient")
        everybody.update(dict.fromkeys(patients))
        for _, column, cells in table.values():
            trait = column.means if column.means in ("age", "sex", "condition", "site") else (
                column.name if column.kind == "category" else None)
            for patient, cell in zip(patients, cells) if trait else ():
                if cell:
                    traits[trait].setdefault(patient, cell)
    return crowd.look_at({trait: [known.get(patient, "") for patient in everybody] for trait, known in traits.items()})


def _declaration(study, raw, tables):
    """Return study.toml's table for the new folder: the same study, with the new files, columns and decisions."""
    files, renamed = {}, {}
    for name, table in tables.items():
        file, path = study.files[name], f"{name}.csv"
        columns = {new: column.model_dump(exclude_defaults=True, mode="json") for new, column, _ in table.values()}
        kept = {"decimal": file.decimal, "missing": list(file.missing)}
        files[name] = {"path": path, **{key: value for key, value in kept.items() if value}, "columns": columns}
        renamed |= {(file.label, header): (path, new) for header, (new, _, _) in table.items()}
    decisions = [
        {**each.model_dump(), "file": renamed[each.file, header][0], "columns": [renamed[each.file, header][1]]}
        for each in study.decisions for header in each.columns if (each.file, header) in renamed and each.lifts != "header"]
    kept = {key: value for key, value in raw.items() if key not in ("files", "anonymize", "decisions")}
    return {**kept, "files": files, **({"decisions": decisions} if decisions else {})}


def _as_csv(table):
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([new for new, _, _ in table.values()])
    writer.writerows(zip(*(cells for _, _, cells in table.values())))
    return text.getvalue()
