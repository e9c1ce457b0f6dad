"""Claims that ask the same share one fit: each Dataset remembers what was already found of it."""

from dataclasses import replace
from weakref import WeakKeyDictionary

from mmresearch.models.robustness import beside_wanted

_FOUND = WeakKeyDictionary()  # Dataset -> {what was asked: what was found of it}


def share(question, dataset, fit):
    """Return the Estimate of a Question, fitting only what nobody asked of this Dataset before.

    fit: called without arguments; what it raises is not remembered.
    """
    return replace(once(dataset, (same(question), beside_wanted()), fit), claim=question.claim.id)


def once(dataset, key, make):
    """Return what `make` gave the first time for this Dataset and key: nobody may change what it returns."""
    found = _FOUND.setdefault(dataset, {})
    if key not in found:
        found[key] = make()
    return found[key]


def same(question):
    """Return what claims must have in common to share an estimate: estimand, hypothesis, null, side, the match's notes.

    Their magnitudes and words may differ: these are the verdict's.
    """
    analysis = question.analysis
    return (question.estimand, analysis.method, analysis.hypothesis, analysis.null, question.direction, question.margin,
            question.notes)
