"""What identifies a person stays out, and no message holds what a patient's row says."""

import traceback

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from studies import merged, small_tables, write_study
from test_study_sessions import DRUG_COLUMNS, DRUGS, ROWS, SESSION_COLUMNS

from mmresearch.errors import DataError, MMResearchError, PrivacyError
from mmresearch.study import read_study


def planted(file, column, value, row=3):
    rows = [dict(each) for each in small_tables()[file]]
    rows[row][column] = value
    return {file: rows}


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("site", "5 March 2024", "patients.csv, column 'site': 1 of 24 cells hold calendar dates"),
        ("id", "j.doe@example.org", "patients.csv, column 'id': 1 of 24 cells hold e-mail addresses"),
        ("age", "05.03.1961", "patients.csv, column 'age': 1 of 24 cells hold calendar dates"),
        ("age", "93", "patients.csv, column 'age': 1 age above 89"),
        ("id", "Müller, Anna 03", "patients.csv, column 'id': 1 of 24 cells of two or more words, as names have; "
         "give pseudonyms of one word, such as P03"),
        ("site", "Anna Meier", "patients.csv, column 'site': 1 of 24 cells of two or more words, as names have; "
         "give pseudonyms of one word, such as P03"),
        ("sex", "www.example.org", "patients.csv, column 'sex': 1 of 24 cells hold web addresses"),
    ],
)
def test_one_identifying_cell_refuses_the_study_with_the_remedy(tmp_path, column, value, said):
    with pytest.raises(PrivacyError) as caught:
        read_study(write_study(tmp_path, planted("patients.csv", column, value)))
    assert caught.value.findings[0] == f"{said} (line 5)"
    assert caught.value.exit_code == 3
    assert "Replace every date by days since that patient's baseline" in caught.value.remedy
    assert value not in str(caught.value)


def test_privacy_and_data_findings_come_in_one_error(tmp_path):
    tables = {**planted("patients.csv", "site", "5 March 2024"), **planted("pain.csv", "nrs_0", 11)}
    with pytest.raises(PrivacyError) as caught:
        read_study(write_study(tmp_path, tables))
    assert caught.value.what == "1 finding of identifying data and 1 further"
    assert [finding.split(":")[0] for finding in caught.value.findings] == [
        "patients.csv, column 'site'",
        "pain.csv, column 'nrs_0'",
    ]


def test_the_oldest_band_may_stand(tmp_path):
    assert read_study(write_study(tmp_path, planted("patients.csv", "age", "90+"))).patients["age"].max() == 90


def test_free_text_is_refused_unless_its_words_are_listed(tmp_path):
    texts = ["fell off a bike yesterday", "nothing to be told here"]
    column = {"means": "covariate", "name": "work", "kind": "category"}
    told = [{**row, "work": f"{texts[0]} near {number}"} for number, row in enumerate(small_tables()["patients.csv"])]
    with pytest.raises(PrivacyError, match="24 of 24 cells are free text"):
        read_study(write_study(tmp_path, {"patients.csv": told}, files={"patients": {"columns": {"work": column}}}))
    rows = [{**row, "work": texts[number % 2]} for number, row in enumerate(small_tables()["patients.csv"])]
    column["values"] = {texts[0]: "fell", texts[1]: "nothing"}
    dataset = read_study(
        write_study(tmp_path, {"patients.csv": rows}, files={"patients": {"columns": {"work": column}}})
    )
    assert set(dataset.patients["work"]) == {"fell", "nothing"}


@pytest.mark.parametrize(("words", "refused"), [(24, True), (13, True), (12, False), (3, False)])
def test_a_category_that_nearly_every_patient_has_alone_is_refused(tmp_path, words, refused):
    rows = [{**row, "town": f"town{number % words}"} for number, row in enumerate(small_tables()["patients.csv"])]
    column = {"means": "covariate", "name": "town", "kind": "category"}
    study = write_study(tmp_path, {"patients.csv": rows}, files={"patients": {"columns": {"town": column}}})
    if not refused:
        assert read_study(study).patients["town"].nunique() == words
        return
    with pytest.raises(PrivacyError, match=f"column 'town': {words} different words among 24 patients") as caught:
        read_study(study)
    assert "town1" not in str(caught.value)


