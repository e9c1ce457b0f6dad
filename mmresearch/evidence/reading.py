"""What published trials say of a claim: a reading by a registered rule, from one named row. It is never a verdict."""

import math
from dataclasses import dataclass, field

from mmresearch.claims import articles
from mmresearch.codebook import codebook
from mmresearch.evidence import wording
from mmresearch.evidence.independence import find_dependence
from mmresearch.evidence.matching import fit_row
from mmresearch.evidence.order import bearing_on
from mmresearch.evidence.readable import why_unreadable
from mmresearch.evidence.records import NORMAL, PublishedEffect

WORDS = ("trials favour", "trials do not favour", "trials disagree", "too few")
POOLED = ("k", "point", "low", "high", "level", "prediction_low", "prediction_high", "tau2", "i2")  # in JSON
OWN = "Our table names the articles' claims; this one is the study's own, and no row is read for it."
LEAST_TRIALS = 3  # independent trials that may be pooled


@dataclass(frozen=True)
class Step:
    """One step of the rule. basis: what it takes; unstated: of how many of comparator and days nothing was printed."""

    basis: str
    unstated: int
    words: str


RULE = (  # the first step that finds something names the row; docs/evidence.md prints it, and a test keeps them one
    Step("review", 0, "the newest review result that pools two trials or more, of the claim's technique, patients and "
                      "outcome, against a comparator the claim asks for and within its days"),
    Step("trials", 0, "else at least three independent trials that match so, of one outcome in one unit, pooled"),
    Step("review", 1, "else the newest review result that matches but for one thing that was not printed: of what its "
                      "mixed comparators were, or the day of measurement"),
    Step("review", 2, "else the newest review result that matches but for both"),
)


@dataclass(frozen=True)
class Reading:
    """What trials say of one claim.

    word      one of WORDS, or empty where no reading can be given (then `sentence` says why)
    basis     `review` or `trials` (pooled); empty with `too few`, where `row` may be a trial that fits alone
    row       the PublishedEffect it rests on; pooled: the pooling.Pooled of `trials` in its stead (ratios: logarithms)
    rows      all rows of our table that bear on the claim, in the fixed order
    sentence  what is said, in one sentence; limits: what limits it, a sentence each
    """

    claim: str
    word: str
    sentence: str
    limits: tuple = ()
    basis: str = ""
    row: PublishedEffect | None = None
    trials: tuple = ()
    pooled: object = None
    unstated: tuple = ()
    rows: tuple = field(default=(), repr=False)

    def to_json(self):
        """Return a plain dict: ids of rows, no numbers of theirs but the pooled ones."""
        pooled = self.pooled and {name: getattr(self.pooled, name) for name in POOLED}
        return {"claim": self.claim, "reading": self.word or None, "sentence": self.sentence,
                "limits": list(self.limits), "basis": self.basis or None,
                "row": self.row.effect_id if self.row else None, "pooled": pooled,
                "trials": [each.effect_id for each in self.trials], "not_printed": list(self.unstated),
                "rows": [each.effect_id for each in self.rows]}


def read_literature(claim, rows=None):
    """Return the Reading of a claim. rows: PublishedEffects that bear on it, in order; default: those of our table."""
    own = rows is None and claim.id not in articles().claims
    rows = bearing_on(claim.id) if rows is None else tuple(rows)
    why = OWN if own else why_unreadable(claim)
    if why:
        return Reading(claim.id, "", why, rows=rows)
    fits = [fit_row(claim, row) for row in rows]
    for step in RULE:
        found = _take(step, claim, fits, rows)
        if found:
            return found
    return _too_few(claim, fits, rows)


def side_of(claim, row):
    """Return `claimed`, `opposite` or `open`: where the row's interval lies, seen from the claim."""
    return _side(claim, row.low, row.high, row)


def favoured_side(claim, row):
    """Return `higher` or `lower`: the side of the effect that favours the claim, or massage where none is read."""
    harm = claim.analysis is not None and not _claims_benefit(claim)
    return {"higher": "lower", "lower": "higher"}[row.benefit_direction] if harm else row.benefit_direction


