"""What happens in a worker process: one page after another, each in a kernel of its own."""

import os
import signal
import sys
import time
from pathlib import Path

from mmresearch.errors import MMResearchError
from mmresearch.runner.pages import Failure, Result
from mmresearch.runner.parameters import literal

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
START_TIMEOUT = 120  # seconds a kernel may take to answer, on a machine that is busy with others


def prepare(scratch):
    """Give this process, and the kernels it starts, an environment of their own.

    scratch: a folder for connection files and IPython's profile, so that no start-up file of the user's runs in a page.
    """
    os.environ.update({name: "1" for name in ONE_THREAD})
    os.environ.update(IPYTHONDIR=str(Path(scratch) / "ipython"), JUPYTER_RUNTIME_DIR=str(Path(scratch) / "runtime"),
                      JUPYTER_PREFER_ENV_PATH="1", MPLBACKEND="Agg")
    # The warnings of a fit are troubles of its Estimate. What is left is addressed to programmers, with this machine's paths.
    os.environ["PYTHONWARNINGS"] = "ignore"
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    # What a dying kernel tells its terminal is a traceback, which may hold a patient's value; what counts is in the Result.
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    signal.signal(signal.SIGINT, _leave)


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
        kind, text, where = error.ename, error.evalue, f"in code cell {error.exec_count}"
    elif kind == "CellTimeoutError":
        where = "because a cell took longer than the timeout"
    elif kind == "DeadKernelError":
        where = "because the kernel died (often: out of memory)"
    elif isinstance(error, MMResearchError):
        text = str(error)
    if kind in _ours() and text:
        return Failure(kind, text)
    return Failure(kind, f"{kind} {where}")


def _execute(page, timeout):
    import nbformat
    from papermill import execute_notebook

    page.folder.mkdir(parents=True, exist_ok=True)
    # No output path: a notebook that fails would be saved with its traceback, and a traceback may hold a patient's value.
    executed = execute_notebook(literal(page.notebook), None, parameters=dict(page.parameters), cwd=page.folder,
                                progress_bar=False, log_output=False, request_save_on_cell_execute=False,
                                start_timeout=START_TIMEOUT, execution_timeout=timeout)
    executed.metadata["papermill"].update(input_path=page.notebook.name, output_path=page.executed.name)
    page.executed.write_text(nbformat.writes(executed) + "\n", encoding="utf-8")


def _ours():
    found, left = set(), [MMResearchError]
    while left:
        kind = left.pop()
        found.add(kind.__name__)
        left += kind.__subclasses__()
    return found


def _leave(signum, frame):
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second one must not stop the kernel's own shutdown
    sys.exit(130)
