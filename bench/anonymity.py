"""How many cells a second the anonymity gate looks at: clean clinical columns, as exports have them, and names."""

import random
import sys
import time
from pathlib import Path

from mmresearch.anonymity import Column, judge_columns, judge_headers

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
ROWS = 2_000


def main():
    """Print cells a second. Lists of names and of words are read once before the clock starts, as in any longer run."""
    from clean_columns import clean_column
    from planted import planted_column

    judge_columns([Column("warm", ("Anna Meier", "Peter Schulz"))])
    judge_headers(["warm"])
    dice = random.Random(1)
    clean = []
    while len(clean) < 60:
        kind, role, cells = clean_column(dice, rows=240)
        if role != "pseudonym" or "keyed" not in kind:
            clean.append((kind, role, cells * (ROWS // 240)))
    names = [("names", *planted_column(dice, "names", "all", rows=ROWS)) for _ in range(4)]
    for title, columns in (("clean clinical columns", clean), ("columns of names, all different", names)):
        print(f"{title}: {_speed(columns):,.0f} cells a second of one core (at least 50,000 asked for)")


def _speed(columns):
    cells = sum(len(cells) for _, _, cells in columns)
    begun = time.process_time()
    for _, role, texts in columns:
        judge_columns([Column("v1", tuple(texts), role)])
    return cells / (time.process_time() - begun)


if __name__ == "__main__":
    main()
