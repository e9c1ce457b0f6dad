"""The plain door on a DataFrame: LS means per arm and visit, and their contrasts."""

from dataclasses import dataclass, field, replace

import numpy as np

from mmresearch.errors import UsageError
from mmresearch.estimate import Trouble
from mmresearch.models.mmrm.arrays import spread
from mmresearch.models.mmrm.design import designed
from mmresearch.models.mmrm.fits import drawn, fit_statistics
from mmresearch.models.mmrm.inference import VARIANTS
from mmresearch.models.mmrm.nesting import nested_in
from mmresearch.models.mmrm.robust import cluster_sums
from mmresearch.models.mmrm.rows import Rows
from mmresearch.models.mmrm.structures import NAMES
from mmresearch.models.mmrm.sums import summed
from mmresearch.models.mmrm.tables import read_table
from mmresearch.models.mmrm.therapists import therapist_sums


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
        raise UsageError("mixed model", f"there is no arm '{arm}' at visit '{visit}' here; arms: "
                         f"{', '.join(map(str, self.arms))}; visits: {', '.join(map(str, self.visits))}")

    def row(self, arm, visit):
        """Return the (p,) combination of coefficients that is arm minus reference at a visit."""
        j, a = self.arms.index(arm), self.visits.index(visit)
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
        return cluster_sums(self.fit, codes).contrasts(self.fit, self.row(arm, visit), [
            _label(arm, self.reference, visit)], what, self.level, [where])[0]

    def joint(self, arm, visits=None):
        """Return the Joint F test that an arm equals the reference at all of the visits."""
        rows = [self.row(arm, visit) for visit in (visits or self.visits)]
        return self.fit.joint(np.array([row for row in rows if np.any(row)]))

    def average(self, arm, weights=None):
        """Return arm minus reference averaged over the visits, with weights (default: equal) that sum to 1."""
        weights = np.full(len(self.visits), 1 / len(self.visits)) if weights is None else np.asarray(weights, dtype=float)
        row = sum(w * self.row(arm, visit) for w, visit in zip(weights, self.visits, strict=True))
        return self.fit.contrast(row, f"{arm} - {self.reference}, mean of visits", self.level, arm=arm,
                                 reference=self.reference)

    @property
    def covariance(self):
        """The covariance of the visits as a DataFrame; {arm: DataFrame} when each arm has its own."""
        import pandas as pd

        whole = [pd.DataFrame(s, index=list(self.visits), columns=list(self.visits)) for s in self.fit.sigma]
        return whole[0] if len(whole) == 1 else dict(zip(self.arms, whole, strict=True))


def mmrm(frame, *, outcome, patient, visit, arm, reference, baseline=None, covariates=(), by_visit=(), visits=None,
         covariance="us", per_arm=False, weights=None, reml=True, df="kenward-roger-linear", level=0.95, times=(),
         clusters=(), therapist=None, constrained=False, unseen=False):
    """Return the RepeatedMeasures of a long table; docs/mmrm.md says what each argument is. Raises DataError, UsageError."""
    extra = tuple(dict.fromkeys([*clusters, *([therapist] if therapist else [])]))
    table = read_table(frame, outcome, patient, visit, arm, reference, baseline, covariates, visits, weights, extra,
                       unseen=unseen)
    design = designed(table.arm, table.arms, table.y, table.visits, table.covariates,
                      {*by_visit, *([baseline] if baseline else [])}, per_arm, constrained)
    nest = nested_in(table, therapist) if therapist else None
    fit = fitted(design, table, per_arm, covariance, reml, df, times, nest)
    return answered(fit, design, counted(table), level, nest, table.extra)


def fitted(design, table, per_arm, covariance, reml, df, times, nest=None):
    """Return the Fit of a Design: sums of patients, or of weighted rows."""
    group = design.arm.astype(np.int64) if per_arm else None
    layout, wide, log_weights = design.layout, design.wide, 0.0
    if table.weights is not None:
        layout, wide, log_weights = _weighted(design, table.weights)
    statistics = summed(layout, wide, design.seen, group, log_weights)
    rows = Rows(layout, wide, design.seen, group, table.labels)
    sums = None
    if nest is not None and nest.modelled:
        sums = therapist_sums(layout, wide, design.seen, nest.codes, range(nest.codes.max() + 1), group)
    return fit_statistics(statistics, covariance, reml, df, times, between=design.kinds, rows=rows, therapists=sums)


def _weighted(design, weights):
    patient, place = np.nonzero(design.seen)
    used = weights[patient, place]
    z = np.einsum("nqk,nk->nq", design.layout.maps[place], design.wide[patient]) * np.sqrt(used)[:, None]
    layout, wide = spread(z, patient, place, design.seen, design.layout.names, design.layout.visits, design.layout.groups)
    return layout, wide, float(np.log(used).sum())


