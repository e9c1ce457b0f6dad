"""Whatever stands in study.toml or a table, no traceback reaches a user: an exit code and a short message do."""

import random
import tempfile
from pathlib import Path

import pytest
from corpus.clinic import Clinic
from corpus.labelled import WRITERS, short_names, stored, typed, written
from corpus.runner import check_here
from corpus.workbooks import book_of
from hypothesis import given, settings
from hypothesis import strategies as st
from studies import as_toml

CODES = (0, 1, 2, 3, 4)
SECRET = "Zqxj7731"  # a value of a patient, that no message may hold
CELLS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        (
            "",
            "0",
            "10",
            "11",
            "-1",
            "1e5",
            "1,5",
            "1.200",
            "NA",
            "nan",
            "inf",
            "2024-01-05",
            "a@b.de",
            "90+",
            SECRET,
            "=1+1",
            '"',
            "\0",
            "\u202e",
            "1" * 400,
            "\ud7ff",
            "1/2",
            "TRUE",
            "９",
            " ",
        )
    ),
    st.integers().map(str),
    st.floats().map(str),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), CELLS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=6,
)


def checked(clinic, files=None, declaration=None):
    """Check the study and return its output; fail on anything but an exit code of ours and a short message."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "study"
        clinic.write(folder, files, declaration)
        code, told, _ = check_here(folder)
    assert code in CODES
    assert "Traceback" not in told and "fault of mmresearch" not in told and "unexpected " not in told, told
    assert code == 0 or 1 <= len(told.strip().splitlines()) <= 20, told
    return code, told


def places_of(table, path=()):
    """Yield the path of every value within nested dicts and lists."""
    for key, value in table.items() if isinstance(table, dict) else enumerate(table):
        yield (*path, key)
        if isinstance(value, (dict, list)):
            yield from places_of(value, (*path, key))


def replaced(table, path, value):
    """Return a copy with the value at a path replaced; None leaves a key out."""
    if not path:
        return value
    if isinstance(table, list):
        return [replaced(each, path[1:], value) if place == path[0] else each for place, each in enumerate(table)]
    return {key: replaced(each, path[1:], value) if key == path[0] else each for key, each in table.items()}


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.integers(0, 10**6), VALUES)
def test_any_value_at_any_place_of_study_toml(seed, turn, value):
    clinic = Clinic(random.Random(seed))
    paths = list(places_of(clinic.declared))
    checked(clinic, declaration=encoded(as_toml(replaced(clinic.declared, paths[turn % len(paths)], value))))


def encoded(text):
    return text.encode("utf-8", "surrogatepass")


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 40), st.text(max_size=10))
def test_any_cut_and_insertion_in_study_toml(seed, place, length, text):
    clinic = Clinic(random.Random(seed))
    toml = as_toml(clinic.declared)
    place %= len(toml)
    checked(clinic, declaration=encoded(toml[:place] + text + toml[place + length :]))


@settings(max_examples=25)
@given(
    st.integers(0, 10**6), st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 20), CELLS), min_size=1, max_size=4)
)
def test_any_cells_of_a_table(seed, cells):
    clinic = Clinic(random.Random(seed)).with_sessions().with_medicines()
    for number, (row, column, cell) in enumerate(cells):
        table = list(clinic.tables.values())[(row + number) % 4]
        table.rows[row % len(table.rows)][column % len(table.header)] = cell
    _, told = checked(clinic, {table.path: encoded(table.text()) for table in clinic.tables.values()})
    assert SECRET not in told


@settings(max_examples=60)
@given(
    st.integers(0, 10**6),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 30), st.binary(max_size=6)), min_size=1, max_size=4),
)
def test_any_bytes_of_a_text_file(seed, changes):
    clinic = Clinic(random.Random(seed))
    raw = clinic.tables["outcomes"].text().encode()
    for place, length, some in changes:
        place %= len(raw) + 1
        raw = raw[:place] + some + raw[place + length :]
    checked(clinic, {"scores.csv": raw})


def made(kind, clinic):
    """Return the bytes of the outcomes in a format that C code of others parses."""
    table = clinic.tables["outcomes"]
    if kind == "xlsx":
        return book_of(table, text=(clinic.names["patient"],))
    if kind == "sqlite":
        return stored(typed(table, clinic.names["patient"]))
    short_names(clinic)
    return written(kind, typed(table, "v0"))


def mutated(dice, raw):
    """Return bytes changed as broken disks, transfers and attackers change them."""
    raw = bytearray(raw)
    for _ in range(dice.choice((1, 1, 2, 8, 64))):
        place = dice.randrange(len(raw))
        raw[place] = dice.choice((raw[place] ^ (1 << dice.randrange(8)), 0, 255, 127, 128, dice.randrange(256)))
    if dice.random() < 0.2:
        start = dice.randrange(len(raw))
        del raw[start : start + dice.randrange(1, 200)]
    return bytes(raw)


def damage(kind, seed):
    dice = random.Random(f"{kind}{seed}")
    clinic = Clinic(dice)
    raw = mutated(dice, made(kind, clinic))
    entry = clinic.declared["files"]["outcomes"]
    clinic.rename_file("outcomes", f"scores.{kind}")
    if kind == "sqlite":
        del entry["path"]
        entry |= {"database": "scores.sqlite", "table": "scores"}
    checked(clinic, {f"scores.{kind}": raw})


@pytest.mark.parametrize("kind", [*WRITERS, "xlsx", "sqlite"])
def test_a_damaged_file_of_others_ends_in_a_message(kind):
    damage(kind, 0)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [*WRITERS, "xlsx", "sqlite"])
def test_scores_of_damaged_files_of_others(kind):
    for seed in range(1, 61):
        damage(kind, seed)
