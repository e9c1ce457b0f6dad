"""Method `responder`: the share of patients who reach the responder threshold, arm against reference.

Standardised shares: logistic regression on arm, the outcome's baseline, covariates and strata; every patient's chance
in either arm, averaged; their difference, with CR2 by therapist, or by patient where none is recorded, and t.
Unadjusted (shares.py) where the claim says `adjusted = false`, where there is nothing to adjust for, and where too few
patients have the rarer outcome to carry it: fewer than five in an arm, or than two for each column of the model.
"""

from dataclasses import replace

import numpy as np
import pandas as pd

from mmresearch.estimate import Lack
from mmresearch.models import proportions
from mmresearch.models.analysis_set import tell_therapists
from mmresearch.models.assembly import assemble
from mmresearch.models.clusters import shared
from mmresearch.models.inference import p_value
from mmresearch.models.least_squares import Fitted, adjusted, few_df, unmodelled
from mmresearch.models.matching import missing_rule, threshold
from mmresearch.models.quasi import logit_means
from mmresearch.models.question import ask
from mmresearch.models.rescue import choose_responses
from mmresearch.models.shares import Compared, compare_plain, count_shares, ratio_told
from mmresearch.models.shares_beside import shares_beside
from mmresearch.models.standardised import standardise
from mmresearch.models.table import design, estimable, gather
from mmresearch.models.troubles import trouble
from mmresearch.models.wording import counted

PER_COLUMN = 2  # patients with the rarer outcome for each column; simulated down to 20 patients an arm


def fit(claim, dataset):
    """Return the Estimate of the risk difference (arm minus reference, as a proportion), or the Lack.

    Missing outcomes count as not reaching the threshold, unless the claim registers `complete-case`.
    """
    question = ask(claim, dataset)
    if isinstance(question, Lack):
        return question
    rows = gather(question, dataset)
    missing_counts = missing_rule(question.analysis) == "non-responder"
    reached, said = responders(question, rows)
    reached, otherwise = choose_responses(question, dataset, reached)
    shares = count_shares(rows, reached, missing_counts)
    compared = _compare(question, rows, shares, dataset.study)
    beside = shares_beside(
        question, dataset, rows, reached, lambda values: responses(question, rows, values), missing_counts,
        otherwise,
    )
    events = dict(zip((question.arm, question.reference), (shares.counts[:2], shares.counts[2:]), strict=True))
    needed = () if compared.fitted.contrast is None else (
        proportions.number_needed(compared.fitted.contrast.point, *compared.interval),)
    return assemble(
        question,
        dataset,
        rows,
        replace(compared.fitted, without=_without(question, missing_counts)),
        said=(*said, _missing_words(missing_counts),
              *tell_therapists(rows.people.loc[shares.rows.index], question.arms, dataset.study)),
        robustness=beside.lines,
        events=events,
        interval=compared.interval,
        p=compared.p,
        derived=(*needed, *compared.derived, *beside.derived),
        unit="proportion",
    )


def responders(question, rows):
    """Return (1 reached, 0 not, NaN unknown, for each patient; sentences on how it was counted)."""
    value, rule = threshold(question.analysis, question.instrument)
    start, outcome = rows.people["baseline"], rows.values[question.visit.name]
    reached = pd.Series(responses(question, rows, outcome.to_numpy()), index=rows.people.index)
    unable = int(((start == 0) & outcome.notna()).sum()) if rule == "percent" else 0
    unit = "% of baseline" if rule == "percent" else f" {question.instrument.unit}"
    said = (f"A responder improved by at least {value:g}{unit} between baseline and {question.visit.name}.",)
    return reached, said + (
        f"{counted(unable, 'patient')} with a baseline of 0 counted as not reaching a percentage.",
    ) * (unable > 0)


def responses(question, rows, outcomes):
    """Return 1 where `outcomes` (..., n), of the patients of `rows`, reach the threshold, 0 where not, NaN unknown."""
    value, rule = threshold(question.analysis, question.instrument)
    start = rows.people["baseline"].to_numpy(float)
    gain = (-1 if question.instrument.better == "lower" else 1) * (outcomes - start)
    needed = abs(start) * value / 100 if rule == "percent" else value
    # the tolerance keeps a change of exactly the threshold a responder when decimals do not divide evenly
    reached = np.where(np.isnan(gain), np.nan, gain >= needed - 1e-9)
    unable = (start == 0) & ~np.isnan(gain) & (rule == "percent")  # a percentage of nothing
    return np.where(unable, 0.0, reached)


