"""Claims that several outcomes must each show: the others fitted beside the first, and the larger p decides.

An intersection-union test: each at the full alpha, because all must hold (Berger 1982, Technometrics 24:295; ICH E9
2.2.5). The estimate is the first instrument's; the others stand beside it. Where the first goes the opposite way, its
own p stays: one outcome that does is enough to refute that each improves.
"""

from dataclasses import dataclass

from mmresearch.estimate import Derived, Lack
from mmresearch.models.inference import claimed_side, null_value, p_value
from mmresearch.models.table import gather
from mmresearch.models.troubles import trouble
from mmresearch.models.wording import join


@dataclass(frozen=True)
class Others:
    """What the other instruments say. p: None where it is the first's own."""

    p: float | None = None
    derived: tuple = ()
    troubles: tuple = ()
    said: tuple = ()


def companion(claim, name):
    """Return the claim about one of its other instruments alone."""
    analysis = claim.analysis.model_copy(update={"instruments": (name,), "also": ()})
    return claim.model_copy(update={"analysis": analysis})


def match_companions(claim, dataset, ask, lacks):
    """Add what the study lacks for the other instruments. ask: (claim, dataset) -> Question or Lack."""
    for name in claim.analysis.also:
        asked = ask(companion(claim, name), dataset)
        if isinstance(asked, Lack):
            lacks[asked.code] = asked.sentence


def fit_others(question, dataset, ask, fits, contrast):
    """Return the Others of a Question. fits: model -> function; contrast: the first instrument's, or None."""
    if not question.analysis.also:
        return Others()
    found, level = [], 1 - dataset.study.alpha
    for name in question.analysis.also:
        asked = ask(companion(question.claim, name), dataset)
        found.append((asked, fits[asked.model](asked, gather(asked, dataset), dataset.study)))
    names = join([question.instrument.id, *question.analysis.also], "and")
    said = (f"{names} must each show it: p is the largest of theirs (intersection-union test).",)
    serious = tuple(each for _, fitted in found for each in fitted.troubles if each.severity == "serious")
    if contrast is None or any(fitted.contrast is None for _, fitted in found):
        return Others(troubles=serious, said=said)
    derived = tuple(_told(asked, fitted, level) for asked, fitted in found)
    own = p_value(contrast, question)
    theirs = [_claimed_p(asked, fitted.contrast) for asked, fitted in found]
    lost = [asked for (asked, _), p in zip(found, theirs, strict=True) if p >= dataset.study.alpha]
    p = own if _opposite(question, contrast) else max(own, *theirs)
    return Others(p, derived, (*serious, *_not_shown(lost)), said)


def _claimed_p(question, contrast):
    """p that is small on the claimed side only; of non-inferiority and equivalence it always is."""
    if question.analysis.hypothesis != "superiority":
        return p_value(contrast, question)
    null = null_value(question)
    one = contrast.above(null) if claimed_side(question) == "higher" else contrast.below(null)
    return min(1.0, 2 * one)


def _opposite(question, contrast):
    side = 1 if claimed_side(question) == "higher" else -1
    return question.analysis.hypothesis == "superiority" and side * (contrast.point - null_value(question)) < 0


def _told(question, fitted, level):
    contrast, instrument = fitted.contrast, question.instrument
    low, high = contrast.interval(level)
    text = (f"{instrument.measures[:1].upper()}{instrument.measures[1:]} ({instrument.id}) at {question.visit.name}: "
            f"{contrast.point:.2g} ({low:.2g} to {high:.2g}) {instrument.unit}.")
    return Derived(f"also-{instrument.id}", contrast.point, low, high, instrument.unit, text)


def _not_shown(lost):
    if not lost:
        return ()
    names = join([f"{each.instrument.measures} ({each.instrument.id})" for each in lost], "and")
    text = f"The claim needs each outcome to show it, and {names} alone does not, whatever the number of claims."
    return (trouble("co-primary-not-shown", text),)
