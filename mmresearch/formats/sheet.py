"""What every reader returns: the mapped columns of one table as text, and what its file said of them."""

import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff"))
MOST_COLUMNS = 16_384  # as many as Excel has
TITLES = 30  # rows above a header that are looked through for it
# letters of other alphabets that look like Latin ones: the Cyrillic and Greek rows of Unicode's confusables.txt
ALIKE = str.maketrans("аеорсухіјѕԁһкмтвнԛԝαεορτυνικχβ", "aeopcyxijsdhkmtbhqwaeoptuvikxb")


class Refusal(Exception):
    """A file that is not read, and why: sentences with counts, never a cell. `identifying` are those about persons."""

    def __init__(self, *sentences, identifying=()):
        super().__init__("a file was refused")
        self.sentences, self.identifying = sentences, tuple(identifying)


class Unready(Refusal):
    """The machine lacks what reading needs: a driver, a server that answers, a variable that names it."""


@dataclass(frozen=True)
class Source:
    """Where one table stands and how study.toml describes it.

    folder      the study's folder; nothing outside of it is opened
    path        the file's name within it; "" where `url_from` names the environment variable that holds a server's URL
    columns     the names whose cells are wanted; of all others only the name is read
    sheet, header_row     of a workbook: which sheet; the row the names stand in (of a text file: the line)
    table, query          of a database: which table, or the one SELECT whose result is the table
    hidden                of a workbook: its hidden sheets are known about
    encoding, separator   of a text file, where they are not to be found from the file itself
    """

    folder: Path
    path: str
    columns: tuple
    encoding: str | None = None
    separator: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    hidden: bool = False
    table: str | None = None
    query: str | None = None
    url_from: str | None = None


@dataclass(frozen=True)
class Sheet:
    """One table: `columns` are the cells of the wanted columns, all text, "" where nothing stands.

    header     the names of all columns, wanted or not
    lines      for each cell of a column the line (of a text file), row (of a workbook) or record it stands in
    noun       what `lines` counts: "line", "row" or "record"
    separator  of a text file, "" of others
    dates      wanted column -> lines of cells that the file stores as dates; the cells hold them as 2024-05-31
    inexact    wanted column -> lines of whole numbers stored with fewer digits than they have
    errors     wanted column -> lines of cells that hold an error of the spreadsheet, such as a division by zero
    labels     wanted column -> {code: its label in the file}
    titles     wanted column -> the longer name its file gives it
    notes      what was converted: sentences with counts
    """

    header: tuple
    columns: dict = field(repr=False)
    lines: list = field(repr=False)
    noun: str = "line"
    separator: str = ""
    dates: dict = field(default_factory=dict, repr=False)
    inexact: dict = field(default_factory=dict, repr=False)
    errors: dict = field(default_factory=dict, repr=False)
    labels: dict = field(default_factory=dict, repr=False)
    titles: dict = field(default_factory=dict, repr=False)
    notes: tuple = ()

    def __post_init__(self):
        if any(len(cells) != len(self.lines) for cells in self.columns.values()):
            raise ValueError("columns of different lengths")


def tidy(text):
    """Return a cell without surrounding blanks and invisible characters, in one Unicode spelling."""
    return text.strip() if text.isascii() else unicodedata.normalize("NFC", text.translate(INVISIBLE)).strip()


def looks_like_a_name(name):
    """False for what may be a patient's value standing where a column name should: a number, a date, an address."""
    return bool(name) and len(name) <= 64 and name[0].isalpha() and not any(mark in name for mark in "@/:")


def eye_sees(word):
    """Return a word as an eye takes it in: no case, no blanks, lookalike letters made Latin."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", word).casefold().translate(ALIKE))


def bare_name(name):
    """Return a column name as an eye takes it in, without its marks."""
    folded = eye_sees(name)
    return re.sub(r"[\W_]", "", folded) or folded


def place_of_header(rows, source, noun):
    """Return the index in `rows` [(line, cells)] of the header: the row study.toml names, else the first.

    Raises Refusal where the wanted names stand further down, because what stands above them may be data.
    """
    if source.header_row is not None:
        for place, (line, _) in enumerate(rows):
            if line == source.header_row:
                return place
        raise Refusal(f"header_row = {source.header_row}, where nothing stands; give the {noun} of the column names")
    known = [len(set(cells) & set(source.columns)) for _, cells in rows[:TITLES]]
    best = max(range(len(known)), key=known.__getitem__)
    if known[best] > known[0]:
        row = rows[best][0]
        what = f"{known[best]} of {len(source.columns)} mapped names stand in {noun} {row}, and {known[0]} in the first"
        raise Refusal(f"{what}: if titles stand above the names, say header_row = {row} for this file")
    return 0


def check_header(header, source):
    """Refuse a header in which a wanted column stands twice, or beside one that only looks the same."""
    if len(header) > MOST_COLUMNS:
        raise Refusal(f"has {len(header)} columns; the limit is {MOST_COLUMNS}: export only what the study needs")
    if not set(header) & set(source.columns):
        return  # the line is refused as a whole, later: a patient's values may stand there
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        known = "".join(f" '{name}'" for name in twice if name in source.columns)
        number = f"{len(twice)} column{'s' if len(twice) > 1 else ''}"
        raise Refusal(f"the header names {number} twice{':' if known else ''}{known}; rename one")
    alike = {}
    for name in header:
        alike.setdefault(bare_name(name), []).append(name)
    pairs = [names for names in alike.values() if len(names) > 1 and set(names) & set(source.columns)]
    if pairs:
        told = "; ".join(" and ".join(f"'{name}'" for name in names) for names in pairs)
        raise Refusal(f"column names that look alike (case, blanks, letters of another alphabet): {told}; rename one")
