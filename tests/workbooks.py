"""Workbooks that tests read: .xlsx by openpyxl with parts changed by hand, .xls after [MS-CFB] and [MS-XLS]."""

import io
import struct
import zipfile

import openpyxl

END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
SECTOR = 512


def workbook(rows, change=None, above=0):
    """Return the bytes of an .xlsx with one sheet of `rows` (dicts), the header in row above + 1.

    change: called with (workbook, sheet) before it is saved
    """
    book = openpyxl.Workbook()
    sheet = book.active
    for place, row in enumerate([list(rows[0]), *(list(row.values()) for row in rows)], start=above + 1):
        for column, cell in enumerate(row, start=1):
            sheet.cell(place, column).value = cell
    if change:
        change(book, sheet)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def with_part(raw, name, change):
    """Return the package with one part changed: its text goes through `change`; a new part begins as ""."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.namelist():
            text = old.read(part)
            new.writestr(part, change(text.decode()).encode() if part == name else text)
        if name not in old.namelist():
            new.writestr(name, change(""))
    return file.getvalue()


def old_workbook(rows, errors=()):
    """Return the bytes of an .xls with one sheet of rows (lists of text, numbers and None). errors: (row, column)."""
    start = _record(0x809, struct.pack("<HHHHII", 0x600, 5, 0xDBB, 0x7CC, 0, 6))
    name = b"Data"
    size = len(_record(0x85, struct.pack("<IHBB", 0, 0, len(name), 0) + name))
    end = _record(0x0A, b"")
    place = len(start) + size + len(end)
    globals_ = start + _record(0x85, struct.pack("<IHBB", place, 0, len(name), 0) + name) + end
    cells = b"".join(_cell(row, column, cell) for row, line in enumerate(rows) for column, cell in enumerate(line))
    wrong = b"".join(_record(0x205, struct.pack("<HHHBB", row, column, 0, 7, 1)) for row, column in errors)
    begin = _record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0xDBB, 0x7CC, 0, 6))
    size = _record(0x200, struct.pack("<IIHHH", 0, len(rows), 0, max(map(len, rows)), 0))
    return compound({"Workbook": globals_ + begin + size + cells + wrong + end})


def _cell(row, column, cell):
    if cell is None:
        return b""
    if isinstance(cell, str):
        return _record(0x204, struct.pack("<HHHHB", row, column, 0, len(cell), 0) + cell.encode("latin-1"))
    return _record(0x203, struct.pack("<HHHd", row, column, 0, cell))


def _record(kind, content):
    return struct.pack("<HH", kind, len(content)) + content


def compound(streams):
    """Return a compound file that holds `streams` (name -> bytes), each in sectors one after another."""
    bodies = [raw.ljust(max(4096, -len(raw) % SECTOR + len(raw)), b"\0") for raw in streams.values()]
    directory = [_entry("Root Entry", 5, END, 0, child=1)]
    table, place = [], 0
    for number, (name, body) in enumerate(zip(streams, bodies, strict=True), start=1):
        sectors = len(body) // SECTOR
        after = number + 1 if number < len(bodies) else FREE
        directory.append(_entry(name, 2, place, len(body), right=after))
        table += [*range(place + 1, place + sectors), END]
        place += sectors
    entries = b"".join(directory).ljust(-len(b"".join(directory)) % SECTOR + len(b"".join(directory)), b"\0")
    first, count = place, len(entries) // SECTOR
    table += [*range(first + 1, first + count), END]
    place += count
    fats = -(-(len(table) + 1) // (SECTOR // 4 - 1))
    table += [FAT] * fats
    table += [FREE] * (fats * SECTOR // 4 - len(table))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, fats, first, 0, 4096, END, 0, END, 0)
    header += struct.pack("<109I", *[place + each for each in range(fats)], *[FREE] * (109 - fats))
    return header + b"".join(bodies) + entries + struct.pack(f"<{len(table)}I", *table)


def _entry(name, kind, start, size, child=FREE, right=FREE):
    spelt = (name + "\0").encode("utf-16-le")
    return (
        spelt.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(spelt), kind, 1, FREE, right, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )
