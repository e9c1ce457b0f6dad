"""One mapped file as columns of text with a meaning, and the turning of that text into numbers and words."""

import math
import re
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from mmresearch.errors import listed_lines, nearest
from mmresearch.formats import eye_sees, looks_like_a_name
from mmresearch.study.config import File
from mmresearch.study.findings import counted
from mmresearch.study.gate import NUMERIC, refuse_identifying
from mmresearch.study.marks import labels_told, refuse_marked, without_long

NAMED = frozenset({"site", "therapist", "rater", "covariate", "setting"})  # whose words are the clinic's own
NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
COMMA_NUMBER = re.compile(r"[+-]?\d+,\d+", re.ASCII)
THOUSAND = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)
POINT_THOUSAND = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}", re.ASCII)
SLIPS = 0.2  # share of decimal commas in a column below which they are asked about
POINT_NUMBER = re.compile(r"[+-]?\d*\.\d+", re.ASCII)


@dataclass(frozen=True, eq=False)
class Table:
    """The mapped columns of one file: `cells` are text under the file's own headers, NA where nothing was measured.

    lines    the line (row, record: `noun`) of the file that each row of `cells` stands in
    labels   header -> {code: label} where the file has such; they are suggested and never used
    patient  whose each row is, under the pseudonym that is unique within the study
    """

    name: str
    file: File
    cells: pd.DataFrame = field(repr=False)
    decimal: str = "."
    lines: tuple = field(default=(), repr=False)
    noun: str = "line"
    labels: dict = field(default_factory=dict, repr=False)
    patient: pd.Series | None = field(default=None, repr=False)

    @property
    def path(self):
        return self.file.label

    @cached_property
    def columns(self):
        return {header: column for header, column in self.file.columns.items() if header in self.cells.columns}

    def headers(self, meaning):
        """Return the headers of the columns that mean `meaning`, in the order of study.toml."""
        return [header for header, column in self.columns.items() if column.means == meaning]

    def header(self, meaning):
        return next(iter(self.headers(meaning)), None)

    def where(self, header):
        return f"{self.path}, column '{header}'"

    def lines_where(self, mask):
        """Return `lines 4, 9` for the rows of a boolean Series."""
        return listed_lines([self.lines[row] for row in mask.index[mask]], self.noun)


def read_table(name, file, sheet, findings):
    """Return the Table of a formats.Sheet, or None; refuses identifying cells, notes what is not read."""
    _compare_header(sheet, file, findings)
    if not sheet.columns:
        return None
    for note in sheet.notes:
        findings.note(file.label, note)
    findings.unread[file.label] = [_shown(each) for each in sheet.header if each not in file.columns]
    for header in sheet.columns:
        refuse_marked(file, header, sheet, findings)
    sheet = without_long(sheet)
    refuse_identifying(file, sheet, findings)
    text = {header: _without_missing(file, header, cells) for header, cells in sheet.columns.items()}
    cells = pd.DataFrame(text, dtype="str")
    decimal = _decimal(file, sheet.separator, cells, findings)
    return Table(name, file, cells, decimal, tuple(sheet.lines), sheet.noun, sheet.labels)


def read_numbers(table, header, findings):
    """Return a float Series of one column in the file's unit; what is no number is a finding and NA."""
    column, cells = table.columns[header], table.cells[header]
    cells = cells.replace(column.values) if column.values else cells
    if column.means == "age":
        cells = cells.replace("90+", "90")
    known = {cell: _number(cell, table.decimal) for cell in cells.dropna().unique()}
    numbers = cells.map(known).astype("float64")
    odd = cells.notna() & numbers.isna()
    if odd.any():
        findings.wrong(
            table.where(header),
            f"{counted(int(odd.sum()), 'cell')} of {len(cells)} without a number ({table.lines_where(odd)}); correct "
            "them, or where they mean 'not measured' list their code under `missing`",
        )
    return numbers


def refuse_beyond(table, header, numbers, limits, findings):
    """Add a finding for the numbers of a column outside of limits (low, high) that nobody's can be outside of."""
    low, high = limits
    for beyond, words in ((numbers < low, f"below {low:g}"), (numbers > high, f"above {high:g}")):
        if beyond.any():
            number = f"{counted(int(beyond.sum()), 'value')} {words} ({table.lines_where(beyond)})"
            what = f"{number}, which no {table.columns[header].means.replace('_', ' ')} can be"
            findings.wrong(table.where(header), f"{what}; correct them, give the column's `unit`, or list their code "
                                                "under `missing`")


def refuse_alike(table, header, findings, remedy):
    """Add a finding for words that differ from a more frequent one by case, blanks or look-alike letters alone."""
    counts = table.cells[header].value_counts()
    usual, rarer = {}, set()
    for word in counts.index:
        if usual.setdefault(eye_sees(word), word) != word:
            rarer.add(word)
    strange = table.cells[header].isin(rarer)
    if strange.any():
        number = f"{counted(int(strange.sum()), 'cell')} ({table.lines_where(strange)})"
        what = f"{number} with another spelling of a word beside it (case, blanks, look-alike letters)"
        findings.wrong(table.where(header), f"{what}; {remedy}")


