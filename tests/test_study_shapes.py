"""The same study in every shape a clinic may export: wide, long, half-long, in one file or several, keyed by site."""

import hashlib

import pandas as pd
import pytest
from studies import merged, small_tables, write_study

from mmresearch.errors import DataError
from mmresearch.study import find_studies, read_study
from mmresearch.study.dataset import OUTCOMES

VISITS = {"nrs_0": "baseline", "nrs_6": "6 weeks", "nrs_12": "12 weeks"}


def long_rows():
    return [
        {"id": row["id"], "when": VISITS[key], "what": "NRS", "value": row[key]}
        for row in small_tables()["pain.csv"]
        for key in VISITS
    ]


def shape(columns, **file):
    """A change of study.toml: the pain file has these columns instead."""
    gone = dict.fromkeys(("nrs_0", "nrs_6", "nrs_12"))
    return {"pain": {"columns": {**gone, **columns}, **file}}


def sorted_rows(dataset):
    return dataset.outcomes.sort_values(["patient", "day"]).reset_index(drop=True)


@pytest.fixture
def wide(tmp_path):
    return read_study(write_study(tmp_path / "wide"))


def test_the_small_study_is_what_its_rows_say(wide):
    rows = pd.DataFrame(small_tables()["pain.csv"]).set_index("id")
    expected = rows.mask(rows == 99).astype(float)
    assert (wide.wide("NRS").to_numpy() == expected.to_numpy())[expected.notna().to_numpy()].all()
    assert len(wide.outcomes) == 24 * 3 - 4  # one patient in six is missing at 12 weeks
    assert wide.allocated == {"massage": 12, "control": 12}
    assert dict(wide.patients["condition"].value_counts()) == {"low-back-pain": 24}
    assert repr(wide) == "A small study: 24 patients in 2 arms, 68 outcomes of 1 instrument, 0 sessions"


def test_types_are_text_and_float_and_missing_is_na(wide):
    assert {str(kind) for kind in wide.patients.dtypes} == {"str", "float64"}
    text = {"patient", "visit", "instrument", "moment", "ending", "rater"}
    assert {name: str(kind) for name, kind in wide.outcomes.dtypes.items()} == {
        name: "str" if name in text else "float64" for name in OUTCOMES
    }
    assert wide.patients["therapist"].isna().all() and wide.patients["duration_months"].isna().all()


def test_a_dataset_cannot_be_changed_from_outside(wide):
    patients, outcomes = wide.patients, wide.outcomes
    patients.loc[0, "arm"] = "control"
    outcomes["value"] = 0
    assert wide.patients.loc[0, "arm"] == "massage" and wide.outcomes["value"].max() > 0


def test_long_file(tmp_path, wide):
    files = shape({"when": {"means": "visit"}, "what": {"means": "instrument"}, "value": {"means": "outcome"}})
    assert sorted_rows(read_study(write_study(tmp_path, {"pain.csv": long_rows()}, files=files))).equals(
        sorted_rows(wide)
    )


def test_half_long_file_with_coded_visits(tmp_path, wide):
    codes = {name: str(number) for number, name in enumerate(VISITS.values(), start=1)}
    rows = [{"id": row["id"], "v": codes[row["when"]], "nrs": row["value"]} for row in long_rows()]
    files = shape(
        {
            "v": {"means": "visit", "values": {code: name for name, code in codes.items()}},
            "nrs": {"means": "outcome", "instrument": "NRS"},
        }
    )
    assert sorted_rows(read_study(write_study(tmp_path, {"pain.csv": rows}, files=files))).equals(sorted_rows(wide))


def test_visits_by_the_day_they_happened(tmp_path, wide):
    days = {"baseline": 0, "6 weeks": 40, "12 weeks": 90}
    rows = [{"id": row["id"], "d": days[row["when"]], "nrs": row["value"]} for row in long_rows()]
    files = shape({"d": {"means": "day"}, "nrs": {"means": "outcome", "instrument": "NRS"}})
    between = [{"id": "001", "d": day, "nrs": 3} for day in (60, 61)]
    dataset = read_study(write_study(tmp_path, {"pain.csv": [*rows, *between]}, files=files))
    assert dataset.wide("NRS").equals(wide.wide("NRS"))
    assert set(dataset.outcomes["day"]) == {0, 40, 60, 61, 90}
    assert "pain.csv, column 'nrs': 2 rows on a day within no visit's window; not used at any visit" in dataset.notes


