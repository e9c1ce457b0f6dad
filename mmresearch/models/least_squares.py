"""Analysis of covariance at one visit: ordinary least squares, with pooled variance or clustered by therapist."""

import warnings
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from statsmodels.regression.linear_model import OLS

from mmresearch.models.analysis_set import tell_therapists
from mmresearch.models.clusters import cr2, shared, therapist_labels
from mmresearch.models.inference import Contrast
from mmresearch.models.modifiers import modifier_column
from mmresearch.models.table import design, estimable
from mmresearch.models.troubles import FEW_DF, trouble, warned
from mmresearch.models.wording import counted, join


@dataclass(frozen=True)
class Fitted:
    """What a fit hands on. contrast None: the data do not determine it, and a serious trouble says so.

    without: what patients of the population who do not enter lack, as it follows "the others have"
    """

    contrast: Contrast | None
    model: str
    n: dict
    ls_means: dict = field(default_factory=dict)
    clustered: bool = False
    troubles: tuple = ()
    said: tuple = ()
    without: str = ""


def ancova(question, rows, study):
    """Return the Fitted analysis of covariance of the judged visit, among patients observed there.

    The outcome (instrument's unit) on arm, baseline, covariates and strata; with a modifier, arm by modifier besides.
    """
    outcome = rows.values[question.visit.name]
    seen, left_out = analysed(question, rows, outcome)
    people, outcome = rows.people[seen], outcome[seen]
    covariates = design(people, study)
    columns, name, by = comparison_columns(question, people, covariates, study)
    n = rows.counts(seen, question)
    words = f"Analysis of covariance (ordinary least squares) at {question.visit.name}, {adjusted(covariates)}{by}"
    said = (*tell_therapists(people, question.arms, study), *covariates.said, *left_out)
    without = f"no value of {counting(question)} at {question.visit.name}, which this analysis needs"
    without += unmodified(question)
    broken = _broken(columns, name, outcome)
    if broken:
        return Fitted(None, words, n, troubles=(*covariates.troubles, broken), said=said, without=without)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = OLS(outcome.to_numpy(), columns).fit()
        contrast, clustered, how = _contrast(result, columns, name, people)
    left = unmodelled(shared(people["therapist"]) and not clustered)
    troubles = (*covariates.troubles, *warned(caught), *few_df(contrast.df), *left)
    means = _ls_means(result, columns, question)
    return Fitted(contrast, f"{words}; {how}", n, means, clustered, troubles, said, without)


def analysed(question, rows, outcome):
    """Which patients enter: observed at the judged visit and, for an interaction, with a recorded modifier."""
    seen = outcome.notna()
    modifier = question.analysis.modifier
    if not modifier:
        return seen, ()
    known = rows.people[modifier].notna()
    lost = int((seen & ~known).sum())
    return seen & known, (f"{counted(lost, 'patient')} without a recorded {modifier} left out.",) * (lost > 0)


def counting(question):
    """Return the outcome's instrument as a sentence names it whose values may not all count."""
    return f"{question.instrument.id}{' that counts' * (question.analysis.intercurrent == 'hypothetical')}"


def unmodified(question):
    """Return what is said, after what else they lack, of patients without the modifier of an interaction."""
    return f", or no recorded {question.analysis.modifier}" if question.analysis.modifier else ""


def comparison_columns(question, people, covariates, study):
    """Return (design matrix, name of the judged column, words for it): intercept, arm, covariates, arm by modifier."""
    fixed = pd.DataFrame({"intercept": 1.0, "treated": people["treated"]})
    if not question.analysis.modifier:
        return pd.concat([fixed, covariates.matrix], axis=1), "treated", ""
    modifier, words = modifier_column(people, question.analysis, study)
    main = {} if not estimable(modifier, covariates.matrix) else {"modifier": modifier}
    product = pd.DataFrame({**main, "treated by modifier": people["treated"] * modifier})
    return pd.concat([fixed, covariates.matrix, product], axis=1), "treated by modifier", f", with arm by {words}"


def adjusted(covariates):
    """Return what a Design adjusts for, in words."""
    return f"adjusted for {join(covariates.names)}" if covariates.names else "unadjusted"


def _broken(columns, name, outcome):
    """Return a serious trouble when there is nothing to estimate from; None otherwise."""
    others = columns.drop(columns=["intercept", name])
    if not estimable(columns[name], others):
        return trouble(
            "not-estimable", "The contrast follows from the covariates, so the data cannot separate the two."
        )
    if len(outcome) <= columns.shape[1]:
        return trouble("not-estimable", f"{len(outcome)} patients cannot carry a model of {columns.shape[1]} terms.")
    if outcome.nunique() == 1:
        return trouble(
            "not-estimable", "Every patient analysed has the same outcome: there is no variation to judge by."
        )
    return None


def _contrast(result, columns, name, people):
    """Return (Contrast, clustered, how): CR2 by therapist where therapists are recorded, else pooled variance."""
    point = float(result.params[name])
    pooled = Contrast(point, float(result.bse[name]), float(result.df_resid))
    how = f"pooled variance, {result.df_resid:.0f} residual degrees of freedom"
    if not shared(people["therapist"]):
        return pooled, False, how
    weights, labels = (columns.columns == name).astype(float), therapist_labels(people["therapist"])
    variance, df = cr2(columns.to_numpy(float), np.asarray(result.resid), labels, weights)
    if not (variance > 0 and df >= 1):
        return pooled, False, how
    return (
        Contrast(point, float(np.sqrt(variance)), df),
        True,
        f"standard error clustered by therapist (CR2), {df:.1f} Satterthwaite degrees of freedom",
    )


def unmodelled(left):
    """Return a trouble when patients share therapists and the fit leaves that out."""
    if not left:
        return ()
    text = "Patients share therapists, too few to estimate how much therapists differ."
    return (trouble("therapists-not-modelled", text),)


def few_df(df):
    """Return a trouble when fewer than ten degrees of freedom are left."""
    if df is None or df >= FEW_DF:
        return ()
    left = f"{df:.1f}".removesuffix(".0")
    return (trouble("few-degrees-of-freedom", f"Only {left} degrees of freedom are left to judge the variation by."),)


def _ls_means(result, columns, question):
    """Model means of both arms at the average covariates of everyone analysed; none where the contrast varies."""
    if question.analysis.modifier:
        return {}
    average = columns.mean()
    return {
        arm: float(average.where(average.index != "treated", treated) @ result.params)
        for arm, treated in ((question.arm, 1.0), (question.reference, 0.0))
    }
