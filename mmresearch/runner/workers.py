"""The worker processes, seen from the run: hands each a page, and replaces one that dies.

Plain subprocesses, not multiprocessing: that would run the caller's own script again in every worker, and when one dies
it breaks the whole pool without saying which page it held.
"""

import os
import pickle
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

from mmresearch.runner.pages import Failure, Result
from mmresearch.runner.warm import SPECS
from mmresearch.runner.warm.templates import ONE_THREAD

DIED = Failure("WorkerDied", "the process that executed the page died (often: out of memory)")
STOPPED = Failure("Stopped", "the run was stopped")
PATIENCE = 20  # seconds a worker is given to shut its kernel down


class Workers:
    """As many workers as there are threads calling `run`, started when first needed. Use as a context manager.

    scratch: a folder for the kernels' connection files and an IPython profile of their own.
    """

    def __init__(self, scratch):
        self._environment = environment(scratch)
        Path(self._environment["JUPYTER_RUNTIME_DIR"]).mkdir(mode=0o700, exist_ok=True)
        self._idle, self._all, self._lock, self._stopped = [], [], threading.Lock(), False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for worker in self._all:
            with suppress(OSError):  # one that died cannot be told
                worker.stdin.close()  # the end of its work: it leaves by itself
        for worker in self._all:
            worker.stdout.close()
            try:
                worker.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                worker.kill()

    def run(self, page, timeout):
        """Execute one page in an idle worker and return its Result; waits until it ends."""
        worker = self._take()
        if worker is None:
            return Result(page, 0.0, STOPPED)
        try:
            pickle.dump((page, timeout), worker.stdin)
            worker.stdin.flush()
            result = pickle.load(worker.stdout)
        except (EOFError, BrokenPipeError, pickle.UnpicklingError):
            return Result(page, 0.0, STOPPED if self._stopped else DIED)
        with self._lock:
            self._idle.append(worker)
        return result

    def stop(self):
        """Tell the workers to leave and to take their kernels with them."""
        with self._lock:
            self._stopped = True
            for worker in self._all:
                worker.terminate()

    def _take(self):
        with self._lock:
            if self._stopped:
                return None
            if not self._idle:
                self._idle.append(self._start())
            return self._idle.pop()

    def _start(self):
        worker = subprocess.Popen([sys.executable, "-m", "mmresearch.runner.worker"], env=self._environment,
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self._all.append(worker)
        return worker


def environment(scratch):
    """Return the environment of workers and kernels: one BLAS thread, and none of the user's start-up files."""
    # A fit's warnings are troubles of its Estimate. What is left speaks to programmers, with this machine's paths.
    return os.environ | ONE_THREAD | {
        "IPYTHONDIR": str(Path(scratch) / "ipython"), "JUPYTER_RUNTIME_DIR": str(Path(scratch) / "runtime"),
        "JUPYTER_PATH": os.pathsep.join(filter(None, (str(SPECS), os.environ.get("JUPYTER_PATH")))),
        "JUPYTER_PREFER_ENV_PATH": "1", "MPLBACKEND": "Agg", "PYTHONWARNINGS": "ignore",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
