"""Everything wrong with a study is said at once: where, what, how many, what to do."""

import pytest
from studies import small_tables, write_study

from mmresearch.errors import DataError
from mmresearch.study import read_study


def refused(folder):
    with pytest.raises(DataError) as caught:
        read_study(folder)
    return caught.value


def changed(name, **cells):
    """The small study's rows of one file, with some cells of the first rows replaced: column=[values]."""
    rows = [dict(row) for row in small_tables()[name]]
    for column, values in cells.items():
        for row, value in zip(rows, values, strict=False):
            row[column] = value
    return {name: rows}


CELLS = [  # rows of the small study changed, what is said
    (
        changed("patients.csv", group=["7", "8", "7"]),
        "patients.csv, column 'group': 3 cells (lines 2, 3, 4) with 2 codes that "
        "`values` does not list; add them there or to `missing`",
    ),
    (
        changed("patients.csv", group=["", ""]),
        "2 patients without an arm (lines 2, 3); give every patient an arm or leave the row out",
    ),
    (
        changed("patients.csv", age=["old", "-3"]),
        "patients.csv, column 'age': 1 cell of 24 without a number (line 2); correct "
        "them, or where they mean 'not measured' list their code under `missing`",
    ),
    (changed("patients.csv", age=["1", "-3"]), "patients.csv, column 'age': 1 value below 0"),
    (changed("patients.csv", id=[""]), "patients.csv, column 'id': 1 row of 24 without a patient"),
    (changed("patients.csv", id=["x1", "x2"]), "pain.csv: 2 patients (2 rows) not listed in patients.csv"),
    (
        changed("patients.csv", id=["1", "2"]),
        "pain.csv: 2 patients (2 rows) not listed in patients.csv; 2 of them would be but "
        "for case, blanks or leading zeros",
    ),
    (
        changed("patients.csv", id=["002"], group=[0]),
        "patients.csv: 1 row (line 3) of a patient who already has one; a patient has one row here: keep one",
    ),
    (changed("patients.csv", id=["002"], group=[1]), "1 patient with more than one arm; each has one"),
    (changed("patients.csv", sex=["x"]), "column 'sex': 1 cell (line 2) with 1 code that `values` does not list"),
    (
        changed("pain.csv", nrs_0=[11, 12, -1]),
        "pain.csv, column 'nrs_0': 2 values above 10 (lines 2, 3), NRS's highest; correct "
        "them, or give `unit` or `missing`",
    ),
    (
        changed("pain.csv", nrs_0=[11, 12, -1]),
        "pain.csv, column 'nrs_0': 1 value below 0 (line 4), NRS's lowest; correct them, or give `unit` or `missing`",
    ),
    (
        changed("pain.csv", id=["002"]),
        "pain.csv: 1 row (line 3) of a patient who already has one; a patient has one row here: keep one",
    ),
    *[
        (changed("pain.csv", nrs_6=[cell]), "column 'nrs_6': 1 cell of 24 without a number (line 2)")
        for cell in ("7/10", "6-8", "seven", "#DIV/0!", "inf", "nan", "1e309", "７", "−7", "1_0", "5 pts", "NA", ".")
    ],
]
DECLARED = [  # a change of study.toml, what is said
    ({"primary_visit": "12 week"}, "primary_visit: '12 week' is no visit. Did you mean '12 weeks'?"),
    (
        {"condition": "low-back-pian"},
        "condition: 'low-back-pian' is no condition of the codebook. Did you mean 'low-back-pain'?",
    ),
    ({"covariates": ["agee"]}, "covariates: no column of the files is mapped to 'agee'. Did you mean 'age'?"),
    ({"strata": ["therapist"]}, "strata: no column of the files is mapped to 'therapist'."),
    (
        {"technique_words": {"m": "medical-masage"}},
        "technique_words.m: 'medical-masage' is no technique of the codebook. Did you mean 'medical-massage'?",
    ),
    (
        {"margins": {"NRSS": {"value": 1, "reason": "agreed"}}},
        "margins: 'NRSS' is no instrument of the codebook or of study.toml",
    ),
    (
        {"arms": {"massage": {"technique": "massag"}}},
        "arms.massage.technique: 'massag' is no technique. Did you mean 'massage'?",
    ),
    (
        {"arms": {"control": {"comparator_class": "usual care"}}},
        "'usual care' is no comparator class. Did you mean 'usual-care'?",
    ),
    ({"arms": {"control": {"comparator_class": None}}}, "arms.control: the reference arm needs a comparator_class: "),
    ({"arms": {"control": {"reference": False}}}, "arms: 0 arms with reference = true; exactly one arm"),
    ({"arms": {"massage": {"reference": True, "comparator_class": "other"}}}, "arms: 2 arms with reference = true"),
    ({"design": "single-arm"}, "design: 'single-arm' but 2 arms"),
    (
        {"arms": {"control": None}, "files": {"patients": {"columns": {"group": None}}}},
        "design: 'randomised' but only one arm",
    ),
    (
        {"visits": [{"name": name, "day": 0} for name in ("baseline", "6 weeks", "12 weeks")]},
        "visits: 3 visits on day 0 (baseline, 6 weeks, 12 weeks); only one can be the baseline",
    ),
    (
        {
            "visits": [
                {"name": name, "day": day} for day, name in enumerate(("baseline", "6 weeks", "6 weeks", "12 weeks"))
            ]
        },
        "visits: '6 weeks' stands 2 times",
    ),
    (
        {
            "visits": [
                {"name": "baseline", "day": 0},
                {"name": "6 weeks", "day": 42, "window": [45, 50]},
                {"name": "12 weeks", "day": 84},
            ]
        },
        "visits, '6 weeks': day 42 is not within its window [45, 50]",
    ),
]
COLUMNS = [  # a change of the columns of a file, what is said
    ("patients", {"id": None}, 'files.patients: no column means "patient"; every file is joined on the patient'),
    ("patients", {"group": None}, 'files: no column means "arm"; with several arms a file must say who was in which'),
    (
        "patients",
        {"group": {"values": {"1": "massage", "0": "contrl"}}},
        "files.patients.columns.group.values.0: 'contrl' is no arm of study.toml. Did you mean 'control'?",
    ),
    ("patients", {"sex": {"means": "age", "values": None}}, 'files.patients: 2 columns mean "age"; only one can'),
    (
        "patients",
        {"age": None, "Age": {"means": "age"}},
        "patients.csv: no column 'Age' in the header (5 fields, separated by comma). Did you mean 'age'?",
    ),
    ("patients", {"sex": {"unit": "years"}}, "files.patients.columns.sex.unit: a sex has no unit"),
    ("patients", {"age": {"unit": "weeks"}}, "files.patients.columns.age.unit: 'weeks' is not one of: years"),
    (
        "patients",
        {"site": {"means": "covariate", "name": "sex", "kind": "category"}},
        "files: a covariate is named 'sex', which has a meaning of its own",
    ),
    (
        "patients",
        {"site": {"means": "covariate", "name": "treated", "kind": "number"}},
        "files: a covariate is named 'treated', which has a meaning of its own; rename it",
    ),
    (
        "patients",
        {"site": {"means": "minutes"}},
        'files.patients: a column means "minutes", so another must mean "session"',
    ),
    ("patients", {"site": {"means": "dose"}}, 'files.patients: a column means "dose", so another must mean "drug"'),
    (
        "pain",
        {"nrs_6": {"visit": "6 week"}},
        "files.pain.columns.nrs_6.visit: '6 week' is no visit of study.toml. Did you mean '6 weeks'?",
    ),
    (
        "pain",
        {"nrs_6": {"instrument": "NRSS"}},
        "files.pain.columns.nrs_6.instrument: 'NRSS' is no instrument of the codebook or of study.toml. Did you mean",
    ),
    ("pain", {"nrs_6": {"unit": "kg"}}, "files.pain.columns.nrs_6.unit: 'kg' cannot be converted; NRS knows: "),
    ("pain", {"nrs_6": {"visit": "12 weeks"}}, "files.pain: two columns are NRS at 12 weeks"),
    ("pain", {"nrs_6": {"visit": None}}, "files.pain.columns.nrs_6: an outcome needs its time"),
    ("pain", {"nrs_6": {"instrument": None}}, "files.pain.columns.nrs_6: an outcome needs its instrument"),
]


