"""The plain door on arrays: y, X, patient and visit of each row."""

import numpy as np

from mmresearch.errors import DataError, UsageError
from mmresearch.models.mmrm.fitting import fit_statistics
from mmresearch.models.mmrm.inference import BETWEEN, INTERCEPT, WITHIN
from mmresearch.models.mmrm.layout import Layout
from mmresearch.models.mmrm.rows import Rows
from mmresearch.models.mmrm.sums import summed
from mmresearch.models.mmrm.therapists import therapist_sums

MISSING = ("None", "nan", "NaT", "<NA>")  # how a missing label that is no text writes itself


def fit_mmrm(
    y,
    X,
    subject,
    visit,
    *,
    names=None,
    visits=None,
    groups=None,
    weights=None,
    covariance="us",
    reml=True,
    df="kenward-roger-linear",
    times=(),
    information="observed",
    fallback=True,
    therapist=None,
):
    """Return the Fit of y on X, rows of one patient correlated over visits.

    y (N,); X (N, p), also columns that vary by visit; subject, visit (N,) any labels; names of the columns; visits:
    labels in order (default: sorted); groups (N,) constant within a patient: a covariance each; weights (N,) > 0;
    therapist (N,) constant within a patient, None or "" for none: a random effect (degrees of freedom are not limited
    here). Raises DataError, all findings at once: shapes, non-finite values, duplicate visits, too few patients, no
    variance.
    """
    if therapist is not None and weights is not None:
        raise UsageError("mixed model", "therapists are not built together with weights")
    statistics, between, rows = _table(y, X, subject, visit, names, visits, groups, weights)
    nest = (
        None
        if therapist is None
        else _therapists(rows, np.unique(np.asarray(subject), return_inverse=True)[1], therapist)
    )
    return fit_statistics(
        statistics, covariance, reml, df, times, information, between, rows, fallback, therapists=nest
    )


def _therapists(rows, patient, therapist):
    labels = [each if isinstance(each, str) else "" if str(each) in MISSING else str(each) for each in therapist]
    named, codes = np.unique(np.array(labels), return_inverse=True)
    _, codes = _groups(codes, patient, len(rows.seen))
    if named[0] == "":
        named, codes = named[1:], codes - 1
    return therapist_sums(rows.layout, rows.patients, rows.seen, codes, named.tolist(), rows.group)


def statistics_of(y, X, subject, visit, *, names=None, visits=None, groups=None, weights=None):
    """Return the SufficientStatistics of whole patients: the rows of one patient must all be in one call."""
    return _table(y, X, subject, visit, names, visits, groups, weights, part=True)[0]


def _table(y, X, subject, visit, names, visits, groups, weights, part=False):
    y, X = np.asarray(y, dtype=float), np.asarray(X, dtype=float)
    names = tuple(names) if names is not None else tuple(f"x{j + 1}" for j in range(X.shape[-1]))
    weights = np.ones(len(y)) if weights is None else np.asarray(weights, dtype=float)
    _checked(y, X, subject, visit, names, weights)
    labels, patient = _labelled(subject, "patients")
    visits, place = _visits(visit, visits)
    group_names, group = _groups(groups, patient, len(labels))
    _unique(patient, place, len(visits), y, part)
    z = np.column_stack([X, y]) * np.sqrt(weights)[:, None]
    seen = np.zeros((len(labels), len(visits)), dtype=bool)
    seen[patient, place] = True
    layout, wide = spread(z, patient, place, seen, names, visits, group_names)
    statistics = summed(layout, wide, seen, group, float(np.log(weights).sum()))
    return statistics, _kinds(X, patient, len(labels)), Rows(layout, wide, seen, group, labels)


def spread(z, patient, place, seen, names, visits, groups):
    """Return (Layout, w (n, K)) of long rows z (N, q): a column a visit, but for columns constant at a visit.

    A column that has one value at a visit in all patients (a dummy of the visit, an intercept) is a multiple of the 1.
    """
    (n, T), q = seen.shape, z.shape[1]
    whole = np.zeros((n, T, q))
    whole[patient, place] = z
    fixed = np.zeros((T, q))
    varies = np.zeros((T, q), dtype=bool)  # a visit nobody was seen at has no columns but the outcome's
    for a in range(T):
        rows = whole[seen[:, a], a]
        if len(rows):
            varies[a] = np.any(rows != rows[0], axis=0)
            fixed[a] = rows[0]
        varies[a, -1] = True  # the outcome always has its own column
    at, column = np.nonzero(varies)
    K = 1 + len(at)
    maps = np.zeros((T, q, K))
    maps[at, column, 1 + np.arange(len(at))] = 1.0
    maps[:, :, 0] = np.where(varies, 0.0, fixed)
    wide = np.concatenate([np.ones((n, 1)), whole[:, at, column]], axis=1)
    layout = Layout(names, visits, maps, np.append(-1, at), np.zeros(K), groups)
    return layout.shifted(_means(wide, layout, seen)), wide


