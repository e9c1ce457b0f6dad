"""How a claim's kind of analysis does in simulated studies nearest to its own: a row of docs/calibration.md."""

import csv
from functools import cache
from importlib.resources import files
from math import log, sqrt

from mmresearch.exhibits.markup import join, tag
from mmresearch.exhibits.numbers import show_number
from mmresearch.exhibits.record import Exhibit

TITLE = "How this analysis does in simulated studies"
NONE = ("No studies were simulated for this kind of analysis, so how often its intervals hold the truth and how often "
        "it supports a false claim is not known from simulation.")
NOTHING = "The analysis gave no interval, so there is nothing to set beside simulated studies."
WITHHELD = "The numbers of patients are withheld, so the simulated studies nearest in size cannot be chosen."
UNCLUSTERED = "The simulated studies record their therapists and take account of them; the analysis here does not."
NARROW = ("That is less often than meant: intervals in such studies are narrower than they should be, and the answer "
          "is less certain than it looks.")
WIDE = ("That is more often than meant: intervals in such studies are wider than they need be. {who} is cautious, "
        "and an effect that is there may stay inconclusive.")
FALSE = "That is more often than meant: a claim that is supported in such a study deserves more doubt."
WORDS = ("method", "measure", "hypothesis", "model", "modifier", "coverage", "support")  # other columns are counts
Z = 1.959963984540054


def show_calibration(claim, estimate):
    """Return the Exhibit that quotes the simulated studies nearest in size: coverage, and false support."""
    if None in (estimate.low, estimate.high):
        return Exhibit("calibration", TITLE, tag("p", NOTHING))
    if not any(estimate.n.values()):
        return Exhibit("calibration", TITLE, tag("p", WITHHELD))
    row = nearest(claim, estimate)
    if row is None:
        return Exhibit("calibration", TITLE, tag("p", NONE))
    said = [tag("p", each) for each in (_studies(row, estimate), _coverage(row, estimate), _support(row))]
    return Exhibit("calibration", TITLE, join([*said, tag("p", _note(row), class_="note")]))


def nearest(claim, estimate):
    """Return the row of the table for a claim's own kind of analysis, nearest in patients; or None.

    Its own kind: method, measure, hypothesis, model and what its modifier is. Averages over several outcomes were not
    simulated.
    """
    own = (estimate.method, estimate.measure, estimate.hypothesis, modifier_kind(claim.analysis))
    fitting = [row for row in _table() if not claim.analysis.also
               and (row["method"], row["measure"], row["hypothesis"], row["modifier"]) == own
               and row["model"] in estimate.model.lower()]
    patients = min([count for count in estimate.n.values() if count] or [0])
    if not fitting or not patients:
        return None
    return min(fitting, key=lambda row: abs(log(row["patients"] / patients)))


def modifier_kind(analysis):
    """Return what an analysis' modifier belongs to: `therapist`, `patient`, or nothing where it has none."""
    return "" if not analysis.modifier else "therapist" if analysis.modifier == "therapist" else "patient"


def _studies(row, estimate):
    """Which studies: how large, and by how many therapists."""
    arms = (", each given both treatments in turn" if estimate.method == "crossover" else
            " in each arm" if len(estimate.n) > 1 else "")
    hands = f"; {row['therapists']} therapists in all gave the massage" if row["therapists"] else ""
    unlike = f" {UNCLUSTERED}" if row["therapists"] and not estimate.clustered else ""
    return ("This kind of analysis was tried on simulated studies, in which the true value is known. Nearest to this "
            f"study in size are those of {row['patients']} patients{arms}{hands}.{unlike}")


def _coverage(row, estimate):
    mixed = "mixed model" in estimate.model.lower() and estimate.clustered
    who = "Where therapists are few this method" if mixed else "The method"
    judged = {"": "", "too seldom": f" {NARROW}", "too often": f" {WIDE.format(who=who)}"}[row["coverage"]]
    held = _rate(row["covered"], row["intervals"])
    return (f"Of these, {row['intervals']:,} gave a 95% interval, about a third with a true value that makes the claim "
            f"false, the others with values that make it true. The interval held the true value in {held}; "
            f"95% are meant.{judged}")


def _support(row):
    judged = f" {FALSE}" if row["support"] else ""
    false = _rate(row["false_support"], row["draws"])
    return (f"Of the {row['draws']:,} studies in which the claim was false, {false} supported it, each judged alone; "
            f"at most 2.5% are meant.{judged}")


def _note(row):
    few = (f"Only {row['draws']:,} of the {row['meant']:,} studies meant for each true value have been simulated, so "
           "these rates are rough. " if row["draws"] < row["meant"] else "")
    made = ", with therapists who differ and patients lost on the way" if row["therapists"] else ""
    return (f"{few}In brackets: what chance leaves open in so many studies (95% intervals). The studies were invented "
            f"by computer{made}; real ones can be less kind. The tables of all methods are in docs/calibration.md, "
            "which comes with the program.")


@cache
def _table():
    text = (files("mmresearch.exhibits") / "calibration.csv").read_text(encoding="utf-8")
    return tuple({name: value if name in WORDS else int(value) for name, value in row.items()}
                 for row in csv.DictReader(text.splitlines()))


def _rate(count, total):
    """A share in percent with Wilson's 95% interval (docs/calibration.md has the exact one; no scipy in this room)."""
    share = count / total
    scale = 1 + Z**2 / total
    middle = (share + Z**2 / (2 * total)) / scale
    half = Z / scale * sqrt(share * (1 - share) / total + Z**2 / (4 * total**2))
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return f"{show_number(100 * share, 1)}% ({show_number(100 * low, 1)} to {show_number(100 * high, 1)})"
