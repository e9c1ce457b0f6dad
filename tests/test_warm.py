"""Warm kernels: forked from one template, yet each fresh as a new process; ordinary ones where there is no fork."""

import ast
import asyncio
import json
import logging
import os
import queue
import subprocess
import sys
import time
from pathlib import Path

import pytest
from jupyter_client.manager import KernelManager
from test_runner import outputs, write_notebook

from mmresearch.runner import Page, execute, execution
from mmresearch.runner.client import Client
from mmresearch.runner.warm import KERNEL, SPECS, possible, provisioner, register, templates

warm = pytest.mark.skipif(not possible(), reason="this system cannot fork warm kernels")
ROOT = Path(__file__).parents[1]

STAIN = """
if word == "stain":
    import os, random, sys, warnings
    import numpy, pandas
    pandas.left_behind = sys.left_behind = True
    pandas.set_option("display.max_rows", 3)
    random.seed(1), numpy.random.seed(1)
    os.environ["LEFT_BEHIND"] = "1"
    os.mkdir("elsewhere"), os.chdir("elsewhere")
    sys.path.insert(0, "left-behind")
    warnings.simplefilter("error")
"""
LOOK = """
import os, random, sys, warnings
import numpy, pandas
dict(module=hasattr(pandas, "left_behind") or hasattr(sys, "left_behind"), rows=pandas.get_option("display.max_rows"),
     environment=os.environ.get("LEFT_BEHIND"), folder=os.path.basename(os.getcwd()), path="left-behind" in sys.path,
     strict=warnings.filters[0][0] == "error", name="left" in globals(),
     draws=(random.random(), numpy.random.random()), threads=os.environ["OMP_NUM_THREADS"])
"""
WHENCE = "left = 1\nopen(f'/proc/{os.getppid()}/cmdline').read(), os.getppid(), os.getpid(), os.getpgid(0)"


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """Three pages one after another in one worker: the first leaves whatever it can, the others look around."""
    folder = tmp_path_factory.mktemp("warm")
    notebook = write_notebook(folder / "n.ipynb", STAIN, LOOK, WHENCE)
    pages = [Page(name, notebook, folder / name, {"word": name}) for name in ("stain", "look", "again")]
    found = [[ast.literal_eval(text) for text in outputs(result)]
             for result in execute(pages, jobs=1, progress=False)]
    return {page.name: each[-2:] for page, each in zip(pages, found, strict=True)}


@warm
def test_kernels_are_forked_from_one_template_and_lead_groups_of_their_own(three):
    whence = [found[1] for found in three.values()]
    assert all("mmresearch.runner.warm" in command for command, *_ in whence)
    assert len({template for _, template, _, _ in whence}) == 1
    assert len({pid for *_, pid, _ in whence}) == 3 and all(pid == group for *_, pid, group in whence)


def test_nothing_leaks_from_one_notebook_to_the_next(three):
    assert three["stain"][0]["module"] and three["stain"][0]["folder"] == "elsewhere", "else there is nothing to leak"
    for name in ("look", "again"):
        found = dict(three[name][0])
        found.pop("draws")
        assert found == {"module": False, "rows": 60, "environment": None, "folder": name, "path": False,
                         "strict": False, "name": False, "threads": "1"}


def test_each_kernel_draws_random_numbers_of_its_own(three):
    draws = [found[0]["draws"] for found in three.values()]
    assert len({python for python, _ in draws}) == len({numpy for _, numpy in draws}) == 3


@warm
def test_a_template_that_is_killed_fails_its_own_page_only(tmp_path):
    notebook = write_notebook(tmp_path / "n.ipynb", "import os, signal, time",
                              "if word == 'kill':\n    os.kill(os.getppid(), signal.SIGKILL)\n    time.sleep(60)",
                              "open(f'/proc/{os.getppid()}/cmdline').read()")
    pages = [Page(name, notebook, tmp_path / name, {"word": name}) for name in ("before", "kill", "after")]
    before, killed, after = execute(pages, jobs=1, progress=False)
    assert killed.failure.error == "DeadKernelError"
    for result in (before, after):
        assert "mmresearch.runner.warm" in outputs(result)[-1]


@warm
def test_a_page_whose_template_another_page_took_along_is_executed_once_more(tmp_path):
    notebook = write_notebook(
        tmp_path / "n.ipynb", "import os, pathlib, signal, time\nthere = pathlib.Path('../there')",
        "if word == 'kill':\n    while not there.exists():\n        time.sleep(0.05)\n"
        "    os.kill(os.getppid(), signal.SIGKILL)\n    time.sleep(60)",
        "first = not there.exists()\nthere.touch()\nif first:\n    time.sleep(60)\nfirst")
    pages = [Page(name, notebook, tmp_path / name, {"word": name}) for name in ("kill", "other")]
    killed, other = execute(pages, jobs=2, progress=False)
    assert killed.failure.error == "DeadKernelError" and outputs(other)[-1] == "False"


