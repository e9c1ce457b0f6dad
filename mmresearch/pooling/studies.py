"""What goes into a pooling: one effect a study, with all that has to agree before effects are put together."""

import math
from dataclasses import dataclass

from mmresearch.errors import RegistryError, counted

NORMAL = 1.959963984540054  # half the width of a 95% interval, in standard errors
RATIOS = ("risk-ratio", "odds-ratio", "rate-ratio", "hazard-ratio", "mean-ratio")  # pooled on the log scale
STANDARDISED = "standardised-mean-difference"
MEASURES = ("mean-difference", STANDARDISED, "risk-difference", "rmst-difference", *RATIOS)
SHORT = {"MD": "mean-difference", "SMD": STANDARDISED, "RD": "risk-difference", "RR": "risk-ratio", "OR": "odds-ratio",
         "HR": "hazard-ratio"}  # as tables of reviews have them
AGREE = {"measure": "measures", "unit": "units", "instrument": "instruments", "better": "better sides"}


@dataclass(frozen=True)
class StudyEffect:
    """One study's effect: arm minus (or over) its comparator, as printed or as a report has it.

    name         the study, as a reader knows it
    measure      a word of MEASURES; point, low, high in its unit, ratios as ratios, 95% limits
    standard_error   on the scale that is pooled: of ratios, of the logarithm
    instrument   what it was measured with ('' where the source names none); better: `lower`, `higher` or ''
    marks        what tells that two effects rest on the same people: hashes of data, DOIs. One shared mark is enough.
    source       where the numbers stand; comparator, time: in words; simulated: of invented patients
    Raises RegistryError with every rule it breaks.
    """

    name: str
    measure: str
    point: float
    low: float
    high: float
    standard_error: float
    unit: str = ""
    instrument: str = ""
    outcome: str = ""
    better: str = ""
    comparator: str = ""
    time: str = ""
    design: str = ""
    source: str = ""
    simulated: bool = False
    marks: frozenset = frozenset()

    def __post_init__(self):
        ends = (self.point, self.low, self.high)
        finite = all(map(math.isfinite, (*ends, self.standard_error)))
        rules = {
            "the study has a name": bool(self.name.strip()),
            f"measure is one of {', '.join(MEASURES)}": self.measure in MEASURES,
            "every number is finite": finite,
            "the interval holds the effect": self.low <= self.point <= self.high,
            "the standard error is above 0": self.standard_error > 0,
            "a ratio and its limits are positive": not self.is_ratio or min(ends) > 0,
            "the better side is lower, higher or not said": self.better in ("lower", "higher", ""),
        }
        broken = [rule for rule, holds in rules.items() if not holds]
        if broken:
            raise RegistryError(f"effect of '{self.name}'", f"broken: {counted(len(broken), 'rule')}", broken)

    @property
    def is_ratio(self):
        return self.measure in RATIOS

    @property
    def pooled_value(self):
        """The effect on the scale that is pooled."""
        return math.log(self.point) if self.is_ratio else self.point


def from_interval(name, measure, point, low, high, **words):
    """Return the StudyEffect whose standard error follows from its 95% interval (normal; ratios: on the log scale)."""
    width = math.log(high / low) if measure in RATIOS and min(low, high) > 0 else high - low
    return StudyEffect(name, measure, point, low, high, width / (2 * NORMAL), **words)


def from_error(name, measure, point, standard_error, **words):
    """Return the StudyEffect whose 95% interval follows from its standard error (of ratios: of the logarithm)."""
    reach = NORMAL * standard_error
    if measure in RATIOS:
        low, high = (point * math.exp(side * reach) for side in (-1, 1))
    else:
        low, high = point - reach, point + reach
    return StudyEffect(name, measure, point, low, high, standard_error, **words)


def disagreements(studies):
    """Return why these effects may not be put together, a line each: all findings at once."""
    found = [f"{len(words)} {plural}: {', '.join(words)}" for name, plural in _compared(studies).items()
             if len(words := tuple(dict.fromkeys(getattr(each, name) or "not said" for each in studies))) > 1]
    if len({each.simulated for each in studies}) > 1:
        found.append(f"simulated: {sum(each.simulated for each in studies)} of {len(studies)} studies; invented "
                     "patients tell nothing of real ones")
    return found + _shared(studies)


def _compared(studies):
    """What has to agree. Instruments may differ where each effect is in its own SD; then the outcome's name has to."""
    standardised = all(each.measure == STANDARDISED for each in studies)
    named = AGREE if not standardised else {name: word for name, word in AGREE.items() if name != "instrument"}
    return named if any(each.instrument for each in studies) and not standardised else {**named, "outcome": "outcomes"}


def _shared(studies):
    """Pairs that rest on the same people: the same name, or a mark in common."""
    found = []
    for index, first in enumerate(studies):
        for second in studies[index + 1:]:
            if first.name.casefold() == second.name.casefold():
                found.append(f"'{first.name}' stands twice: two results of one study share its patients")
            elif first.marks & second.marks:
                found.append(f"'{first.name}' and '{second.name}' rest on the same patients or hold one another")
    return found
