"""One published effect. Each rule refuses a mistake that was found in print, or a row that no rule could place."""

import math
import re
from dataclasses import dataclass, field

from mmresearch.errors import RegistryError

COMPARATORS = ("none", "waiting-list", "usual-care", "attention", "sham", "relaxation-massage", "other-massage",
               "exercise", "drug", "other", "")  # the codebook's words, in the order shown; empty: mixed or not stated
LEVELS = ("meta-analysis", "trial")  # a review stands before the trials it may hold
RATIOS = ("RR", "OR", "HR")  # read on the log scale
UNITS = {"SMD": "SD", **dict.fromkeys(RATIOS, "ratio")}
LARGEST_SMD = 4  # in size; beyond it a standard error was taken for a standard deviation, or the unit is another
NORMAL = 1.959963984540054  # half the width of a printed 95% interval, in standard errors
DOI, PMID = re.compile(r"10\.\d{4,9}/\S+"), re.compile(r"[1-9]\d{0,8}")


@dataclass(frozen=True)
class PublishedEffect:
    """One result of one publication: massage minus (MD, SMD) or over (RR, OR, HR) its comparator, as printed.

    study        first author and year; k, n: trials and patients of it, None where not printed
    unit         SD for an SMD, ratio for a ratio, else the instrument's own
    low, high    the printed 95% limits
    decimals     printed decimals of effect, low and high: how far rounding can have moved them
    benefit_direction  the side of `effect` that favours massage
    claims       ids of the claims it bears on; bearing on a claim is not supporting it
    note         what limits it, in our words
    off_centre   why the effect need not lie in the middle of its interval, where it does not and the print was checked
    What the codebook calls its parts, so that a rule can match it with a claim; empty where the codebook has no word:
    conditions, techniques; mixed_of: the comparator classes a mixed comparator is said to hold; instruments: the one
    it was measured with, or, of a standardised effect, those that measure the same; days: (first, last) since
    the start at which it was measured, last None where open, () where not printed; part_of: rows whose number holds it.
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
    conditions: tuple[str, ...] = ()
    techniques: tuple[str, ...] = ()
    mixed_of: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    days: tuple = ()
    part_of: tuple[str, ...] = ()

    def __post_init__(self):
        broken = [rule for rule, holds in {**self._number_rules(), **self._word_rules()}.items() if not holds]
        if broken:
            raise RegistryError(f"published effect {self.effect_id}", f"{len(broken)} rules are broken", broken)

    def _number_rules(self):
        ends = (self.effect, self.low, self.high)
        standardised = self.effect_type == "SMD"
        finite = all(math.isfinite(end) for end in ends)
        positive = not self.is_ratio or min(ends) > 0
        return {
            "every number is finite": finite,
            "the interval holds the effect": self.low <= self.effect <= self.high and self.low < self.high,
            "a ratio and its limits are positive": positive,
            "a standardised difference is below 4 in size": not standardised or abs(self.effect) < LARGEST_SMD,
            "the unit of a standardised difference is SD, of a ratio ratio, and of no other":
                self.unit == UNITS.get(self.effect_type, self.unit)
                and (standardised or self.unit != "SD") and (self.is_ratio or self.unit != "ratio") and bool(self.unit),
            "the effect lies in the middle of its interval, within rounding (of a ratio: on the log scale)":
                not finite or not positive or bool(self.off_centre) or self._central(),
            "off_centre is said only of an effect that is":
                not (self.off_centre and finite and positive and self._central()),
            "k and n are whole numbers from 1": all(each is None or each >= 1 for each in (self.k, self.n)),
            "a trial is one trial: k is of reviews": self.level != "trial" or self.k in (None, 1),
            "days begin at 0 or later and do not end before they begin":
                not self.days or 0 <= self.days[0] <= (math.inf if self.days[1] is None else self.days[1]),
        }

    def _word_rules(self):
        return {
            "effect_type is MD, SMD, RR, OR or HR": self.effect_type in ("MD", "SMD", *RATIOS),
            "level is meta-analysis or trial": self.level in LEVELS,
            "comparator_class is a word of the codebook or empty": self.comparator_class in COMPARATORS,
            "mixed_of stands only where comparator_class is empty, and names classes":
                not self.mixed_of or not self.comparator_class
                and len(self.mixed_of) > 1 and set(self.mixed_of) < set(COMPARATORS),
            "benefit_direction is lower or higher": self.benefit_direction in ("lower", "higher"),
            "it can be cited: study, year, title, and a DOI, a PMID or the page where it was seen":
                bool(self.study and self.title and (self.doi or self.pmid or self.seen_at)),
            "the year of the study is its year": not re.search(r"\b(19|20)\d\d\b", self.study)
                or str(self.year) in self.study,
            "a DOI begins with 10. and has no address before it": not self.doi or bool(DOI.fullmatch(self.doi)),
            "a PMID is a whole number": not self.pmid or bool(PMID.fullmatch(self.pmid)),
            "it bears on a claim": bool(self.claims),
        }

    def _central(self):
        """True when some numbers that round to the printed ones have the effect in the middle."""
        around_effect, around_low, around_high = (
            (value - 0.5 * 10.0**-digits, value + 0.5 * 10.0**-digits)
            for value, digits in zip((self.effect, self.low, self.high), self.decimals))
        middles = [self._middle(low, high) for low, high in zip(around_low, around_high)]
        slack = 1e-9
        return middles[0] <= around_effect[1] + slack and around_effect[0] <= middles[1] + slack

    def _middle(self, low, high):
        return math.sqrt(max(low, 0.0) * high) if self.is_ratio else (low + high) / 2

    @property
    def is_ratio(self):
        return self.effect_type in RATIOS

    @property
    def null(self):
        """The value that says no difference."""
        return 1.0 if self.is_ratio else 0.0

    @property
    def standard_error(self):
        """From the printed 95% interval, as if it were normal; of a ratio: on the log scale."""
        low, high = (math.log(self.low), math.log(self.high)) if self.is_ratio else (self.low, self.high)
        return (high - low) / (2 * NORMAL)

    @property
    def of_several(self):
        """True of a review's result that pools trials; one that rests on a single trial counts as that trial."""
        return self.level == "meta-analysis" and self.k != 1

    @property
    def classes(self):
        """The comparator classes it is against; empty where mixed without saying of what, or not stated."""
        return (self.comparator_class,) if self.comparator_class else self.mixed_of

    @property
    def link(self):
        """The address to cite it by: its DOI, else PubMed, else the page where the number was seen."""
        if self.doi:
            return f"https://doi.org/{self.doi}"
        return f"https://pubmed.ncbi.nlm.nih.gov/{self.pmid}/" if self.pmid else self.seen_at
