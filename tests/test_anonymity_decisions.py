"""An ask stops the read until somebody decides: one rule, named columns, who, when and why, shown on study.html."""

import datetime
import re
import textwrap
import tomllib
from pathlib import Path

import pytest
from studies import small_tables, write_study

from mmresearch.anonymity import LIFTABLE
from mmresearch.describe import outline_study
from mmresearch.errors import DataError, PrivacyError
from mmresearch.exhibits import show_outline
from mmresearch.study import read_study
from mmresearch.study.config import Anonymize
from mmresearch.study.decisions import Decision

WHY = "the clinic's own codes of rooms, drawn by lot"


def decision(**changes):
    return {
        "file": "patients.csv",
        "columns": ["room"],
        "lifts": "singling-out",
        "why": WHY,
        "by": "A. Analyst",
        "on": datetime.date(2026, 3, 1),
    } | changes


def with_rooms(folder, values=None, **changes):
    """The small study with a category that nearly every patient has alone."""
    rooms = values or [f"room-{chr(97 + n)}x" for n in range(24)]
    rows = [{**row, "room": room} for row, room in zip(small_tables()["patients.csv"], rooms)]
    column = {"means": "covariate", "name": "room", "kind": "category"}
    return write_study(folder, {"patients.csv": rows}, files={"patients": {"columns": {"room": column}}}, **changes)


def test_an_ask_stops_the_read_with_lines_that_lift_it_once_they_are_filled_in(tmp_path):
    study = with_rooms(tmp_path)
    with pytest.raises(PrivacyError) as caught:
        read_study(study)
    lines = caught.value.remedy.partition("[[decisions]]")[2].splitlines()
    pasted = "\n[[decisions]]\n" + "\n".join(lines)
    assert tomllib.loads(pasted)["decisions"][0]["lifts"] == "singling-out"
    with (study / "study.toml").open("a", encoding="utf-8") as file:
        file.write(re.sub('by = ""', 'by = "A. Analyst"', re.sub('why = ""', f'why = "{WHY}"', pasted)))
    assert read_study(study).patients["room"].nunique() == 24


def test_lines_that_nobody_filled_in_lift_nothing(tmp_path):
    with pytest.raises(DataError, match="says too little"):
        read_study(with_rooms(tmp_path, decisions=[decision(why="", by="")]))


def test_a_decision_is_shown_with_who_when_and_why(tmp_path):
    outline = outline_study(read_study(with_rooms(tmp_path, decisions=[decision()])))
    shown = show_outline(outline).text
    assert "the rule 'singling-out' was lifted by A. Analyst on 2026-03-01" in shown and WHY.replace(
        "'", ""
    ) in shown.replace("'", "")
    assert "patients are alone with their age, sex, site and room" in shown


@pytest.mark.parametrize("changes", [{"lifts": "names"}, {"columns": ["site"]}, {"file": "pain.csv"}])
def test_a_decision_lifts_its_own_rule_column_and_file_alone(tmp_path, changes):
    with pytest.raises(PrivacyError, match="different words among 24 patients"):
        read_study(with_rooms(tmp_path, decisions=[decision(**changes)]))


def test_a_decision_about_one_rule_does_not_let_another_identifier_pass(tmp_path):
    rooms = [f"room-{chr(97 + n)}x" for n in range(23)]
    with pytest.raises(PrivacyError, match="1 of 24 cells hold e-mail addresses"):
        read_study(with_rooms(tmp_path, [*rooms, "anna@example.org"], decisions=[decision()]))


def test_no_decision_lifts_an_address(tmp_path):
    study = with_rooms(tmp_path, ["anna@example.org"] * 24)
    with pytest.raises(PrivacyError) as caught:
        read_study(study)
    assert "[[decisions]]" not in caught.value.remedy and "a decision in study.toml lifts it" not in caught.value.remedy


def test_a_block_is_lifted_by_a_decision_too(tmp_path):
    lots = [f"{n + 10}.03.2024" for n in range(2)] * 12
    with pytest.raises(PrivacyError, match="24 of 24 cells hold calendar dates"):
        read_study(with_rooms(tmp_path / "asked", lots))
    lifted = with_rooms(tmp_path / "lifted", lots, decisions=[decision(lifts="dates", why="lot numbers of the oil")])
    assert len(read_study(lifted).patients) == 24


def test_a_decision_that_lifts_nothing_is_noted(tmp_path):
    dataset = read_study(write_study(tmp_path, decisions=[decision(columns=["site"], lifts="names")]))
    assert any("lifts 'names', which was not found in these columns" in note for note in dataset.notes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"file": "patient.csv"}, "no file 'patient.csv'. Did you mean 'patients.csv'?"),
        ({"on": datetime.date(2199, 1, 1)}, "`on` is after today"),
        ({"lifts": "everything"}, "is not one of"),
    ],
)
def test_a_decision_is_checked_before_any_file_is_opened(tmp_path, changes, said):
    with pytest.raises(DataError) as caught:
        read_study(write_study(tmp_path, decisions=[decision(**changes)]))
    assert said in str(caught.value)


def test_columns_that_are_not_read_are_asked_about_by_their_names_alone(tmp_path):
    rows = [{**row, "surname": "Quillfeather"} for row in small_tables()["patients.csv"]]
    with pytest.raises(PrivacyError) as caught:
        read_study(write_study(tmp_path / "asked", {"patients.csv": rows}))
    assert caught.value.findings == (
        "patients.csv, column 'surname': is not mapped, and its name announces a name of a person",
    )
    assert "Quillfeather" not in str(caught.value)
    kept = decision(columns=["surname"], lifts="header", why="stays in the clinic's file, is not read")
    assert read_study(write_study(tmp_path / "kept", {"patients.csv": rows}, decisions=[kept])).unread[
        "patients.csv"
    ] == ["surname"]


def test_the_examples_of_the_docs_are_declarations(tmp_path):
    text = (Path(__file__).parents[1] / "docs" / "anonymity.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", textwrap.dedent(text.replace("\n   ", "\n")), re.DOTALL)
    tables = [tomllib.loads(block) for block in blocks]
    assert [list(table) for table in tables] == [["decisions"], ["anonymize"]]
    Decision(**tables[0]["decisions"][0])
    Anonymize(**tables[1]["anonymize"])
    for rule in LIFTABLE:
        assert f"`{rule}`" in text, f"docs/anonymity.md does not explain the rule '{rule}'"
