"""A page that takes too much fails with the reason, and no other page does; shared workers, one executor for all."""

import errno
import os
import re
from concurrent.futures import CancelledError, Future

import pytest
from test_runner import outputs, write_notebook

from mmresearch.errors import SetupError, UsageError
from mmresearch.runner import Page, execute, open_executor
from mmresearch.runner.kernels import sensible_memory
from mmresearch.runner.workers import WorkerDied

HOG = """
import pathlib, time
if word == "hog":
    held = [b"x" * (1 << 20) for _ in range(3000)]
    time.sleep(600)
if word == "slow":
    time.sleep(600)
if word == "die":
    pathlib.os._exit(9)
"""


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Pages side by side in two workers: three of them fail, each in a way of its own."""
    folder = tmp_path_factory.mktemp("limits")
    notebook = write_notebook(folder / "n.ipynb", HOG, "word")
    pages = [Page(name, notebook, folder / name, {"word": name}) for name in ("slow", "die", "hog", "good")]
    heard = []
    with open_executor(2) as executor:
        found = execute(pages[:2], progress=False, executor=executor, timeout=3, on_done=heard.append)
        again = execute(pages[2:], progress=False, executor=executor, memory=1000, on_done=heard.append)
    assert sorted(result.page.name for result in heard) == ["die", "good", "hog", "slow"]
    return {result.page.name: result for result in (*found, *again)}


def test_a_kernel_that_eats_memory_fails_its_own_page_with_the_reason(results):
    assert results["hog"].failure.error == "MemoryExceeded"
    said = re.fullmatch(
        r"the page was stopped because it took more than 1000 MB of memory \(--memory\): (\d+) MB, of which its kernel "
        r"had (\d+) MB before anything ran", results["hog"].failure.sentence)
    assert said, results["hog"].failure.sentence
    assert int(said[1]) >= 1000 > int(said[2]) > 0, "what was reached, and how little of it was there before"


def test_a_kernel_that_hangs_fails_its_own_page_with_the_reason(results):
    assert results["slow"].failure.sentence == \
        "CellTimeoutError because a cell took longer than 3 s (--timeout)"


def test_a_kernel_that_dies_fails_its_own_page_with_the_reason(results):
    assert results["die"].failure.error == "DeadKernelError"


def test_the_others_are_executed_before_and_after(results):
    assert results["good"].failure is None and outputs(results["good"]) == ["'good'"]


def test_the_memory_of_the_machine_is_shared_by_the_pages_that_run_at_once():
    assert 0 < sensible_memory(4) <= sensible_memory(1) / 4 + 1


def test_a_container_with_less_memory_has_less_to_share(monkeypatch, tmp_path):
    limit = tmp_path / "memory.max"
    monkeypatch.setattr("mmresearch.runner.kernels.LIMITS", (str(tmp_path / "absent"), str(limit)))
    limit.write_text("max\n")
    whole = sensible_memory(1)
    limit.write_text(f"{1000 << 20}\n")
    assert sensible_memory(2) == 400 < whole


class Broken:
    """An executor whose every call comes back as it is told to."""

    jobs, memory, elsewhere = 1, 100, False

    def __init__(self, error):
        self.error = error

    def start(self, calls=None):
        pass

    def submit(self, function, work):
        future = Future()
        future.set_exception(self.error)
        return future


@pytest.mark.parametrize("error, said", [
    (WorkerDied(), "WorkerDied"), (CancelledError(), "Lost"), (OSError("PATIENT-0007"), "OSError")])
def test_whatever_an_executor_loses_is_a_failure_of_that_page(tmp_path, error, said):
    page = Page("one", write_notebook(tmp_path / "n.ipynb"), tmp_path)
    result, = execute([page], progress=False, executor=Broken(error))
    assert result.failure.error == said and "PATIENT" not in result.failure.sentence


def test_dask_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr("mmresearch.runner.cluster.find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install mmresearch\[dask\]"):
        open_executor(dask="tcp://127.0.0.1:1")


def test_a_cluster_that_does_not_answer_is_a_matter_of_set_up(monkeypatch):
    monkeypatch.setattr("mmresearch.runner.cluster.ANSWER", 0.5)
    with pytest.raises(SetupError, match="no Dask scheduler answered"):
        open_executor(dask="tcp://127.0.0.1:1")
    with pytest.raises(SetupError, match="no Dask scheduler answered"):
        open_executor(dask="no address")


def test_a_page_for_which_no_process_can_be_had_says_what_the_machine_lacks(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise OSError(errno.EMFILE, "a text of the system")

    notebook = write_notebook(tmp_path / "n.ipynb", "1 + 1")
    with open_executor(1) as executor:
        monkeypatch.setattr("subprocess.Popen", refuse)
        monkeypatch.setattr(executor, "start", lambda calls: None)
        result, = execute([Page("a", notebook, tmp_path / "a")], progress=False, executor=executor)
    assert result.failure.sentence == f"OSError ({os.strerror(errno.EMFILE)}) while the page was executed"
