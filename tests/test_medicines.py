"""Medicines: every factor against a table we did not write, units and routes, and what no source converts."""

import pytest
from pydantic import ValidationError

from mmresearch.codebook import find_route, find_unit, medicines
from mmresearch.codebook.records import Medicine

CDC_2022 = {  # MMWR Recomm Rep 2022;71(3), table "MME doses for commonly prescribed opioids", typed from the table
    "codeine": 0.15,
    "hydrocodone": 1.0,
    "hydromorphone": 5.0,
    "methadone": 4.7,
    "morphine": 1.0,
    "oxycodone": 1.5,
    "oxymorphone": 3.0,
    "tapentadol": 0.4,
    "tramadol": 0.2,
}
CMS_2018 = {  # CMS and CDC, oral MME conversion factors, February 2018, those the guideline of 2022 has not
    "dihydrocodeine": 0.25,
    "levorphanol": 11.0,
    "meperidine": 0.1,
    "opium": 1.0,
    "pentazocine": 0.37,
}
BEFORE = {"hydromorphone": (2016, 4.0), "tramadol": (2018, 0.1)}  # where an older table says otherwise
VON_KORFF = {  # Von Korff et al 2008, Pain 138:440, table 1: independent of CDC's later tables
    "codeine": 0.15,
    "dihydrocodeine": 0.25,
    "hydrocodone": 1.0,
    "levorphanol": 11.0,
    "meperidine": 0.1,
    "morphine": 1.0,
    "oxycodone": 1.5,
    "oxymorphone": 3.0,
    "pentazocine": 0.37,
}
DDD = {  # grams by mouth, WHO ATC/DDD index 2025
    "ibuprofen": 1.2,
    "naproxen": 0.5,
    "diclofenac": 0.1,
    "celecoxib": 0.2,
    "etoricoxib": 0.06,
    "meloxicam": 0.015,
    "paracetamol": 3.0,
    "aspirin": 3.0,
    "metamizole": 3.0,
    "tramadol": 0.3,
    "oxycodone": 0.075,
    "morphine": 0.1,
}
BOOK = medicines()


@pytest.mark.parametrize("name, factor", [*CDC_2022.items(), *CMS_2018.items(), *VON_KORFF.items()])
def test_an_opioid_s_factor_is_the_published_one(name, factor):
    assert BOOK.mme(BOOK.find(name), 30, "mg") == pytest.approx(30 * factor, rel=1e-12)


@pytest.mark.parametrize("name, told", BEFORE.items())
def test_an_older_source_counts_where_its_year_is_asked_for(name, told):
    year, factor = told
    assert BOOK.mme(BOOK.find(name), 10, "mg", year=year) == pytest.approx(10 * factor, rel=1e-12)


@pytest.mark.parametrize("dose, factor", [(0, 4), (20, 4), (20.5, 8), (40, 8), (60, 10), (61, 12), (80, 12)])
def test_methadone_s_factor_rose_with_the_dose_in_2016(dose, factor):
    """CDC, Calculating total daily dose, 2016: 1-20 mg 4, 21-40 mg 8, 41-60 mg 10, 61-80 mg 12."""
    assert BOOK.mme(BOOK.find("methadone"), dose, "mg", year=2016) == pytest.approx(dose * factor)


def test_a_patch_counts_by_the_hour():
    """25 micrograms an hour are 60 MME a day (CDC 2022: 2.4); 50 an hour are 1.2 mg a day, one DDD (ATC/DDD 2025)."""
    fentanyl = BOOK.find("Fentanyl")
    assert BOOK.mme(fentanyl, 25, "mcg/h", "transdermal") == pytest.approx(60)
    assert BOOK.ddd(fentanyl, 50, "mcg/h", "transdermal") == pytest.approx(1)
    assert BOOK.mme(fentanyl, 200, "mcg", "buccal") == pytest.approx(26)
    assert BOOK.mme(fentanyl, 0.2, "mg", "buccal") == pytest.approx(26)


@pytest.mark.parametrize(
    "name, unit, route",
    [
        ("buprenorphine", "mg", "sublingual"),  # no source converts it
        ("morphine", "mg", "parenteral"),  # the tables are for doses by mouth
        ("morphine", "mcg/h", "oral"),
        ("fentanyl", "mg", "transdermal"),
    ],
)
def test_what_no_source_converts_has_no_number(name, unit, route):
    assert BOOK.mme(BOOK.find(name), 10, unit, route) is None


@pytest.mark.parametrize("name, grams", DDD.items())
def test_defined_daily_doses_are_who_s(name, grams):
    assert BOOK.ddd(BOOK.find(name), grams, "g") == pytest.approx(1, rel=1e-12)
    assert BOOK.ddd(BOOK.find(name), 500 * grams, "mg") == pytest.approx(0.5, rel=1e-12)


def test_no_dose_is_zero_whatever_the_medicine():
    for each in BOOK.medicines.values():
        for part in each.mme:
            assert BOOK.mme(each, 0, part.unit, part.route) == 0
    assert BOOK.mme(BOOK.find("ibuprofen"), 800, "tablets", "topical") == 0, "no opioid, whatever its unit"


def test_every_number_names_a_source_and_every_source_is_used():
    used = {part.source for each in BOOK.medicines.values() for part in (*each.mme, *each.ddd)}
    assert used == set(BOOK.sources)


def test_names_units_and_routes_as_files_spell_them():
    assert BOOK.find(" Acetaminophen").id == "paracetamol" and BOOK.find("TRAMADOL").id == "tramadol"
    assert BOOK.find("tramadoll") is None
    assert (find_unit("\u00b5g / h"), find_unit("MG"), find_unit("tablet")) == ("\u00b5g/h", "mg", None)
    assert (find_route("p.o."), find_route("Patch"), find_route("ear")) == ("oral", "transdermal", None)


@pytest.mark.parametrize(
    "changes, says",
    [
        ({"kind": "nsaid"}, "only an opioid"),
        ({"mme": []}, "says why"),
        ({"also": ["Capital"]}, "small letters"),
        (
            {"mme": [{"route": "oral", "unit": "mg", "factor": 1, "source": "a", "above": 3, "up_to": 2}]},
            "before it begins",
        ),
    ],
)
def test_a_medicine_that_contradicts_itself_cannot_be_made(changes, says):
    record = {"id": "x", "name": "X", "kind": "opioid"}
    record |= {"mme": [{"route": "oral", "unit": "mg", "factor": 1, "source": "a"}]}
    with pytest.raises(ValidationError, match=says):
        Medicine(**record | changes)
