"""What a reader is given: the documents' commands and defaults, the curve, and the notebook under papermill."""

import ast
import json
import re
import shlex
from pathlib import Path

import pytest

from mmresearch.claims import articles
from mmresearch.cli.parser import read_arguments
from mmresearch.planning import find_power, plan_claim
from mmresearch.planning.assumptions import CORRELATION, DROPOUT, ICC, PER_THERAPIST, SHARE
from mmresearch.pooling import SHORT
from mmresearch.runner import Page, execute

ROOT = Path(__file__).parents[1]
COMMANDS = [line.partition("  #")[0].strip() for name in ("planning.md", "evidence.md")
            for line in (ROOT / "docs" / name).read_text(encoding="utf-8").splitlines()
            if re.match(r"mmresearch (pool|power) ", line)]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_documented_command_may_be_typed(command):
    arguments = read_arguments(shlex.split(command)[1:])
    assert arguments.command.__name__ == {"pool": "pool_effects", "power": "plan_trial"}[command.split()[1]]


def test_there_are_documented_commands_of_both_kinds():
    assert {command.split()[1] for command in COMMANDS} == {"pool", "power"} and len(COMMANDS) >= 8


@pytest.mark.parametrize(("option", "default"), [
    ("--correlation", CORRELATION), ("--dropout", DROPOUT), ("--icc", ICC), ("--per-therapist", PER_THERAPIST),
    ("--share", SHARE)])
def test_the_documented_defaults_are_the_ones_used(option, default):
    row, = [line for line in (ROOT / "docs" / "planning.md").read_text(encoding="utf-8").splitlines()
            if f"| `{option}` |" in line]
    assert float(row.split("|")[3]) == default.value


def test_the_documented_short_words_are_the_ones_read():
    text = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    assert all(f"`{word}`" in text for word in SHORT)


def test_the_curve_rises_from_the_smallest_plan_to_nearly_sure():
    plan = plan_claim(articles().claim("pain-general"))
    for target in plan.targets:
        points = plan.curve(target)
        assert points[0][0] == target.design.least and points[-1][1] >= 0.97
        assert all(later[1] > earlier[1] for earlier, later in zip(points, points[1:]))
        assert all(power == find_power(target.difference, size, target.design) for size, power in points)


def cells():
    record = json.loads((ROOT / "notebooks" / "planning.ipynb").read_text(encoding="utf-8"))
    return ["".join(cell["source"]) for cell in record["cells"] if cell["cell_type"] == "code"]


def check_shown(text):
    target, = plan_claim(articles().claim("depression"), dropout=0.3).targets
    for power, count in target.patients.items():
        assert f"{count:,} ({target.therapists[power]} therapists)" in text
    assert "30%" in text and "E068" in text


def test_the_notebook_shows_what_the_package_says():
    parameters, *others = cells()
    names, shown = {}, []
    exec(parameters, names)
    names |= {"claim": "depression", "dropout": 0.3}
    for cell in others:
        tree = ast.parse(cell)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "cell", "exec"), names)
        shown += [str(eval(ast.unparse(last), names))] if last else []
    assert len(shown) == 4
    check_shown(" ".join(shown))


@pytest.mark.slow
def test_the_notebook_runs_under_papermill(tmp_path):
    parameters = {"claim": "depression", "dropout": 0.3}
    page = Page("plan", ROOT / "notebooks" / "planning.ipynb", tmp_path / "plan", parameters, reads=())
    result, = execute([page], jobs=1, progress=False)
    assert result.failure is None
    made = json.loads(result.executed.read_text(encoding="utf-8"))["cells"]
    check_shown(" ".join("".join(output["data"]["text/plain"]) for cell in made for output in cell.get("outputs", ())))
