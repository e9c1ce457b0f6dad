"""The local executor: worker processes as a `concurrent.futures.Executor`, one that dies replaced by a new one.

Plain subprocesses, not multiprocessing: that would run the caller's own script again in every worker, and when one dies
it breaks the whole pool without saying which page it held.
"""

import os
import pickle
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from mmresearch.runner.kernels import sensible_memory
from mmresearch.runner.warm import SPECS, possible, templates
from mmresearch.runner.warm.templates import ONE_THREAD

COMMAND = [sys.executable, "-m", "mmresearch.runner.serving"]
PATIENCE = 0.5  # seconds workers and template together are given to leave before those still there are killed


class WorkerDied(Exception):
    """The process that executed a call is gone."""


class Stopped(Exception):
    """The executor was stopped before the call ended."""


class Workers(Executor):
    """Executes calls in worker processes; they stay from one call to the next. Use as a context manager.

    jobs   how many work side by side, at most; they start at the first call, or before it where `start` is called
    A call is a function importable by name, and arguments that can be pickled. Its future raises WorkerDied or Stopped.
    memory: megabytes each may take of this machine's. elsewhere: whether calls leave this machine.
    """

    elsewhere = False

    def __init__(self, jobs):
        self.jobs, self.memory = jobs, sensible_memory(jobs)
        self._folder = tempfile.TemporaryDirectory(prefix="mmresearch-", ignore_cleanup_errors=True)
        self.scratch = self._folder.name  # gone with the last of us, however we end
        self._environment = environment(self.scratch)
        Path(self._environment["JUPYTER_RUNTIME_DIR"]).mkdir(mode=0o700)
        self._lock, self._stopped, self._all = threading.Lock(), False, []
        self._idle, self._template = [], None
        self._threads = ThreadPoolExecutor(jobs)  # they only wait; the work is in the processes

    def start(self, calls=None):
        """Start the workers that many calls will need (None: all), while the caller goes on."""
        with self._lock:
            missing = min(self.jobs, calls or self.jobs) - len(self._all)
            self._idle += [self._open() for _ in range(missing)]

    def submit(self, function, /, *given):
        return self._threads.submit(self._call, function, given)

    def shutdown(self, wait=True, *, cancel_futures=False):
        """End: after the calls that were submitted, or at once where nobody waits for them."""
        if wait:
            self._threads.shutdown(wait=True, cancel_futures=cancel_futures)
        with self._lock:
            self._stopped = True
            workers = list(self._all)
        for worker in workers:
            worker.terminate()
        if self._template:
            self._template.end()
        _see_ends([*workers, *([self._template.process] if self._template else [])])
        self._threads.shutdown(wait=True, cancel_futures=True)
        doors = [self._template.door] if self._template else []
        for pipe in [*doors, *(pipe for worker in workers for pipe in (worker.stdin, worker.stdout))]:
            with suppress(OSError):  # what could not be written any more
                pipe.close()
        self._folder.cleanup()

    def __exit__(self, kind, *_):
        self.shutdown(wait=kind is None)

    def _call(self, function, given):
        worker = self._take()
        try:
            pickle.dump((function, given), worker.stdin)
            worker.stdin.flush()
            well, answer = pickle.load(worker.stdout)
        except (EOFError, OSError, pickle.UnpicklingError):
            raise Stopped if self._stopped else WorkerDied from None
        with self._lock:
            self._idle.append(worker)
        if not well:
            raise RuntimeError(answer)
        return answer

    def _take(self):
        with self._lock:
            if self._stopped:
                raise Stopped
            while self._idle:
                worker = self._idle.pop()
                if worker.poll() is None:  # else it died while it had nothing to do
                    return worker
            return self._open()

    def _open(self):
        if self._template is None and possible():  # one for all: it imports, and reads each study, but once
            # What a dying kernel tells its terminal is a traceback, which may hold a patient's value.
            self._template = templates.Template.start(self._environment, templates.modules(), subprocess.DEVNULL)
        doors = [self._template.door.fileno()] if self._template else []
        worker = subprocess.Popen([*COMMAND, self.scratch, *map(str, doors)], env=self._environment, pass_fds=doors,
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                  start_new_session=True)  # a terminal's Ctrl-C is ours to pass on
        self._all.append(worker)
        return worker


def _see_ends(processes):
    ends = time.monotonic() + PATIENCE
    for process in processes:
        try:
            process.wait(max(0.0, ends - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def environment(scratch):
    """Return the environment of workers and kernels: one BLAS thread, and none of the user's start-up files."""
    # A fit's warnings are troubles of its Estimate. What is left speaks to programmers, with this machine's paths.
    return os.environ | ONE_THREAD | {
        "IPYTHONDIR": str(Path(scratch) / "ipython"), "JUPYTER_RUNTIME_DIR": str(Path(scratch) / "runtime"),
        "JUPYTER_PATH": os.pathsep.join(filter(None, (str(SPECS), os.environ.get("JUPYTER_PATH")))),
        "JUPYTER_PREFER_ENV_PATH": "1", "MPLBACKEND": "Agg", "PYTHONWARNINGS": "ignore",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