def _missing_words(missing_counts):
    return (
        "Patients without an outcome at this visit count as not reaching the threshold; none is left out for that."
        if missing_counts
        else "Only patients with an outcome at this visit count."
    )


def _without(question, missing_counts):
    """What patients lack who do not enter, as it follows `the others have`."""
    if missing_counts:
        return "no value of any outcome, at baseline or later"
    return f"no value of {question.instrument.id} at baseline, or none at {question.visit.name}"


def _compare(question, rows, shares, study):
    """Return the Compared: standardised where the claim and the data allow, else as it is, and why."""
    level, people = 1 - study.alpha, rows.people.loc[shares.rows.index]
    if not question.analysis.adjusted:
        return _with(compare_plain(question, rows, shares, level), _unadjusted(study))
    covariates = design(people, study)
    if covariates.matrix.empty:
        return _with(compare_plain(question, rows, shares, level), _unadjusted(study), covariates.said)
    if not estimable(people["treated"], covariates.matrix):
        return _lost(question, shares, covariates)
    columns = np.column_stack([np.ones(len(people)), people["treated"], covariates.matrix.to_numpy(float)])
    means, why = _standardised(people, shares, columns)
    if means is None:
        left = trouble("adjustment-left-out", f"Shares are compared as they are, unadjusted: {why}.")
        return _with(compare_plain(question, rows, shares, level), (left, *_unadjusted(study)))
    return _standardised_compared(question, people, shares, covariates, means, level)


def _standardised(people, shares, columns):
    """Return (Standardised, None), or (None, why the data cannot carry it)."""
    if shares.few or shares.rarer < PER_COLUMN * columns.shape[1]:
        terms = counted(columns.shape[1], "term")
        return None, f"{counted(shares.rarer, 'patient')} with the rarer outcome cannot carry a model of {terms}"
    model = logit_means(shares.rows.to_numpy(float), columns, 1.0)
    therapists = people["therapist"]
    for known in (therapists, therapists.mask(therapists.notna())):
        means = standardise([model], columns, known)
        if model.converged and means.difference is not None:
            return means, None
    return None, "the logistic regression did not converge"


def _standardised_compared(question, people, shares, covariates, means, level):
    contrast, n = means.difference, {question.arm: shares.counts[1], question.reference: shares.counts[3]}
    how = "clustered by therapist (CR2)" if means.clustered else "robust (HC2)"
    words = f"Risk difference of standardised shares (logistic regression), {adjusted(covariates)}"
    left = unmodelled(shared(people["therapist"]) and not means.clustered)
    fitted = Fitted(contrast, f"{words}; standard error {how}, {contrast.df:.1f} Satterthwaite degrees of freedom", n,
                    clustered=means.clustered, troubles=(*covariates.troubles, *few_df(contrast.df), *left),
                    said=covariates.said)
    low, high = contrast.interval(level)
    ratio = (ratio_told(means.ratio, *means.means, level, "standardised shares"),) if means.ratio else ()
    return Compared(fitted, (max(low, -1.0), min(high, 1.0)), p_value(contrast, question), ratio)


def _lost(question, shares, covariates):
    n = {question.arm: shares.counts[1], question.reference: shares.counts[3]}
    lost = trouble("not-estimable", "The contrast follows from the covariates, so the data cannot separate the two.")
    return Compared(Fitted(None, f"Risk difference of standardised shares, {adjusted(covariates)}", n,
                           troubles=(*covariates.troubles, lost), said=covariates.said), None, None)


def _unadjusted(study):
    if study.design == "randomised":
        return ()
    return (trouble("unadjusted", "Arms were not formed by chance; shares are compared without adjustment."),)


def _with(compared, troubles, said=()):
    fitted = compared.fitted
    fuller = replace(fitted, troubles=(*fitted.troubles, *troubles), said=(*fitted.said, *said))
    return replace(compared, fitted=fuller)
