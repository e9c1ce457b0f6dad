"""An interaction: does the contrast of arms depend on a baseline column? The column, and whether the study can say."""

import pandas as pd

from mmresearch.models.needs import NEEDS
from mmresearch.models.table import kind


def match_modifier(analysis, dataset, lacks):
    """Add a lack where the study does not record the claim's modifier, or not in a form the method reads."""
    name, form_needed = analysis.modifier, NEEDS[analysis.method].modifier
    if name in (None, "baseline") or form_needed is None:
        return
    patients = dataset.patients
    if name not in patients or patients[name].isna().all():
        lacks["no-modifier"] = (
            f"The claim asks whether the difference depends on '{name}', "
            "which this study does not record for its patients."
        )
        return
    values = cut(patients[name], analysis.modifier_at_least)
    levels, form = values.nunique(), kind(name, values, dataset.study)
    if levels == 1:
        lacks["no-modifier"] = (
            f"The claim asks whether the difference depends on '{name}', which is the same for all patients here."
        )
    elif form_needed != "contrast":
        return
    elif form == "category" and levels != 2:
        lacks["method-not-built"] = f"Not built yet: an interaction with {levels} categories ('{name}')."
    elif analysis.measure == "mean-difference" and levels != 2:
        lacks["method-not-built"] = (
            f"Not built yet: a difference of mean differences along the number '{name}'; a slope is."
        )


def cut(values, at_least):
    """Return a number made two groups (1: at least so much), or the values as they are."""
    if at_least is None:
        return values
    numbers = pd.to_numeric(values, errors="coerce").astype(float)
    return (numbers >= at_least).astype(float).where(numbers.notna())


def modifier_column(people, analysis, study):
    """Return (column, words): the modifier as numbers, NaN where missing, and what one unit of it is.

    A number stays a number and is centred at its mean, or is cut in two where the claim says at how much; two
    categories become 0 and 1, in sorted order.
    """
    name, values = analysis.modifier, people[analysis.modifier]
    if analysis.modifier_at_least is not None:
        return cut(values, analysis.modifier_at_least), f"{name} (at least {analysis.modifier_at_least:g} minus less)"
    if kind(name, values, study) == "number":
        numbers = pd.to_numeric(values, errors="coerce").astype(float)
        return numbers - numbers.mean(), f"{name} (per unit)"
    levels = sorted(values.dropna().astype(str).unique())
    return values.map(lambda value: float(str(value) == levels[-1]), na_action="ignore").astype(
        float
    ), f"{name} ({levels[-1]} minus {levels[0]})"
