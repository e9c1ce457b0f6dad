"""Excel workbooks, .xlsx and .xls: one sheet's cells by calamine, and what calamine does not tell from the package."""

import python_calamine

from mmresearch.errors import counted, listed_lines, nearest
from mmresearch.formats.cells import DATE, DIGITS, INEXACT, as_text
from mmresearch.formats.delimited import refuse_repeats
from mmresearch.formats.legacy import errors_of
from mmresearch.formats.package import Marks, check_parts, comments_of, marks_of, open_package
from mmresearch.formats.sheet import Refusal, Sheet, check_header, place_of_header, tidy

MOST_CELLS = 20_000_000
SAVE_AGAIN = "open the workbook in Excel, let it calculate, and save it"
LIFT = "where nothing in a hidden one identifies, say hidden = true for this file"
VISIBLE = python_calamine.SheetVisibleEnum.Visible
CELLS = python_calamine.SheetTypeEnum.WorkSheet


def read_sheet(kind, source):
    """Return the Sheet that `source` names in a workbook of `kind` xlsx or xls. Raises Refusal."""
    package = open_package(source.path) if kind == "xlsx" else None
    if package is not None:
        check_parts(package)
    workbook = _opened(source.path)
    name = _chosen(workbook, source)
    raw = _sheet_of(workbook, name)
    merged = raw.merged_cell_ranges or []
    if (raw.total_height or 0) * (raw.total_width or 0) > MOST_CELLS:
        raise Refusal(f"its sheet has more than {MOST_CELLS} cells; delete empty rows and columns, or save as CSV")
    grid = raw.to_python(skip_empty_area=False)
    marks = marks_of(package, name) if package is not None else _old_marks(source.path, grid)
    notes = _notes(package, name, marks)
    return _shaped(grid, marks, merged, source, notes)


def _opened(path):
    try:
        return python_calamine.CalamineWorkbook.from_path(path)
    except python_calamine.PasswordError:
        raise Refusal("is protected by a password; remove the password in Excel and save it again") from None
    except (python_calamine.CalamineError, OSError):
        raise Refusal("is cut off or damaged; open it in Excel and save it again") from None


def _sheet_of(workbook, name):
    try:
        return workbook.get_sheet_by_name(name)
    except (python_calamine.CalamineError, OSError):
        raise Refusal("its sheet is cut off or damaged; open it in Excel and save it again") from None


def _chosen(workbook, source):
    """Return the sheet's name: as study.toml says, else the only visible one. Names may be people's: none is shown."""
    sheets = [sheet for sheet in workbook.sheets_metadata if sheet.typ == CELLS]
    visible = [sheet.name for sheet in sheets if sheet.visible == VISIBLE]
    hidden = len(sheets) - len(visible)
    if hidden and not source.hidden:
        what = f"the workbook has {counted(hidden, 'hidden sheet')}, where keys to pseudonyms are often kept"
        raise Refusal(identifying=[f"{what}: save the sheet alone in a new workbook, or {LIFT}"])
    if source.sheet is not None:
        if source.sheet not in [sheet.name for sheet in sheets]:
            number = counted(len(visible), "visible sheet")
            raise Refusal(f"no sheet is named '{source.sheet}' among {number}.{nearest(source.sheet, visible)}")
        return source.sheet
    if len(visible) != 1:
        raise Refusal(f'has {counted(len(visible), "visible sheet")}: say which is meant, sheet = "..."')
    return visible[0]


def _old_marks(path, grid):
    with open(path, "rb") as file:
        raw = file.read()
    empty = {(row, column) for row, cells in enumerate(grid) for column, cell in enumerate(cells) if cell == ""}
    return Marks(errors=errors_of(raw, empty))


def _notes(package, name, marks):
    comments, pivots = comments_of(package, name) if package is not None else (0, 0)
    told = [f"{counted(comments, 'comment')} of the sheet not read"] if comments else []
    told += ["a pivot table's copy of data in the workbook not read"] if pivots else []
    hidden = marks.hidden_rows
    return told + ([f"{counted(hidden, 'hidden row')} (a filter?) read as the others"] if hidden else [])


