"""docs/mmrm.md cannot drift: its example runs, its words and troubles are those of the code."""

import contextlib
import inspect
import io
import re
from pathlib import Path

import pytest
from mmrm_data import ROOT, vickers

from mmresearch.models import mmrm as package
from mmresearch.models.mmrm.structures import NAMES

TEXT = (ROOT / "docs" / "mmrm.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", TEXT, re.S)
SOURCES = "\n".join(path.read_text() for path in Path(package.__file__).parent.glob("*.py"))


def test_the_example_on_real_data_prints_what_the_page_says():
    trial, (block,) = vickers(), [block for block in BLOCKS if "result = mmrm(trial" in block]
    expected = [line.removeprefix("# ") for line in block.splitlines() if line.startswith("# ")]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(block, {"mmrm": package.mmrm, "trial": trial})
    assert printed.getvalue().splitlines() == expected


def test_every_argument_of_the_door_is_explained():
    for name in inspect.signature(package.mmrm).parameters:
        if name != "frame":
            assert re.search(rf"^    {name}=", BLOCKS[0], re.M), f"docs/mmrm.md does not say what '{name}' is"


def test_every_structure_and_every_trouble_is_named():
    assert all(re.search(rf"\b{code}\b", BLOCKS[0]) for code in NAMES)
    codes = set(re.findall(r'Trouble\(\s*"([a-z-]+)"', SOURCES))
    assert len(codes) > 8 and all(f"`{code}`" in TEXT for code in codes)


@pytest.mark.parametrize("name", package.__all__)
def test_every_public_name_has_a_docstring(name):
    assert (getattr(package, name).__doc__ or "").strip()
