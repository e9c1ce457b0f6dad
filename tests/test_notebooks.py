"""The notebooks: thin, stripped, with parameters a person can fill in; and they add nothing to calling the package."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from own_claims import OWN_CLAIMS
from studies import write_study

from mmresearch import workbench
from mmresearch.errors import DataError, UsageError
from mmresearch.estimate import MIME
from mmresearch.models import fit
from mmresearch.runner.parameters import declare
from mmresearch.study import read_study
from mmresearch.workbench.opening import find_claim

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
SHOWN = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
BRANCHES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.If, ast.IfExp, ast.For, ast.While,
            ast.Try, ast.With, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp)


def cells(path, kind=None):
    return [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if kind in (None, cell["cell_type"])]


def source(cell):
    return "".join(cell["source"])


def tagged(path):
    return [cell for cell in cells(path, "code") if cell["metadata"]]


def test_the_stories_of_this_issue_are_here():
    assert {path.stem for path in NOTEBOOKS} >= {"study", "outcome_change", "treatment_course", "verdicts"}


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
    keys = "metadata.papermill cell.metadata.papermill"
    command = [sys.executable, "-m", "nbstripout", "--extra-keys", keys, "--verify"]
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
    for heading, shown in zip(rest[::2], rest[1::2], strict=True):
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


def test_the_defaults_open_from_the_notebooks_folder(monkeypatch):
    monkeypatch.chdir(FOLDER)
    given = {}
    exec(source(tagged(FOLDER / "outcome_change.ipynb")[0]), given)
    assert repr(workbench.open_claim(given["study"], given["claim"])).startswith(f"ClaimPage('{given['claim']}'")
    exec(source(tagged(FOLDER / "verdicts.ipynb")[0]), given)
    assert (FOLDER / given["run"]).resolve() == FOLDER.parent / "reports" / "demo" / Path(given["study"]).name


# What the notebooks call


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return write_study(tmp_path_factory.mktemp("small") / "study", claims=OWN_CLAIMS)


def bundle(shown):
    return shown._repr_mimebundle_()


@SHOWN
def test_every_call_of_a_notebook_is_a_door_of_the_workbench(path):
    """Names only: what the calls give is tested below and by running the notebooks."""
    from mmresearch.workbench.claim import ClaimPage
    from mmresearch.workbench.plan import PlanPage
    from mmresearch.workbench.run import VerdictsPage
    from mmresearch.workbench.study import StudyPage

    opened = {"open_study": StudyPage, "open_claim": ClaimPage, "open_verdicts": VerdictsPage, "open_plan": PlanPage}
    tree = ast.parse("\n".join(source(cell) for cell in cells(path, "code")))
    calls = [(ast.unparse(node.func.value), node.func.attr) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    door, = [name for value, name in calls if value == "workbench"]
    assert len(calls) > 2 and all(hasattr(opened[door], name) for value, name in calls if value != "workbench")


def test_a_study_page_shows_counts_and_no_patient(small):
    page = workbench.open_study(small)
    shown = [page.outline(), page.table_one(), page.flow(), page.missing(), page.dropouts(), page.courses()]
    for each in shown:
        made = bundle(each)
        assert made["text/html"].count("<style>") == 1 and made["text/plain"].strip()
        assert "001" not in made["text/plain"], "a pseudonym of the small study"
    assert repr(page).startswith("A small study: 24 patients")


@pytest.mark.parametrize("claim", ["pain-less", "pain-responders"])
def test_a_claim_page_hands_its_estimate_over_in_one_output(small, claim):
    page = workbench.open_claim(small, claim)
    names = ("question", "patients", "course", "estimate", "robustness", "assumptions")
    shown = {name: bundle(getattr(page, name)()) for name in names}
    assert [name for name, made in shown.items() if MIME in made] == ["estimate"]
    dataset = read_study(small)
    assert shown["estimate"][MIME] == fit(find_claim(claim, dataset), dataset).to_json()
    for made in shown.values():
        assert set(made) - {MIME} == {"text/html", "text/plain"} and made["text/plain"].strip()


def test_a_claim_page_says_no_verdict_word(small):
    page = workbench.open_claim(small, "pain-less")
    text = " ".join(bundle(getattr(page, name)())["text/plain"].lower()
                    for name in ("patients", "course", "estimate", "robustness", "assumptions"))
    assert not [word for word in ("supported", "refuted", "inconclusive", "holm") if word in text]


def test_a_claim_the_study_cannot_answer_says_what_is_lacking(small):
    with pytest.raises(UsageError, match="this study cannot answer it") as refused:
        workbench.open_claim(small, "pain-elsewhere")
    assert refused.value.findings


def test_an_unknown_claim_names_the_nearest(small):
    with pytest.raises(UsageError, match="Did you mean 'pain-less'?"):
        workbench.open_claim(small, "pain-les")


def test_a_broken_study_raises_without_a_cause_that_could_hold_a_row(tmp_path):
    folder = write_study(tmp_path / "study")
    text = (folder / "pain.csv").read_text().splitlines()
    (folder / "pain.csv").write_text("\n".join([text[0], "001,5,4,seventy-seven", *text[2:]]) + "\n")
    with pytest.raises(DataError) as refused:
        workbench.open_study(folder)
    assert refused.value.__suppress_context__ and refused.value.__cause__ is None
    assert "seventy-seven" not in str(refused.value)


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    with pytest.raises(UsageError, match="expected a run's folder"):
        workbench.open_verdicts(tmp_path)