def _shaped(grid, marks, merged, source, notes):
    """Return the Sheet: names in the header's row, records below it, rows without any cell passed over."""
    marked = {row for row, _ in marks.errors | marks.uncalculated}
    rows = [(place + 1, cells) for place, cells in enumerate(grid) if place in marked or any(c != "" for c in cells)]
    if not rows:
        raise Refusal("its sheet is empty (no rows); export it again")
    top = [(line, [tidy(as_text(cell)[0]) for cell in cells]) for line, cells in rows[:30]]
    if source.header_row is not None:
        top = [(line, [tidy(as_text(cell)[0]) for cell in cells]) for line, cells in rows if line <= source.header_row]
    place = place_of_header(top, source, "row")
    line, header = top[place]
    records = rows[place + 1 :]
    if not records:
        raise Refusal("has a header and no records (no rows); export it again")
    check_header([name for name in header if name], source)
    wide = {name: header.index(name) for name in source.columns if name in header}
    _refuse_merged(merged, line - 1, wide, header)
    _refuse_uncalculated(marks, wide, line)
    named = [column for column, name in enumerate(header) if name]
    hidden = sorted(name for name, column in wide.items() if column in marks.hidden_columns)
    notes += [f"column '{name}' is hidden in the workbook; it is read, because study.toml maps it" for name in hidden]
    sheet = _typed([header[column] for column in named], records, wide, marks, tuple(notes))
    refuse_repeats(list(wide), zip(sheet.lines, map(list, zip(*sheet.columns.values()))), "row")
    return sheet


def _refuse_merged(merged, header_row, wide, header):
    """A merged cell holds its value once: names or patients of the others would be lost."""
    columns = set(wide.values())
    above = [area for area in merged if area[0][0] <= header_row <= area[1][0] and area[1][1] > area[0][1]]
    if above:
        raise Refusal(f"{counted(len(above), 'group')} of merged cells in the header (row {header_row + 1}); "
                      "unmerge them and give each column a name of its own")
    below = [area for area in merged if area[0][0] > header_row and columns & set(range(area[0][1], area[1][1] + 1))]
    if below:
        rows = sorted(area[0][0] + 1 for area in below)
        what = f"{counted(len(below), 'group')} of merged cells in mapped columns ({listed_lines(rows, 'row')})"
        raise Refusal(f"{what}; only the first cell of each holds the value: unmerge them and fill in the others")


def _refuse_uncalculated(marks, wide, line):
    told = []
    for name, column in wide.items():
        rows = sorted(row + 1 for row, place in marks.uncalculated if place == column and row + 1 > line)
        if rows:
            what = f"column '{name}': {counted(len(rows), 'formula')} without a calculated value"
            told.append(f"{what} ({listed_lines(rows, 'row')}); {SAVE_AGAIN}")
    if told:
        raise Refusal(*told)


def _typed(header, records, wide, marks, notes):
    """Return the Sheet, its wanted cells as text, and which of them were dates, inexact numbers or errors."""
    lines = [row for row, _ in records]
    columns, dates, inexact, errors = {}, {}, {}, {}
    for name, column in wide.items():
        told = [as_text(cells[column], DIGITS) for _, cells in records]
        columns[name] = [tidy(text) for text, _ in told]
        dates[name] = [row for row, (_, mark) in zip(lines, told, strict=True) if mark == DATE]
        inexact[name] = [row for row, (_, mark) in zip(lines, told, strict=True) if mark == INEXACT]
        errors[name] = [row for row in lines if (row - 1, column) in marks.errors]
    kept = [{name: rows for name, rows in each.items() if rows} for each in (dates, inexact, errors)]
    return Sheet(tuple(header), columns, lines, "row", dates=kept[0], inexact=kept[1], errors=kept[2], notes=notes)
