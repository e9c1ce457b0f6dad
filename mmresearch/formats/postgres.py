"""A PostgreSQL server: one table or SELECT, in a transaction that can only read, as one statement."""

import os

from mmresearch.formats.records import MISUNDERSTOOD, as_sheet, check_asked
from mmresearch.formats.sheet import Refusal, Unready

SECONDS = 30  # for one statement
UNREACHED = "the server cannot be reached, or does not let this user in; check the URL in the environment variable"
SETTINGS = f"-c default_transaction_read_only=on -c statement_timeout={SECONDS * 1000} -c idle_session_timeout=60000"


def read_sheet(kind, source):
    """Return the Sheet of a table or SELECT on the server whose URL an environment variable holds. Raises Refusal."""
    check_asked(source)
    psycopg = _driver()
    try:
        with psycopg.connect(_url(source), connect_timeout=10, options=SETTINGS) as connection:
            connection.read_only = True
            sheet = _read(psycopg, connection, source)
            connection.rollback()  # some functions leave traces even where a transaction can only read
            return sheet
    except psycopg.Error as error:
        if isinstance(error, psycopg.OperationalError) and not error.sqlstate:
            raise Unready(UNREACHED) from None
        raise Refusal(_why(error.sqlstate or "")) from None


def _driver():
    try:
        import psycopg
    except ImportError:
        raise Unready("the driver of PostgreSQL is not installed; install mmresearch[postgres]") from None
    return psycopg


def _url(source):
    url = os.environ.get(source.url_from)
    if not url:
        what = f"the environment variable {source.url_from} is not set"
        raise Unready(f"{what}; set it to the server's URL, postgresql://user@host/database, before you start")
    return url


def _read(psycopg, connection, source):
    from psycopg import sql

    if source.table is not None:
        table = sql.Identifier(*source.table.split("."))
        inner = sql.SQL("select * from {}").format(table)
    else:
        inner = sql.SQL(source.query.strip().rstrip(";"))

    def ask(columns, limit=""):
        chosen = sql.SQL(", ").join(map(sql.Identifier, columns)) if columns else sql.SQL("*")
        asked = sql.SQL("select {} from ({}\n) as asked{}").format(chosen, inner, sql.SQL(limit))
        # parameters, though there are none: they make the driver send one statement, never several
        return psycopg.RawCursor(connection).execute(asked, ())

    header = [each.name for each in ask((), " limit 0").description]
    return as_sheet(header, source, ask)


def _why(state):
    """The server's own text may hold cells, names of people or the URL; its code says enough."""
    if state == "57014":
        return f"the query took more than {SECONDS} seconds; select fewer rows or columns"
    if state in ("25006", "0A000"):
        return "the query does more than read; give one SELECT, or `table`"
    if state in ("42501", "28P01", "28000", "3D000"):
        return f"the server does not let this user read that (code {state}); ask for leave to read it"
    if state.startswith("42"):
        return f"{MISUNDERSTOOD} (code {state})"
    return f"the server ended the query with code {state or 'unknown'}; try it there first"
