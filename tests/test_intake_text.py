"""Text files that something is wrong with, and column names that would be code elsewhere."""

import copy

import pytest
from studies import small_tables, write_study
from test_study_csv import as_text

from mmresearch.claims import articles
from mmresearch.cli import main
from mmresearch.errors import DataError
from mmresearch.models import fit
from mmresearch.study import read_study

TEXT = as_text(small_tables()["pain.csv"])
HEADER, *RECORDS = TEXT.splitlines()


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return read_study(write_study(tmp_path_factory.mktemp("plain")))


def refused(folder, kind=DataError):
    with pytest.raises(kind) as caught:
        read_study(folder)
    assert len(str(caught.value).splitlines()) <= 20
    return str(caught.value)


def lines(header, records):
    return "\n".join([header, *records])


def with_cell(cell, column="nrs_0"):
    rows = copy.deepcopy(small_tables()["pain.csv"])
    rows[3][column] = cell
    return rows


@pytest.mark.parametrize(("text", "said"), [
    (lines(HEADER + ",NRS_0", (f"{each},5" for each in RECORDS)), "column names that look alike (case, blanks"),
    (lines(HEADER + ",nr\u0455_0", (f"{each},5" for each in RECORDS)), "'nrs_0' and 'nr\u0455_0'; rename one"),
    (lines(HEADER + ",nrs \u200b_0", (f"{each},5" for each in RECORDS)), "'nrs_0' and 'nrs _0'; rename one"),
    (lines(HEADER, [*RECORDS[:9], HEADER, *RECORDS[9:]]), "1 record (line 11) repeating the header"),
    ("Pain,,,\nof the trial,,,\n" + TEXT, "4 of 4 mapped names stand in line 3, and 0 in the first"),
    (lines(",".join([HEADER, *(f"c{n}" for n in range(20_000))]), [RECORDS[0] + "," * 20_000]), "the limit is 16384"),
    (lines(HEADER, [*RECORDS[:9], "010,1,1," + "9" * 200_000]), "the record that begins in line 11 cannot be split"),
])
def test_a_table_of_a_wrong_shape_is_told(tmp_path, text, said):
    assert said in refused(write_study(tmp_path, tables={"pain.csv": text}))


def test_titles_above_the_names_are_passed_over_where_study_toml_says_so(tmp_path, plain):
    text = "Pain of the trial\n\n" + TEXT
    dataset = read_study(write_study(tmp_path, tables={"pain.csv": text}, files={"pain": {"header_row": 3}}))
    assert dataset.outcomes.equals(plain.outcomes)


def test_a_separator_too_many_after_each_record_is_left_out_and_told(tmp_path, plain):
    dataset = read_study(write_study(tmp_path, tables={"pain.csv": lines(HEADER, (f"{each}," for each in RECORDS))}))
    assert dataset.outcomes.equals(plain.outcomes)
    assert "pain.csv: a comma at the end of 24 records left out" in dataset.notes


@pytest.mark.parametrize(("site", "encoding", "said"), [
    ("서울대학교병원", "cp949", "\"cp949\", if its letters are right"),
    ("Москва", "cp1251", "\"cp1251\", if its letters are right"),
    ("Łódź", "cp1250", "strange signs within words (line 2); say its `encoding`"),
    ("Zürich", "mac-roman", "or Windows-1252: byte|strange signs"),
])
def test_what_is_not_windows_1252_is_asked_about(tmp_path, site, encoding, said):
    raw = as_text([{**row, "site": site} for row in small_tables()["patients.csv"]]).encode(encoding)
    message = refused(write_study(tmp_path, tables={"patients.csv": raw}))
    assert any(part in message for part in said.split("|")) and site not in message
    files = {"patients": {"encoding": encoding}}
    dataset = read_study(write_study(tmp_path, tables={"patients.csv": raw}, files=files))
    assert set(dataset.patients["site"]) == {site}


