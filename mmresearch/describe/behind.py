"""The patients behind every number of a Description: what a release is checked against. Stays inside."""

from dataclasses import dataclass, field

from mmresearch.describe.people import LABELS, _name_of


@dataclass(frozen=True)
class Behind:
    """Who stands behind a Description, and with which values; prints as nothing.

    patients  pseudonyms, in the study's order; arms: arm -> its patients (of a crossover study, of its first period)
    columns   label of a row of Table 1 -> {patient: number, or the level's name}; patients without a value are absent
    measured  (instrument, visit) -> {patient: value}; periods: the same and an arm -> patients measured while in it
    therapists, sites  patient -> label
    baseline  the name of the baseline's visit, where there is one
    """

    patients: tuple = field(repr=False)
    arms: dict = field(repr=False)
    columns: dict = field(repr=False)
    measured: dict = field(repr=False)
    periods: dict = field(repr=False)
    therapists: dict = field(repr=False)
    sites: dict = field(repr=False)
    baseline: str | None = None


def who_is_behind(dataset):
    """Return the Behind of a Dataset, by the same rules as `describe_study` counts."""
    table = dataset.patients
    arms = {name: frozenset(table.loc[table["arm"] == name, "patient"]) for name in dataset.study.arms}
    names = dataset.outcomes["instrument"].dropna().unique()
    measured = {(name, visit): dict(zip(rows["patient"], rows["value"].astype(float)))
                for name in names for visit, rows in dataset.measured(name).groupby("visit")}
    return Behind(tuple(table["patient"]), arms, _columns(dataset, table), measured, _periods(dataset, names),
                  _labels(table, "therapist"), _labels(table, "site"),
                  dataset.study.baseline.name if dataset.study.baseline else None)


def _columns(dataset, table):
    covariates = dict.fromkeys(column.name for file in dataset.study.files.values()
                               for column in file.columns.values() if column.means == "covariate")
    labels = LABELS | {name: name.replace("_", " ").capitalize() for name in covariates}
    return {label: _known(table, name) for name, label in labels.items() if name in table}


def _known(table, column):
    rows = table[table[column].notna()]
    number = column in ("age", "duration_months") or rows[column].dtype.kind == "f"
    return {patient: float(value) if number else _name_of(column, value)
            for patient, value in zip(rows["patient"], rows[column])}


def _periods(dataset, names):
    """Where patients change arms, a visit lies in a period, and a mean by arm is of who was in that arm then."""
    visits, made = {visit.name: visit.period for visit in dataset.study.visits}, {}
    for name in names:
        rows = dataset.measured(name)
        rows = dataset.with_arms(rows.assign(period=rows["visit"].map(visits)))
        made |= {(name, *key): frozenset(part["patient"]) for key, part in rows.groupby(["visit", "arm"])}
    return made


def _labels(table, column):
    return dict(zip(table["patient"], table[column].astype(object))) if column in table else {}
