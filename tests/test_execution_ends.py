"""However a run ends, nothing of it goes on: no worker, no template, no kernel, no folder."""

import os
import signal
import subprocess
import sys

import psutil
import pytest
from test_runner import wait_until, write_notebook

from mmresearch.runner import Page, execute, open_executor

SCRIPT = """
import sys
from mmresearch.runner import Page, execute, open_executor
if __name__ == "__main__":
    try:
        with open_executor(1) as executor:
            execute([Page(name, {notebook!r}, {folder!r} + name) for name in ("a", "b")],
                    progress=False, executor=executor)
    except KeyboardInterrupt:
        print("interrupted")
"""


@pytest.fixture
def running(tmp_path):
    """A run of two pages that never end; the first one's kernel runs. Yields it and what is below it."""
    notebook = write_notebook(tmp_path / "n.ipynb", "import os, pathlib, subprocess, time\n"
                              "child = subprocess.Popen(['sleep', '600'])\n"
                              "pathlib.Path('pid').write_text(f'{os.getpid()} {child.pid}')\ntime.sleep(600)")
    scratch, script = tmp_path / "scratch", tmp_path / "script.py"
    scratch.mkdir()
    script.write_text(SCRIPT.format(notebook=str(notebook), folder=f"{tmp_path}/"))
    run = subprocess.Popen([sys.executable, script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                           start_new_session=True, env=os.environ | {"TMPDIR": str(scratch)})
    told = tmp_path / "a" / "pid"
    wait_until(lambda: told.exists() and " " in told.read_text())
    below = psutil.Process(run.pid).children(recursive=True)
    yield run, below, {int(pid) for pid in told.read_text().split()}, scratch
    run.kill()
    run.communicate()


def alive(processes):
    return [process for process in processes if process.is_running() and process.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.parametrize("number, told", [
    pytest.param(signal.SIGINT, "interrupted\n", id="ctrl-c"), pytest.param(signal.SIGKILL, "", id="kill -9"),
    pytest.param(signal.SIGTERM, "", id="terminated", marks=pytest.mark.slow)])
def test_nothing_outlives_a_run(running, number, told):
    run, below, kernels, scratch = running
    assert kernels <= {process.pid for process in below}, "else there is nothing to outlive it"
    os.killpg(run.pid, number)
    out, err = run.communicate(timeout=60)
    assert (out, err) == (told, "")
    wait_until(lambda: not alive(below))
    wait_until(lambda: not list(scratch.iterdir()))


@pytest.mark.slow
def test_a_worker_that_is_killed_takes_its_kernel_and_template_along(running):
    run, below, kernels, _ = running
    worker = next(process for process in below if "mmresearch.runner.serving" in process.cmdline())
    its = worker.children(recursive=True)
    assert {process.pid for process in its} & kernels
    worker.kill()
    wait_until(lambda: not alive(its))
    assert run.poll() is None, "its next page goes on"


def test_a_run_that_ends_well_leaves_nothing_either(tmp_path):
    notebook = write_notebook(tmp_path / "n.ipynb", "1 + 1")
    with open_executor(1) as executor:
        result, = execute([Page("a", notebook, tmp_path / "a")], progress=False, executor=executor)
        below = psutil.Process().children(recursive=True)
        assert execute([Page("b", notebook, tmp_path / "b")], progress=False, executor=executor)[0].failure is None
        again = psutil.Process().children(recursive=True)
    assert result.failure is None and {process.pid for process in below} <= {process.pid for process in again}
    wait_until(lambda: not alive(below))