@dataclass(frozen=True)
class Cells:
    """Who was seen where: n {arm: patients}, n_at {(arm, visit): with an outcome}; empty: visits nobody was seen at."""

    arms: tuple
    visits: tuple
    n: dict
    n_at: dict
    empty: tuple = ()


def counted(table):
    """Return the Cells of a Table."""
    seen = ~np.isnan(table.y)
    return Cells(table.arms, table.visits, {arm: int(seen[table.arm == j].any(axis=1).sum()) for j, arm in enumerate(table.arms)},
                 {(arm, visit): int(seen[table.arm == j, a].sum())
                  for j, arm in enumerate(table.arms) for a, visit in enumerate(table.visits)}, table.empty)


def answered(fit, design, cells, level, nest=None, extra=None):
    """Return the RepeatedMeasures of a Fit: every LS mean and every contrast with the reference."""
    arms, visits = cells.arms, cells.visits
    pairs = [(j, a) for j in range(len(arms)) for a in range(len(visits))]
    rows = np.array([design.mean_row(j, a) for j, a in pairs])
    means = _contrasts(fit, rows, [f"{arms[j]}, {visits[a]}" for j, a in pairs], level, nest,
                       [{"arm": arms[j], "visit": visits[a], "n": cells.n_at[arms[j], visits[a]]} for j, a in pairs])
    against = rows - np.array([design.mean_row(0, a) for _, a in pairs])
    real = [(at, arms[j], visits[a]) for at, (j, a) in enumerate(pairs) if j and against[at].any()]
    contrasts = _contrasts(fit, against[[at for at, _, _ in real]], [_label(arm, arms[0], visit) for _, arm, visit in real],
                           level, nest, [{"arm": arm, "reference": arms[0], "visit": visit} for _, arm, visit in real])
    contrasts += tuple(drawn(_label(arm, arms[0], visit), None, None, None, level, VARIANTS[fit.used], arm=arm,
                             reference=arms[0], visit=visit) for arm in arms[1:] for visit in cells.empty)
    troubles = fit.troubles + _cells_troubles(cells, contrasts) + (nest.troubles if nest else ())
    return RepeatedMeasures(fit, design, arms, visits, cells.n, cells.n_at, means, contrasts, troubles,
                            _sentence(fit, len(visits)), level, extra or {}, nest.estimated(fit) if nest else None)


def _contrasts(fit, rows, names, level, nest, where):
    """Return contrasts as the model gives them, or with CR2 where a fallback covariance was used."""
    if not len(rows):
        return ()
    if fit.structure != fit.asked:
        codes, what = (nest.codes, "therapists") if fit.nested else (None, "patients")
        if fit.rows is not None:
            return cluster_sums(fit, codes).contrasts(fit, rows, names, what, level, where)
    most = [np.inf if nest is None else nest.most(place["arm"], place.get("reference")) for place in where]
    found = fit.contrasts(rows, names, level, where, np.array(most))
    return tuple(replace(each, variant=f"{each.variant}, limited to therapists - 2") if each.df == limit else each
                 for each, limit in zip(found, most, strict=True))


def _label(arm, reference, visit):
    return f"{arm} - {reference}, {visit}"


def _sentence(fit, T):
    how = "REML" if fit.point.reml else "maximum likelihood"
    groups = ", one for each arm" if len(fit.statistics.layout.groups) > 1 else ""
    who = "therapist" if fit.nested else "patient"
    robust = fit.structure != fit.asked and fit.rows is not None
    df = f"CR2 (Bell-McCaffrey) by {who}" if robust else VARIANTS[fit.used]
    return (f"Mixed model for repeated measures over {T} visits, {NAMES[fit.structure]} covariance{groups}, "
            f"{'random effect of therapist, ' if fit.nested else ''}{how}; standard errors and degrees of freedom: {df}"
            f"{', degrees of freedom at most therapists - 2' if fit.nested else ''}.")


def _cells_troubles(cells, contrasts):
    troubles = []
    for visit in cells.empty:
        troubles.append(Trouble("visit-without-outcomes", "note", f"No patient has an outcome at visit {visit}."))
    for arm in cells.arms:
        gaps = [str(visit) for visit in cells.visits if not cells.n_at[arm, visit]]
        if gaps:
            troubles.append(Trouble("arm-without-outcomes", "serious", f"The arm {arm} has no outcome at {', '.join(gaps)}."))
    lost = [c.name for c in contrasts if c.estimate is None]
    if lost:
        troubles.append(Trouble("not-estimable", "serious", f"{len(lost)} contrast(s) cannot be estimated: {'; '.join(lost)}."))
    return tuple(troubles)
