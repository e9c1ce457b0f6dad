"""Workbooks that are locked, are none, or say too much by their sheet's name: more X rows of the catalogue."""

import struct

from workbooks import compound

from corpus.kinds import kind
from corpus.workbooks import book_of


@kind("X19", "a workbook with a password")
def locked(clinic, folder):
    clinic.rename_file("outcomes", "scores.xlsx")
    raw = compound(
        {"EncryptionInfo": b"\4\0\4\0" + bytes(500), "EncryptedPackage": struct.pack("<Q", 9000) + bytes(9000)}
    )
    clinic.write(folder, {"scores.xlsx": raw})
    return clinic.refused("outcomes")


@kind("X30", "a web page called .xls")
def page(clinic, folder):
    clinic.rename_file("outcomes", "scores.xls")
    rows = "".join(
        f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>" for cells in clinic.tables["outcomes"].rows
    )
    clinic.write(folder, {"scores.xls": f"<html><table>{rows}</table></html>"})
    return clinic.refused("outcomes")


@kind("X23", "a name as the sheet's name")
def named_sheet(clinic, folder):
    clinic.rename_file("outcomes", "scores.xlsx")
    raw = book_of(
        clinic.tables["outcomes"],
        lambda book, sheet: setattr(sheet, "title", "Anna Meier"),
        text=(clinic.names["patient"],),
    )
    clinic.write(folder, {"scores.xlsx": raw})
    return clinic.either("outcomes", secrets=("Anna Meier",), codes=(1, 3))


@kind("X31", "pseudonyms of more digits than Excel keeps")
def many_digits(clinic, folder):
    table = clinic.tables["outcomes"]
    clinic.rename_file("outcomes", "scores.xlsx")

    def bend(book, sheet):
        for row in range(2, len(table.rows) + 2):
            sheet.cell(row, 1).value = 9007199254740993 + row

    clinic.write(folder, {"scores.xlsx": book_of(table, bend)})
    return clinic.refused("outcomes", clinic.names["patient"], range(2, 10))
