"""Text files that are not what they seem: E rows of the catalogue, and more of their like."""

import codecs
import gzip
import json

from corpus.kinds import kind

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(600)


def _raw(change, *, allowed=False, codes=(1,), lines=()):
    """A file whose bytes are changed. change(clinic, table) returns them."""

    def make(clinic, folder):
        name = clinic.dice.choice(("patients", "outcomes"))
        table = clinic.tables[name]
        changed = change(clinic, table)
        raw, at = changed if isinstance(changed, tuple) else (changed, lines)
        clinic.write(folder, {table.path: raw})
        return (clinic.either if allowed else clinic.refused)(name, lines=at, codes=codes)

    return make


def _mixed(clinic, table):
    """UTF-8 and cp1252 in one file."""
    lines = table.text().splitlines()
    header = (lines[0] + ",not\u00e9").encode()
    body = [(line + ",\u00e9").encode("cp1252" if number % 2 else "utf-8") for number, line in enumerate(lines[1:])]
    return b"\n".join([header, *body])


def _open_quote(clinic, table):
    lines = table.text().splitlines()
    row = clinic.dice.randrange(1, len(lines))
    lines[row] = '"' + lines[row]
    return "\n".join(lines), (row + 1,)


def _shorter(clinic, table):
    lines = table.text().splitlines()
    row = clinic.dice.randrange(1, len(lines))
    lines[row] = lines[row].rpartition(",")[0]
    return "\n".join(lines), (row + 1,)


def _longer(clinic, table):
    lines = table.text().splitlines()
    row = clinic.dice.randrange(1, len(lines))
    lines[row] += ",5"
    return "\n".join(lines), (row + 1,)


def _zero(clinic, table):
    lines = table.text().splitlines()
    row = clinic.dice.randrange(1, len(lines))
    lines[row] = lines[row][:1] + "\0" + lines[row][1:]
    return "\n".join(lines), (row + 1,)


def _all_longer(clinic, table):
    head, *lines = table.text().splitlines()
    return "\n".join([head, *(f"{line},7" for line in lines)]), ()


def _trailing(clinic, table):
    head, *lines = table.text().splitlines()
    return "\n".join([head, *(f"{line}," for line in lines)])


def _mixed_separators(clinic, table):
    lines = table.text().splitlines()
    half = clinic.dice.randrange(2, len(lines) - 2)
    return "\n".join([*lines[:half], *(line.replace(",", ";") for line in lines[half:])]), (half + 1,)


def _huge_cell(clinic, table):
    lines = table.text().splitlines()
    row = clinic.dice.randrange(1, len(lines))
    first, _, rest = lines[row].partition(",")
    lines[row] = f"{first}{'x' * 8_000_000},{rest}"
    return "\n".join(lines), (row + 1,)


def _many_columns(clinic, table):
    return "\n".join(
        line + "," + ",".join(f"c{number}" for number in range(100_000)) for line in table.text().splitlines()[:3]
    ), ()


def _comments(clinic, table):
    return "# exported by the clinic's system\n# second line\n" + table.text(), ()


def _comment_between(clinic, table):
    lines = table.text().splitlines()
    row = clinic.dice.randrange(2, len(lines))
    return "\n".join([*lines[:row], "# corrected below", *lines[row:]]), (row + 1,)


def _twice(clinic, table):
    return table.text() + table.text(), (len(table.rows) + 2,)


def _total(clinic, table):
    word = clinic.dice.choice(
        ("Total", "Summe", "MEAN", "Mittelwert:", "Total (n)", "Gesamt", "moyenne", "Grand Total", "Media", "Promedio")
    )
    return table.text() + ",".join([word, *("5" for _ in table.header[1:])]) + "\n", (len(table.rows) + 2,)


def _titles(clinic, table):
    return f"Report of the clinic\n\n{table.text()}", ()


def _units_row(clinic, table):
    head, *lines = table.text().splitlines()
    return "\n".join([head, ",".join(["(code)"] + ["(0-10)"] * (len(table.header) - 1)), *lines]), (2,)


def _double_separator(clinic, table):
    return table.text().replace(",", ";;"), ()


def _fixed_width(clinic, table):
    return "\n".join("".join(cell.ljust(14) for cell in cells) for cells in [table.header, *table.rows]), ()


def _json(clinic, table):
    return "[" + ",\n".join(json.dumps({"id": cells[0]}) for cells in table.rows) + "]", ()


