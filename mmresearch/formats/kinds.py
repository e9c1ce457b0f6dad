"""What a file is, told by its first bytes and never by its name; the two must agree."""

import zipfile
from pathlib import PurePath

READERS = {  # suffix -> kind
    **dict.fromkeys((".csv", ".tsv", ".txt"), "text"),
    **dict.fromkeys((".xlsx", ".xlsm"), "xlsx"),
    ".xls": "xls",
    ".sav": "sav",
    ".zsav": "sav",
    ".dta": "dta",
    ".xpt": "xpt",
    ".sas7bdat": "sas7bdat",
    ".parquet": "parquet",
    **dict.fromkeys((".sqlite", ".sqlite3"), "sqlite"),
    ".duckdb": "duckdb",
    ".db": "database",  # either of the two
}
NAMES = {
    "text": "delimited text",
    "xlsx": "an Excel workbook (.xlsx)",
    "xls": "an old Excel workbook (.xls)",
    "locked": "an Excel workbook with a password",
    "sav": "an SPSS file",
    "dta": "a Stata file",
    "xpt": "a SAS transport file",
    "sas7bdat": "a SAS file",
    "parquet": "a Parquet file",
    "sqlite": "an SQLite database",
    "duckdb": "a DuckDB database",
    "database": "a database",
}
NEVER = {  # first bytes -> what it is; opening some of these would run code
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"%PDF": "a PDF",
    b"{\\rtf": "a text document (RTF)",
    b"\x1f\x8b": "a gzip file; unpack it",
    b"BZh": "a bzip2 file; unpack it",
    b"\xfd7zXZ": "an xz file; unpack it",
    b"(\xb5/\xfd": "a zstd file; unpack it",
    b"7z\xbc\xaf": "a 7-Zip file; unpack it",
    b"Rar!": "a RAR file; unpack it",
    b"\x93NUMPY": "a NumPy file, which can run code",
    b"\x89HDF": "an HDF5 file",
    b"ARROW1": "a Feather file",
    b"RDX": "an R workspace, which can run code",
    b"RDA": "an R workspace, which can run code",
    b"X\n\x00\x00": "an R object, which can run code",
    b"\x7fELF": "a program",
    b"MZ\x90": "a program",
    **{b"\x80" + bytes([number]): "a Python pickle, which can run code" for number in range(2, 6)},
}
MARKUP = (b"<!doctype", b"<html", b"<head", b"<table", b"<body", b"<meta", b"<script", b"<?xml")
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
EXPORT = "open it where it was made and save it as CSV UTF-8, .xlsx, SPSS, Stata, SAS or Parquet"


def expected_kind(path):
    """Return the kind that a file's name promises, None where it promises none that is read."""
    return READERS.get(PurePath(path).suffix.lower())


def kind_of(path, start):
    """Return (kind, None) of a file by its first bytes, or (None, what it is) where it is none that is read."""
    signed = next((name for magic, name in NEVER.items() if start.startswith(magic)), None)
    if signed:
        return None, signed
    if start.startswith(b"PK\x03\x04"):
        return _zipped(path)
    if start.startswith(OLE):
        return ("locked", None) if _holds(path, "EncryptedPackage".encode("utf-16-le")) else ("xls", None)
    if _bare(start).startswith(MARKUP) and not start.startswith(b"<stata_dta>"):
        return None, "a web page or XML, which Excel may open and is no workbook"
    return _plain(start), None


def _plain(start):
    signs = (
        (b"$FL2", "sav"), (b"$FL3", "sav"), (b"<stata_dta>", "dta"), (b"HEADER RECORD*******LIB", "xpt"),
        (b"PAR1", "parquet"), (b"SQLite format 3\0", "sqlite"), (b"\0" * 12 + b"\xc2\xea\x81\x60", "sas7bdat"),
    )
    found = next((kind for sign, kind in signs if start.startswith(sign)), None)
    if found is None and start[8:12] == b"DUCK":
        return "duckdb"
    old_stata = start[:1] in (b"\x69", b"\x6c", b"\x6e", b"\x6f", b"\x71", b"\x72", b"\x73")
    if found is None and old_stata and start[1:2] in (b"\1", b"\2") and start[2:3] == b"\1":
        return "dta"
    return found or "text"


def _bare(start):
    return start.removeprefix(b"\xef\xbb\xbf").lstrip().lower()


def _zipped(path):
    try:
        with zipfile.ZipFile(path) as package:
            names = set(package.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return None, "a zip file or workbook that is cut off or damaged; export it again"
    if "xl/workbook.xml" in names:
        return "xlsx", None
    if "xl/workbook.bin" in names:
        return None, "a binary Excel workbook (.xlsb); save it as .xlsx"
    return None, "an OpenDocument file; save it as .xlsx" if "content.xml" in names else "a zip file; unpack it"


def _holds(path, sign):
    """True when a stream of that name stands in a compound file, whose directory may be anywhere in it."""
    with open(path, "rb") as file:
        before = b""
        while chunk := file.read(1 << 20):
            if sign in before + chunk:
                return True
            before = chunk[-len(sign) :]
    return False
