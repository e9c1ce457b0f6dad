"""What happens in a worker process: one page after another, each in a kernel of its own."""

import os
import pickle
import signal
import sys
import time

from mmresearch.errors import MARK, MMResearchError
from mmresearch.runner.pages import Failure, Result
from mmresearch.runner.parameters import literal
from mmresearch.runner.warm import KERNEL, possible, register

LONGEST = 100  # bytes of a socket's path that every system takes, less the port's number
IN_MEMORY = "--HistoryManager.hist_file=:memory:"  # nbclient asks for it where the kernel is called python3
START_TIMEOUT = 120  # seconds a kernel may take to answer, on a machine that is busy with others


def serve():
    """Execute the pages that come in, one at a time, until there are no more; answer each with its Result."""
    pages, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # What a dying kernel tells its terminal is a traceback, which may hold a patient's value.
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    signal.signal(signal.SIGINT, _leave)
    signal.signal(signal.SIGTERM, _leave)
    while True:
        try:
            page, timeout = pickle.load(pages)
        except EOFError:
            return
        pickle.dump(run_page(page, timeout), answers)
        answers.flush()


def run_page(page, timeout):
    """Execute one page and return its Result; a failing notebook is a Result too, and leaves no file.

    timeout: seconds one cell may take, None for no limit.
    """
    started = time.perf_counter()
    try:
        failure = _execute(page, timeout)
    except Exception as error:  # whatever a notebook raises fails its own page, and no other
        failure = explain(error)
    return Result(page, round(time.perf_counter() - started, 3), failure)


def explain(error):
    """Return the Failure that `error` is, without a value a traceback may hold."""
    kind, text = type(error).__name__, ""
    where = "while the kernel was started"
    if hasattr(error, "ename"):  # papermill's record of what the kernel raised
        kind, where = error.ename, f"in code cell {error.exec_count}"
        text = error.evalue if list(error.traceback or ()) == [MARK, error.evalue] else ""
    elif kind == "CellTimeoutError":
        where = "because a cell took longer than the timeout"
    elif kind == "DeadKernelError":
        where = "because the kernel died (often: out of memory)"
    elif isinstance(error, MMResearchError):
        text = str(error)
    return Failure(kind, text or f"{kind} {where}")


def _execute(page, timeout):
    import nbformat
    from papermill import execute_notebook

    page.folder.mkdir(parents=True, exist_ok=True)
    # No output path: a notebook that fails would be saved with its traceback, which may hold a patient's value.
    executed = execute_notebook(literal(page.notebook), None, parameters=dict(page.parameters), cwd=page.folder,
                                progress_bar=False, log_output=False, request_save_on_cell_execute=False,
                                kernel_name=kernel_for(page.notebook), extra_arguments=[IN_MEMORY],
                                start_timeout=START_TIMEOUT, execution_timeout=timeout, config=transport(),
                                shutdown_kernel="immediate")  # nothing in it is wanted any more
    executed.metadata["papermill"].update(input_path=page.notebook.name, output_path=page.executed.name)
    page.executed.write_text(nbformat.writes(executed) + "\n", encoding="utf-8")


def kernel_for(notebook):
    """Return the warm kernel's name where the notebook asks for this interpreter, else None: the kernel it asks for."""
    import nbformat

    asked = nbformat.read(notebook, as_version=4).metadata.get("kernelspec", {}).get("name")
    if asked not in ("python3", KERNEL) or not possible():
        return None
    register()
    return KERNEL


def transport():
    """Return the configuration by which a kernel is spoken to over sockets in a folder of this run alone.

    TCP ports are found free first and taken later, so kernels that start together may take each other's; and any
    account of the machine could read what crosses a port.
    """
    from traitlets.config import Config

    place = os.path.join(os.environ["JUPYTER_RUNTIME_DIR"], f"kernel-{os.getpid()}")
    if os.name != "posix" or len(os.fsencode(place)) > LONGEST:
        return Config()
    return Config({"KernelManager": {"transport": "ipc", "ip": place}})


def _leave(signum, frame):
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)  # a second one must not stop the kernel's own shutdown
    sys.exit(128 + signum)


if __name__ == "__main__":
    serve()
