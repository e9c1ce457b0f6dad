"""`python -m corpus [--seeds N] [--first S] [--apart] [KIND ...]`: make, read and score the corpus."""

import argparse
import sys

from corpus.kinds import all_kinds
from corpus.runner import run
from corpus.score import table


def main(argv=None):
    parser = argparse.ArgumentParser(prog="python -m corpus", description=__doc__)
    parser.add_argument("kinds", nargs="*", help="ids of kinds, or how they begin; default: all")
    parser.add_argument("--seeds", type=int, default=2, help="how many variants of each kind")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--apart", action="store_true", help="each in a process of its own with limits")
    parser.add_argument("--messages", action="store_true", help="print every message")
    asked = parser.parse_args(argv)
    chosen = [each for name, each in all_kinds().items() if not asked.kinds or name.startswith(tuple(asked.kinds))]
    results = []
    for each in chosen:
        for seed in range(asked.first, asked.first + asked.seeds):
            result = run(each, seed, apart=asked.apart)
            results.append(result)
            if result.faults or asked.messages:
                print(f"{each.id} seed {seed} ({each.title}): {'; '.join(result.faults) or 'as expected'}")
                print("    " + result.told.strip().replace("\n", "\n    "), flush=True)
    print(table(results))
    return int(any(result.faults for result in results))


if __name__ == "__main__":
    sys.exit(main())
