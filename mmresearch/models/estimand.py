"""The estimand in canonical words, the margin it is judged by, and the model where the claim leaves it to the study."""

from mmresearch.codebook import codebook
from mmresearch.models.matching import missing_rule
from mmresearch.models.needs import NEEDS
from mmresearch.models.wording import join, plain

CONVENTIONS = {  # measure: the codebook's margin for it
    "risk-difference": "risk-difference-margin",
    "rate-ratio": "ratio-margin",
    "mean-ratio": "ratio-margin",
}


def choose_model(analysis, follow_ups):
    """Return `ancova` or `mmrm` for the method change: as registered, else by what the study has; None otherwise."""
    if analysis.method != "change":
        return None
    if analysis.model:
        return analysis.model
    several = len(follow_ups) > 1 and analysis.missing != "complete-case"
    return "mmrm" if several else "ancova"


def find_margin(analysis, instrument, dataset):
    """Return (value, source) of the margin on the measure's scale, or (None, None).

    The instrument's for differences in its unit, ours for shares and ratios of rates or means; none for interactions.
    """
    if analysis.modifier:
        return None, None
    if analysis.measure in ("mean-difference", "rmst-difference", "indirect-effect"):
        return dataset.margin(instrument.id)
    convention = codebook().conventions.get(CONVENTIONS.get(analysis.measure))
    return (convention.value, "convention") if convention else (None, None)


def name_estimand(analysis, pair, outcome, who, model):
    """Return canonical words: everything that moves the estimate, and nothing else: no magnitude, side, hypothesis.

    pair: arm, reference or None; outcome: matching.Outcome; who: population.Who; model: of the method change.
    """
    arms = plain(pair[0], *(("v", pair[1]) if pair[1] else ()))
    parts = [who.words, arms, outcome.instrument.id, _time(outcome), analysis.measure]
    if analysis.also:
        parts.append(f"also {join(sorted(analysis.also))}")
    if analysis.modifier:
        parts.append(plain(f"by {analysis.modifier}", analysis.modifier_at_least))
    if NEEDS[analysis.method].start in ("threshold", "threshold-or-cutoff"):
        parts.append(plain(analysis.threshold_value, analysis.threshold or "instrument's threshold"))
    further = {"through": analysis.mediator, "by session": analysis.by_session, "cut off at": analysis.cutoff}
    parts += [f"{word} {value}" for word, value in further.items() if value is not None]
    if analysis.observed_at:
        parts.append(f"observed at {join(analysis.observed_at, 'and')}")
    if not analysis.adjusted:
        parts.append("unadjusted")
    parts += [analysis.intercurrent, f"missing: {missing_rule(analysis)}", model or analysis.method]
    return "; ".join(parts)


def _time(outcome):
    return f"at {outcome.visit.name}" if outcome.visit else f"days {outcome.window[0]} to {outcome.window[1]}"
