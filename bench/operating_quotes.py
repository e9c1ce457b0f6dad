"""Writes mmresearch/exhibits/calibration.csv: what a claim's page quotes of the operating characteristics."""

import csv
import io
from pathlib import Path

from bench.cases import CASES
from bench.operating import SIZES, key
from bench.operating_page import held, supported

QUOTES = Path(__file__).parents[1] / "mmresearch" / "exhibits" / "calibration.csv"
FIELDS = ("method", "measure", "hypothesis", "model", "patients", "intervals", "covered", "draws", "false_support")
MODELS = {  # words by which an Estimate's model is known, where a method has several
    "change (ANCOVA)": "analysis of covariance",
    "change (MMRM)": "mixed model for repeated measures",
    "counts, to 28": "logit link",
    "counts, without end": "log link",
    "mediation, therapists": "cr2",
    "mediation, bootstrap": "bootstrap",
}


def quotes(kept):
    """Return the table as CSV text: a line a method and size of which all three truths were drawn.

    intervals, covered: of all truths together; draws, false_support: where the claim is false.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(FIELDS)
    for case in CASES:
        analysis = case.claim.analysis
        for n in SIZES:
            found = [kept["cells"].get(key(case.name, n, place)) for place in range(3)]
            if None not in found:
                writer.writerow([analysis.method, analysis.measure, analysis.hypothesis, MODELS.get(case.name, ""), n,
                                 *reversed(held(found)), found[0]["draws"], supported(found[0])])
    return text.getvalue()
