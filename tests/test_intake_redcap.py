"""REDCap exports: the dictionary's identifiers, events as visits, repeating instruments, checkbox groups, labels."""

import pytest
from studies import small_tables, write_rows, write_study

from mmresearch.errors import DataError, PrivacyError
from mmresearch.study import read_study

LONG = ("Variable / Field Name", "Form Name", "Field Type", "Field Label", "Choices, Calculations, OR Slider Labels",
        "Text Validation Type OR Show Slider Number", "Identifier?")
SHORT = ("field_name", "form_name", "field_type", "field_label", "select_choices_or_calculations",
         "text_validation_type_or_show_slider_number", "identifier")
FIELDS = [
    ("record_id", "enrolment", "text", "Record", "", "", ""),
    ("grp", "enrolment", "radio", "Arm", "1, Massage | 0, Usual, as ever", "", ""),
    ("years", "enrolment", "text", "Years of age", "", "integer", ""),
    ("surname", "enrolment", "text", "Surname", "", "", "y"),
    ("story", "enrolment", "notes", "What happened", "", "", ""),
    ("seen", "enrolment", "text", "Seen", "", "date_ymd", ""),
    ("aids", "pain", "checkbox", "Aids", "1, Pillow | 2, Belt", "", ""),
    ("nrs", "pain", "text", "Pain", "", "number", ""),
    ("minutes", "session_log", "text", "Minutes", "", "integer", ""),
]
VISITS = {"baseline": "nrs_0", "6 weeks": "nrs_6", "12 weeks": "nrs_12"}
EVENTS = {"base_arm_1": "baseline", "six_arm_1": "6 weeks", "twelve_arm_1": "12 weeks"}
COLUMNS = {
    "patients": {"record_id": {"means": "patient"}, "grp": {"means": "arm", "values": {"1": "massage", "0": "control"}},
                 "years": {"means": "age"}, "aids___1": {"means": "covariate", "name": "pillow", "kind": "category"}},
    "pain": {"record_id": {"means": "patient"}, "redcap_event_name": {"means": "visit", "values": EVENTS},
             "nrs": {"means": "outcome", "instrument": "NRS"}},
    "sessions": {"record_id": {"means": "patient"}, "redcap_repeat_instance": {"means": "session"},
                 "minutes": {"means": "minutes"}},
}


def rows():
    """One export of everything: a row an event, and a row a session, as REDCap writes it."""
    blank = dict.fromkeys(("record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance",
                           "grp", "years", "aids___1", "aids___2", "nrs", "minutes"), "")
    made = []
    for person, pain in zip(small_tables()["patients.csv"], small_tables()["pain.csv"], strict=True):
        for event, visit in EVENTS.items():
            first = event == "base_arm_1"
            mine = {"grp": person["group"], "years": person["age"], "aids___1": person["group"], "aids___2": 0}
            made.append({**blank, "record_id": person["id"], "redcap_event_name": event,
                         **(mine if first else {}), "nrs": pain[VISITS[visit]]})
        for number in (1, 2):
            made.append({**blank, "record_id": person["id"], "redcap_event_name": "base_arm_1", "minutes": 30,
                         "redcap_repeat_instrument": "session_log", "redcap_repeat_instance": number})
    return made


def study(folder, table=None, fields=FIELDS, names=LONG, instruments=("", "", "session_log"), **columns):
    folder.mkdir(parents=True, exist_ok=True)
    write_rows(folder / "dictionary.csv", [dict(zip(names, field, strict=True)) for field in fields])
    files = {}
    for name, instrument in zip(("patients", "pain", "sessions"), instruments, strict=True):
        redcap = {"dictionary": "dictionary.csv", "instrument": instrument}
        own = {**{key: None for key in ("id", "group", "age", "sex", "site", "nrs_0", "nrs_6", "nrs_12")},
               **COLUMNS[name], **columns.get(name, {})}
        files[name] = {"path": "export.csv", "missing": ["99"], "redcap": redcap, "columns": own}
    return write_study(folder, tables={"export.csv": table or rows()}, files=files, strata=[])


def refused(folder, kind=DataError):
    with pytest.raises(kind) as caught:
        read_study(folder)
    return str(caught.value)


@pytest.mark.parametrize("names", [LONG, SHORT])
def test_events_are_visits_and_a_repeating_instrument_is_rows_of_its_own(tmp_path, names):
    plain = read_study(write_study(tmp_path / "plain"))
    dataset = read_study(study(tmp_path / "export", names=names))
    assert dataset.wide("NRS").equals(plain.wide("NRS"))
    assert list(dataset.patients["arm"]) == list(plain.patients["arm"])
    assert len(dataset.sessions) == 48 and set(dataset.sessions["minutes"]) == {30.0}
    assert "export.csv: 48 rows of 120 are of session_log" in dataset.notes
    assert any("rows with no mapped box ticked; REDCap writes 0 also where nobody was asked" in note
               for note in dataset.notes)


def test_rows_of_repeating_instruments_need_a_word(tmp_path):
    message = refused(study(tmp_path, instruments=(None, "", "session_log")))
    assert 'has rows of repeating instruments ("session_log") beside others: say which this file means' in message
    message = refused(study(tmp_path, instruments=("", "", "session_lag")))
    assert "no rows of the repeating instrument 'session_lag'. Did you mean 'session_log'?" in message


@pytest.mark.parametrize(("field", "means", "said"), [
    ("surname", {"means": "site"}, "the data dictionary marks the field as an identifier"),
    ("story", {"means": "covariate", "name": "story", "kind": "category"}, "says the field is notes: free text"),
    ("seen", {"means": "day"}, "says the field is checked as date"),
])
def test_what_the_dictionary_forbids_is_refused(tmp_path, field, means, said):
    table = [{**row, field: ""} for row in rows()]
    message = refused(study(tmp_path, table, patients={field: means}), PrivacyError)
    assert f"export.csv, column '{field}': the data dictionary" in message and said in message


def test_a_field_the_dictionary_does_not_know_is_told(tmp_path):
    assert "column 'nrs': is no field of the data dictionary" in refused(study(tmp_path, fields=FIELDS[:-2]))


def test_labels_in_place_of_codes_are_told(tmp_path):
    table = [{**row, "grp": {1: "Massage", 0: "Usual, as ever"}.get(row["grp"], "")} for row in rows()]
    message = refused(study(tmp_path, table))
    assert "column 'grp': 24 cells with a label in place of a code" in message and "raw data" in message


def test_labels_in_the_header_are_told(tmp_path):
    titles = {field[0]: field[3] for field in FIELDS} | {"redcap_event_name": "Event Name"}
    table = [{titles.get(name, name): cell for name, cell in row.items()} for row in rows()]
    assert "is an export with labels in the header" in refused(study(tmp_path, table))


def test_a_dictionary_that_is_none_is_told(tmp_path):
    folder = study(tmp_path)
    (folder / "dictionary.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert "dictionary.csv has no column 'Variable / Field Name'" in refused(folder)
    (folder / "dictionary.csv").unlink()
    assert "the data dictionary dictionary.csv the file is missing" in refused(folder)