def _cut(clinic, table):
    text = table.text()
    return text[: len(text) - len(text.splitlines()[-1]) // 2 - 1].rpartition(",")[0], (len(table.rows) + 1,)


def _conflict(clinic, table):
    lines = table.text().splitlines()
    row = clinic.dice.randrange(2, len(lines))
    return "\n".join([*lines[:row], "<<<<<<< mine", lines[row - 1], "=======", *lines[row:]]), (row + 1,)


for _id, _title, _change in (
    ("E01", "an empty file", lambda clinic, table: (b"", ())),
    ("E02", "a file of blanks", lambda clinic, table: (b" \n\t\n  \n", ())),
    ("E03", "a header and no rows", lambda clinic, table: (",".join(table.header) + "\n", ())),
    ("E06", "two encodings in one file", lambda clinic, table: (_mixed(clinic, table), ())),
    ("E07", "a zero character in an identifier", _zero),
    ("E08", "a quotation mark that is not closed", _open_quote),
    ("E09", "a row with a field too few", _shorter),
    ("E10", "a row with a field too many", _longer),
    ("E11", "one field more in all rows", _all_longer),
    ("E16", "two separators in one file", _mixed_separators),
    ("E23", "a total under the table", _total),
    ("E24", "the header repeated", _twice),
    ("E25", "a picture", lambda clinic, table: (PNG, ())),
    ("E26", "a gzip file", lambda clinic, table: (gzip.compress(table.text().encode()), ())),
    ("E27", "a cell of eight megabytes", _huge_cell),
    ("E28", "a hundred thousand columns", _many_columns),
    ("U40", "a comment between the rows", _comment_between),
    ("U41", "a row of units under the header", _units_row),
    ("U42", "columns of fixed width", _fixed_width),
    ("U43", "JSON", _json),
    ("U44", "cut off in the last row", _cut),
    ("U45", "marks of a merge conflict", _conflict),
    ("U46", "UTF-16 without a mark", lambda clinic, table: (table.text().encode("utf-16-le"), ())),
    ("U47", "a web page", lambda clinic, table: (f"<html><table><tr><td>{table.text()}</td></tr></table></html>", ())),
    ("U48", "EBCDIC", lambda clinic, table: (table.text().encode("cp037"), ())),
    ("U49", "noise", lambda clinic, table: (clinic.dice.randbytes(3000), ())),
    ("U50", "a script", lambda clinic, table: ("#!/bin/sh\nrm -rf ~\n", ())),
):
    kind(_id, _title)(_raw(_change))
for _id, _title, _change in (
    (
        "E04",
        "UTF-16 without and with blanks",
        lambda clinic, table: codecs.BOM_UTF16_BE + table.text().encode("utf-16-be"),
    ),
    ("E05", "UTF-32", lambda clinic, table: table.text().encode("utf-32")),
    ("E12", "a separator at the end of all rows", _trailing),
    ("E13", "semicolons and decimal commas", lambda clinic, table: table.text(";")),
    ("E14", "tabs", lambda clinic, table: table.text("\t")),
    ("E15", "lines that end as on old Macs", lambda clinic, table: table.text(end="\r")),
    ("E22", "titles above the header", _titles),
    ("U51", "comments above the header", _comments),
    ("U52", "two separators between fields", _double_separator),
    ("U53", "UTF-7", lambda clinic, table: table.text().encode("utf-7")),
    ("U54", "a mark of UTF-8 twice", lambda clinic, table: b"\xef\xbb\xbf" * 2 + table.text().encode()),
    (
        "U55",
        "three kinds of line ends",
        lambda clinic, table: table.text().replace("\n", "\r\n", 3).replace("\r\n", "\r", 1),
    ),
    (
        "U56",
        "fields in single quotation marks",
        lambda clinic, table: "\n".join(
            ",".join(f"'{cell}'" for cell in cells) for cells in [table.header, *table.rows]
        ),
    ),
    ("U57", "a line that ends the file as in old DOS", lambda clinic, table: table.text() + "\x1a"),
    ("U58", "fields separated by colons", lambda clinic, table: table.text(":")),
    ("U59", "blanks behind the separators", lambda clinic, table: table.text().replace(",", ", ")),
    ("U60", "fields separated by an unusual sign", lambda clinic, table: table.text("~")),
    ("U61", "a separator announced and another used", lambda clinic, table: "sep=;\n" + table.text()),
):
    kind(_id, _title)(_raw(_change, allowed=True, codes=(1, 3)))


@kind("E30", "Windows letters in a covariate")
def windows_letters(clinic, folder):
    cells = [clinic.dice.choice(("h\u00e4ufig", "gelegentlich", "selten")) for _ in clinic.ids]
    clinic.add_column("patients", "sport", cells, {"means": "covariate", "name": "sport", "kind": "category"})
    for cell, facts in zip(cells, clinic.truth["patients"].values(), strict=True):
        facts["sport"] = cell
    clinic.write(folder, {"people.csv": clinic.tables["patients"].text().encode("cp1252")})
    return clinic.either("patients")


@kind("E29", "a sparse file of ten gigabytes")
def sparse(clinic, folder):
    clinic.write(folder)
    with open(folder / "scores.csv", "r+b") as file:
        file.truncate(10 * 2**30)
    return clinic.refused("outcomes")


@kind("E31", "control characters in cells")
def control(clinic, folder):
    name, header, row = clinic.pick(clinic.dice.choice(("site", "patient", "arm")))
    sign = clinic.dice.choice(("\x1b[31m", "\u202e", "\x07", "\x08", "\u2066", "\x7f", "\u0085"))
    clinic.set(name, header, row, clinic.get(name, header, row) + sign)
    clinic.write(folder)
    return clinic.refused(name, header, clinic.where(name, row), (sign,), codes=(1, 3))


def _headers(change, allowed=False):
    """A header that is bent: change(clinic, name, header) gives it another spelling or a double."""

    def make(clinic, folder):
        name, header = clinic.header(clinic.dice.choice(("NRS", "age", "site")))
        table = clinic.tables[name]
        table.header = change(clinic, table, header)
        cells = [clinic.dice.choice("3456") for _ in table.rows]
        if len(table.header) > len(table.rows[0]):
            table.rows = [[*row, cell] for row, cell in zip(table.rows, cells, strict=True)]
        clinic.write(folder)
        return (clinic.either if allowed else clinic.refused)(name, codes=(1, 3))

    return make


CYRILLIC = str.maketrans(
    "aceopxyiAEONCTB", "\u0430\u0441\u0435\u043e\u0440\u0445\u0443\u0456\u0410\u0415\u041e\u041d\u0421\u0422\u0412"
)
for _id, _title, _change, _allowed in (
    ("E17", "a header twice", lambda c, t, h: [*t.header, h], False),
    ("E18", "headers that differ in case", lambda c, t, h: [*t.header, h.swapcase()], False),
    ("E19", "a header without a name", lambda c, t, h: ["" if each == h else each for each in t.header], False),
    ("E20", "a zero-width sign in a double of a header", lambda c, t, h: [*t.header, h[:1] + "\u200b" + h[1:]], False),
    ("E21", "a Cyrillic double of a header", lambda c, t, h: [*t.header, h.translate(CYRILLIC)], False),
    (
        "U62",
        "a header with a line break",
        lambda c, t, h: [f"{h}\n(0-10)" if each == h else each for each in t.header],
        True,
    ),
    ("U63", "a header misspelt", lambda c, t, h: [h + "x" if each == h else each for each in t.header], False),
    (
        "U64",
        "a header of full-width letters beside the plain one",
        lambda c, t, h: [*t.header, "".join(chr(ord(s) + 0xFEE0) if s.isalnum() else s for s in h)],
        False,
    ),
    ("U65", "the header absent", lambda c, t, h: list(t.rows[0]), False),
    ("U66", "a header with a blank in front", lambda c, t, h: [" " + each for each in t.header], True),
):
    kind(_id, _title)(_headers(_change, _allowed))


@kind("U67", "a cell with a line break within quotation marks")
def broken_cell(clinic, folder):
    name, header, row = clinic.pick(clinic.dice.choice(("site", "patient", "NRS")))
    clinic.set(name, header, row, clinic.get(name, header, row) + "\n2")
    clinic.write(folder)
    return clinic.refused(name, header, clinic.where(name, row), codes=(1, 3))


@kind("U68", "the two files exchanged")
def exchanged(clinic, folder):
    one, other = clinic.tables["patients"], clinic.tables["outcomes"]
    clinic.write(folder, {one.path: other.text(), other.path: one.text()})
    return clinic.refused("patients")
