"""`make calibrate`: how often the mixed model rejects a true null, in trials invented for it; the table of
docs/mmrm.md.

python -m bench.calibrate [--trials N] [--seed S]; 10,000 trials take about twenty minutes on one core.
"""

import argparse
import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

from concurrent.futures import ProcessPoolExecutor  # noqa: E402

from mmresearch.models.mmrm.calibrate import calibrate  # noqa: E402

CASES = [
    *[(method, {"per_arm": n}) for n in (10, 20, 40) for method in ("kenward-roger-linear", "satterthwaite", "normal")],
    *[
        (method, {"per_arm": 40, "therapists": 8, "icc": 0.05})
        for method in ("therapists", "cr2-therapist", "kenward-roger-linear")
    ],
]


def main():
    """Print one line a case: rejections at 5% with their Monte Carlo error, failures, fallbacks and interval width."""
    parser = argparse.ArgumentParser(prog="python -m bench.calibrate", description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=20_040_328)
    given = parser.parse_args()
    print("| design | method | rejected at 5% | covered | failed | fell back | median width |")
    print("|---|---|---|---|---|---|---|")
    with ProcessPoolExecutor() as pool:
        for found in pool.map(one, [(case, given.trials, given.seed) for case in CASES]):
            print(
                f"| {found.design} | {found.method} | {found.rejected:.2%} (± {found.error:.2%}) "
                f"| {1 - found.rejected:.2%} "
                f"| {found.failed} | {found.fallback} | {found.width:.3f} |",
                flush=True,
            )


def one(task):
    """Return the Calibration of one case, in a process of its own."""
    (method, settings), trials, seed = task
    return calibrate(method, trials, seed, **settings)


if __name__ == "__main__":
    main()