@warm
def test_plain_papermill_forks_too_where_the_project_is_installed(tmp_path):
    notebook = write_notebook(tmp_path / "n.ipynb", "import os, sys\n'pandas' in sys.modules, "
                              "open(f'/proc/{os.getppid()}/cmdline').read()")
    installed = tmp_path / "site" / "installed-1.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: installed\nVersion: 1\n")
    (installed / "entry_points.txt").write_text("[jupyter_client.kernel_provisioners]\nmmresearch-warm = "
                                                "mmresearch.runner.warm.provisioner:WarmProvisioner\n")
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{installed.parent}", "JUPYTER_PATH": str(SPECS)}
    command = [sys.executable, "-m", "papermill", "-k", KERNEL, str(notebook), str(tmp_path / "out.ipynb")]
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=300)
    cell = json.loads((tmp_path / "out.ipynb").read_text(encoding="utf-8"))["cells"][-1]
    imported, parent = ast.literal_eval("".join(cell["outputs"][0]["data"]["text/plain"]))
    assert imported and "mmresearch.runner.warm" in parent


def test_the_entry_point_and_the_kernelspec_are_installed_with_the_project():
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    entries = project["project"]["entry-points"]["jupyter_client.kernel_provisioners"]
    (path,), = project["tool"]["setuptools"]["data-files"].values()
    spec = json.loads((ROOT / path).read_text(encoding="utf-8"))
    assert spec["metadata"]["kernel_provisioner"]["provisioner_name"] in entries
    assert (ROOT / path).parent == SPECS / "kernels" / KERNEL


@pytest.fixture
def start(monkeypatch, tmp_path):
    """Starts a kernel of the warm kernelspec, runs one line in it, and returns what it printed."""
    monkeypatch.setenv("JUPYTER_PATH", str(SPECS))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setattr(provisioner, "said", set())
    register()

    def run(line, **wishes):
        manager, printed = KernelManager(kernel_name=KERNEL, transport="ipc", ip=str(tmp_path / "k")), []
        manager.start_kernel(**wishes)
        client = manager.client()
        client.start_channels()
        try:
            client.wait_for_ready(timeout=300)
            client.execute_interactive(line, timeout=300, output_hook=lambda told: printed.append(
                told["content"].get("text", "")))
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
        assert not manager.is_alive()
        return "".join(printed)

    return run


PARENT = "import os; print(os.getppid())"


def test_where_there_is_no_fork_kernels_are_ordinary_and_it_is_said_once(start, monkeypatch, caplog):
    monkeypatch.setattr(provisioner, "possible", lambda: False)
    with caplog.at_level(logging.WARNING):
        assert {int(start(PARENT)), int(start(PARENT))} == {os.getpid()}
    assert [record.getMessage() for record in caplog.records if "cold" in record.getMessage()] == [
        "Kernels start cold, importing everything themselves: this system cannot fork one."]


@warm
def test_a_template_that_fails_is_replaced_by_an_ordinary_kernel(start, monkeypatch, caplog):
    monkeypatch.setattr(templates, "COMMAND", ["/bin/false"])
    monkeypatch.setattr(templates, "templates", {})
    with caplog.at_level(logging.WARNING):
        assert int(start(PARENT)) == os.getpid()
    assert "the template process failed" in caplog.text


@warm
def test_a_kernel_asked_for_in_a_way_a_fork_cannot_follow_is_ordinary(start):
    with open(os.devnull, "w") as nowhere:
        assert int(start(PARENT, stdout=nowhere)) == os.getpid()


@warm
def test_changed_code_gets_a_template_of_its_own_and_the_old_one_leaves(start, monkeypatch):
    monkeypatch.setattr(templates, "templates", {})
    monkeypatch.setattr(templates, "stamp", lambda: "as it was")
    first = int(start(PARENT))
    assert int(start(PARENT)) == first != os.getpid()
    (old, _), = templates.templates.values()
    monkeypatch.setattr(templates, "stamp", lambda: "changed")
    assert int(start(PARENT)) not in (first, os.getpid())
    assert old.process.wait(60) == 0


@warm
def test_a_folder_that_is_not_there_is_refused_as_by_an_ordinary_kernel(start, tmp_path):
    with pytest.raises(FileNotFoundError):
        start(PARENT, cwd=str(tmp_path / "absent"))


@pytest.mark.parametrize("alive, timeout, said", [(False, None, "died"), (True, 0, "in time")])
def test_a_kernel_that_never_answers_is_waited_for_while_it_lives_and_has_time(alive, timeout, said):
    class Silent(Client):
        def kernel_info(self):
            time.sleep(0.001)

        async def get_shell_msg(self, timeout):
            raise queue.Empty

        async def is_alive(self):
            return alive

    with pytest.raises(RuntimeError, match=said):
        asyncio.run(Silent().wait_for_ready(timeout))


def test_a_run_says_once_that_kernels_start_cold(monkeypatch, capsys):
    monkeypatch.setattr(execution, "possible", lambda: False)
    execution.tell_cold.cache_clear()
    for _ in range(2):
        execution.tell_cold()
    execution.tell_cold.cache_clear()
    assert capsys.readouterr().err.count("cannot fork warm kernels") == 1