def _means(wide, layout, seen):
    """(K,) what to subtract: means over the patients seen; 0 for columns of noughts and ones."""
    own = layout.owner[1:]
    counts = np.maximum(seen[:, own].sum(axis=0), 1)
    values = wide[:, 1:]
    means = (values * seen[:, own]).sum(axis=0) / counts
    dummy = np.all((values == 0) | (values == 1), axis=0)
    return np.append(0.0, np.where(dummy, 0.0, means))


def _labelled(values, what):
    """Return (sorted labels, numbers of them). Raises DataError where labels are missing or cannot be sorted."""
    try:
        labels, codes = np.unique(np.asarray(values), return_inverse=True)
        missing = [each for each in labels[-1:] if str(each) in MISSING and not isinstance(each, str)]
    except TypeError:
        missing = ["text beside numbers"]
    if missing:
        raise DataError("mixed model", f"labels of {what} are missing, or text in some rows and numbers in others")
    return labels, codes


def _visits(visit, visits):
    labels, place = _labelled(visit, "visits")
    if visits is None:
        return tuple(each.item() if hasattr(each, "item") else each for each in labels), place
    order = {label: at for at, label in enumerate(visits)}
    known = np.array([order.get(each.item() if hasattr(each, "item") else each, -1) for each in labels])
    if (known < 0).any():
        raise DataError("mixed model", "visits that `visits` does not name", [f"{int((known < 0).sum())} label(s)"])
    return tuple(visits), known[place]


def _groups(groups, patient, n):
    if groups is None:
        return ("all",), None
    labels, codes = _labelled(groups, "groups")
    codes = np.asarray(codes, dtype=np.int64)
    first = np.zeros(n, dtype=np.int64)
    first[patient] = codes
    broken = len(np.unique(patient[first[patient] != codes]))
    if broken:
        raise DataError(
            "mixed model", "a covariance group or a therapist changes within a patient", [f"{broken} patient(s)"]
        )
    return tuple(str(each) for each in labels), first


def _kinds(X, patient, n):
    """(p,) of inference.WITHIN, BETWEEN (constant within every patient) or INTERCEPT."""
    first = np.zeros((n, X.shape[1]))
    first[patient] = X
    constant = np.all(first[patient] == X, axis=0)
    return np.where(constant, np.where(np.ptp(X, axis=0) == 0, INTERCEPT, BETWEEN), WITHIN)


def _checked(y, X, subject, visit, names, weights):
    lengths = {len(y), len(X), len(subject), len(visit), len(weights)}
    if len(lengths) > 1 or X.ndim != 2 or y.ndim != 1 or X.shape[1] != len(names):
        raise DataError("mixed model", "y (N,), X (N, p), subject, visit, weights (N,) and p names do not fit together")
    findings = []
    for what, bad in (
        ("outcome", ~np.isfinite(y)),
        ("design", ~np.isfinite(X).all(axis=1)),
        ("weight", ~(np.isfinite(weights) & (weights > 0))),
    ):
        if bad.any():
            findings.append(
                f"{what}: {int(bad.sum())} of {len(y)} rows hold a value that is not finite"
                + (" or not above 0" if what == "weight" else "")
            )
    if findings:
        raise DataError(
            "mixed model", "values that no model can take", findings, "Leave these rows out, or correct them."
        )


def _unique(patient, place, T, y, part):
    """Raise DataError; part: of a table, where the fit asks whether the whole suffices."""
    findings = []
    if T > 62:
        findings.append(f"{T} visits; at most 62 can be modelled")
    taken = np.zeros((patient.max(initial=-1) + 1) * T, dtype=bool)
    taken[patient * np.int64(T) + place] = True
    twice = len(y) - int(taken.sum())
    if twice:
        findings.append(f"{twice} row(s) repeat a visit of the same patient")
    if len(y) == 0 or not part and patient.max() < 1:
        findings.append("no row" if part else "fewer than 2 patients have an outcome")
    elif not part and np.ptp(y) == 0:
        findings.append("the outcome has one and the same value in every row")
    elif np.abs(y).max() >= 1e100 or 0 < np.abs(y).max() <= 1e-100:
        findings.append("the outcome is not within 1e-100 and 1e100: choose another unit")
    if findings:
        raise DataError("mixed model", "the rows cannot be modelled", findings)
