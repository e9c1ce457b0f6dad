"""The differences a trial is planned for: at the margin, and at the effect that trials have published."""

import math
from statistics import NormalDist

from mmresearch.codebook import codebook
from mmresearch.errors import UsageError
from mmresearch.estimate import RATIOS
from mmresearch.evidence import baseline_sd, read_literature
from mmresearch.planning.assumptions import amount

PLANNED = ("superiority", "non-inferiority")
BY_MEANS = {"change": "mean-difference", "responder": "risk-difference"}  # methods planned without a study at hand


def refuse(claim, estimate):
    """Raise UsageError where no plan of this claim can be honest, with the reason."""
    asked = claim.analysis
    if asked is None:
        raise UsageError(f"claim '{claim.id}'", f"session outcomes cannot test it: {claim.why_not}",
                         remedy=f"What would settle it: {claim.would_settle}")
    why = None
    if asked.hypothesis not in PLANNED:
        why = (f"its hypothesis is '{asked.hypothesis}', which is judged by where the whole interval lies, not by a "
               "difference that is shown or not")
    elif estimate is None and (asked.method not in BY_MEANS or asked.modifier):
        what = f"a difference that depends on {asked.modifier}" if asked.modifier else \
            f"the {asked.measure.replace('-', ' ')}"
        why = f"how precisely {what} is estimated by the method '{asked.method}' follows from no published SD"
    elif estimate is not None and (not estimate.standard_error or estimate.reference not in estimate.n):
        why = "its estimate in this study has no standard error, or compares no two arms"
    if why:
        raise UsageError(f"claim '{claim.id}'", "no plan can be made", [why],
                         "With --study STUDY the precision of a study at hand stands in." if estimate is None else "")


def at_margin(claim, instrument, spread, estimate, said):
    """Return (difference, words, source) at the margin; (None, '', why) where none is known."""
    measure = estimate.measure if estimate is not None else claim.analysis.measure
    conventions = codebook().conventions
    if measure in RATIOS:
        ratio = conventions["ratio-margin"]
        return math.log(ratio.value), f"ratio {ratio.value:g}", f"a convention of ours: {ratio.derivation}"
    if measure == "risk-difference":
        share = conventions["risk-difference-margin"]
        return share.value, f"{100 * share.value:g} percentage points", f"a convention of ours: {share.derivation}"
    if estimate is not None and estimate.margin:
        return estimate.margin, amount(estimate.margin, estimate.unit), f"the study's margin ({estimate.margin_source})"
    if instrument.margin is None or estimate is not None:
        return None, "", f"no smallest difference worth having is known for {instrument.id}"
    if spread.in_sd:
        return None, "", f"the SD of {instrument.id} is not known; give it with --sd, in {instrument.unit}"
    margin = instrument.margin
    stamp = "a convention of ours: " if margin.status == "convention" else ""
    return margin.value, amount(margin.value, instrument.unit), f"{stamp}{margin.source}"


def at_published(claim, instrument, spread, estimate, said):
    """Return (difference, words, source) at the effect the literature reading rests on; (None, '', why) without one."""
    row, effect, kind, source = _read(claim)
    if row is None:
        return None, "", source
    if (effect > 0) != (row.benefit_direction == "higher"):
        return None, "", f"{source} does not favour massage"
    return _in_unit(abs(effect), kind, row, source, instrument, spread, estimate, claim, said)


def _read(claim):
    """(row, effect on the scale of a difference, its kind, where it comes from), or (None, None, None, why not)."""
    reading = read_literature(claim)
    row = reading.row or (reading.trials[0] if reading.trials else None)
    if row is None:
        return None, None, None, reading.sentence.rstrip(".")
    if reading.row is None:
        return row, reading.pooled.point, row.effect_type, f"{len(reading.trials)} independent trials, pooled"
    effect = math.log(row.effect) if row.is_ratio else row.effect
    said = "" if reading.word == "trials favour" else f" ({reading.word})"
    printed = f"{row.effect_type} {row.effect:g} {row.unit}{said}"
    return row, effect, row.effect_type, f"{row.effect_id}, {row.study}: {printed}"


def _in_shares(effect, kind, row, source, other):
    """The same of responders, over the share of the other arm.

    A standardised difference d moves the outcome's normal distribution past the threshold that the other arm's share p
    stands for: normal(normal^-1(p) + d) - p (Furukawa TA, Leucht S. PLoS One 2011;6:e19070).
    """
    told = f"{source}, over {other.text} in the other arm"
    if kind == "SMD":
        normal = NormalDist()
        share = normal.cdf(normal.inv_cdf(other.value) + effect) if 0 < other.value < 1 else other.value
        told += ", as if outcomes were normal and of one SD in both arms (Furukawa and Leucht 2011)"
    elif row.benefit_direction == "lower":
        return None, "", f"{source} is of a share that is better low, not of responders"
    else:
        share = other.value * math.exp(effect)
    if share >= 1:
        return None, "", f"{source} of {other.text} is all patients or more; give another --share"
    return share - other.value, f"{100 * (share - other.value):.3g} percentage points", told


def _in_unit(effect, kind, row, source, instrument, spread, estimate, claim, said):
    measure = estimate.measure if estimate is not None else claim.analysis.measure
    if measure == "risk-difference" and kind in ("RR", "SMD") and "share" in said:
        return _in_shares(effect, kind, row, source, said["share"])
    if measure != "mean-difference" or kind not in ("MD", "SMD"):
        return None, "", f"{source} is not of the measure planned ({measure.replace('-', ' ')})"
    if kind == "SMD" and estimate is not None:
        sd = baseline_sd(estimate)
        if sd is None:
            return None, "", f"{source} is in SDs of patients, and the study has none at baseline; give --effect"
        put = f"put back with the study's SD at baseline, {sd:.3g} {estimate.unit}"
        return effect * sd, amount(effect * sd, estimate.unit), f"{source}, {put}"
    if kind == "SMD":
        unit = "SD" if spread.in_sd else instrument.unit
        put = "" if spread.in_sd else f", put back with an SD of {spread.sd:.3g} {unit}"
        left = ", which was narrowed by adjustment, so that the points are too few" if spread.adjusted else ""
        return effect * spread.sd, amount(effect * spread.sd, unit), source + put + left
    if row.instruments != (instrument.id,):
        return None, "", f"{source} was measured on {', '.join(row.instruments) or row.instrument}, not {instrument.id}"
    factor = 1.0 if row.unit == instrument.unit else instrument.converts.get(row.unit, 1.0)
    if spread.in_sd:
        return None, "", f"the SD of {instrument.id} is not known; give it with --sd, in {instrument.unit}"
    return effect * factor, amount(effect * factor, instrument.unit), source
