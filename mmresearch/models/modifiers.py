"""An interaction: does the contrast of arms depend on a baseline column? The column, and whether the study can say."""

import pandas as pd

from mmresearch.models.table import kind


def match_modifier(analysis, dataset, lacks):
    """Add a lack where the study does not record the claim's modifier, or not in a form the method reads."""
    name = analysis.modifier
    if name in (None, "baseline"):
        return
    patients = dataset.patients
    if name not in patients or patients[name].isna().all():
        lacks["no-modifier"] = (f"The claim asks whether the difference depends on '{name}', "
                                "which this study does not record for its patients.")
        return
    levels, form = patients[name].nunique(), kind(name, patients[name], dataset.study)
    if form == "category" and levels != 2:
        lacks["method-not-built"] = f"Not built yet: an interaction with {levels} categories ('{name}')."
    elif analysis.measure == "mean-difference" and levels != 2:
        lacks["method-not-built"] = f"Not built yet: a difference of mean differences along the number '{name}'; a slope is."


def modifier_column(people, name, study):
    """Return (column, words): the modifier as numbers, NaN where missing, and what one unit of it is.

    A number stays a number and is centred at its mean; two categories become 0 and 1, in sorted order.
    """
    values = people[name]
    if kind(name, values, study) == "number":
        numbers = pd.to_numeric(values, errors="coerce").astype(float)
        return numbers - numbers.mean(), f"{name} (per unit)"
    levels = sorted(values.dropna().astype(str).unique())
    return values.map(lambda value: float(str(value) == levels[-1]), na_action="ignore").astype(float), \
        f"{name} ({levels[-1]} minus {levels[0]})"
