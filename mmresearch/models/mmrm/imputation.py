"""Reference-based and delta imputation: what the contrast would be if patients who left did as the reference arm, or
worse.

Conditional mean imputation (Wolbers, Noci, Delmar, Craig, Lee and Tackney 2022) after Carpenter, Roger and Kenward
2013: a missing outcome after a patient's last seen visit becomes m_mis + S_mo S_oo^-1 (y_obs - m_obs), with m the
patient's mean under the strategy; a gap before it always under `mar`. The completed outcome of the judged visit is
compared by ANCOVA.

mar                  m is the own arm's mean at all visits
jump-to-reference    the reference arm's after the last seen visit
copy-reference       the reference arm's at all visits
copy-increments      the own arm's mean at the last seen visit, then the reference arm's changes
delta                added to every outcome imputed after the last seen visit in the arms other than the reference

Two intervals differ and both are shown: the jackknife's, of the estimator's true repeated-sampling spread, and
Rubin's rules over draws (bootstrapped parameters, random residuals), which for reference-based strategies keep about
the information of `mar`.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from mmresearch.errors import DataError, UsageError, nearest
from mmresearch.models.mmrm.contrasts import drawn
from mmresearch.models.mmrm.fitting import fit_statistics
from mmresearch.models.mmrm.layout import unbits
from mmresearch.models.mmrm.many import resampled

STRATEGIES = ("mar", "jump-to-reference", "copy-reference", "copy-increments")


@dataclass(frozen=True)
class Imputed:
    """A contrast after imputation, twice: `jackknife` and `rubin` are Contrasts of the same arm and visit.

    imputed {arm: patients whose outcome at the visit was imputed after their last}; failed: refits that did not
    converge. tipping: the smallest delta (in the outcome's unit, towards 0) at which the jackknife's interval holds
    0; None without.
    """

    strategy: str
    delta: float
    jackknife: object
    rubin: object
    imputed: dict
    failed: int
    tipping: float | None = None


class Completion:
    """The patients of a fit, ready to be completed under a strategy with any coefficients and covariance."""

    def __init__(self, result, arm, visit, strategy):
        if strategy not in STRATEGIES:
            raise UsageError(
                f"strategy '{strategy}'", f"it is one of {', '.join(STRATEGIES)}.{nearest(strategy, STRATEGIES)}"
            )
        rows, layout = result.fit.rows, result.design.layout
        if rows is None or result.fit.nested or rows.layout is not layout or len(layout.groups) > 1:
            raise UsageError("imputation", "not built for chunks, weights, therapists, or a covariance for each arm")
        self.strategy, self.rows, self.layout = strategy, rows, layout
        self.arm, self.at = result.place(arm, visit)
        own = layout.owner < 0
        self.people = rows.patients[:, own]  # 1, arms, covariates: the columns of the ANCOVA
        still = rows.patients.copy()
        still[:, 1 : len(result.arms)] = 0.0
        self.own = np.einsum("tpk,nk->ntp", layout.maps[:, :-1], rows.patients)
        self.reference = np.einsum("tpk,nk->ntp", layout.maps[:, :-1], still)
        self.y = np.einsum("tk,nk->nt", layout.maps[:, -1], rows.patients)
        T = len(layout.visits)
        self.last = np.where(rows.seen, np.arange(T), -1).max(axis=1)
        self.left = self.last < self.at  # imputed after the last seen visit; else seen, or a gap
        self.arms = result.design.arm
        self.treated = self.arms > 0
        self.patterns, self.where = np.unique(rows.seen @ (1 << np.arange(T)), return_inverse=True)

    def means(self, beta):
        """(n, T) each patient's mean under the strategy."""
        own, reference = self.own @ beta, self.reference @ beta
        after = np.arange(own.shape[1])[None, :] > self.last[:, None]
        if self.strategy == "mar":
            return own
        if self.strategy == "jump-to-reference":
            return np.where(after, reference, own)
        if self.strategy == "copy-reference":
            return np.where((self.last < own.shape[1] - 1)[:, None], reference, own)
        at = np.maximum(self.last, 0)[:, None]
        step = np.take_along_axis(own - reference, at, axis=1) * (self.last >= 0)[:, None]
        return np.where(after, reference + step, own)

    def completed(self, beta, sigma, rng=None):
        """(n,) the judged visit's outcome: seen, or its conditional mean (with a random residual if rng is given)."""
        means, mar = self.means(beta), self.own @ beta
        out = self.y[:, self.at].copy()
        for g, seen in enumerate(unbits(self.patterns, sigma.shape[0])):
            if seen[self.at]:
                continue
            members = np.flatnonzero(self.where == g)
            m = np.where(self.left[members][:, None], means[members], mar[members])
            regress = np.linalg.solve(sigma[np.ix_(seen, seen)], sigma[seen, self.at]) if seen.any() else np.zeros(0)
            out[members] = m[:, self.at] + (self.y[members][:, seen] - m[:, seen]) @ regress
            if rng is not None:
                rest = sigma[self.at, self.at] - sigma[self.at, seen] @ regress
                out[members] += rng.normal(0, np.sqrt(max(rest, 0.0)), len(members))
        return out

    def compared(self, outcome, weights=None):
        """Return (arm minus reference, its OLS variance, residual df) by ANCOVA, patients counted `weights` times."""
        weights = np.ones(len(outcome)) if weights is None else weights
        X = self.people * weights[:, None]
        inverse = np.linalg.pinv(X.T @ self.people)
        beta = inverse @ X.T @ outcome
        free = weights.sum() - np.linalg.matrix_rank(self.people[weights > 0])
        spread = (weights * (outcome - self.people @ beta) ** 2).sum() / free
        return beta[self.arm], inverse[self.arm, self.arm] * spread, free


def impute(result, arm, visit, strategy="jump-to-reference", delta=0.0, draws=200, seed=1):
    """Return the Imputed contrast of a RepeatedMeasures at a visit. Raises UsageError.

    result: from `mmrm(..., unseen=True)`, so that patients with a baseline and no follow-up are imputed too. delta:
    in the outcome's unit, added to what is imputed after a patient's last seen visit, in the arms other than the
    reference.
    """
    if draws < 2:
        raise UsageError("imputation", f"{draws} draw(s); Rubin's rules need at least 2")
    whole = Completion(result, arm, visit, strategy)
    shift = (whole.left & whole.treated).astype(float)
    fit = result.fit
    estimate = whole.compared(whole.completed(fit.coefficients, fit.sigma[0]))[0]
    slope = whole.compared(shift)[0]  # the estimate is linear in delta
    lines, failed = _leave_one_out(fit, whole, shift)
    where = {"arm": arm, "reference": result.reference, "visit": visit}
    name = f"{arm} - {result.reference}, {visit}, {strategy}" + (f", delta {delta:g}" if delta else "")
    jack = drawn(
        name,
        estimate + slope * delta,
        _spread(lines, delta),
        np.inf,
        result.level,
        "jackknife of conditional mean imputation",
        **where,
    )
    pooled, lost = _rubin(fit, whole, shift * delta, draws, seed)
    counts = {each: int((whole.left & (whole.arms == j)).sum()) for j, each in enumerate(result.arms)}
    return Imputed(
        strategy,
        delta,
        jack,
        drawn(name, *pooled, result.level, f"Rubin's rules over {draws} draws", **where),
        counts,
        failed + lost,
        _tipping(estimate, slope, lines, result.level),
    )


def _leave_one_out(fit, whole, shift):
    """Return ((estimates at delta 0, slopes), failed) with each patient left out once."""
    n = len(shift)
    estimates, slopes, failed = [], [], 0
    seen = whole.rows.seen.any(axis=1)
    times = 1.0 - np.eye(n)
    refits = resampled(fit, times[seen])
    for i in range(n):
        again = _again(fit, next(refits)) if seen[i] else fit
        failed += again is None
        if again is None:
            continue
        outcome = whole.completed(again.coefficients, again.sigma[0])
        estimates.append(whole.compared(outcome, times[i])[0])
        slopes.append(whole.compared(shift, times[i])[0])
    return (np.array(estimates), np.array(slopes)), failed


def _again(fit, statistics):
    try:
        again = fit_statistics(
            statistics, fit.structure, fit.point.reml, "satterthwaite", fit.times, fallback=False, start=fit.sigma
        )
    except (DataError, UsageError):
        return None
    return again if again.convergence.sound and np.isfinite(again.coefficients).all() else None


def _spread(lines, delta):
    values = lines[0] + lines[1] * delta
    return np.sqrt((len(values) - 1) / len(values) * ((values - values.mean()) ** 2).sum())


def _tipping(estimate, slope, lines, level):
    """The delta nearest 0 at which the jackknife interval touches 0; None if it holds 0 already or never does."""
    z = stats.norm.ppf((1 + level) / 2)

    def excess(delta):
        return abs(estimate + slope * delta) - z * _spread(lines, delta)

    if excess(0.0) <= 0 or abs(slope) < 1e-12:
        return None
    end = -estimate / slope  # the estimate itself is 0 there, so the interval holds 0
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle * end) > 0 else (low, middle)
    return float(high * end)


