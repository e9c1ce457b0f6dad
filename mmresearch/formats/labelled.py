"""SPSS, Stata and SAS files: their columns by pyreadstat, with value labels, and declared missing values left empty."""

import re

import pyreadstat

from mmresearch.errors import counted
from mmresearch.formats.cells import DATE, INEXACT, as_text
from mmresearch.formats.sheet import Refusal, Sheet, check_header, tidy

READERS = {
    "sav": pyreadstat.read_sav,
    "dta": pyreadstat.read_dta,
    "xpt": pyreadstat.read_xport,
    "sas7bdat": pyreadstat.read_sas7bdat,
}
CARD = 80  # bytes: SAS transport files are written in such pieces
MEMBER, OBSERVATIONS = (
    re.compile(rb"HEADER RECORD\*{7}(?:" + word + rb") +HEADER RECORD") for word in (b"MEMBER|MEMBV8", b"OBS|OBSV8")
)
MARKED = ("sav", "dta", "sas7bdat")  # whose readers can tell declared missing values from empty ones


def read_sheet(kind, source):
    """Return the Sheet in a file of `kind`. Raises Refusal."""
    whole = _told(kind, source, metadataonly=True)[1]
    header = whole.column_names
    check_header(header, source)
    wanted = [name for name in source.columns if name in header]
    if not wanted:
        return Sheet(tuple(tidy(name) for name in header), {}, [], "record")
    further = {"user_missing": True} if kind in MARKED else {}
    columns, facts = _told(kind, source, usecols=wanted, **further)
    lengths = {len(cells) for cells in columns.values()}
    if lengths == {0}:
        raise Refusal("has no records (no rows); export it again")
    if kind == "xpt":
        _refuse_cut(source.path, max(lengths), whole.variable_storage_width)
    return _sheet(header, {name: list(columns[name]) for name in wanted}, facts)


def _told(kind, source, **how):
    encoding = {"encoding": source.encoding} if source.encoding else {}
    try:
        return READERS[kind](source.path, output_format="dict", **encoding, **how)
    except MemoryError:
        raise
    except Exception:  # ReadstatError, PyreadstatError, UnicodeDecodeError, OverflowError for dates beyond the calendar
        what = "cannot be read: it is cut off or damaged, or its letters are in an encoding of their own"
        raise Refusal(f'{what}; save it again where it was made, or name its `encoding`') from None


def _refuse_cut(path, rows, widths):
    """A SAS transport file does not say how many records it has: what follows the last may only be blanks (TS-140)."""
    with open(path, "rb") as file:
        raw = file.read()
    begin = OBSERVATIONS.search(raw)
    if begin is None or len(MEMBER.findall(raw)) > 1:
        raise Refusal("holds several data sets or none; export each into a file of its own")
    tail = raw[begin.start() + CARD + rows * sum(widths.values()) :]
    if len(raw) % CARD or len(tail) >= CARD or tail.strip(b" "):
        raise Refusal("is cut off or damaged: it does not end where its last record does; export it again")


def _sheet(header, columns, facts):
    texts, dates, inexact, notes = {}, {}, {}, []
    for name, cells in columns.items():
        missing = _is_missing(facts, name)
        gone = [missing(cell) for cell in cells]
        told = [("", None) if lost else as_text(cell) for cell, lost in zip(cells, gone, strict=True)]
        texts[name] = [tidy(text) for text, _ in told]
        for kept, wanted in ((dates, DATE), (inexact, INEXACT)):
            rows = [row for row, (_, mark) in enumerate(told, 1) if mark == wanted]
            kept.update({name: rows} if rows else {})
        if any(gone):
            number = counted(sum(gone), "cell")
            notes.append(f"column '{name}': {number} with a code that the file declares missing, left empty")
    labels = {name: _labels(facts, name) for name in columns if _labels(facts, name)}
    titles = {name: title for name, title in facts.column_names_to_labels.items() if title and name in columns}
    lines = list(range(1, 1 + len(next(iter(texts.values())))))
    names = tuple(tidy(name) for name in header)
    return Sheet(
        names, texts, lines, "record", dates=dates, inexact=inexact, labels=labels, titles=titles, notes=tuple(notes)
    )


def _is_missing(facts, name):
    """Return whether a cell is declared missing: SPSS's ranges, Stata's .a to .z and SAS's .A to .Z and ._"""
    ranges = facts.missing_ranges.get(name, [])
    letters = set(facts.missing_user_values.get(name, []))

    def missing(cell):
        if cell in letters:
            return True
        return any(_within(cell, each["lo"], each["hi"]) for each in ranges)

    return missing


def _within(cell, low, high):
    if isinstance(cell, str) or isinstance(low, str):
        return isinstance(cell, str) and isinstance(low, str) and cell.rstrip() == low.rstrip()
    return cell is not None and not hasattr(cell, "isoformat") and low <= cell <= high


def _labels(facts, name):
    told = facts.variable_value_labels.get(name, {})
    return {tidy(as_text(code)[0]): tidy(str(label)) for code, label in told.items()}
