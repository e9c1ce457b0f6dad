"""Warm kernels change no number: a page is byte for byte what an ordinary kernel makes of it."""

import json
import os
from pathlib import Path

import pytest

from mmresearch.runner import Page, execute, open_executor
from mmresearch.runner.warm import possible

ROOT = Path(__file__).parents[1]
STUDY = ROOT / "data" / "demo" / "goals"
PAGES = {"back-pain": "outcome_change.ipynb", "early-relief": "treatment_course.ipynb", "study": "study.ipynb"}


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """The pages of a study by warm kernels and by ordinary ones, which a kernelspec of another name starts."""
    folder = tmp_path_factory.mktemp("both")
    spec = folder / "jupyter" / "kernels" / "ordinary"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text(json.dumps({
        "argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"], "display_name": "ordinary",
        "language": "python"}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_PATH", str(folder / "jupyter"))
        with open_executor(2) as executor:
            pages = [*lay_out(folder, "python3"), *lay_out(folder, "ordinary")]
            results = execute(pages, progress=False, executor=executor)
    assert [result.failure for result in results] == [None] * len(pages)
    return results[:len(PAGES)], results[len(PAGES):]


def lay_out(folder, kernel):
    """Each page with its notebook copied so that it asks for `kernel`."""
    for name, notebook in PAGES.items():
        content = json.loads((ROOT / "notebooks" / notebook).read_text(encoding="utf-8"))
        content["metadata"]["kernelspec"]["name"] = kernel
        copy = folder / f"{kernel}-{notebook}"
        copy.write_text(json.dumps(content), encoding="utf-8")
        place = folder / kernel / name
        given = {"study": os.path.relpath(STUDY, place)} | ({"claim": name} if name != "study" else {})
        yield Page(name, copy, place, given)


def shown(result):
    """Everything the cells of an executed notebook show, the handed over estimate among it, as JSON."""
    cells = json.loads(result.executed.read_text(encoding="utf-8"))["cells"]
    return [json.dumps(cell.get("outputs")) for cell in cells]


@pytest.mark.skipif(not possible(), reason="this system cannot fork warm kernels")
@pytest.mark.parametrize("place", range(len(PAGES)), ids=PAGES)
def test_a_page_shows_byte_for_byte_the_same(both, place):
    warm, cold = (shown(results[place]) for results in both)
    assert warm == cold and any("text/html" in each for each in warm)
