"""A fitted model: what it found, and its answers to contrasts."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from mmresearch.errors import UsageError
from mmresearch.models.mmrm.contrasts import drawn
from mmresearch.models.mmrm.inference import Inference, named
from mmresearch.models.mmrm.likelihood import inverses


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
        """The degrees of freedom in use. Kenward-Roger gives way to Satterthwaite after a fallback (where CR2 is
        reported), and with therapists unless Sigma is linear in its parameters."""
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
        return float(
            point.value
            + free * (unit + np.log(2 * np.pi))
            - self.statistics.log_weights
            + (columns.log_scale if point.reml else 0.0)
        )

    @property
    def sigma(self):
        """(H, T, T) covariance of the visits, per covariance group, in the outcome's unit squared."""
        return self.point.covariance.sigma(self.point.theta) * self.moments.columns.scale[-1] ** 2

    def weights_on(self, moments):
        """(G, T, T): inverse blocks of the fitted covariance for the patterns of other Moments, in the solver's
        units."""
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
        places, variant = where or [{}] * len(L), named(self.used, self.information)
        return tuple(
            drawn(name, value if fine else None, error, free, level, variant, **place)
            for name, value, fine, error, free, place in zip(names, values, known, errors, df, places, strict=True)
        )

    def numbers(self, L):
        """Return estimates, standard errors and degrees of freedom (m,) each of estimable contrasts L (m, p)."""
        inner, offsets = self.moments.columns.inner(L)
        if not len(L):
            return np.empty((3, 0))
        with np.errstate(invalid="ignore", divide="ignore"):  # a corrected variance below 0 is nan, and then no number
            return (
                inner @ self.point.beta + offsets,
                self.inference.standard_errors(inner),
                self.inference.degrees(inner),
            )

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
