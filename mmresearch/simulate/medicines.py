"""Medication rows: what patients say at each visit they take, drug by drug, with dose, unit and times a day."""

import numpy as np
import pandas as pd

from mmresearch.simulate.codes import patient_codes

OPIOIDS = (("tramadol", 50), ("codeine", 30), ("oxycodone", 5), ("tapentadol", 50))  # drug, mg a tablet
OPIOID_SHARES = (0.5, 0.25, 0.15, 0.1)
OTHERS = (("ibuprofen", 400), ("naproxen", 500), ("paracetamol", 1000))
ON_OPIOIDS, ON_OTHERS = 0.26, 0.62  # shares of patients at baseline
TABLETS = 2.6  # opioid tablets a day of those on them at baseline


def medication_rows(trial):
    """Return one row a drug taken at a visit attended; a visit without a row means nothing was taken."""
    random, n, visits = trial.stream("medicines"), len(trial.cohort), len(trial.settings.visits)
    which = random.choice(len(OPIOIDS), size=n, p=OPIOID_SHARES)
    opioid = np.where((random.random(n) < ON_OPIOIDS)[:, None], _tablets(trial, random), 0)
    other = random.integers(len(OTHERS), size=n)
    pain = trial.values[:, :, 0]
    times = np.clip(np.rint(0.45 * pain - 0.6 + random.standard_normal((n, visits)) * 0.8), 0, 4)
    times = np.where((random.random(n) < ON_OTHERS)[:, None], times, 0)
    parts = [_rows(trial, opioid, OPIOIDS, which, 0), _rows(trial, times, OTHERS, other, 1)]
    frame = pd.concat(parts).sort_values(["row", "day", "kind"])
    frame.insert(0, "id", patient_codes(trial.cohort)[frame["row"]])
    return frame.drop(columns=["row", "kind"])


def _tablets(trial, random):
    """Opioid tablets a day: the patient's own need, less where the arm truly lowers it, with the visit's noise."""
    reached = np.array([visit.effect for visit in trial.settings.visits])
    kept = np.array([trial.settings.arms[name].opioids_kept for name in trial.arm])
    need = TABLETS * np.exp(0.45 * random.standard_normal(len(trial.arm)) - 0.1)[:, None]
    level = need * (1 - np.multiply.outer(1 - kept, reached)) + 0.5 * random.standard_normal(trial.there.shape)
    return np.clip(np.rint(level), 0, 8)


def _rows(trial, times, drugs, which, kind):
    row, visit = np.nonzero(trial.there & (times > 0))
    days = np.array([each.day for each in trial.settings.visits])
    return pd.DataFrame({"row": row, "kind": kind, "day": days[visit],
                         "drug": np.array([name for name, _ in drugs])[which[row]],
                         "dose": np.array([dose for _, dose in drugs])[which[row]], "unit": "mg",
                         "per_day": times[row, visit].astype(int), "route": "oral"})
