"""Sessions and medications: what was done to a patient and what was taken."""

import pytest
from studies import write_study

from mmresearch.errors import DataError
from mmresearch.study import read_study

SESSION_COLUMNS = {
    "id": {"means": "patient"},
    "no": {"means": "session"},
    "day": {"means": "session_day"},
    "what": {"means": "technique"},
    "min": {"means": "minutes"},
    "who": {"means": "therapist"},
    "where": {"means": "setting"},
    "event": {"means": "adverse_event"},
    "before": {"means": "outcome", "instrument": "NRS", "moment": "before"},
    "after": {"means": "outcome", "instrument": "NRS", "moment": "after"},
}
DRUG_COLUMNS = {
    "id": {"means": "patient"},
    "day": {"means": "drug_day"},
    "drug": {"means": "drug"},
    "mg": {"means": "dose", "unit": "mg"},
    "times": {"means": "times_a_day"},
    "way": {"means": "route"},
}
ROWS = [
    {
        "id": "001",
        "no": number,
        "day": 7 * number,
        "what": "DTM",
        "min": 50,
        "who": "T1",
        "where": "clinic",
        "event": "none",
        "before": 6,
        "after": 4,
    }
    for number in (1, 2, 3)
]
DRUGS = [{"id": "002", "day": 0, "drug": "tramadol", "mg": 50, "times": 2, "way": "oral"}]


def session_study(folder, rows=ROWS, columns=None, **changes):
    files = {"sessions": {"path": "sessions.csv", "columns": {**SESSION_COLUMNS, **(columns or {})}}}
    return write_study(
        folder, {"sessions.csv": rows}, files=files, **{"technique_words": {"DTM": "deep-tissue-massage"}, **changes}
    )


def refused(folder):
    with pytest.raises(DataError) as caught:
        read_study(folder)
    return caught.value.findings


def test_sessions_and_what_was_felt_before_and_after(tmp_path):
    dataset = read_study(session_study(tmp_path))
    assert dataset.sessions.drop(columns="period").to_dict("list") == {
        "patient": ["001"] * 3,
        "session": [1, 2, 3],
        "day": [7, 14, 21],
        "technique": ["deep-tissue-massage"] * 3,
        "minutes": [50] * 3,
        "therapist": ["T1"] * 3,
        "site": dataset.sessions["site"].tolist(),
        "setting": ["clinic"] * 3,
        "adverse_event": ["none"] * 3,
    }
    within = dataset.outcomes[dataset.outcomes["session"].notna()]
    assert within["visit"].isna().all() and set(within["moment"]) == {"before", "after"}
    assert dict(within.groupby("session")["day"].max()) == {1: 7, 2: 14, 3: 21}
    assert len(dataset.measured("NRS")) == 68  # the visits' own outcomes stay apart
    assert dataset.patients["therapist"].isna().all()  # the therapist is the session's here


def test_before_and_after_as_rows_of_their_own(tmp_path):
    keys = ("id", "no", "day", "what", "min", "who", "where", "event")
    rows = [
        {**{key: row[key] for key in keys}, "m": moment, "nrs": row[moment]}
        for row in ROWS
        for moment in ("before", "after")
    ]
    columns = {
        "before": None,
        "after": None,
        "m": {"means": "moment"},
        "nrs": {"means": "outcome", "instrument": "NRS"},
    }
    files = {
        "sessions": {
            "path": "sessions.csv",
            "columns": {key: value for key, value in {**SESSION_COLUMNS, **columns}.items() if value},
        }
    }
    one = read_study(
        write_study(
            tmp_path / "rows", {"sessions.csv": rows}, files=files, technique_words={"DTM": "deep-tissue-massage"}
        )
    )
    other = read_study(session_study(tmp_path / "columns"))
    order = ["session", "moment"]
    assert one.sessions.equals(other.sessions)
    assert (
        one.outcomes.sort_values(order)
        .reset_index(drop=True)
        .equals(other.outcomes.sort_values(order).reset_index(drop=True))
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"no": 1.5}, "sessions.csv, column 'no': 1 session number not 1, 2, 3 ..."),
        ({"no": 0}, "sessions.csv, column 'no': 1 session number not 1, 2, 3 ..."),
        ({"no": 2}, "sessions.csv, column 'no': 1 row (line 3) of a patient's session that already has one; keep one"),
        (
            {"what": "reiki"},
            "sessions.csv, column 'what': 1 cell (line 2) with 1 code that is no technique of the codebook",
        ),
        ({"min": -5}, "sessions.csv, column 'min': 1 value below 1 (line 2)"),
        ({"before": 11}, "sessions.csv, column 'before': 1 value above 10 (line 2), NRS's highest"),
        ({"id": "900"}, "sessions.csv: 1 patient (1 row) not listed in patients.csv"),
        ({"no": ""}, "sessions.csv, column 'after': 1 value without a session"),
    ],
)
def test_sessions_that_cannot_be_right(tmp_path, change, said):
    rows = [{**ROWS[0], **change}, *ROWS[1:]]
    assert any(finding.startswith(said) for finding in refused(session_study(tmp_path, rows)))


def test_an_outcome_of_a_session_needs_its_moment(tmp_path):
    columns = {"before": {"means": "outcome", "instrument": "NRS"}}
    assert 'files.sessions.columns.before: an outcome of a session needs moment = "before" or "after"' in refused(
        session_study(tmp_path, columns=columns)
    )


def test_medications_keep_their_rows_and_units(tmp_path):
    files = {"drugs": {"path": "drugs.csv", "columns": DRUG_COLUMNS}}
    dataset = read_study(write_study(tmp_path, {"drugs.csv": DRUGS}, files=files))
    assert dataset.medications.to_dict("records") == [
        {"patient": "002", "day": 0, "drug": "tramadol", "dose": 50, "unit": "mg", "times_a_day": 2, "route": "oral"}
    ]


def test_medications_at_a_visit_get_its_day(tmp_path):
    columns = {key: value for key, value in DRUG_COLUMNS.items() if key != "day"} | {"visit": {"means": "visit"}}
    rows = [{"id": "002", "visit": "6 weeks", "drug": "tramadol", "mg": 50, "times": 2, "way": "oral"}]
    files = {"drugs": {"path": "drugs.csv", "columns": columns}}
    assert read_study(write_study(tmp_path, {"drugs.csv": rows}, files=files)).medications["day"].tolist() == [42]
