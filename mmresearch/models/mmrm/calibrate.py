"""Simulated null trials: how often the engine rejects, and how often its intervals cover, at the sizes of small trials.

Each design is fitted through sums of arrays, without a DataFrame. Four visits, correlation 0.5, spread growing by 30%,
a fifth of the patients dropping out at random; the contrast is arm minus reference at the last visit, adjusted for
baseline by visit. With therapists: every arm has its own, with a share of the variance between them.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from mmresearch.errors import MMResearchError
from mmresearch.models.mmrm.design import designed
from mmresearch.models.mmrm.fitting import fit_statistics
from mmresearch.models.mmrm.nesting import Nesting
from mmresearch.models.mmrm.robust import cluster_sums
from mmresearch.models.mmrm.rows import Rows
from mmresearch.models.mmrm.sums import summed
from mmresearch.models.mmrm.therapists import therapist_sums

VISITS = 4


@dataclass(frozen=True)
class Calibration:
    """Rejections at 5% of a true null, over the trials that could be fitted. failed: neither fitted nor fallen back;
    fallback: fitted with another covariance and CR2; width: median width of the 95% interval over the true spread."""

    design: str
    method: str
    trials: int
    rejected: float
    failed: int
    fallback: int
    width: float

    @property
    def error(self):
        """Monte Carlo standard error of `rejected`."""
        return float(np.sqrt(self.rejected * (1 - self.rejected) / max(self.trials - self.failed, 1)))


def null_trial(rng, per_arm, dropout=0.2, therapists=0, icc=0.0):
    """Return (arm (n,), baseline (n,), y (n, T) with nan after drop-out, therapist (n,), -1 none)."""
    n = 2 * per_arm
    arm = np.repeat([0, 1], per_arm)
    deviations = np.linspace(1, 1.3, VISITS + 1)
    whole = np.outer(deviations, deviations) * np.where(np.eye(VISITS + 1) > 0, 1.0, 0.5)
    z = rng.normal(size=(n, VISITS + 1)) @ np.linalg.cholesky(whole).T
    therapist = np.full(n, -1)
    if therapists:
        therapist = np.tile(np.arange(2 * therapists), (per_arm // therapists, 1)).T.ravel()
        share = icc / (1 - icc) * deviations[1:].mean() ** 2
        z[:, 1:] += np.sqrt(share) * rng.normal(size=2 * therapists)[therapist][:, None]
    y = z[:, 1:].copy()
    stays = rng.random((n, VISITS - 1)) >= 1 - (1 - dropout) ** (1 / (VISITS - 1))
    y[:, 1:][~np.logical_and.accumulate(stays, axis=1)] = np.nan
    return arm, z[:, 0], y, therapist


def analyse(trial, method):
    """Return (estimate, standard error, df, fell back) of the last visit's contrast.

    method: a variant of degrees of freedom (unstructured, falling back), `therapists` (a random effect of them, df at
    most therapists - 2) or `cr2-therapist` (therapists ignored by the model, CR2 by therapist).
    """
    arm, baseline, y, therapist = trial
    design = designed(arm, ("reference", "arm"), y, tuple(range(VISITS)), {"baseline": baseline}, {"baseline"}, False)
    statistics = summed(design.layout, design.wide, design.seen)
    rows = Rows(design.layout, design.wide, design.seen)
    row = design.mean_row(1, VISITS - 1) - design.mean_row(0, VISITS - 1)
    nest = None
    if method == "therapists":
        nest = therapist_sums(design.layout, design.wide, design.seen, therapist, range(therapist.max() + 1))
    df = method if method not in ("therapists", "cr2-therapist") else "kenward-roger-linear"
    fit = fit_statistics(statistics, df=df, rows=rows, therapists=nest)
    if method == "cr2-therapist" or fit.structure != "us":
        codes = therapist if method != df else None
        found = cluster_sums(fit, codes).contrasts(fit, row, ["contrast"])[0]
        return found.estimate, found.standard_error, found.df, fit.structure != "us"
    most = np.inf
    if nest is not None:
        most = Nesting(
            therapist, {"reference": (therapist.max() + 1) // 2, "arm": (therapist.max() + 1) // 2}, 0, 0
        ).most("arm", "reference")
    estimate, error, free = (float(each[0]) for each in fit.numbers(row[None]))
    return estimate, error, min(free, most), False


def calibrate(method, trials, seed, per_arm, **settings):
    """Return the Calibration of one method over seeded null trials."""
    p, widths, failed, fallback = [], [], 0, 0
    for child in np.random.SeedSequence(seed).spawn(trials):
        try:
            estimate, error, df, fell = analyse(null_trial(np.random.default_rng(child), per_arm, **settings), method)
        except MMResearchError:
            failed += 1
            continue
        fallback += fell
        p.append(2 * stats.t.sf(abs(estimate / error), df))
        widths.append(2 * stats.t.ppf(0.975, df) * error)
    words = f"{per_arm} an arm" + (
        f", {settings['therapists']} therapists, ICC {settings['icc']}" if settings.get("therapists") else ""
    )
    rejected = float(np.mean(np.array(p) < 0.05)) if p else float("nan")
    return Calibration(
        words, method, trials, rejected, failed, fallback, float(np.median(widths)) if widths else np.nan
    )
