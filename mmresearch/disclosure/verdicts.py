"""A verdict as it may leave: none of a claim whose estimate is withheld, because the verdict tells where it lay."""

from dataclasses import replace

from mmresearch.disclosure.estimates import SAME, WITHHELD
from mmresearch.disclosure.numbers import shown_p
from mmresearch.disclosure.sentences import holds_number, leave_out_planning, tell_p
from mmresearch.estimate import Estimate, Lack
from mmresearch.verdict import Verdict

FRAGILE = "Fragile: under another assumption ("
OTHERWISE = "Fragile: another registered analysis answers otherwise."


def gate_verdicts(verdicts, outcomes):
    """Return the Verdicts that may leave. outcomes: claim id -> gated Estimate or Lack.

    An adjusted p that equals that of a withheld claim is left out: Holm's p of one is often that of another.
    """
    held = {each.claim for each in verdicts if _is_withheld(outcomes.get(each.claim))}
    secret = {p for each in verdicts if each.claim in held for p in (each.p_holm, each.p_bh) if p not in (None, 1.0)}
    return tuple(_gated(each, outcomes.get(each.claim), secret) for each in verdicts)


def _is_withheld(outcome):
    return isinstance(outcome, Lack) and outcome.code == WITHHELD


def _gated(verdict, outcome, secret):
    if _is_withheld(outcome):
        return Verdict(verdict.claim, "not-assessable", WITHHELD, outcome.sentence, outcome.sentence)
    if isinstance(outcome, Lack):
        return _unanswered(verdict, outcome)
    if not isinstance(outcome, Estimate):
        return verdict
    counts = *outcome.n.values(), *outcome.n_randomised.values(), *(arm.n for arm in outcome.by_arm)
    exact = None not in counts  # how many would settle it follows from how many there were, and how many left
    sentence = tell_p(verdict.sentence if exact else leave_out_planning(verdict.sentence))
    p_holm, p_bh = (None if p in secret else shown_p(p) for p in (verdict.p_holm, verdict.p_bh))
    return replace(verdict, sentence=sentence if p_holm is not None or verdict.p_holm is None else _no_p(sentence),
                   reason=tell_p(verdict.reason), p_holm=p_holm, p_bh=p_bh, limits=_limits(verdict),
                   patients_per_arm=verdict.patients_per_arm if exact else None)


def _no_p(sentence):
    import re

    return re.sub(r"; p (?:=|<|>) [\d.]+ after Holm", "", sentence)


def _unanswered(verdict, lack):
    """In its own words where they count nobody, else in the Lack's, which `gate_outcome` has made plain."""
    verdict = replace(verdict, limits=_limits(verdict))
    if lack.sentence in verdict.sentence:
        return verdict
    said = f"Not assessable in this study: {lack.sentence}"
    return replace(verdict, sentence=said, reason=lack.sentence)


def _limits(verdict):
    return tuple(dict.fromkeys(each for each in map(_limit, verdict.limits) if each))


def _limit(text):
    if text.startswith(FRAGILE):
        return tell_p(text) if text.removeprefix(FRAGILE).startswith(SAME) else OTHERWISE
    return None if holds_number(text) else text
