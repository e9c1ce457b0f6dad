"""The mixed model for repeated measures behind the method `change`: all follow-ups together, the judged one contrasted.

Unstructured covariance of a patient's visits, REML, Kenward-Roger; arm by visit, baseline by visit, the study's
covariates and strata besides; therapists as a random effect of the arms they treat in. Engine: mmresearch.models.mmrm.
"""

import warnings

import pandas as pd

from mmresearch.errors import DataError
from mmresearch.models.clusters import shared
from mmresearch.models.inference import Contrast
from mmresearch.models.least_squares import Fitted, adjusted, few_df
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
    words = (
        f"mixed model for repeated measures over {len(visits)} follow-ups, contrast at {question.visit.name}, "
        f"{adjusted(covariates)}"
    )
    if not estimable(kept.people["treated"], covariates.matrix):
        said = trouble(
            "not-estimable", "The contrast follows from the covariates, so the data cannot separate the two."
        )
        return Fitted(None, words, n, troubles=(*covariates.troubles, said), said=covariates.said)
    try:
        result, caught = _fit(question, kept, covariates, visits)
    except DataError as error:  # counts only: the engine refuses what it cannot fit
        said = trouble("not-estimable", f"The mixed model cannot be fitted: {'; '.join(error.findings) or error.what}.")
        return Fitted(None, words, n, troubles=(*covariates.troubles, said), said=covariates.said)
    return _fitted(question, result, covariates, words, n, kept.people, caught)


def _fit(question, rows, covariates, visits):
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


def _fitted(question, result, covariates, words, n, people, caught):
    found = result.contrast(question.arm, question.visit.name)
    contrast = (
        None
        if found.estimate is None or found.standard_error is None
        else Contrast(found.estimate, found.standard_error, found.df)
    )
    means = {arm: result.mean(arm, question.visit.name).estimate for arm in n} if contrast else {}
    troubles = (*covariates.troubles, *result.troubles, *warned(caught), *few_df(contrast.df if contrast else None))
    return Fitted(
        contrast, f"{words}; {result.model}", n, means, shared(people["therapist"]), troubles, covariates.said
    )
