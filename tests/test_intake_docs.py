"""The examples of docs/formats.md, Files: each is a declaration, and those of files are read."""

import re
import sqlite3
import tomllib
from pathlib import Path

import pandas as pd
import pytest
from studies import small_tables, write_study
from workbooks import workbook

from mmresearch.formats.kinds import READERS
from mmresearch.study import File, read_study

TEXT = (Path(__file__).parents[1] / "docs" / "formats.md").read_text(encoding="utf-8")
SECTION = TEXT.split("\n## Files\n")[1].split("\n## ")[0]
EXAMPLES = [tomllib.loads(block) for block in re.findall(r"```toml\n(.*?)```", SECTION, re.DOTALL)]


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_each_example_is_a_declaration(example):
    assert [File(**file) for file in example["files"].values()]


@pytest.mark.parametrize("example", [each for each in EXAMPLES if "pain" in each["files"]], ids=str)
def test_examples_of_files_are_read(tmp_path, example):
    (tmp_path / "pain.xlsx").write_bytes(workbook(small_tables()["pain.csv"]))
    connection = sqlite3.connect(tmp_path / "clinic.sqlite")
    pd.DataFrame(small_tables()["pain.csv"]).to_sql("pain", connection, index=False)
    connection.close()
    pain = example["files"]["pain"]
    columns = {"nrs_12": None, **pain["columns"]}
    dataset = read_study(write_study(tmp_path, files={"pain": {"path": None, **pain, "columns": columns}}))
    assert set(dataset.outcomes["visit"]) == {"baseline", "6 weeks"}


def test_every_ending_is_in_the_table():
    assert all(f"`{suffix}`" in SECTION for suffix in READERS)
