"""The mixed model for repeated measures behind the method `change`: all follow-ups together, the judged one contrasted.

Unstructured covariance of a patient's visits, REML, Kenward-Roger; arm by visit, baseline by visit, the study's
covariates and strata besides; therapists as a random effect of the arms they treat in. An interaction is arm by
modifier by visit, its contrast the coefficient at the judged visit. Engine: mmresearch.models.mmrm.
"""

import warnings
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from mmresearch.errors import DataError
from mmresearch.models.analysis_set import tell_therapists
from mmresearch.models.clusters import shared
from mmresearch.models.inference import Contrast
from mmresearch.models.least_squares import Fitted, adjusted, analysed, counting, few_df, unmodelled, unmodified
from mmresearch.models.modifiers import modifier_column
from mmresearch.models.table import design, estimable
from mmresearch.models.troubles import trouble, warned

PRODUCT = "treated by modifier"
LIMIT = ", degrees of freedom at most therapists - 2"
OWN = ("baseline", "modifier", PRODUCT)  # columns that keep their names


@dataclass(frozen=True, eq=False)
class Crossing:
    """What an interaction adds: columns (the modifier, where no covariate is it already; its product with the arm), the
    names of columns that get a coefficient at each visit, and words. Empty where the claim asks for none."""

    columns: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)
    by_visit: frozenset = frozenset()
    words: str = ""

    def judged(self, people):
        """The column whose coefficient is the answer."""
        return people["treated"] if self.columns.empty else self.columns[PRODUCT]

    def others(self, people, covariates):
        """The columns beside it."""
        if self.columns.empty:
            return covariates.matrix
        return pd.concat([covariates.matrix, people[["treated"]], self.columns.drop(columns=PRODUCT)], axis=1)


def _crossing(question, people, covariates, study):
    name = question.analysis.modifier
    if not name:
        return Crossing()
    modifier, words = modifier_column(people, question.analysis, study)
    main = {"modifier": modifier} if estimable(modifier, covariates.matrix) else {}
    columns = pd.DataFrame({**main, PRODUCT: people["treated"] * modifier})
    its_own = {each for each in covariates.matrix if each == name or each.startswith(f"{name}=")}
    return Crossing(columns, frozenset({*columns, *its_own}), f", with arm by {words}, by visit")


def mixed_model(question, rows, study):
    """Return the Fitted mixed model of all follow-ups, among patients observed at one of them.

    Where it is the registered model and missing is `complete-case`, among patients observed at all of them; for an
    interaction, with a recorded modifier.
    """
    whole = question.model == "mmrm" and question.analysis.missing == "complete-case"
    return replace(_fit_mixed(question, rows, study, whole), without=_without(question, whole))


def _without(question, whole):
    """What patients lack who do not enter, as it follows `the others have`."""
    name = counting(question)
    if whole:
        return f"a visit after baseline without a value of {name}, and complete cases were registered" \
            f"{unmodified(question)}"
    return f"no value of {name} after baseline, and without one there is nothing of theirs for a mixed model to use" \
        f"{unmodified(question)}"


def _fit_mixed(question, rows, study, whole):
    visits = [visit.name for visit in question.follow_ups]
    seen = rows.values[visits].notna()
    seen = seen.all(axis=1) if whole else seen.any(axis=1)
    known, left_out = analysed(question, rows, seen.where(seen).astype(float))
    kept = rows.kept(known)
    covariates = design(kept.people, study)
    told = tell_therapists(kept.people, question.arms, study)
    covariates = replace(covariates, said=(*told, *covariates.said, *left_out))
    crossing = _crossing(question, kept.people, covariates, study)
    n = kept.counts(kept.people["treated"].notna(), question)
    words = f"contrast at {question.visit.name}, {adjusted(covariates)}{crossing.words}"
    if not estimable(crossing.judged(kept.people), crossing.others(kept.people, covariates)):
        why = "The contrast follows from the covariates, so the data cannot separate the two."
        return _unfitted(why, words, n, covariates)
    try:
        result, caught = fit_visits(question, kept, covariates, visits, crossing)
    except DataError as error:  # counts only: the engine refuses what it cannot fit
        why = "; ".join(error.findings) or error.what
        return _unfitted(f"The mixed model cannot be fitted: {why}.", words, n, covariates)
    share = shared(kept.people["therapist"])
    found, means = _answer(question, result, crossing)
    if crossing.words:  # the limit is for comparisons of arms, which differ between therapists alone
        result = replace(result, model=result.model.replace(LIMIT, ""))
    return _fitted(found, means, result, covariates, words, n, caught, share)


