"""What study.toml may say. Unknown keys are refused."""

import datetime
import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, model_validator

from mmresearch.claims.records import Design
from mmresearch.codebook import Instrument
from mmresearch.codebook.records import Margin, Record
from mmresearch.formats import shown
from mmresearch.study.decisions import Decision

CENTURY = 36_525  # days
NAME = r"^[a-z][a-z0-9_]*$"
Means = Literal[
    "patient",
    "arm",
    "site",
    "therapist",
    "age",
    "sex",
    "condition",
    "duration_months",
    "covariate",
    "sequence",  # patients
    "visit",
    "day",
    "instrument",
    "outcome",
    "moment",
    "ending",
    "rater",
    "days_observed",  # outcomes
    "period",  # outcomes and sessions of a crossover study
    "session",
    "session_day",
    "technique",
    "minutes",
    "setting",
    "adverse_event",  # sessions
    "drug",
    "dose",
    "dose_unit",
    "times_a_day",
    "route",
    "drug_day",  # medications
]


def _as_text(value):
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _variable_name(text):
    """The URL itself would be a password in a file that is shared; what was written is never repeated."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", text):
        raise ValueError(
            "must be the name of an environment variable that holds the server's URL, such as CLINIC_DB; "
            "the URL itself never stands in study.toml"
        )
    return text


Code = Annotated[str, BeforeValidator(_as_text)]  # a code as it stands in a file: 99 in study.toml means "99"


class Arm(Record):
    """A group patients were allocated to. comparator_class says what it is when others are compared with it.

    sessions: how many each of its patients was to have, where arms differ in their number
    """

    label: str
    technique: str
    comparator_class: str | None = None
    sessions: int | None = Field(None, ge=0)
    reference: StrictBool = False


class Visit(Record):
    """A planned time at which outcomes are measured; day 0 is baseline. window: first and last day it may happen.

    period: of a crossover study, 1, 2, ...: what is measured at the visit is measured under that period's arm
    """

    name: str
    day: int = Field(ge=-CENTURY, le=CENTURY)
    window: tuple[int, int] | None = None
    period: int | None = Field(None, ge=1)


class Column(Record):
    """What one column of a file means.

    means     the word for it; `outcome` needs an instrument (unless a column of the file means `instrument`)
              and, in a wide file, a visit; `ending` needs the instrument, of kind time, whose times it ends
    visit     of an outcome (or its `day`) in a wide file: the visit this column was measured at
    moment    of an outcome within a session: before or after it
    rater     of an outcome in a wide file that two raters judged: which of them this column is from
    values    code in the file -> word of ours (arm name, condition word, visit, instrument, female or male ...): every
              code that occurs; in a column of numbers only the codes that are no numbers
    missing   codes that mean "not measured"
    unit      the unit in the file where it is not ours: of an outcome, one the codebook converts; of durations "years",
              "weeks" or "days" (ours: months); of days "weeks"; of a dose, its unit in every row
    name      for a covariate: its name in the models
    kind      for a covariate: a number or a category
    """

    means: Means
    instrument: str | None = None
    visit: str | None = None
    moment: Literal["before", "after"] | None = None
    rater: str | None = Field(None, min_length=1)
    name: str | None = Field(None, pattern=NAME)
    kind: Literal["number", "category"] | None = None
    values: dict[str, str] = {}
    missing: tuple[Code, ...] = ()
    unit: str | None = None

    @model_validator(mode="after")
    def _covariates_are_named(self):
        if (self.means == "covariate") != (self.name is not None and self.kind is not None):
            raise ValueError("a covariate needs name and kind; other columns have neither")
        return self


class Redcap(Record):
    """What a REDCap export's data dictionary is called, and which of its rows are meant.

    instrument   the repeating instrument whose rows these are; "" for the rows that are none's
    """

    dictionary: str
    instrument: str | None = None


class File(Record):
    """One table as the clinic exported it: a file, or a table or SELECT of a database; one of path, database, url_from.

    encoding, separator, decimal   of a text file; found when not given
    sheet, header_row, hidden      of a workbook: the sheet's name; the row of the column names (of a text file: the
                                   line); true where its hidden sheets are known to hold nothing that identifies
    table, query                   of a database: one of the two
    url_from                       the environment variable that holds a PostgreSQL server's URL
    """

    path: str | None = Field(None, min_length=1)
    database: str | None = Field(None, min_length=1)
    url_from: Annotated[str, AfterValidator(_variable_name)] | None = None
    columns: dict[str, Column] = Field(min_length=1)
    encoding: str | None = None
    separator: str | None = None
    decimal: Literal[".", ","] | None = None
    missing: tuple[Code, ...] = ()
    sheet: str | None = None
    header_row: int | None = Field(None, ge=1)
    hidden: StrictBool = False
    table: str | None = Field(None, min_length=1)
    query: str | None = Field(None, min_length=1)
    redcap: Redcap | None = None

    @model_validator(mode="after")
    def _stands_in_one_place(self):
        places = [key for key in ("path", "database", "url_from") if getattr(self, key) is not None]
        if len(places) != 1:
            raise ValueError(
                f"has {' and '.join(places) or 'no place'}; give one of path (a file), database (a file with tables) "
                "and url_from (a server)"
            )
        return self

    @property
    def label(self):
        """What messages call it. What stands behind `://` may be a password and is never shown."""
        place = shown(self.path or self.database or f"${self.url_from}")
        if self.table is not None:
            return f"{place}, table '{self.table}'"
        if self.query is not None:
            return f"{place}, query"
        return f"{place}, sheet '{self.sheet}'" if self.sheet is not None else place


class OwnMargin(Margin):
    """A margin this study sets for an instrument, and why."""

    status: Literal["study"] = "study"
    reason: str = Field(min_length=5)
    source: str = "set by the study"


class RiskOfBias(Record):
    """RoB 2: one judgement a domain."""

    randomisation: Literal["low", "some-concerns", "high"] | None = None
    deviations: Literal["low", "some-concerns", "high"] | None = None
    missing_data: Literal["low", "some-concerns", "high"] | None = None
    measurement: Literal["low", "some-concerns", "high"] | None = None
    reporting: Literal["low", "some-concerns", "high"] | None = None


class Anonymize(Record):
    """How `mmresearch anonymize` makes a raw export anonymous.

    file, column   where each patient's baseline date stands; dates become days from it
    order          whether 3/4/2024 has the day or the month first, where no date of a column shows it
    age_band       years; an age becomes the middle of its band
    rare           a site or category of fewer patients is merged with others
    """

    file: str
    column: str
    order: Literal["day-month", "month-day"] | None = None
    age_band: int = Field(5, ge=1, le=20)
    rare: int = Field(11, ge=2)


class Study(Record):
    """A study.toml, checked."""

    title: str
    citation: str = ""
    design: Design
    simulated: StrictBool
    data_locked: datetime.date | None = None
    blinded: tuple[Literal["patients", "therapists", "assessors", "analysts"], ...] = ()
    alpha: float = Field(0.05, gt=0, lt=0.5)
    primary_visit: str
    condition: str | None = None  # codebook word, where all patients share it
    technique_words: dict[str, str] = {}
    covariates: tuple[str, ...] = ()  # patient columns every comparison adjusts for, baseline of the outcome besides
    medications_complete: StrictBool = False  # every medicine taken is in the files: who has no row took none
    medications_kept: Literal["visits", "daily"] = "visits"  # a row: taken a day, as of that day; or taken on that day
    strata: tuple[str, ...] = ()  # patient columns randomisation was stratified by; adjusted for as categories
    patient_within: Literal["site"] | None = None  # patient numbers are unique only within a site
    arms: dict[str, Arm] = Field(min_length=1)
    sequences: dict[str, tuple[str, ...]] = {}  # crossover: the arms in the order of the periods
    visits: tuple[Visit, ...] = Field(min_length=1)
    files: dict[str, File] = Field(min_length=1)
    instruments: dict[str, Instrument] = {}  # the study's own, beside the codebook's
    margins: dict[str, OwnMargin] = {}
    risk_of_bias: RiskOfBias | None = None
    anonymize: Anonymize | None = None
    decisions: tuple[Decision, ...] = ()  # where the anonymity gate is overruled, by whom and why

    @model_validator(mode="before")
    @classmethod
    def _own_instruments_carry_their_id(cls, raw):
        own = raw.get("instruments", {}) if isinstance(raw, dict) else {}
        made = {key: {"id": key, **fields} if isinstance(fields, dict) else fields for key, fields in own.items()}
        return {**raw, "instruments": made} if own else raw

    @property
    def baseline(self):
        return next((visit for visit in self.visits if visit.day == 0), None)

    @property
    def follow_ups(self):
        return tuple(visit for visit in self.visits if visit.day > 0)

    def visit(self, name):
        return next(visit for visit in self.visits if visit.name == name)
