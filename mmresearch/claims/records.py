"""What a registered claim may say. Unknown keys are refused; a claim that contradicts itself cannot be made."""

import datetime
from typing import Literal

from pydantic import Field, model_validator

from mmresearch.codebook.records import SLUG, Record

Testability = Literal["session-outcomes", "laboratory", "cohort", "not-testable"]
Hypothesis = Literal["superiority", "non-inferiority", "equivalence", "above", "below", "exists"]
Measure = Literal["mean-difference", "risk-difference", "rate-ratio", "hazard-ratio", "odds-ratio", "mean-ratio",
                  "rmst-difference", "proportion", "rate", "kappa", "icc", "variance", "indirect-effect", "slope"]
Design = Literal["randomised", "crossover", "cohort", "single-arm"]


class Quote(Record):
    """Where an article says it: file name and line (1-based), or a paper and the place in it, and the words themselves."""

    article: str
    line: int | None = Field(None, ge=1)
    where: str = ""  # in a printed paper: "abstract", "Table 2"
    quote: str = Field(min_length=3)

    @model_validator(mode="after")
    def _has_a_place(self):
        if (self.line is None) == (not self.where):
            raise ValueError("a quote has a line (of a text file) or a where (of a printed paper)")
        return self

    @property
    def place(self):
        return self.where or f"line {self.line}"


class Filter(Record):
    """A patient characteristic at baseline that the population requires: a column word and its bounds."""

    column: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    at_least: float | None = None
    at_most: float | None = None
    equals: str | None = None

    @model_validator(mode="after")
    def _asks_something(self):
        if self.at_least is None and self.at_most is None and self.equals is None:
            raise ValueError(f"filter on '{self.column}' asks nothing: give at_least, at_most or equals")
        return self


class Population(Record):
    """Who the claim is about: codebook conditions (any of them; empty = any patient) and filters (all of them)."""

    words: str  # as the article or the paper puts it
    conditions: tuple[str, ...] = ()
    where: tuple[Filter, ...] = ()


class Analysis(Record):
    """The registered estimand and how it is estimated. Lists are in order of preference."""

    population: Population
    techniques: tuple[str, ...] = Field(min_length=1)
    comparators: tuple[str, ...] = ()  # comparator classes; empty only where the claim compares nothing
    windows: tuple[tuple[int, int], ...] = Field(min_length=1)  # days since baseline, first and last
    instruments: tuple[str, ...] = Field(min_length=1)
    designs: tuple[Design, ...] = ("randomised", "cohort")
    direction: Literal["higher", "lower"]  # the side the article claims, on the instrument's own scale
    hypothesis: Hypothesis = "superiority"
    measure: Measure = "mean-difference"
    null: float | None = 0
    method: str = Field(pattern=SLUG)
    model: Literal["mmrm", "ancova"] | None = None  # change only; None = mmrm when several follow-ups, else ancova
    modifier: str | None = None  # an interaction: arm x this baseline column ("baseline" = the outcome's own)
    missing: Literal["mar", "non-responder", "complete-case"] = "mar"
    intercurrent: Literal["treatment-policy", "hypothetical", "composite", "while-on-treatment"] = "treatment-policy"
    magnitude: Literal["any", "important", "large"] = "any"
    threshold: Literal["absolute", "percent"] | None = None  # responder only: which of the instrument's thresholds
    threshold_value: float | None = Field(None, gt=0)  # responder only: the claim's own, for example 35 percent
    observed_at: tuple[str, ...] = ()  # only patients observed at all of these visits (a study's own claims)
    note: str = ""

    @model_validator(mode="after")
    def _hangs_together(self):
        broken = [text for text, bad in {
            "a window ends before it begins": any(first > last for first, last in self.windows),
            "a difference needs comparator classes": self.hypothesis in ("superiority", "non-inferiority", "equivalence")
            and not self.comparators,
            "risk-difference belongs to the method responder or harms": self.measure == "risk-difference"
            and self.method not in ("responder", "harms"),
            "non-responder imputation belongs to the method responder": self.missing == "non-responder"
            and self.method != "responder",
            "ratios have null 1, or none where the margin is the null": self.measure.endswith("-ratio")
            and self.null is not None and self.null <= 0,
        }.items() if bad]
        if broken:
            raise ValueError("; ".join(broken))
        return self


class Contradiction(Record):
    """Articles against each other (or themselves): which claims, how, and what data could settle it."""

    id: str
    claims: tuple[str, ...] = Field(min_length=1)
    where: str
    text: str
    resolvable: str
    design: str = ""


class Claim(Record):
    """One checkable sentence, with its quotes and, where session outcomes can test it, its registered analysis."""

    id: str = Field(pattern=SLUG)
    group: str
    text: str = Field(min_length=5)  # the claim in one sentence
    question: str = Field(min_length=5)  # in plain words, ending in a question mark
    sources: tuple[Quote, ...] = Field(min_length=1)
    testability: Testability
    why_not: str = ""  # not testable with session outcomes: why
    would_settle: str = ""  # and what would settle it
    registered: datetime.date | None = None
    registration: str = ""  # where the registration can be read, if not here
    rank: Literal["primary", "secondary"] | None = None  # a study's own claims only
    note: str = ""
    evidence: tuple[str, ...] = ()
    analysis: Analysis | None = None

    @model_validator(mode="after")
    def _says_how_or_why_not(self):
        if (self.testability == "session-outcomes") != (self.analysis is not None):
            raise ValueError(f"testability '{self.testability}' and analysis do not go together")
        if self.analysis is None and not (self.why_not and self.would_settle):
            raise ValueError("a claim without analysis says why_not and would_settle")
        return self
