"""The acupuncture trial's files are read as the paper counts them.

Numbers: published.csv, column `computed` beside the printed one (BMJ 2004;328:744, figure 1 and tables 1 and 2);
tolerance is half the last printed digit. The model rows are tested where the models are.
"""

import csv
import os
import re
import shutil
from pathlib import Path

import pytest

from mmresearch.claims import read_registry
from mmresearch.errors import DataError
from mmresearch.study import read_study

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("MMRESEARCH_SHARED", ROOT.parent / "shared")) / "data" / "vickers2004"
FOLDER = ROOT / "data" / "vickers2004"
needs_data = pytest.mark.skipif(
    not (DATA / "published.csv").exists(),
    reason="the trial's files are not here; data/vickers2004/README.md says where to get them",
)


@pytest.fixture(scope="module")
def trial(tmp_path_factory):
    return read_study(copied(tmp_path_factory.mktemp("vickers2004")))


@pytest.fixture(scope="module")
def published():
    with (DATA / "published.csv").open(encoding="utf-8") as file:
        return {row["key"]: row for row in csv.DictReader(file)}


def copied(folder):
    for source in (*FOLDER.glob("*.toml"), *DATA.glob("acupuncture_*.csv")):
        shutil.copyfile(source, folder / source.name)
    return folder


def numbers(text):
    return [float(number) for number in re.findall(r"\d+(?:\.\d+)?", text)]


def completers(trial):
    """One row for each patient with a headache score at 12 months, as in the paper's tables."""
    seen = trial.wide("HEADACHE-SCORE")["12 months"].dropna().index
    return trial.patients[trial.patients["patient"].isin(seen)]


def by_arm(values):
    """Mean and SD of acupuncture, then of control."""
    table = values.groupby(level="arm").agg(["mean", "std"]).loc[["acupuncture", "control"]]
    return table.to_numpy().ravel()


def test_declaration_and_claims_are_sound_without_the_data():
    from mmresearch.study.declaration import read_declaration
    from mmresearch.study.findings import Findings
    from mmresearch.study.rules import check_declaration

    study, findings = read_declaration((FOLDER / "study.toml").read_bytes(), FOLDER), Findings()
    check_declaration(study, findings)
    assert findings.data == []
    registry = read_registry(
        "vickers2004", {"claims.toml": (FOLDER / "claims.toml").read_text(encoding="utf-8")}, study.instruments
    )
    primary = [claim for claim in registry if claim.rank == "primary"]
    assert [claim.id for claim in primary] == ["headache-score-12-months"]
    early = {claim.id for claim in registry if claim.registered < study.data_locked}
    assert early == {"headache-score-12-months"}, "only what was registered before data lock is more than exploratory"


def test_without_its_files_the_trial_says_what_is_missing(tmp_path):
    for name in ("study.toml", "README.md"):
        shutil.copyfile(FOLDER / name, tmp_path / name)
    with pytest.raises(DataError) as caught:
        read_study(tmp_path)
    assert len(caught.value.findings) == 4
    assert all(
        "the file is missing. Put it beside study.toml (README.md there may say where" in finding
        for finding in caught.value.findings
    )


@needs_data
def test_patients_by_arm_and_follow_up(trial, published):
    assert (
        [len(trial.patients), *trial.allocated.values()]
        == numbers(published["n_randomised"]["computed"])
        == [401, 205, 196]
    )
    counts = completers(trial)["arm"].value_counts()
    assert [counts["acupuncture"], counts["control"]] == numbers(published["n_12m"]["computed"]) == [161, 140]
    both = trial.wide("HEADACHE-SCORE").dropna()
    assert len(both) == 295  # the paper's patients at three months have both follow-ups
    assert len(trial.wide("HEADACHE-SCORE")["3 months"].dropna()) == 326
    assert trial.exclusions == {}


@needs_data
@pytest.mark.parametrize(
    ("key", "column", "factor"), [("age_completers", "age", 1), ("chronicity", "duration_months", 12)]
)
def test_table_1_means_and_sds(trial, published, key, column, factor):
    found = by_arm(completers(trial).set_index("arm")[column] / factor)
    assert found == pytest.approx(numbers(published[key]["computed"]), abs=0.005)
    assert found == pytest.approx(numbers(published[key]["published"]), abs=0.05)


@needs_data
@pytest.mark.parametrize(
    ("key", "column", "word"), [("female", "sex", "female"), ("migraine", "condition", "migraine")]
)
def test_table_1_counts(trial, published, key, column, word):
    people = completers(trial)
    counts = people[people[column] == word]["arm"].value_counts()
    assert [counts["acupuncture"], counts["control"]] == numbers(published[key]["computed"])


@needs_data
@pytest.mark.parametrize(
    ("key", "instrument", "visit"),
    [
        ("pk1", "HEADACHE-SCORE", "baseline"),
        ("pk5", "HEADACHE-SCORE", "12 months"),
        ("f1", "HADAYS", "baseline"),
        ("f5", "HADAYS", "12 months"),
    ],
)
def test_table_2_means_and_sds_of_completers(trial, published, key, instrument, visit):
    people = completers(trial)
    values = trial.wide(instrument)[visit].reindex(people["patient"]).set_axis(people["arm"])
    found = by_arm(values)
    assert found == pytest.approx(numbers(published[key]["computed"]), abs=0.005 + 1e-9)
    assert found == pytest.approx(numbers(published[key]["published"]), abs=0.05 + 1e-9)


@needs_data
def test_reduction_of_the_score(trial, published):
    people = completers(trial)
    table = trial.wide("HEADACHE-SCORE").reindex(people["patient"]).set_axis(people["arm"]).groupby(level="arm").mean()
    reduction = 100 * (1 - table["12 months"] / table["baseline"])[["acupuncture", "control"]]
    assert list(reduction) == pytest.approx(numbers(published["pk5_reduction"]["computed"]), abs=0.05)


@needs_data
def test_the_swapped_label_table_is_not_believed(trial):
    with (DATA / "acupuncture_migraine_labels.csv").open(encoding="utf-8") as file:
        labels = {row["migraine_code"]: row["migraine_label"] for row in csv.DictReader(file)}
    assert (labels["0"], labels["1"]) == ("Migraine", "Tension-type"), (
        "the trap is gone: study.toml's remark is out of date"
    )
    assert dict(trial.patients["condition"].value_counts()) == {"migraine": 377, "tension-type-headache": 24}
    assert "acupuncture_migraine_labels.csv" not in {file.path for file in trial.study.files.values()}


@needs_data
def test_dropouts_are_missing_not_cured(trial):
    days = trial.wide("HADAYS")
    assert int(days["12 months"].isna().sum()) == 100
    assert not any("0 for" in note for note in trial.notes)


@needs_data
def test_a_wide_copy_with_dropouts_coded_zero_is_noted(trial, tmp_path):
    folder = copied(tmp_path)
    path = folder / "acupuncture_one_year_results.csv"
    seen = {line.split(",")[0] for line in path.read_text().splitlines()}
    gone = [name for name in trial.patients["patient"] if name not in seen]
    path.write_text(path.read_text() + "".join(f"{name},,0\n" for name in gone))
    noted = [note for note in read_study(folder).notes if note.startswith("HADAYS at '12 months'")]
    assert noted == [
        "HADAYS at '12 months': 0 for 100 patients of whom nothing else is known at that visit; if 0 stands for "
        "'not measured' there, empty those cells"
    ]


@needs_data
def test_what_is_not_read_is_said(trial):
    assert {path: columns for path, columns in trial.unread.items() if columns} == {
        "acupuncture_demographics.csv": ["practice_id"]
    }
