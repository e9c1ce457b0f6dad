"""Executes pages side by side, each in a worker process, and survives the loss of one."""

import os
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import cache

from mmresearch.errors import UsageError
from mmresearch.runner.parameters import check
from mmresearch.runner.progress import Progress
from mmresearch.runner.warm import possible
from mmresearch.runner.workers import Workers


def execute(pages, jobs=None, progress=True, timeout=600, on_done=None):
    """Execute `pages` side by side and return their Results, in the order of the pages.

    jobs      worker processes (None: one a core)
    progress  True shows a bar on a terminal, or a line a page where standard error is a file or a pipe
    timeout   seconds one cell may take, None for no limit
    on_done   called here, in this process and thread, with each Result as soon as its page has ended
    Raises UsageError before anything runs where parameters do not fit; a failing page raises nothing.
    """
    pages = list(pages)
    if jobs is not None and jobs < 1:
        raise UsageError("--jobs", f"expected a whole number from 1; received {jobs}")
    check(pages)
    if progress and pages:
        tell_cold()
    results = {}
    with Progress(len(pages), progress) as bar, tempfile.TemporaryDirectory(prefix="mmresearch-") as scratch:
        for result in _side_by_side(pages, min(jobs or cores(), len(pages) or 1), timeout, scratch):
            results[result.page.executed] = result
            bar.done(result)
            if on_done:
                on_done(result)
    return [results[page.executed] for page in pages]


@cache
def tell_cold():
    """Say, once a process, where kernels cannot be forked."""
    if not possible():
        print("This system cannot fork warm kernels: each page imports everything itself, and takes longer.",
              file=sys.stderr)


def cores():
    """How many cores this process may use (a container may be given fewer than the machine has)."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _side_by_side(pages, jobs, timeout, scratch):
    """Yield Results as pages end. A thread a worker: the threads only wait, the work is in the processes."""
    with Workers(scratch) as workers, ThreadPoolExecutor(jobs) as pool:
        waiting = [pool.submit(workers.run, page, timeout) for page in pages]
        try:
            yield from (future.result() for future in as_completed(waiting))
        except BaseException:  # Ctrl-C: nothing new starts, and what runs is stopped
            pool.shutdown(wait=False, cancel_futures=True)
            workers.stop()
            raise
