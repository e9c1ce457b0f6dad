"""Intervals that hold all together: the critical value of the largest of several correlated t statistics."""

import numpy as np

DRAWS, SEED = 40_000, 20261121  # a Monte Carlo error of about 0.01 in the critical value; always the same draws


def critical_value(correlation, df, level):
    """Return c such that P(all |T_k| <= c) = level, T multivariate t of this correlation (K, K) and df (None: normal).

    Hothorn, Bretz and Westfall 2008, Biom J 50:346, by simulation.
    """
    values, vectors = np.linalg.eigh(np.asarray(correlation, float))
    root = vectors * np.sqrt(np.clip(values, 0, None))
    dice = np.random.default_rng(SEED)
    draws = np.abs(dice.standard_normal((DRAWS, len(root))) @ root.T).max(axis=1)
    if df is not None and np.isfinite(df):
        draws /= np.sqrt(dice.chisquare(df, DRAWS) / df)
    return float(np.quantile(draws, level))
