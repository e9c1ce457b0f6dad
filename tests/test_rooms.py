"""The map of the house is a test: which room may import which, and which third-party package stands where."""

import ast
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "mmresearch"
BASE = "errors codebook claims study estimate strata models verdict disclosure describe evidence exhibits " \
       "pooling planning"
ROOMS = {  # room: (rooms it may import, third-party packages it may import)
    "errors": ("", ""),
    "codebook": ("errors", "pydantic"),
    "claims": ("errors codebook", "pydantic"),
    "formats": ("errors", "charset_normalizer duckdb psycopg pyreadstat python_calamine"),
    "anonymity": ("", "faker phonenumbers stdnum"),
    "study": ("errors codebook claims anonymity formats", "pydantic pandas numpy"),
    "simulate": ("errors codebook claims", "numpy pandas scipy"),
    "estimate": ("errors", ""),
    "strata": ("errors estimate", ""),
    "models": ("errors codebook claims study estimate strata", "numpy pandas scipy statsmodels pingouin"),
    "verdict": ("errors codebook claims estimate", "scipy"),
    "disclosure": ("errors estimate verdict describe", "scipy"),
    "describe": ("errors codebook claims anonymity study", "numpy pandas scipy"),
    "pooling": ("errors", "numpy scipy"),
    "evidence": ("errors codebook claims estimate pooling", ""),
    "planning": ("errors codebook claims estimate evidence pooling", "pydantic scipy"),
    "exhibits": ("errors codebook claims estimate strata verdict describe evidence pooling planning", ""),
    "workbench": (BASE, ""),
    "report": (
        "errors codebook claims estimate strata verdict disclosure describe evidence exhibits pooling",
        "jinja2 markupsafe"),
    "runner": ("errors",
               "papermill nbformat traitlets jupyter_client jupyter_core ipykernel filelock psutil distributed"),
    "cli": (BASE + " simulate workbench report runner", ""),
}
SOURCES = sorted(path for path in PACKAGE.rglob("*.py") if path.parent != PACKAGE or path.name != "__init__.py")


def room_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: imports are absolute"
            inside = node.module == "mmresearch"
            yield from (f"{node.module}.{a.name}" if inside else node.module for a in node.names)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_room_stays_within_its_doors(path):
    room = room_of(path)
    assert room in ROOMS, f"room '{room}' is not on the map in docs/architecture.md"
    rooms, packages = (set(names.split()) for names in ROOMS[room])
    for name in imports(path):
        top, *rest = name.split(".")
        if top == "mmresearch":
            assert not rest or rest[0] == room or rest[0] in rooms or rest[0] == "__version__", \
                f"{room} may not import mmresearch.{rest[0]}"
        elif top not in sys.stdlib_module_names:
            assert top in packages, f"{room} may not import {top}"


def test_decisions_are_numbered_one_by_one():
    decisions = sorted((PACKAGE.parent / "docs" / "adr").glob("*.md"))
    numbers = [int(path.name[:4]) for path in decisions]
    assert numbers == list(range(1, len(numbers) + 1))
    titles = [path.read_text(encoding="utf-8").partition(".")[0] for path in decisions]
    assert titles == [f"# {number}" for number in numbers]


def test_the_map_names_every_room_and_no_other():
    assert {room_of(path) for path in SOURCES} == set(ROOMS)


def test_the_map_is_the_one_in_the_docs():
    text = (PACKAGE.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    for room in ROOMS:
        assert f"| `{room}` |" in text, f"docs/architecture.md has no row for the room '{room}'"


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_files_stay_short_enough_to_read(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300, "split the file: about 250 lines is a file"
