"""Executes one page with papermill, in a kernel of its own."""

import os
import time
from pathlib import Path

from mmresearch.errors import MARK, MMResearchError
from mmresearch.runner.kernels import guarded, holds_sockets, sensible_memory
from mmresearch.runner.lean import import_papermill
from mmresearch.runner.pages import Failure
from mmresearch.runner.warm import AHEAD, KERNEL, possible, register, templates
from mmresearch.runner.work import Done

IN_MEMORY = "--HistoryManager.hist_file=:memory:"  # nbclient asks for it where the kernel is called python3
DEAD = "DeadKernelError"  # nbclient's
START_TIMEOUT = 120  # seconds a kernel may take to answer, on a machine that is busy with others


def run_page(work):
    """Execute one Work and return what came of it; a failing notebook is a Done too."""
    started = time.perf_counter()
    content, failure = _attempt(work)
    if failure and failure.error == DEAD and templates.lost():  # another page may have taken it along
        content, failure = _attempt(work)
    return Done(round(time.perf_counter() - started, 3), content, failure)


def _attempt(work):
    """Return (the executed notebook's bytes, None) or (None, Failure)."""
    with guarded(work.memory or sensible_memory(1)) as guard:
        try:
            return _execute(work, guard), None
        except Exception as error:  # whatever a notebook raises fails its own page, and no other
            return None, starved(guard) if guard.exceeded else explain(error, work.timeout)


def explain(error, timeout=None):
    """Return the Failure that `error` is, without a value a traceback may hold."""
    kind, text = type(error).__name__, ""
    where = "while the kernel was started"
    if hasattr(error, "ename"):  # papermill's record of what the kernel raised
        kind, where = error.ename, f"in code cell {error.exec_count}"
        text = error.evalue if list(error.traceback or ()) == [MARK, error.evalue] else ""
    elif kind == "CellTimeoutError":
        where = f"because a cell took longer than {timeout} s (--timeout)"
    elif kind == DEAD:
        where = "because the kernel died (often: out of memory)"
    elif isinstance(error, MMResearchError):
        text = str(error)
    return Failure(kind, text or f"{kind} {where}")


def starved(guard):
    """Return the Failure of a page whose kernel took too much memory."""
    return Failure("MemoryExceeded", f"the page was stopped because it took more than {guard.megabytes:.0f} MB of "
                                     f"memory (--memory): {guard.reached:.0f} MB, of which its kernel had "
                                     f"{guard.began:.0f} MB before anything ran")


def _execute(work, guard):
    """Return the executed notebook's bytes."""
    execute_notebook = import_papermill().execute_notebook
    import nbformat

    Path(work.folder).mkdir(parents=True, exist_ok=True)
    os.environ[AHEAD] = work.reads[0][1] if work.reads else ""
    notebook = nbformat.reads(work.content.decode(), as_version=4)
    # No output path: a notebook that fails would be saved with its traceback, which may hold a patient's value.
    executed = execute_notebook(notebook, None, parameters=dict(work.parameters), cwd=work.folder,
                                progress_bar=False, log_output=False, request_save_on_cell_execute=False,
                                kernel_name=kernel_for(notebook), extra_arguments=[IN_MEMORY],
                                start_timeout=START_TIMEOUT, execution_timeout=work.timeout, config=transport(),
                                kernel_manager_class=guard.manager(),
                                shutdown_kernel="immediate")  # nothing in it is wanted any more
    executed.metadata["papermill"].update(input_path=work.notebook, output_path=f"{work.name}.ipynb")
    return (nbformat.writes(executed) + "\n").encode()


def kernel_for(notebook):
    """Return the warm kernel's name where the notebook asks for this interpreter, else None: the kernel it asks for."""
    if notebook.metadata.get("kernelspec", {}).get("name") not in ("python3", KERNEL) or not possible():
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
    told = {"connection_file": f"{place}.json"}  # left to itself it is beside every program's, where a kill leaves it
    if holds_sockets(place):
        told |= {"transport": "ipc", "ip": place}
    return Config({"KernelManager": told})
