"""The hazard ratio of two arms, for the method `time-to-event`: beside the restricted mean, or where registered."""

from dataclasses import dataclass

import numpy as np

from mmresearch.estimate import Derived
from mmresearch.models.clusters import cr2, shared, therapist_labels
from mmresearch.models.followed import censoring_words
from mmresearch.models.hazards import cox, proportionality
from mmresearch.models.inference import Ratio
from mmresearch.models.least_squares import Fitted, adjusted, few_df, unmodelled
from mmresearch.models.score_clusters import cluster_sums, score_cr2
from mmresearch.models.table import estimable
from mmresearch.models.troubles import trouble

UNEQUAL = 0.05  # p of the test of proportional hazards below which a page says so


@dataclass(frozen=True)
class HazardRatio:
    """ratio: None where it cannot be had, and `how` says why; else `how` its error came, `moves` the test's p."""

    ratio: Ratio | None
    how: str
    moves: float | None = None
    clustered: bool = False

    @property
    def constancy(self):
        if self.moves >= UNEQUAL:
            return f"no sign that it changes with time (p = {self.moves:.2g})"
        return f"it changes with time (p = {self.moves:.2g}), so it is an average"


def hazard_ratio(followed, columns):
    """Return the HazardRatio up to the horizon. columns (n, p): arm, covariates. Competing events end follow-up."""
    days, happened = np.minimum(followed.days, followed.horizon), followed.seen
    if columns.shape[1] >= happened.sum() or not estimable(columns[:, 0], columns[:, 1:]):
        return HazardRatio(None, "too few events for the adjusted hazard ratio")
    found = cox(days, happened, columns)
    if not found.converged:
        return HazardRatio(None, "the hazard ratio runs to infinity: a group has no events to compare")
    variance, df, clustered = _spread(found, followed.people["therapist"], columns)
    ratio = Ratio(float(np.exp(found.beta[0])), float(np.sqrt(variance)), df)
    how = "clustered by therapist (CR2)" if clustered else "from the information, degrees of freedom events less terms"
    return HazardRatio(ratio, how, proportionality(found, days, happened, columns, 0)[1], clustered)


def _spread(found, therapists, columns):
    """Return (variance of the log, df, clustered): from the information, or CR2 of the scores by therapist.

    Degrees of freedom of the latter are those of the same comparison of martingale residuals by least squares.
    """
    plain, free = float(np.linalg.inv(found.information)[0, 0]), float(found.events - columns.shape[1])
    if not shared(therapists):
        return plain, free, False
    labels, weights = therapist_labels(therapists), np.eye(columns.shape[1])[0]
    sums, parts = cluster_sums(found.scores, lambda rows: found.spreads[rows].sum(axis=0), labels)
    variance, _ = score_cr2(sums, parts, weights, weights, 0.0)
    whole = np.column_stack([np.ones(len(columns)), columns])
    df = cr2(whole, found.martingale, labels, np.eye(whole.shape[1])[1])[1]
    return (variance, df, True) if variance > 0 and df >= 1 else (plain, free, False)


def fitted_ratio(followed, covariates, found, n):
    """Return the Fitted of a HazardRatio that is the registered measure; n: arm -> patients."""
    words = f"Cox regression (Efron) over {followed.horizon:g} days, {adjusted(covariates)}"
    if found.ratio is None:
        lost = trouble("not-estimable", f"There is no estimate: {found.how}.")
        return Fitted(None, words, n, troubles=(*covariates.troubles, lost), said=covariates.said)
    troubles = (*covariates.troubles, *few_df(found.ratio.df),
                *unmodelled(shared(followed.people["therapist"]) and not found.clustered))
    if found.moves < UNEQUAL:
        told = trouble("hazards-not-proportional", f"The hazard ratio: {found.constancy}.")
        troubles = (*troubles, told)
    model = f"{words}; standard error {found.how}, {found.ratio.df:.1f}"
    said = (*covariates.said, *censoring_words(followed))
    return Fitted(found.ratio, model, n, clustered=found.clustered, troubles=troubles, said=said)


def derived_ratio(found, level):
    """Return the hazard ratio as a Derived number beside the restricted mean, or nothing."""
    if found.ratio is None:
        return ()
    low, high = found.ratio.interval(level)
    text = f"Hazard ratio (Cox): {found.ratio.point:.2f} ({low:.2f} to {high:.2f}); {found.constancy}."
    return (Derived("hazard-ratio", found.ratio.point, low, high, "ratio", text),)
