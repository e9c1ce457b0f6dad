"""All registered estimates of the demo in one process, and the slowest ten: python -m bench.estimates"""

import os
import time
import warnings
from pathlib import Path

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(name, "1")

DEMO = Path(__file__).parents[1] / "data" / "demo"
REGISTERED, BESIDE = 20, 90  # goals, CPU seconds: every registered estimate; what stands beside them on top
SLOWEST = 10


def main():
    """Print both sums with their goals, and the slowest ten."""
    from bench.run import goal
    from mmresearch.models.robustness import registered_alone

    warnings.simplefilter("ignore")
    asked = list(questions())
    with registered_alone():
        alone = times(asked)
    whole = times(asked)
    goal("CPU seconds, registered estimates", sum(alone.values()), REGISTERED)
    goal("more CPU seconds, all beside them", sum(whole.values()) - sum(alone.values()), BESIDE)
    for name in sorted(alone, key=alone.get, reverse=True)[:SLOWEST]:
        print(f"  {name:50} {alone[name]:6.2f} s   (with what stands beside it {whole[name]:.2f} s)")


def questions():
    """Yield (name, claim, Dataset) for every claim each study can answer."""
    from mmresearch.cli.intake import read_studies
    from mmresearch.estimate import Lack
    from mmresearch.models import ask

    for folder, dataset, registries in read_studies(DEMO):
        for claim in (claim for registry in registries for claim in registry):
            if not isinstance(ask(claim, dataset), Lack):
                yield f"{folder.name}/{claim.id}", claim, dataset


def times(asked):
    """Return the CPU seconds of each fit by name. Claims that ask the same share a fit: the first of them pays."""
    from mmresearch.models import fit

    spent = {}
    for name, claim, dataset in asked:
        began = time.process_time()
        fit(claim, dataset)
        spent[name] = time.process_time() - began
    return spent


if __name__ == "__main__":
    main()
