"""The page of a pooling: one forest plot, its numbers, and how they came about."""

from pathlib import Path

from mmresearch import __version__
from mmresearch.estimate import dumps
from mmresearch.exhibits.pooled import name_measure, show_pooled
from mmresearch.report.frame import frame, template


def write_pooled(synthesis, stage):
    """Write index.html and pooled.json of a pooling.Synthesis into the folder `stage`, and the mark of a report."""
    stage, first = Path(stage), synthesis.studies[0]
    heading = f"{len(synthesis.studies)} studies: {name_measure(synthesis)}"
    page = template("pooled").render(
        **frame(), heading=heading, exhibit=show_pooled(synthesis), simulated=first.simulated,
        truncated=synthesis.pooled.truncated, k=synthesis.pooled.k)
    _write(stage / "index.html", page)
    _write(stage / "pooled.json", dumps(synthesis.to_json()))
    sources = [each.source for each in synthesis.studies]
    _write(stage / "run.json", dumps({"mmresearch": __version__, "pooled": sources}))


def _write(path, text):
    path.write_text(text, encoding="utf-8", newline="\n")
