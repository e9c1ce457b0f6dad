"""From sufficient statistics to a Fit: solve, fall back where unstructured cannot be had, and answer contrasts."""

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from scipy import stats

from mmresearch.errors import DataError, UsageError, nearest
from mmresearch.estimate import Trouble
from mmresearch.models.mmrm.inference import VARIANTS, Inference
from mmresearch.models.mmrm.likelihood import NotPositive, inverses
from mmresearch.models.mmrm.moments import Moments
from mmresearch.models.mmrm.nested import solve_nested
from mmresearch.models.mmrm.solver import solve
from mmresearch.models.mmrm.starting import residual_moments
from mmresearch.models.mmrm.structures import FALLBACK, NAMES, Covariance, Structure


@dataclass(frozen=True)
class Contrast:
    """One linear combination of coefficients, in the outcome's unit. df None: normal; numbers None: not estimable."""

    name: str
    estimate: float | None
    standard_error: float | None
    df: float | None
    low: float | None
    high: float | None
    statistic: float | None
    p_value: float | None
    level: float
    variant: str
    arm: str | None = None
    reference: str | None = None
    visit: str | None = None
    n: int | None = None


def drawn(name, estimate, error, df, level, variant, **where):
    """Return the Contrast with its interval and two-sided p from a t distribution (normal where df is infinite)."""
    if estimate is None or not (np.isfinite(estimate) and error > 0 and df > 0):  # nan compares as False
        return Contrast(name, None, None, None, None, None, None, None, level, variant, **where)
    half = stats.t.ppf((1 + level) / 2, df) * error
    t = estimate / error
    return Contrast(name, float(estimate), float(error), float(df) if np.isfinite(df) else None, float(estimate - half),
                    float(estimate + half), float(t), float(2 * stats.t.sf(abs(t), df)), level, variant, **where)


@dataclass(frozen=True, eq=False)
class Fit:
    """A fitted model. coefficients in the order of `names`; nan where a column is aliased.

    deviance: -2 (restricted) log-likelihood with its constants, as R mmrm and lme4 count them.
    """

    statistics: object = field(repr=False)
    moments: object = field(repr=False)
    point: object = field(repr=False)
    convergence: object
    asked: str
    df: str
    information: str = "observed"
    between: np.ndarray | None = field(default=None, repr=False)  # (p,) columns constant within patients
    troubles: tuple = ()
    rows: object = field(default=None, repr=False)  # Rows of the patients, for CR2; None when only sums were given
    nested: bool = False  # therapists are a random effect: the point is a NestedPoint

    @property
    def names(self):
        return self.statistics.layout.names

    @property
    def times(self):
        return self.point.covariance.structure.times

    @property
    def structure(self):
        return self.point.covariance.structure.code

    @property
    def used(self):
        """The degrees of freedom in use. Kenward-Roger gives way to Satterthwaite after a fallback (where CR2 is reported),
        and with therapists unless Sigma is linear in its parameters."""
        if not self.df.startswith("kenward"):
            return self.df
        if self.structure != self.asked or (self.nested and not self.point.covariance.structure.linear):
            return "satterthwaite"
        return "kenward-roger-linear" if self.nested else self.df

    @cached_property
    def inference(self):
        between = None if self.between is None else self.between[self.moments.columns.kept]
        return Inference(self.point, self.used, self.information, between)

    @property
    def deviance(self):
        point, columns, N = self.point, self.moments.columns, self.moments.N
        unit = 2 * np.log(columns.scale[-1])
        free = N - len(point.beta) if point.reml else N
        return float(point.value + free * (unit + np.log(2 * np.pi)) - self.statistics.log_weights
                     + (columns.log_scale if point.reml else 0.0))

    @property
    def sigma(self):
        """(H, T, T) covariance of the visits, per covariance group, in the outcome's unit squared."""
        return self.point.covariance.sigma(self.point.theta) * self.moments.columns.scale[-1] ** 2

    def weights_on(self, moments):
        """(G, T, T): inverse blocks of the fitted covariance for the patterns of other Moments, in the solver's units."""
        return inverses(self.point.covariance.sigma(self.point.theta)[moments.groups], moments.seen)[0]

    @cached_property
    def coefficients(self):
        out = np.full(len(self.names), np.nan)
        eye = np.eye(len(self.names))
        known = self.moments.columns.estimable(eye)
        out[known] = self.estimates(eye[known])
        return out

    def estimates(self, L):
        """(m,) values of estimable contrasts L (m, p)."""
        inner, offsets = self.moments.columns.inner(np.atleast_2d(L))
        return inner @ self.point.beta + offsets

    def contrasts(self, L, names, level=0.95, where=None, most=np.inf):
        """Return a tuple of Contrast for L (m, p). most: degrees of freedom's upper limit.

        Contrasts that cannot be estimated hold None, and so do all of a fit that did not converge.
        """
        L = np.atleast_2d(np.asarray(L, dtype=float))
        known = self.moments.columns.estimable(L) & self.convergence.sound
        values, errors, df = np.full((3, len(L)), np.nan)
        values[known], errors[known], df[known] = self.numbers(L[known])
        df = np.minimum(df, most)
        places = where or [{}] * len(L)
        return tuple(drawn(name, value if fine else None, error, free, level, VARIANTS[self.used], **place)
                     for name, value, fine, error, free, place
                     in zip(names, values, known, errors, df, places, strict=True))

    def numbers(self, L):
        """Return estimates, standard errors and degrees of freedom (m,) each of estimable contrasts L (m, p)."""
        inner, offsets = self.moments.columns.inner(L)
        if not len(L):
            return np.empty((3, 0))
        with np.errstate(invalid="ignore", divide="ignore"):  # a corrected variance below 0 is nan, and then no number
            return (inner @ self.point.beta + offsets, self.inference.standard_errors(inner), self.inference.degrees(inner))

    def contrast(self, row, name="contrast", level=0.95, **where):
        """Return the Contrast of one row (p,)."""
        return self.contrasts([row], [name], level, [where])[0]

    def joint(self, L):
        """Return the Joint F test of L b = 0. Raises UsageError when the rows are not estimable or not independent."""
        L = np.atleast_2d(np.asarray(L, dtype=float))
        if not self.convergence.sound:
            raise UsageError("joint test", "the fit did not converge")
        if not self.moments.columns.estimable(L).all() or np.linalg.matrix_rank(L) < len(L):
            raise UsageError("joint test", f"of {len(L)} contrasts some are not estimable or repeat others")
        inner, offsets = self.moments.columns.inner(L)
        return self.inference.joint(inner, inner @ self.point.beta + offsets)


