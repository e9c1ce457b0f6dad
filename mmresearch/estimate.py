"""The record between models and verdicts: what a study says of one claim's estimand, and what troubles it.

The JSON form follows the published schema of `estimates/<id>.json`, plus the further fields described in
docs/formats.md. An Estimate that contradicts itself cannot be made.
"""

import json
import math
from dataclasses import asdict, dataclass, field, fields

from mmresearch.errors import RegistryError

MIME = "application/vnd.mmresearch.estimate+json"
DIGITS = 12  # significant digits in every JSON file
RATIOS = frozenset({"rate-ratio", "hazard-ratio", "odds-ratio", "mean-ratio"})
HYPOTHESES = ("superiority", "non-inferiority", "equivalence", "above", "below", "exists")
MEASURES = ("mean-difference", "risk-difference", "rate-ratio", "hazard-ratio", "odds-ratio", "mean-ratio",
            "rmst-difference", "proportion", "rate", "kappa", "icc", "variance", "indirect-effect", "slope")
DESIGNS = ("randomised", "crossover", "cohort", "single-arm")


@dataclass(frozen=True)
class Trouble:
    """Something about a fit that a reader must know. severity: `note` limits the words, `serious` the verdict."""

    code: str
    severity: str
    sentence: str

    def __post_init__(self):
        _require("Trouble", self.code, {"severity is note or serious": self.severity in ("note", "serious"),
                                        "it has a sentence": bool(self.sentence)})


@dataclass(frozen=True)
class Robustness:
    """The same estimand under another assumption; never changes a verdict."""

    analysis: str
    point: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class ArmSummary:
    """One arm at the judged visit, in the instrument's unit: counts, raw moments, model mean, responders."""

    arm: str
    label: str
    n: int
    baseline_mean: float | None = None
    baseline_sd: float | None = None
    mean: float | None = None
    sd: float | None = None
    ls_mean: float | None = None
    events: int | None = None
    total: int | None = None


@dataclass(frozen=True)
class Derived:
    """A number that follows from the estimate, such as the number needed to treat."""

    name: str
    point: float | None
    low: float | None
    high: float | None
    unit: str
    sentence: str = ""


@dataclass(frozen=True)
class Lack:
    """Why a claim has no estimate in this study: a reason code and one sentence."""

    claim: str
    code: str
    sentence: str


@dataclass(frozen=True)
class Estimate:
    """One estimand's value in one study.

    point, low, high: arm minus (or over) reference, in the unit and sign of `measure`; ratios as ratios.
    standard_error: on the scale of the test (log scale for ratios). df: None where the reference is normal.
    estimand: canonical words; claims with the same estimand share one estimate and count once in the family.
    Raises RegistryError when the interval does not hold the point, a word is unknown or a number is not finite.
    """

    claim: str
    method: str
    model: str
    hypothesis: str
    measure: str
    null: float | None
    instrument: str | None
    unit: str
    visit: str | None
    arm: str | None
    reference: str | None
    design: str
    simulated: bool
    n: dict
    n_randomised: dict
    point: float | None
    standard_error: float | None
    df: float | None
    low: float | None
    high: float | None
    level: float
    p_value: float | None
    margin: float | None
    margin_source: str | None
    direction: str | None
    troubles: tuple = ()
    robustness: tuple = ()
    # beyond the schema: what verdicts and pages need to choose their words
    estimand: str = ""
    outcome: str = ""  # in plain words, as a sentence names it: "pain intensity (NRS)"
    population: str = ""
    arm_label: str = ""
    reference_label: str = ""
    comparator_class: str | None = None
    self_reported: bool = False
    blinded: tuple = ()
    data_locked: str | None = None
    clustered: bool = False
    by_arm: tuple = field(default=(), repr=False)
    derived: tuple = field(default=(), repr=False)
    assumptions: tuple = field(default=(), repr=False)

    def __post_init__(self):
        numbers = (self.point, self.standard_error, self.df, self.low, self.high, self.p_value, self.margin, self.null)
        known = [value for value in numbers if value is not None]
        _require("Estimate", self.claim, {
            f"hypothesis is one of {', '.join(HYPOTHESES)}": self.hypothesis in HYPOTHESES,
            f"measure is one of {', '.join(MEASURES)}": self.measure in MEASURES,
            f"design is one of {', '.join(DESIGNS)}": self.design in DESIGNS,
            "direction is higher, lower or absent": self.direction in ("higher", "lower", None),
            "margin_source goes with a margin": (self.margin is None) == (self.margin_source is None),
            "every number is finite": all(math.isfinite(value) for value in known),
            "the interval holds the point": self._ordered(),
            "p is between 0 and 1": self.p_value is None or 0 <= self.p_value <= 1,
            "level is between 0 and 1": 0 < self.level < 1,
            "a ratio is positive": self.measure not in RATIOS or all(
                value is None or value > 0 for value in (self.point, self.low, self.high, self.null)),
        })

    def _ordered(self):
        if None in (self.point, self.low, self.high):
            return True
        return self.low <= self.point <= self.high

    @property
    def alpha(self):
        return 1 - self.level

    @property
    def serious(self):
        return tuple(trouble for trouble in self.troubles if trouble.severity == "serious")

    def to_json(self):
        """Return a plain dict: JSON-ready, numbers at 12 significant digits, missing as None."""
        return rounded({f.name: _plain(getattr(self, f.name)) for f in fields(self)})

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {MIME: self.to_json(), "text/plain": repr(self)}


def from_json(record):
    """Return the Estimate that `to_json` wrote. Raises RegistryError on unknown or missing fields."""
    names = {f.name for f in fields(Estimate)}
    unknown = sorted(set(record) - names)
    if unknown:
        raise RegistryError(record.get("claim", "estimate"), f"fields {unknown} are not those of an Estimate")
    nested = {"troubles": Trouble, "robustness": Robustness, "by_arm": ArmSummary, "derived": Derived}
    made = {key: tuple(nested[key](**item) for item in value) if key in nested else
            tuple(value) if isinstance(value, list) else value for key, value in record.items()}
    return Estimate(**made)


def rounded(value):
    """Return `value` with every float at 12 significant digits and non-finite numbers as None."""
    if isinstance(value, dict):
        return {str(key): rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [rounded(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
    return value


def dumps(value):
    """Return `value` as the JSON text that leaves a run: indented, rounded, never NaN."""
    return json.dumps(rounded(value), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _plain(value):
    if isinstance(value, tuple):
        return [asdict(item) if hasattr(item, "__dataclass_fields__") else item for item in value]
    return value


def _require(kind, name, rules):
    broken = [rule for rule, holds in rules.items() if not holds]
    if broken:
        raise RegistryError(f"{kind} '{name}'", "a record breaks its own rules", broken)
