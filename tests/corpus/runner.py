"""One folder through `mmresearch check`, and what came of it."""

import contextlib
import hashlib
import io
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from corpus.clinic import Clinic
from corpus.facts import differences, facts_of
from corpus.kinds import LOAD, REFUSE
from mmresearch.cli import intake, main
from mmresearch.workbench.study import StudyPage

SECONDS = 60  # after which a reader counts as hanging
MOST_LINES = 20
LIMITS = (
    "import resource, sys; resource.setrlimit(resource.RLIMIT_AS, (4_000_000_000,) * 2); "
    "resource.setrlimit(resource.RLIMIT_CPU, (60, 60)); from mmresearch.cli import main; sys.exit(main(sys.argv[1:]))"
)
ROWS = re.compile(r"(?:line|row|record)s? (\d+(?:, \d+)*)")
REMEDY = re.compile(r"[;:,.(] ?(?!$)|correct|give|say|save|export|rename|remove|leave", re.IGNORECASE)


@dataclass(frozen=True)
class Result:
    """What came of one input. faults: the kinds of wrong, empty where all went well; told: the message."""

    kind: str
    seed: int
    code: int
    faults: tuple
    told: str
    seconds: float

    @property
    def refused(self):
        return self.code != 0


def run(kind, seed, *, apart=False):
    """Make the input of a Kind from a seed, check it, and return the Result. apart: in a process with limits."""
    with tempfile.TemporaryDirectory() as place:
        home, canary = Path(place), Path(place) / "canary"
        folder = home / "study"
        clinic = Clinic(random.Random(f"{kind.id}:{seed}"))
        clinic.canary = canary
        expected = kind.make(clinic, folder)
        before = _state(home)
        began = time.monotonic()
        code, told, dataset = (_apart if apart else check_here)(folder)
        seconds = time.monotonic() - began
        faults = [
            *_outcome(expected, code, dataset),
            *_live(expected, dataset),
            *_harm(canary, before, home, told, expected, seconds),
        ]
        if code and not faults:
            faults += _incomplete(expected, told, folder)
        _open_up(home)
        return Result(kind.id, seed, code, tuple(faults), told.replace(str(home), ""), seconds)


def check_here(folder):
    """Run in this process. The articles' claims are not asked: what is read does not depend on them."""
    kept, read, asked = [], intake.read_study, intake.registries

    def reading(path):
        kept.append(read(path))
        return kept[-1]

    out, code = io.StringIO(), None
    intake.read_study, intake.registries = (
        reading,
        lambda dataset: [each for each in asked(dataset) if each.name == intake.OWN],
    )
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            code = main(["check", str(folder)])
    except SystemExit as stop:
        code = stop.code
    except BaseException as error:
        return 1, f"{out.getvalue()}\nTraceback: {type(error).__name__}", None
    finally:
        intake.read_study, intake.registries = read, asked
    return code, out.getvalue(), kept[0] if kept else None


def _apart(folder):
    try:
        done = subprocess.run(
            [sys.executable, "-c", LIMITS, "check", str(folder)],
            capture_output=True,
            timeout=SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.TimeoutExpired:
        return 1, "", None
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace"), None


def _outcome(expected, code, dataset):
    if code == 0 and expected.outcome == REFUSE:
        yield "silently wrong: accepted"
    elif code == 0 and dataset is not None:
        yield from (f"silently wrong: {each}" for each in differences(expected.truth, facts_of(dataset)))
    elif code and expected.outcome == LOAD:
        yield "clean and refused"
    elif code and code not in expected.codes:
        yield f"exit code {code}"


def _live(expected, dataset):
    """What a page of the study would hold as markup though it is a text."""
    if dataset is None or not expected.inert:
        return
    arrived = StudyPage(dataset)
    pages = "".join(getattr(arrived, name)().body for name in ("outline", "table_one", "flow", "missing"))
    yield from ("live markup" for text in expected.inert if text in pages)


def _harm(canary, before, home, told, expected, seconds):
    if canary.exists():
        yield "code executed"
        canary.unlink()
    if _state(home) != before:
        yield "inputs changed"
    if "Traceback" in told or "unexpected " in told or "This is a fault of mmresearch" in told:
        yield "crash"
    if seconds > SECONDS:
        yield "hang"
    if any(secret in told for secret in expected.secrets):
        yield "echo"
    if any(not sign.isprintable() and sign not in "\n\t" for sign in told):
        yield "raw control character"


def _incomplete(expected, told, folder):
    """What a message lacks: the file, the row, the column, the remedy; or it is long."""
    lines = told.strip().splitlines()
    if len(lines) > MOST_LINES:
        yield f"message: {len(lines)} lines"
    if expected.file and expected.file not in told:
        yield "message: no file"
    if expected.column and f"'{expected.column}'" not in told and f".{expected.column}" not in told:
        yield "message: no column"
    places = [set(map(int, re.findall(r"\d+", each))) for each in ROWS.findall(told)]
    if expected.lines and not set().union(*places) & set(expected.lines):
        yield "message: no row"
    if not lines or not REMEDY.search(told.replace(str(folder), "")):
        yield "message: no remedy"


def _state(home):
    """Return {path: hash} of what lies there; what is no plain file is told by its kind."""
    state = {}
    for path in sorted(home.rglob("*")):
        name = str(path.relative_to(home))
        if path.is_symlink():
            state[name] = os.readlink(path)
        elif path.is_file() and os.access(path, os.R_OK) and path.stat().st_size < 100_000_000:
            state[name] = hashlib.sha256(path.read_bytes()).hexdigest()
        else:
            state[name] = oct(path.stat().st_mode) + str(path.stat().st_size)
    return state


def _open_up(home):
    for path in home.rglob("*"):
        if not path.is_symlink() and not os.access(path, os.R_OK):
            path.chmod(0o700)
