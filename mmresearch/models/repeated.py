"""What methods with several rows a patient share: columns that stand on their own, therapists within arms, words."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from mmresearch.models.troubles import FEW_THERAPISTS, few_therapists, trouble
from mmresearch.models.wording import counted

TINY = 1e-9  # of a column of length one: what is left of it beside the columns before


@dataclass(frozen=True)
class Nested:
    """Therapists as a random effect. codes: one array (-1: none), or empty where they are not modelled.

    A therapist who treats in both arms is a level in each: what is claimed of an arm is claimed of its therapists.
    """

    codes: tuple = field(default=(), repr=False)
    therapists: int = 0
    troubles: tuple = ()

    @property
    def modelled(self):
        return bool(self.codes)


def nest_therapists(rows, question, study):
    """Return the Nested therapists of rows (patient, arm, therapist).

    Modelled where patients share therapists and there are at least three: with fewer nothing can be said of how they
    differ. Where their variance is estimated as 0, as it often is, Kenward and Roger's degrees of freedom still count
    that it may not be: in simulations with 4 to 8 therapists a null was rejected in 0.2 to 6%, whatever that variance.
    """
    known = rows["therapist"].notna()
    pairs = rows.loc[known, ["patient", "arm", "therapist"]].drop_duplicates()
    troubles = _few(pairs, question, study)
    if not pairs.duplicated(["therapist", "arm"]).any():
        return Nested(troubles=troubles)
    arms = pairs.groupby("therapist")["arm"].nunique()
    if (arms > 1).any():
        said = f"{counted(int((arms > 1).sum()), 'therapist')} treated in both arms."
        troubles += (trouble("therapists-two-arms", said),)
    if len(arms) < FEW_THERAPISTS:
        said = "Patients share therapists, too few to estimate how much therapists differ."
        return Nested(troubles=(*troubles, trouble("therapists-not-modelled", said)))
    codes = np.full(len(rows), -1)
    levels = rows.loc[known, "therapist"].astype(str) + "\n" + rows.loc[known, "arm"].astype(str)
    codes[known.to_numpy()] = pd.factorize(levels)[0]
    return Nested((codes,), len(arms), troubles)


def _few(pairs, question, study):
    found = []
    for arm in question.arms:
        therapists = pairs.loc[pairs["arm"] == arm, "therapist"]
        found += few_therapists(therapists, study.arms[arm].label, claimed=arm == question.arm)
    return tuple(found)


def independent(frame):
    """Return the columns of a frame of numbers that do not follow from those before them, in order."""
    kept, basis = [], np.empty((len(frame), 0))
    for name in frame:
        column = frame[name].to_numpy(float)
        length = np.linalg.norm(column)
        left = column - basis @ (basis.T @ column)
        left -= basis @ (basis.T @ left)  # once more: rounding of the first pass
        if length > 0 and np.linalg.norm(left) > TINY * length:
            kept.append(name)
            basis = np.column_stack([basis, left / np.linalg.norm(left)])
    return frame[kept]


def variance_words(found, nested):
    """Return how the random effects were modelled and what was found, in words; found: of intercepts.fit_rows."""
    if not len(found.variances):
        return "no patient has two rows: least squares"
    parts = found.variances / (np.sum(found.variances) + found.residual)
    patients, therapists = "patients", f"{counted(nested.therapists, 'therapist')} within arms"
    names = [patients, therapists][-len(parts):] if nested.modelled else [patients]
    shares = [f"{name} ({100 * part:.0f}% of the variance)" for name, part in zip(names, parts, strict=True)]
    return f"random intercepts of {' and '.join(shares)}, REML; Kenward-Roger degrees of freedom"


def unfinished(found):
    """Return a serious trouble where an intercepts.Fit did not converge."""
    if found.convergence.converged:
        return ()
    return (trouble("not-converged", f"The fit did not converge in {found.convergence.iterations} steps."),)
