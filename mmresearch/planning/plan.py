"""The plan of one claim: how many patients per arm at which difference, and everything that assumes."""

import math
from dataclasses import asdict, dataclass

from mmresearch.codebook import codebook
from mmresearch.errors import UsageError
from mmresearch.estimate import RATIOS
from mmresearch.planning import assumptions as given_by
from mmresearch.planning.assumptions import Assumption, amount, choose
from mmresearch.planning.differences import at_margin, at_published, refuse
from mmresearch.planning.power import Design, count_patients, find_power
from mmresearch.planning.spreads import IN_SD, Spread, find_spread

POWERS = (0.8, 0.9)


@dataclass(frozen=True)
class Target:
    """A difference to plan for. difference: from what is tested, in the plan's unit (ratios: logarithm).

    name      margin, published or given; words: the difference as a reader reads it; source: where it comes from
    design    the Design it was planned with; patients, therapists: randomised per arm, per power; None beyond a million
    """

    name: str
    difference: float
    words: str
    source: str
    design: Design
    patients: dict
    therapists: dict


@dataclass(frozen=True)
class Plan:
    """What a trial of one claim would take. unit: of differences and SD; targets: at least one."""

    claim: str
    question: str
    measure: str
    hypothesis: str
    instrument: str
    unit: str
    alpha: float
    targets: tuple
    assumptions: tuple
    notes: tuple

    def curve(self, target, steps=48):
        """Return (patients per arm, power) pairs from few to a power of about 0.97, one Target's."""
        last = count_patients(target.difference, 0.97, target.design) or 0
        first = min(target.design.least, last)
        sizes = sorted({round(first + (last - first) * step / steps) for step in range(steps + 1)})
        return tuple((size, find_power(target.difference, size, target.design)) for size in sizes if size >= 2)

    def to_json(self):
        """Return a plain dict, JSON-ready."""
        record = asdict(self)
        for target in record["targets"]:
            for name in ("patients", "therapists"):
                target[name] = {f"{power:g}": count for power, count in target[name].items()}
        return record


def plan_claim(claim, *, instrument=None, effect=None, sd=None, share=None, dropout=None, icc=None,
               per_therapist=None, correlation=None, alpha=0.05, estimate=None):
    """Return the Plan of a claim.

    instrument: id of one the claim names; effect: a difference (of a ratio: the ratio) to plan for besides; sd: of one
    patient's outcome; share: of responders in the other arm, 0 to 1; dropout, icc, correlation: 0 to below 1;
    per_therapist: patients. None takes the default, which the plan names. estimate: an Estimate of the claim in a study
    at hand, whose precision then stands for all of these from sd on. What is given and has no bearing, a note says.
    Raises UsageError where no plan can be made, with the reason.
    """
    refuse(claim, estimate)
    measured = _instrument(claim, instrument, sd, estimate)
    if estimate is not None:
        spread, said, make = _from_study(estimate, alpha)
    elif claim.analysis.measure == "risk-difference":
        spread, said, make = _from_shares(share, dropout, icc, per_therapist, alpha)
    else:
        spread, said, make = _from_spread(measured, sd, dropout, icc, per_therapist, correlation, alpha)
    unit = _unit(claim, measured, spread, estimate)
    found, notes = _differences(claim, measured, spread, effect, estimate, said, unit)
    notes += _idle({"sd": sd, "share": share, "dropout": dropout, "icc": icc, "per_therapist": per_therapist,
                    "correlation": correlation}, said, estimate)
    targets = tuple(_target(name, difference, words, source, make(difference))
                    for name, difference, words, source in found)
    if not targets:
        raise UsageError(f"claim '{claim.id}'", "there is no difference to plan for", notes, "Give one with --effect.")
    return Plan(claim.id, claim.question, claim.analysis.measure, claim.analysis.hypothesis, measured.id, unit, alpha,
                targets, tuple(said.values()), tuple(notes) + _limits(claim))


def _instrument(claim, name, sd, estimate):
    """The one asked for, the study's, else the first registered one whose SD is known, else the first."""
    registered = claim.analysis.instruments
    if name is not None and name not in registered:
        raise UsageError(f"--instrument {name}", f"the claim is registered on {', '.join(registered)}")
    name = name or (estimate and estimate.instrument)
    if name in codebook().instruments:
        return codebook().instrument(name)
    for each in registered if sd is None else registered[:1]:
        try:
            find_spread(codebook().instrument(each))
        except UsageError:
            continue
        return codebook().instrument(each)
    return codebook().instrument(registered[0])


def _from_spread(instrument, sd, dropout, icc, per_therapist, correlation, alpha):
    """(Spread, what is assumed, difference -> Design) of a difference between means."""
    try:
        spread = find_spread(instrument, sd)
    except UsageError:
        spread = IN_SD
    said = {"sd": Assumption("Standard deviation", spread.sd, f"{spread.sd:.3g} "
                             f"{'SD' if spread.in_sd else instrument.unit}", spread.source)}
    narrowed = 1.0
    if not spread.adjusted:
        said["correlation"] = choose(given_by.CORRELATION, correlation)
        if not -1 < said["correlation"].value < 1:
            raise UsageError("power", "the correlation of baseline and follow-up lies between -1 and 1")
        narrowed = math.sqrt(1 - said["correlation"].value ** 2)
    said |= _common(dropout, icc, per_therapist)
    return spread, said, lambda difference: _design(spread.sd * narrowed, said, alpha, lost_df=1)


