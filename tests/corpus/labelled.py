"""SPSS, Stata, SAS, Parquet, REDCap and databases: S, R and Q rows of the catalogue."""

import csv
import io
import sqlite3
import tempfile
from pathlib import Path

import duckdb
import pandas
import pyreadstat

from corpus.kinds import kind

WRITERS = {"sav": pyreadstat.write_sav, "dta": pyreadstat.write_dta, "xpt": pyreadstat.write_xport}


def typed(table, patient):
    """Return a Table as a DataFrame: numbers float, everything else text."""
    frame = pandas.DataFrame(table.rows, columns=table.header)
    for header in frame:
        numbers = pandas.to_numeric(frame[header], errors="coerce")
        if header != patient and numbers.notna().any() and (numbers.isna() == (frame[header] == "")).all():
            frame[header] = numbers
    return frame


def written(kind_of, frame, **further):
    """Return the bytes of a file of statistics."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / f"x.{kind_of}"
        WRITERS[kind_of](frame, str(path), **further)
        return path.read_bytes()


def short_names(clinic):
    """SAS and Stata take names of eight and 32 signs without blanks."""
    for number, header in enumerate(list(clinic.tables["outcomes"].header)):
        clinic.rename("outcomes", header, f"v{number}")
    clinic.names |= {"patient": "v0"}
    clinic.columns("patients")["v0"] = clinic.columns("patients").pop(clinic.tables["patients"].header[0])
    clinic.tables["patients"].header[0] = "v0"


def _statistics(kind_of, change=None, outcome="load", codes=(1,), **further):
    """Outcomes in such a file; change(clinic, frame) bends the frame, its answer and `further` go to the writer."""

    def make(clinic, folder):
        short_names(clinic)
        frame = typed(clinic.tables["outcomes"], "v0")
        options = change(clinic, frame) if change else {}
        name = f"scores.{kind_of}"
        clinic.rename_file("outcomes", name)
        clinic.write(folder, {name: written(kind_of, frame, **(options or {}), **further)})
        if outcome == "load":
            return clinic.loads()
        return (clinic.either if outcome == "either" else clinic.refused)("outcomes", codes=codes)

    return make


def numeric(clinic):
    return [header for header, column in clinic.columns("outcomes").items() if column.get("instrument") == "ODI"]


def _user_missing(clinic, frame):
    header = numeric(clinic)[0]
    frame[header] = frame[header].fillna(99.0)
    return {"missing_ranges": {header: [99]}}


def _undeclared(clinic, frame):
    frame[numeric(clinic)[0]] = frame[numeric(clinic)[0]].fillna(999.0)
    frame.loc[3, numeric(clinic)[0]] = 999.0


def _named(clinic, frame):
    return {
        "variable_value_labels": {
            "v0": {code: name for code, name in zip(frame["v0"], ("Anna Meier", "Jan Novak", "Eva Lind"))}
        }
    }


def _dated(clinic, frame):
    frame[numeric(clinic)[0]] = pandas.Timestamp("2024-03-01").date()


def _labelled(clinic, frame):
    return {
        "variable_value_labels": {numeric(clinic)[0]: {4: "low", 90: "high"}},
        "column_labels": [f"label {n}" for n in range(len(frame.columns))],
    }


for _id, _title, _make in (
    ("A30", "an SPSS file", _statistics("sav")),
    ("A31", "a Stata file", _statistics("dta")),
    ("A32", "a SAS transport file", _statistics("xpt")),
    ("S01", "an SPSS file with labels", _statistics("sav", _labelled)),
    ("S02", "a declared missing code", _statistics("sav", _user_missing)),
    ("S03", "an undeclared missing code", _statistics("sav", _undeclared, "refuse")),
    ("S04", "labels with names", _statistics("sav", _named, "refuse", (3,))),
    ("S05", "dates in an SPSS file", _statistics("sav", _dated, "refuse", (1, 3))),
    ("S06", "dates in a Stata file", _statistics("dta", _dated, "refuse", (1, 3))),
    ("U170", "an SPSS file packed", _statistics("sav", compress=True)),
):
    kind(_id, _title)(_make)


def _damaged(kind_of, damage):
    def make(clinic, folder):
        short_names(clinic)
        raw = written(kind_of, typed(clinic.tables["outcomes"], "v0"))
        name = f"scores.{kind_of}"
        clinic.rename_file("outcomes", name)
        clinic.write(folder, {name: damage(clinic.dice, raw)})
        return clinic.refused("outcomes", codes=(1, 3))

    return make


for _kind in WRITERS:
    kind(f"S07{_kind}", f"a cut .{_kind} file")(
        _damaged(_kind, lambda dice, raw: raw[: dice.randrange(100, len(raw) - 100)])
    )
    kind(f"S08{_kind}", f"a .{_kind} file of noise behind its first bytes")(
        _damaged(_kind, lambda dice, raw: raw[:80] + dice.randbytes(len(raw) - 80))
    )


@kind("A33", "a Parquet file")
def parquet(clinic, folder):
    clinic.rename_file("outcomes", "scores.parquet")
    frame = typed(clinic.tables["outcomes"], clinic.names["patient"])  # noqa: F841 DuckDB finds it by its name
    with tempfile.TemporaryDirectory() as place:
        duckdb.sql("select * from frame").write_parquet(f"{place}/x.parquet")
        clinic.write(folder, {"scores.parquet": Path(place, "x.parquet").read_bytes()})
    return clinic.loads()


def stored(frame, further=()):
    """Return the bytes of an SQLite database with the table `scores`; further: statements run on it."""
    with tempfile.TemporaryDirectory() as place:
        connection = sqlite3.connect(f"{place}/x.sqlite")
        frame.to_sql("scores", connection, index=False)
        for statement in further:
            connection.execute(statement)
        connection.commit()
        connection.close()
        return Path(place, "x.sqlite").read_bytes()


def _database(asked, outcome, *, further=lambda clinic: (), change=lambda raw, clinic: raw, codes=(1,)):
    """Outcomes in an SQLite database. asked(clinic): keys of study.toml; change(raw, clinic): its bytes."""

    def make(clinic, folder):
        table = clinic.tables["outcomes"]
        raw = stored(typed(table, clinic.names["patient"]), further(clinic))
        entry = clinic.declared["files"]["outcomes"]
        del entry["path"]
        entry |= {"database": "clinic.sqlite", **asked(clinic)}
        clinic.write(folder, {table.path: None, "clinic.sqlite": change(raw, clinic)})
        table.path = "clinic.sqlite"
        return clinic.loads() if outcome == "load" else clinic.refused("outcomes", codes=codes)

    return make


def _table(clinic):
    return {"table": "scores"}


KEYS = ["create table persons (code text, name text)", "insert into persons values ('P1', 'Anna Meier')"]
for _id, _title, _asked, _outcome, _further in (
    ("A34", "an SQLite database", _table, "load", {}),
    ("A35", "a query", lambda clinic: {"query": "select * from scores"}, "load", {}),
    (
        "Q01",
        "a database that is none",
        _table,
        "refuse",
        {"change": lambda raw, clinic: b"SQLite format 3\0" + clinic.dice.randbytes(9000)},
    ),
    (
        "Q02",
        "text in a column of numbers",
        _table,
        "refuse",
        {"further": lambda clinic: [f"update scores set \"{clinic.header('ODI')[1]}\" = 'forty' where rowid = 3"]},
    ),
    ("Q03", "names in another table", _table, "load", {"further": lambda clinic: KEYS}),
    ("Q04", "a statement that deletes", lambda clinic: {"query": "delete from scores"}, "refuse", {}),
    ("Q05", "half a database", _table, "refuse", {"change": lambda raw, clinic: raw[: len(raw) // 2]}),
    ("Q06", "a table that is not there", lambda clinic: {"table": "scorse"}, "refuse", {}),
    ("Q07", "neither table nor query", lambda clinic: {}, "refuse", {}),
    ("Q08", "two statements", lambda clinic: {"query": "select 1; drop table scores"}, "refuse", {}),
    ("Q09", "a statement that attaches", lambda clinic: {"query": "attach '/etc/passwd' as x"}, "refuse", {}),
    (
        "Q10",
        "a query without an end",
        lambda clinic: {"query": "with recursive a(n) as (select 1 union all select n + 1 from a) select n from a"},
        "refuse",
        {},
    ),
    ("Q11", "a query that reads a file", lambda clinic: {"query": "select readfile('/etc/passwd')"}, "refuse", {}),
):
    kind(_id, _title)(_database(_asked, _outcome, **_further))


def dictionary(rows):
    """Return a REDCap data dictionary. rows: (field, kind, identifier or not)."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(
        [
            "Variable / Field Name",
            "Field Type",
            "Field Label",
            "Choices, Calculations, OR Slider Labels",
            "Text Validation Type OR Show Slider Number",
            "Identifier?",
        ]
    )
    writer.writerows([name, kind_of, f"The {name}", "", "", mark] for name, kind_of, mark in rows)
    return file.getvalue()


