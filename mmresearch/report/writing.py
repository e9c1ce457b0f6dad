"""Writes a finished run into its staging folder: pages, estimates, verdicts, and what was run."""

import shutil
from pathlib import Path

from mmresearch.estimate import dumps
from mmresearch.exhibits.words import is_exploratory, verdict_text
from mmresearch.report.claim_page import lay_out_claim
from mmresearch.report.frame import frame, template
from mmresearch.report.index_page import heading_of, lay_out_index, lay_out_overview, lay_out_study
from mmresearch.report.strata_page import columns_of, lay_out_strata, strata_of, strata_record, stratum_pages

WHOLE = ("study", "verdicts")  # notebooks of the run as a whole; the others are claims'


def write_records(record, stage):
    """Write run.json, verdicts.json and estimates/<id>.json of a RunRecord into the folder `stage`."""
    stage = Path(stage)
    (stage / "estimates").mkdir(parents=True, exist_ok=True)
    for family in record.families:
        for name, estimate in family.estimates.items():
            _write(stage / "estimates" / f"{name}.json", dumps(estimate.to_json()))
    verdicts = [verdict.to_json() for family in record.families for verdict in family.verdicts]
    _write(stage / "verdicts.json", dumps(verdicts))
    _write(stage / "run.json", dumps({"profile": "released" if record.released else "internal"} | record.facts))


def write_report(record, stage, claims=True):
    """Write a whole run into the folder `stage`: index.html, study.html, claims/<id>.html, and the JSON records.

    Executed notebooks that stand elsewhere are copied beside their pages. Nothing outside `stage` is touched.
    claims: False where `write_claims` wrote the claims' pages before.
    """
    stage = Path(stage)
    write_records(record, stage)
    if claims:
        write_claims(record, stage)
    for name, path in record.notebooks.items():
        _bring(Path(path), (stage if name in WHOLE else stage / "claims") / f"{name}.ipynb")
    _write(stage / "index.html", _render("index", record, **lay_out_index(record), divided_by=columns_of(record)))
    _write(stage / "study.html", _render("study", record, **lay_out_study(record)))
    if record.strata:
        _write_strata(record, stage)


def write_claims(record, stage):
    """Write claims/<id>.html into the folder `stage`. They rest on all verdicts, but not on the verdicts' notebook."""
    (Path(stage) / "claims").mkdir(exist_ok=True)
    for family in record.families:
        _write_claims(record, family, Path(stage) / "claims")


def write_overview(folder, records):
    """Write the index.html over several studies into `folder`.

    records: name of each study's folder in it -> its RunRecord.
    """
    _write(Path(folder) / "index.html", template("overview").render(**frame(), **lay_out_overview(records)))


def _write_claims(record, family, folder):
    shown = [claim for claim in family.registry if record.shows(claim.id)]
    for claim, before, after in zip(shown, [None, *shown], [*shown[1:], None]):
        context = lay_out_claim(record, family, claim, (before, after))
        verdict = context["verdict"]
        words = {"family_words": heading_of(family),
                 "verdict_word": verdict_text(verdict.verdict, is_exploratory(verdict)),
                 "strata": strata_of(record, claim.id)}
        _write(folder / f"{claim.id}.html", _render("claim", record, **context, **words))


def _write_strata(record, stage):
    """Write strata.json, strata.html and claims/<id>--<stratum>.html; their notebooks stand there already."""
    _write(stage / "strata.json", dumps(strata_record(record)))
    _write(stage / "strata.html", _render("strata", record, **lay_out_strata(record)))
    for name, context in stratum_pages(record):
        _write(stage / "claims" / f"{name}.html", _render("stratum", record, **context))


def _render(name, record, **context):
    outline = record.outline
    return template(name).render(**frame(), simulated=outline.simulated, overview=record.overview, outline=outline,
                                  facts=record.facts, released=record.released, **context)


def _bring(path, place):
    if path.resolve() != place.resolve():
        shutil.copyfile(path, place)


def _write(path, text):
    path.write_text(text, encoding="utf-8", newline="\n")
