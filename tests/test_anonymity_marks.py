"""What identifies a person by its shape, and what only looks a little like it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mmresearch.anonymity import Column, judge_columns, judge_headers, like_names


def identifying_kinds(cells, *, header="v7", patient=False):
    """Return {what is held: in how many cells} as the gate's sentences tell it."""
    column = Column(header, tuple(cells), "pseudonym" if patient else "word")
    told = [found.what.partition(" cells hold ") for found in judge_columns([column]) if " cells hold " in found.what]
    return {noun: int(count.split()[0]) for count, _, noun in told}


DATES = [
    "2024-03-05",
    "2024/3/5",
    "05.03.2024",
    "5/3/2024",
    "3-5-24",
    "5.3.24",
    "5 March 2024",
    "March 5, 2024",
    "5-Mar-24",
    "5-Mar",
    "Mar 2024",
    "2024-03",
    "03/2024",
    "5. März 2024",
    "5 mars 2024",
    "5 de marzo de 2024",
    "1st of June 2023",
    "2024-03-05T10:15:00Z",
    "20240305T1015",
    "seen on 05/03/2024 at home",
    "5. Mrz 26",
    "Mrz 26",
    "05.03.",
    "5. 3.",
    "5 janv. 26",
    "12 juil. 2024",
    "5-abr-24",
    "5 ene 24",
]
PERSONS = {
    "e-mail addresses": ["j.doe@example.org", "write to j@doe.de"],
    "web addresses": ["https://example.org/x", "www.example.org"],
    "social security numbers": ["219-09-9999"],
    "telephone numbers": ["+44 20 7946 0958", "(555) 123-4567", "555-123-4567", "+4915112345678", "030 1234567"],
}
HARMLESS = [
    "120/80",
    "L4-L5",
    "7.5",
    "-3",
    "1E05",
    "0001",
    "2024",
    "P-2024-017",
    "1.2.0",
    "C5/6",
    "12-24",
    "month 12",
    "week 6",
    "T1",
    "M54.5",
    "2024000001",
    "site/12",
    "10 min",
    "3 x 2",
    "97140",
    "may help",
    "no change",
    "deep tissue",
    "6-8",
    "5 of 7",
    "5 mg",
    "3 sets",
]


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


NAMES = ["Müller, Anna 03", "Anna Meier", "Meier, A.", "A. Meier", "Dr Meier", "Meier_Anna", "J.Doe"]
CODES = ["Site A", "NORTH-AB-03", "P-2024-017", "site/12", "north", "001", "P.03", "S1_A", "T 4", "patient_03", "S.1"]


@pytest.mark.parametrize(("cell", "like"), [*((cell, 1) for cell in NAMES), *((cell, 0) for cell in CODES)])
def test_names_are_told_from_codes_by_their_words(cell, like):
    assert like_names([cell]) == like


ROLES = ("pseudonym", "code", "number", "age", "category", "word")
SIGNS = "aßZ가ж ,.-_@:/()'\"019\u200b\u202e\u00a0½٣"


@given(
    st.lists(st.text(SIGNS, min_size=1, max_size=12), min_size=1, max_size=12),
    st.sampled_from(ROLES),
    st.text(SIGNS, min_size=1),
)
def test_the_gate_answers_whatever_stands_in_the_cells_and_repeats_none_of_it(cells, role, header):
    told = [found.what for found in judge_columns([Column(header, tuple(f"Xylocanary{cell}" for cell in cells), role)])]
    judge_columns([Column(header, tuple(cells), role)])
    judge_headers([header])
    assert not any("xylocanary" in each.casefold() for each in told)
