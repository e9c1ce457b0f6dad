"""One method, one file; what a claim means in this study; the fit. Only here statsmodels and kin."""

from dataclasses import replace
from importlib import import_module

from mmresearch.estimate import Lack
from mmresearch.models.assembly import give_up
from mmresearch.models.needs import MODULES as METHODS
from mmresearch.models.question import Question, ask
from mmresearch.models.robustness import registered_alone
from mmresearch.models.sharing import share
from mmresearch.models.strata import divide, divisible, split_patients
from mmresearch.models.troubles import TROUBLES

__all__ = ["METHODS", "Question", "TROUBLES", "ask", "compare_strata", "divide", "divisible", "fit", "fit_stratum",
           "give_up", "split_patients"]


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


def fit_stratum(question, dataset):
    """Return the Estimate of a stratum's Question (`divide` asks it), without p: it is outside every family; or a Lack.

    The registered analysis alone: what stands beside it is about the registered estimand.
    """
    with registered_alone():
        found = fit(question.claim, dataset)
    return found if isinstance(found, Lack) else replace(found, claim=question.claim.id, p_value=None)


def compare_strata(question, dataset, column, estimates):
    """Return the Interaction of a Question's contrast with a column: `models/interaction.py` says how it is tested."""
    return import_module("mmresearch.models.interaction").compare_strata(question, dataset, column, estimates)
