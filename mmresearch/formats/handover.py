"""A file that other people's C code parses is read in a child process; what comes back is a Sheet or a Refusal.

The child may crash, run out of memory or never end: each is a sentence here, and nothing of it reaches a user's run.
"""

import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from mmresearch.formats.sheet import Refusal, Sheet, Unready

SECONDS = 50  # until a child is ended
ROOT = str(Path(__file__).parents[2])
# isolated: neither the working directory nor PYTHONPATH can put another module in the place of one that is imported
START = "import sys; sys.path.append(sys.argv[1]); from mmresearch.formats.child import main; main()"
AGAIN = "it may be damaged: export it again, or as CSV UTF-8"


def read_elsewhere(kind, path, source, seconds=SECONDS):
    """Return the Sheet that the child read. Raises Refusal as the child did, or for the way it ended."""
    job = {**asdict(source), "folder": "", "path": str(path), "kind": kind}
    command = [sys.executable, "-I", "-c", START, ROOT]
    try:
        done = subprocess.run(
            command, input=json.dumps(job).encode(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=seconds
        )
    except subprocess.TimeoutExpired:
        raise Refusal(f"could not be read within {seconds} seconds; {AGAIN}, with the study's columns alone") from None
    told = _answer(done.stdout)
    if "refused" in told:
        kind = Unready if told["unready"] else Refusal
        raise kind(*told["refused"], identifying=told["identifying"])
    if "sheet" not in told:
        raise Refusal(f"the program that reads such files {_ending(told, done.returncode)}; {AGAIN}")
    sheet = told["sheet"]
    return Sheet(**{**sheet, "header": tuple(sheet["header"]), "notes": tuple(sheet["notes"])})


def _answer(raw):
    try:
        told = json.loads(raw)
    except ValueError:  # the child ended before it had written all
        return {}
    return told if isinstance(told, dict) else {}


def _ending(told, code):
    if told.get("failed") == "MemoryError":
        return "needed more memory than it may have"
    if "failed" in told:
        return f"could not make sense of it ({told['failed']})"
    return "needed more time or memory than it may have, or broke down" if code else "gave no answer"
