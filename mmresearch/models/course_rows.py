"""Follow-ups stacked, a row a patient and visit: a mixed model over them with whatever columns a course asks about."""

import warnings
from dataclasses import dataclass, field

import numpy as np

from mmresearch.models.clusters import shared
from mmresearch.models.table import Design, Rows, design
from mmresearch.models.troubles import FEW_THERAPISTS, warned


@dataclass(frozen=True)
class Stack:
    """The rows of every follow-up with an outcome.

    rows       the patients observed at one of them, with their covariates
    place, at  (N,) the patient and the visit of each row, as places in rows and names
    y, others  (N,) outcome; (N, q) visits, the outcome's baseline by visit, the other covariates
    """

    rows: Rows = field(repr=False)
    covariates: Design = field(repr=False)
    names: tuple
    place: np.ndarray = field(repr=False)
    at: np.ndarray = field(repr=False)
    y: np.ndarray = field(repr=False)
    others: np.ndarray = field(repr=False)

    def by_visit(self, values):
        """Return (N, K): a value a patient, in a column of its own at each visit."""
        columns = (self.at[:, None] == np.arange(len(self.names))).astype(float)
        return columns * np.asarray(values, float)[self.place][:, None]

    @property
    def therapists(self):
        """The therapist of each patient, None where there is none; None where no two patients share one of three."""
        known = self.rows.people["therapist"]
        if not shared(known) or known.nunique() < FEW_THERAPISTS:
            return None
        return known.astype("object").where(known.notna(), None).to_numpy()

    @property
    def most(self):
        """The upper limit of degrees of freedom: therapists - 2 where most of them treat in one arm (as docs/mmrm.md).

        Where they treat in several, arms are compared within therapists, and how therapists differ costs nothing.
        """
        people = self.rows.people.dropna(subset=["therapist"])
        arms = people.groupby("therapist")["arm"].nunique()
        if self.therapists is None or 2 * (arms > 1).sum() >= len(arms):
            return np.inf
        return max(len(arms) - 2, 1)

    def fit(self, columns):
        """Return (mmrm.Fit, troubles) of the outcome on `columns` (N, p), which come first, and on `others`.

        Unstructured covariance of a patient's visits, therapists as a random effect. Raises DataError.
        """
        from mmresearch.models.mmrm import fit_mmrm

        therapist = None if self.therapists is None else self.therapists[self.place]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            found = fit_mmrm(self.y, np.column_stack([columns, self.others]), self.place,
                             np.array(self.names, dtype=object)[self.at], visits=self.names, therapist=therapist)
        return found, (*found.troubles, *warned(caught))

    def contrast(self, found, weights, level):
        """Return the mmrm.Contrast of the first columns' coefficients with `weights`, or None where it has no value."""
        row = np.zeros(len(found.names))
        row[: len(weights)] = weights
        one, = found.contrasts([row], ["contrast"], level, None, np.array([self.most]))
        return None if one.estimate is None or one.low is None else one


def stack(rows, study, names):
    """Return the Stack of Rows at the visits `names`, in order."""
    names, values = tuple(names), rows.values[list(names)]
    kept = rows.kept(values.notna().any(axis=1))
    covariates = design(kept.people, study)
    matrix, has_start = covariates.matrix.to_numpy(), "baseline" in covariates.names
    place, at = np.nonzero(kept.values[list(names)].notna().to_numpy())
    visits = (at[:, None] == np.arange(len(names))).astype(float)
    start = [visits * matrix[place, :1]] if has_start else []
    others = np.column_stack([visits, *start, matrix[place, int(has_start):]])
    return Stack(kept, covariates, names, place, at, kept.values[list(names)].to_numpy()[place, at], others)


def refused(error):
    """Return why the mixed model cannot be fitted, from the engine's DataError: counts only."""
    return f"The mixed model cannot be fitted: {'; '.join(error.findings) or error.what}."
