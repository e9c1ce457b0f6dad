"""Claims that ask the same share one fit: each Dataset remembers what was already found of it."""

from dataclasses import replace
from weakref import WeakKeyDictionary

_FOUND = WeakKeyDictionary()  # Dataset -> {what was asked: the Estimate, or the method's Lack}


def share(question, dataset, fit):
    """Return the Estimate of a Question, fitting only what nobody asked of this Dataset before.

    fit: called without arguments; what it raises is not remembered.
    """
    found, asked = _FOUND.setdefault(dataset, {}), same(question)
    if asked not in found:
        found[asked] = fit()
    return replace(found[asked], claim=question.claim.id)


def same(question):
    """Return what claims must have in common to share an estimate: estimand, hypothesis, null, side, the match's notes.

    Their magnitudes and words may differ: these are the verdict's.
    """
    analysis = question.analysis
    return (question.estimand, analysis.method, analysis.hypothesis, analysis.null, question.direction, question.margin,
            question.notes)
