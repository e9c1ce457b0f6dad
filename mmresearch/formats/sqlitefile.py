"""SQLite databases: one named table, or the result of one SELECT; nothing is ever written, attached or loaded."""

import sqlite3

from mmresearch.errors import counted, nearest
from mmresearch.formats.records import MISUNDERSTOOD, as_sheet, check_asked, check_closed
from mmresearch.formats.sheet import Refusal

ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, 33}  # 33: SQLITE_RECURSIVE
DAMAGED = "is damaged or cut off, or not all of it is there; copy it again while no program has it open"


def read_sheet(kind, source):
    """Return the Sheet of a table or SELECT of an SQLite file. Raises Refusal."""
    check_asked(source)
    check_closed(source.path, ("-wal", "-journal"))
    # immutable: no lock, no journal, nothing beside the file is made or read
    uri = "file:" + source.path.replace("%", "%25").replace("?", "%3f").replace("#", "%23") + "?mode=ro&immutable=1"
    try:
        connection = sqlite3.connect(uri, uri=True)
        connection.execute("pragma trusted_schema = off")
        if connection.execute("pragma quick_check(1)").fetchone() != ("ok",):
            raise Refusal(DAMAGED)
        return _read(connection, source)
    except sqlite3.DatabaseError as error:
        raise Refusal(_why(error)) from None


def _read(connection, source):
    names = [name for (name,) in connection.execute("select name from sqlite_master where type in ('table', 'view')")]
    if source.table is not None and source.table not in names:
        number = counted(len(names), "table")
        raise Refusal(f"has no table '{source.table}' among {number}.{nearest(source.table, names)}")
    quoted = '"' + (source.table or "").replace('"', '""') + '"'
    connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_OK if action in ALLOWED else sqlite3.SQLITE_DENY)

    def ask(columns=None, limit=""):
        asked = source.query if source.table is None else f"select * from {quoted}"
        inner = asked.strip().rstrip(";")
        chosen = "*" if columns is None else ", ".join('"' + name.replace('"', '""') + '"' for name in columns)
        return connection.execute(f"select {chosen} from ({inner}\n){limit}")

    header = [each[0] for each in ask(limit=" limit 0").description]
    return as_sheet(header, source, lambda wanted: ask(wanted))


def _why(error):
    text = str(error)
    if "not authorized" in text or "prohibited" in text:
        return "the query does more than read; give one SELECT, or `table`"
    if "syntax" in text or "no such" in text or "incomplete" in text or "one statement" in text:
        return MISUNDERSTOOD
    if "Could not decode" in text:
        return "holds text that is not UTF-8; export the table as CSV and name its `encoding`"
    return DAMAGED
