"""acro as an oracle: of one row a patient it suppresses what we withhold first; of rows a session it counts rows.

acro pins an old pandas, so it has an environment of its own: `python -m venv X && X/bin/pip install acro==1.0.2`, and
MMRESEARCH_ACRO=X/bin/python. Without it these tests are skipped.
"""

import csv
import json
import os
import random
import subprocess

import pytest

from mmresearch.disclosure.suppression import Table, choose_shown

PYTHON = os.environ.get("MMRESEARCH_ACRO")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not PYTHON, reason="MMRESEARCH_ACRO names no Python with acro")]
FEWEST = 10  # acro's own threshold
SCRIPT = """
import json, logging, sys
logging.disable(logging.CRITICAL)
import pandas
from acro import ACRO
session = ACRO(suppress=True)
rows = pandas.read_csv(sys.argv[1])
found = session.crosstab(rows["level"], rows["arm"])
print(json.dumps([[level, arm] for level, cells in found.iterrows() for arm, count in cells.items()
                  if not pandas.isna(count)]))
"""


def shown_by_acro(rows, folder):
    """Return the set of (level, arm) whose count acro shows."""
    with (folder / "rows.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("level", "arm"), *rows])
    done = subprocess.run([PYTHON, "-c", SCRIPT, "rows.csv"], cwd=folder, capture_output=True, text=True, check=True)
    return {tuple(pair) for pair in json.loads(done.stdout.splitlines()[-1])}


@pytest.mark.parametrize("seed", range(4))
def test_acro_suppresses_what_is_small_and_we_that_and_what_tells_it(seed, tmp_path):
    dice = random.Random(seed)
    counts = {(level, arm): dice.choice([dice.randint(1, 10), dice.randint(11, 40), dice.randint(11, 40)])
              for level in "abc" for arm in "xy"}
    theirs = shown_by_acro([key for key, count in counts.items() for _ in range(count)], tmp_path)
    assert theirs == {key for key, count in counts.items() if count >= FEWEST}
    people = {("people", arm): sum(counts[level, arm] for level in "abc") for arm in "xy"}
    sums = tuple((("people", arm), tuple((level, arm) for level in "abc")) for arm in "xy")
    ours = choose_shown(Table(counts | people, sums, tuple(counts), told=frozenset(people)), FEWEST)
    assert ours <= theirs
    alone = [arm for arm in "xy" if sum(counts[level, arm] < FEWEST for level in "abc") == 1]
    assert all(sum((level, arm) in ours for level in "abc") < 2 for arm in alone)  # acro shows two: the third follows


def test_acro_counts_sessions_where_we_count_patients(tmp_path):
    """One patient with twenty sessions: a cell of one, which acro shows as twenty."""
    sessions = [("a", "x")] * 20 + [("b", "x")] * 30 + [("a", "y")] * 30 + [("b", "y")] * 30
    assert ("a", "x") in shown_by_acro(sessions, tmp_path)
    patients = {("a", "x"): 1, ("b", "x"): 30, ("a", "y"): 30, ("b", "y"): 30}
    assert ("a", "x") not in choose_shown(Table(patients, (), tuple(patients)), FEWEST)
