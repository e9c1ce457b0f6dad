"""The parts a design is made of: arms, visits, conditions, traits, instruments. Frozen records, checked when made."""

from typing import Literal

from mmresearch.codebook import codebook
from mmresearch.codebook.records import Record
from mmresearch.errors import nearest

RATERS = ("A", "B")


class Group(Record):
    """An arm: its words for study.toml, the code the clinic's files use, and how willingly patients stay."""

    label: str
    technique: str
    comparator_class: str | None = None
    reference: bool = False
    code: str
    treated: bool  # has sessions with a therapist
    drop_out: float  # log odds of leaving between two visits at a pain score of 5
    session_change: float = 0.0  # pain after minus before one session, points
    session_relaxation: float = 0.0  # relaxation after minus before one session, points
    adverse_event: float = 0.0  # chance of an adverse event in one session
    opioids_kept: float = 1.0  # share of the opioid dose left when the treatment effect is whole
    sessions: int | None = None  # how many its patients are to have, where arms differ in their number
    attends: bool | None = None  # has sessions in the log; None: as treated (rest is a session without a therapist)

    @property
    def comes(self):
        return self.treated if self.attends is None else self.attends


class Time(Record):
    """A visit: planned day, window, and what share of natural course and of treatment effect is reached by then.

    period: in a crossover study, the period whose arm is measured
    """

    name: str
    code: str  # as the clinic's files spell it
    day: int
    window: tuple[int, int]
    course: float = 0.0
    effect: float
    period: int | None = None


class Diagnosis(Record):
    """A condition: codebook word, the clinic's code, share of patients, and shifts of the three factors in SDs."""

    condition: str
    code: str
    share: float
    severity: tuple[float, float, float] = (0.0, 0.0, 0.0)
    months: float = 14.0  # median duration of the complaint


class Trait(Record):
    """What else patients are, in words: drawn by shares, or yes for some conditions and no for others."""

    name: str
    levels: dict[str, float] = {}  # word -> share of patients
    conditions: tuple[str, ...] = ()  # yes for these conditions, no for the others

    def model_post_init(self, context):
        if bool(self.levels) == bool(self.conditions):
            raise ValueError(f"{self.name}: either levels with their shares, or conditions")
        if self.levels and abs(sum(self.levels.values()) - 1) > 1e-9:
            raise ValueError(f"{self.name}: shares do not sum to 1")

    @property
    def words(self):
        return tuple(self.levels) or ("no", "yes")


class Shift(Record):
    """What an arm does beyond its effect to patients of one trait (or `condition`): a part of an interaction."""

    arm: str
    trait: str
    level: str
    value: float


class Instrumented(Record):
    """What an instrument of the codebook measures, on its scale or, where these settings say, a narrower one."""

    instrument: str
    column: str = ""
    low: float | None = None
    high: float | None = None
    step: float | None = None

    def model_post_init(self, context):
        known = codebook().instruments
        if self.instrument not in known:
            raise ValueError(f"the codebook has no '{self.instrument}'.{nearest(self.instrument, known)}")

    @property
    def header(self):
        """Its column's name in the clinic's files."""
        return self.column or self.instrument.lower().replace("-", "_")

    @property
    def scale(self):
        """(low, high, step) in force: these settings', else the codebook's; None where there is none."""
        book = codebook().instruments[self.instrument]
        return tuple(book_value if own is None else own for own, book_value in
                     ((self.low, book.low), (self.high, book.high), (self.step, book.step)))


class Within(Instrumented):
    """An instrument taken before and after every session.

    mean, sd   before a session, of patients; noise: SD of each value beside
    changes    arm -> after minus before
    """

    mean: float
    sd: float
    noise: float
    changes: dict[str, float] = {}
    therapists: float = 0.05  # share of the variance of a change that therapists make


class Wait(Record):
    """A time until something happens: Weibull times, the same chance in every arm stretched by the arm's median.

    medians    arm -> days by which it happened to half
    follow_up  days after which nobody is followed any more
    lost       share who leave at some day of the follow-up
    forestalled  rate a day of what makes it impossible (0: nothing does)
    only       conditions it is asked in; empty = every patient
    """

    instrument: str
    medians: dict[str, float]
    shape: float = 1.0
    follow_up: float
    lost: float = 0.0
    forestalled: float = 0.0
    only: tuple[str, ...] = ()


class Measure(Instrumented):
    """One instrument: its distribution at baseline, what time does to it, and what each arm truly does to it.

    mean, sd      at baseline, in the instrument's unit, before rounding and bounds
    spread        SD at follow-up over SD at baseline
    natural       change by the visit whose `course` is 1, in every arm
    effects       arm -> shift against the reference by the visit whose `effect` is 1; absent = exactly 0
    slopes        arm -> shift per month of duration, centred at `centre_months`: an effect modifier
    loadings      on the factors pain, function, mood; the rest of the variance is the instrument's own
    therapists    share of the variance that therapists make in treated arms (intraclass correlation)
    only          conditions it is measured in; empty = every patient
    employed      measured only in the employed
    at_baseline   False: asked at follow-ups only
    skipped       share of values missing at random at an attended follow-up visit
    extra         further shifts in an arm for patients of one trait, where benefit differs
    visits        measured at these visits only; empty = at all
    rater_sd      of each of two raters' own error, in SDs; None = one rater, without error
    file          which of the clinic's files holds it
    column        its name there; empty = the instrument's id
    low, high, step   narrower than the codebook's, or where the codebook has none
    """

    mean: float
    sd: float
    spread: float = 1.1
    natural: float = 0.0
    effects: dict[str, float] = {}
    slopes: dict[str, float] = {}
    loadings: tuple[float, float, float] = (0.4, 0.4, 0.2)
    therapists: float = 0.04
    only: tuple[str, ...] = ()
    employed: bool = False
    at_baseline: bool = True
    skipped: float = 0.015
    extra: tuple[Shift, ...] = ()
    visits: tuple[str, ...] = ()
    rater_sd: float | None = None
    file: Literal["scores", "visits", "questionnaires"] = "visits"

    def model_post_init(self, context):
        super().model_post_init(context)
        if sum(loading**2 for loading in self.loadings) > 1:
            raise ValueError(f"{self.instrument}: the factors explain more than the whole variance")

    @property
    def better(self):
        """+1 where higher is better, -1 where lower is."""
        return 1 if codebook().instruments[self.instrument].better == "higher" else -1


class Memory(Record):
    """How visits of one patient resemble each other.

    correlation of two visits = kept * (lasting + (1 - lasting) * exp(-days between / fade))
    """

    kept: float
    lasting: float
    fade: float
