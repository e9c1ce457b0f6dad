"""The mixed model for repeated measures behind the method `change`: all follow-ups together, the judged one contrasted.

Unstructured covariance of a patient's visits, REML, Kenward-Roger; arm by visit, baseline by visit, the study's
covariates and strata besides; therapists as a random effect of the arms they treat in. Engine: mmresearch.models.mmrm.
"""

import warnings

import pandas as pd

from mmresearch.errors import DataError
from mmresearch.models.clusters import shared
from mmresearch.models.inference import Contrast
from mmresearch.models.least_squares import Fitted, adjusted, few_df, unmodelled
from mmresearch.models.table import design, estimable
from mmresearch.models.troubles import trouble, warned


def mixed_model(question, rows, study):
    """Return the Fitted mixed model of all follow-ups, among patients observed at one of them.

    Where it is the registered model and missing is `complete-case`, among patients observed at all of them.
    """
    visits = [visit.name for visit in question.follow_ups]
    seen = rows.values[visits].notna()
    whole = question.model == "mmrm" and question.analysis.missing == "complete-case"
    kept = rows.kept(seen.all(axis=1) if whole else seen.any(axis=1))
    covariates = design(kept.people, study)
    n = kept.counts(kept.people["treated"].notna(), question)
    words = f"contrast at {question.visit.name}, {adjusted(covariates)}"
    if not estimable(kept.people["treated"], covariates.matrix):
        why = "The contrast follows from the covariates, so the data cannot separate the two."
        return _unfitted(why, words, n, covariates)
    try:
        result, caught = fit_visits(question, kept, covariates, visits)
    except DataError as error:  # counts only: the engine refuses what it cannot fit
        why = "; ".join(error.findings) or error.what
        return _unfitted(f"The mixed model cannot be fitted: {why}.", words, n, covariates)
    return _fitted(question, result, covariates, words, n, caught, shared(kept.people["therapist"]))


def _unfitted(sentence, words, n, covariates):
    troubles = (*covariates.troubles, trouble("not-estimable", sentence))
    return Fitted(None, f"Mixed model for repeated measures, {words}", n, troubles=troubles, said=covariates.said)


def fit_visits(question, rows, covariates, visits):
    """Return (mmrm.RepeatedMeasures, warnings caught) of the Rows at `visits` (names, in order). Raises DataError.

    covariates: their Design; the question says which arm is the reference.
    """
    from mmresearch.models.mmrm import mmrm

    frame, names = long_frame(rows, covariates.matrix, visits)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = mmrm(
            frame,
            outcome="outcome",
            patient="patient",
            visit="visit",
            arm="arm",
            reference=question.reference,
            baseline="baseline" if "baseline" in names else None,
            covariates=tuple(name for name in names if name != "baseline"),
            visits=visits,
            therapist="therapist" if shared(rows.people["therapist"]) else None,
        )
    return result, caught


def long_frame(rows, matrix, visits):
    """Return (one row a patient and visit with an outcome, names of the covariate columns).

    Covariates are numbers already (categories as indicators), so that model means stand at their average. Columns get
    neutral names: a covariate may be called anything.
    """
    names = ["baseline" if name == "baseline" else f"covariate {place}" for place, name in enumerate(matrix)]
    wide = pd.concat([matrix.set_axis(names, axis=1), rows.people[["arm", "therapist"]], rows.values[visits]], axis=1)
    long = wide.reset_index(names="patient").melt(["patient", "arm", "therapist", *names], visits, "visit", "outcome")
    return long.dropna(subset=["outcome"]).reset_index(drop=True), names


def _fitted(question, result, covariates, words, n, caught, share):
    """Return the Fitted of the engine's result; `share`: patients share therapists."""
    found, nested = result.contrast(question.arm, question.visit.name), bool(result.fit.nested)
    known = found.estimate is not None and found.standard_error is not None
    contrast = Contrast(found.estimate, found.standard_error, found.df) if known else None
    means = {arm: result.mean(arm, question.visit.name).estimate for arm in n} if known else {}
    # only the arm whose effect is claimed needs three therapists; the assembly looks at that for every method
    theirs = [each for each in result.troubles if each.code != "therapists-few"]
    ours = (*warned(caught), *few_df(contrast.df if known else None), *unmodelled(share and not nested))
    model = f"{result.model.rstrip('.')}; {words}"
    return Fitted(contrast, model, n, means, nested, (*covariates.troubles, *theirs, *ours), covariates.said)