@pytest.mark.parametrize(("tables", "said"), CELLS)
def test_cells_that_cannot_be_right(tmp_path, tables, said):
    assert any(said in finding for finding in refused(write_study(tmp_path, tables)).findings)


@pytest.mark.parametrize(("changes", "said"), DECLARED)
def test_words_of_the_declaration_that_cannot_be_right(tmp_path, changes, said):
    assert any(said in finding for finding in refused(write_study(tmp_path, **changes)).findings)


@pytest.mark.parametrize(("file", "columns", "said"), COLUMNS)
def test_columns_that_cannot_be_right(tmp_path, file, columns, said):
    error = refused(write_study(tmp_path, files={file: {"columns": columns}}))
    assert any(said in finding for finding in error.findings)


def test_long_files_name_visits_and_instruments_that_are_not_declared(tmp_path):
    rows = [
        {"id": "001", "when": "6 weeks", "what": "NRS", "value": 3},
        {"id": "001", "when": "6 week", "what": "NRS", "value": 3},
        {"id": "002", "when": "6 weeks", "what": "PAIN", "value": 3},
        {"id": "003", "when": "", "what": "NRS", "value": 3},
    ]
    columns = {"when": {"means": "visit"}, "what": {"means": "instrument"}, "value": {"means": "outcome"}}
    gone = dict.fromkeys(("nrs_0", "nrs_6", "nrs_12"))
    error = refused(write_study(tmp_path, {"pain.csv": rows}, files={"pain": {"columns": {**gone, **columns}}}))
    assert error.findings == (
        "pain.csv, column 'when': 1 cell (line 3) with 1 code that is no visit of study.toml; say under `values` what "
        "each code means",
        "pain.csv, column 'what': 1 cell (line 4) with 1 code that is no instrument of the codebook or of study.toml; "
        "say under `values` what each code means",
        "pain.csv, column 'value': 1 value without a visit",
    )


