"""Exploratory strata: the registered analysis among the patients with one level of a column, and nothing else changed.

What the claim was matched to in the whole study (arms, instrument, visit, model) is kept, so that a stratum answers the
same question of fewer patients. A stratum too small for the registered analysis is named and not run.
"""

from mmresearch.claims.records import Filter
from mmresearch.errors import UsageError, nearest
from mmresearch.estimate import Lack
from mmresearch.models.question import FEWEST, ask
from mmresearch.models.table import kind
from mmresearch.strata import Split

NEVER = {  # column: why it divides nothing
    "patient": "is who somebody is", "arm": "is what is compared",
    "therapist": "follows from a patient's arm, so its strata say nothing of a difference between arms",
}
TOO_SMALL = f"fewer than {FEWEST} patients in an arm"


def split_patients(dataset, column):
    """Return the Split of a study's patients by a column of categories.

    Raises UsageError, with the columns there are, where it is unknown, a number, or the same for all patients.
    """
    patients, able = dataset.patients, divisible(dataset)
    there = f"This study can be divided by {', '.join(able) or 'nothing'}."
    if column in able:
        return Split(column, _levels(patients[column]), int(patients[column].isna().sum()))
    if column in NEVER:
        what = NEVER[column]
    elif column not in patients or patients[column].isna().all():
        what = f"is not recorded.{nearest(column, able)}"
    elif len(_levels(patients[column])) < 2:
        what = "is the same for all patients"
    else:
        what = "is a number: strata need categories, and a cut chosen now would be chosen by what was seen"
    raise UsageError("--by", f"'{column}' {what}", remedy=there)


def divisible(dataset):
    """Return the names of the columns by which a study's patients can be divided."""
    patients = dataset.patients
    return tuple(name for name in patients if name not in NEVER and len(_levels(patients[name])) > 1
                 and kind(name, patients[name], dataset.study) == "category")


def _levels(values):
    return tuple(sorted(values.dropna().astype(str).unique()))


def divide(question, dataset, split):
    """Return ({level: Question or why it is not asked}, why the claim is not divided): one of the two is empty.

    Levels without a patient of the question are left out. The reasons hold no count of patients below FEWEST.
    """
    if question.analysis.modifier:
        return {}, "the claim is itself about what its effect depends on"
    patients = dataset.patients
    levels = _levels(patients.loc[patients["patient"].isin(question.patients), split.column])
    if len(levels) < 2:
        return {}, f"all patients the claim is about are of one stratum ({', '.join(levels) or 'not recorded'})"
    asked = {level: ask(stratify(question, split.column, level), dataset) for level in levels}
    return {level: TOO_SMALL if isinstance(each, Lack) else each for level, each in asked.items()}, ""


def stratify(question, column, level):
    """Return the question's Claim about one stratum, fixed to the instrument, visit and model it was matched to."""
    analysis = question.analysis
    where = (*analysis.population.where, Filter(column=column, equals=level))
    window = (question.visit.day, question.visit.day) if question.visit else question.window
    fixed = {"population": analysis.population.model_copy(update={"where": where}),
             "instruments": (question.instrument.id,), "windows": (window,)}
    model = {"model": question.model} if question.model else {}
    return question.claim.model_copy(update={"analysis": analysis.model_copy(update=fixed | model)})
