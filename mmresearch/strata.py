"""Records of exploratory strata: how a column splits patients, what a stratum says of a claim, whether strata differ.

A stratum has an interval and neither a verdict nor a p of its own: it stands outside every family.
"""

import re
from dataclasses import dataclass, field

from mmresearch.errors import RegistryError, UsageError
from mmresearch.estimate import Estimate, rounded

COLUMN = re.compile(r"[a-z][a-z0-9_]*")
FEWEST_DF = 2  # of a standard error that a comparison of strata can rest on


@dataclass(frozen=True)
class Stratum:
    """The patients with one level of a column, as a notebook's parameter says it: `condition:neck-pain`."""

    column: str
    level: str

    def __str__(self):
        return f"{self.column}:{self.level}"


def read_stratum(text):
    """Return the Stratum that `condition:neck-pain` means. Raises UsageError where it is not of that form."""
    column, sign, level = text.partition(":")
    if not (sign and level and COLUMN.fullmatch(column)):
        raise UsageError("stratum", f"expected column:level, as in condition:neck-pain; received '{text}'")
    return Stratum(column, level)


@dataclass(frozen=True)
class Split:
    """How one column splits a study's patients. levels: in sorted order; unrecorded: patients without a value."""

    column: str
    levels: tuple
    unrecorded: int = 0

    @property
    def slugs(self):
        """level -> how a file's name says it, `condition-neck-pain`; no two alike, whatever the file system."""
        made = {}
        for level in self.levels:
            plain = f"{self.column}-{re.sub('[^a-z0-9]+', '-', level.lower()).strip('-') or 'other'}"
            numbered = (f"{plain}-{number}" for number in range(2, len(self.levels) + 2))
            made[level] = plain if plain not in made.values() else next(
                name for name in numbered if name not in made.values())
        return made


@dataclass(frozen=True)
class Found:
    """What one stratum says of one claim: an Estimate without p, or why there is none. page: its page's name."""

    stratum: Stratum
    page: str | None = None
    estimate: Estimate | None = field(default=None, repr=False)
    lack: str = ""

    def __post_init__(self):
        if (self.estimate is None) == (not self.lack):
            raise RegistryError(f"stratum {self.stratum}", "expected an estimate or the reason why there is none")
        if self.estimate is not None and self.estimate.p_value is not None:
            raise RegistryError(f"stratum {self.stratum}", "expected no p of its own; it has one")


def is_sound(estimate):
    """True of an Estimate with an interval that can be compared: no serious trouble, enough degrees of freedom."""
    known = estimate.point is not None and bool(estimate.standard_error)
    return known and not estimate.serious and (estimate.df is None or estimate.df >= FEWEST_DF)


@dataclass(frozen=True)
class Interaction:
    """Whether the strata's estimates differ by more than chance: one test over all of them.

    test        what was done, in words
    statistic   F on df1 and df2 degrees of freedom (df2 None: chi-squared over df1)
    minus       of two strata: the levels, first minus second; point, low and high are their difference (for ratios:
                the ratio of the two), in the measure's unit
    lack        why there is no test; then everything else is empty
    """

    test: str = ""
    statistic: float | None = None
    df1: int | None = None
    df2: float | None = None
    p_value: float | None = None
    minus: tuple = ()
    point: float | None = None
    low: float | None = None
    high: float | None = None
    lack: str = ""

    def __post_init__(self):
        tested = self.p_value is not None
        if tested == bool(self.lack) or (tested and not (0 <= self.p_value <= 1 and self.statistic >= 0)):
            raise RegistryError("interaction", "expected a test with its p, or the reason why there is none")


@dataclass(frozen=True)
class Comparison:
    """One claim over the strata of one column. found: a Found a stratum with patients the claim is about, in order."""

    claim: str
    column: str
    found: tuple = field(repr=False)
    interaction: Interaction

    @property
    def estimated(self):
        return tuple(each for each in self.found if each.estimate is not None)

    def to_json(self):
        """Return a plain dict, as docs/formats.md explains it."""
        test = {name: value for name, value in vars(self.interaction).items() if value not in ("", ())}
        return rounded({"claim": self.claim, "column": self.column, "strata": [
            {"level": each.stratum.level, "page": each.page, "lack": each.lack or None,
             "estimate": each.estimate and each.estimate.to_json()} for each in self.found], "interaction": test})


@dataclass(frozen=True)
class Strata:
    """All of a study's exploratory strata by one column.

    comparisons: a Comparison for each claim that was divided; whole: claim id -> why it was not; fewest: patients an
    arm of a stratum must have.
    """

    split: Split
    comparisons: tuple
    whole: dict = field(default_factory=dict, repr=False)
    fewest: int = 5

    def of(self, claim):
        """Return the Comparison of that claim, or None."""
        return next((each for each in self.comparisons if each.claim == claim), None)

    def to_json(self):
        unrecorded = self.split.unrecorded
        return {"column": self.split.column, "levels": list(self.split.levels), "fewest": self.fewest,
                "unrecorded": unrecorded if unrecorded == 0 or unrecorded >= self.fewest else None,
                "comparisons": [each.to_json() for each in self.comparisons], "not_divided": dict(self.whole)}
