"""The mediator of a claim in one study: at which visit it was measured, and the patients with it and the outcome."""

from dataclasses import dataclass, field

import pandas as pd

from mmresearch.models.table import gather
from mmresearch.models.troubles import trouble
from mmresearch.models.wording import counted

AT_BASELINE = "mediator at baseline"


def mediator_visit(analysis, dataset, arms, judged):
    """Return the Visit at which the mediator is taken, or None where no visit has it in every arm compared.

    The latest before the judged one, because a cause comes first; else the judged one itself.
    """
    rows = dataset.with_arms(dataset.measured(analysis.mediator))
    had = rows.groupby("visit")["arm"].agg(set)
    fitting = [visit for visit in dataset.study.visits
               if 0 < visit.day <= judged.day and set(arms) <= had.get(visit.name, set())]
    before = [visit for visit in fitting if visit.day < judged.day]
    return max(before, key=lambda visit: visit.day) if before else fitting[0] if fitting else None


def match_mediator(analysis, dataset, pair, outcome, lacks):
    """Add a lack where the study did not measure the claim's mediator by the judged visit in the groups compared."""
    if analysis.mediator is None or outcome is None or pair is None:
        return
    if mediator_visit(analysis, dataset, pair[:2], outcome.visit) is None:
        name = dataset.instrument(analysis.mediator).name
        lacks["no-instrument"] = (
            f"The claim is about an effect through {name}, which the study did not measure after baseline, "
            f"by {outcome.visit.name}, in the groups compared."
        )


@dataclass(frozen=True, eq=False)
class Between:
    """Patients with mediator and outcome. people: as in Rows, and the mediator's baseline where it has one.

    rows: all of the question's Rows; kept: of these, who has both; visit: where the mediator was taken
    """

    rows: object = field(repr=False)
    people: pd.DataFrame = field(repr=False)
    mediator: pd.Series = field(repr=False)
    outcome: pd.Series = field(repr=False)
    visit: object
    troubles: tuple = ()
    said: tuple = ()


def gather_both(question, dataset):
    """Return the Between of a Question whose mediator was matched."""
    rows, analysis = gather(question, dataset), question.analysis
    visit = mediator_visit(analysis, dataset, question.arms, question.visit)
    table = dataset.wide(analysis.mediator).reindex(rows.people.index).astype(float)
    mediator, outcome = table[visit.name], rows.values[question.visit.name]
    both = mediator.notna() & outcome.notna()
    people, start = rows.people[both], dataset.study.baseline
    if start is not None and start.name in table:
        people = people.assign(**{AT_BASELINE: table.loc[both, start.name]})
    lost = int((outcome.notna() & mediator.isna()).sum())
    name = dataset.instrument(analysis.mediator).id
    said = (f"{name} was taken at {visit.name}, {question.instrument.id} at {question.visit.name}.",)
    said += (f"{counted(lost, 'patient')} with {question.instrument.id} but without {name} left out.",) * (lost > 0)
    troubles = ()
    if visit == question.visit:
        text = f"{name} was measured at the same visit as {question.instrument.id}: which came first is not known."
        troubles = (trouble("mediator-not-before", text),)
    return Between(rows, people, mediator[both], outcome[both], visit, troubles, said)
