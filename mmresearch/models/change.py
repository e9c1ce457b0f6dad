"""Method `change`: how much more an outcome changed in the arm than in the reference arm, at the judged visit.

Adjusted for the outcome's baseline, the study's covariates and its strata. `ancova`: the judged visit alone, among
patients observed there. `mmrm`: all follow-up visits together, among patients observed at one of them. Only the two
arms compared enter: a third arm would lend its variance, and a claim's answer would depend on who else was studied.
"""

from mmresearch.estimate import Lack
from mmresearch.models.assembly import assemble
from mmresearch.models.co_primary import fit_others
from mmresearch.models.least_squares import ancova
from mmresearch.models.mixed import mixed_model
from mmresearch.models.question import ask
from mmresearch.models.rescue import choose_rows
from mmresearch.models.robustness import set_beside
from mmresearch.models.table import gather

FITS = {"ancova": ancova, "mmrm": mixed_model}


def fit(claim, dataset):
    """Return the Estimate of the difference in means (or, with a modifier, of the interaction), or the Lack.

    Positive: higher in the arm than in the reference arm, in the instrument's unit, whichever side is better.
    """
    question = ask(claim, dataset)
    if isinstance(question, Lack):
        return question
    rows, otherwise = choose_rows(question, dataset, gather(question, dataset))
    fitted = FITS[question.model](question, rows, dataset.study)
    beside = set_beside(question, dataset, rows, fitted, FITS, otherwise)
    others = fit_others(question, dataset, ask, FITS, fitted.contrast)
    return assemble(
        question, dataset, rows, fitted, p=others.p, said=others.said, robustness=beside.lines,
        derived=(*others.derived, *beside.derived), troubles=(*others.troubles, *beside.troubles),
    )
