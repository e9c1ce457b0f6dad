"""Databases and Parquet files: one table or one SELECT is read, nothing is written, and no way leads out."""

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from studies import small_tables, write_study

from mmresearch.errors import DataError, PrivacyError, SetupError
from mmresearch.study import read_study

SERVER = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return read_study(write_study(tmp_path_factory.mktemp("plain")))


def frame():
    return pd.DataFrame(small_tables()["pain.csv"])


def lite(folder, name="clinic.sqlite", rows=None):
    folder.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(folder / name)
    (frame() if rows is None else rows).to_sql("pain", connection, index=False)
    pd.DataFrame({"name": ["Zyzanska"]}).to_sql("people", connection, index=False)
    connection.commit()
    connection.close()
    return folder


def duck(folder, name="clinic.duckdb", rows=None):
    folder.mkdir(parents=True, exist_ok=True)
    rows = frame() if rows is None else rows
    connection = duckdb.connect(str(folder / name))
    connection.register("rows", rows)
    connection.execute("create table pain as select * from rows")
    connection.close()
    return folder


MAKERS = {"clinic.sqlite": lite, "clinic.duckdb": duck, "clinic.db": lite}


def study(folder, **keys):
    return write_study(folder, files={"pain": {"path": None, **keys}})


def refused(folder, kind=DataError):
    with pytest.raises(kind) as caught:
        read_study(folder)
    return str(caught.value)


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("asked", [
    {"table": "pain"},
    {"query": "select * from pain; "},
    {"query": "with p as (select * from pain) select * from p -- all"},
])
def test_a_table_or_a_query_reads_as_the_csv_does(tmp_path, plain, name, asked):
    folder = study(MAKERS[name](tmp_path, name), database=name, **asked)
    before = contents(folder)
    dataset = read_study(folder)
    assert dataset.outcomes.equals(plain.outcomes)
    assert contents(folder) == before, "a file was changed, or made beside the database"


@pytest.mark.parametrize("name", ["clinic.sqlite", "clinic.duckdb"])
@pytest.mark.parametrize(("asked", "said"), [
    ({}, 'is a database: say either table = "..." or query = "select ..."'),
    ({"table": "pain", "query": "select 1"}, "is a database: say either"),
    ({"table": "paine"}, "has no table 'paine' among"),
    ({"query": "delete from pain"}, "its query is no SELECT"),
    ({"query": "with a as (select 1) delete from pain"}, "query"),
    ({"query": "select * from pain; drop table pain"}, "query"),
    ({"query": "select * from nowhere"}, "the query is not understood"),
    ({"query": "select * from pain where false"}, "has a header and no records"),
    ({"table": "pain\" where 1=0 --"}, "has no table"),
])
def test_what_is_no_reading_is_refused_and_changes_nothing(tmp_path, name, asked, said):
    folder = study(MAKERS[name](tmp_path, name), database=name, **asked)
    before = contents(folder)
    assert said in refused(folder)
    assert contents(folder) == before


@pytest.mark.parametrize("query", [
    "select * from read_csv('patients.csv')",
    "select * from read_text('/etc/hostname')",
    "select * from 'patients.csv'",
    "select getenv('HOME') id",
    "attach 'other.db'",
    "select * from sqlite_scan('a', 'b')",
])
def test_no_query_leads_out_of_a_duckdb_file(tmp_path, query):
    message = refused(study(duck(tmp_path), database="clinic.duckdb", query=query))
    assert "clinic.duckdb, query: " in message


def test_only_mapped_columns_of_the_named_table_are_read(tmp_path):
    rows = frame().assign(weather="Zyzanska was here")
    dataset = read_study(study(lite(tmp_path, rows=rows), database="clinic.sqlite", table="pain"))
    assert dataset.unread["clinic.sqlite, table 'pain'"] == ["weather"]
    assert not any(frame.astype(str).apply(lambda each: each.str.contains("Zyzanska")).any().any()
                   for frame in (dataset.patients, dataset.outcomes))


def test_text_in_a_column_of_numbers_is_told_by_record(tmp_path):
    rows = frame().astype({"nrs_6": object})
    rows.loc[4, "nrs_6"] = "six"
    message = refused(study(lite(tmp_path, rows=rows), database="clinic.sqlite", table="pain"))
    assert "clinic.sqlite, table 'pain', column 'nrs_6': 1 cell of 24 without a number (record 5)" in message


def test_a_database_that_is_still_open_is_not_half_read(tmp_path):
    folder = study(lite(tmp_path), database="clinic.sqlite", table="pain")
    (folder / "clinic.sqlite-wal").write_bytes(b"more")
    assert "is open in a program, or was not closed (a file ending in -wal" in refused(folder)


@pytest.mark.parametrize("name", ["clinic.sqlite", "clinic.duckdb"])
@pytest.mark.parametrize("share", [0.3, 0.7])
def test_half_a_database_is_refused(tmp_path, name, share):
    folder = study(MAKERS[name](tmp_path, name), database=name, table="pain")
    raw = (folder / name).read_bytes()
    (folder / name).write_bytes(raw[: int(len(raw) * share)])
    assert f"{name}, table 'pain': " in refused(folder)


def test_text_that_is_no_database_is_named(tmp_path):
    folder = write_study(tmp_path, tables={"clinic.sqlite": "id,nrs_0\n"})
    folder = study(folder, database="clinic.sqlite", table="pain")
    assert "is delimited text, whatever its name says" in refused(folder)


