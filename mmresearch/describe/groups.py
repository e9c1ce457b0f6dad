"""Summaries of one column by arm: the arithmetic below every description."""

import math

from mmresearch.describe.records import ArmCount, Cell


def count_arms(dataset, patients=None):
    """Return one ArmCount an arm, in the study's order, of `patients` (default: the analysis set)."""
    arms = chosen(dataset, patients)["arm"].value_counts()
    return tuple(ArmCount(name, arm.label, int(arms.get(name, 0)), arm.reference)
                 for name, arm in dataset.study.arms.items())


def chosen(dataset, patients=None):
    """Return the rows of `patients` (a collection of pseudonyms) in the patients table; all of them by default."""
    table = dataset.patients
    return table if patients is None else table[table["patient"].isin(set(patients))]


def measure_mean(values):
    """Return n, mean and SD (n - 1) of the values that are not missing, as a Cell."""
    known = values.dropna().astype(float)
    return Cell(len(known), finite(known.mean()), finite(known.std(ddof=1)))


def count_level(values, level):
    """Return how many of the values that are not missing are `level`, as a Cell."""
    known = values.dropna()
    return Cell(len(known), count=int((known == level).sum()))


def by_arm(table, arms, summarise):
    """Return summarise(rows) for each arm of `arms`, then for all of them."""
    groups = [table[table["arm"] == arm.name] for arm in arms]
    return tuple(summarise(group) for group in [*groups, table])


def finite(value):
    """Return a plain float, or None where a summary of too few values does not exist."""
    return float(value) if value is not None and math.isfinite(value) else None
