"""From rows of medicines to a day's dose at each visit: hand-worked doses, and what is never taken for nothing."""

import pytest
from studies import write_study

from mmresearch.errors import DataError
from mmresearch.study import read_study

COLUMNS = {
    "id": {"means": "patient"},
    "day": {"means": "drug_day"},
    "drug": {"means": "drug"},
    "dose": {"means": "dose"},
    "unit": {"means": "dose_unit"},
    "times": {"means": "times_a_day"},
    "route": {"means": "route"},
}
WINDOW = {
    "visits": [
        {"name": "baseline", "day": 0, "window": [-7, 0]},
        {"name": "6 weeks", "day": 42, "window": [35, 56]},
        {"name": "12 weeks", "day": 84, "window": [70, 112]},
    ]
}


def row(patient="001", day=0, drug="tramadol", dose=50, unit="mg", times=2, route="oral"):
    return {"id": patient, "day": day, "drug": drug, "dose": dose, "unit": unit, "times": times, "route": route}


def read(tmp_path, rows, columns=None, **changes):
    files = {"medications": {"path": "medications.csv", "columns": columns or COLUMNS}}
    return read_study(write_study(tmp_path, {"medications.csv": rows}, files=files, **WINDOW, **changes))


def doses(dataset, name="MME", visit="baseline"):
    rows = dataset.outcomes
    rows = rows[(rows["instrument"] == name) & (rows["visit"] == visit)]
    return rows.set_index("patient")["value"].to_dict()


def notes(dataset):
    return [note for note in dataset.notes if note.startswith("medications")]


def test_a_dose_is_the_sum_of_what_is_taken_a_day(tmp_path):
    """Two tramadol of 50 mg: 100 x 0.2 = 20 MME; with 10 mg of oxycodone (x 1.5) 35; 25 mcg/h: 60 (CDC 2022)."""
    rows = [
        row(),
        row(drug="Oxycodone", dose=10, times=1),
        row("002", drug="fentanyl", dose=25, unit="mcg/h", times=0.33, route="patch"),
        row("003", drug="ibuprofen", dose=400, times=3),
        row("003", drug="acetaminophen", dose=1, unit="g", times=3),
    ]
    dataset = read(tmp_path, rows)
    assert doses(dataset) == pytest.approx({"001": 35.0, "002": 60.0})
    assert doses(dataset, "DDD") == pytest.approx({"003": 2.0})  # 1200 mg of 1200, 3 g of 3 (ATC/DDD 2025)


def test_who_has_no_row_took_nothing_only_where_the_file_is_complete(tmp_path):
    silent = read(tmp_path / "silent", [row()])
    assert doses(silent) == pytest.approx({"001": 20.0})
    assert any("medications_complete" in note for note in notes(silent))
    complete = doses(read(tmp_path / "complete", [row()], medications_complete=True))
    assert complete["001"] == pytest.approx(20) and len(complete) == 24 and sum(complete.values()) == pytest.approx(20)


def test_a_patient_who_did_not_come_is_missing_and_not_at_zero(tmp_path):
    """Patients 006, 012, 018 and 024 have no pain score at 12 weeks (99): they were not there."""
    dataset = read(tmp_path, [row(), row(day=84)], medications_complete=True)
    seen = doses(dataset, visit="12 weeks")
    assert {"006", "012", "018", "024"} & set(seen) == set() and len(seen) == 20
    assert seen["001"] == pytest.approx(20)


@pytest.mark.parametrize(
    "strange, says",
    [
        (row("002", drug="tramadoll"), "1 row of 1 patient with a medicine the codebook does not know"),
        (row("002", unit="tablets"), "1 row of 1 patient with a unit or route that is none of a dose, for MME"),
        (row("002", route="ear"), "1 row of 1 patient with a unit or route that is none of a dose, for MME"),
        (row("002", drug="buprenorphine", dose=0.4, route="sublingual"), "no source converts to MME"),
        (row("002", drug="morphine", route="iv"), "no source converts to MME"),
        (row("002", dose=""), "1 row of 1 patient with no dose, or not how often a day, for MME"),
        (row("002", times=""), "1 row of 1 patient with no dose, or not how often a day, for MME"),
    ],
)
def test_what_cannot_be_converted_is_a_finding_and_never_zero(tmp_path, strange, says):
    dataset = read(tmp_path, [row(), strange], medications_complete=True)
    assert any(says in note for note in notes(dataset))
    assert "002" not in doses(dataset) and doses(dataset)["003"] == 0
    assert "tramadoll" not in " ".join(dataset.notes) and "002" not in " ".join(dataset.notes)


def test_a_medicine_that_is_none_for_pain_can_be_called_so(tmp_path):
    columns = {**COLUMNS, "drug": {"means": "drug", "values": {"T": "tramadol", "ramipril": "not-analgesic"}}}
    dataset = read(
        tmp_path, [row(drug="T"), row("002", drug="ramipril", unit="tablets")], columns, medications_complete=True
    )
    assert doses(dataset)["002"] == 0 and doses(dataset)["001"] == pytest.approx(20)
    assert not any("does not know" in note for note in notes(dataset))


def test_of_several_days_in_a_window_the_nearest_tells_the_dose(tmp_path):
    rows = [row(day=36, dose=200), row(day=40), row(day=50, dose=100), row(day=70, dose=100), row(day=90, dose=300)]
    dataset = read(tmp_path, rows)
    assert doses(dataset, visit="6 weeks") == pytest.approx({"001": 20.0})  # day 40, not 36 or 50
    assert doses(dataset, visit="12 weeks") == pytest.approx({"001": 120.0})  # day 90 is 6 days off, day 70 is 14


