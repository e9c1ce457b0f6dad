"""Writes unbalanced.csv: an invented trial, seeded; therapists in the massage arm only. Run once: python data.py"""

from pathlib import Path

import numpy as np

rng = np.random.default_rng(20040328)
lines = ["id,arm,therapist,visit,time,baseline,y"]
therapist_effect, times = rng.normal(0, 1.2, 8), (0.0, 1.0, 2.5, 4.0, 6.0)
for patient in range(64):
    treated = patient % 2
    therapist = int(rng.choice(8, p=[0.2, 0.2, 0.15, 0.15, 0.1, 0.1, 0.05, 0.05])) if treated else -1
    baseline = rng.normal(6, 1.5)
    intercept, slope = rng.multivariate_normal([0, 0], [[1.6, -0.15], [-0.15, 0.15]])
    last = rng.integers(2, 6)
    for visit, time in enumerate(times[:last]):
        if visit and rng.random() < 0.12:
            continue
        y = (
            2
            + 0.5 * baseline
            + intercept
            + (slope - 0.1) * time
            - 0.5 * treated
            - 0.1 * treated * time
            + (therapist_effect[therapist] if treated else 0)
            + rng.normal(0, 1.1)
        )
        name = f"T{therapist + 1}" if treated else ""
        lines.append(
            f"P{patient:02d},{'massage' if treated else 'usual'},{name},V{visit + 1},{time},{baseline:.4f},{y:.4f}"
        )
Path(__file__).with_name("unbalanced.csv").write_text("\n".join(lines) + "\n")