def _from_shares(share, dropout, icc, per_therapist, alpha):
    """The same for a difference of shares, whose variance follows from the shares themselves."""
    said = {"share": choose(given_by.SHARE, share, "{:.3g}%", 100)} | _common(dropout, icc, per_therapist)
    other = said["share"].value

    def make(difference):
        treated = other + difference
        if not 0 < other < 1 or not 0 < treated < 1:
            raise UsageError("power", f"shares lie between 0 and 1: {other:g} and {treated:g} do not",
                             remedy="Give the other arm's share with --share.")
        return _design(math.sqrt(treated * (1 - treated)), said, alpha, sd_other=math.sqrt(other * (1 - other)))

    return None, said, make


def _from_study(estimate, alpha):
    """The same from a study at hand: SD = SE / sqrt(1/n1 + 1/n2), as its model saw one patient."""
    counts = [estimate.n[arm] for arm in (estimate.arm, estimate.reference)]
    randomised = [estimate.n_randomised.get(arm) or n for arm, n in zip((estimate.arm, estimate.reference), counts)]
    sd = estimate.standard_error / math.sqrt(sum(1 / n for n in counts))
    dropout = max(0.0, 1 - sum(counts) / sum(randomised))
    scale = " (of the logarithm)" if estimate.measure in RATIOS else f" {estimate.unit}" if estimate.unit else ""
    said = {
        "sd": Assumption("Standard deviation", sd, f"{sd:.3g}{scale}", "the study at hand, as its model saw one patient"
                         + (": adjusted, and widened by its therapists" if estimate.clustered else ": adjusted")),
        "dropout": Assumption("Drop-out", dropout, f"{100 * dropout:.0f}%", "the study at hand"),
    }
    rate = estimate.df / sum(counts) if estimate.df else None
    return Spread(sd, "the study at hand", adjusted=True), said, lambda difference: Design(
        sd, alpha, dropout, df_per_patient=rate)


def _common(dropout, icc, per_therapist):
    said = {"dropout": choose(given_by.DROPOUT, dropout, "{:.3g}%", 100), "icc": choose(given_by.ICC, icc)}
    return said | ({"per_therapist": choose(given_by.PER_THERAPIST, per_therapist)} if said["icc"].value else {})


def _design(sd, said, alpha, **more):
    therapists = said["per_therapist"].value if "per_therapist" in said else None
    return Design(sd, alpha, said["dropout"].value, said["icc"].value, therapists, **more)


def _differences(claim, instrument, spread, effect, estimate, said, unit):
    """([(name, difference, words, source)], why what is lacking is lacking)."""
    found, notes = [], []
    for name, look in (("margin", at_margin), ("published", at_published)):
        difference, words, source = look(claim, instrument, spread, estimate, said)
        if difference:
            found.append((name, difference, words, source))
        else:
            notes.append(f"no plan at the {name}{' effect' if name == 'published' else ''}: {source}")
    if effect is not None:
        found.append(("given", *_given(claim, effect, unit), "as given"))
    return found, notes


def _idle(given, said, estimate):
    """What was given and has no bearing, in at most one sentence, so that nobody believes it had."""
    used = () if estimate is not None else said
    idle = [name.replace("_", "-") for name, value in given.items()
            if name not in used and value not in (None, given_by.DEFAULTS.get(name))]
    why = "the study at hand stands in its place" if estimate is not None else "this plan does not rest on it"
    return [f"given and not used, because {why}: {', '.join(idle)}"] if idle else []


def _given(claim, effect, unit):
    """(difference, words) of the effect somebody asks to plan for."""
    if claim.analysis.hypothesis == "non-inferiority":
        raise UsageError("--effect", "a claim of being no worse is planned at its margin, with no true difference")
    if not effect or not math.isfinite(effect) or unit == "ratio" and (effect < 0 or effect == 1):
        raise UsageError("--effect", "expected a number; no difference at all is never shown, and a ratio is positive "
                         "and not 1")
    if unit == "ratio":
        return math.log(effect), f"ratio {effect:g}"
    return effect, amount(100 * effect, "percentage points") if unit == "share" else amount(effect, unit)


def _target(name, difference, words, source, design):
    patients = {power: count_patients(difference, power, design) for power in POWERS}
    therapists = {power: design.therapists(count) if count else None for power, count in patients.items()}
    return Target(name, difference, words, source, design, patients, therapists)


def _unit(claim, instrument, spread, estimate):
    measure = estimate.measure if estimate is not None else claim.analysis.measure
    if measure in RATIOS:
        return "ratio"
    if measure == "risk-difference":
        return "share"
    return "SD" if spread.in_sd else (estimate.unit if estimate is not None else instrument.unit)


def _limits(claim):
    shown = "no worse than the margin" if claim.analysis.hypothesis == "non-inferiority" else "any difference at all"
    told = [f"power is to show {shown}, for this claim alone: where many claims are judged together, "
            "Holm's rule asks more of each"]
    if claim.analysis.hypothesis == "non-inferiority":
        told.append("the true difference is taken to be none: if massage is in truth somewhat worse, more are needed")
    if claim.analysis.magnitude != "any":
        told.append(f"the claim says '{claim.analysis.magnitude}': it is supported in full only where the whole "
                    "interval lies beyond that size, which takes more patients than these")
    return tuple(told)
