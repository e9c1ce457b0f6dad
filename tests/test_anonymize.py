"""`mmresearch anonymize`: a raw export goes in, a study that passes the gate comes out, and nobody is found in it."""

import csv
import re
from datetime import date

import pytest
from raw_exports import DECLARATION, PATIENTS, write_raw

from mmresearch.cli import main
from mmresearch.study import read_study
from mmresearch.study.toml import as_toml


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """(raw folder, its patients, new folder, exit code) of one anonymisation."""
    base = tmp_path_factory.mktemp("anonymize")
    raw, patients = write_raw(base / "raw")
    before = contents(raw)
    code = main(["anonymize", str(raw), "--out", str(base / "new")])
    assert contents(raw) == before
    return raw, patients, base / "new", code


def test_the_raw_export_is_refused_and_the_anonymised_study_is_read(made, capsys):
    raw, _, new, code = made
    assert code == 0 and main(["check", str(raw)]) == 3
    dataset = read_study(new)
    assert len(dataset.patients) == PATIENTS and len(dataset.outcomes) == 2 * PATIENTS
    assert main(["check", str(new)]) == 0


def test_nothing_of_a_patient_is_in_any_byte_of_it(made):
    _, patients, new, _ = made
    text = "\n".join(body.decode() for body in contents(new).values()).casefold()
    for each in patients:
        for key in ("mrn", "patient_name", "phone", "email", "therapist_name", "site"):
            assert each[key].casefold() not in text, key
        assert not any(
            re.search(rf"\b{part.casefold()}\b", text) for part in each["patient_name"].split() if len(part) > 4
        )
        for day in (each["dob"], each["first_visit"]):
            assert not any(day.strftime(form) in text for form in ("%m/%d/%Y", "%Y-%m-%d", "%Y%m%d"))


def test_days_ages_and_pseudonyms_are_what_they_stand_for(made):
    _, patients, new, _ = made
    people, seen = rows_of(new / "patients.csv"), rows_of(new / "visits.csv")
    ages = sorted("90+" if age > 89 else str(age // 5 * 5 + 2) for each in patients for age in [years(each)])
    assert sorted(row["age"] for row in people) == ages and "90+" in ages
    assert {row["day"] for row in seen if row["visit"] == "baseline"} == {"0"}
    assert all(38 <= int(row["day"]) <= 46 for row in seen if row["visit"] == "week 6")
    codes = [row["patient"] for row in people]
    assert codes == sorted(set(codes)) and {row["patient"] for row in seen} == set(codes)
    assert len({row["therapist"] for row in people}) == len({each["therapist_name"] for each in patients})


def years(person):
    born, first = person["dob"], person["first_visit"]
    return first.year - born.year - ((first.month, first.day) < (born.month, born.day))


def test_a_rare_category_is_merged_until_the_merged_are_enough(made):
    _, _, new, _ = made
    works = [row["work"] for row in rows_of(new / "patients.csv")]
    assert "circus" not in works and works.count("other") >= 11


def test_the_key_makes_the_same_pseudonyms_again_and_another_key_others(made, tmp_path):
    raw, _, new, _ = made
    key = raw.parent / "raw.key"
    assert key.stat().st_mode & 0o777 == 0o600 and len(key.read_bytes()) == 32
    assert main(["anonymize", str(raw), "--out", str(tmp_path / "again"), "--key", str(key)]) == 0
    assert contents(tmp_path / "again") == contents(new)
    assert main(["anonymize", str(raw), "--out", str(tmp_path / "other"), "--key", str(tmp_path / "other.key")]) == 0
    first, other = (
        {row["patient"] for row in rows_of(folder / "patients.csv")} for folder in (new, tmp_path / "other")
    )
    assert not first & other


def test_what_is_printed_names_nobody_and_tells_k_before_and_after(tmp_path, capsys):
    raw, patients = write_raw(tmp_path / "raw")
    assert main(["anonymize", str(raw), "--out", str(tmp_path / "new")]) == 0
    said = capsys.readouterr().out
    assert re.search(r"before: 60 of 60 patients .*k = 1", said) and re.search(r"after: .*k = \d", said)
    assert not any(each[key] in said for each in patients for key in ("mrn", "patient_name", "phone", "email", "site"))


@pytest.mark.parametrize(
    ("key", "code"), [("raw/secret.key", 2), ("new/secret.key", 2), ("open.key", 4), ("short.key", 2)]
)
def test_a_key_where_others_find_it_is_refused_before_anything_is_written(tmp_path, capsys, key, code):
    raw, _ = write_raw(tmp_path / "raw")
    (tmp_path / "open.key").write_bytes(bytes(32))
    (tmp_path / "open.key").chmod(0o644)
    (tmp_path / "short.key").write_bytes(b"short")
    (tmp_path / "short.key").chmod(0o600)
    assert main(["anonymize", str(raw), "--out", str(tmp_path / "new"), "--key", str(tmp_path / key)]) == code
    assert not (tmp_path / "new").exists() and "Traceback" not in capsys.readouterr().err


def test_a_folder_in_use_is_left_alone(tmp_path):
    raw, _ = write_raw(tmp_path / "raw")
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "mine.txt").write_text("kept")
    assert main(["anonymize", str(raw), "--out", str(tmp_path / "new")]) == 2
    assert main(["anonymize", str(raw), "--out", str(raw / "new")]) == 2
    assert contents(tmp_path / "new") == {"mine.txt": b"kept"}


@pytest.mark.parametrize("spelling", ["%Y-%m-%d", "%d.%m.%Y", "%d %B %Y"])
def test_dates_in_other_spellings_give_the_same_study(tmp_path, made, spelling):
    raw, _ = write_raw(tmp_path / "raw", spelling)
    key = made[0].parent / "raw.key"
    assert main(["anonymize", str(raw), "--out", str(tmp_path / "new"), "--key", str(key)]) == 0
    assert contents(tmp_path / "new") == contents(made[2])


def test_what_still_identifies_is_not_published(tmp_path, capsys):
    declaration = DECLARATION.replace(
        "site = {", 'phone = { means = "covariate", name = "reached", kind = "number" }\nsite = {'
    )
    raw, patients = write_raw(tmp_path / "raw", declaration=declaration)
    assert main(["anonymize", str(raw), "--out", str(tmp_path / "new")]) == 3
    assert not (tmp_path / "new").exists() and not list(tmp_path.glob(".anonymize*"))
    said = capsys.readouterr().err
    assert (
        "telephone numbers" in said and ".anonymize" not in said and not any(each["phone"] in said for each in patients)
    )


def test_dates_without_a_baseline_say_which_key_is_lacking(tmp_path, capsys):
    declaration = DECLARATION.replace('[anonymize]\nfile = "patients"\ncolumn = "first_visit"\n', "")
    raw, _ = write_raw(tmp_path / "raw", declaration=declaration)
    assert main(["anonymize", str(raw), "--out", str(tmp_path / "new")]) == 1
    assert "[anonymize] does not name the column with each patient's baseline date" in capsys.readouterr().err


def test_a_written_declaration_reads_back_as_it_was():
    import tomllib

    table = {
        "title": 'a "quoted" title',
        "on": date(2026, 3, 1),
        "alpha": 0.05,
        "list": ["a", 1],
        "arms": {"a b": {"label": "ü"}},
        "visits": [{"name": "x", "window": [1, 2]}, {"name": "y"}],
        "files": {"f": {"path": "f.csv", "columns": {"é 1": {"means": "arm", "values": {"1": "a"}}}}},
    }
    assert tomllib.loads(as_toml(table)) == table