def test_two_encodings_in_one_file_are_told_by_line(tmp_path):
    text = as_text([{**row, "site": "Zürich"} for row in small_tables()["patients.csv"]])
    raw = b"\n".join(line.encode("utf-8" if number < 10 else "cp1252") for number, line in enumerate(text.splitlines()))
    message = refused(write_study(tmp_path, tables={"patients.csv": raw}))
    assert "mixes UTF-8 with another encoding: byte" in message and "in line 11, is not UTF-8" in message


@pytest.mark.parametrize("mark", ["\x1b[31m", "\n", "\u202e", "\u200e", "\x07"])
def test_signs_that_cannot_be_printed_are_told_by_line_and_not_shown(tmp_path, mark):
    rows = [{**row, "id": row["id"].replace("4", f"4{mark}4")} for row in small_tables()["pain.csv"]]
    message = refused(write_study(tmp_path, tables={"pain.csv": as_text(rows, quote='"')}))
    assert "column 'id': 3 cells with a line break or a sign that cannot be printed (line" in message
    assert mark == "\n" or mark not in message


@pytest.mark.parametrize("length", [1_001, 100_000])
def test_a_cell_that_is_a_document_is_told_and_not_searched(tmp_path, length):
    message = refused(write_study(tmp_path, tables={"pain.csv": with_cell("9" * length, "id")}))
    assert "column 'id': 1 cell longer than 1000 characters (line 5)" in message and "999" not in message


ODD = ["7/10", "seven", "#DIV/0!", "#N/A", "inf", "1e309", "\uff17", "\u22127.5", "1_000", "NaN", "'7"]


@pytest.mark.parametrize("cell", ODD)
def test_what_is_no_number_is_told_by_line(tmp_path, cell):
    message = refused(write_study(tmp_path, tables={"pain.csv": with_cell(cell)}))
    assert "pain.csv, column 'nrs_0': 1 cell of 24 without a number (line 5)" in message
    assert cell not in message


def test_a_lone_decimal_comma_is_asked_about(tmp_path):
    message = refused(write_study(tmp_path, tables={"pain.csv": with_cell("7,5")}))
    assert "pain.csv: 1 number with a comma (nrs_0) where others need none" in message
    said = read_study(write_study(tmp_path, tables={"pain.csv": with_cell("7,5")}, files={"pain": {"decimal": ","}}))
    assert 7.5 in set(said.outcomes["value"])


@pytest.mark.parametrize("code", [
    "Q('a') + __import__('os').system('touch X')",
    "=cmd|'/c calc'!A1",
])
def test_a_column_name_is_never_run(tmp_path, monkeypatch, code):
    """Covariates are named by study.toml in plain words; a file's own names end at the door of the study."""
    monkeypatch.chdir(tmp_path)
    rows = [{**{key: cell for key, cell in row.items() if key != "age"}, code: row["age"]}
            for row in small_tables()["patients.csv"]]
    columns = {"age": None, code: {"means": "covariate", "name": "years", "kind": "number"}}
    folder = write_study(tmp_path / "study", tables={"patients.csv": as_text(rows, ";")},
                         files={"patients": {"columns": columns}}, covariates=["years"])
    dataset = read_study(folder)
    assert "years" in dataset.patients and code not in dataset.patients
    estimate = fit(articles().claim("pain-general"), dataset)
    assert estimate.point is not None
    assert main(["check", str(folder)]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["study"]


@pytest.mark.parametrize("name", ["years + 1", "Years", "__import__", "a" * 3 + "(", "1st"])
def test_a_covariate_has_a_plain_name(tmp_path, name):
    columns = {"age": {"means": "covariate", "name": name, "kind": "number"}}
    message = refused(write_study(tmp_path, files={"patients": {"columns": columns}}))
    assert "small letters, digits and underscores" in message


def test_a_block_of_findings_fits_on_a_screen(tmp_path):
    columns = {f"absent_{each}": {"means": "covariate", "name": f"a{each}", "kind": "number"} for each in range(40)}
    message = refused(write_study(tmp_path, files={"patients": {"columns": columns}}))
    assert len(message.splitlines()) <= 20 and "and 24 more findings; correct these first" in message
