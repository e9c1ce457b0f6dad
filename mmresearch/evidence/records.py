"""One published effect. Each rule refuses a mistake that was found in print."""

import math
from dataclasses import dataclass, field

from mmresearch.errors import RegistryError

COMPARATORS = ("none", "waiting-list", "usual-care", "attention", "sham", "relaxation-massage", "other-massage",
               "exercise", "drug", "other", "")  # the codebook's words, in the order shown; empty: mixed or not stated
LEVELS = ("meta-analysis", "trial")  # a review stands before the trials it may hold
LARGEST_SMD = 4  # in size; beyond it a standard error was taken for a standard deviation, or the unit is another


@dataclass(frozen=True)
class PublishedEffect:
    """One result of one publication: massage minus (MD, SMD) or over (RR) its comparator, as printed, with 95% limits.

    study        first author and year; k, n: trials and patients of it, None where not printed
    unit         SD for an SMD, ratio for an RR, else the instrument's own
    decimals     printed decimals of effect, low and high: how far rounding can have moved them
    benefit_direction  the side of `effect` that favours massage
    claims       ids of the claims it bears on; bearing on a claim is not supporting it
    note         what limits it, in our words
    off_centre   why the effect need not lie in the middle of its interval, where it does not and the print was checked
    Raises RegistryError with every rule it breaks.
    """

    effect_id: str
    study: str
    year: int
    title: str
    doi: str
    pmid: str
    seen_at: str  # the page the number was seen on, where neither doi nor pmid is known
    level: str
    k: int | None
    n: int | None
    population: str
    technique: str
    comparator: str
    comparator_class: str
    outcome: str
    instrument: str
    unit: str
    time: str
    effect_type: str
    effect: float
    low: float
    high: float
    benefit_direction: str
    claims: tuple[str, ...]
    note: str = ""
    off_centre: str = ""
    decimals: tuple[int, int, int] = field(default=(6, 6, 6), repr=False)

    def __post_init__(self):
        broken = [rule for rule, holds in self._rules().items() if not holds]
        if broken:
            raise RegistryError(f"published effect {self.effect_id}", f"{len(broken)} rules are broken", broken)

    def _rules(self):
        ends = (self.effect, self.low, self.high)
        ratio, standardised = self.effect_type == "RR", self.effect_type == "SMD"
        finite = all(math.isfinite(end) for end in ends)
        positive = not ratio or min(ends) > 0
        return {
            "every number is finite": finite,
            "the interval holds the effect": self.low <= self.effect <= self.high and self.low < self.high,
            "a ratio and its limits are positive": positive,
            "a standardised difference is below 4 in size": not standardised or abs(self.effect) < LARGEST_SMD,
            "the unit of a standardised difference is SD, of a ratio ratio, and of no other":
                self.unit == {"SMD": "SD", "RR": "ratio"}.get(self.effect_type, self.unit)
                and (standardised or self.unit != "SD") and (ratio or self.unit != "ratio") and bool(self.unit),
            "the effect lies in the middle of its interval, within rounding (of a ratio: on the log scale)":
                not finite or not positive or bool(self.off_centre) or self._central(),
            "off_centre is said only of an effect that is":
                not (self.off_centre and finite and positive and self._central()),
            "effect_type is MD, SMD or RR": self.effect_type in ("MD", "SMD", "RR"),
            "level is meta-analysis or trial": self.level in LEVELS,
            "comparator_class is a word of the codebook or empty": self.comparator_class in COMPARATORS,
            "benefit_direction is lower or higher": self.benefit_direction in ("lower", "higher"),
            "it can be cited: study, year, title, and a DOI, a PMID or the page where it was seen":
                bool(self.study and self.title and (self.doi or self.pmid or self.seen_at)),
            "it bears on a claim": bool(self.claims),
        }

    def _central(self):
        """True when some numbers that round to the printed ones have the effect in the middle."""
        around_effect, around_low, around_high = (
            (value - 0.5 * 10.0**-digits, value + 0.5 * 10.0**-digits)
            for value, digits in zip((self.effect, self.low, self.high), self.decimals))
        middles = [_middle(low, high, self.effect_type) for low, high in zip(around_low, around_high)]
        slack = 1e-9
        return middles[0] <= around_effect[1] + slack and around_effect[0] <= middles[1] + slack

    @property
    def link(self):
        """The address to cite it by: its DOI, else PubMed, else the page where the number was seen."""
        if self.doi:
            return f"https://doi.org/{self.doi}"
        return f"https://pubmed.ncbi.nlm.nih.gov/{self.pmid}/" if self.pmid else self.seen_at


def _middle(low, high, effect_type):
    return math.sqrt(max(low, 0.0) * high) if effect_type == "RR" else (low + high) / 2
