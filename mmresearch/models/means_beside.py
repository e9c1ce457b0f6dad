"""What a ratio of means can bear: the fixed set of other analyses beside the registered one.

Always these, in this order; one that a study cannot have is left out: another model; everyone allocated, with the mean
expected of those missing (missing at random; with a log link alone it is the same); patients who left the arm worse by
the margin than that; the same as if in the reference arm; without covariates; per protocol. And the tipping point: by
what factor those who left must have differed from what is assumed for the answer to change. Those about patients who
left are closed forms: where a share of the arm has a mean f times the assumed one, the arm's mean is
1 + share (f - 1) times what it was.
"""

import math
from dataclasses import replace

import numpy as np

from mmresearch.estimate import Derived, Robustness
from mmresearch.models.count_models import gather_counts
from mmresearch.models.inference import Ratio, margins, null_value
from mmresearch.models.protocol import kept_to_protocol
from mmresearch.models.robustness import Beside, beside_wanted
from mmresearch.models.standardised import standardise
from mmresearch.models.wording import counted, inside

MOST = 1000.0  # a factor that says: whatever they had


def means_beside(question, dataset, rows, counts, means, others, refit):
    """Return the Beside of a ratio of means.

    counts: the Counts analysed; means: their Standardised; others: {words: Ratio or None} of other models;
    refit: (Counts) -> the Standardised of the registered model on others.
    """
    if means.ratio is None or not beside_wanted():
        return Beside()
    study, level = dataset.study, 1 - dataset.study.alpha
    lines = {**others(), **_everyone(question, rows, study, counts, means, refit)}
    lines |= _of_those_who_left(question, study, rows, means)
    if counts.columns.shape[1] > 2:
        bare = replace(counts, columns=counts.columns[:, :2], covariates=replace(counts.covariates, names=()), few=2)
        lines |= named_line("without covariates", refit(bare), means)
    lines |= _per_protocol(question, dataset, rows, counts, means, refit)
    known = {words: line for words, line in lines.items() if line}
    made = tuple(Robustness(words, line.point, *line.interval(level)) for words, line in known.items())
    return Beside(made, _tipping(question, study, rows, means, level))


def named_line(words, found, means):
    """Return {words: Ratio or None} of other Standardised means; it says so where they ignore therapists alone."""
    return {f"{words}{', therapists ignored' * (means.clustered and not found.clustered)}": found.ratio}


def _left(question, rows):
    """Return (patients of the arm without a value at the visit, their share of the arm)."""
    treated = rows.people["treated"] == 1
    missing = int((treated & rows.values[question.visit.name].isna()).sum())
    return missing, missing / max(int(treated.sum()), 1)


def _everyone(question, rows, study, counts, means, refit):
    """The same model, its means averaged over everyone allocated."""
    seen = rows.values[question.visit.name].notna().to_numpy()
    if seen.all() or all(part.link == "log" for part in means.parts):
        return {}
    whole = gather_counts(question, rows, study, counts.scale, everyone=True)
    if np.linalg.matrix_rank(whole.columns[seen]) < whole.columns.shape[1]:
        return {}
    part = replace(counts, columns=whole.columns[seen], covariates=whole.covariates, few=whole.few)
    found = refit(part)
    width = found.parts[0].columns.shape[1]
    parts = tuple(replace(each, rows=_placed(each.rows, seen)) for each in found.parts)
    therapists = whole.people["therapist"]
    known = therapists if found.clustered else therapists.mask(therapists.notna())
    words = "everyone allocated, with the means expected of those missing (missing at random)"
    return named_line(words, standardise(parts, whole.columns[:, :width], known), means)


def _placed(rows, seen):
    placed = seen.copy()
    placed[seen] = rows
    return placed


def _of_those_who_left(question, study, rows, means):
    missing, share = _left(question, rows)
    if not missing:
        return {}
    arm, other = (inside(study.arms[name].label) for name in question.arms)
    ratio, lines = means.ratio, {}
    if question.margin is not None:
        factor = margins(question)[1 if question.instrument.better == "lower" else 0]
        words = f"patients who left {arm} worse by the margin (a ratio of {factor:g}) than assumed"
        lines[words] = replace(ratio, point=ratio.point * (1 + share * (factor - 1)))
    jumped = (1 - share) * ratio.point + share
    error = ratio.standard_error * (1 - share) * ratio.point / jumped
    return {**lines, f"jump to reference: patients who left {arm} as if in {other}": Ratio(jumped, error, ratio.df)}


def _per_protocol(question, dataset, rows, counts, means, refit):
    found = kept_to_protocol(question, dataset)
    kept = found[0].reindex(counts.people.index) if found else None
    if not found or kept.all():
        return {}
    part = gather_counts(question, rows.kept(found[0].reindex(rows.people.index)), dataset.study, counts.scale)
    exposure = None if counts.exposure is None else counts.exposure[kept.to_numpy()]
    enough = min((part.outcome[part.treated == arm] > 0).sum() for arm in (True, False)) > 1
    return named_line(found[1], refit(replace(part, exposure=exposure)), means) if enough else {}


def _tipping(question, study, rows, means, level):
    """By what factor those who left the arm must differ from what is assumed for the interval to hold the null."""
    missing, share = _left(question, rows)
    null, (low, high) = null_value(question), means.ratio.interval(level)
    if not missing or null is None or low <= null <= high:
        return ()
    factor = 1 + (null / (high if high < null else low) - 1) / share
    who = f"the {counted(missing, 'patient')} who left {inside(study.arms[question.arm].label)}"
    highest = question.instrument.high
    if factor <= 1 / MOST or factor >= MOST or (highest is not None and factor * means.means[0] > highest):
        text, size = f"The interval would exclude {null:g} whatever {who} had.", MOST
    else:
        text = f"The interval would reach {null:g} if {who} had {factor:.2g} times the mean assumed of them."
        size = math.exp(abs(math.log(factor)))
    return (Derived("tipping-point", size, None, None, "ratio", text),)
