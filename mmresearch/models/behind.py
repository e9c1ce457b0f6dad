"""The patients behind an estimate, by arm: what a release is checked against. Stays inside."""

from dataclasses import dataclass, field

from mmresearch.estimate import Lack
from mmresearch.models.matching import threshold
from mmresearch.models.modifiers import cut
from mmresearch.models.question import ask
from mmresearch.models.table import design, gather, kind


@dataclass(frozen=True)
class BehindEstimate:
    """Who stands behind one Estimate; prints as nothing.

    asked       arm -> patients of the claim's population in it
    observed    arm -> those of them with what is judged
    analysed    arm -> those the analysis used; equal to one of the groups above, or patients with any follow-up
    values      patient -> the judged value, where there is one a patient
    parameters  columns of the model: intercept, arm, covariates
    groups      the patients of each arm and level of a modifier that has levels: what its coefficient compares
    about       words for what is judged: estimates about the same can be subtracted from each other
    """

    asked: dict = field(repr=False)
    observed: dict = field(repr=False)
    analysed: dict = field(repr=False)
    values: dict = field(repr=False)
    groups: tuple = field(default=(), repr=False)
    parameters: int = 2
    about: str = ""


def patients_behind(claim, dataset, counted):
    """Return the BehindEstimate of a claim that this study answers, None of one it does not.

    counted: arm -> patients the Estimate says it analysed. `analysed` is the group of that size; where none is, those
    observed, because a smaller group is the stricter one.
    """
    question = ask(claim, dataset)
    if isinstance(question, Lack):
        return None
    asked = {arm: dataset.of_arm(arm) & frozenset(question.patients) for arm in question.arms}
    observed = {arm: who & question.observed for arm, who in asked.items()}
    followed = {arm: who & _followed(question, dataset) for arm, who in asked.items()}
    analysed = {arm: next((group[arm] for group in (asked, observed, followed) if len(group[arm]) == counted.get(arm)),
                          observed[arm]) for arm in asked}
    return BehindEstimate(asked, observed, analysed, _values(question, dataset),
                          _groups(question, dataset, analysed), _parameters(question, dataset), _about(question))


def _followed(question, dataset):
    if not question.follow_ups:
        return question.observed
    wide = dataset.wide(question.instrument.id).reindex(columns=[visit.name for visit in question.follow_ups])
    return frozenset(wide.index[wide.notna().any(axis=1)])


def _values(question, dataset):
    if question.visit is None:
        return {}
    rows = dataset.measured(question.instrument.id)
    rows = rows[(rows["visit"] == question.visit.name) & rows["patient"].isin(question.patients)]
    return dict(zip(rows["patient"], rows["value"].astype(float)))


def _groups(question, dataset, analysed):
    name = question.analysis.modifier
    if name is None or name not in dataset.patients or question.analysis.method == "variance":  # of random effects
        return ()
    values = cut(dataset.patients.set_index("patient")[name], question.analysis.modifier_at_least).dropna()
    if question.analysis.modifier_at_least is None and kind(name, values, dataset.study) == "number":
        return ()
    levels = [frozenset(values.index[values == level]) for level in values.unique()]
    return tuple(who & level for who in analysed.values() for level in levels)


def _parameters(question, dataset):
    if not question.analysis.adjusted:
        return 2
    if question.visit is not None:
        people = gather(question, dataset).people
    else:
        people = dataset.patients.set_index("patient").loc[list(question.patients)]
        people = people.assign(treated=(people["arm"] == question.arm).astype(float))
    return 2 + design(people, dataset.study).matrix.shape[1]


def _about(question):
    """Population and arms are left out: they are what differs between two numbers that can be subtracted."""
    analysis, when = question.analysis, question.visit.name if question.visit else str(question.window)
    reached = threshold(analysis, question.instrument) if analysis.measure in ("risk-difference", "proportion") else ""
    parts = (question.instrument.id, when, analysis.method, analysis.measure, reached or "", analysis.modifier or "")
    return "; ".join(str(part) for part in parts)
