"""REDCap exports: the data dictionary says which fields identify, and which rows a repeating instrument has."""

import re
from dataclasses import replace

from mmresearch.errors import counted, listed_lines, nearest
from mmresearch.formats import Refusal, Source, read

FIELD, KIND, LABEL, CHOICES, CHECKED, IDENTIFIES = (
    "Variable / Field Name",
    "Field Type",
    "Field Label",
    "Choices, Calculations, OR Slider Labels",
    "Text Validation Type OR Show Slider Number",
    "Identifier?",
)
SHORT = {  # the names of the same columns where the dictionary comes from REDCap's interface for programs
    "field_name": FIELD,
    "field_type": KIND,
    "field_label": LABEL,
    "select_choices_or_calculations": CHOICES,
    "text_validation_type_or_show_slider_number": CHECKED,
    "identifier": IDENTIFIES,
}
REPEATS = "redcap_repeat_instrument"
NAMES = re.compile(r"[a-z][a-z0-9_]*")  # as REDCap names instruments; anything else there may be a value
LABELLED = ("Event Name", "Repeat Instrument", "Repeat Instance", "Complete?")  # of an export with labels
DATED = ("date", "datetime", "time_mm", "email", "phone", "zipcode", "postalcode", "ssn", "mrn", "vmrn")
CODED = ("radio", "dropdown", "yesno", "truefalse")
RAW = 'export it again as "CSV / Microsoft Excel (raw data)"'


def as_exported(sheet, file, folder, digests, findings):
    """Return the rows of a REDCap export's Sheet that `file.redcap` means; what its dictionary forbids is a finding.

    Raises Refusal where the dictionary is not to be read, or the export holds labels in place of codes.
    """
    fields = _dictionary(folder, file.redcap.dictionary, digests)
    _refuse_labels(sheet, fields)
    for header in sheet.columns:
        _check_field(file, header, fields.get(header.partition("___")[0]), sheet, findings)
    return _chosen_rows(sheet, file, findings)


def _dictionary(folder, path, digests):
    """Return {field: its row as a dict under the long names} of a data dictionary."""
    wanted = (FIELD, KIND, LABEL, CHOICES, CHECKED, IDENTIFIES)
    try:
        table, digest = read(Source(folder, path, (*wanted, *SHORT)))
    except Refusal as refusal:
        raise Refusal(*(f"the data dictionary {path} {each}" for each in refusal.sentences)) from None
    digests[path] = digest
    columns = {SHORT.get(name, name): cells for name, cells in table.columns.items()}
    lost = [name for name in (FIELD, KIND, IDENTIFIES) if name not in columns]
    if lost:
        what = ", ".join(f"'{name}'" for name in lost)
        raise Refusal(f"{path} has no column {what}; download the data dictionary from REDCap again")
    rows = zip(*(columns.get(name, [""] * len(table.lines)) for name in wanted), strict=True)
    return {row[0]: dict(zip(wanted, row, strict=True)) for row in rows}


def _refuse_labels(sheet, fields):
    labels = {row[LABEL] for row in fields.values()} - set(fields)
    found = [name for name in sheet.header if name in LABELLED or name in labels]
    if found and not set(sheet.header) & set(fields):
        raise Refusal(f"is an export with labels in the header ({counted(len(found), 'column')}); {RAW}")


def _check_field(file, header, row, sheet, findings):
    where = f"{file.label}, column '{header}'"
    if row is None:
        if not header.startswith("redcap_") and not header.endswith("_complete"):
            findings.wrong(where, "is no field of the data dictionary; give the dictionary of this export")
        return
    if row[IDENTIFIES].casefold().startswith("y"):
        findings.identifies(where, "the data dictionary marks the field as an identifier")
    if row[KIND] in ("notes", "file", "signature"):
        findings.identifies(where, f"the data dictionary says the field is {row[KIND]}: free text or a document")
    if row[CHECKED].startswith(DATED):
        findings.identifies(where, f"the data dictionary says the field is checked as {row[CHECKED].split('_')[0]}")
    _check_choices(where, header, row, sheet, findings)


def _check_choices(where, header, row, sheet, findings):
    cells = sheet.columns[header]
    if row[KIND] in CODED and row[CHOICES]:
        codes = dict(part.split(",", 1) for part in row[CHOICES].split("|") if "," in part)
        codes = {code.strip(): label.strip() for code, label in codes.items()}
        labels = set(codes.values()) - set(codes)
        told = [line for line, cell in zip(sheet.lines, cells, strict=True) if cell in labels]
        if told:
            number = counted(len(told), "cell")
            findings.wrong(where, f"{number} with a label in place of a code ({listed_lines(told)}); {RAW}")
    if row[KIND] == "checkbox" and "___" in header:
        boxes = [column for name, column in sheet.columns.items() if name.partition("___")[0] == row[FIELD]]
        empty = sum(set(marks) <= {"0", ""} for marks in zip(*boxes, strict=True))
        findings.note(
            f"{file_of(where)}, field '{row[FIELD]}'",
            f"{counted(empty, 'row')} with no mapped box ticked; REDCap writes 0 also where nobody was asked",
        )


def file_of(where):
    return where.rpartition(", column '")[0]


def _chosen_rows(sheet, file, findings):
    """Return the rows of one repeating instrument; an export that has such rows must say which are meant."""
    wanted = file.redcap.instrument
    if REPEATS not in sheet.header:
        if wanted:
            raise Refusal(f"has no column {REPEATS}, so redcap.instrument = \"{wanted}\" names no rows; leave it out")
        return _rows_told(sheet, file, range(len(sheet.lines)))
    names = sheet.columns[REPEATS]
    known = sorted(name for name in set(names) - {""} if NAMES.fullmatch(name))
    if wanted is None and set(names) != {""}:
        told = ", ".join(f'"{name}"' for name in known)
        what = f"has rows of repeating instruments ({told or 'none of them spelled as a name'}) beside others"
        raise Refusal(f'{what}: say which this file means, redcap.instrument = "..." or ""')
    if wanted and wanted not in known:
        raise Refusal(f"has no rows of the repeating instrument '{wanted}'.{nearest(wanted, known)}")
    kept = [place for place, name in enumerate(names) if name == (wanted or "")]
    whose = wanted or "no repeating instrument"
    findings.note(file.label, f"{counted(len(kept), 'row')} of {len(names)} are of {whose}")
    return _rows_told(sheet, file, kept)


def _rows_told(sheet, file, places):
    """Return those rows in which a mapped field was filled in: an event has a row also for fields it does not ask."""
    keys = {name for name, column in file.columns.items() if column.means == "patient" or name.startswith("redcap_")}
    columns = {name: cells for name, cells in sheet.columns.items() if name in file.columns}
    asked = [cells for name, cells in columns.items() if name not in keys] or list(columns.values())
    kept = [place for place in places if any(cells[place] for cells in asked)]
    chosen = {name: [cells[place] for place in kept] for name, cells in columns.items()}
    return replace(sheet, columns=chosen, lines=[sheet.lines[place] for place in kept])
