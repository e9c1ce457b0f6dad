"""How a claim's analysis does in simulated studies nearest to its own: a row of docs/calibration.md."""

import csv
from functools import cache
from importlib.resources import files
from math import log, sqrt

from mmresearch.exhibits.markup import join, tag
from mmresearch.exhibits.numbers import show_number
from mmresearch.exhibits.record import Exhibit

TITLE = "How this analysis does in simulated studies"
NONE = "This analysis was not among those whose operating characteristics were simulated (docs/calibration.md)."
ENOUGH = 2000  # draws from which a rate is said without a warning
Z = 1.959963984540054


def show_calibration(claim, estimate):
    """Return the Exhibit that quotes the simulated studies nearest in size: coverage, and false support."""
    row = nearest(claim, estimate)
    if row is None:
        return Exhibit("calibration", TITLE, tag("p", NONE))
    said = [f"Simulated studies of {row['patients']} patients an arm are the nearest in size to this one. In "
            f"{row['intervals']} of them the 95% interval held the truth in {_rate(row['covered'], row['intervals'])}."]
    if row["draws"] and row["hypothesis"] == estimate.hypothesis:
        false = _rate(row["false_support"], row["draws"])
        said.append(f"Where such a claim was false, {false} of {row['draws']} studies supported it, each judged alone; "
                    "at most 2.5% is meant.")
    few = tag("p", "So few draws leave these rates uncertain.", class_="note") if row["intervals"] < ENOUGH else ""
    note = tag("p", "How the studies were made, and the rows that miss: docs/calibration.md.", class_="note")
    return Exhibit("calibration", TITLE, join([tag("p", " ".join(said)), few, note]))


def nearest(claim, estimate):
    """Return the row of the table for the estimate's method, measure and model, nearest in patients; or None.

    Interactions and averages over several outcomes were not simulated.
    """
    interaction = estimate.method in ("change", "responder") and claim.analysis.modifier
    fitting = [row for row in _table() if not interaction and not claim.analysis.also
               and (row["method"], row["measure"]) == (estimate.method, estimate.measure)
               and row["model"] in estimate.model.lower()]
    patients = min([count for count in estimate.n.values() if count] or [0])
    if not fitting or not patients:
        return None
    return min(fitting, key=lambda row: abs(log(row["patients"] / patients)))


@cache
def _table():
    text = (files("mmresearch.exhibits") / "calibration.csv").read_text(encoding="utf-8")
    words = ("method", "measure", "hypothesis", "model")
    return tuple({name: value if name in words else int(value) for name, value in row.items()}
                 for row in csv.DictReader(text.splitlines()))


def _rate(count, total):
    """A share in percent with Wilson's 95% interval (the page has the exact one; no scipy in this room)."""
    share = count / total
    scale = 1 + Z**2 / total
    middle = (share + Z**2 / (2 * total)) / scale
    half = Z / scale * sqrt(share * (1 - share) / total + Z**2 / (4 * total**2))
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return f"{show_number(100 * share, 1)}% ({show_number(100 * low, 1)} to {show_number(100 * high, 1)})"
