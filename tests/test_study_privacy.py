"""What identifies a person stays out, and no message holds what a patient's row says."""

import traceback

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from studies import merged, small_tables, write_study
from test_study_sessions import DRUG_COLUMNS, DRUGS, ROWS, SESSION_COLUMNS

from mmresearch.errors import DataError, MMResearchError, PrivacyError
from mmresearch.study import read_study
from mmresearch.study.identifiers import identifying_kinds

DATES = ["2024-03-05", "2024/3/5", "05.03.2024", "5/3/2024", "3-5-24", "5.3.24", "5 March 2024", "March 5, 2024", "5-Mar-24", "5-Mar",
         "Mar 2024", "2024-03", "03/2024", "5. März 2024", "5 mars 2024", "5 de marzo de 2024", "1st of June 2023",
         "2024-03-05T10:15:00Z", "20240305T1015", "seen on 05/03/2024 at home"]
PERSONS = {"e-mail addresses": ["j.doe@example.org", "write to j@doe.de"], "web addresses": ["https://example.org/x", "www.example.org"],
           "social security numbers": ["219-09-9999"],
           "telephone numbers": ["+44 20 7946 0958", "(555) 123-4567", "555-123-4567", "+4915112345678", "030 1234567"]}
HARMLESS = ["120/80", "L4-L5", "7.5", "-3", "1E05", "0001", "2024", "P-2024-017", "1.2.0", "C5/6", "12-24", "month 12", "week 6", "T1",
            "M54.5", "2024000001", "site/12", "10 min", "3 x 2", "97140", "may help", "no change", "deep tissue", "6-8", "5 of 7"]


@pytest.mark.parametrize("cell", DATES)
def test_dates_in_any_common_spelling(cell):
    assert identifying_kinds([cell]) == {"calendar dates": 1}


@pytest.mark.parametrize(("kind", "cell"), [(kind, cell) for kind, cells in PERSONS.items() for cell in cells])
def test_addresses_and_numbers_of_persons(kind, cell):
    assert identifying_kinds([cell]) == {kind: 1}


@pytest.mark.parametrize("cell", HARMLESS)
def test_clinical_values_are_not_taken_for_identifiers(cell):
    assert identifying_kinds([cell]) == {}


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**7), 10**7))
@example(19991231)
def test_plain_numbers_are_never_identifying_alone(number):
    cells = [str(number), *("5",) * 9]
    assert identifying_kinds(cells) == {}


def test_compact_dates_and_excel_day_numbers_count_when_the_column_is_full_of_them():
    assert identifying_kinds(["20240305", "19991231"]) == {"calendar dates written without separators": 2}
    assert identifying_kinds(["45000", "45012"], header="visit_date") == {"calendar dates as Excel's day numbers": 2}
    assert identifying_kinds(["45000", "45012"], header="visitDate") == {"calendar dates as Excel's day numbers": 2}
    assert identifying_kinds(["45000", "45012"], header="steps") == {}


def test_pseudonyms_may_look_a_little_like_dates_or_telephones_but_not_much():
    assert identifying_kinds(["01-02-03", "2024-01", "101-001-0001"], patient=True) == {}
    assert identifying_kinds(["1961-02-03", "j@doe.org"], patient=True) == {"calendar dates": 1, "e-mail addresses": 1}


def planted(file, column, value, row=3):
    rows = [dict(each) for each in small_tables()[file]]
    rows[row][column] = value
    return {file: rows}


@pytest.mark.parametrize(("column", "value", "said"), [
    ("site", "5 March 2024", "patients.csv, column 'site': 1 of 24 cells hold calendar dates"),
    ("id", "j.doe@example.org", "patients.csv, column 'id': 1 of 24 cells hold e-mail addresses"),
    ("age", "05.03.1961", "patients.csv, column 'age': 1 of 24 cells hold calendar dates"),
    ("age", "93", "patients.csv, column 'age': 1 age above 89"),
    ("sex", "www.example.org", "patients.csv, column 'sex': 1 of 24 cells hold web addresses"),
])
def test_one_identifying_cell_refuses_the_study_with_the_remedy(tmp_path, column, value, said):
    with pytest.raises(PrivacyError) as caught:
        read_study(write_study(tmp_path, planted("patients.csv", column, value)))
    assert caught.value.findings[0] == said
    assert caught.value.exit_code == 3
    assert "Replace every date by days since that patient's baseline" in caught.value.remedy
    assert value not in str(caught.value)


