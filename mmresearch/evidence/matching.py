"""Whether a published effect answers what a claim asks: by the codebook's words alone, as a study is matched."""

from dataclasses import dataclass

from mmresearch.codebook import codebook
from mmresearch.evidence.order import last_day
from mmresearch.evidence.records import PublishedEffect

MISSES = {  # part of the claim a row misses: what is said of such rows, first miss first
    "technique": "of another technique",
    "patients": "of other patients",
    "outcome": "of another outcome",
    "comparator": "against another comparator",
    "time": "at another time",
}
WITHIN_A_SESSION = "session-change"  # the method whose claims speak of before and after one session


@dataclass(frozen=True)
class Fit:
    """How one row fits one claim.

    misses      the parts of the claim it misses, words of MISSES; empty: it answers the claim
    unstated    of comparator and time, those of which nothing that could miss was printed: mixed comparators without
                saying of what, or no day
    outcome, comparator  places in the claim's order of preference
    """

    row: PublishedEffect
    misses: tuple
    unstated: tuple
    outcome: int = 0
    comparator: int = 0

    @property
    def rank(self):
        """How many of comparator and time were not printed: 0 fits exactly."""
        return len(self.unstated)

    @property
    def preference(self):
        """What is chosen first among rows of one rank: the newest, then by the claim's own order, then the whole."""
        row = self.row
        return (-row.year, self.outcome, self.comparator, bool(row.part_of), -last_day(row), -(row.k or 0),
                row.effect_id)


def fit_row(claim, row):
    """Return the Fit of a PublishedEffect to a claim that has an analysis."""
    asked = claim.analysis
    measured = [place for place, name in enumerate(asked.instruments) if name in row.instruments]
    comparators = [place for place, name in enumerate(asked.comparators) if name in row.classes]
    held = {
        "technique": bool(set(row.techniques) & set(asked.techniques)),
        "patients": _is_about(claim, row),
        "outcome": bool(measured),
        "comparator": set(row.classes) <= set(asked.comparators),
        "time": _in_time(asked, row),
    }
    unstated = [word for word, missing in (("comparator", not row.classes), ("time", not row.days)) if missing]
    return Fit(row, tuple(word for word in MISSES if not held[word]), tuple(unstated), min(measured, default=0),
               min(comparators, default=len(asked.comparators)))


def _is_about(claim, row):
    asked, book = claim.analysis.population.conditions, codebook()
    return not asked or any(book.is_kind_of(found, broader) for found in row.conditions for broader in asked)


def _in_time(asked, row):
    if asked.method == WITHIN_A_SESSION:
        return row.days == (0, 0)
    if not row.days:
        return True
    return any(row.days[0] <= last and first <= last_day(row) for first, last in asked.windows)
