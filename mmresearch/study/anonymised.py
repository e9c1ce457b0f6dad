"""A clinic's export made anonymous: pseudonyms, days from baseline, bands of age, rare categories merged.

Whatever is not mapped is dropped. Nothing is written here: `anonymise(folder, key)` returns the texts of a new folder.
"""

import csv
import io
import tomllib
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from mmresearch.anonymity import crowd, headers, protect
from mmresearch.errors import DataError, counted
from mmresearch.study.declaration import read_declaration
from mmresearch.study.findings import Findings
from mmresearch.study.gate import NUMERIC
from mmresearch.study.raw import Raw, convert, find_starts, patients_of, read_columns, translate
from mmresearch.study.tables import COMMA_NUMBER, POINT_NUMBER
from mmresearch.study.toml import as_toml

REMEDY = "Correct study.toml ([anonymize], docs/anonymity.md) or the export; nothing was written."


@dataclass(frozen=True)
class Anonymised:
    """The new folder: name -> text; what was done, as sentences with counts; the patients' Crowd before and after."""

    texts: dict = field(repr=False)
    told: tuple
    before: crowd.Crowd
    after: crowd.Crowd


def anonymise(folder, key):
    """Return the Anonymised study of `folder`, whose study.toml maps a raw export. key: bytes.

    Raises DataError with everything that stands in the way; no message holds a cell.
    """
    folder = Path(folder)
    raw = (folder / "study.toml").read_bytes()
    study, findings = read_declaration(raw, folder), Findings()
    work = Raw(study, key, findings, {name: read_columns(folder, study, name, findings) for name in study.files})
    findings.privacy.clear()  # what identifies is what is about to be taken away
    _refuse(work, folder)
    work.starts = find_starts(work)
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


def _table(work, name):
    """Return {header: [(new header, Column), cells]} of one file, rows sorted by pseudonym so that no order is left."""
    file, patients = work.study.files[name], patients_of(work, name)
    table, taken = {}, set()
    for header, column in file.columns.items():
        cells, column = convert(work, file, header, column, patients)
        table[header] = [_new_header(header, column, taken), column, cells]
    keys = next(cells for _, column, cells in table.values() if column.means == "patient")
    order = sorted(range(len(keys)), key=lambda row: keys[row])
    return {header: [new, column, [cells[row] for row in order]] for header, (new, column, cells) in table.items()}


def _raw_table(work, name):
    return {
        header: [header, column, translate(column, work.sheets[name][header])]
        for header, column in work.study.files[name].columns.items()
    }


def _new_header(header, column, taken):
    """The old name where it announces nothing, else the meaning."""
    plain = (
        headers.announced(header) is None
        and not headers.poses(header)
        and not any(each.isdigit() for each in header[4:])
    )
    names = [header] if plain or column.means == "outcome" and headers.announced(header) is None else []
    base = column.name or (column.instrument or "").lower().replace("-", "_") or column.means
    new = next(each for each in (*names, base, *(f"{base}_{n}" for n in range(2, 10_000))) if each not in taken)
    taken.add(new)
    return new


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
            told.append(
                f"{trait}: {counted(number, 'category', 'categories')} of fewer than {fewest} patients merged into one"
            )
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
            trait = (
                column.means
                if column.means in ("age", "sex", "condition", "site")
                else (column.name if column.kind == "category" else None)
            )
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
        kept = {"decimal": file.decimal or _mark(table), "missing": list(file.missing)}
        files[name] = {"path": path, **{key: value for key, value in kept.items() if value}, "columns": columns}
        renamed |= {(file.label, header): (path, new) for header, (new, _, _) in table.items()}
    decisions = [
        {**each.model_dump(), "file": renamed[each.file, header][0], "columns": [renamed[each.file, header][1]]}
        for each in study.decisions
        for header in each.columns
        if (each.file, header) in renamed and each.lifts != "header"
    ]
    kept = {key: value for key, value in raw.items() if key not in ("files", "anonymize", "decisions")}
    return {**kept, "files": files, **({"decisions": decisions} if decisions else {})}


def _mark(table):
    """The decimal mark, where the numbers show that it is a comma: the new file's commas separate its cells as well."""
    numbers = {cell for _, column, cells in table.values() if column.means in NUMERIC for cell in cells}
    commas = any(COMMA_NUMBER.fullmatch(cell) for cell in numbers)
    return "," if commas and not any(POINT_NUMBER.fullmatch(cell) for cell in numbers) else None


def _as_csv(table):
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([new for new, _, _ in table.values()])
    writer.writerows(zip(*(cells for _, _, cells in table.values())))
    return text.getvalue()
