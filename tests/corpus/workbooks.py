"""Excel workbooks with hidden things, formulas, merged cells, bombs: X rows of the catalogue."""

import datetime
import io
import zipfile

import openpyxl
from openpyxl.comments import Comment

from corpus.kinds import kind

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)
ENTITY = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


def typed(cell, text=False):
    """Return what Excel makes of a typed cell."""
    return int(cell) if not text and cell.isdigit() and (cell == "0" or cell[0] != "0") else cell or None


def book_of(table, change=None, *, above=(), text=()):
    """Return the bytes of an .xlsx of a Table. change(book, sheet) bends it; text: headers kept as text."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in above:
        sheet.append(row)
    sheet.append(table.header)
    for cells in table.rows:
        sheet.append([typed(cell, header in text) for header, cell in zip(table.header, cells, strict=True)])
    if change:
        change(book, sheet)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def packed(raw, part, change):
    """Return a package with one part's text changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name).decode()) if name == part else old.read(name))
    return file.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def _book(change, outcome, *, codes=(1,), name="scores.xlsx", lines=None, above=()):
    """A study whose outcomes stand in a workbook. change(clinic, table) gives (bend, repack), each or None."""

    def make(clinic, folder):
        table = clinic.tables["outcomes"]
        clinic.rename_file("outcomes", name)
        bend, repack = change(clinic, table)
        raw = book_of(table, bend, above=above, text=(clinic.names["patient"],))
        clinic.write(folder, {name: repack(raw) if repack else raw})
        if outcome == "load":
            return clinic.loads()
        tell = clinic.either if outcome == "either" else clinic.refused
        return tell("outcomes", lines=lines(table) if lines else (), codes=codes)

    return make


def _hidden(state, rows):
    def change(clinic, table):
        def bend(book, sheet):
            key = book.create_sheet("key")
            for row in rows:
                key.append(row)
            key.sheet_state = state

        return bend, None

    return change


def _column(clinic, table):
    place = table.place(clinic.header("NRS")[1]) + 1
    return openpyxl.utils.get_column_letter(place), place


def _formula(clinic, table):
    return (lambda book, sheet: sheet.__setitem__(f"{_column(clinic, table)[0]}5", "=1+1")), None


def _error(clinic, table):
    def bend(book, sheet):
        cell = sheet[f"{_column(clinic, table)[0]}5"]
        cell.value, cell.data_type = "#DIV/0!", "e"

    return bend, None


def _dates(clinic, table):
    def bend(book, sheet):
        place = _column(clinic, table)[1]
        for row in range(2, len(table.rows) + 2):
            sheet.cell(row, place).value = datetime.date(2024, 3, 1 + row % 28)

    return bend, None


def _day_names(clinic, table):
    """Numbers that Excel shows as dates: 1904's too."""

    def bend(book, sheet):
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
        sheet.cell(4, _column(clinic, table)[1]).number_format = "dd.mm.yyyy"
        sheet.cell(4, _column(clinic, table)[1]).value = 43000

    return bend, None


def _merged_header(clinic, table):
    return (lambda book, sheet: sheet.merge_cells(start_row=1, end_row=1, start_column=2, end_column=3)), None


def _merged_cells(clinic, table):
    return (lambda book, sheet: sheet.merge_cells(start_row=3, end_row=6, start_column=1, end_column=1)), None


def _lying(clinic, table):
    return None, lambda raw: packed(
        raw,
        SHEET,
        lambda text: text.replace(
            text[text.index("<dimension") : text.index("/>", text.index("<dimension")) + 2], '<dimension ref="A1:B2"/>'
        ),
    )


def _declared(prologue):
    def change(clinic, table):
        def repack(raw):
            return packed(
                raw, SHEET, lambda text: prologue + text[text.index("<worksheet") :].replace("<v>5</v>", "<v>&a;</v>")
            )

        return None, repack

    return change


def _bomb(clinic, table):
    def repack(raw):
        file = io.BytesIO(raw)
        with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as package:
            package.writestr("xl/media/x.xml", b"0" * 300_000_000)
        return file.getvalue()

    return None, repack


def _cut(clinic, table):
    return None, lambda raw: raw[: clinic.dice.randrange(200, len(raw) - 100)]


def _flipped(clinic, table):
    def repack(raw):
        place = clinic.dice.randrange(200, len(raw) - 200)
        return raw[:place] + bytes([raw[place] ^ 0x55]) + raw[place + 1 :]

    return None, repack


def _commented(clinic, table):
    def bend(book, sheet):
        sheet["A2"].comment = Comment("Anna Meier, tel. 0171 5550199", "Dr. Huber")
        book.properties.creator = "Dr. Huber"

    return bend, None