def test_actual_days_and_visits_outside_their_window(tmp_path):
    rows = [{**row, "d12": 130 if row["id"] == "001" else 85} for row in small_tables()["pain.csv"]]
    files = {"pain": {"columns": {"d12": {"means": "day", "visit": "12 weeks"}}}}
    dataset = read_study(write_study(tmp_path, {"pain.csv": rows}, files=files))
    assert dict(dataset.outcomes.groupby("visit")["day"].max()) == {"baseline": 0, "6 weeks": 42, "12 weeks": 130}
    assert "visit '12 weeks': 1 visit outside its window of day 70 to 112; they count as measured then" in dataset.notes


def test_everything_in_one_file(tmp_path, wide):
    tables = small_tables()
    rows = [{**one, **other} for one, other in zip(tables["patients.csv"], tables["pain.csv"], strict=True)]
    columns = {key: {"means": "outcome", "instrument": "NRS", "visit": visit} for key, visit in VISITS.items()}
    files = {"patients": {"missing": [99], "columns": columns}, "pain": None}
    dataset = read_study(write_study(tmp_path, {"patients.csv": rows}, files=files))
    assert dataset.patients.equals(wide.patients)
    assert sorted_rows(dataset).equals(sorted_rows(wide))


def test_patient_numbers_unique_only_within_a_site(tmp_path, wide):
    tables = small_tables()
    number = {
        row["id"]: str(count)
        for site in ("north", "south")
        for count, row in enumerate((row for row in tables["patients.csv"] if row["site"] == site), start=1)
    }
    site = {row["id"]: row["site"] for row in tables["patients.csv"]}
    coded = {
        name: [{**row, "site": site[row["id"]], "id": number[row["id"]]} for row in rows]
        for name, rows in tables.items()
    }
    files = {"pain": {"columns": {"site": {"means": "site"}}}}
    dataset = read_study(write_study(tmp_path, coded, files=files, patient_within="site"))
    assert set(dataset.patients["patient"]) == {f"{site[old]}/{new}" for old, new in number.items()}
    assert dataset.outcomes["value"].sum() == wide.outcomes["value"].sum()
    with pytest.raises(DataError, match='patient_within = "site", so a column of this file must mean "site"'):
        read_study(
            write_study(
                tmp_path, coded, files=merged(files, {"pain": {"columns": {"site": None}}}), patient_within="site"
            )
        )


def test_units_are_converted_and_said(tmp_path, wide):
    rows = [
        {**row, **{key: 99 if row[key] == 99 else row[key] * 10 for key in VISITS}}
        for row in small_tables()["pain.csv"]
    ]
    patients = [{**row, "years": 2} for row in small_tables()["patients.csv"]]
    files = {
        "pain": {"columns": {key: {"unit": "mm"} for key in VISITS}},
        "patients": {"columns": {"years": {"means": "duration_months", "unit": "years"}}},
    }
    dataset = read_study(write_study(tmp_path, {"pain.csv": rows, "patients.csv": patients}, files=files))
    assert dataset.wide("NRS").round(9).equals(wide.wide("NRS"))
    assert set(dataset.patients["duration_months"]) == {24}
    assert "pain.csv, column 'nrs_12': 20 values in mm multiplied by 0.1 to give points" in dataset.notes
    assert "patients.csv, column 'years': 24 values in years multiplied by 12 to give months" in dataset.notes


