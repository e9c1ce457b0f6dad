"""What a registered claim may say. Unknown keys are refused; a claim that contradicts itself cannot be made."""

import datetime
from typing import Literal

from pydantic import Field, model_validator

from mmresearch.codebook.records import SLUG, Record

Testability = Literal["session-outcomes", "laboratory", "cohort", "not-testable"]
Hypothesis = Literal["superiority", "non-inferiority", "equivalence", "above", "below", "exists"]
Measure = Literal[
    "mean-difference",
    "risk-difference",
    "rate-ratio",
    "hazard-ratio",
    "odds-ratio",
    "mean-ratio",
    "rmst-difference",
    "proportion",
    "rate",
    "kappa",
    "icc",
    "variance",
    "indirect-effect",
    "slope",
]
Design = Literal["randomised", "crossover", "cohort", "single-arm"]


class Quote(Record):
    """Where an article says it: file name and line (1-based), or a paper and the place in it, and the words."""

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
    """The registered estimand and how it is estimated. Lists are in order of preference.

    direction `better` and `worse` mean the instrument's better side, for lists in which lower is better on one
    instrument and higher on another.
    """

    population: Population
    techniques: tuple[str, ...] = Field(min_length=1)
    comparators: tuple[str, ...] = ()  # comparator classes; empty only where the claim compares nothing
    windows: tuple[tuple[int, int], ...] = Field(min_length=1)  # days since baseline, first and last
    instruments: tuple[str, ...] = Field(min_length=1)
    designs: tuple[Design, ...] = ("randomised", "cohort")
    also: tuple[str, ...] = ()  # change only: instruments that must each show it too (co-primary)
    direction: Literal["higher", "lower", "better", "worse"]  # the side claimed, on the instrument's own scale
    hypothesis: Hypothesis = "superiority"
    measure: Measure = "mean-difference"
    null: float | None = 0
    method: str = Field(pattern=SLUG)
    model: Literal["mmrm", "ancova"] | None = None  # change only; None = mmrm when several follow-ups, else ancova
    modifier: str | None = None  # an interaction: arm x this baseline column ("baseline" = the outcome's own); for the
    # method variance: the column between whose values results differ
    modifier_at_least: float | None = None  # a number made two groups: this or more, against less
    mediator: str | None = None  # mediation only: the instrument on the path
    by_session: int | None = Field(None, ge=1)  # course only: the session by which the claim says it shows
    cutoff: float | None = None  # harms: this grade or worse; proportion: this good or better, without a threshold
    missing: Literal["mar", "non-responder", "complete-case"] = "mar"
    intercurrent: Literal["treatment-policy", "hypothetical", "composite", "while-on-treatment"] = "treatment-policy"
    magnitude: Literal["any", "important", "large"] = "any"
    threshold: Literal["absolute", "percent"] | None = None  # responder only: which of the instrument's thresholds
    threshold_value: float | None = Field(None, gt=0)  # responder only: the claim's own, for example 35 percent
    adjusted: bool = True  # responder only: false compares shares as they are, without baseline, covariates, strata
    observed_at: tuple[str, ...] = ()  # only patients observed at all of these visits (a study's own claims)
    note: str = ""

    @model_validator(mode="after")
    def _hangs_together(self):
        broken = [text for text, bad in {**self._broken_words(), **self._broken_keys()}.items() if bad]
        if broken:
            raise ValueError("; ".join(broken))
        return self

    def _broken_words(self):
        compares = self.hypothesis in ("superiority", "non-inferiority", "equivalence")
        return {
            "a window ends before it begins": any(first > last for first, last in self.windows),
            "a window begins before baseline": any(first < 0 for first, _ in self.windows),
            "a difference needs comparator classes": compares and not self.comparators,
            "a window, instrument, technique or comparator stands twice": any(
                len(set(words)) < len(words)
                for words in (self.windows, self.instruments + self.also, self.techniques, self.comparators)
            ),
            "above and below need the registered value as null": self.hypothesis in ("above", "below")
            and self.null is None,
            "exists is against a null of 0": self.hypothesis == "exists" and self.null != 0,
            "ratios have null 1, or none where the margin is the null": self.measure.endswith("-ratio")
            and self.null is not None
            and self.null <= 0,
        }

    def _broken_keys(self):
        """Keys that mean something for some methods only."""
        return {
            "risk-difference belongs to the method responder or harms": self.measure == "risk-difference"
            and self.method not in ("responder", "harms"),
            "non-responder imputation belongs to the method responder": self.missing == "non-responder"
            and self.method != "responder",
            "model and also belong to the method change": self.method != "change" and bool(self.model or self.also),
            "threshold and threshold_value belong to the method responder": self.method != "responder"
            and (self.threshold or self.threshold_value) is not None,
            "adjusted = false belongs to the method responder": not self.adjusted and self.method != "responder",
            "mediator and the method mediation go together": (self.method == "mediation") != bool(self.mediator),
            "by_session belongs to the method course": self.by_session is not None and self.method != "course",
            "cutoff belongs to the methods proportion and harms": self.cutoff is not None
            and self.method not in ("proportion", "harms"),
            "modifier_at_least needs a modifier": self.modifier_at_least is not None and self.modifier is None,
        }


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
    contradicts: dict[str, str] = {}  # other claims of the registry -> how the two cannot both hold
    evidence: tuple[str, ...] = ()
    analysis: Analysis | None = None

    @model_validator(mode="after")
    def _says_how_or_why_not(self):
        broken = [
            text
            for text, bad in {
                f"testability '{self.testability}' and analysis do not go together": (
                    self.testability == "session-outcomes"
                )
                != (self.analysis is not None),
                "a claim without analysis says why_not and would_settle": self.analysis is None
                and not (self.why_not and self.would_settle),
                "why_not and would_settle are for claims without analysis": self.analysis is not None
                and bool(self.why_not or self.would_settle),
                "question does not end in a question mark": not self.question.endswith("?"),
                "a quote stands twice": len(set(self.sources)) < len(self.sources),
                "a claim does not contradict itself": self.id in self.contradicts,
            }.items()
            if bad
        ]
        if broken:
            raise ValueError("; ".join(broken))
        return self
