"""Files as clinics export them: encodings, separators, decimal marks, broken records."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st
from studies import small_tables, write_study

from mmresearch.errors import DataError, MMResearchError
from mmresearch.study import read_study


def as_text(rows, separator=",", newline="\n", quote=""):
    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    return newline.join(separator.join(f"{quote}{cell}{quote}" for cell in line) for line in lines) + newline


def refused(folder):
    with pytest.raises(DataError) as caught:
        read_study(folder)
    return str(caught.value)


@pytest.fixture
def plain(tmp_path):
    return read_study(write_study(tmp_path / "plain"))


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("quote", ["", '"'])
def test_separator_and_line_ends_are_found(tmp_path, plain, separator, newline, quote):
    text = {name: as_text(rows, separator, newline, quote) for name, rows in small_tables().items()}
    dataset = read_study(write_study(tmp_path / "other", tables=text))
    assert dataset.patients.equals(plain.patients)
    assert dataset.outcomes.equals(plain.outcomes)


def test_excels_own_first_line_is_understood(tmp_path, plain):
    text = {name: "sep=;\r\n" + as_text(rows, ";") for name, rows in small_tables().items()}
    assert read_study(write_study(tmp_path / "other", tables=text)).outcomes.equals(plain.outcomes)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encoding_is_found(tmp_path, encoding):
    rows = [{**row, "site": "Zürich"} for row in small_tables()["patients.csv"]]
    dataset = read_study(write_study(tmp_path, tables={"patients.csv": as_text(rows).encode(encoding)}))
    assert set(dataset.patients["site"]) == {"Zürich"}
    guessed = [note for note in dataset.notes if "Windows-1252" in note]
    assert guessed == (
        ["patients.csv: read as Windows-1252, because it is not UTF-8 (24 accented letters)"]
        if encoding == "cp1252"
        else []
    )


def test_a_named_encoding_is_used_and_an_unknown_one_refused(tmp_path):
    rows = as_text([{**row, "site": "Łódź"} for row in small_tables()["patients.csv"]]).encode("cp1250")
    files = {"patients": {"encoding": "cp1250"}}
    assert set(read_study(write_study(tmp_path, tables={"patients.csv": rows}, files=files)).patients["site"]) == {
        "Łódź"
    }
    assert "'latin9000' is no encoding" in refused(write_study(tmp_path, files={"patients": {"encoding": "latin9000"}}))
    assert "cannot be read as utf-8: byte" in refused(
        write_study(tmp_path, tables={"patients.csv": rows}, files={"patients": {"encoding": "utf-8"}})
    )


def test_bytes_of_no_encoding_are_refused(tmp_path):
    raw = as_text(small_tables()["patients.csv"]).encode() + b"\x81\x8d"
    assert "cannot be read as utf-8 or Windows-1252" in refused(write_study(tmp_path, tables={"patients.csv": raw}))


def half_points(rows, mark):
    return [
        {
            "id": row["id"],
            **{
                key: f"{value}{mark}5" if value != 99 and value < 10 else value
                for key, value in row.items()
                if key != "id"
            },
        }
        for row in rows
    ]


def test_decimal_commas_are_found_and_said(tmp_path):
    rows = small_tables()["pain.csv"]
    comma = read_study(write_study(tmp_path / "c", tables={"pain.csv": as_text(half_points(rows, ","), ";")}))
    point = read_study(write_study(tmp_path / "p", tables={"pain.csv": as_text(half_points(rows, "."), ",")}))
    assert comma.outcomes.equals(point.outcomes)
    assert (comma.outcomes["value"] % 1 == 0.5).any()
    assert any("read with decimal commas" in note for note in comma.notes)
    assert not any("decimal" in note for note in point.notes)


def test_commas_and_points_together_are_refused(tmp_path):
    rows = half_points(small_tables()["pain.csv"], ",")
    rows[3]["nrs_0"] = "6.5"
    message = refused(write_study(tmp_path, tables={"pain.csv": as_text(rows, ";")}))
    assert "column 'nrs_0'" in message and "without a number" in message


def test_a_comma_before_three_digits_needs_a_word(tmp_path):
    rows = [{**row, "nrs_0": "1,500"} for row in small_tables()["pain.csv"]]
    tables = {"pain.csv": as_text(rows, ";")}
    assert "thousands or decimals?" in refused(write_study(tmp_path, tables=tables))
    dataset = read_study(write_study(tmp_path, tables=tables, files={"pain": {"decimal": ","}}))
    assert set(dataset.wide("NRS")["baseline"]) == {1.5}
    assert "24 cells of 24 without a number" in refused(
        write_study(tmp_path, tables=tables, files={"pain": {"decimal": "."}})
    )


def test_a_point_before_three_digits_needs_a_word_where_semicolons_separate(tmp_path):
    """A German spreadsheet writes 1200 as 1.200."""
    rows = [{**row, "nrs_0": "6.000"} for row in small_tables()["pain.csv"]]
    tables = {"pain.csv": as_text(rows, ";")}
    assert "24 numbers with a point before three digits: thousands or decimals?" in refused(
        write_study(tmp_path / "a", tables=tables)
    )
    said = read_study(write_study(tmp_path / "a", tables=tables, files={"pain": {"decimal": "."}}))
    plain = read_study(write_study(tmp_path / "b", tables={"pain.csv": as_text(rows, ",")}))
    rows[0]["nrs_0"] = "6.5"
    clear = read_study(write_study(tmp_path / "c", tables={"pain.csv": as_text(rows, ";")}))
    assert set(said.wide("NRS")["baseline"]) == set(plain.wide("NRS")["baseline"]) == {6.0}
    assert set(clear.wide("NRS")["baseline"]) == {6.0, 6.5}


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "the file is empty"),
        (b"  \r\n \r\n", "the file is empty"),
        (b"id,group,age,sex,site\n", "has a header and no records"),
        (b"PK\x03\x04rest", "is a zip file or workbook that is cut off or damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "is an old Excel workbook (.xls), whatever its name says"),
        (b"\x89PNG\r\n\x1a\n", "is a picture"),
        (b"<!DOCTYPE html><table>", "is a web page"),
        (b"id,group\n0\x001,1\n", "is not text (it holds 1 zero character, the first in line 2)"),
        (codecs.BOM_UTF16_LE + "id,group\n0\x001,1\n".encode("utf-16-le"), "is not text (it holds 1 zero character"),
        (
            b'id,group,age,sex,site\n1,1,"40,f,north\n2,1,40,f,north\n',
            "the record that begins in line 2 cannot be split",
        ),
        (b"id,group,age,sex,site,age\n1,1,40,f,north,40\n", "the header names 1 column twice: 'age'"),
        (b"1,1,40,f,north\n2,1,40,f,north\n", "none of the 5 mapped columns stands in the first line (5 fields"),
    ],
)
def test_what_is_no_table_is_refused_with_a_remedy(tmp_path, raw, said):
    message = refused(write_study(tmp_path, tables={"patients.csv": raw}))
    assert f"patients.csv: {said}" in message
    assert message.endswith(f"then: mmresearch check {tmp_path}")


@pytest.mark.parametrize(("line", "number"), [("1,1,40,f,north,extra", 6), ("1,1,40,f", 4)])
def test_one_record_with_another_number_of_fields_is_refused_by_line(tmp_path, line, number):
    text = as_text(small_tables()["patients.csv"]) + line + "\n"
    assert number != 5
    assert "1 record of 25 with another number of fields than the header's 5 (line 26)" in refused(
        write_study(tmp_path, tables={"patients.csv": text})
    )


def test_a_field_too_many_in_every_record_never_shifts_columns(tmp_path):
    header, *records = as_text(small_tables()["patients.csv"]).splitlines()
    text = "\n".join([header, *(f"x,{record}" for record in records)])
    assert "24 records of 24" in refused(write_study(tmp_path, tables={"patients.csv": text}))


def test_line_numbers_count_lines_within_quotes(tmp_path):
    rows = as_text(small_tables()["pain.csv"]).splitlines()
    text = "\n".join(
        [rows[0] + ",remark", f'{rows[1]},"two\nlines"', *(f"{row}," for row in rows[2:-1]), rows[-1] + ",a,b"]
    )
    assert "(line 26)" in refused(write_study(tmp_path, tables={"pain.csv": text}))


def test_blank_lines_and_blank_records_are_passed_over(tmp_path, plain):
    text = as_text(small_tables()["pain.csv"]) + "\n,,,\n\n"
    assert read_study(write_study(tmp_path / "b", tables={"pain.csv": text})).outcomes.equals(plain.outcomes)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("pain.pkl", "files with this ending are never opened"),
        ("pain.xlsx", "the file is missing. Did you mean 'pain.csv'?"),
        ("../pain.csv", "lies outside the study's folder"),
        ("/pain.csv", "lies outside the study's folder"),
        ("paine.csv", "the file is missing. Did you mean 'pain.csv'?"),
    ],
)
def test_paths_that_are_not_read(tmp_path, path, said):
    assert f"{path}: {said}" in refused(write_study(tmp_path, files={"pain": {"path": path}}))


def test_a_web_address_is_refused_and_what_it_holds_is_not_shown(tmp_path):
    message = refused(write_study(tmp_path, files={"pain": {"path": "https://anna:hunter2@example.org/pain.csv"}}))
    assert "https://...: is a web address" in message
    assert "hunter2" not in message


def test_identifiers_stay_text(tmp_path):
    old = small_tables()
    names = ["007", "7", "1E05", "100000", "NA", "12345678901234567890", *(f"P{n:03d}" for n in range(18))]
    tables = {file: [{**row, "id": name} for row, name in zip(rows, names, strict=True)] for file, rows in old.items()}
    dataset = read_study(write_study(tmp_path, tables=tables))
    assert list(dataset.patients["patient"]) == names
    assert (
        "1 pseudonym like another's but for case, blanks or leading zeros; they count as different patients"
        in dataset.notes
    )


@given(st.lists(st.binary(min_size=1, max_size=60), min_size=1, max_size=4))
def test_any_bytes_at_all_end_in_a_dataset_or_in_findings(tmp_path_factory, chunks):
    folder = write_study(tmp_path_factory.mktemp("fuzz"))
    raw = (folder / "pain.csv").read_bytes()
    (folder / "pain.csv").write_bytes(raw[:40] + chunks[0] + raw[40:] + b"".join(chunks[1:]))
    try:
        read_study(folder)
    except MMResearchError as error:
        assert error.findings, "an error of ours without findings is a fault of the reader"
