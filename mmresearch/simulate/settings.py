"""What a simulated study is made of: a frozen record read from TOML, one file a design, checked against the codebook.

Everything the truth follows from stands here: who is treated, what is measured, what treatment truly does and who
drops out. Nothing is typed elsewhere.
"""

import tomllib
from importlib.resources import files

from mmresearch.codebook import codebook
from mmresearch.codebook.records import Record
from mmresearch.errors import RegistryError, UsageError, nearest

DESIGNS = ("three-arm",)


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


class Time(Record):
    """A visit: planned day, window, and what share of natural course and of treatment effect is reached by then."""

    name: str
    code: str  # as the clinic's files spell it
    day: int
    window: tuple[int, int]
    course: float
    effect: float


class Diagnosis(Record):
    """A condition: codebook word, the clinic's code, share of patients, and shifts of the three factors in SDs."""

    condition: str
    code: str
    share: float
    severity: tuple[float, float, float] = (0.0, 0.0, 0.0)
    months: float = 14.0  # median duration of the complaint


class Measure(Record):
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
    file          which of the clinic's files holds it
    column        its name there
    low, high, step   narrower than the codebook's, or where the codebook has none
    """

    instrument: str
    mean: float
    sd: float
    spread: float = 1.1
    natural: float = 0.0
    effects: dict[str, float] = {}
    slopes: dict[str, float] = {}
    loadings: tuple[float, float, float]
    therapists: float = 0.04
    only: tuple[str, ...] = ()
    employed: bool = False
    at_baseline: bool = True
    skipped: float = 0.015
    file: str
    column: str
    low: float | None = None
    high: float | None = None
    step: float | None = None

    def model_post_init(self, context):
        if sum(loading**2 for loading in self.loadings) > 1:
            raise ValueError(f"{self.instrument}: the factors explain more than the whole variance")
        known = codebook().instruments
        if self.instrument not in known:
            raise ValueError(f"the codebook has no '{self.instrument}'.{nearest(self.instrument, known)}")

    @property
    def scale(self):
        """(low, high, step) in force: these settings', else the codebook's; None where there is none."""
        book = codebook().instruments[self.instrument]
        return tuple(book_value if own is None else own for own, book_value in
                     ((self.low, book.low), (self.high, book.high), (self.step, book.step)))

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


class Settings(Record):
    """One design. Raises ValueError (through the door: RegistryError) where its parts do not fit each other."""

    name: str
    title: str
    seed: int  # of the committed demo; fixed before results are seen
    truth_seed: int
    truth_patients: int
    patients: int
    sites: int
    therapists_per_site: int
    block: int
    primary_visit: str
    data_locked: str
    eligible: float  # smallest pain score at baseline
    centre_months: float
    pain_slope: float  # log odds of leaving per point of the last observed pain score above 5
    missed: float  # share of follow-up visits missed by those who stay
    site_sd: float  # of site means, in SDs of the instrument
    employed: float
    sessions: int
    arms: dict[str, Group]
    visits: tuple[Time, ...]
    diagnoses: tuple[Diagnosis, ...]
    factors: Memory
    own: Memory  # of the part of an instrument that no factor explains
    measures: tuple[Measure, ...]

    def model_post_init(self, context):
        book, named = codebook(), {name for each in self.measures for name in (*each.effects, *each.slopes)}
        broken = [text for text, bad in {
            "exactly one arm is the reference": sum(arm.reference for arm in self.arms.values()) != 1,
            "the reference has no effect of its own": self.reference in named,
            "effects name arms of the design": not named <= set(self.arms),
            "the first visit is day 0 without course or effect": self._starts_late(),
            "shares of diagnoses sum to 1": abs(sum(each.share for each in self.diagnoses) - 1) > 1e-9,
            "conditions are the codebook's": any(each.condition not in book.conditions for each in self.diagnoses),
            "an instrument stands once": len({each.instrument for each in self.measures}) < len(self.measures),
            "the first instrument is NRS, which eligibility and drop-out rest on": self.measures[0].instrument != "NRS",
            "a block holds every arm equally often": self.block % len(self.arms) > 0,
        }.items() if bad]
        if broken:
            raise ValueError("must hold: " + "; ".join(broken))

    def _starts_late(self):
        return (self.visits[0].day, self.visits[0].course, self.visits[0].effect) != (0, 0, 0)

    @property
    def reference(self):
        return next((name for name, arm in self.arms.items() if arm.reference), None)

    @property
    def pairs(self):
        """Arms compared: each later arm's rival is the one after it, the reference last: (arm, reference) in order."""
        names = [name for name in self.arms if name != self.reference] + [self.reference]
        return tuple((first, second) for place, first in enumerate(names) for second in names[place + 1:])

    def measure(self, instrument):
        return next(each for each in self.measures if each.instrument == instrument)

    def changed(self, **fields):
        """Return these settings with other values for some fields, checked anew."""
        return read_settings(self.name, {**self.model_dump(), **fields})


def design(name="three-arm"):
    """Return the Settings of a design of the package. Raises UsageError for an unknown name."""
    if name not in DESIGNS:
        raise UsageError(f"design '{name}'", f"there is no such design.{nearest(name, DESIGNS)}")
    source = files("mmresearch.simulate") / f"{name.replace('-', '_')}.toml"
    return read_settings(name, tomllib.loads(source.read_text(encoding="utf-8")))


def read_settings(name, raw):
    """Return the Settings in `raw`, a dict as TOML gives it. Raises RegistryError with all findings."""
    try:
        return Settings(**{**raw, "name": name})
    except ValueError as error:  # pydantic's ValidationError is one
        found = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors(include_input=False)]
        raise RegistryError(f"design '{name}'", f"{len(found)} rules of a design are broken", found) from None
