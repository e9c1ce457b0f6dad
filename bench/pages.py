"""A run's pages executed in other ways: by papermill's own command line, and as bare code, forked from warm imports."""

import ast
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
WANTED = {"study.ipynb": ("study",), "verdicts.ipynb": ("run",)}  # of all others: the study and the claim


@dataclass(frozen=True)
class Executed:
    """One page of a finished report. study: the folder it read; report: the folder of its run."""

    study: Path
    report: Path
    name: str
    notebook: str

    @property
    def parameters(self):
        given = {"study": str(self.study), "run": str(self.report), "claim": self.name}
        return {name: given[name] for name in WANTED.get(self.notebook, ("study", "claim"))}


def executed_pages(studies, report):
    """Return the pages that the run of the folder `studies` left in `report`, as run.json lists them."""
    return [Executed(Path(studies) / path.parent.name, path.parent, page["page"], page["notebook"])
            for path in sorted(Path(report).glob("*/run.json"))
            for page in json.loads(path.read_text(encoding="utf-8"))["pages"]]


def papermill(page, out):
    """Return papermill's own command line for one page."""
    words = [word for name, value in page.parameters.items() for word in ("-p", name, value)]
    return [str(Path(sys.executable).with_name("papermill")), "--no-progress-bar",
            str(ROOT / "notebooks" / page.notebook), str(out), *words]


def bare(page):
    """Return the CPU seconds of the notebook's code alone: no kernel, no messages, no file; what it shows is rendered.

    Forked from this process, which has imported everything, so that no page finds another one's results.
    """
    child = os.fork()
    if child == 0:
        code = 1
        try:
            _run(page)
            code = 0
        finally:
            os._exit(code)
    _, status, used = os.wait4(child, 0)
    if status:
        raise SystemExit(f"bench: the code of page {page.name} failed outside its notebook")
    return used.ru_utime + used.ru_stime


def _run(page):
    cells = json.loads((ROOT / "notebooks" / page.notebook).read_text(encoding="utf-8"))["cells"]
    names = {}
    for cell in (cell for cell in cells if cell["cell_type"] == "code"):
        tree = ast.parse("".join(cell["source"]))
        shown = ast.Expression(tree.body.pop().value) if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, "notebook", "exec"), names)
        if "parameters" in cell["metadata"].get("tags", ()):
            names.update(page.parameters)
        if shown:
            eval(compile(shown, "notebook", "eval"), names)._repr_mimebundle_()
