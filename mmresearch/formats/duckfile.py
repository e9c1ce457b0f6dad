"""Parquet files and DuckDB databases, by DuckDB with every way out of the one file closed."""

import duckdb

from mmresearch.errors import counted, nearest
from mmresearch.formats.records import MISUNDERSTOOD, as_sheet, check_asked, check_closed
from mmresearch.formats.sheet import Refusal

CLOSED = {  # no other file, no network, no extension, no file of its own; and none of it can be undone
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "threads": 1,
    "memory_limit": "600MB",
}
BROKEN = "is damaged or cut off, or of a version that is not read; export it again"


def read_sheet(kind, source):
    """Return the Sheet of a Parquet file, or of a table or SELECT of a DuckDB file. Raises Refusal."""
    try:
        return _parquet(source) if kind == "parquet" else _database(source)
    except MemoryError:
        raise
    except duckdb.OutOfMemoryException:
        raise MemoryError from None
    except (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException):
        raise Refusal(MISUNDERSTOOD) from None
    except duckdb.PermissionException:
        raise Refusal("the query reaches outside of its database; give one SELECT of its own tables") from None
    except duckdb.Error:
        raise Refusal(BROKEN) from None


def _parquet(source):
    connection = duckdb.connect(config=CLOSED)
    connection.execute(f"set allowed_paths = ['{source.path.replace(chr(39), chr(39) * 2)}']")
    _lock(connection)

    def ask(columns="*"):
        return connection.execute(f"select {columns} from read_parquet(?, hive_partitioning = false)", [source.path])

    return _fetched(ask, source)


def _database(source):
    check_asked(source)
    check_closed(source.path, (".wal",))
    connection = duckdb.connect(source.path, read_only=True, config=CLOSED)
    _lock(connection)
    if source.query is not None:
        asked = duckdb.extract_statements(source.query)
        if len(asked) != 1 or asked[0].type != duckdb.StatementType.SELECT:
            raise Refusal("its query is no single SELECT; a study reads and never changes a database")
        inner = source.query.strip().rstrip(";")
    else:
        names = [name for (name,) in connection.execute("select table_name from information_schema.tables").fetchall()]
        if source.table not in names:
            number = counted(len(names), "table")
            raise Refusal(f"has no table '{source.table}' among {number}.{nearest(source.table, names)}")
        inner = f"select * from {_quoted(source.table)}"
    return _fetched(lambda columns="*": connection.execute(f"select {columns} from ({inner}\n)"), source)


def _lock(connection):
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def _fetched(ask, source):
    header = [each[0] for each in ask().description]
    return as_sheet(header, source, lambda wanted: _rows(ask(", ".join(_quoted(name) for name in wanted))))


def _rows(answer):
    while some := answer.fetchmany(10_000):
        yield from some


def _quoted(name):
    return '"' + name.replace('"', '""') + '"'
