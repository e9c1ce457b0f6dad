"""Times until something happened: a column of days beside a column that says how each ended."""

import pytest
from studies import small_tables, write_study

from mmresearch.errors import DataError
from mmresearch.study import read_study

HOW = {"1": "event", "0": "censored", "2": "competing"}
COLUMNS = {
    "id": {"means": "patient"},
    "back_after": {"means": "outcome", "instrument": "RETURN"},
    "back": {"means": "ending", "instrument": "RETURN", "values": HOW},
}


def return_rows():
    """Patient 1 returned on day 1, 2 was last seen on day 2, 3 had an operation on day 3, and so on."""
    return [
        {"id": row["id"], "back_after": number, "back": number % 3}
        for number, row in enumerate(small_tables()["patients.csv"], start=1)
    ]


def study_with(folder, rows=None, columns=None, **file):
    rows = return_rows() if rows is None else rows
    files = {"back": {"path": "back.csv", "columns": columns or COLUMNS, **file}}
    return write_study(folder, {"back.csv": rows}, files=files)


def findings_of(folder):
    with pytest.raises(DataError) as caught:
        read_study(folder)
    return str(caught.value)


def test_times_stand_with_their_endings_and_at_no_visit(tmp_path):
    dataset = read_study(study_with(tmp_path))
    rows = dataset.outcomes.query("instrument == 'RETURN'")
    assert list(rows["value"]) == list(range(1, 25))
    assert list(rows["ending"][:3]) == ["event", "competing", "censored"]
    assert rows[["visit", "day", "session", "moment"]].isna().all(axis=None)
    assert dataset.outcomes.query("instrument == 'NRS'")["ending"].isna().all()
    assert dataset.measured("RETURN").empty


def test_times_may_stand_in_the_file_of_patients_and_in_weeks(tmp_path):
    patients = [row | back for row, back in zip(small_tables()["patients.csv"], return_rows(), strict=True)]
    columns = COLUMNS | {"back_after": {"means": "outcome", "instrument": "RETURN", "unit": "weeks"}}
    files = {"patients": {"columns": {name: columns[name] for name in ("back_after", "back")}}}
    dataset = read_study(write_study(tmp_path, {"patients.csv": patients}, files=files))
    assert list(dataset.outcomes.query("instrument == 'RETURN'")["value"][:3]) == [7, 14, 21]


def test_who_was_never_followed_has_neither(tmp_path):
    rows = return_rows()
    rows[0] |= {"back_after": "", "back": ""}
    dataset = read_study(study_with(tmp_path, rows))
    assert (dataset.outcomes["instrument"] == "RETURN").sum() == 23


@pytest.mark.parametrize(
    "changed, found",
    [
        ({"back": ""}, "1 time without its ending (line 2)"),
        ({"back_after": ""}, "1 ending without its time (line 2)"),
        ({"back_after": -1}, "1 value below 0"),
        ({"back": 7}, "1 code that `values` does not list"),
    ],
)
def test_a_time_and_its_ending_go_together(tmp_path, changed, found):
    rows = return_rows()
    rows[0] |= changed
    assert found in findings_of(study_with(tmp_path, rows))


def test_a_patient_has_one_time(tmp_path):
    found = findings_of(study_with(tmp_path, return_rows() + return_rows()[:1]))
    assert "1 row (line 26) of a patient who already has one" in found and "keep one" in found


@pytest.mark.parametrize(
    "columns, found",
    [
        ({"back": {"means": "site"}}, "RETURN is a time, so a column of this file must mean"),
        ({"back": {"means": "ending", "values": HOW}}, "an ending needs the instrument whose time it ends"),
        ({"back": {"means": "ending", "instrument": "NRS", "values": HOW}}, "RETURN is there"),
        ({"back_after": {"means": "outcome", "instrument": "RETURN", "visit": "12 weeks"}}, "belongs to no visit"),
        ({"back": {"means": "ending", "instrument": "RETURN", "values": {"1": "yes"}}}, "'yes' is no ending"),
    ],
)
def test_what_a_declaration_of_times_must_say(tmp_path, columns, found):
    assert found in findings_of(study_with(tmp_path, columns=COLUMNS | columns))


def test_times_in_a_long_file_have_no_place_for_their_ending(tmp_path):
    rows = [{"id": f"{number:03d}", "what": "RETURN", "when": "12 weeks", "value": 9} for number in range(1, 4)]
    columns = {
        "id": {"means": "patient"},
        "what": {"means": "instrument"},
        "when": {"means": "visit"},
        "value": {"means": "outcome"},
    }
    assert "3 rows of RETURN, a time; give it a column of its own" in findings_of(study_with(tmp_path, rows, columns))
