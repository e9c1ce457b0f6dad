"""Independent studies of one outcome pooled, and the result on the scale a reader knows."""

import math
from dataclasses import asdict, dataclass

from mmresearch.errors import UsageError
from mmresearch.pooling.pool import LEAST, pool
from mmresearch.pooling.records import Pooled
from mmresearch.pooling.studies import STANDARDISED, StudyEffect, disagreements

ENDS = ("point", "low", "high", "prediction_low", "prediction_high")
OTHER_END = {"low": "high", "high": "low", "prediction_low": "prediction_high", "prediction_high": "prediction_low"}
TOLD = {"design": "designs", "comparator": "comparators", "time": "times"}  # may differ, and are said


@dataclass(frozen=True)
class OnPoints:
    """A pooled standardised difference put back on an instrument: times the SD of patients on it."""

    instrument: str
    unit: str
    sd: float
    sd_source: str
    point: float
    low: float
    high: float
    prediction_low: float
    prediction_high: float


@dataclass(frozen=True)
class Synthesis:
    """Several StudyEffects and their Pooled effect.

    pooled    on the scale that was pooled (of ratios the logarithm)
    ends      point, low, high, prediction_low, prediction_high in the unit of the measure, ratios as ratios
    on_points an OnPoints where a standardised difference was put back, else None
    """

    studies: tuple[StudyEffect, ...]
    pooled: Pooled
    notes: tuple[str, ...]
    on_points: OnPoints | None = None

    @property
    def measure(self):
        return self.studies[0].measure

    @property
    def unit(self):
        return self.studies[0].unit

    @property
    def simulated(self):
        return self.studies[0].simulated

    @property
    def ends(self):
        known = {name: getattr(self.pooled, name) for name in ENDS}
        return {name: math.exp(value) for name, value in known.items()} if self.studies[0].is_ratio else known

    def to_json(self):
        """Return a plain dict, JSON-ready: the result, then the studies with their weights."""
        studies = [{**asdict(each), "marks": sorted(each.marks), "weight": weight}
                   for each, weight in zip(self.studies, self.pooled.weights)]
        pooled = {name: value for name, value in asdict(self.pooled).items() if name not in ("weights", "notes")}
        return {"measure": self.measure, "unit": self.unit, "instrument": self.studies[0].instrument,
                **self.ends, "pooled": pooled | {"tau": self.pooled.tau},
                "scale": "log" if self.studies[0].is_ratio else "as it is",
                "on_points": self.on_points and asdict(self.on_points), "notes": list(self.notes),
                "studies": studies}


def pool_studies(studies, level=0.95):
    """Return the Synthesis of independent StudyEffects of one outcome.

    Raises UsageError with everything that forbids it: fewer than 3 studies, different measures, units or instruments,
    the same patients twice, simulated studies among real ones.
    """
    studies = tuple(studies)
    found = disagreements(studies)
    if len(studies) < LEAST:
        found.append(f"{len(studies)} {'study' if len(studies) == 1 else 'studies'}: from {LEAST} on they are pooled, "
                     "because fewer cannot tell how much studies differ")
    if found:
        raise UsageError("pool", "these effects are not pooled", found,
                         "Leave out or correct what does not belong; effects that stay apart are read one by one.")
    pooled = pool([each.pooled_value for each in studies], [each.standard_error for each in studies], level)
    return Synthesis(studies, pooled, pooled.notes + _notes(studies))


def put_on_points(synthesis, instrument, unit, sd, source, better=""):
    """Return the Synthesis of standardised differences with its result also on an instrument's points.

    sd: of patients on the instrument, in `unit`; source: where it stands; better: its better side, `lower` or `higher`:
    where the effects' is the other (positive = improvement, and pain), the sign is turned.
    Raises UsageError for other measures, and for an SD that cannot be one.
    """
    if not 0 < sd < math.inf:
        raise UsageError("pool", "an SD is a number above 0", remedy="Correct --sd.")
    if synthesis.measure != STANDARDISED:
        raise UsageError("pool", f"only standardised differences are put back on points, not a {synthesis.measure}",
                         remedy="Leave out --on.")
    ends = synthesis.ends
    if {better, synthesis.studies[0].better} == {"lower", "higher"}:
        ends = {name: -ends[OTHER_END.get(name, name)] for name in ends}
    ends = {name: sd * value for name, value in ends.items()}
    return Synthesis(synthesis.studies, synthesis.pooled, synthesis.notes,
                     OnPoints(instrument, unit, sd, source, **ends))


def _notes(studies):
    told = [f"{plural} differ: {', '.join(words)}" for name, plural in TOLD.items()
            if len(words := tuple(dict.fromkeys(getattr(each, name) or "not said" for each in studies))) > 1]
    twins = [f"'{first.name}' and '{second.name}' have the same numbers to the last digit: are they one study?"
             for index, first in enumerate(studies) for second in studies[index + 1:]
             if (first.point, first.low, first.high) == (second.point, second.low, second.high)]
    return (*told, *twins)
