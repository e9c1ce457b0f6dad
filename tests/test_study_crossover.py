"""Crossover studies: a patient is in several arms, one a period; sequences, or rows that say period and arm."""

import pytest
from studies import write_study

from mmresearch.errors import DataError
from mmresearch.study import read_study

ORDERS = {"MR": ("massage", "rest"), "RM": ("rest", "massage")}
ARMS = {
    "massage": {"label": "Sports massage", "technique": "sports-massage"},
    "rest": {"label": "Rest", "technique": "rest", "comparator_class": "attention", "reference": True},
}
VISITS = [
    {"name": "before", "day": 0},
    {"name": "jump 1", "day": 1, "period": 1},
    {"name": "jump 2", "day": 8, "period": 2},
]
PEOPLE = [{"id": f"{number:02d}", "order": "MR" if number % 2 else "RM", "age": 20 + number} for number in range(1, 9)]
WIDE = [{"id": row["id"], "j1": 30 + place, "j2": 32 + place} for place, row in enumerate(PEOPLE)]


def wide_files(**columns):
    return {
        "pain": None,
        "patients": {
            "path": "people.csv",
            "columns": {
                "group": None, "sex": None, "site": None,
                "id": {"means": "patient"}, "order": {"means": "sequence"}, "age": {"means": "age"}, **columns,
            },
        },
        "jumps": {
            "path": "jumps.csv",
            "columns": {
                "id": {"means": "patient"},
                "j1": {"means": "outcome", "instrument": "JUMP", "visit": "jump 1"},
                "j2": {"means": "outcome", "instrument": "JUMP", "visit": "jump 2"},
            },
        },
    }


def crossover(folder, files=None, tables=None, **changes):
    declared = {
        "design": "crossover", "primary_visit": "jump 1", "strata": [], "covariates": [], "condition": "athlete",
        "arms": {"control": None, **ARMS}, "visits": VISITS, "sequences": ORDERS, "files": files or wide_files(),
    }
    tables = {"people.csv": PEOPLE, "jumps.csv": WIDE, **(tables or {})}
    return write_study(folder, tables, **{**declared, **changes})


def refused(folder):
    with pytest.raises(DataError) as caught:
        read_study(folder)
    return "\n".join(caught.value.findings)


def test_sequences_say_the_arm_of_each_period(tmp_path):
    dataset = read_study(crossover(tmp_path))
    periods = dataset.periods.set_index(["patient", "period"])["arm"]
    assert periods["01", 1] == "massage" and periods["01", 2] == "rest" and periods["02", 1] == "rest"
    assert len(periods) == 16 and dataset.allocated == {"massage": 8, "rest": 8}
    first = dataset.patients.set_index("patient")["arm"]
    assert (first["01"], first["02"]) == ("massage", "rest"), "a patient's own arm is that of the first period"


def test_outcomes_know_their_period_and_with_it_their_arm(tmp_path):
    dataset = read_study(crossover(tmp_path))
    rows = dataset.with_arms(dataset.outcomes).set_index(["patient", "visit"])
    assert rows.loc[("01", "jump 2"), "period"] == 2 and rows.loc[("01", "jump 2"), "arm"] == "rest"
    assert rows.loc[("02", "jump 2"), "arm"] == "massage" and rows["arm"].notna().all()


LONG = [
    {"id": row["id"], "part": number, "did": arm, "jump": WIDE[place][f"j{number}"]}
    for place, row in enumerate(PEOPLE)
    for number, arm in enumerate(ORDERS[row["order"]], start=1)
]
LONG_FILES = {
    "pain": None,
    "patients": None,
    "jumps": {
        "path": "long.csv",
        "columns": {
            "id": {"means": "patient"}, "part": {"means": "period"}, "did": {"means": "arm"},
            "jump": {"means": "outcome", "instrument": "JUMP"},
        },
    },
}