def test_a_query_without_end_is_ended(tmp_path, monkeypatch):
    endless = "with recursive a(id) as (select 1 union all select 1 from a) select count(*) id from a"
    monkeypatch.setattr("mmresearch.formats.handover.read_elsewhere.__defaults__", (2,))
    message = refused(study(lite(tmp_path), database="clinic.sqlite", query=endless))
    assert "could not be read within 2 seconds" in message


def parquet(folder, rows):
    folder.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect()
    connection.register("rows", rows)
    connection.execute(f"copy rows to '{folder}/pain.parquet' (format parquet)")
    return write_study(folder, files={"pain": {"path": "pain.parquet"}})


def test_parquet_reads_as_the_csv_does(tmp_path, plain):
    assert read_study(parquet(tmp_path, frame())).outcomes.equals(plain.outcomes)


def test_stored_dates_and_truth_values_of_parquet(tmp_path):
    rows = frame().assign(nrs_6=pd.Timestamp("1931-04-01"))
    assert "column 'nrs_6': 24 cells stored as dates" in refused(parquet(tmp_path / "a", rows), PrivacyError)
    folder = parquet(tmp_path / "b", frame().assign(nrs_6=True))
    assert "column 'nrs_6': 24 cells of 24 without a number" in refused(folder)


@pytest.mark.parametrize("share", [0.3, 0.99])
def test_half_a_parquet_file_is_refused(tmp_path, share):
    folder = parquet(tmp_path, frame())
    raw = (folder / "pain.parquet").read_bytes()
    (folder / "pain.parquet").write_bytes(raw[: int(len(raw) * share)])
    assert "pain.parquet: is damaged or cut off" in refused(folder)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The URL of a PostgreSQL server of our own, on a socket in a folder of its own."""
    if not SERVER:
        pytest.skip("PostgreSQL is not installed")
    pytest.importorskip("psycopg", reason="the extra `postgres` is not installed")
    home = Path(os.path.realpath(subprocess.run(["mktemp", "-d"], capture_output=True, text=True).stdout.strip()))
    change = shutil.which("runuser", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")  # not on everybody's path
    person = [change, "-u", "postgres", "--"] if os.getuid() == 0 else []
    if person:
        shutil.chown(home, "postgres")
    tools, data = SERVER[-1].parent, home / "data"
    quiet = {"check": True, "capture_output": True, "cwd": home}
    subprocess.run([*person, tools / "initdb", "-D", data, "-A", "trust", "-U", "clinic", "--no-sync"], **quiet)
    options = f"-c listen_addresses='' -c unix_socket_directories={home} -c fsync=off"
    command = [*person, tools / "pg_ctl", "-D", data, "-o", options, "-w", "-l", home / "log"]
    subprocess.run([*command, "start"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=home)
    try:
        yield f"postgresql://clinic:hunter2@/postgres?host={home}"
    finally:
        subprocess.run([*person, tools / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **quiet)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def clinic(server, monkeypatch):
    """A server that holds the small study's pain, named by an environment variable."""
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("drop table if exists pain")
        connection.execute("create table pain (id text, nrs_0 float, nrs_6 int, nrs_12 numeric(5, 1))")
        for row in small_tables()["pain.csv"]:
            connection.execute("insert into pain values (%s, %s, %s, %s)", list(row.values()))
    monkeypatch.setenv("CLINIC_DB", server)
    return server


@pytest.mark.parametrize(
    "asked", [{"table": "pain"}, {"table": "public.pain"}, {"query": "select * from pain where 5 % 2 = 1;"}]
)
def test_a_server_reads_as_the_csv_does(tmp_path, clinic, plain, asked):
    folder = study(tmp_path, url_from="CLINIC_DB", **asked)
    dataset = read_study(folder)
    assert dataset.outcomes.sort_values(["visit", "patient"], ignore_index=True).equals(
        plain.outcomes.sort_values(["visit", "patient"], ignore_index=True))
    assert read_study(folder).sha256 == dataset.sha256


@pytest.mark.parametrize(("query", "said"), [
    ("select 1; commit; delete from pain", "the query is not understood (a word, table or column"),
    ("with gone as (delete from pain returning *) select * from gone", "the query does more than read"),
    ("select * from people", "the query is not understood"),
    ("select pg_terminate_backend(pg_backend_pid())::text id", "the server"),
    ("select lo_create(0)::text id", "no column 'nrs_0'"),
])
def test_a_server_is_never_changed(tmp_path, clinic, query, said):
    import psycopg

    message = refused(study(tmp_path, url_from="CLINIC_DB", query=query))
    assert f"$CLINIC_DB, query: {said}" in message and "hunter2" not in message
    with psycopg.connect(clinic) as connection:
        assert connection.execute("select count(*) from pain").fetchone() == (24,)
        assert connection.execute("select count(*) from pg_largeobject_metadata").fetchone() == (0,)


def test_a_password_never_stands_in_a_message(tmp_path, monkeypatch):
    monkeypatch.setenv("CLINIC_DB", "postgresql://clinic:hunter2@127.0.0.1:1/postgres")
    message = refused(study(tmp_path / "a", url_from="CLINIC_DB", table="pain"), SetupError)
    assert "$CLINIC_DB, table 'pain': the server cannot be reached" in message and "hunter2" not in message
    monkeypatch.delenv("CLINIC_DB")
    message = refused(study(tmp_path / "b", url_from="CLINIC_DB", table="pain"), SetupError)
    assert "the environment variable CLINIC_DB is not set" in message
    for key in ("url_from", "path", "database"):
        message = refused(study(tmp_path / key, **{key: "postgresql://clinic:hunter2@127.0.0.1/postgres"}))
        assert "hunter2" not in message and "environment variable" in message
