"""Executes pages in a pool of worker processes, and survives the loss of one."""

import multiprocessing
import os
import signal
import tempfile
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool

from mmresearch.errors import UsageError
from mmresearch.runner.pages import Failure, Result
from mmresearch.runner.parameters import check
from mmresearch.runner.progress import Progress
from mmresearch.runner.worker import prepare, run_page

DIED = Failure("WorkerDied", "the process that executed the page died (often: out of memory)")


def execute(pages, jobs=None, progress=True, timeout=600):
    """Execute `pages` side by side and return their Results, in the order of the pages.

    jobs      worker processes (None: one a core)
    progress  True shows a bar on a terminal, or a line a page where standard error is a file or a pipe
    timeout   seconds one cell may take, None for no limit
    Raises UsageError before anything runs where parameters do not fit; a failing page raises nothing.
    """
    pages = list(pages)
    if jobs is not None and jobs < 1:
        raise UsageError("--jobs", f"expected a whole number from 1; received {jobs}")
    check(pages)
    results = {}
    with Progress(len(pages), progress) as bar, tempfile.TemporaryDirectory(prefix="mmresearch-") as scratch:
        for result in _rounds(pages, jobs or cores(), timeout, scratch):
            results[result.page.executed] = result
            bar.done(result)
    return [results[page.executed] for page in pages]


def cores():
    """How many cores this process may use (a container may be given fewer than the machine has)."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _rounds(pages, jobs, timeout, scratch):
    """Yield a Result for each page. A worker that dies breaks its whole pool and does not say which page it held.

    So what is left runs again, one page a pool: the page that kills its worker is known by then, and fails alone.
    """
    left = list(pages)
    for result in _pool(left, jobs, timeout, scratch):
        left.remove(result.page)
        yield result
    for page in left:
        survived = list(_pool([page], 1, timeout, scratch))
        yield survived[0] if survived else Result(page, 0.0, DIED)


def _pool(pages, jobs, timeout, scratch):
    """Yield Results as pages end; pages whose worker died are left out."""
    if not pages:
        return
    spawn = multiprocessing.get_context("spawn")  # a fork would copy the threads' locks of numpy and zmq
    pool = ProcessPoolExecutor(min(jobs, len(pages)), mp_context=spawn, initializer=prepare, initargs=(scratch,))
    try:
        for future in as_completed([pool.submit(run_page, page, timeout) for page in pages]):
            try:
                yield future.result()
            except BrokenProcessPool:
                continue
    except (KeyboardInterrupt, GeneratorExit):
        _interrupt()
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _interrupt():
    """Ask the workers to leave and take their kernels with them; a terminal's Ctrl-C has told them already."""
    for child in multiprocessing.active_children():
        if child.pid:
            os.kill(child.pid, signal.SIGINT)
