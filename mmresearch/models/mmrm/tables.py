"""From a DataFrame to numbers: who, when, which arm, what; everything wrong is said at once, in counts."""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from mmresearch.errors import DataError, UsageError, nearest

WHERE = "mixed model"


@dataclass(frozen=True, eq=False)
class Table:
    """Patients of a model. y (n, T) with nan where missing; arm (n,) numbers, 0 the reference; first (n,) a row of each
    patient in `kept` rows of the frame; labels of patients; covariates {name: floats, or (codes, levels)}."""

    y: np.ndarray = field(repr=False)
    arm: np.ndarray = field(repr=False)
    arms: tuple
    visits: tuple
    labels: np.ndarray = field(repr=False)
    covariates: dict = field(repr=False)
    weights: np.ndarray | None = field(default=None, repr=False)  # (n, T), nan where missing
    extra: dict = field(default_factory=dict, repr=False)  # other columns, one value a patient: codes, -1 missing
    empty: tuple = ()  # visits asked for at which no patient has an outcome; not in the model
    lost: tuple = ()  # arms none of whose patients has an outcome; not in the model


def listed(names):
    """Return a tuple of column names; a single name counts as one."""
    return (names,) if isinstance(names, str) else tuple(names)


def checked_words(times, by_visit, covariates, visits):
    """Raise UsageError, all findings at once, on arguments that would be misread in silence."""
    findings = [
        f"by_visit '{name}' is not one of the covariates.{nearest(name, [c for c in covariates if c])}"
        for name in by_visit
        if name not in covariates
    ]
    if len(times) and not np.isfinite(np.asarray(times, dtype=float)).all():
        findings.append("times: some are not finite")
    if visits is not None and len(set(visits)) < len(visits):
        findings.append("visits: some are named twice")
    if findings:
        raise UsageError(WHERE, "arguments that do not fit", findings)


def read_table(
    frame,
    outcome,
    patient,
    visit,
    arm,
    reference,
    baseline,
    covariates,
    visits,
    weights,
    extra=(),
    arms=None,
    levels=None,
    unseen=False,
):
    """Return the Table of the patients with an outcome at one of the visits. Raises DataError and UsageError.

    arms (reference first) and levels {categorical covariate: labels}: fixed beforehand, for chunks of one table; then
    visits that nobody was seen at stay. unseen: keep patients without any outcome, as rows seen at no visit.
    """
    names = [
        outcome,
        patient,
        visit,
        arm,
        *([baseline] if baseline else []),
        *covariates,
        *([weights] if weights else []),
        *extra,
    ]
    if not isinstance(frame, pd.DataFrame):
        raise UsageError(WHERE, f"the table is a {type(frame).__name__}; a pandas.DataFrame is expected")
    absent = sorted({str(name) for name in names if name not in frame.columns})
    if absent:
        raise UsageError(
            WHERE, "columns that the table does not have", [f"{n}.{nearest(n, frame.columns)}" for n in absent]
        )
    twice = sorted({str(name) for name in names if isinstance(frame[name], pd.DataFrame)})
    if twice:
        raise UsageError(WHERE, "columns that the table holds more than once", twice)
    values = numbers(frame[outcome], outcome)
    findings = [
        f"{name}: missing in {int(frame[name].isna().sum())} row(s)"
        for name in (patient, visit, arm)
        if frame[name].isna().any()
    ]
    if np.isinf(values).any():
        findings.append(f"{outcome}: {int(np.isinf(values).sum())} value(s) are infinite")
    _raise(findings)
    labels, place = _visits(frame[visit], visits)
    keep = (place >= 0) & (~np.isnan(values) | unseen)
    table = _table(
        frame[keep],
        values[keep],
        place[keep],
        labels,
        _Columns(
            outcome, patient, arm, reference, baseline, tuple(covariates), weights, tuple(extra), arms, levels or {}
        ),
    )
    return replace(table, lost=tuple(each for each in pd.unique(frame[arm]) if each not in table.arms))


@dataclass(frozen=True)
class _Columns:
    outcome: str
    patient: str
    arm: str
    reference: object
    baseline: str | None
    covariates: tuple
    weights: str | None
    extra: tuple
    arms: tuple | None
    levels: dict


