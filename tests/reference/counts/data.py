"""Writes data.csv: invented patients for script.R. Run once: python data.py."""

import numpy as np
import pandas as pd

dice = np.random.default_rng(20261121)
n = 90
treated = np.arange(n) % 2
frailty = dice.gamma(2.0, 0.5, n)
age = dice.normal(50, 12, n).round()
exposure = np.where(dice.random(n) < 0.7, 1.0, dice.integers(10, 28, n) / 28)
therapist = np.where(treated == 1, dice.integers(0, 7, n), -1)
worn = dice.normal(0, 0.2, 7)[therapist] * treated
share = dice.beta(2, 3, n)
mme0 = np.where(dice.random(n) < 0.9, np.exp(dice.normal(3.3, 0.8, n)), 0).round(1)
pd.DataFrame({
    "treated": treated,
    "age": age,
    "exposure": exposure.round(6),
    "cluster": np.where(therapist >= 0, therapist, 1000 + np.arange(n)),
    "count0": dice.poisson(6 * frailty),
    "count": dice.poisson(exposure * 5 * frailty * np.exp(-0.3 * treated + worn) * dice.gamma(3, 1 / 3, n)),
    "days0": dice.binomial(28, share),
    "days": dice.binomial(28, np.clip(dice.beta(6 * share, 6 * (1 - share)) * (1 - 0.2 * treated), 0, 1)),
    "rare0": dice.poisson(1.5 * frailty),
    "rare": np.where(dice.random(n) < 0.38, dice.poisson(3 * frailty) + 1, 0),
    "mme0": mme0,
    "mme": np.where(dice.random(n) < 0.75, mme0 * np.exp(dice.normal(-0.3 * treated + worn, 0.5, n)), 0).round(2),
}).to_csv("data.csv", index=False)
