"""`make calibrate`: how often a whole registry supports anything where nothing works; a line of docs/calibration.md.

The three-arm trial of the demo, with every effect, slope and shift at nought and both massages alike within a session:
every superiority claim is false. Fitted without the robustness set, judged together by Holm's method.
"""

import argparse
import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import json  # noqa: E402
import math  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402
from collections import Counter  # noqa: E402
from concurrent.futures import ProcessPoolExecutor  # noqa: E402
from pathlib import Path  # noqa: E402

import numpy as np  # noqa: E402

from bench.operating import settle  # noqa: E402
from mmresearch import models, verdict  # noqa: E402
from mmresearch.claims import articles  # noqa: E402
from mmresearch.models.robustness import registered_alone  # noqa: E402
from mmresearch.simulate import design, simulate_study  # noqa: E402
from mmresearch.study import read_study  # noqa: E402

KEPT = Path(__file__).with_suffix(".json")
SEED, DRAWS = 20_261_122, 2000
ALIKE = {"session_change": -1.0, "session_relaxation": 1.5, "adverse_event": 0.05, "opioids_kept": 1.0}


def nothing_works():
    """Return the Settings of the three-arm trial in which no arm differs from another but in who stays."""
    settings = design("three-arm")
    arms = {name: {**arm.model_dump(), **ALIKE} for name, arm in settings.arms.items()}
    measures = [{**each.model_dump(), "effects": {}, "slopes": {}, "extra": ()} for each in settings.measures]
    return settings.changed(arms=arms, measures=measures)


def supported(draw):
    """Return (ids of the superiority claims falsely supported, claims in the family) of one invented trial."""
    registry = articles()
    with tempfile.TemporaryDirectory() as folder, registered_alone():
        number = int(np.random.default_rng([SEED, draw]).integers(1 << 31))
        dataset = read_study(simulate_study(f"{folder}/study", number, nothing_works(), truth=False))
        outcomes = {claim.id: models.fit(claim, dataset) for claim in registry if claim.analysis}
    judged = verdict.judge(registry, outcomes)
    false = [each.claim for each in judged if each.verdict.startswith("supported")
             and registry.claims[each.claim].analysis.hypothesis == "superiority"]
    return false, max((each.family_size or 0) for each in judged)


def main():
    parser = argparse.ArgumentParser(prog="python -m bench.family", description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--minutes", type=float, default=math.inf)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    given = parser.parse_args()
    ends, kept = time.monotonic() + 60 * given.minutes, read()
    with ProcessPoolExecutor(given.processes, initializer=settle) as pool:
        while kept["draws"] < given.draws and time.monotonic() < ends:
            numbers = range(kept["draws"], min(kept["draws"] + given.processes, given.draws))
            for found, size in pool.map(supported, numbers):
                kept["draws"] += 1
                kept["any"] += bool(found)
                kept["sizes"] = [min(kept["sizes"][0], size), max(kept["sizes"][1], size)]
                kept["claims"] = dict(Counter(kept["claims"]) + Counter(found))
            KEPT.write_text(json.dumps(kept, indent=0) + "\n", encoding="utf-8")


def read():
    """Return what earlier draws found: draws, any (in which something was supported), claims, smallest and largest
    family."""
    if KEPT.exists() and (kept := json.loads(KEPT.read_text(encoding="utf-8")))["seed"] == SEED:
        return kept
    return {"seed": SEED, "draws": 0, "any": 0, "claims": {}, "sizes": [999, 0]}


if __name__ == "__main__":
    main()
