"""Pages sent to an existing Dask cluster. Its workers share nothing with the run but the study's folder.

A page's notebook and parameters travel out, the executed notebook's bytes travel back. On the cluster a page runs in a
process beside the Dask worker, as it does on this machine, so a page that dies takes no worker with it.
"""

import hashlib
import tempfile
import threading
from concurrent.futures import Executor
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import mmresearch
from mmresearch.errors import SetupError, UsageError
from mmresearch.runner.kernels import sensible_memory
from mmresearch.runner.pages import Failure
from mmresearch.runner.work import Done, unload
from mmresearch.runner.workers import Workers

starting = threading.Lock()
ANSWER = 15  # seconds a scheduler is given to answer
OTHER_CODE = Failure("OtherCode", "the cluster's workers have another version of mmresearch than this run")
UNSEEN = Failure("StudyUnseen", "the cluster's workers see no folder of the study where this run reads it")


class Cluster(Executor):
    """Executes calls on the workers of the Dask scheduler at `address`; stays connected until it is shut down.

    A worker that dies has its pages run by another. Raises UsageError where `distributed` is not installed, SetupError
    where no scheduler answers or it has no workers.
    """

    elsewhere = True
    memory = None  # each machine knows its own

    def __init__(self, address):
        if find_spec("distributed") is None:
            raise UsageError("--dask", "this needs the package distributed, which is not installed",
                             remedy="pip install mmresearch[dask]")
        self._client = connect(address)
        self._executor = self._client.get_executor(pure=False)

    @property
    def jobs(self):
        """How many pages run side by side: the threads of all workers."""
        return sum(self._client.nthreads().values())

    def start(self, calls=None):
        """Its workers are there already."""

    def submit(self, function, /, *given):
        return self._executor.submit(call, hash_package(), function, *given)

    def shutdown(self, wait=True, *, cancel_futures=False):
        """Disconnect. Pages nobody waits for are taken back; one that runs on the cluster ends there unheard."""
        self._executor.shutdown(wait=wait and not cancel_futures)
        self._client.close()

    def __exit__(self, kind, *_):
        self.shutdown(wait=kind is None)


def connect(address):
    """Return a Client of the scheduler at `address`."""
    from distributed import Client

    try:
        client = Client(address, timeout=ANSWER, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:  # a timeout is an OSError
        raise SetupError("--dask", f"no Dask scheduler answered at {address} ({type(error).__name__})",
                         remedy="`dask scheduler` prints its address, such as tcp://10.0.0.5:8786.") from None
    if not client.nthreads():
        client.close()
        raise SetupError("--dask", f"the Dask cluster at {address} has no workers",
                         remedy="`dask worker ADDRESS` starts one.")
    return client


def call(package, function, work):
    """On a Dask worker: call `function` with a Work in a process of this machine and return what it returns.

    package: hash of the package the run stands on. Numbers made by another version are not taken.
    """
    if package != hash_package():
        return Done(0.0, failure=OTHER_CODE)
    if not all(Path(target).is_dir() for _, target in work.reads):
        return Done(0.0, failure=UNSEEN)
    # Below the scratch folder, which the processes clear away where this worker is killed.
    with tempfile.TemporaryDirectory(prefix="page-", dir=crew().scratch) as root:
        here = replace(unload(work, root), memory=work.memory or sensible_memory(threads()))
        return crew().submit(function, here).result()


def crew():
    """Return the worker processes of this Dask worker: they stay while it does, and end with it."""
    with starting:  # its threads ask at once
        return _crew()


@cache
def _crew():
    return Workers(threads())


def threads():
    """How many pages this Dask worker runs side by side."""
    from distributed import get_worker

    return get_worker().state.nthreads


@cache
def hash_package():
    """Return the SHA-256 of the package's own files, names included."""
    package, total = Path(mmresearch.__file__).parent, hashlib.sha256()
    for path in sorted(package.rglob("*")):
        if path.is_file() and path.suffix not in (".pyc", ".pyo"):
            total.update(f"{path.relative_to(package)}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return total.hexdigest()