def _redcap(mark, outcome, kind_of="text"):
    def make(clinic, folder):
        table = clinic.tables["outcomes"]
        rows = [
            (
                header,
                kind_of if place == len(table.header) - 1 else "text",
                mark if place == len(table.header) - 1 else "",
            )
            for place, header in enumerate(table.header)
        ]
        clinic.declared["files"]["outcomes"]["redcap"] = {"dictionary": "dictionary.csv"}
        clinic.write(folder, {"dictionary.csv": dictionary(rows)})
        return clinic.loads() if outcome == "load" else clinic.refused("outcomes", table.header[-1], codes=(1, 3))

    return make


kind("A36", "a REDCap export with its dictionary")(_redcap("", "load"))
kind("R01", "a field that REDCap marks as an identifier")(_redcap("y", "refuse"))
kind("R02", "a field of notes")(_redcap("", "refuse", "notes"))


@kind("R04", "a REDCap export with labels in place of names")
def label_export(clinic, folder):
    table = clinic.tables["outcomes"]
    clinic.declared["files"]["outcomes"]["redcap"] = {"dictionary": "dictionary.csv"}
    rows = [(header, "text", "") for header in table.header]
    text = table.text()
    clinic.write(
        folder,
        {
            "dictionary.csv": dictionary(rows),
            "scores.csv": ",".join(f"The {each}" for each in table.header) + text[text.index("\n") :],
        },
    )
    return clinic.refused("outcomes")


@kind("R03", "repeating instruments, not said which")
def repeating(clinic, folder):
    rows = clinic.tables["outcomes"].rows
    clinic.add_column("outcomes", "redcap_repeat_instrument", ["visit_form" if n % 3 else "" for n in range(len(rows))])
    clinic.declared["files"]["outcomes"]["redcap"] = {"dictionary": "dictionary.csv"}
    clinic.write(
        folder, {"dictionary.csv": dictionary([(each, "text", "") for each in clinic.tables["outcomes"].header])}
    )
    return clinic.refused("outcomes")
