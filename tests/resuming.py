"""Runs that are killed: in a child of this process with a stand-in for its pages, or as the command with kernels."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import traceback
from contextlib import contextmanager
from pathlib import Path

from kept import FEW, executing

from mmresearch.claims import Registry, articles

ROOT = Path(__file__).parents[1]
STAMP = re.compile(r"<dt>(Run|Commit)</dt><dd>[^<]*</dd>|, commit <code>[^<]*</code>|, run 20[0-9-]{8}")
LONGEST = 180  # seconds a child may live


class Child:
    """`mmresearch run STUDY --out OUT` in a fork of this process, its pages executed by a stand-in that takes its time.

    log: a file; a line when a page begins, and one when it has been kept
    """

    def __init__(self, study, out, log, pause=0.02, *words):
        self.log = Path(log)
        self.log.write_text("")
        self.pid = os.fork()
        if self.pid == 0:
            self._run(["run", str(study), "--out", str(out), *words, "--debug"], pause)

    def _run(self, words, pause):
        code = 70
        signal.alarm(LONGEST)  # a test that fails before it ends its children leaves none
        try:
            os.dup2(os.open(os.devnull, os.O_RDWR), 1)
            os.dup2(os.open(self.log.with_suffix(".err"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 2)
            sys.stdout, sys.stderr = (open(stream, "w", encoding="utf-8") for stream in (1, 2))  # not the test's own
            from mmresearch import cli, runner
            from mmresearch.workbench import opening

            runner.execute = self._logging(pause)
            runner.open_executor = idle
            few = Registry("articles", {name: articles().claim(name) for name in FEW})
            opening.articles = lambda: few
            code = cli.main(words)
        except BaseException:
            os.write(2, traceback.format_exc().encode())
        finally:
            os._exit(code)

    def _logging(self, pause):
        def execute(pages, on_done, **_):
            return [self._one(page, on_done, pause) for page in pages]
        return execute

    def _one(self, page, on_done, pause):
        self._say("began", page)
        time.sleep(pause)
        result, = executing([])([page], on_done)
        self._say("kept", page)
        return result

    def _say(self, what, page):
        with self.log.open("a") as file:
            file.write(f"{what} {page.name}\n")

    def pages(self, what):
        return {line.split()[1] for line in self.log.read_text().splitlines() if line.startswith(what)}

    def end(self):
        """Wait for its end; return its exit code, negative for a signal."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def kill_after(self, seconds):
        """Kill it that many seconds from now, unless it ends before; return its exit code."""
        time.sleep(seconds)
        os.kill(self.pid, signal.SIGKILL)  # a child that ended is there until it is waited for
        return self.end()


@contextmanager
def idle(*_):
    """A stand-in for runner.open_executor: starts nothing."""
    class Executor:
        def start(self, calls=None):
            pass
    yield Executor()


def content(report):
    """Return what a report says: file -> content, without the run's own stamps (times, dates)."""
    return {path.relative_to(report).as_posix(): _said(path) for path in sorted(report.rglob("*"))
            if path.is_file() and path.name != "run.json"}


def _said(path):
    if path.suffix == ".ipynb":
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        return [(cell["source"], cell.get("outputs")) for cell in cells]
    if path.suffix == ".html":
        return STAMP.sub("", path.read_text(encoding="utf-8"))
    return path.read_bytes()


def freeze(place):
    """Copy what a run is made from, so that nobody at work beside the tests changes it; return the environment."""
    for name in ("mmresearch", "notebooks"):
        shutil.copytree(ROOT / name, place / name, symlinks=False, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "requirements.lock", place)
    (place / "tmp").mkdir()
    return os.environ | {"PYTHONPATH": str(place), "TMPDIR": str(place / "tmp")}


def command(study, out, environment, *words):
    """Start the command itself, with kernels, in a group of its own."""
    return subprocess.Popen([sys.executable, "-m", "mmresearch.cli", "run", str(study), "--out", str(out), *words],
                            env=environment, cwd=environment["TMPDIR"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True, start_new_session=True)


def descendants(environment):
    """The processes that live in this environment, whoever is their parent now."""
    mark, found = f"TMPDIR={environment['TMPDIR']}".encode(), []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes().split(b"\0"):
                found.append(int(process.name))
        except OSError:  # it ended, or is another's
            continue
    return found


def all_ended(environment, patience=60):
    """Wait until no process lives in this environment; return those that still do."""
    for _ in range(patience * 10):
        if not descendants(environment):
            return []
        time.sleep(0.1)
    return descendants(environment)
