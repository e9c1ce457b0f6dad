"""What an estimate of the method `change` can bear: the fixed set of analyses beside the registered one.

Always these, in this order, registered before data were seen; one that a study cannot have is left out: the other
model; multiple imputation under missing at random; patients who left the arm worse than assumed by the margin; the same
patients as if in the reference arm; without covariates; per protocol; rescue medication the other way; permutation of
the arms. The first, fifth, sixth and seventh fit a model again; the others follow from completed outcomes, or sums.
"""

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from mmresearch.estimate import Robustness
from mmresearch.models.dropouts import imputed_lines
from mmresearch.models.permutation import permuted_line
from mmresearch.models.protocol import kept_to_protocol
from mmresearch.models.table import design
from mmresearch.models.troubles import trouble
from mmresearch.models.wording import join

OTHER_MODEL = {
    "ancova": ("mmrm", "mixed model over all follow-ups"),
    "mmrm": ("ancova", "complete cases: analysis of covariance, patients observed at the visit"),
}
ORDER = (
    "complete cases",
    "mixed model",
    "multiple imputation",
    "patients who left",
    "jump to reference",
    "without covariates",
    "per protocol",
    "rescue medication",
    "permutation",
)
_WANTED = ContextVar("robustness", default=True)


@contextmanager
def registered_alone():
    """Within it nothing is fitted beside the registered analyses: for simulations of these alone."""
    token = _WANTED.set(False)
    try:
        yield
    finally:
        _WANTED.reset(token)


def beside_wanted():
    """True unless simulations asked for the registered analysis alone."""
    return _WANTED.get()


@dataclass(frozen=True)
class Beside:
    """What stands beside an estimate: lines (Robustness), derived (the tipping point), troubles."""

    lines: tuple = ()
    derived: tuple = ()
    troubles: tuple = ()


def set_beside(question, dataset, rows, fitted, fits, otherwise=()):
    """Return the Beside of a fitted Question about a visit; empty where the registered contrast has no value.

    rows: its Rows; fitted: its Fitted; fits: model -> function of (question, rows, study) that fits it; otherwise:
    (words, Rows) of the other way that intercurrent events can count.
    """
    if fitted.contrast is None or not beside_wanted():
        return Beside()
    study, level = dataset.study, 1 - dataset.study.alpha
    again = [
        *_other_model(question, rows),
        *_without_covariates(question, rows, study),
        *_per_protocol(question, dataset, rows),
        *((words, question.model, other, None) for words, other in otherwise),
    ]
    others = [(words, fits[model](question, kept, plan or study)) for words, model, kept, plan in again]
    refits = {f"{words}{_ignoring(other, fitted)}": _ends(other, level) for words, other in others}
    lines, derived = imputed_lines(question, rows, study, level)
    lines |= {words: line for words, line in refits.items() if line} | permuted_line(question, rows, study, level)
    failed = [words for words, line in refits.items() if not line]
    said = f"Not fitted beside the registered analysis: {join(failed)}."
    ranked = sorted(lines.items(), key=lambda line: _rank(line[0]))
    return Beside(
        tuple(Robustness(words, *ends) for words, ends in ranked),
        derived,
        (trouble("robustness-not-fitted", said),) if failed else (),
    )


def _rank(words):
    return next(place for place, start in enumerate(ORDER) if words.startswith(start))


def _ignoring(other, fitted):
    """What the name of another fit says where it had too few therapists to account for them and `fitted` had not."""
    left = any(each.code == "therapists-not-modelled" for each in other.troubles)
    return ", therapists ignored" if left and fitted.clustered else ""


def _ends(other, level):
    """Return (point, low, high) of another fit, or None where it gave none to trust."""
    if other.contrast is None or any(each.severity == "serious" for each in other.troubles):
        return None
    return other.contrast.point, *other.contrast.interval(level)


def _other_model(question, rows):
    """Yield (words, model, rows, plan) of the model that is not the registered one; with several follow-ups."""
    if len(question.follow_ups) > 1:
        model, words = OTHER_MODEL[question.model]
        yield words, model, rows, None


def _without_covariates(question, rows, study):
    """The registered model with the outcome's baseline alone; none where that is the registered one."""
    if set(design(rows.people, study).names) - {"baseline"}:
        plain = study.model_copy(update={"covariates": (), "strata": ()})
        yield "without covariates other than the outcome's baseline", question.model, rows, plain


def _per_protocol(question, dataset, rows):
    found = kept_to_protocol(question, dataset)
    kept = found[0].reindex(rows.people.index) if found else None
    if found and not kept.all():
        yield found[1], question.model, rows.kept(kept), None
