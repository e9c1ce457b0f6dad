"""The rows and columns a comparison is fitted to: a row a patient, a column a covariate; and how they were made."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from mmresearch.models.troubles import trouble
from mmresearch.models.wording import counted, join

NUMBERS = ("age", "duration_months")
RANK_TOLERANCE = 1e-9  # of columns of length one
CATEGORIES = ("sex", "site", "therapist", "condition", "arm")


@dataclass(frozen=True)
class Rows:
    """The question's patients. people: treated (1 arm, 0 reference), baseline, therapist; values: a column a visit."""

    people: pd.DataFrame = field(repr=False)
    values: pd.DataFrame = field(repr=False)

    def kept(self, mask):
        return Rows(self.people[mask], self.values[mask])

    def counts(self, mask, question):
        """Return arm -> patients for which `mask` holds."""
        return {arm: int((self.people.loc[mask, "arm"] == arm).sum()) for arm in question.arms}


@dataclass(frozen=True)
class Design:
    """Covariate columns without intercept and arm; names: covariates in force; said: sentences for the page."""

    matrix: pd.DataFrame = field(repr=False)
    names: tuple = ()
    said: tuple = ()
    troubles: tuple = ()


def gather(question, dataset):
    """Return the Rows of the question's patients, in the study's order, with missing values as NaN; for a visit.

    Where the claim names visits patients must be observed at, the others are left out.
    """
    patients = dataset.patients.set_index("patient").loc[list(question.patients)]
    values = dataset.wide(question.instrument.id).loc[list(question.patients)].astype(float)
    start = dataset.study.baseline
    baseline = values[start.name] if start is not None and start.name in values else np.nan
    people = patients.assign(treated=(patients["arm"] == question.arm).astype(float), baseline=baseline)
    seen = values.reindex(columns=list(question.analysis.observed_at)).notna().all(axis=1)
    return Rows(people, values).kept(seen)


def design(people, study):
    """Return the Design of a comparison: the outcome's baseline, the study's covariates, its strata as categories.

    `people` without a column `baseline`: of an outcome that cannot have one, such as a time until something happens.
    A missing number is the mean of both arms with an indicator (White and Thompson 2005, Stat Med 24:993), a missing
    category a category of its own. Columns that are constant, or follow from the others, are left out and said.
    """
    matrix, names, said, imputed = pd.DataFrame(index=people.index), [], [], {}
    start = ("baseline",) if "baseline" in people else ()
    for name in dict.fromkeys((*start, *study.covariates, *study.strata)):
        columns, missing = covariate(people[name], name, study) if name in people else (None, 0)
        if columns is None:
            known = name in people and people[name].notna().any()
            said.append(
                f"{_named(name)} is {'the same for everyone analysed' if known else 'not recorded'} and was left out."
            )
            continue
        fresh = columns.loc[:, _independent(matrix, columns)]
        if fresh.empty:
            said.append(f"{_named(name)} follows from the other covariates and was left out.")
            continue
        matrix = pd.concat([matrix, fresh], axis=1)
        names.append(name)
        imputed |= {name: missing} if missing else {}
    return Design(matrix, tuple(names), tuple(said), _imputed(imputed, people, study))


def _named(name):
    return "The outcome's baseline" if name == "baseline" else f"'{name}'"


def _imputed(imputed, people, study):
    said = ()
    if "baseline" in people and people["baseline"].isna().all():
        said = (
            trouble(
                "baseline-missing", "The outcome was not measured at baseline: the comparison is not adjusted for it."
            ),
        )
    if not imputed:
        return said
    counts = join([f"{name} ({counted(count, 'patient')})" for name, count in imputed.items()])
    why = (
        "valid because arms were formed by chance"
        if study.design == "randomised"
        else "and arms were not formed by chance, so this may bias the comparison"
    )
    return (
        *said,
        trouble(
            "covariates-imputed",
            f"Missing at baseline: {counts}; the mean of both arms, or a category of its "
            f"own, stands in, with an indicator: {why}.",
        ),
    )


def covariate(values, name, study):
    """Return (columns, missing): a covariate as numeric columns, how many values it lacks; (None, 0) if constant."""
    missing = int(values.isna().sum())
    if missing == len(values) or values.nunique(dropna=False) == 1:
        return None, 0
    if kind(name, values, study) == "category":
        dummies = pd.get_dummies(
            values.astype("string").fillna("not recorded"), prefix=name, prefix_sep="=", dtype=float
        )
        return dummies.iloc[:, 1:], missing
    numbers = pd.to_numeric(values, errors="coerce").astype(float)
    columns = pd.DataFrame({name: numbers.fillna(numbers.mean())})
    if missing:
        columns[f"{name} missing"] = numbers.isna().astype(float)
    return columns, missing


def kind(name, values, study):
    """Return `number` or `category`; strata are always categories, other covariates as study.toml says."""
    if name in study.strata or name in CATEGORIES:
        return "category"
    if name in NUMBERS or name == "baseline":
        return "number"
    declared = {column.name: column.kind for file in study.files.values() for column in file.columns.values()}
    return declared.get(name) or ("number" if pd.api.types.is_numeric_dtype(values) else "category")


def _independent(matrix, columns):
    """Return which of `columns` add rank to an intercept and `matrix`, one after another."""
    basis, chosen = matrix, []
    for name in columns:
        chosen.append(estimable(columns[name], basis))
        basis = pd.concat([basis, columns[name]], axis=1) if chosen[-1] else basis
    return chosen


def estimable(column, matrix):
    """True when `column` does not follow from an intercept and `matrix`: an arm that is a site cannot be compared."""
    others, both = _scaled(np.asarray(matrix, float)), _scaled(np.column_stack([np.asarray(matrix, float), column]))
    return _rank(both) > _rank(others)


def _scaled(matrix):
    """Columns centred (that is, beside an intercept) and of length one, so that rank does not depend on units."""
    centred = matrix - matrix.mean(axis=0)
    lengths = np.linalg.norm(centred, axis=0)
    return centred / np.where(lengths > 0, lengths, 1)


def _rank(matrix):
    return np.linalg.matrix_rank(matrix, tol=RANK_TOLERANCE) if matrix.shape[1] else 0
