"""The mixed model's speed as ratios in one run: python -m bench.mmrm [--patients 2000] [--pairs 5] [--millions 2]

CPU seconds, medians, pairs interleaved: from a DataFrame to the contrast, beside statsmodels' MixedLM with a random
slope.
"""

import argparse
import os
import resource
import time
from statistics import median

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from mmresearch.models.mmrm import bootstrap, fit_statistics, mmrm, mmrm_chunks  # noqa: E402

VISITS = 6
WORDS = dict(outcome="y", patient="id", visit="visit", arm="arm", baseline="baseline", covariates=("age",))


def table(n, rng, first=0):
    """Return a long table of n patients, a tenth of the visits missing."""
    root = np.linalg.cholesky(9 * 0.5 ** np.abs(np.subtract.outer(range(VISITS), range(VISITS))))
    baseline, arm = rng.normal(6, 2, n), rng.integers(0, 2, n)
    y = 3 + 0.4 * baseline[:, None] - 0.5 * arm[:, None] + rng.normal(size=(n, VISITS)) @ root.T
    i, a = np.nonzero(rng.random((n, VISITS)) >= 0.1)
    return pd.DataFrame(
        {
            "id": i + first,
            "visit": a,
            "arm": np.array(["usual", "massage"])[arm[i]],
            "y": y[i, a],
            "baseline": baseline[i],
            "age": rng.normal(50, 10, n)[i],
        }
    )


def cpu(call):
    """Return (seconds of CPU, what the call returned)."""
    begun = time.process_time()
    result = call()
    return time.process_time() - begun, result


def mixedlm(rows):
    import statsmodels.formula.api as smf

    model = smf.mixedlm("y ~ C(visit) * arm + C(visit) * baseline + age", rows, groups="id", re_formula="~visit")
    return model.fit(reml=True)


def beside_statsmodels(n, pairs):
    """Print both medians and their ratio."""
    rows = table(n, np.random.default_rng(1))
    mmrm(rows, **WORDS, reference="usual")
    times = [
        (cpu(lambda: mmrm(rows, **WORDS, reference="usual").contrast("massage", 5))[0], cpu(lambda: mixedlm(rows))[0])
        for _ in range(pairs)
    ]
    ours, theirs = (median(each) for each in zip(*times, strict=True))
    print(
        f"{n} patients x {VISITS} visits, DataFrame to contrast: {ours:.4f} s; MixedLM with slope {theirs:.2f} s; "
        f"ratio {theirs / ours:.0f}"
    )


def in_chunks(patients, size=20_000):
    """Print visit rows a second and peak memory of a table that is never whole; making the chunks is not counted."""
    rng, spent, rows = np.random.default_rng(2), [0.0], [0]

    def chunks():
        for at in range(0, patients, size):
            begun = time.process_time()
            chunk = table(min(size, patients - at), rng, at)
            spent[0] -= time.process_time() - begun
            rows[0] += len(chunk)
            yield chunk

    setting = {**WORDS, "arms": ("usual", "massage"), "visits": range(VISITS)}
    seconds, result = cpu(lambda: mmrm_chunks(chunks(), **setting))
    seconds += spent[0]
    fit = median(
        cpu(lambda: fit_statistics(result.fit.statistics).contrast(result.row("massage", 5)))[0] for _ in range(5)
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{patients} patients in chunks of {size}: {rows[0] / seconds / 1e6:.2f} million rows a second; "
        f"peak {peak:.0f} MB; "
        f"fit after the pass {1000 * fit:.1f} ms, {len(result.fit.names)} fixed effects"
    )


def many(fits):
    """Print the CPU of `fits` bootstrap fits of 80 patients through one call."""
    result = mmrm(table(80, np.random.default_rng(3)), **WORDS, reference="usual")
    seconds, found = cpu(lambda: bootstrap(result.fit, result.row("massage", 5), fits, seed=1))
    print(f"{fits} fits of 80 patients: {seconds:.2f} s; {found.failed} failed")


def main():
    """Print all measurements."""
    parser = argparse.ArgumentParser(prog="python -m bench.mmrm", description=__doc__.splitlines()[0])
    parser.add_argument("--patients", type=int, default=2_000)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--millions", type=float, default=2.0)
    given = parser.parse_args()
    beside_statsmodels(given.patients, given.pairs)
    many(1_000)
    for patients in (20_000, 200_000, int(given.millions * 1e6)):
        in_chunks(patients)


if __name__ == "__main__":
    main()