def test_rows_with_period_and_arm_say_the_same(tmp_path):
    wide = read_study(crossover(tmp_path / "wide"))
    long = read_study(crossover(tmp_path / "long", LONG_FILES, {"long.csv": LONG}, sequences=None))
    assert long.periods.equals(wide.periods)
    keys = ["patient", "visit"]
    columns = [*keys, "day", "instrument", "value", "period"]
    said = [each.outcomes.sort_values(keys, ignore_index=True)[columns] for each in (wide, long)]
    assert said[0].equals(said[1])


def test_a_patient_seen_in_one_period_only_is_kept(tmp_path):
    dataset = read_study(crossover(tmp_path, LONG_FILES, {"long.csv": LONG[:-1]}, sequences=None))
    assert len(dataset.periods) == 15 and len(dataset.patients) == 8


def test_sessions_take_their_arm_from_the_period(tmp_path):
    columns = {
        "id": {"means": "patient"}, "n": {"means": "session"}, "part": {"means": "period"},
        "pre": {"means": "outcome", "instrument": "RELAX", "moment": "before"},
        "post": {"means": "outcome", "instrument": "RELAX", "moment": "after"},
    }
    rows = [{"id": row["id"], "n": n, "part": 1 + (n > 2), "pre": 3, "post": 5} for row in PEOPLE for n in (1, 2, 3, 4)]
    files = {**wide_files(), "sessions": {"path": "sessions.csv", "columns": columns}}
    dataset = read_study(crossover(tmp_path, files, {"sessions.csv": rows}))
    first = dataset.with_arms(dataset.sessions).query("patient == '01'")["arm"]
    assert first.tolist() == ["massage", "massage", "rest", "rest"]
    within = dataset.outcomes.dropna(subset=["session"])
    assert (dataset.with_arms(within)["arm"] == "massage").sum() == 32
    del columns["part"]
    assert 'sessions of a crossover study need a column that means "period"' in refused(
        crossover(tmp_path / "without", files, {"sessions.csv": rows})
    )


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"sequences": {"MR": ("massage", "rest"), "RM": ("rest", "massages")}}, "'massages' is no arm of study.toml"),
        ({"sequences": {"MR": ("massage", "rest"), "RM": ("rest",)}}, "fewer than two periods"),
        ({"sequences": {"MR": ("massage", "rest"), "RM": ("rest", "massage", "rest")}}, "differ in their number of"),
        ({"sequences": None}, 'a column means "sequence", but study.toml has no [sequences]'),
        ({"visits": [*VISITS, {"name": "jump 3", "day": 15, "period": 3}]}, "period 3, but the sequences have 2"),
        ({"design": "randomised"}, "belongs to a crossover study"),
        ({"files": wide_files(order={"means": "arm", "values": {"MR": "massage", "RM": "rest"}})}, "in each period"),
    ],
)
def test_what_cannot_be_right_is_said(tmp_path, changes, said):
    assert said in refused(crossover(tmp_path, **changes))


def test_rows_at_odds_are_findings_with_counts(tmp_path):
    twice = [{**LONG[0], "did": "rest"}, *LONG]
    assert "1 period of a patient with more than one arm" in refused(
        crossover(tmp_path / "twice", LONG_FILES, {"long.csv": twice}, sequences=None)
    )
    odd = [{**LONG[0], "part": 1.5}, *LONG[1:]]
    assert "1 period not 1, 2, 3" in refused(
        crossover(tmp_path / "odd", LONG_FILES, {"long.csv": odd}, sequences=None)
    )
    third = [{**LONG[0], "part": 3}, *LONG[1:]]
    assert "in a period that has no visit of its own" in refused(
        crossover(tmp_path / "third", LONG_FILES, {"long.csv": third}, sequences=None)
    )
    unknown = [{**PEOPLE[0], "order": "XX"}, *PEOPLE[1:]]
    assert "no sequence of study.toml" in refused(crossover(tmp_path / "unknown", tables={"people.csv": unknown}))
    empty = [{**PEOPLE[0], "order": ""}, *PEOPLE[1:]]
    assert "1 patient without an arm in any period" in refused(
        crossover(tmp_path / "empty", tables={"people.csv": empty})
    )
