"""The answer of a mixed model: LS means per arm and visit, their contrasts, and what else may be asked of it."""

from dataclasses import dataclass, field, replace

import numpy as np
from scipy import stats

from mmresearch.errors import UsageError
from mmresearch.models.mmrm.robust import cluster_sums


@dataclass(frozen=True, eq=False)
class RepeatedMeasures:
    """A mixed model for repeated measures of arms over visits. Prints as counts.

    n {arm: patients in the model}; n_at {(arm, visit): of them with an outcome there}; means, contrasts: tuples of
    Contrast; model: one sentence; troubles: tuple of mmresearch.estimate.Trouble.
    """

    fit: object = field(repr=False)
    design: object = field(repr=False)
    arms: tuple
    visits: tuple
    n: dict
    n_at: dict = field(repr=False)
    means: tuple = field(repr=False)
    contrasts: tuple = field(repr=False)
    troubles: tuple
    model: str
    level: float = 0.95
    extra: dict = field(default_factory=dict, repr=False)
    therapists: object = field(default=None, repr=False)

    reference = property(lambda self: self.arms[0])

    def mean(self, arm, visit):
        """Return the LS mean of an arm at a visit. Raises UsageError."""
        return self._found(self.means, arm, visit)

    def contrast(self, arm, visit):
        """Return arm minus reference at a visit. Raises UsageError."""
        return self._found(self.contrasts, arm, visit)

    def _found(self, records, arm, visit):
        for record in records:
            if record.arm == arm and record.visit == visit:
                return record
        raise self._unknown(arm, visit)

    def _unknown(self, arm, visit):
        return UsageError(
            "mixed model",
            f"there is no arm '{arm}' at visit '{visit}' here; arms: "
            f"{', '.join(map(str, self.arms))}; visits: {', '.join(map(str, self.visits))}",
        )

    def place(self, arm, visit):
        """Return (number of the arm, number of the visit); the arm is not the reference. Raises UsageError."""
        if arm not in self.arms or visit not in self.visits:
            raise self._unknown(arm, visit)
        if arm == self.reference:
            raise UsageError("mixed model", f"'{arm}' is the reference arm: ask for another arm minus it")
        return self.arms.index(arm), self.visits.index(visit)

    def row(self, arm, visit):
        """Return the (p,) combination of coefficients that is arm minus reference at a visit. Raises UsageError."""
        j, a = self.place(arm, visit)
        return self.design.mean_row(j, a) - self.design.mean_row(0, a)

    def robust(self, arm, visit, cluster=None):
        """Return the contrast with CR2 standard error, by patient or by a column named to `mmrm` as `clusters`.

        With therapists in the model it is by therapist, patients without one each on their own.
        """
        if cluster is not None and cluster not in self.extra:
            raise UsageError("mixed model", f"'{cluster}' was not given to mmrm() as one of `clusters` or as therapist")
        if self.therapists is not None and self.therapists.modelled:
            codes, what = self.therapists.codes, "therapists"
        else:
            codes, what = (None, "patients") if cluster is None else (self.extra[cluster], cluster)
        where = {"arm": arm, "reference": self.reference, "visit": visit}
        return cluster_sums(self.fit, codes).contrasts(
            self.fit, self.row(arm, visit), [label(arm, self.reference, visit)], what, self.level, [where]
        )[0]

    def joint(self, arm, visits=None):
        """Return the Joint F test that an arm equals the reference at all of the visits. Raises UsageError after a
        fallback, where standard errors are CR2's: a joint test of those is not built."""
        if self.fit.structure != self.fit.asked:
            raise UsageError("joint test", "not built for a covariance that was fallen back on")
        rows = [self.row(arm, visit) for visit in (visits or self.visits)]
        found = self.fit.joint(np.array([row for row in rows if np.any(row)]))
        most = np.inf if self.therapists is None else self.therapists.most(arm, self.reference)
        if found.df2 is None or found.df2 <= most:
            return found
        name = f"{found.variant}, limited to therapists - 2"
        return replace(found, df2=most, variant=name, p_value=float(stats.f.sf(found.statistic, found.df1, most)))

    def average(self, arm, weights=None):
        """Return arm minus reference averaged over the visits, with weights (default: equal) that sum to 1.
        Raises UsageError."""
        weights = (
            np.full(len(self.visits), 1 / len(self.visits)) if weights is None else np.asarray(weights, dtype=float)
        )
        if weights.shape != (len(self.visits),) or abs(weights.sum() - 1) > 1e-9:
            raise UsageError("mixed model", f"weights of an average are {len(self.visits)} numbers that sum to 1")
        row = sum(w * self.row(arm, visit) for w, visit in zip(weights, self.visits, strict=True))
        name, where = f"{arm} - {self.reference}, mean of visits", {"arm": arm, "reference": self.reference}
        return asked_of(self.fit, [row], [name], self.level, self.therapists, [where])[0]

    @property
    def covariance(self):
        """The covariance of the visits as a DataFrame; {arm: DataFrame} when each arm has its own."""
        import pandas as pd

        whole = [pd.DataFrame(s, index=list(self.visits), columns=list(self.visits)) for s in self.fit.sigma]
        return whole[0] if len(whole) == 1 else dict(zip(self.arms, whole, strict=True))


def label(arm, reference, visit):
    return f"{arm} - {reference}, {visit}"


def asked_of(fit, rows, names, level, nest, where):
    """Return contrasts as the model gives them, or with CR2 where a fallback covariance was used."""
    if not len(rows):
        return ()
    if fit.structure != fit.asked:
        codes, what = (nest.codes, "therapists") if fit.nested else (None, "patients")
        if fit.rows is not None:
            return cluster_sums(fit, codes).contrasts(fit, rows, names, what, level, where)
    most = [np.inf if nest is None else nest.most(place["arm"], place.get("reference")) for place in where]
    found = fit.contrasts(rows, names, level, where, np.array(most))
    return tuple(
        replace(each, variant=f"{each.variant}, limited to therapists - 2") if each.df == limit else each
        for each, limit in zip(found, most, strict=True)
    )
