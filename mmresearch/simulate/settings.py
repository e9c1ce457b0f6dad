"""What a simulated study is made of: a frozen record read from TOML, one file a design, checked against the codebook.

Everything the truth follows from stands here: who is treated, what is measured, what treatment truly does and who
drops out. Nothing is typed elsewhere.
"""

import tomllib
from importlib.resources import files
from itertools import permutations

from mmresearch.claims.records import Design
from mmresearch.codebook import codebook
from mmresearch.codebook.records import Record
from mmresearch.errors import RegistryError, UsageError, nearest
from mmresearch.simulate.parts import Diagnosis, Group, Measure, Memory, Time, Trait, Wait, Within


class Settings(Record):
    """One design. Raises ValueError (through the door: RegistryError) where its parts do not fit each other."""

    name: str
    title: str
    design: Design = "randomised"
    seed: int  # of the committed demo; fixed before results are seen
    truth_seed: int
    truth_patients: int
    patients: int
    sites: int
    therapists_per_site: int
    block: int  # patients in a permuted block
    primary_visit: str
    data_locked: str
    eligible: float | None = None  # smallest value of the first instrument at baseline
    centre_months: float = 12.0
    pain_slope: float = 0.0  # log odds of leaving per point of the last observed pain score above 5
    missed: float = 0.02  # share of follow-up visits missed by those who stay
    site_sd: float = 0.1  # of site means, in SDs of the instrument
    employed: float | None = None  # share; None: not asked
    sessions: int = 0  # of every treated arm that does not say its own; in a crossover study, in each period
    session_every: int = 7  # days
    rated: bool = False  # pain and relaxation before and after every session
    events: bool = False  # adverse events are logged at every session
    medicines: bool = False  # every medicine taken is written down at each visit
    unread: str | None = None  # a column that study.toml does not map
    covariates: tuple[str, ...] = ("age", "sex", "condition", "duration_months")
    strata: tuple[str, ...] = ("site",)
    compared: tuple[tuple[str, str], ...] = ()  # pairs of arms whose truth is written; empty: all
    mediated: tuple[tuple[str, str], ...] = ()  # mediator and outcome of which the truth is split in two
    arms: dict[str, Group]
    visits: tuple[Time, ...]
    diagnoses: tuple[Diagnosis, ...]
    traits: tuple[Trait, ...] = ()
    factors: Memory = Memory(kept=1.0, lasting=0.5, fade=45)
    own: Memory = Memory(kept=0.75, lasting=0.4, fade=45)  # of the part of an instrument that no factor explains
    measures: tuple[Measure, ...] = ()
    within: tuple[Within, ...] = ()
    waits: tuple[Wait, ...] = ()

    def model_post_init(self, context):
        broken = [text for text, bad in {**self._broken_arms(), **self._broken_parts()}.items() if bad]
        if broken:
            raise ValueError("must hold: " + "; ".join(broken))

    def _broken_arms(self):
        named = {name for each in self.measures for name in (*each.effects, *each.slopes)}
        named |= {each.arm for measure in self.measures for each in measure.extra}
        named |= {name for each in self.within for name in each.changes}
        several = len(self.arms) > 1
        idle = {name for each in self.measures for name in each.effects} if self.design != "single-arm" else set()
        return {
            "exactly one arm is the reference": sum(arm.reference for arm in self.arms.values()) != several,
            "the reference has no effect of its own": several and self.reference in idle,
            "effects name arms of the design": not named <= set(self.arms),
            "a block holds every arm equally often": self.block % len(self.orders) > 0,
            "pairs compared are arms": not {name for pair in self.compared for name in pair} <= set(self.arms),
            "waits have a median in every arm": any(set(each.medians) != set(self.arms) for each in self.waits),
        }

    def _broken_parts(self):
        book, kinds = codebook(), {each.name: each.words for each in self.traits}
        kinds["condition"] = tuple(each.condition for each in self.diagnoses)
        first = self.measures[0].instrument if self.measures else None
        on_pain = self.pain_slope or self.medicines or self.rated
        shifts = [each for measure in self.measures for each in measure.extra]
        return {
            "the first visit is day 0 without course or effect": self._starts_late(),
            "shares of diagnoses sum to 1": abs(sum(each.share for each in self.diagnoses) - 1) > 1e-9,
            "conditions are the codebook's": any(each.condition not in book.conditions for each in self.diagnoses),
            "an instrument stands once": len({each.instrument for each in self.measures}) < len(self.measures),
            "the first instrument is NRS where drop-out, medicines or sessions rest on it": on_pain and first != "NRS",
            "eligibility rests on the first instrument": self.eligible is not None and not self.measures,
            "shifts name a trait and one of its words": any(each.level not in kinds.get(each.trait, ())
                                                            for each in shifts),
            "the primary visit is a visit": self.primary_visit not in {visit.name for visit in self.visits},
        }

    def _starts_late(self):
        return (self.visits[0].day, self.visits[0].course, self.visits[0].effect) != (0, 0, 0)

    @property
    def reference(self):
        return next((name for name, arm in self.arms.items() if arm.reference), None)

    @property
    def orders(self):
        """The sequences of arms that patients are allocated to: of one arm each, but in a crossover study."""
        return tuple(permutations(self.arms)) if self.design == "crossover" else tuple((name,) for name in self.arms)

    @property
    def periods(self):
        """Day on which each period begins: that of its first visit; one period but in a crossover study."""
        if self.design != "crossover":
            return (0,)
        return tuple(min(each.day for each in self.visits if each.period == number + 1)
                     for number in range(len(self.arms)))

    @property
    def pairs(self):
        """Arms compared: each later arm's rival is the one after it, the reference last: (arm, reference) in order."""
        if self.compared:
            return self.compared
        last = [self.reference] if self.reference else []
        names = [name for name in self.arms if name != self.reference] + last
        return tuple((first, second) for place, first in enumerate(names) for second in names[place + 1:])

    def planned(self, arm):
        """Return how many sessions a patient of this arm is to have."""
        group = self.arms[arm]
        return 0 if not group.comes else self.sessions if group.sessions is None else group.sessions

    def measure(self, instrument):
        return next(each for each in self.measures if each.instrument == instrument)

    def changed(self, **fields):
        """Return these settings with other values for some fields, checked anew."""
        return read_settings(self.name, {**self.model_dump(), **fields})


def designs():
    """Return the names of the package's designs."""
    files_here = (each.name for each in (files("mmresearch.simulate") / "designs").iterdir())
    names = (name.removesuffix(".toml").replace("_", "-") for name in files_here if name.endswith(".toml"))
    return tuple(sorted(name for name in names if not name.endswith("-claims")))


def design(name="three-arm"):
    """Return the Settings of a design of the package. Raises UsageError for an unknown name."""
    if name not in designs():
        raise UsageError(f"design '{name}'", f"there is no such design.{nearest(name, designs())}")
    source = files("mmresearch.simulate") / "designs" / f"{name.replace('-', '_')}.toml"
    return read_settings(name, tomllib.loads(source.read_text(encoding="utf-8")))


def read_settings(name, raw):
    """Return the Settings in `raw`, a dict as TOML gives it. Raises RegistryError with all findings."""
    try:
        return Settings(**{**raw, "name": name})
    except ValueError as error:  # pydantic's ValidationError is one
        found = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors(include_input=False)]
        raise RegistryError(f"design '{name}'", f"{len(found)} rules of a design are broken", found) from None
