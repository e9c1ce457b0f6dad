"""Method `time-to-event`: how long it takes until something happens, arm against reference arm.

Restricted mean time: days without the event, counted up to a horizon: the last day of the claim's window, or as far as
both arms were followed. Whom something else forestalls never reaches the event and counts the whole horizon. Each
patient's part of the arm's mean (survival.py) is regressed on arm, covariates and strata, with CR2 by therapist. A
hazard ratio (Cox) stands beside it, or is the measure where a claim registers it; then a test of proportionality warns.
"""

from dataclasses import replace

import numpy as np

from mmresearch.estimate import Lack, Robustness
from mmresearch.models.analysis_set import tell_therapists
from mmresearch.models.assembly import assemble
from mmresearch.models.clusters import cr2, ignoring, shared, therapist_labels
from mmresearch.models.followed import censoring_words, follow, follow_troubles, landmarks
from mmresearch.models.hazard_ratio import derived_ratio, fitted_ratio, hazard_ratio
from mmresearch.models.inference import Contrast
from mmresearch.models.least_squares import Fitted, adjusted, few_df, unmodelled
from mmresearch.models.question import ask
from mmresearch.models.robustness import beside_wanted
from mmresearch.models.survival import CENSORED, COMPETING
from mmresearch.models.table import design, estimable
from mmresearch.models.troubles import trouble


def fit(claim, dataset):
    """Return the Estimate of the difference in restricted mean time (days) or of the hazard ratio, or the Lack."""
    question = ask(claim, dataset)
    if isinstance(question, Lack):
        return question
    followed, study = follow(question, dataset), dataset.study
    covariates, level = design(followed.people, study), 1 - study.alpha
    columns = np.hstack([followed.plain(), covariates.matrix.to_numpy(float)])
    ratio, by_arm = hazard_ratio(followed, columns[:, 1:]), landmarks(question, followed, study, level)
    if claim.analysis.measure == "hazard-ratio":
        fitted = fitted_ratio(followed, covariates, ratio, _counts(question, followed))
        beside, unit = (), "ratio"
    else:
        fitted = _restricted(question, followed, covariates, columns)
        beside, unit, by_arm = _robustness(question, followed, level), "", (*by_arm, *derived_ratio(ratio, level))
    events = {arm: (followed.count(arm, followed.seen), followed.count(arm)) for arm in question.arms}
    fitted = replace(fitted, without=f"no time of {question.instrument.id}")
    estimate = assemble(question, dataset, None, fitted, events=events, robustness=beside, derived=by_arm, unit=unit,
                        said=tell_therapists(followed.people, question.arms, study),
                        troubles=follow_troubles(question, followed, study))
    return replace(estimate, outcome=f"{estimate.outcome}, counted over {followed.horizon:g} days,")


def _counts(question, followed):
    return {arm: followed.count(arm) for arm in question.arms}


def _restricted(question, followed, covariates, columns):
    """The Fitted difference of restricted means: pseudo-values on arm and covariates, CR2 or HC2."""
    words = f"Restricted mean time over {followed.horizon:g} days (Kaplan-Meier pseudo-values), {adjusted(covariates)}"
    n, broken = _counts(question, followed), _broken(followed, columns)
    if broken:
        return Fitted(None, words, n, troubles=(*covariates.troubles, broken), said=covariates.said)
    contrast, beta, clustered = _regress(columns, _pseudo(question, followed), followed.people["therapist"])
    if contrast.standard_error < 1e-9 * followed.horizon:
        lost = trouble("not-estimable", "Every patient of an arm has the same time: there is no variation to judge by.")
        return Fitted(None, words, n, troubles=(*covariates.troubles, lost), said=covariates.said)
    how = "clustered by therapist (CR2)" if clustered else "for any spread (HC2)"
    ends = ((question.arm, 1.0), (question.reference, 0.0))
    means = {arm: float(np.r_[1.0, treated, columns[:, 2:].mean(axis=0)] @ beta) for arm, treated in ends}
    left = unmodelled(shared(followed.people["therapist"]) and not clustered)
    model = f"{words}; standard error {how}, {contrast.df:.1f} Satterthwaite degrees of freedom"
    return Fitted(contrast, model, n, means, clustered, (*covariates.troubles, *few_df(contrast.df), *left),
                  (*covariates.said, *censoring_words(followed)))


def _pseudo(question, followed, endings=None):
    """Each patient's pseudo-value: the arm's mean and n times what the patient adds to it."""
    values = np.empty(len(followed.days))
    for arm in question.arms:
        mean, influence = followed.curve(arm, endings).mean(followed.horizon)
        values[followed.arms == arm] = mean + len(influence) * influence
    return values


def _regress(columns, values, therapists):
    """Return (Contrast of the arm, coefficients, clustered): by therapist where that can be had, else by patient."""
    beta, weights = np.linalg.lstsq(columns, values, rcond=None)[0], np.eye(columns.shape[1])[1]
    for clustered in (True, False) if shared(therapists) else (False,):
        labels = therapist_labels(therapists) if clustered else np.arange(len(values))
        variance, df = cr2(columns, values - columns @ beta, labels, weights)
        if variance > 0 and df >= 1:
            break
    return Contrast(float(beta[1]), float(np.sqrt(variance)), df), beta, clustered


def _broken(followed, columns):
    """Return a serious trouble where the data do not determine the contrast."""
    if not estimable(columns[:, 1], columns[:, 2:]):
        return trouble("not-estimable", "The contrast follows from the covariates: the data cannot separate the two.")
    if len(columns) <= columns.shape[1]:
        return trouble("not-estimable", f"{len(columns)} patients cannot carry a model of {columns.shape[1]} terms.")
    if not followed.seen.any():
        return trouble("not-estimable", f"It happened to nobody within {followed.horizon:g} days.")
    return None


def _robustness(question, followed, level):
    """The difference without covariates; and as if competing events were only the end of follow-up."""
    if not beside_wanted():
        return ()
    lines = {"without covariates": followed.endings}
    if (followed.endings == COMPETING).any():
        lines["competing events as if lost from sight, without covariates"] = np.where(
            followed.endings == COMPETING, CENSORED, followed.endings)
    therapists = followed.people["therapist"]
    found = {words: _regress(followed.plain(), _pseudo(question, followed, endings), therapists)
             for words, endings in lines.items()}
    return tuple(Robustness(words + ignoring(therapists) * (not known), each.point, *each.interval(level))
                 for words, (each, _, known) in found.items() if each.standard_error > 0)
