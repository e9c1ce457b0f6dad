"""From sufficient statistics to a Fit: solve, and fall back where an unstructured covariance cannot be had."""

from dataclasses import replace

import numpy as np

from mmresearch.errors import DataError, UsageError, nearest
from mmresearch.estimate import Trouble
from mmresearch.models.mmrm.fits import Fit
from mmresearch.models.mmrm.inference import VARIANTS
from mmresearch.models.mmrm.likelihood import NotPositive
from mmresearch.models.mmrm.moments import Moments
from mmresearch.models.mmrm.nested import solve_nested
from mmresearch.models.mmrm.solver import solve
from mmresearch.models.mmrm.starting import residual_moments
from mmresearch.models.mmrm.structures import FALLBACK, NAMES, Covariance, Structure


def fit_statistics(
    statistics,
    covariance="us",
    reml=True,
    df="kenward-roger-linear",
    times=(),
    information="observed",
    between=None,
    rows=None,
    fallback=True,
    start=None,
    therapists=None,
):
    """Return the Fit of SufficientStatistics.

    covariance: a code of structures.NAMES; one Sigma for each of the layout's groups. fallback: where `us` does not
    converge or is not identified, the first of toeph, ar1h, csh, ar1, cs that does, said in the troubles.
    start: (H, T, T) to start from instead of OLS residual moments. therapists: TherapistSums of the same patients,
    for a random effect of therapist. Raises UsageError on an unknown word.
    """
    _known(covariance, NAMES, "covariance")
    _known(df, VARIANTS, "df")
    empty = [str(v) for v, seen in zip(statistics.layout.visits, statistics.seen.any(axis=0), strict=True) if not seen]
    if empty:
        raise DataError(
            "mixed model", f"no patient has an outcome at {', '.join(empty)}", remedy="Leave these visits out."
        )
    moments = Moments(statistics)
    _variable(moments)
    groups = len(statistics.layout.groups)
    if len(times) not in (0, moments.T):
        raise UsageError("mixed model", f"{len(times)} times for {moments.T} visits")
    sigmas = residual_moments(moments, groups) if start is None else start / moments.columns.scale[-1] ** 2
    codes = (covariance, *FALLBACK) if covariance == "us" and fallback else (covariance,)
    tried = []
    for code in codes:
        shape = Covariance(Structure(code, moments.T, tuple(times)), groups)
        solved = _attempt(moments, shape, sigmas, reml)
        tried.append((code, solved))
        if solved and solved[1].sound:
            break
    usable = [each for each in tried if each[1] and each[1][1].sound] or [each for each in tried if each[1]]
    if not usable:
        raise UsageError("mixed model", "no covariance could be fitted to these sums")
    code, (point, report) = usable[0]
    fit = Fit(statistics, moments, point, report, covariance, df, information, between, (), rows)
    if therapists is not None:
        nested, report = solve_nested(fit, therapists)
        fit = replace(fit, point=nested, convergence=report, nested=True)
    return replace(fit, troubles=_troubles(fit))


def _variable(moments):
    """Raise DataError where the model leaves nothing to estimate a variance from."""
    if moments.n < 2:
        raise DataError("mixed model", f"{moments.n} patient(s) with an outcome; at least 2 are needed")
    if moments.N <= moments.q - 1:
        raise DataError(
            "mixed model", f"{moments.N} outcomes for {moments.q - 1} coefficients: too few to estimate anything"
        )
    eye = np.where(moments.both, np.eye(moments.T), 0.0)
    A = moments.combine(eye[None])[0]
    left = A[-1, -1] - A[-1, :-1] @ np.linalg.solve(A[:-1, :-1], A[:-1, -1])
    if left <= 1e-13 * A[-1, -1]:
        raise DataError("mixed model", "arms, visits and covariates give the outcome exactly: no variance is left")


def _attempt(moments, shape, sigmas, reml):
    try:
        return solve(moments, shape, shape.near(sigmas), reml)
    except NotPositive:
        return None


def _known(word, words, what):
    if word not in words:
        raise UsageError(f"{what} '{word}'", f"it is one of {', '.join(words)}.{nearest(word, words)}")


def _troubles(fit):
    found, report, asked, code = [], fit.convergence, fit.asked, fit.structure
    if code != asked:
        found.append(
            Trouble(
                "covariance-fallback",
                "note",
                f"The {NAMES[asked]} covariance could not be estimated; "
                f"{NAMES[code]} was used instead" + ("." if fit.rows is None else ", with CR2 standard errors."),
            )
        )
    if not report.converged:
        found.append(
            Trouble(
                "not-converged",
                "serious",
                f"The fit did not converge: after {report.iterations} steps the "
                f"deviance could still fall by {report.decrement:.2g}.",
            )
        )
    elif not report.identified:
        found.append(Trouble("not-converged", "serious", "The covariance is not identified by these data."))
    names = [name for j, name in enumerate(fit.names) if j not in fit.moments.columns.kept]
    if names:
        found.append(
            Trouble(
                "aliased-columns",
                "note",
                f"{len(names)} column(s) follow from others and were dropped: {', '.join(names)}.",
            )
        )
    if code in ("ri", "ris") and _negative(fit.point):
        found.append(
            Trouble(
                "negative-variance",
                "note",
                "A random effect's variance is estimated below zero: the model "
                "is read as a covariance of visits, not as one of random effects.",
            )
        )
    return tuple(found)


def _negative(point):
    theta = point.theta.reshape(point.covariance.groups, -1)
    if point.covariance.structure.code == "ri":
        return bool((theta[:, 0] < 0).any())
    return any(np.linalg.eigvalsh([[t[0], t[1]], [t[1], t[2]]])[0] < -1e-12 for t in theta)
