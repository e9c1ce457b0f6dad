"""How much one patient's outcome varies: standard deviations for planning, each with where it comes from."""

import math
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pydantic import Field, ValidationError, model_validator

from mmresearch.codebook import codebook
from mmresearch.codebook.book import findings
from mmresearch.codebook.records import Record
from mmresearch.errors import RegistryError, UsageError, counted
from mmresearch.evidence import published_effects

T_SCORE = "T points"  # a scale built so that its norm population has mean 50 and SD 10
T_SD = 10.0


@dataclass(frozen=True)
class Spread:
    """The SD of one patient's outcome in the instrument's unit.

    adjusted: it is what a trial's model left, so that adjusting for baseline narrows it no further.
    in_sd: none is known, and differences are counted in SDs.
    """

    sd: float
    source: str
    adjusted: bool = False
    in_sd: bool = False


IN_SD = Spread(1.0, "differences are counted in standard deviations, because the instrument's is not known", in_sd=True)


class Printed(Record):
    """One entry of spreads.toml: SDs as printed, or the row of published effects from which one follows."""

    instrument: str
    after: tuple[float, ...] = ()
    population: float | None = Field(None, gt=0)
    row: str | None = None
    patients: int | None = Field(None, ge=4)
    unit: str = ""
    source: str = ""

    @model_validator(mode="after")
    def _says_one_thing(self):
        if sum(map(bool, (self.after, self.population, self.row))) != 1:
            raise ValueError("give one of after, population, row")
        if bool(self.row) != bool(self.patients) or bool(self.row) == bool(self.source):
            raise ValueError("a row goes with patients and is its own source; a printed SD has a source")
        return self


def find_spread(instrument, given=None):
    """Return the Spread of an Instrument: the one given, the table's, or 10 of a T score.

    Raises UsageError where none is known.
    """
    if given is not None:
        return Spread(given, "as given")
    known = _table().get(instrument.id)
    if known:
        return known
    if instrument.unit == T_SCORE:
        return Spread(T_SD, f"{instrument.id} is a T score, built to have SD 10 in its norm population")
    raise UsageError(instrument.id, "no standard deviation of it stands in our table",
                     remedy=f"Give one with --sd, in {instrument.unit}, and say in your protocol where it comes from.")


@cache
def _table():
    """Instrument -> Spread. Raises RegistryError with every broken entry."""
    text = (files("mmresearch.planning") / "spreads.toml").read_text(encoding="utf-8")
    rows, made, broken = {each.effect_id: each for each in published_effects()}, {}, []
    for entry in tomllib.loads(text)["spread"]:
        name = entry.get("instrument", "?")
        try:
            printed = Printed(**entry)
            made[name] = _spread(printed, rows)
        except ValidationError as error:
            broken += findings(name, error)
        except UsageError as error:
            broken.append(f"{name}: {error.what}")
    if broken:
        raise RegistryError("planning/spreads.toml", f"broken: {counted(len(broken), 'rule')}", broken)
    return made


def _spread(printed, rows):
    """Return the Spread of an entry. Raises UsageError for an instrument, a row or a unit that does not exist."""
    instrument = codebook().instrument(printed.instrument)
    if printed.row and printed.row not in rows:
        raise UsageError("row", f"'{printed.row}' is not in the table of published effects")
    if printed.unit and printed.unit not in instrument.converts:
        raise UsageError("unit", f"the codebook does not convert '{printed.unit}' to {instrument.unit}")
    if printed.row:
        return _from_row(printed, rows[printed.row])
    if printed.population:
        return Spread(printed.population, printed.source)
    pooled = math.sqrt(sum(sd * sd for sd in printed.after) / len(printed.after))
    return Spread(instrument.converts[printed.unit] * pooled if printed.unit else pooled, printed.source)


def _from_row(printed, row):
    """SE^2 = SD^2 (1/n1 + 1/n2) with two arms of one size: SD = SE sqrt(n) / 2, as the trial's own model left it."""
    sd = row.standard_error * math.sqrt(printed.patients) / 2
    return Spread(sd, f"follows from the interval of {row.effect_id}, {row.study}, with {printed.patients} patients in "
                      "two arms taken as of one size; what the trial adjusted for is taken off already", adjusted=True)