def test_privacy_and_data_findings_come_in_one_error(tmp_path):
    tables = {**planted("patients.csv", "site", "5 March 2024"), **planted("pain.csv", "nrs_0", 11)}
    with pytest.raises(PrivacyError) as caught:
        read_study(write_study(tmp_path, tables))
    assert caught.value.what == "1 finding of identifying data and 1 further"
    assert [finding.split(":")[0] for finding in caught.value.findings] == ["patients.csv, column 'site'", "pain.csv, column 'nrs_0'"]


def test_the_oldest_band_may_stand(tmp_path):
    assert read_study(write_study(tmp_path, planted("patients.csv", "age", "90+"))).patients["age"].max() == 90


def test_free_text_is_refused_unless_its_words_are_listed(tmp_path):
    texts = ["fell off a bike yesterday", "nothing to be told here"]
    rows = [{**row, "work": texts[number % 2]} for number, row in enumerate(small_tables()["patients.csv"])]
    column = {"means": "covariate", "name": "work", "kind": "category"}
    with pytest.raises(PrivacyError, match="24 of 24 cells are free text"):
        read_study(write_study(tmp_path, {"patients.csv": rows}, files={"patients": {"columns": {"work": column}}}))
    column["values"] = {texts[0]: "fell", texts[1]: "nothing"}
    dataset = read_study(write_study(tmp_path, {"patients.csv": rows}, files={"patients": {"columns": {"work": column}}}))
    assert set(dataset.patients["work"]) == {"fell", "nothing"}


LONG = {"id": {"means": "patient"}, "when": {"means": "visit"}, "what": {"means": "instrument"}, "value": {"means": "outcome"},
        "day": {"means": "day"}}
FULL = {"patients": {"columns": {
            "therapist": {"means": "therapist"}, "months": {"means": "duration_months"}, "why": {"means": "condition"},
            "bmi": {"means": "covariate", "name": "bmi", "kind": "number"},
            "work": {"means": "covariate", "name": "work", "kind": "category", "values": {"y": "yes"}}}},
        "sessions": {"path": "sessions.csv", "columns": SESSION_COLUMNS}, "drugs": {"path": "drugs.csv", "columns": DRUG_COLUMNS},
        "long": {"path": "long.csv", "columns": LONG}}


def full_tables():
    """A study with a column of every meaning."""
    more = {"therapist": "T", "months": 3, "why": "neck-pain", "bmi": 25, "work": "y"}
    return {**small_tables(), "patients.csv": [{**row, **more} for row in small_tables()["patients.csv"]],
            "sessions.csv": ROWS, "drugs.csv": DRUGS,
            "long.csv": [{"id": "001", "when": "6 weeks", "what": "ODI", "value": 20, "day": 41}]}


def full_study(folder, tables):
    return write_study(folder, tables, files=merged(FULL, {}), condition=None, technique_words={"DTM": "deep-tissue-massage"})


def cells():
    return [(file, row, column) for file, rows in full_tables().items() for row in dict.fromkeys((0, len(rows) - 1)) for column in rows[0]]


def said_of(folder):
    """Everything a person, a log or an executed notebook would see of reading this study."""
    try:
        dataset = read_study(folder)
    except MMResearchError as error:
        return "".join([*traceback.format_exception(error), repr(error), repr(error.__cause__), repr(error.__context__)])
    return repr(dataset) + repr(dataset.notes) + repr(dataset.exclusions) + repr(dataset.unread) + repr(dataset.allocated)


CANARY = "Xylocanary"
FORMS = st.sampled_from(["{}", "{} 5 March 2024", "{}@example.org", "7{}", "{},5", '"{}', "{}\t1", "{};{}", "=cmd|{}", "<b>{}</b>", "{}\n{}"])


def with_cell(folder, place, text):
    file, row, column = place
    tables = full_tables()
    tables[file] = [dict(each) for each in tables[file]]
    tables[file][row][column] = text
    return full_study(folder, tables)


@pytest.mark.parametrize("place", [place for place in cells() if place[1] == 0], ids=lambda place: f"{place[0]}-{place[2]}")
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
    assert CANARY not in said_of(write_study(tmp_path, {"patients.csv": named, "pain.csv": "id,nrs_0,nrs_6,nrs_12\n001,5,5,5\n"}))


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
