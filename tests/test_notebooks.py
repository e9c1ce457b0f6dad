"""The notebooks: thin, stripped, with parameters a person can fill in; and they add nothing to calling the package."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from mmresearch.runner.parameters import declare

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
SHOWN = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
BRANCHES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.If, ast.IfExp, ast.For, ast.While, ast.Try,
            ast.With, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp)


def cells(path, kind=None):
    return [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if kind in (None, cell["cell_type"])]


def source(cell):
    return "".join(cell["source"])


def tagged(path):
    return [cell for cell in cells(path, "code") if cell["metadata"]]


def test_the_stories_of_this_issue_are_here():
    assert {path.stem for path in NOTEBOOKS} >= {"study", "outcome_change", "verdicts"}


@SHOWN
def test_a_notebook_is_stripped(path):
    record = json.loads(path.read_text(encoding="utf-8"))
    assert set(record["metadata"]) == {"kernelspec", "language_info"}
    assert record["metadata"]["language_info"] == {"name": "python"}, "the version that ran it is not kept"
    assert record["metadata"]["kernelspec"]["name"] == "python3"
    for cell in record["cells"]:
        assert set(cell["metadata"]) <= {"tags"}
        if cell["cell_type"] == "code":
            assert cell["outputs"] == [] and cell["execution_count"] is None


def test_nbstripout_finds_nothing_to_strip():
    command = [sys.executable, "-m", "nbstripout", "--extra-keys", "metadata.papermill cell.metadata.papermill", "--verify"]
    assert subprocess.run([*command, *map(str, NOTEBOOKS)], capture_output=True).returncode == 0


@SHOWN
def test_one_parameters_cell_and_no_other_tag(path):
    assert [cell["metadata"] for cell in tagged(path)] == [{"tags": ["parameters"]}]
    assert not any(cell["metadata"] for cell in cells(path, "markdown"))


@SHOWN
def test_parameters_are_strings_and_numbers_with_a_word_of_help(path):
    cell, = tagged(path)
    for node in ast.parse(source(cell)).body:
        assert isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        assert type(node.value.value) in (str, int, float)
    for line in source(cell).splitlines():
        assert "  # " in line and line.count("=") == 1, "papermill reads one assignment a line, and its comment as help"
    assert all(kind and not required for kind, required in declare(path).values()), "it opens and runs as it is"


@SHOWN
def test_a_notebook_is_title_parameters_import_then_heading_call_and_shown_object(path):
    first, parameters, imported, *rest = cells(path)
    assert first["cell_type"] == "markdown" and source(first).startswith("# ")
    assert parameters["metadata"] == {"tags": ["parameters"]}
    assert source(imported) == "from mmresearch import workbench"
    assert rest and len(rest) % 2 == 0
    for heading, shown in zip(rest[::2], rest[1::2]):
        assert heading["cell_type"] == "markdown" and source(heading).startswith("## ")
        assert isinstance(ast.parse(source(shown)).body[-1], ast.Expr), "the last line is the object shown"


@SHOWN
def test_a_notebook_holds_no_logic(path):
    tree = ast.parse("\n".join(source(cell) for cell in cells(path, "code")))
    assert not [type(node).__name__ for node in ast.walk(tree) if isinstance(node, BRANCHES)]
    assert sum(isinstance(node, (ast.Import, ast.ImportFrom)) for node in ast.walk(tree)) == 1
    assert len(ast.unparse(tree).splitlines()) <= 40


@SHOWN
def test_a_claim_s_notebook_has_no_verdict_word(path):
    if path.stem == "verdicts":
        pytest.skip("this one is made of verdicts")
    words = " ".join(source(cell) for cell in cells(path, "code")).lower()
    assert not [word for word in ("verdict", "supported", "refuted", "inconclusive") if word in words]
