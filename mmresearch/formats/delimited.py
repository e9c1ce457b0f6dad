"""Delimited text: the bytes of a CSV become a Sheet, whatever the spreadsheet that wrote it.

Read with the standard library's csv module and every record's fields counted: pandas.read_csv silently shifts columns.
"""

import csv
import io
import re

from mmresearch.errors import counted, listed_lines
from mmresearch.formats.encoding import decode
from mmresearch.formats.sheet import Refusal, Sheet, check_header, place_of_header, tidy

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
ANNOUNCED = re.compile(r'"?sep=([,;|\t])"?\r?\n', re.IGNORECASE)


def read_delimited(raw, source):
    """Return the Sheet in the bytes `raw` as `source` describes it. Raises Refusal with everything wrong in it."""
    text, notes = decode(raw, source.encoding)
    announced = ANNOUNCED.match(text)  # Excel's own first line: sep=;
    text = text[announced.end() :] if announced else text
    separator = source.separator or (announced and announced[1]) or _separator(text, set(source.columns))
    if len(separator) != 1 or separator in '"\r\n':
        raise Refusal('separator is one character: "," ";" "\\t" or "|"')
    rows = _split(text, separator, first=2 if announced else 1)
    if not rows:
        raise Refusal("the file is empty; export it again")
    place = place_of_header(rows, source, "line")
    return _sheet(rows[place][1], rows[place + 1 :], separator, source, notes)


def _separator(text, wanted):
    """The separator under which a line holds most of the mapped names; then the one giving most fields."""

    def score(separator):
        lines = io.StringIO(text[:1_000_000], newline="")
        return max((_score(fields, wanted) for fields in _first(lines, separator)), default=(0, 0))

    return max(SEPARATORS, key=score)


def _score(fields, wanted):
    header = {tidy(name) for name in fields}
    return len(header & wanted), len(header)


def _first(lines, separator, most=10):
    """The first records; a first line that cannot be split is refused later, with its number."""
    reader = csv.reader(lines, delimiter=separator)
    try:
        for _ in range(most):
            yield next(reader)
    except (csv.Error, StopIteration):
        return


def _split(text, separator, first):
    """Return (line, fields) of every record that is not blank."""
    reader, rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), []
    line = first
    try:
        for fields in reader:
            cells = [tidy(cell) for cell in fields]
            rows += [(line, cells)] if any(cells) else []
            line = reader.line_num + first
    except csv.Error:
        raise Refusal(
            f"the record that begins in line {line} cannot be split: a quotation mark in it is not closed, "
            f"or a cell is longer than {csv.field_size_limit()} characters"
        ) from None
    return rows


def _sheet(header, records, separator, source, notes):
    if not records:
        raise Refusal("has a header and no records (no rows); export it again")
    check_header(header, source)
    if all(len(cells) == len(header) + 1 and not cells[-1] for _, cells in records):
        records = [(line, cells[:-1]) for line, cells in records]
        notes += (f"a {_word(separator)} at the end of {counted(len(records), 'record')} left out",)
    odd = [line for line, cells in records if len(cells) != len(header)]
    if odd:
        raise Refusal(
            f"{counted(len(odd), 'record')} of {len(records)} with another number of fields than the header's "
            f"{len(header)} ({listed_lines(odd)}); a stray {_word(separator)} or line break stands in a cell: "
            "quote that cell or remove it"
        )
    refuse_repeats(header, records, "line")
    places = {name: header.index(name) for name in source.columns if name in header}
    columns = {name: [cells[place] for _, cells in records] for name, place in places.items()}
    known = SEPARATORS.get(separator, "the given separator")
    return Sheet(tuple(header), columns, [line for line, _ in records], separator=known, notes=notes)


def refuse_repeats(header, records, noun):
    """Refuse records that are the header once more, as where exports were pasted under one another."""
    again = [line for line, cells in records if len(header) > 1 and cells == header]
    if again:
        number = counted(len(again), "record")
        raise Refusal(f"{number} ({listed_lines(again, noun)}) repeating the header; leave such {noun}s out")


def _word(separator):
    return SEPARATORS.get(separator, "separator")
