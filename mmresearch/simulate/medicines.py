"""Medication rows: what patients say at each visit they take, drug by drug, with dose, unit and times a day."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from mmresearch.codebook import medicines
from mmresearch.simulate.codes import patient_codes

OPIOIDS = (("tramadol", 50), ("codeine", 30), ("oxycodone", 5), ("tapentadol", 50))  # drug, mg a tablet
OPIOID_SHARES = (0.5, 0.25, 0.15, 0.1)
OTHERS = (("ibuprofen", 400), ("naproxen", 500), ("paracetamol", 1000))
ON_OPIOIDS, ON_OTHERS = 0.26, 0.62  # shares of patients at baseline
TABLETS = 2.6  # opioid tablets a day of those on them at baseline


def medication_rows(trial):
    """Return one row a drug taken at a visit attended; a visit without a row means nothing was taken."""
    random, n, visits = trial.stream("medicines"), len(trial.cohort), len(trial.settings.visits)
    habits = draw_habits(random, n, visits)
    opioid, which = tablets(trial.settings, trial.arm, habits), habits.which
    other = random.integers(len(OTHERS), size=n)
    pain = trial.values[:, :, 0]
    times = np.clip(np.rint(0.45 * pain - 0.6 + random.standard_normal((n, visits)) * 0.8), 0, 4)
    times = np.where((random.random(n) < ON_OTHERS)[:, None], times, 0)
    parts = [_rows(trial, opioid, OPIOIDS, which, 0), _rows(trial, times, OTHERS, other, 1)]
    frame = pd.concat(parts).sort_values(["row", "day", "kind"])
    frame.insert(0, "id", patient_codes(trial.cohort)[frame["row"]])
    return frame.drop(columns=["row", "kind"])


@dataclass(frozen=True)
class Habits:
    """Who takes which opioid, and what decides how much: drawn before any arm is given. which, takes, need (n,)."""

    which: np.ndarray = field(repr=False)
    takes: np.ndarray = field(repr=False)
    need: np.ndarray = field(repr=False)
    noise: np.ndarray = field(repr=False)  # (n, T)


def draw_habits(random, patients, visits):
    which = random.choice(len(OPIOIDS), size=patients, p=OPIOID_SHARES)
    takes = random.random(patients) < ON_OPIOIDS
    need = TABLETS * np.exp(0.45 * random.standard_normal(patients) - 0.1)
    return Habits(which, takes, need, 0.5 * random.standard_normal((patients, visits)))


def tablets(settings, arm, habits):
    """Return (n, T) opioid tablets a day: the need, less where the arm truly lowers it. arm: one, or one each."""
    reached = np.array([visit.effect for visit in settings.visits])
    kept = np.array([settings.arms[name].opioids_kept for name in np.broadcast_to(arm, len(habits.need))])
    level = habits.need[:, None] * (1 - np.multiply.outer(1 - kept, reached)) + habits.noise
    return np.where(habits.takes[:, None], np.clip(np.rint(level), 0, 8), 0)


def morphine(settings, arm, habits):
    """Return (n, T) oral morphine equivalents a day, by the codebook's factors."""
    book = medicines()
    each = np.array([book.mme(book.find(drug), dose, "mg") for drug, dose in OPIOIDS])
    return tablets(settings, arm, habits) * each[habits.which][:, None]


def _rows(trial, times, drugs, which, kind):
    row, visit = np.nonzero(trial.there & (times > 0))
    days = np.array([each.day for each in trial.settings.visits])
    return pd.DataFrame({"row": row, "kind": kind, "day": days[visit],
                         "drug": np.array([name for name, _ in drugs])[which[row]],
                         "dose": np.array([dose for _, dose in drugs])[which[row]], "unit": "mg",
                         "per_day": times[row, visit].astype(int), "route": "oral"})
