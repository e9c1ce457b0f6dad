"""However a run ends, nothing of it goes on: no worker, no template, no kernel, no folder."""

import os
import signal
import subprocess
import sys
import threading

import psutil
import pytest
from test_runner import wait_until, write_notebook

from mmresearch.runner import Page, execute, open_executor
from mmresearch.runner.warm import possible

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


WAITS = """
import os, pathlib, time
pathlib.Path("pids").write_text(f"{os.environ['JPY_PARENT_PID']} {os.getpid()} {os.getppid()} .")
while not pathlib.Path("../go").exists():
    time.sleep(0.05)
"""


@pytest.mark.skipif(not possible(), reason="this system cannot fork warm kernels")
def test_workers_share_a_template_and_one_that_is_killed_takes_its_kernel_along_and_no_other(tmp_path):
    notebook, results = write_notebook(tmp_path / "n.ipynb", WAITS), []
    pages = [Page(name, notebook, tmp_path / name) for name in ("a", "b")]
    thread = threading.Thread(target=lambda: results.extend(execute(pages, jobs=2, progress=False)))
    thread.start()
    told = [tmp_path / name / "pids" for name in ("a", "b")]
    wait_until(lambda: all(each.exists() and each.read_text().endswith(".") for each in told))
    (worker, kernel, template), (other, goes_on, same) = (map(int, each.read_text().split()[:3]) for each in told)
    assert template == same and worker != other
    kernel = psutil.Process(kernel)
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: not alive([kernel]))
    assert alive([psutil.Process(goes_on), psutil.Process(template)])
    (tmp_path / "go").touch()
    thread.join(120)
    assert [result.failure and result.failure.error for result in results] == ["WorkerDied", None]


def test_a_run_that_ends_well_leaves_nothing_either(tmp_path):
    notebook = write_notebook(tmp_path / "n.ipynb", "1 + 1")
    others = psutil.Process().children(recursive=True)  # of tests before this one, such as a cluster's tracker
    with open_executor(1) as executor:
        result, = execute([Page("a", notebook, tmp_path / "a")], progress=False, executor=executor)
        below = [process for process in psutil.Process().children(recursive=True) if process not in others]
        assert execute([Page("b", notebook, tmp_path / "b")], progress=False, executor=executor)[0].failure is None
        again = psutil.Process().children(recursive=True)
    assert result.failure is None and {process.pid for process in below} <= {process.pid for process in again}
    wait_until(lambda: not alive(below))
