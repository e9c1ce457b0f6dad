"""What a description may say: counts, means and shares of groups, never a row. Frozen; print as counts."""

from dataclasses import dataclass, field

FEWEST = 5  # patients behind a mean or SD that is shown: fewer, and it tells too much of each of them


@dataclass(frozen=True)
class ArmCount:
    """One arm and its patients in the analysis set."""

    name: str
    label: str
    n: int
    reference: bool = False


@dataclass(frozen=True)
class Cell:
    """One group's summary of one characteristic: `n` known values; mean and SD, or how many of the n (`count`)."""

    n: int
    mean: float | None = None
    sd: float | None = None
    count: int | None = None

    @property
    def share(self):
        return self.count / self.n if self.count is not None and self.n else None


@dataclass(frozen=True)
class Characteristic:
    """One row of Table 1. `level` is set for one category of a characteristic; cells: one an arm, then all arms."""

    label: str
    unit: str
    level: str | None
    cells: tuple
    baseline_of: str | None = None  # instrument id, where the row is the baseline of an outcome


@dataclass(frozen=True)
class TableOne:
    """Who took part, by arm."""

    arms: tuple
    rows: tuple = field(repr=False)
    total: int = 0

    def row(self, label, level=None):
        """Return the row of that label (and level). Raises StopIteration when there is none."""
        return next(row for row in self.rows if row.label == label and row.level == level)


@dataclass(frozen=True)
class Step:
    """One stage of the flow: patients by arm, in the order of Flow.arms. day: None before baseline."""

    label: str
    day: int | None
    counts: tuple


@dataclass(frozen=True)
class Flow:
    """From allocation to each visit, by arm, and who was excluded before analysis, by reason."""

    arms: tuple
    steps: tuple
    exclusions: tuple = ()  # (reason, patients)


@dataclass(frozen=True)
class MissingShare:
    """Values expected (patients of the arm who were given the instrument) and observed, at one visit."""

    instrument: str
    name: str
    visit: str
    day: int
    arm: str
    expected: int
    observed: int

    @property
    def share(self):
        return 1 - self.observed / self.expected if self.expected else None


@dataclass(frozen=True)
class Missing:
    """Missing outcome values, by instrument, visit and arm; instruments never measured at a visit are left out."""

    arms: tuple
    rows: tuple = field(repr=False)


@dataclass(frozen=True)
class CoursePoint:
    """One arm at one visit: raw mean, SD, standard error and 95% interval (t, n - 1 df) of the observed values."""

    arm: str
    visit: str
    day: int
    n: int
    mean: float | None
    sd: float | None
    se: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Course:
    """An instrument's means over time, by arm. low and high: the instrument's range, where it has one.

    along `sessions`: means of the change within a session; a point's `day` is then the session's number
    """

    instrument: str
    name: str
    measures: str
    unit: str
    better: str
    low: float | None
    high: float | None
    arms: tuple
    points: tuple = field(repr=False)
    along: str = "visits"

    def of(self, arm):
        return tuple(point for point in self.points if point.arm == arm)


@dataclass(frozen=True)
class WaitingPoint:
    """One arm by one day: the share to whom it has happened (None where nobody is followed so long); still followed."""

    arm: str
    day: int
    at_risk: int
    share: float | None


@dataclass(frozen=True)
class Waiting:
    """Times until something happened, by arm: shares at whole weeks."""

    instrument: str
    name: str
    measures: str
    arms: tuple
    points: tuple = field(repr=False)

    def of(self, arm):
        return tuple(point for point in self.points if point.arm == arm)


@dataclass(frozen=True)
class DropoutRow:
    """One baseline characteristic of those observed at the visit and of those not.

    p_value: two-sided t test, equal variances.
    """

    label: str
    unit: str
    completers: Cell
    dropouts: Cell
    p_value: float | None


@dataclass(frozen=True)
class Dropouts:
    """Completers against drop-outs of one instrument at one visit."""

    instrument: str
    visit: str
    rows: tuple


@dataclass(frozen=True)
class Outline:
    """What a study is, in words and counts: everything a page's head needs, and nothing of a patient."""

    title: str
    citation: str
    design: str
    simulated: bool
    blinded: tuple
    data_locked: str | None
    alpha: float
    primary_visit: str
    arms: tuple  # ArmCount
    techniques: tuple  # one word an arm, in the order of arms
    visits: tuple  # (name, day)
    patients: int
    outcomes: int
    sessions: int
    instruments: tuple  # ids, as measured
    sha256: str = ""
    notes: tuple = field(default=(), repr=False)
    unread: tuple = field(default=(), repr=False)  # (file, columns not mapped)
    risk_of_bias: tuple = ()  # (domain, judgement)
    decisions: tuple = ()  # sentences: where the anonymity gate was overruled, by whom, when and why
    hidden: tuple = field(default=(), repr=False)  # sentences with counts: how many share a patient's traits


@dataclass(frozen=True)
class Description:
    """All a report shows of a study before any claim is asked."""

    outline: Outline
    table_one: TableOne
    flow: Flow
    missing: Missing
    courses: tuple = field(default=(), repr=False)
    dropouts: Dropouts | None = None
