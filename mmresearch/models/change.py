"""Method `change`: how much more an outcome changed in the arm than in the reference arm, at the judged visit.

Adjusted for the outcome's baseline, the study's covariates and its strata. `ancova`: the judged visit alone, among
patients observed there. `mmrm`: all follow-up visits together, among patients observed at one of them. Only the two
arms compared enter: a third arm would lend its variance, and a claim's answer would depend on who else was studied.
"""

from mmresearch.estimate import Lack, Robustness
from mmresearch.models.assembly import assemble
from mmresearch.models.least_squares import ancova
from mmresearch.models.mixed import mixed_model
from mmresearch.models.question import ask
from mmresearch.models.table import gather
from mmresearch.models.troubles import trouble

FITS = {"ancova": ancova, "mmrm": mixed_model}
BESIDE = {
    "ancova": ("mmrm", "mixed model over all follow-ups"),
    "mmrm": ("ancova", "analysis of covariance, patients observed at the visit"),
}


def fit(claim, dataset):
    """Return the Estimate of the difference in means (or, with a modifier, of the interaction), or the Lack.

    Positive: higher in the arm than in the reference arm, in the instrument's unit, whichever side is better.
    """
    question = ask(claim, dataset)
    if isinstance(question, Lack):
        return question
    rows = gather(question, dataset)
    fitted = FITS[question.model](question, rows, dataset.study)
    beside, troubles = _robustness(question, rows, dataset.study, fitted)
    return assemble(question, dataset, rows, fitted, robustness=beside, troubles=troubles)


def _robustness(question, rows, study, fitted):
    """The other model beside the registered one; none for interactions, nor beside a contrast that has no value."""
    if fitted.contrast is None or question.analysis.modifier or len(question.follow_ups) < 2:
        return (), ()
    model, words = BESIDE[question.model]
    other = FITS[model](question, rows, study)
    if other.contrast is None or any(each.severity == "serious" for each in other.troubles):
        return (), (
            trouble("robustness-not-fitted", f"The {words} could not be fitted beside the registered analysis."),
        )
    low, high = other.contrast.interval(1 - study.alpha)
    return (Robustness(words, other.contrast.point, low, high),), ()