def _take(step, claim, fits, rows):
    """Return the Reading of one step of the rule, or None where it finds nothing."""
    chosen = [fit for fit in fits if not fit.misses and fit.rank == step.unstated
              and fit.row.of_several == (step.basis == "review")]
    best = _best_of_each(chosen)
    if step.basis == "trials":
        return _pool(claim, best, rows)
    if not best:
        return None
    named, *rivals = best
    return _settle(claim, rows, "review", named, side_of(claim, named.row),
                   any(_contradict(claim, named.row, rival.row) for rival in rivals))


def _best_of_each(fits):
    """Return one Fit a publication, the one preferred; the one preferred among all first."""
    best = {}
    for fit in sorted(fits, key=lambda each: each.preference):
        best.setdefault((fit.row.study, fit.row.title), fit)
    return list(best.values())


def _pool(claim, best, rows):
    """Return the Reading of independent trials of one outcome in one unit, or None where they are fewer than three."""
    first = best[0].row if best else None
    alike = [fit for fit in best if _comparable(first, fit.row)]
    trials = tuple(fit.row for fit in alike)
    if len(trials) < LEAST_TRIALS or find_dependence(trials):
        return None
    from mmresearch.pooling import pool  # numpy and scipy, which no other step needs

    pooled = pool([_turned(first, each) for each in trials], [each.standard_error for each in trials])
    sides = {side_of(claim, each) for each in trials}
    ends = [math.exp(end) if first.is_ratio else end for end in (pooled.low, pooled.high)]
    return _settle(claim, rows, "trials", alike[0], _side(claim, *ends, first), {"claimed", "opposite"} <= sides,
                   trials, pooled)


def _settle(claim, rows, basis, named, side, disagree, trials=(), pooled=None):
    word = "trials disagree" if disagree else "trials favour" if side == "claimed" else "trials do not favour"
    row = named.row if basis == "review" else None
    return Reading(claim.id, word, wording.tell(word, side, named.row, trials, pooled),
                   wording.list_limits(claim, named, rows, side_of, trials), basis, row, trials, pooled,
                   named.unstated, rows)


def _too_few(claim, fits, rows):
    single = _best_of_each([fit for fit in fits if not fit.misses and not fit.rank])
    named = single[0] if single else None
    limits = wording.list_limits(claim, named, rows, side_of) if named else ()
    return Reading(claim.id, "too few", wording.tell_too_few(fits, [fit.row for fit in single]), limits,
                   row=named and named.row, rows=rows)


def _side(claim, low, high, row):
    upwards = favoured_side(claim, row) == "higher"
    if low > row.null:
        return "claimed" if upwards else "opposite"
    return ("opposite" if upwards else "claimed") if high < row.null else "open"


def _claims_benefit(claim):
    """False of a claim that massage makes its outcome worse."""
    asked = claim.analysis
    better = codebook().instrument(asked.instruments[0]).better
    return asked.direction in ("better", better)


def _contradict(claim, row, rival):
    """True where two results say different things, and by more than the chance their intervals leave.

    That one interval holds no difference and the other does not is no contradiction by itself (Gelman A, Stern H. Am
    Stat 2006;60:328-331). The two are taken as independent, which for reviews that share trials is too wide.
    """
    sides = {side_of(claim, row), side_of(claim, rival)}
    if sides == {"claimed", "opposite"}:
        return True
    if len(sides) == 1 or not _comparable(row, rival):
        return False
    apart = abs(_turned(row, row) - _turned(row, rival))
    return apart > NORMAL * math.hypot(row.standard_error, rival.standard_error)


def _comparable(one, other):
    """True where two effects are of one kind, unit and outcome, so that their numbers can be set against each other."""
    return (one.effect_type, one.unit) == (other.effect_type, other.unit) and bool(
        set(one.instruments) & set(other.instruments))


def _turned(first, row):
    """Return the row's effect, on the log scale for ratios, with the sign of `first`."""
    value = math.log(row.effect) if row.is_ratio else row.effect
    return value if row.benefit_direction == first.benefit_direction else -value
