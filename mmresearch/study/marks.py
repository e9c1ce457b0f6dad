"""Cells that a file marks, or that no one typed on purpose: stored dates, spreadsheet errors, control characters."""

import unicodedata
from dataclasses import replace

from mmresearch.anonymity import judge_headers, like_names
from mmresearch.errors import counted, listed_lines

CODES = frozenset({"patient", "site", "therapist", "rater"})  # pseudonyms, never names
LONGEST = 1_000  # characters of a cell; a longer one is a slip or a document
MOST_LABELS = 8


def refuse_marked(file, header, sheet, findings):
    """Add a finding for every kind of cell in a column that cannot be what was meant, with its lines."""
    where, column = f"{file.label}, column '{header}'", file.columns[header]
    cells = sheet.columns[header]

    def refuse(lines, what, remedy):
        if lines:
            findings.wrong(where, f"{counted(len(lines), 'cell')} {what} ({listed_lines(lines, sheet.noun)}); {remedy}")

    dates = sheet.dates.get(header, [])
    if dates:
        stored = f"{counted(len(dates), 'cell')} stored as dates ({listed_lines(dates, sheet.noun)})"
        findings.identifies(where, stored)
    if column.means in CODES:
        inexact = sheet.inexact.get(header, [])
        refuse(inexact, "stored as numbers of more than 15 digits", "the last digits are lost: export them as text")
        _refuse_names(sheet.labels.get(header, {}), where, findings)
    elif judge_headers([sheet.titles[header]] if header in sheet.titles else []):
        what = "its longer name in the file announces what identifies"
        findings.identifies(where, what, liftable=(file.label, header, "header"), ask=True)
    errors = sheet.errors.get(header, [])
    refuse(errors, "with an error of the spreadsheet, such as #DIV/0!", "correct them, or empty what was not measured")
    odd = [line for line, cell in zip(sheet.lines, cells, strict=True) if not cell.isprintable() and _is_odd(cell)]
    refuse(odd, "with a line break or a sign that cannot be printed", "remove it")
    long = [line for line, cell in zip(sheet.lines, cells, strict=True) if len(cell) > LONGEST]
    refuse(long, f"longer than {LONGEST} characters", "correct them")


def without_long(sheet):
    """Return the Sheet with cells that are refused for their length left empty: a pattern may search them for hours."""
    columns = {name: [cell if len(cell) <= LONGEST else "" for cell in cells] for name, cells in sheet.columns.items()}
    return replace(sheet, columns=columns)


def labels_told(labels, column):
    """Return what a file calls the codes of a column, as a suggestion for `values`; "" where that may name people."""
    names = column.means in CODES or like_names(list(labels.values()))
    if not labels or names:
        return ""
    told = ", ".join(f'"{code}" is "{label}"' for code, label in sorted(labels.items())[:MOST_LABELS])
    return f" (in the file {told})"


def _refuse_names(labels, where, findings):
    if like_names(list(labels.values())):
        number = counted(like_names(list(labels.values())), "value label")
        findings.identifies(where, f"{number} of two or more words, as names have; delete the labels where it was made")


def _is_odd(cell):
    return any(unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp", "Co", "Cs", "Cn") for sign in cell)
