"""`make calibrate`: operating characteristics of every method, in studies invented for it; docs/calibration.md.

python -m bench.operating [--draws N] [--minutes M] [--processes P] [--seed S] [--anew]

A draw's dice depend on the seed, the case, its size, its truth and the draw's number alone: so more draws add to those
already kept in bench/operating.json, whoever made them, and the page is written anew after every round.
"""

import argparse
import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import gc  # noqa: E402
import hashlib  # noqa: E402
import json  # noqa: E402
import math  # noqa: E402
import time  # noqa: E402
import zlib  # noqa: E402
from collections import Counter  # noqa: E402
from concurrent.futures import ProcessPoolExecutor  # noqa: E402
from importlib import import_module  # noqa: E402
from pathlib import Path  # noqa: E402

import numpy as np  # noqa: E402

from bench.cases import CASES  # noqa: E402
from mmresearch import models, verdict  # noqa: E402
from mmresearch.claims import Registry  # noqa: E402
from mmresearch.estimate import RATIOS, Estimate  # noqa: E402
from mmresearch.models.robustness import registered_alone  # noqa: E402

KEPT = Path(__file__).with_suffix(".json")
SIZES, SEED, DRAWS, FEWER, ROUND = (20, 40, 100), 20_261_121, 2000, 500, 5
WORDS = ("none", "margin", "twice")


def main():
    given = _given()
    kept = {"seed": given.seed, "cells": {}} if given.anew else read(given.seed)
    note_sources(kept)
    ends = time.monotonic() + 60 * given.minutes
    cells = [(case.name, n, place) for case in CASES for n in SIZES for place in range(3)]
    with ProcessPoolExecutor(given.processes, initializer=settle) as pool:
        while time.monotonic() < ends:
            tasks = [task for cell in cells if (task := _next(cell, kept, given))]
            if not tasks:
                break
            for cell, found in pool.map(tally, tasks):
                add(kept["cells"].setdefault(key(*cell), {}), found)
            write(kept)
    write(kept)


def settle():
    """Import every method and keep the garbage collector off what will stay: it would walk it all at every draw."""
    for module in models.METHODS.values():
        import_module(module)
    gc.freeze()


def _given():
    parser = argparse.ArgumentParser(prog="python -m bench.operating", description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=DRAWS)
    parser.add_argument("--minutes", type=float, default=math.inf)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--anew", action="store_true", help="forget the draws kept: after a method was changed")
    return parser.parse_args()


def read(seed, path=KEPT):
    """Return what earlier draws found, or nothing. Draws of another seed are neither mixed nor overwritten."""
    kept = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"seed": seed, "cells": {}}
    if kept["seed"] != seed:
        raise SystemExit(f"{path.name} holds draws of seed {kept['seed']}; add --anew to forget them.")
    return kept


def note_sources(kept):
    """Note which state of the methods these draws are made with: the page says where several are mixed."""
    digest = hashlib.sha256()
    for room in (models, verdict):
        for path in sorted(Path(room.__file__).parent.rglob("*.py")):
            digest.update(path.read_bytes())
    kept["sources"] = list(dict.fromkeys([*kept.get("sources", []), digest.hexdigest()[:12]]))


def write(kept, path=KEPT):
    """Keep the tallies, and write the page and what claims' pages quote from them."""
    from bench.operating_page import PAGE, page
    from bench.operating_quotes import QUOTES, quotes

    beside = path.with_suffix(".new")  # whoever kills the calculation loses one round and no other
    beside.write_text(json.dumps(kept, indent=0, sort_keys=True) + "\n", encoding="utf-8")
    os.replace(beside, path)
    PAGE.write_text(page(kept), encoding="utf-8")
    QUOTES.write_text(quotes(kept), encoding="utf-8")


def key(name, n, place):
    return f"{name} | {n} | {WORDS[place]}"


def _next(cell, kept, given):
    """Return (cell, first draw, last draw, seed) of what is still to be drawn in this round, or None."""
    done, case = kept["cells"].get(key(*cell), {}).get("draws", 0), find(cell[0])
    wanted = min(given.draws, FEWER) if case.bootstrap else given.draws
    return (cell, done, min(done + ROUND, wanted), given.seed) if done < wanted else None


def find(name):
    return next(case for case in CASES if case.name == name)


def tally(task):
    """Return (cell, Counter of what the draws came to, with sums of the points' errors)."""
    cell, first, last, seed = task
    found = Counter()
    for draw in range(first, last):
        add(found, one(find(cell[0]), cell[1], cell[2], draw, seed))
    return cell, found


def add(kept, found):
    for name, value in found.items():
        kept[name] = kept.get(name, 0) + value


def one(case, n, place, draw, seed):
    """Return what one invented study came to: draws, intervals, covered, error and error2, `verdict: code`."""
    dice = np.random.default_rng([seed, zlib.crc32(case.name.encode()), n, place, draw])
    dataset = case.invent(dice, n, case.effects[place])
    with registered_alone():
        estimate = models.fit(case.claim, dataset)
    said = verdict.judge(Registry("bench", {case.claim.id: case.claim}), {case.claim.id: estimate})[0]
    found = {"draws": 1, f"{said.verdict}: {said.reason_code}": 1}
    if isinstance(estimate, Estimate) and None not in (estimate.point, estimate.low, estimate.high):
        truth = float(case.truth(case.effects[place]))
        scale = math.log if estimate.measure in RATIOS else float
        error = scale(estimate.point) - scale(truth)
        covered = estimate.low <= truth <= estimate.high
        found |= {"intervals": 1, "covered": int(covered), "error": error, "error2": error**2}
    return found


if __name__ == "__main__":
    main()