def fit_statistics(statistics, covariance="us", reml=True, df="kenward-roger-linear", times=(), information="observed",
                   between=None, rows=None, fallback=True, start=None, therapists=None):
    """Return the Fit of SufficientStatistics.

    covariance: a code of structures.NAMES; one Sigma for each of the layout's groups. fallback: where `us` does not
    converge or is not identified, the first of toeph, ar1h, csh, ar1, cs that does, said in the troubles.
    start: (H, T, T) to start from instead of OLS residual moments. therapists: TherapistSums of the same patients, for a
    random effect of therapist. Raises UsageError on an unknown word.
    """
    _known(covariance, NAMES, "covariance")
    _known(df, VARIANTS, "df")
    moments = Moments(statistics)
    _variable(moments)
    groups = len(statistics.layout.groups)
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
    if moments.N <= moments.q - 1:
        raise DataError("mixed model", f"{moments.N} outcomes for {moments.q - 1} coefficients: too few to estimate anything")
    eye = np.where(moments.both, np.eye(moments.T), 0.0)
    A = moments.combine(eye[None])[0]
    left = A[-1, -1] - A[-1, :-1] @ np.linalg.solve(A[:-1, :-1], A[:-1, -1])
    if left < 1e-13 * A[-1, -1]:
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
        found.append(Trouble("covariance-fallback", "note", f"The {NAMES[asked]} covariance could not be estimated; "
                             f"{NAMES[code]} was used instead"
                             + ("." if fit.rows is None else ", with CR2 standard errors.")))
    if not report.converged:
        found.append(Trouble("not-converged", "serious", f"The fit did not converge: after {report.iterations} steps the "
                             f"deviance could still fall by {report.decrement:.2g}."))
    elif not report.identified:
        found.append(Trouble("not-converged", "serious", "The covariance is not identified by these data."))
    names = [name for j, name in enumerate(fit.names) if j not in fit.moments.columns.kept]
    if names:
        found.append(Trouble("aliased-columns", "note", f"{len(names)} column(s) follow from others and were dropped: "
                             f"{', '.join(names)}."))
    if code in ("ri", "ris") and _negative(fit.point):
        found.append(Trouble("negative-variance", "note", "A random effect's variance is estimated below zero: the model "
                             "is read as a covariance of visits, not as one of random effects."))
    return tuple(found)


def _negative(point):
    theta = point.theta.reshape(point.covariance.groups, -1)
    if point.covariance.structure.code == "ri":
        return bool((theta[:, 0] < 0).any())
    return any(np.linalg.eigvalsh([[t[0], t[1]], [t[1], t[2]]])[0] < -1e-12 for t in theta)