def _rubin(fit, whole, added, draws, seed):
    """Return ((estimate, standard error, df), failed): Barnard and Rubin's degrees of freedom."""
    rng = np.random.default_rng(seed)
    times = np.zeros((draws, len(added)))
    for draw in range(draws):
        for stratum in np.unique(whole.arms):  # resampled within arms
            member = np.flatnonzero(whole.arms == stratum)
            np.add.at(times[draw], rng.choice(member, len(member)), 1.0)
    points, variances, free, failed = [], [], np.inf, 0
    for statistics in resampled(fit, times):
        again = _again(fit, statistics)
        failed += again is None
        if again is None:
            continue
        outcome = whole.completed(again.coefficients, again.sigma[0], rng) + added
        point, variance, free = whole.compared(outcome)
        points.append(point)
        variances.append(variance)
    return pooled(np.array(points), np.array(variances), free), failed


def pooled(points, variances, complete_df):
    """Return (estimate, standard error, df) by Rubin's rules, df of Barnard and Rubin 1999."""
    m = len(points)
    between, within = points.var(ddof=1), variances.mean()
    total = within + (1 + 1 / m) * between
    share = (1 + 1 / m) * between / total
    old = (m - 1) / share**2 if share > 0 else np.inf
    observed = (complete_df + 1) / (complete_df + 3) * complete_df * (1 - share)
    return points.mean(), np.sqrt(total), 1 / (1 / old + 1 / observed)
