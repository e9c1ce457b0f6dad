"""SPSS, Stata and SAS files: labels, declared missing values, dates, and what is left of damaged files."""

import datetime

import pandas as pd
import pyreadstat
import pytest
from studies import small_tables, write_study

from mmresearch.errors import DataError, MMResearchError, PrivacyError
from mmresearch.study import read_study

DECLARED = "column 'nrs_12': 4 cells with a code that the file declares missing, left empty"
WRITERS = {"sav": pyreadstat.write_sav, "dta": pyreadstat.write_dta, "xpt": pyreadstat.write_xport}


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return read_study(write_study(tmp_path_factory.mktemp("plain")))


def study(folder, frame, kind="sav", replaces="pain", file=None, **how):
    folder.mkdir(parents=True, exist_ok=True)
    WRITERS[kind](frame, str(folder / f"export.{kind}"), **how)
    return write_study(folder, files={replaces: {"path": f"export.{kind}", **(file or {})}})


def frame_of(name):
    return pd.DataFrame(small_tables()[name])


def refused(folder, kind=DataError):
    with pytest.raises(kind) as caught:
        read_study(folder)
    return str(caught.value)


@pytest.mark.parametrize("kind", WRITERS)
def test_they_read_as_the_csv_does(tmp_path, plain, kind):
    dataset = read_study(study(tmp_path, frame_of("pain.csv"), kind))
    assert dataset.outcomes.equals(plain.outcomes)
    assert dataset.unread == {"patients.csv": [], f"export.{kind}": []}


def test_codes_that_spss_declares_missing_are_left_empty_and_counted(tmp_path, plain):
    ranges = {"nrs_12": [{"lo": 90, "hi": 98}, 99]}
    folder = study(tmp_path, frame_of("pain.csv"), missing_ranges=ranges, file={"missing": []})
    dataset = read_study(folder)
    assert dataset.outcomes.equals(plain.outcomes)
    assert f"export.sav: {DECLARED}" in dataset.notes


def test_a_code_that_nobody_declares_is_out_of_range(tmp_path):
    message = refused(study(tmp_path, frame_of("pain.csv"), file={"missing": []}))
    assert "export.sav, column 'nrs_12': 4 values" in message


def test_stata_extended_missing_values_are_left_empty_and_counted(tmp_path, plain):
    frame = frame_of("pain.csv").astype({"nrs_12": object})
    frame.loc[frame["nrs_12"] == 99, "nrs_12"] = "b"
    dataset = read_study(study(tmp_path, frame, "dta", missing_user_values={"nrs_12": ["b"]}))
    assert dataset.outcomes.equals(plain.outcomes)
    assert f"export.dta: {DECLARED}" in dataset.notes


@pytest.mark.parametrize("kind", ["sav", "dta"])
def test_labels_are_suggested_and_never_used(tmp_path, kind):
    labels = {"group": {1: "Massage", 0: "Control"}}
    columns = {"group": {"means": "arm", "values": {"1": None, "0": None}}}
    how = {"file": {"columns": columns}, "variable_value_labels": labels}
    folder = study(tmp_path, frame_of("patients.csv"), kind, "patients", **how)
    text = (folder / "study.toml").read_text(encoding="utf-8")
    (folder / "study.toml").write_text(text.replace(', "values": {}', ""), encoding="utf-8")
    message = refused(folder)
    assert "24 cells (records 1, 2, 3, 4, 5 and 19 more) with 2 codes that are no arm of study.toml" in message
    assert 'in the file "0" is "Control", "1" is "Massage"' in message


def test_labels_that_name_people_are_refused_and_not_shown(tmp_path):
    frame = frame_of("patients.csv").assign(site=1)
    labels = {"site": {1: "Zyzanska, Maria"}}
    message = refused(study(tmp_path, frame, "sav", "patients", variable_value_labels=labels), PrivacyError)
    assert "export.sav, column 'site': 1 value label of two or more words" in message and "Zyzanska" not in message


def test_a_longer_name_that_announces_a_person_is_asked_about(tmp_path):
    labels = {"sex": "Surname of the patient", "age": "Age in years"}
    message = refused(study(tmp_path, frame_of("patients.csv"), "sav", "patients", column_labels=labels), PrivacyError)
    assert "export.sav, column 'sex': its longer name in the file announces what identifies" in message
    assert "column 'age'" not in message and "Surname of" not in message


def test_dates_of_spss_are_refused_as_dates(tmp_path):
    frame = frame_of("pain.csv").astype({"nrs_6": object})
    frame["nrs_6"] = datetime.date(2024, 5, 31)
    assert "column 'nrs_6': 24 cells stored as dates" in refused(study(tmp_path, frame), PrivacyError)


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("share", [0.5, 0.8])
def test_a_file_cut_off_is_refused(tmp_path, kind, share):
    folder = study(tmp_path, frame_of("pain.csv"), kind)
    raw = (folder / f"export.{kind}").read_bytes()
    (folder / f"export.{kind}").write_bytes(raw[: int(len(raw) * share)])
    message = refused(folder, MMResearchError)
    assert f"export.{kind}" in message


def test_flipped_bits_end_in_a_dataset_or_in_findings(tmp_path):
    folder = study(tmp_path, frame_of("pain.csv"))
    raw = (folder / "export.sav").read_bytes()
    for place in range(100, len(raw), len(raw) // 6):
        (folder / "export.sav").write_bytes(raw[:place] + bytes([raw[place] ^ 0xFF]) + raw[place + 1 :])
        try:
            read_study(folder)
        except MMResearchError as error:
            assert error.findings and "fault of mmresearch" not in str(error)
