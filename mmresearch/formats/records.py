"""What tables of databases and Parquet files have in common: a header, and rows of typed cells."""

import re
from pathlib import Path

from mmresearch.formats.cells import DATE, INEXACT, as_text
from mmresearch.formats.sheet import Refusal, Sheet, check_header, tidy

READS = re.compile(r"\s*(?:select|with)\b", re.IGNORECASE)
MOST_CELLS = 20_000_000
MISUNDERSTOOD = "the query is not understood (a word, table or column of it is wrong); try it in the database first"


def check_asked(source):
    """Refuse a database without one of `table` and `query`, and a query that does not begin as a SELECT."""
    if (source.table is None) == (source.query is None):
        raise Refusal('is a database: say either table = "..." or query = "select ..."')
    if source.query is not None and not READS.match(source.query):
        raise Refusal("its query is no SELECT; a study reads and never changes a database")


def check_closed(path, endings):
    """Refuse a database beside which a file with unfinished changes lies: its own file is then only half of it."""
    left = [ending for ending in endings if Path(path + ending).is_file() and Path(path + ending).stat().st_size]
    if left:
        what = f"is open in a program, or was not closed (a file ending in {left[0]} lies beside it)"
        raise Refusal(f"{what}; close it there, or copy the database with that program")


def as_sheet(header, source, fetch, shown=tidy):
    """Return the Sheet of a table. fetch: takes the wanted names and returns their rows."""
    names = [shown(name) for name in header]
    check_header(names, source)
    wanted = {shown(name): name for name in header if shown(name) in source.columns}
    if not wanted:
        return Sheet(tuple(names), {}, [], "record")
    cells = [[] for _ in wanted]
    for number, row in enumerate(fetch(list(wanted.values())), 1):
        for column, cell in zip(cells, row, strict=True):
            column.append(as_text(cell))
        if number * len(wanted) > MOST_CELLS:
            raise Refusal(f"has more than {MOST_CELLS} cells in the wanted columns; select fewer rows")
    lines = list(range(1, len(cells[0]) + 1))
    if not lines:
        raise Refusal("has a header and no records (no rows); correct the query or export it again")
    marked = {mark: {} for mark in (DATE, INEXACT)}
    for name, column in zip(wanted, cells, strict=True):
        for mark, kept in marked.items():
            rows = [line for line, (_, each) in zip(lines, column, strict=True) if each == mark]
            kept.update({name: rows} if rows else {})
    columns = {name: [tidy(text) for text, _ in column] for name, column in zip(wanted, cells, strict=True)}
    return Sheet(tuple(names), columns, lines, "record", dates=marked[DATE], inexact=marked[INEXACT])
