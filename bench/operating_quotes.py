"""Writes mmresearch/exhibits/calibration.csv: what a claim's page quotes of the operating characteristics."""

import csv
import io
from pathlib import Path

import numpy as np

from bench.cases import CASES
from bench.operating import DRAWS, FEWER, SIZES, key
from bench.operating_page import COVER, FALSE, exact, held, supported
from mmresearch.exhibits.calibration import modifier_kind

QUOTES = Path(__file__).parents[1] / "mmresearch" / "exhibits" / "calibration.csv"
FIELDS = ("method", "measure", "hypothesis", "model", "modifier", "patients", "therapists", "intervals", "covered",
          "coverage", "draws", "meant", "false_support", "support")
ANCOVA, MMRM = "analysis of covariance", "mixed model for repeated measures"
MODELS = {  # words by which an Estimate's model is known, where a method has several
    "change (ANCOVA)": ANCOVA,
    "change, interaction": ANCOVA,
    "change, non-inferiority": ANCOVA,
    "change, equivalence": ANCOVA,
    "change (MMRM)": MMRM,
    "counts, to 28": "logit link",
    "counts, without end": "log link",
    "course, by a session": MMRM,
    "mediation, therapists": "cr2",
    "mediation, bootstrap": "bootstrap",
}


def quotes(kept):
    """Return the table as CSV text: a line a method and size of which all three truths were drawn.

    model: words of an Estimate's model, none where the method has one model. patients, therapists: of an arm, and in
    all. intervals, covered: of all truths together. coverage: `too seldom`, `too often` or nothing, as the page judges.
    draws, false_support: where the claim is false; support: `too often` where the page has it miss. meant: draws meant.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(FIELDS)
    for case in CASES:
        analysis = case.claim.analysis
        for n in SIZES:
            found = [kept["cells"].get(key(case.name, n, place)) for place in range(3)]
            if None not in found:
                writer.writerow([analysis.method, analysis.measure, analysis.hypothesis, MODELS.get(case.name, ""),
                                 modifier_kind(analysis), *sizes(case, n), *rates(case, found)])
    return text.getvalue()


def sizes(case, n):
    """Return (patients an arm, therapists in all) of a case's studies, as invented. Raters are no therapists."""
    dataset = case.invent(np.random.default_rng(0), n, case.effects[0])
    arms = dataset.allocated or dataset.patients.groupby("arm").size()
    names = {*dataset.patients["therapist"].dropna(), *dataset.sessions["therapist"].dropna()}
    return int(min(dict(arms).values())), 0 if case.claim.analysis.method == "agreement" else len(names)


def rates(case, cells):
    """Return the fields from `intervals` on, of the cells of the three truths."""
    (covered, intervals), (draws, false) = held(cells), (cells[0]["draws"], supported(cells[0]))
    low, high = exact(covered, intervals) if intervals else (0, 1)
    coverage = "too seldom" if high < COVER[0] else "too often" if low > COVER[1] else ""
    support = "too often" if exact(false, draws)[0] > FALSE else ""
    return intervals, covered, coverage, draws, FEWER if case.bootstrap else DRAWS, false, support