def _unfitted(sentence, words, n, covariates):
    troubles = (*covariates.troubles, trouble("not-estimable", sentence))
    return Fitted(None, f"Mixed model for repeated measures, {words}", n, troubles=troubles, said=covariates.said)


def fit_visits(question, rows, covariates, visits, crossing=None):
    """Return (mmrm.RepeatedMeasures, warnings caught) of the Rows at `visits` (names, in order). Raises DataError.

    covariates: their Design; the question says which arm is the reference; crossing: of an interaction.
    """
    from mmresearch.models.mmrm import mmrm

    crossing = crossing or Crossing()
    frame, names = long_frame(rows, pd.concat([covariates.matrix, crossing.columns], axis=1), visits)
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
            by_visit=tuple(name for name, original in names.items() if original in crossing.by_visit),
            visits=visits,
            therapist="therapist" if shared(rows.people["therapist"]) else None,
        )
    return result, caught


def long_frame(rows, matrix, visits):
    """Return (one row a patient and visit with an outcome, {name of a covariate column: its name in `matrix`}).

    Covariates are numbers already (categories as indicators), so that model means stand at their average. Columns get
    neutral names: a covariate may be called anything.
    """
    names = {name if name in OWN else f"covariate {place}": name for place, name in enumerate(matrix)}
    people = rows.people[["arm", "therapist"]]
    wide = pd.concat([matrix.set_axis(list(names), axis=1), people, rows.values[visits]], axis=1)
    long = wide.reset_index(names="patient").melt(["patient", "arm", "therapist", *names], visits, "visit", "outcome")
    return long.dropna(subset=["outcome"]).reset_index(drop=True), names


def _answer(question, result, crossing):
    """Return (the engine's contrast, LS means of the arms): of the arms, or of arm by modifier, which has no means."""
    visit = question.visit.name
    if not crossing.columns.empty:
        return _coefficient(result, f"{PRODUCT}:visit[{visit}]"), {}
    return result.contrast(question.arm, visit), {arm: result.mean(arm, visit).estimate for arm in question.arms}


def _coefficient(result, name):
    """One coefficient as the engine gives contrasts: with CR2 errors where a fallback covariance was used."""
    from mmresearch.models.mmrm import cluster_sums

    fit = result.fit
    row = np.array([float(each == name) for each in fit.names])
    if fit.structure == fit.asked:
        return fit.contrast(row, name)
    codes, what = (result.therapists.codes, "therapists") if fit.nested else (None, "patients")
    return cluster_sums(fit, codes).contrasts(fit, row, [name], what)[0]


def _fitted(found, means, result, covariates, words, n, caught, share):
    """Return the Fitted of the engine's result; `share`: patients share therapists."""
    nested = bool(result.fit.nested)
    known = found.estimate is not None and found.standard_error is not None
    contrast = Contrast(found.estimate, found.standard_error, found.df) if known else None
    means = means if known else {}
    # only the arm whose effect is claimed needs three therapists; the assembly looks at that for every method
    theirs = [each for each in result.troubles if each.code != "therapists-few"]
    if not known and not any(each.severity == "serious" for each in theirs):
        theirs.append(trouble("not-estimable", "The data do not determine the contrast."))
    ours = (*warned(caught), *few_df(contrast.df if known else None), *unmodelled(share and not nested))
    model = f"{result.model.rstrip('.')}; {words}"
    return Fitted(contrast, model, n, means, nested, (*covariates.troubles, *theirs, *ours), covariates.said)