def read_words(table, header, findings, *, known=None, kind="word", further=None):
    """Return a text Series of one column in words of ours; what `values` or `known` do not have is a finding and NA.

    further: code -> word for the whole study, beside the column's own `values`.
    """
    column = table.columns[header]
    words = _translate(table, header, findings) if column.values else table.cells[header]
    if column.means in NAMED and not column.values:
        refuse_alike(table, header, findings, "write each in one way, or say under `values` what each spelling means")
    if known is None:
        return words
    words = words.replace(further) if further else words
    strange = words.notna() & ~words.isin(list(known))
    if strange.any() and not column.values:  # else study.toml's own words are wrong, which is a finding already
        codes = words[strange].nunique()
        findings.wrong(
            table.where(header),
            f"{counted(int(strange.sum()), 'cell')} ({table.lines_where(strange)}) with {counted(codes, 'code')} that "
            f"{'are' if codes > 1 else 'is'} no {kind}; say under `values` what each code means"
            f"{labels_told(table.labels.get(header, {}), column)}",
        )
    return words.mask(strange)


def _translate(table, header, findings):
    values, cells = table.columns[header].values, table.cells[header]
    by_number = {_plain(code): word for code, word in values.items()}
    words = cells.map(lambda cell: values.get(cell, by_number.get(_plain(cell))), na_action="ignore").astype("str")
    strange = cells.notna() & words.isna()
    if strange.any():
        findings.wrong(
            table.where(header),
            f"{counted(int(strange.sum()), 'cell')} ({table.lines_where(strange)}) with "
            f"{counted(cells[strange].nunique(), 'code')} that `values` does not list; add them there or to `missing`"
            f"{labels_told(table.labels.get(header, {}), table.columns[header])}",
        )
    return words


def _compare_header(sheet, file, findings):
    absent = [header for header in file.columns if header not in sheet.header]
    separated = f", separated by {sheet.separator}" if sheet.separator else ""
    fields = f"{counted(len(sheet.header), 'field')}{separated}"
    if len(absent) == len(file.columns):  # perhaps a patient's values stand there: nothing of it is shown
        findings.wrong(
            file.label,
            f"none of the {counted(len(absent), 'mapped column')} stands in the {_header_place(file, sheet)} "
            f"({fields}): give the file a header with the names that study.toml uses",
        )
        return
    names = [each for each in sheet.header if looks_like_a_name(each)]
    for header in absent:
        findings.wrong(file.label, f"no column '{header}' in the header ({fields}).{nearest(header, names)}")


def _header_place(file, sheet):
    return f"{sheet.noun} {file.header_row}" if file.header_row else f"first {sheet.noun}"


def _shown(header):
    return header if looks_like_a_name(header) else "(a column without a name)"


def _without_missing(file, header, cells):
    codes = {*file.missing, *file.columns[header].missing}
    numbers = {_plain(code) for code in codes} if file.columns[header].means in NUMERIC else set()
    return [None if not cell or cell in codes or (numbers and _plain(cell) in numbers) else cell for cell in cells]


def _decimal(file, separator, cells, findings):
    """Return the decimal mark of the numeric columns: as study.toml says, else as their cells show."""
    if file.decimal:
        return file.decimal
    numeric = [
        header for header in cells if file.columns[header].means in NUMERIC or file.columns[header].kind == "number"
    ]
    values = [cell for header in numeric for cell in cells[header].dropna() if not cell.isdigit()]
    commas = [cell for cell in values if COMMA_NUMBER.fullmatch(cell)]
    points = [cell for cell in values if POINT_NUMBER.fullmatch(cell)]
    if points:
        if separator == "semicolon" and not commas and all(POINT_THOUSAND.fullmatch(cell) for cell in points):
            _ask_decimal(file, points, "point", findings)  # where semicolons separate, 1.200 may be 1200
        return "."
    if not commas:
        return "."
    if all(THOUSAND.fullmatch(cell) for cell in commas):
        _ask_decimal(file, commas, "comma", findings)
        return ","
    headers = [header for header in numeric if cells[header].isin(commas).any()]
    given = sum(int(cells[header].notna().sum()) for header in headers)
    if separator in ("comma", "") and len(commas) < SLIPS * given:  # few: one cell's slip, not a country's habit
        told = f"{counted(len(commas), 'number')} with a comma ({', '.join(headers)}) where others need none"
        findings.wrong(file.label, f'{told}; correct them, or say decimal = "," for this file')
        return ","
    findings.note(file.label, f"read with decimal commas ({counted(len(commas), 'number')})")
    return ","


def _ask_decimal(file, cells, mark, findings):
    findings.wrong(
        file.label,
        f"{counted(len(cells), 'number')} with a {mark} before three digits: thousands or decimals? "
        'Say decimal = "." or decimal = "," for this file',
    )


def _number(cell, decimal):
    if decimal == "," and COMMA_NUMBER.fullmatch(cell):
        cell = cell.replace(",", ".")
    elif decimal == "," and POINT_NUMBER.fullmatch(cell):
        return math.nan
    elif decimal == "." and THOUSAND.fullmatch(cell):
        return math.nan
    value = float(cell) if NUMBER.fullmatch(cell) else math.nan
    return value if math.isfinite(value) else math.nan


def _plain(text):
    """Return `2` for `2`, `2.0` and `02`: the spelling under which codes of `values` and `missing` are compared."""
    number = text.replace(",", ".", 1)
    return f"{float(number):.12g}" if NUMBER.fullmatch(number) else text