def test_everything_is_said_at_once_and_once(tmp_path):
    tables = {**changed("patients.csv", group=["7"], age=["x"]), **changed("pain.csv", nrs_0=[11])}
    error = refused(
        write_study(
            tmp_path,
            tables,
            primary_visit="never",
            files={"more": {"path": "more.csv", "columns": {"id": {"means": "patient"}}}},
        )
    )
    assert [finding.split(":")[0] for finding in error.findings] == [
        "primary_visit",
        "more.csv",
        "patients.csv, column 'group'",
        "patients.csv, column 'age'",
        "pain.csv, column 'nrs_0'",
    ]
    assert str(error).splitlines()[0] == f"{tmp_path}: 5 things to correct"
    assert str(error).splitlines()[-1] == f"Correct study.toml or the export, then: mmresearch check {tmp_path}"


def test_the_same_patient_in_two_arms_by_two_files(tmp_path):
    other = [{"id": row["id"], "arm": "massage"} for row in small_tables()["patients.csv"]]
    files = {"other": {"path": "other.csv", "columns": {"id": {"means": "patient"}, "arm": {"means": "arm"}}}}
    assert refused(write_study(tmp_path, {"other.csv": other}, files=files)).findings == (
        "other.csv, column 'arm': 12 patients with more than one arm; each has one "
        "(lines 3, 5, 7, 9, 11 and 7 more say another than the first)",
    )


@pytest.mark.parametrize("word", ["Mean", "TOTAL", "Sum:", "StdDev", "Summe", "Mittelwert", "Gesamtergebnis"])
def test_the_foot_of_a_spreadsheet_is_no_patient(tmp_path, word):
    """It has an arm's code and a number in every column, so nothing else would stop it."""
    tables = small_tables()
    tables["patients.csv"].append({"id": word, "group": 1, "age": 44, "sex": "f", "site": "north"})
    tables["pain.csv"].append({"id": word, "nrs_0": 6, "nrs_6": 5, "nrs_12": 4})
    error = refused(write_study(tmp_path, tables))
    assert len(error.findings) == 2 and error.findings[0] == (
        "patients.csv, column 'id': 1 row (line 26) named like the foot of a spreadsheet (mean, total ...), which is "
        "no patient; leave such rows out of the export"
    )


def test_zeros_that_stand_for_nothing_measured_are_noted(tmp_path):
    pain = [
        {**row, "nrs_12": 99 if number < 6 else 3, "days_12": 0 if number < 7 else 9}
        for number, row in enumerate(small_tables()["pain.csv"])
    ]
    extra = [{"id": f"{number:03d}", "days_0": 10} for number in range(1, 25)]
    files = {
        "pain": {"columns": {"days_12": {"means": "outcome", "instrument": "HADAYS", "visit": "12 weeks"}}},
        "days": {
            "path": "days.csv",
            "columns": {
                "id": {"means": "patient"},
                "days_0": {"means": "outcome", "instrument": "HADAYS", "visit": "baseline"},
            },
        },
    }
    dataset = read_study(write_study(tmp_path, {"pain.csv": pain, "days.csv": extra}, files=files))
    assert dataset.notes == (
        "HADAYS at '12 weeks': 0 for 6 patients of whom nothing else is known at that visit; if 0 stands "
        "for 'not measured' there, empty those cells",
    )


def test_gaps_in_covariates_and_visits_without_outcomes_are_noted(tmp_path):
    tables = {
        **changed("patients.csv", age=["", ""]),
        "pain.csv": [{**row, "nrs_6": 99} for row in small_tables()["pain.csv"]],
    }
    assert read_study(write_study(tmp_path, tables)).notes == (
        "visit '6 weeks': no outcome was measured at it",
        "age: 2 patients without a value; comparisons adjust for it",
    )


def test_a_value_out_of_range_is_told_in_the_files_unit(tmp_path):
    columns = {"nrs_0": {"unit": "mm"}}
    tables = changed("pain.csv", nrs_0=[101])
    found = refused(write_study(tmp_path, tables, files={"pain": {"columns": columns}})).findings
    assert [each for each in found if "column 'nrs_0': 1 value above 100 mm (line 2), NRS's highest" in each]


def test_a_row_twice_is_told_once_and_a_value_twice_by_its_line(tmp_path):
    found = refused(write_study(tmp_path / "row", changed("pain.csv", id=["002"]))).findings
    assert not [each for each in found if "values of NRS" in each]
    rows = [{"id": "001", "when": "6 weeks", "nrs": 5}] * 2
    columns = {"id": {"means": "patient"}, "when": {"means": "visit"}, "nrs": {"means": "outcome", "instrument": "NRS"}}
    files = {"pain": {"columns": {"nrs_6": None}}, "more": {"path": "more.csv", "columns": columns}}
    found = refused(write_study(tmp_path / "value", {"more.csv": rows}, files=files)).findings
    assert found[0].startswith("more.csv: 1 value of NRS (line 3) for a patient and visit")
