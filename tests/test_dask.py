"""A study run on a Dask cluster whose workers share nothing with the run but the study's folder."""

import os
import shutil
import signal
import threading
from pathlib import Path

import pytest
from test_runner import outputs, write_notebook

from mmresearch import cli
from mmresearch.runner import Page, execute, open_executor
from mmresearch.runner.cluster import Cluster, call, hash_package
from mmresearch.runner.work import load, pack, unload

distributed = pytest.importorskip("distributed")
DEMO = Path(__file__).parents[1] / "data" / "demo"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Two workers, each a process with a folder of its own, none of which is this one's."""
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None,
                                  local_directory=tmp_path_factory.mktemp("dask")) as made:
        yield made


def run(study, out, *options):
    assert cli.main(["run", str(study), "--out", str(out), *options]) == 0
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in sorted(out.rglob("*.json"))
            if path.name != "run.json"}


def same_report(study, tmp_path, cluster):
    here = run(study, tmp_path / "here" / "report")
    there = run(study, tmp_path / "there" / "report", "--dask", cluster.scheduler_address)
    assert here == there and any(name.endswith("verdicts.json") for name in here)
    pages = [{path.relative_to(folder) for path in folder.rglob("*.ipynb")} for folder in
             (tmp_path / "here" / "report", tmp_path / "there" / "report")]
    assert pages[0] == pages[1]


def test_a_study_gets_the_same_verdicts_on_a_cluster_byte_for_byte(cluster, tmp_path):
    same_report(DEMO / "goals", tmp_path, cluster)


@pytest.mark.slow
def test_the_demo_gets_the_same_verdicts_on_a_cluster_byte_for_byte(cluster, tmp_path):
    same_report(DEMO, tmp_path, cluster)


def test_a_worker_that_is_killed_loses_nothing(cluster, tmp_path):
    notebook = write_notebook(tmp_path / "n.ipynb", "import time\ntime.sleep(1)", "word")
    pages = [Page(name, notebook, tmp_path / name, {"word": name}) for name in "abcdef"]
    with Cluster(cluster.scheduler_address) as executor:
        victim = next(iter(executor._client.run(os.getpid).values()))
        killed = threading.Event()

        def kill(result):
            if not killed.is_set():
                killed.set()
                os.kill(victim, signal.SIGKILL)

        results = execute(pages, progress=False, executor=executor, on_done=kill)
        assert killed.is_set() and victim not in executor._client.run(os.getpid).values()
    assert [result.failure for result in results] == [None] * 6
    assert [outputs(result) for result in results] == [[f"'{name}'"] for name in "abcdef"]


def test_a_page_travels_with_what_it_reads_and_leaves_nothing_behind(tmp_path):
    study, stage = tmp_path / "study", tmp_path / "reports" / "stage"
    study.mkdir()
    (study / "study.toml").write_text("here")
    (stage / "estimates").mkdir(parents=True)
    (stage / "estimates" / "a.json").write_text("1")
    notebook = write_notebook(tmp_path / "n.ipynb", parameters='study = "x"')
    page = Page("one", notebook, stage, {"study": "../../study"}, brings=("estimates",))
    moved = unload(load(pack(page), page), tmp_path / "elsewhere")
    shutil.rmtree(stage)
    assert moved.folder == f"{tmp_path}/elsewhere{stage}"
    assert Path(moved.folder, moved.parameters["study"], "study.toml").read_text() == "here"
    assert Path(moved.folder, "estimates", "a.json").read_text() == "1"


def test_a_page_within_its_study_runs_in_its_place(tmp_path):
    notebook = write_notebook(tmp_path / "n.ipynb", parameters='study = "x"')
    page = Page("one", notebook, tmp_path / "reports" / "stage", {"study": "../.."})
    assert unload(pack(page), tmp_path / "elsewhere") == pack(page)


def test_workers_with_other_code_or_without_the_study_are_named(tmp_path):
    page = Page("one", write_notebook(tmp_path / "n.ipynb", parameters='study = "x"'), tmp_path, {"study": "absent"})
    assert call("another", None, pack(page)).failure.error == "OtherCode"
    assert call(hash_package(), None, pack(page)).failure.error == "StudyUnseen"


def test_an_executor_on_a_cluster_counts_its_threads(cluster):
    with open_executor(dask=cluster.scheduler_address) as executor:
        assert executor.jobs == 2