def _table(frame, values, place, visits, names):
    codes, labels = pd.factorize(frame[names.patient])
    n = len(labels)
    first = np.zeros(n, dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    findings = _rows_findings(codes, n, place, visits, values, part=names.arms is not None)
    arms, arm = _arms(frame[names.arm], names.reference, names.arms)
    findings += _constant(arm, codes, first, names.arm)
    covariates = {}
    wanted = ((names.baseline,) if names.baseline else ()) + tuple(c for c in names.covariates if c != names.baseline)
    for name in wanted:
        known = None if names.arms is None else names.levels
        covariate, found = _covariate(frame[name], name, codes, first, name == names.baseline, known)
        covariates[name] = covariate
        findings += found
    weights, found = _weights(frame, names.weights, codes, place, (n, len(visits)))
    extra = {name: _labelled(frame[name]) for name in names.extra}
    for name, groups in extra.items():
        findings += _constant(groups, codes, first, name)
    _raise(findings + found)
    y = np.full((n, len(visits)), np.nan)
    y[codes, place] = values
    used = np.flatnonzero(~np.isnan(y).all(axis=0)) if names.arms is None else np.arange(len(visits))
    empty = tuple(visit for a, visit in enumerate(visits) if a not in used)
    return Table(
        y[:, used],
        arm[first],
        arms,
        tuple(visits[a] for a in used),
        np.asarray(labels),
        covariates,
        None if weights is None else weights[:, used],
        {name: groups[first] for name, groups in extra.items()},
        empty,
    )


def _labelled(column):
    """Return a number a label, -1 where it is missing or blank."""
    codes, labels = pd.factorize(column)
    blank = np.flatnonzero(np.array([label == "" for label in labels], dtype=bool))
    return np.where(np.isin(codes, blank), -1, codes)


def _rows_findings(codes, n, place, visits, values, part):
    """Return what is wrong with the rows; part: of a table in chunks, where the fit asks whether the whole suffices."""
    findings, T = [], len(visits)
    taken = np.zeros(n * T, dtype=bool)
    taken[codes * np.int64(T) + place] = True
    twice = len(codes) - int(taken.sum())
    if twice:
        findings.append(f"{twice} row(s) repeat a visit of the same patient")
    if not part and n < 2:
        findings.append(f"{n} patient(s) with an outcome; at least 2 are needed")
    elif not part and (np.isnan(values).all() or np.nanmax(values) == np.nanmin(values)):
        findings.append("the outcome has one and the same value in every row")
    elif not part:
        findings += _constant_visits(place, visits, values)
    if (np.abs(values) >= 1e100).any() or 0 < np.max(np.abs(values), initial=0.0, where=~np.isnan(values)) <= 1e-100:
        findings.append("the outcome is not within 1e-100 and 1e100: choose another unit")
    if T > 62:
        findings.append(f"{T} visits; at most 62 can be modelled")
    return findings


def _constant_visits(place, visits, values):
    """Return a finding for each visit at which 3 patients or more all have one value: it has no variance to model."""
    findings = []
    for at, visit in enumerate(visits):
        here = values[(place == at) & ~np.isnan(values)]
        if len(here) > 2 and np.ptp(here) == 0:
            findings.append(f"the outcome has one and the same value in all {len(here)} patients at visit {visit}")
    return findings


def _visits(column, visits):
    """Return (labels in order, (N,) numbers, -1 for visits that are not asked for)."""
    if visits is None and isinstance(column.dtype, pd.CategoricalDtype):
        column = column.cat.remove_unused_categories()
        return tuple(column.cat.categories), np.asarray(column.cat.codes, dtype=np.int64)
    if visits is None:
        place, labels = pd.factorize(column, sort=True)
        return tuple(labels), place
    labels = tuple(visits)
    return labels, pd.Index(labels).get_indexer(column)


def _arms(column, reference, arms):
    if arms is not None:
        return tuple(arms), _fixed(column, arms, "arm")
    codes, labels = pd.factorize(column, sort=True)
    labels = list(labels)
    if reference not in labels:
        raise UsageError(
            WHERE,
            f"the reference arm '{reference}' has no patient with an outcome; "
            f"arms are {', '.join(map(str, labels)) or 'none'}.{nearest(reference, labels)}",
        )
    at = labels.index(reference)
    order = [at, *(j for j in range(len(labels)) if j != at)]
    return tuple(labels[j] for j in order), np.argsort(order)[codes]


def _fixed(column, labels, what):
    """Return the numbers of known labels. Raises DataError where others occur."""
    codes, found = pd.factorize(column)
    place = pd.Index(labels).get_indexer(found)
    if (place < 0).any():
        raise DataError(
            WHERE, f"{what}: {int((place < 0).sum())} label(s) that were not declared", remedy="Declare them."
        )
    return place[codes]


def numbers(column, name):
    """Return a column as floats, nan where missing. Raises DataError when it is not of numbers."""
    if not pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_complex_dtype(column.dtype):
        raise DataError(WHERE, f"column '{name}' holds {column.dtype} where numbers are expected")
    return column.to_numpy(dtype=float, na_value=np.nan)


def _covariate(column, name, codes, first, number, known):
    missing = column.isna()
    if missing.any():
        return None, [
            f"{name}: missing in {len(np.unique(codes[missing.to_numpy()]))} patient(s); leave them out or impute"
        ]
    kind = column.dtype
    if number or (pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind)):
        values = numbers(column, name)
        bad = ~np.isfinite(values)
        if bad.any():
            return None, [f"{name}: not finite in {len(np.unique(codes[bad]))} patient(s)"]
        return values[first], _constant(values, codes, first, name)
    if known is not None and name not in known:
        raise UsageError(WHERE, f"'{name}' is categorical: its labels must be said beforehand, in `levels`")
    groups, levels = (
        pd.factorize(column, sort=True) if known is None else (_fixed(column, known[name], name), known[name])
    )
    return (groups[first], tuple(levels)), _constant(groups, codes, first, name)


def _constant(values, codes, first, name):
    changed = values != values[first][codes]
    return [f"{name}: changes within {len(np.unique(codes[changed]))} patient(s)"] if changed.any() else []


def _weights(frame, name, codes, place, shape):
    if name is None:
        return None, []
    values = numbers(frame[name], name)
    bad = ~(np.isfinite(values) & (values > 0))
    whole = np.full(shape, np.nan)
    whole[codes, place] = values
    return whole, [f"{name}: {int(bad.sum())} weight(s) are not above 0"] if bad.any() else []


def _raise(findings):
    if findings:
        raise DataError(WHERE, "the table cannot be modelled", findings, "Correct the table, or leave these rows out.")
