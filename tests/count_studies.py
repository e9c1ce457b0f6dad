"""Invented studies of counts and doses, made in memory: what the tests of these methods are fitted to."""

import numpy as np
import pandas as pd
from model_studies import make_claim, make_dataset, make_patients, make_study

NOBODY = {"covariates": (), "strata": ()}


def counts_claim(instrument="HADAYS", **analysis):
    return make_claim(method="counts", measure="rate-ratio", instruments=[instrument], **{"null": 1} | analysis)


def dose_claim(instrument="MME", **analysis):
    return make_claim(method="dose", measure="mean-ratio", instruments=[instrument], **{"null": 1} | analysis)


def rows_of(patients, instrument, visit, day, values, observed=np.nan):
    frame = pd.DataFrame(
        {
            "patient": patients["patient"],
            "visit": visit,
            "day": float(day),
            "instrument": instrument,
            "value": np.asarray(values, float),
            "session": pd.NA,
            "moment": pd.NA,
            "period": np.nan,
            "ending": pd.NA,
            "rater": pd.NA,
            "observed": observed,
        }
    )
    return frame[frame["value"].notna()]


def make_counted(before, after, treated, instrument="HADAYS", therapist=None, observed=np.nan, **study):
    """Return a Dataset with one count a patient at baseline (None: not measured) and at week 12."""
    arms = np.where(np.asarray(treated) == 1, "massage", "control")
    patients = make_patients(len(arms), arm=arms)
    if therapist is not None:
        patients["therapist"] = pd.Series(therapist, dtype="object")
    rows = [] if before is None else [rows_of(patients, instrument, "baseline", 0, before)]
    rows.append(rows_of(patients, instrument, "week 12", 84, after, observed))
    return make_dataset(make_study(**study), patients, pd.concat(rows, ignore_index=True))


def draw(kind, n, effect, dice):
    """Return (before, after, treated, therapist) of n patients an arm; effect: log ratio of the means.

    mixed     unbounded counts, gamma-Poisson
    days      0 to 28, beta-binomial
    rare      0 to 28, two thirds of them 0
    dose      doses, a third of them 0
    """
    treated, therapist = np.repeat([1.0, 0.0], n), np.r_[dice.integers(max(3, n // 8), size=n), np.full(n, -1)]
    skill = np.where(treated == 1, 0.15 * dice.standard_normal(n)[therapist], 0) - 0.15**2 / 2 * treated
    level = dice.normal(0, 0.5, 2 * n)
    mean = np.exp(effect * treated + skill + 0.8 * level)
    if kind == "mixed":
        before, after = dice.poisson(6 * np.exp(level)), dice.poisson(5 * mean * dice.gamma(4, 0.25, 2 * n))
    elif kind == "days":
        share = np.clip(0.3 * mean, 0.01, 0.95)
        before = dice.binomial(28, np.clip(0.4 * np.exp(0.8 * level), 0, 0.95))
        after = dice.binomial(28, dice.beta(5 * share, 5 * (1 - share)))
    elif kind == "rare":
        before = dice.poisson(2 * np.exp(level))
        after = np.where(dice.random(2 * n) < 0.35, np.minimum(1 + dice.poisson(3 * mean), 28), 0)
    else:
        before, after = 30 * np.exp(level), (dice.random(2 * n) < 0.67) * 25 * mean * np.exp(dice.normal(0, 0.4, 2 * n))
    names = [f"t{each}" if each >= 0 else None for each in therapist]
    return before, after, treated, names


def truth(kind, effect, n=200_000):
    """Return the log ratio of the means, by following so many patients in either arm."""
    arms = [draw(kind, n, each, np.random.default_rng(12)) for each in (effect, 0.0)]
    return float(np.log(arms[0][1][:n].mean() / arms[1][1][:n].mean()))
