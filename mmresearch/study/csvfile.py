"""One delimited text file: its bytes become a header and records of text, whatever the spreadsheet that wrote it.

Read with the standard library's csv module and every record's fields counted: pandas.read_csv silently shifts columns.
"""

import codecs
import csv
import io
import re
import unicodedata
from dataclasses import dataclass, field

from mmresearch.errors import counted, listed_lines, nearest

SUFFIXES = (".csv", ".tsv", ".txt")
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
LARGEST = 200_000_000  # bytes; a bigger file is refused before it is read
MAGIC = {
    b"PK\x03\x04": "an Excel workbook or zip file",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x89PNG": "a picture",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a gzip file",
    b"$FL2": "an SPSS file",
    b"<!DO": "a web page",
    b"<htm": "a web page",
}
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ANNOUNCED = re.compile(r'"?sep=([,;|\t])"?\r?\n', re.IGNORECASE)
SAVE_AS = "save it as CSV UTF-8 and name that file"
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))


@dataclass(frozen=True)
class Sheet:
    """A header and the records under it, all text; `lines` are their line numbers in the file."""

    header: tuple
    records: list = field(repr=False)
    lines: list = field(repr=False)
    separator: str


def read_bytes(folder, path, findings):
    """Return the file's bytes, or None with a finding when it is absent, too big or no delimited text."""
    target = folder / path
    problem = _stray(folder, path) or _unreadable(target)
    if problem:
        findings.wrong(path, problem)
        return None
    try:
        raw = target.read_bytes()
    except OSError as error:
        findings.wrong(path, f"cannot be opened ({error.strerror})")
        return None
    problem = _not_text(raw)
    if problem:
        findings.wrong(path, problem)
    return None if problem else raw


def read_sheet(raw, file, findings):
    """Return the Sheet in `raw` as `file` (a config.File) describes it, or None with findings."""
    text = _decode(raw, file, findings)
    if text is None:
        return None
    announced = ANNOUNCED.match(text)  # Excel's own first line: sep=;
    text = text[announced.end() :] if announced else text
    separator = file.separator or (announced and announced[1]) or _separator(text, set(file.columns))
    if len(separator) != 1:
        findings.wrong(file.path, 'separator is one character: "," ";" "\\t" or "|"')
        return None
    rows = _split(text, separator, file.path, findings)
    return _sheet(rows, separator, file, findings) if rows is not None else None


def tidy(text):
    """Return a cell without surrounding blanks and invisible characters, in one Unicode spelling."""
    return text.strip() if text.isascii() else unicodedata.normalize("NFC", text.translate(INVISIBLE)).strip()


def _stray(folder, path):
    if "://" in path:
        return "is a web address; download the file into the study's folder and give its name"
    if path.startswith(("/", "~")) or ".." in path.replace("\\", "/").split("/"):
        return "lies outside the study's folder; put the file beside study.toml and give its name"
    if not path.lower().endswith(SUFFIXES):
        return f"only {', '.join(SUFFIXES)} files are read so far (Excel, SPSS and Stata are to come); {SAVE_AS}"
    return None


def _unreadable(target):
    if not target.exists():
        names = [each.name for each in target.parent.glob("*") if each.suffix.lower() in SUFFIXES]
        told = " (README.md there may say where it comes from)" if (target.parent / "README.md").is_file() else ""
        return f"the file is missing.{nearest(target.name, names)} Put it beside study.toml{told} or correct its name"
    if not target.is_file():
        return "is not a file"
    size = target.stat().st_size
    return f"has {size} bytes; the limit is {LARGEST}" if size > LARGEST else None


def _not_text(raw):
    if not raw.strip():
        return "the file is empty; export it again"
    kind = next((name for magic, name in MAGIC.items() if raw[:4].lower() == magic.lower()), None)
    if kind:
        return f"is {kind}, whatever its name says; open it where it was made and {SAVE_AS}"
    if b"\0" in raw and not raw.startswith(tuple(mark for mark, _ in MARKS)):
        return f"is not text (it holds {counted(raw.count(bytes(1)), 'zero byte')}); {SAVE_AS}"
    return None


def _decode(raw, file, findings):
    encoding = file.encoding or next((name for mark, name in MARKS if raw.startswith(mark)), "utf-8")
    for name in (encoding,) if file.encoding else (encoding, "cp1252"):
        try:
            text = raw.decode(name)
        except LookupError:
            findings.wrong(file.path, f'\'{name}\' is no encoding; leave `encoding` out, or give "utf-8" or "cp1252"')
            return None
        except UnicodeError:
            continue
        if name != encoding:
            count = sum(ord(each) > 127 for each in text)
            findings.note(
                file.path, f"read as Windows-1252, because it is not UTF-8 ({counted(count, 'accented letter')})"
            )
        if "\0" not in text:
            return text
        findings.wrong(file.path, f"holds {counted(text.count(chr(0)), 'zero character')}; export it again")
        return None
    findings.wrong(file.path, f"cannot be read as {encoding}{'' if file.encoding else ' or Windows-1252'}; {SAVE_AS}")
    return None


def _separator(text, wanted):
    """The separator under which the first line holds most of the mapped names; then the one giving most fields."""

    def score(separator):
        header = {tidy(name) for name in next(csv.reader(io.StringIO(text, newline=""), delimiter=separator), [])}
        return len(header & wanted), len(header)

    return max(SEPARATORS, key=score)


def _split(text, separator, path, findings):
    """Return (line, fields) of every record that is not blank, or None."""
    reader, rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), []
    line = 1
    try:
        for fields in reader:
            cells = [tidy(cell) for cell in fields]
            rows += [(line, cells)] if any(cells) else []
            line = reader.line_num + 1
    except csv.Error:
        findings.wrong(
            path,
            f"the record that begins in line {line} cannot be split: a quotation mark in it is not closed, "
            f"or a cell is longer than {csv.field_size_limit()} characters",
        )
        return None
    return rows


def _sheet(rows, separator, file, findings):
    header, records = rows[0][1], rows[1:]
    is_header = any(name in file.columns for name in header)  # else the first line is refused as a whole, later
    twice = sorted({name for name in header if name and header.count(name) > 1}) if is_header else []
    odd = [line for line, cells in records if len(cells) != len(header)]
    if twice:
        known = "".join(f" '{name}'" for name in twice if name in file.columns)
        what = f"the header names {counted(len(twice), 'column')} twice{':' if known else ''}{known}; rename one"
        findings.wrong(file.path, what)
    if odd:
        _refuse_odd(odd, len(records), len(header), SEPARATORS.get(separator, "separator"), file.path, findings)
    if not records:
        findings.wrong(file.path, "has a header and no records; export it again")
    if twice or odd or not records:
        return None
    return Sheet(tuple(header), [cells for _, cells in records], [line for line, _ in records], separator)


def _refuse_odd(lines, records, fields, separator, path, findings):
    findings.wrong(
        path,
        f"{counted(len(lines), 'record')} of {records} with another number of fields than the header's {fields} "
        f"({listed_lines(lines)}); a stray {separator} or line break stands in a cell: quote that cell or remove it",
    )


def looks_like_a_name(name):
    """False for what may be a patient's value standing where a column name should: a number, a date, an address."""
    return bool(name) and len(name) <= 64 and name[0].isalpha() and not any(mark in name for mark in "@/:")
