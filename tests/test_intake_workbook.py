"""Excel workbooks as clinics send them: typed cells, titles, hidden sheets, merged cells, formulas, lies and bombs."""

import datetime
import io
import zipfile

import pytest
from openpyxl.comments import Comment
from studies import small_tables, write_study
from workbooks import compound, old_workbook, with_part, workbook

from mmresearch.errors import DataError, PrivacyError
from mmresearch.study import read_study

SHEET = "xl/worksheets/sheet1.xml"


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return read_study(write_study(tmp_path_factory.mktemp("plain")))


def study(folder, raw, name="pain.xlsx", **keys):
    return write_study(folder, tables={name: raw}, files={"pain": {"path": name, **keys}})


def refused(folder, raw, kind=DataError, **keys):
    with pytest.raises(kind) as caught:
        read_study(study(folder, raw, **keys))
    return str(caught.value)


def pain():
    return small_tables()["pain.csv"]


def test_a_workbook_reads_as_the_csv_does(tmp_path, plain):
    dataset = read_study(study(tmp_path, workbook(pain())))
    assert dataset.outcomes.equals(plain.outcomes)
    assert dataset.notes == plain.notes


def test_a_whole_number_is_its_digits_and_text_stays_text(tmp_path):
    names = ["007", "7", "1E05", 100000, "NA", "12345678901234567890", 12.0, *(f"P{n}" for n in range(17))]
    rows = [{**row, "id": name} for row, name in zip(pain(), names, strict=True)]
    people = [{**row, "id": str(int(name)) if name == 12.0 else name} for row, name in
              zip(small_tables()["patients.csv"], names, strict=True)]
    folder = write_study(tmp_path, tables={"patients.csv": people})
    dataset = read_study(write_study(folder, tables={"patients.csv": people, "pain.xlsx": workbook(rows)},
                                     files={"pain": {"path": "pain.xlsx"}}))
    assert set(dataset.outcomes["patient"]) == {"12" if name == 12.0 else str(name) for name in names}


def test_numbers_of_more_than_fifteen_digits_are_no_pseudonyms(tmp_path):
    rows = [{**row, "id": 2024000000000000 + number} for number, row in enumerate(pain())]
    message = refused(tmp_path, workbook(rows))
    assert "pain.xlsx, column 'id': 24 cells stored as numbers of more than 15 digits (rows 2, 3, 4, 5, 6" in message


def test_typed_dates_are_refused_whatever_their_year(tmp_path):
    rows = pain()
    rows[3]["nrs_6"] = datetime.datetime(2206, 1, 1)
    message = refused(tmp_path, workbook(rows), PrivacyError)
    assert "pain.xlsx, column 'nrs_6': 1 cell stored as dates (row 5)" in message
    assert "2206" not in message


def test_errors_of_the_spreadsheet_are_never_missing_values(tmp_path):
    rows = pain()
    rows[3]["nrs_6"], rows[7]["nrs_6"] = "#DIV/0!", "#N/A"
    message = refused(tmp_path, workbook(rows))
    assert "column 'nrs_6': 2 cells with an error of the spreadsheet, such as #DIV/0! (rows 5, 9)" in message


def test_formulas_that_were_never_calculated_are_refused(tmp_path):
    rows = pain()
    rows[3]["nrs_6"] = "=1+1"
    message = refused(tmp_path, workbook(rows))
    assert "column 'nrs_6': 1 formula without a calculated value (row 5); open the workbook in Excel" in message


def test_titles_above_the_names_are_asked_about(tmp_path, plain):
    raw = workbook(pain(), lambda book, sheet: sheet.cell(1, 1, "Pain of the trial"), above=3)
    assert "say header_row = 4 for this file" in refused(tmp_path, raw)
    assert read_study(study(tmp_path, raw, header_row=4)).outcomes.equals(plain.outcomes)
    assert "header_row = 3, where nothing stands" in refused(tmp_path, raw, header_row=3)


def test_several_sheets_need_a_word(tmp_path, plain):
    raw = workbook(pain(), lambda book, sheet: book.create_sheet("Maria Gartner"))
    message = refused(tmp_path, raw)
    assert 'has 2 visible sheets: say which is meant, sheet = "..."' in message and "Gartner" not in message
    message = refused(tmp_path, raw, sheet="Sheat")
    assert "no sheet is named 'Sheat' among 2 visible sheets. Did you mean 'Sheet'?" in message
    assert read_study(study(tmp_path, raw, sheet="Sheet")).outcomes.equals(plain.outcomes)


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_hidden_sheets_stop_the_reading_until_they_are_known_about(tmp_path, plain, state):
    def hide(book, sheet):
        key = book.create_sheet("key")
        key.append(["P1", "Zyzanska"])
        key.sheet_state = state

    raw = workbook(pain(), hide)
    message = refused(tmp_path, raw, PrivacyError)
    assert "the workbook has 1 hidden sheet" in message and "Zyzanska" not in message
    assert read_study(study(tmp_path, raw, hidden=True)).outcomes.equals(plain.outcomes)