LONG = {
    "id": {"means": "patient"},
    "when": {"means": "visit"},
    "what": {"means": "instrument"},
    "value": {"means": "outcome"},
    "day": {"means": "day"},
}
FULL = {
    "patients": {
        "columns": {
            "therapist": {"means": "therapist"},
            "months": {"means": "duration_months"},
            "why": {"means": "condition"},
            "bmi": {"means": "covariate", "name": "bmi", "kind": "number"},
            "work": {"means": "covariate", "name": "work", "kind": "category", "values": {"y": "yes"}},
        }
    },
    "sessions": {"path": "sessions.csv", "columns": SESSION_COLUMNS},
    "drugs": {"path": "drugs.csv", "columns": DRUG_COLUMNS},
    "long": {"path": "long.csv", "columns": LONG},
}


def full_tables():
    """A study with a column of every meaning."""
    more = {"therapist": "T", "months": 3, "why": "neck-pain", "bmi": 25, "work": "y"}
    return {
        **small_tables(),
        "patients.csv": [{**row, **more} for row in small_tables()["patients.csv"]],
        "sessions.csv": ROWS,
        "drugs.csv": DRUGS,
        "long.csv": [{"id": "001", "when": "6 weeks", "what": "ODI", "value": 20, "day": 41}],
    }


def full_study(folder, tables):
    return write_study(
        folder, tables, files=merged(FULL, {}), condition=None, technique_words={"DTM": "deep-tissue-massage"}
    )


def cells():
    return [
        (file, row, column)
        for file, rows in full_tables().items()
        for row in dict.fromkeys((0, len(rows) - 1))
        for column in rows[0]
    ]


def said_of(folder):
    """Everything a person, a log or an executed notebook would see of reading this study."""
    try:
        dataset = read_study(folder)
    except MMResearchError as error:
        return "".join(
            [*traceback.format_exception(error), repr(error), repr(error.__cause__), repr(error.__context__)]
        )
    return (
        repr(dataset) + repr(dataset.notes) + repr(dataset.exclusions) + repr(dataset.unread) + repr(dataset.allocated)
    )


CANARY = "Xylocanary"
FORMS = st.sampled_from(
    [
        "{}",
        "{} 5 March 2024",
        "{}@example.org",
        "7{}",
        "{},5",
        '"{}',
        "{}\t1",
        "{};{}",
        "=cmd|{}",
        "<b>{}</b>",
        "{}\n{}",
    ]
)


def with_cell(folder, place, text):
    file, row, column = place
    tables = full_tables()
    tables[file] = [dict(each) for each in tables[file]]
    tables[file][row][column] = text
    return full_study(folder, tables)


@pytest.mark.parametrize(
    "place", [place for place in cells() if place[1] == 0], ids=lambda place: f"{place[0]}-{place[2]}"
)
def test_no_message_or_traceback_holds_a_cell_of_any_column(tmp_path, place):
    assert CANARY not in said_of(with_cell(tmp_path, place, CANARY))


@settings(max_examples=50)
@given(place=st.sampled_from(cells()), form=FORMS)
def test_no_message_or_traceback_holds_a_cell_of_any_form(tmp_path_factory, place, form):
    assert CANARY not in said_of(with_cell(tmp_path_factory.mktemp("canary"), place, form.replace("{}", CANARY)))


def test_a_file_without_header_does_not_show_its_first_patient(tmp_path):
    text = f"{CANARY},1,40,f,north\n{CANARY},1,40,f,north\n"
    assert CANARY not in said_of(write_study(tmp_path, {"patients.csv": text}))
    named = f"id,{CANARY}@example.org,group,age,sex,site\n001,x,1,40,f,north\n"
    assert CANARY not in said_of(
        write_study(tmp_path, {"patients.csv": named, "pain.csv": "id,nrs_0,nrs_6,nrs_12\n001,5,5,5\n"})
    )


def test_a_fault_of_ours_shows_its_place_and_nothing_of_the_data(tmp_path, monkeypatch):
    def fail(*_):
        raise KeyError(CANARY)

    monkeypatch.setattr("mmresearch.study.reader.gather_patients", fail)
    said = said_of(write_study(tmp_path))
    assert CANARY not in said and "KeyError in reader.py" in said and "fault of mmresearch" in said


def test_the_full_study_is_sound_without_a_canary(tmp_path):
    dataset = read_study(full_study(tmp_path, full_tables()))
    assert len(dataset.sessions) == 3 and len(dataset.medications) == 1 and "ODI" in set(dataset.outcomes["instrument"])


def test_an_error_survives_the_way_back_from_a_worker(tmp_path):
    import pickle

    with pytest.raises(DataError) as caught:
        read_study(write_study(tmp_path, primary_visit="never"))
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
