"""What the codebook's TOML files may say. Unknown keys are refused; records are frozen."""

import math
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"


class Record(BaseModel):
    """A frozen record that refuses keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Responder(Record):
    """The smallest change of one person that matters to that person (MCID). Never used as a margin.

    absolute is in the instrument's unit, percent is of that person's baseline; where both stand, reaching
    `rule` of them counts (default: either published rule's first-named, `absolute`).
    """

    absolute: float | None = Field(None, gt=0)
    percent: float | None = Field(None, gt=0, le=100)
    rule: Literal["absolute", "percent"] = "absolute"
    status: Literal["published", "convention"]
    source: str = Field(min_length=5)
    checked: bool = False  # the number was seen in the source, not recalled

    @model_validator(mode="after")
    def _rule_has_a_number(self):
        if getattr(self, self.rule) is None:
            raise ValueError(f"rule is '{self.rule}' but no {self.rule} threshold stands beside it")
        return self


class Margin(Record):
    """The smallest difference between groups worth having, in the instrument's unit."""

    value: float = Field(gt=0)
    status: Literal["published", "convention"]
    source: str = Field(min_length=5)  # for a convention: its derivation
    checked: bool = False  # the number was seen in the source, not recalled


class Instrument(Record):
    """A validated measure: range and unit, better direction, responder threshold and margin."""

    id: str = Field(pattern=r"^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*$")
    name: str
    measures: str  # the construct, in plain words: "pain intensity"
    low: float | None = None
    high: float | None = None
    step: float | None = Field(None, gt=0)
    unit: str
    better: Literal["higher", "lower"]
    kind: Literal["continuous", "ordinal", "count", "binary", "time"] = "continuous"
    self_reported: bool
    converts: dict[str, float] = {}  # other unit -> factor that gives this unit
    responder: Responder | None = None
    margin: Margin | None = None
    citation: str = ""  # how to cite the instrument
    note: str = ""

    @model_validator(mode="after")
    def _hangs_together(self):
        span = math.inf if None in (self.low, self.high) else self.high - self.low
        one, between = self.responder and self.responder.absolute, self.margin and self.margin.value
        broken = [
            text
            for text, bad in {
                f"low {self.low} is not below high {self.high}": span <= 0,
                f"the responder threshold {one} is wider than the range": span > 0 and (one or 0) > span,
                f"the margin {between} is wider than the range": span > 0 and (between or 0) > span,
                f"the margin {between} is the responder threshold: one is between groups, the other of one person": (
                    between is not None and between == one
                ),
                "converts has a factor that is not positive": any(factor <= 0 for factor in self.converts.values()),
            }.items()
            if bad
        ]
        if broken:
            raise ValueError("; ".join(broken))
        return self


class Word(Record):
    """A word that claims and studies share: a condition, a technique, a comparator class, a setting."""

    id: str = Field(pattern=SLUG)
    label: str
    kind_of: tuple[str, ...] = ()  # broader words, conditions only
    note: str = ""


class Convention(Record):
    """A number of ours that no publication gives, with its derivation; verdicts resting on it are stamped."""

    id: str = Field(pattern=SLUG)
    value: float
    unit: str
    derivation: str = Field(min_length=20)


Route = Literal["oral", "transdermal", "buccal", "sublingual", "nasal", "rectal", "parenteral", "topical"]


class Publication(Record):
    """Where a medicine's numbers stand."""

    id: str = Field(pattern=SLUG)
    year: int = Field(ge=1900)
    citation: str = Field(min_length=20)


class Equivalent(Record):
    """Oral morphine milligrams that one unit of an opioid's daily dose amounts to, by one source.

    above, up_to: the daily doses, in `unit`, for which it holds (a factor that rises with the dose stands several
    times). A patch's unit is micrograms an hour, and its MME is a day's.
    """

    route: Route
    unit: Literal["mg", "mcg", "mcg/h"]
    factor: float = Field(gt=0)
    source: str = Field(pattern=SLUG)
    above: float = Field(0, ge=0)
    up_to: float = Field(math.inf, gt=0)


class DailyDose(Record):
    """WHO's defined daily dose of a medicine by one route, in milligrams."""

    route: Route
    mg: float = Field(gt=0)
    source: str = Field(pattern=SLUG)


class Medicine(Record):
    """A medicine for pain. kind: an `adjuvant` is given beside analgesics and counts in no analgesic dose."""

    id: str = Field(pattern=SLUG)
    name: str
    also: tuple[str, ...] = ()  # other names, small letters
    kind: Literal["opioid", "nsaid", "analgesic", "adjuvant", "other"]
    atc: str | None = Field(None, pattern=r"^[A-Z]\d\d[A-Z]{2}\d\d$")
    mme: tuple[Equivalent, ...] = ()
    ddd: tuple[DailyDose, ...] = ()
    note: str = ""

    @model_validator(mode="after")
    def _hangs_together(self):
        kinds = [(each.route, each.unit, each.source, each.above) for each in self.mme]
        broken = [
            text
            for text, bad in {
                "only an opioid has morphine equivalents": bool(self.mme) and self.kind != "opioid",
                "an opioid without morphine equivalents says why in its note": self.kind == "opioid"
                and not (self.mme or self.note),
                "an equivalent stands twice": len(set(kinds)) < len(kinds),
                "an equivalent ends before it begins": any(each.above >= each.up_to for each in self.mme),
                "a route has two daily doses": len({each.route for each in self.ddd}) < len(self.ddd),
                "other names are written in small letters": any(name != name.lower() for name in self.also),
            }.items()
            if bad
        ]
        if broken:
            raise ValueError("; ".join(broken))
        return self