def test_hidden_rows_and_columns_and_comments_are_told(tmp_path, plain):
    def hide(book, sheet):
        sheet.column_dimensions["B"].hidden = True
        sheet.row_dimensions[5].hidden = True
        sheet["A2"].comment = Comment("Zyzanska", "author")

    dataset = read_study(study(tmp_path, workbook(pain(), hide)))
    assert dataset.outcomes.equals(plain.outcomes)
    assert {
        "pain.xlsx: 1 comment of the sheet not read",
        "pain.xlsx: 1 hidden row (a filter?) read as the others",
        "pain.xlsx: column 'nrs_0' is hidden in the workbook; it is read, because study.toml maps it",
    } <= set(dataset.notes)


def test_merged_cells_hold_their_value_once(tmp_path):
    raw = workbook(pain(), lambda book, sheet: sheet.merge_cells("B1:D1"))
    assert "1 group of merged cells in the header (row 1)" in refused(tmp_path / "a", raw)
    raw = workbook(pain(), lambda book, sheet: sheet.merge_cells("A4:A6"))
    assert "1 group of merged cells in mapped columns (row 4)" in refused(tmp_path / "b", raw)


def test_the_dimension_a_sheet_claims_is_not_believed(tmp_path, plain):
    raw = with_part(workbook(pain()), SHEET, lambda text: text.replace('ref="A1:D25"', 'ref="A1:B2"'))
    assert b'A1:B2' in zipfile.ZipFile(io.BytesIO(raw)).read(SHEET)
    assert read_study(study(tmp_path, raw)).outcomes.equals(plain.outcomes)


@pytest.mark.parametrize("doctype", [
    '<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;&b;">]>', '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]>',
])
def test_document_types_are_refused(tmp_path, doctype):
    raw = with_part(workbook(pain()), SHEET, lambda text: doctype + text)
    assert "holds a document type declaration (DTD)" in refused(tmp_path, raw)


def test_bombs_are_refused_before_they_are_unpacked(tmp_path):
    raw = with_part(workbook(pain()), "xl/media/a.xml", lambda text: " " * 300_000_000)
    assert "(a zip bomb, or far too much)" in refused(tmp_path, raw)


def test_a_password_is_named_as_what_it_is(tmp_path):
    raw = compound({"EncryptedPackage": b"\7" * 5000, "EncryptionInfo": b"\1" * 100})
    assert "pain.xlsx: is protected by a password; remove the password in Excel" in refused(tmp_path, raw)


@pytest.mark.parametrize("size", [0.3, 0.9])
def test_a_workbook_cut_off_is_refused(tmp_path, size):
    raw = workbook(pain())
    assert "cut off or damaged" in refused(tmp_path, raw[: int(len(raw) * size)])


@pytest.mark.parametrize("name", ["pain.csv", "pain.xls", "pain.sav", "pain.sqlite"])
def test_a_workbook_by_another_name_is_named(tmp_path, name):
    assert "is an Excel workbook (.xlsx), whatever its name says" in refused(tmp_path, workbook(pain()), name=name)


def test_empty_sheets_and_bare_headers_have_no_rows(tmp_path):
    assert "its sheet is empty (no rows)" in refused(tmp_path / "a", workbook([{"": None}]))
    bare = workbook(pain(), lambda book, sheet: sheet.delete_rows(2, 30))
    assert "has a header and no records (no rows)" in refused(tmp_path / "b", bare)


def test_the_header_repeated_among_the_rows_is_told(tmp_path):
    rows = pain()
    rows.insert(5, {name: name for name in rows[0]})
    assert "1 record (row 7) repeating the header" in refused(tmp_path, workbook(rows))


def test_an_old_workbook_is_read_with_its_numbers_and_errors(tmp_path, plain):
    rows = [list(pain()[0]), *(list(row.values()) for row in pain())]
    assert read_study(study(tmp_path / "a", old_workbook(rows), name="pain.xls")).outcomes.equals(plain.outcomes)
    rows[5][2] = None
    message = refused(tmp_path / "b", old_workbook(rows, errors=[(5, 2)]), name="pain.xls")
    assert "column 'nrs_6': 1 cell with an error of the spreadsheet, such as #DIV/0! (row 6)" in message


def test_a_web_page_named_xls_is_no_workbook(tmp_path):
    message = refused(tmp_path, b"\n <HTML><table><tr><td>id</td></tr></table>", name="pain.xls")
    assert "pain.xls: is a web page or XML" in message