def _hidden_rows(clinic, table):
    def bend(book, sheet):
        sheet.row_dimensions[4].hidden = True

    return bend, None


def _hidden_column(clinic, table):
    def bend(book, sheet):
        sheet.column_dimensions[_column(clinic, table)[0]].hidden = True

    return bend, None


def _booleans(clinic, table):
    return (lambda book, sheet: sheet.__setitem__(f"{_column(clinic, table)[0]}5", True)), None


def _times(clinic, table):
    return (lambda book, sheet: sheet.__setitem__(f"{_column(clinic, table)[0]}5", datetime.time(7, 30))), None


def _durations(clinic, table):
    return (lambda book, sheet: sheet.__setitem__(f"{_column(clinic, table)[0]}5", datetime.timedelta(hours=7))), None


def _two_sheets(clinic, table):
    return (lambda book, sheet: book.create_sheet("Sheet2").append(["a"])), None


def _as_text(clinic, table):
    def bend(book, sheet):
        for row in sheet.iter_rows(min_row=2):
            for cell in row:
                cell.value = None if cell.value is None else str(cell.value)

    return bend, None


def _percents(clinic, table):
    """40 shown as 40 % is stored as 0.4: nothing in the number says so."""

    def bend(book, sheet):
        place = table.place(clinic.header("ODI")[1]) + 1
        for row in range(2, len(table.rows) + 2):
            cell = sheet.cell(row, place)
            if cell.value is not None:
                cell.value, cell.number_format = cell.value / 100, "0%"

    return bend, None


KEY = [["code", "name"], ["P1", "Anna Meier"], ["P2", "Jan Novak"]]
for _id, _title, _change, _outcome, _further in (
    ("A25", "a workbook", lambda c, t: (None, None), "load", {}),
    ("A26", "a workbook whose numbers are text", _as_text, "load", {}),
    ("X03", "a hidden sheet with a key", _hidden("hidden", KEY), "refuse", {"codes": (1, 3)}),
    ("X04", "a very hidden sheet with a key", _hidden("veryHidden", KEY), "refuse", {"codes": (1, 3)}),
    ("X05", "a hidden column that is mapped", _hidden_column, "either", {}),
    ("X06", "comments with names", _commented, "either", {"codes": (1, 3)}),
    ("X07", "a formula without its value", _formula, "refuse", {"lines": lambda t: (5,)}),
    ("X08", "an error of the spreadsheet", _error, "refuse", {"lines": lambda t: (5,)}),
    ("X09", "dates in place of values", _dates, "refuse", {"codes": (1, 3), "lines": lambda t: range(2, 8)}),
    ("X10", "a date of the calendar of 1904", _day_names, "refuse", {"codes": (1, 3), "lines": lambda t: (4,)}),
    ("X11", "merged cells in the header", _merged_header, "refuse", {"lines": lambda t: (1,)}),
    ("X12", "merged cells of patients", _merged_cells, "refuse", {"lines": lambda t: (3, 4, 5, 6)}),
    ("X13", "a workbook called .csv", lambda c, t: (None, None), "refuse", {"name": "scores.csv"}),
    (
        "X14",
        "titles above the header",
        lambda c, t: (None, None),
        "refuse",
        {"above": (["Report"], [], ["of the clinic"])},
    ),
    ("X15", "a dimension that lies", _lying, "load", {}),
    ("X16", "a billion laughs", _declared(LAUGHS), "refuse", {}),
    ("X17", "an entity that reads a file", _declared(ENTITY), "refuse", {}),
    ("X18", "a bomb", _bomb, "refuse", {}),
    ("X20", "a workbook called .xls", lambda c, t: (None, None), "refuse", {"name": "scores.xls"}),
    ("X21", "two visible sheets", _two_sheets, "refuse", {}),
    ("X22", "hidden rows", _hidden_rows, "load", {}),
    ("X24", "a workbook cut off", _cut, "refuse", {}),
    ("X25", "a byte of a workbook changed", _flipped, "either", {}),
    ("X26", "a boolean among numbers", _booleans, "refuse", {"lines": lambda t: (5,)}),
    ("X27", "a time of day among numbers", _times, "refuse", {"codes": (1, 3), "lines": lambda t: (5,)}),
    ("X28", "a duration among numbers", _durations, "refuse", {"codes": (1, 3), "lines": lambda t: (5,)}),
    ("X29", "shares shown as per cent", _percents, "refuse", {}),
):
    kind(_id, _title)(_book(_change, _outcome, **_further))