def test_codes_match_as_numbers_too_and_missing_codes_may_be_numbers(tmp_path, wide):
    tables = small_tables()
    rows = [{**row, "group": f"{row['group']}.0"} for row in tables["patients.csv"]]
    pain = [{key: f"{value}.0" if key != "id" else value for key, value in row.items()} for row in tables["pain.csv"]]
    dataset = read_study(
        write_study(tmp_path, {"patients.csv": rows, "pain.csv": pain}, files={"pain": {"missing": [99]}})
    )
    assert dataset.patients.equals(wide.patients) and dataset.outcomes.equals(wide.outcomes)


def test_covariates_of_the_studys_own(tmp_path):
    rows = [
        {**row, "bmi": 20 + number % 7, "work": "yn"[number % 2]}
        for number, row in enumerate(small_tables()["patients.csv"])
    ]
    columns = {
        "bmi": {"means": "covariate", "name": "body_mass", "kind": "number"},
        "work": {"means": "covariate", "name": "works", "kind": "category", "values": {"y": "yes", "n": "no"}},
    }
    dataset = read_study(
        write_study(
            tmp_path,
            {"patients.csv": rows},
            files={"patients": {"columns": columns}},
            covariates=["body_mass", "works"],
        )
    )
    assert dataset.patients["body_mass"].dtype == "float64" and set(dataset.patients["works"]) == {"yes", "no"}


def test_unmapped_columns_are_listed_by_name_only(tmp_path):
    rows = [{**row, "remembered": "Quillfeather"} for row in small_tables()["patients.csv"]]
    dataset = read_study(write_study(tmp_path, {"patients.csv": rows}))
    assert dataset.unread == {"patients.csv": ["remembered"], "pain.csv": []}
    assert "Quillfeather" not in dataset.patients.to_csv() + repr(dataset.notes)


def test_who_was_never_measured_is_excluded_and_counted(tmp_path):
    pain = [
        {**row, "nrs_0": 99, "nrs_6": 99, "nrs_12": 99} if row["id"] in ("002", "003") else row
        for row in small_tables()["pain.csv"]
    ]
    dataset = read_study(write_study(tmp_path, {"pain.csv": pain[:-1]}))
    assert dataset.exclusions == {"no outcome at baseline or later": 3}
    assert len(dataset.patients) == 21 and dataset.allocated == {"massage": 12, "control": 12}
    assert "3 patients excluded: no outcome at baseline or later" in dataset.notes


def test_one_follow_up_without_baseline_is_enough(tmp_path):
    pain = [{**row, "nrs_0": 99} for row in small_tables()["pain.csv"]]
    assert len(read_study(write_study(tmp_path, {"pain.csv": pain})).patients) == 24


def test_the_hash_covers_every_byte_that_was_read(tmp_path):
    def digest(folder, **changes):
        return read_study(write_study(tmp_path / folder, **changes)).sha256

    first = digest("a")
    assert len(first) == 64 and digest("b") == first
    assert hashlib.sha256(b"").hexdigest() != first
    pain = (tmp_path / "a" / "pain.csv").read_bytes()
    changed = [
        digest("c", tables={"pain.csv": pain + b"\n"}),
        digest("d", title="Another"),
        digest("e", claims="# ours\n"),
    ]
    assert len({first, *changed}) == 4
    assert digest("f", tables={"other.csv": [{"id": "1"}]}) == first  # a file that is not mapped


def test_own_claims_are_handed_on_as_text(tmp_path, wide):
    assert wide.own_claims is None
    assert read_study(write_study(tmp_path / "x", claims="# ours\n")).own_claims == "# ours\n"


def test_studies_are_found_by_their_study_toml(tmp_path):
    for name in ("b", "a"):
        write_study(tmp_path / name)
    (tmp_path / "notes").mkdir()
    assert find_studies(tmp_path) == [tmp_path / "a", tmp_path / "b"]
    assert find_studies(tmp_path / "b") == [tmp_path / "b"] == find_studies(tmp_path / "b" / "study.toml")
    for nowhere, said in ((tmp_path / "notes", "holds no study"), (tmp_path / "absent", "is no folder")):
        with pytest.raises(DataError, match=said) as caught:
            find_studies(nowhere)
        assert "README.md shows how" in caught.value.remedy