def test_without_a_column_for_it_a_dose_is_a_day_s(tmp_path):
    columns = {name: column for name, column in COLUMNS.items() if name != "times"}
    assert doses(read(tmp_path, [row(dose=150)], columns)) == pytest.approx({"001": 30.0})


def test_a_diary_is_averaged_over_the_week_before_a_visit_and_its_days_are_counted_in_28(tmp_path):
    """Three days of 100 mg of tramadol in the last seven: 3 x 20 / 7; five days with any analgesic in the last 28."""
    rows = [row(day=day) for day in (80, 82, 84, 60)] + [
        row(day=70, drug="ibuprofen"),
        row(day=30),
        row("002", day=-40),
    ]
    dataset = read(tmp_path, rows, medications_complete=True, medications_kept="daily")
    assert doses(dataset, visit="12 weeks")["001"] == pytest.approx(60 / 7)
    assert doses(dataset, "MEDDAYS", "12 weeks")["001"] == 5 and doses(dataset, "MEDDAYS", "12 weeks")["003"] == 0
    assert doses(dataset, "MEDDAYS")["001"] == 0, "the diary began 40 days before baseline"


def test_a_diary_that_began_at_baseline_says_nothing_of_the_days_before(tmp_path):
    dataset = read(
        tmp_path, [row(day=day) for day in range(0, 85)], medications_complete=True, medications_kept="daily"
    )
    assert doses(dataset) == {} and doses(dataset, "MEDDAYS") == {}
    assert doses(dataset, "MEDDAYS", "12 weeks")["001"] == 28 and doses(dataset, visit="12 weeks")[
        "001"
    ] == pytest.approx(20)


def test_a_diary_that_may_have_gaps_is_refused(tmp_path):
    with pytest.raises(DataError, match="medications_complete"):
        read(tmp_path, [row()], medications_kept="daily")


def test_who_takes_opioids_and_analgesics_at_baseline_is_known_of_the_patients(tmp_path):
    rows = [row(), row("002", drug="ibuprofen"), row("003", drug="what"), row("004", day=42)]
    patients = read(tmp_path, rows, medications_complete=True).patients.set_index("patient")
    assert patients.loc["001", ["opioids", "analgesics"]].tolist() == ["yes", "yes"]
    assert patients.loc["002", ["opioids", "analgesics"]].tolist() == ["no", "yes"]
    assert patients.loc["003", ["opioids", "analgesics"]].isna().all(), "what they take is not known"
    assert patients.loc["004", ["opioids", "analgesics"]].tolist() == ["no", "no"]
    silent = read(tmp_path / "silent", rows).patients.set_index("patient")
    assert silent.loc["004", ["opioids", "analgesics"]].isna().all()


def test_what_the_study_measured_itself_stands(tmp_path):
    own = [{"id": "001", "mme": 7}]
    files = {
        "medications": {"path": "medications.csv", "columns": COLUMNS},
        "mme": {
            "path": "mme.csv",
            "columns": {
                "id": {"means": "patient"},
                "mme": {"means": "outcome", "instrument": "MME", "visit": "baseline"},
            },
        },
    }
    folder = write_study(tmp_path, {"medications.csv": [row()], "mme.csv": own}, files=files, **WINDOW)
    dataset = read_study(folder)
    assert doses(dataset) == {"001": 7.0} and any("measured by the study itself" in note for note in notes(dataset))


def test_a_study_without_medicines_is_as_it_was(tmp_path):
    dataset = read_study(write_study(tmp_path))
    assert set(dataset.outcomes["instrument"]) == {"NRS"} and "opioids" not in dataset.patients


# Diaries of counts that were not kept all the time

DIARY = {
    "id": {"means": "patient"},
    "days": {"means": "outcome", "instrument": "HADAYS", "visit": "12 weeks"},
    "kept": {"means": "days_observed"},
}


def diary(tmp_path, rows):
    files = {"diary": {"path": "diary.csv", "columns": DIARY}}
    return read_study(write_study(tmp_path, {"diary.csv": rows}, files=files))


def test_days_of_a_diary_are_told_for_28_and_the_share_observed_is_kept(tmp_path):
    dataset = diary(
        tmp_path,
        [
            {"id": "001", "days": 7, "kept": 14},
            {"id": "002", "days": 7, "kept": 28},
            {"id": "003", "days": 0, "kept": 0},
        ],
    )
    assert doses(dataset, "HADAYS", "12 weeks") == {"001": 14.0, "002": 7.0}
    assert dataset.observed_share("HADAYS", "12 weeks").to_dict() == {"001": 0.5, "002": 1.0}
    assert dataset.observed_share("NRS", "12 weeks") is None


@pytest.mark.parametrize("days, kept, says", [(9, 7, "1 value above the days"), (9, "", "1 value without the days")])
def test_more_days_than_the_diary_has_are_a_finding(tmp_path, days, kept, says):
    with pytest.raises(DataError, match=says):
        diary(tmp_path, [{"id": "001", "days": days, "kept": kept}, {"id": "002", "days": 1, "kept": 28}])


def test_rows_that_fall_on_no_baseline_say_so_with_the_remedy(tmp_path):
    after = read(tmp_path / "after", [row(day=3)])
    assert after.patients["opioids"].isna().all()
    assert [note for note in notes(after) if "no row within the window of 'baseline'" in note and "`window`" in note]
    without = read(tmp_path / "without", [row(day="")])
    assert "medications: 1 row without a day or a visit; no dose is known from them" in notes(without)
    said = " ".join(notes(read(tmp_path / "at", [row()])))
    assert "no row within" not in said and "without a day" not in said
