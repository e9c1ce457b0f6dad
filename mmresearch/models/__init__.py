"""One method, one file; what a claim means in this study; the fit. Only here statsmodels and kin."""

from importlib import import_module

from mmresearch.estimate import Lack
from mmresearch.models.assembly import give_up
from mmresearch.models.needs import MODULES as METHODS
from mmresearch.models.question import Question, ask
from mmresearch.models.sharing import share
from mmresearch.models.troubles import TROUBLES

__all__ = ["METHODS", "Question", "TROUBLES", "ask", "fit", "give_up"]


def fit(claim, dataset):
    """Return the Estimate of a claim in one study, or the Lack that says why there is none.

    claim: Claim; dataset: Dataset. Raises nothing for a poor fit: its troubles are in the Estimate. Claims that ask the
    same of one Dataset (equal estimand, hypothesis, null and side) share one fit.
    """
    asked = ask(claim, dataset)
    if isinstance(asked, Lack):
        return asked
    method = import_module(METHODS[claim.analysis.method])
    return share(asked, dataset, lambda: method.fit(claim, dataset))
