"""Executes pages side by side, each in a worker process, and survives the loss of one."""

import os
import sys
from concurrent.futures import FIRST_COMPLETED as FIRST
from concurrent.futures import CancelledError, wait
from contextlib import nullcontext
from functools import cache

from mmresearch.errors import UsageError
from mmresearch.runner.pages import Failure, Result
from mmresearch.runner.parameters import check
from mmresearch.runner.progress import Progress
from mmresearch.runner.warm import possible
from mmresearch.runner.work import Done, load, pack
from mmresearch.runner.worker import run_page
from mmresearch.runner.workers import WorkerDied, Workers

DIED = Failure("WorkerDied", "the process that executed the page died (often: out of memory)")
LOST = Failure("Lost", "the cluster gave the page up: the workers that took it died, or it is gone")
TICK = 1  # seconds after which what is shown is shown anew, though no page ended


def open_executor(jobs=None, dask=None):
    """Return the executor of a run, a context manager: keep it open for all that a run executes.

    jobs  worker processes on this machine (None: one a core), which start when they are needed, and stay
    dask  address of a Dask scheduler: pages go to its workers instead, and jobs says nothing
    Raises UsageError, and SetupError where no cluster answers.
    """
    if jobs is not None and jobs < 1:
        raise UsageError("--jobs", f"expected a whole number from 1; received {jobs}")
    if dask:
        from mmresearch.runner.cluster import Cluster

        return Cluster(dask)
    return Workers(jobs or cores())


def execute(pages, jobs=None, progress=True, timeout=600, on_done=None, executor=None, memory=None):
    """Execute `pages` side by side and return their Results, in the order of the pages.

    jobs      worker processes (None: one a core), where there is no `executor`
    progress  True shows a bar on a terminal, or a line a page where standard error is a file or a pipe
    timeout   seconds one cell may take, None for no limit
    on_done   called here, in this process and thread, with each Result as soon as its page has ended
    executor  what `open_executor` returned; stays open
    memory    megabytes a page's kernel may take (None: its share of four fifths of the machine's)
    Raises UsageError before anything runs where parameters do not fit; a failing page raises nothing.
    """
    pages = list(pages)
    check(pages)
    if not pages:
        return []
    if progress:
        tell_cold()
    opened = nullcontext(executor) if executor else open_executor(min(cores() if jobs is None else jobs, len(pages)))
    results = {}
    with opened as crew, Progress(len(pages), progress, jobs=crew.jobs) as bar:
        for result in _side_by_side(pages, crew, bar, timeout, memory):
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


def _side_by_side(pages, executor, bar, timeout, memory):
    """Yield Results as pages end. Whatever stops the caller, Ctrl-C above all, takes back what has not begun."""
    executor.start(len(pages))
    waiting = {_submit(page, executor, timeout, memory): page for page in pages}
    try:
        while waiting:
            bar.show([page.name for future, page in waiting.items() if future.running()])
            for future in wait(waiting, TICK, FIRST).done:
                yield _result(waiting.pop(future), future)
    finally:
        for future in waiting:
            future.cancel()


def _submit(page, executor, timeout, memory):
    work = pack(page, timeout, memory or executor.memory)
    return executor.submit(run_page, load(work, page) if executor.elsewhere else work)


def _result(page, future):
    """Return the Result of a page, its executed notebook written; a lost page is a Result too."""
    try:
        done = future.result()
    except (Exception, CancelledError) as error:
        done = Done(0.0, failure=_lost(error))
    if done.content is not None:
        page.folder.mkdir(parents=True, exist_ok=True)
        page.executed.write_bytes(done.content)
    return Result(page, done.seconds, done.failure)


def _lost(error):
    kind = type(error).__name__
    if isinstance(error, WorkerDied) or kind == "KilledWorker":  # the latter is Dask's, which may be absent
        return DIED
    if isinstance(error, CancelledError):
        return LOST
    why = f" ({os.strerror(error.errno)})" if isinstance(error, OSError) and error.errno else ""
    return Failure(kind, f"{kind}{why} while the page was executed")
