"""A run killed at any moment: the same command goes on, runs only what was not finished, and says the same."""

import json
import os
import random
import signal
import time

import pytest
from own_claims import OWN_CLAIMS
from resuming import Child, all_ended, command, content, freeze
from studies import write_study

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a fork of this process")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The study, how long its run takes, and what an uninterrupted run says."""
    folder = tmp_path_factory.mktemp("whole")
    study = write_study(folder / "study", claims=OWN_CLAIMS, data_locked="2024-06-01")
    started = time.perf_counter()
    child = Child(study, folder / "out" / "report", folder / "log")
    assert child.end() == 0, child.log.with_suffix(".err").read_text()
    return study, time.perf_counter() - started, content(folder / "out" / "report"), child.pages("kept")


def kill_and_resume(whole, folder, moment):
    """Kill a run at a share `moment` of its time, and give the same command again."""
    study, seconds, said, pages = whole
    report = folder / "out" / "report"
    killed = Child(study, report, folder / "killed")
    killed.kill_after(moment * seconds)
    if report.exists():
        assert content(report) == said, "a reader sees a whole report or none"
    resumed = Child(study, report, folder / "resumed")
    assert resumed.end() == 0, resumed.log.with_suffix(".err").read_text()
    assert not killed.pages("kept") & resumed.pages("began"), "what was finished is not run again"
    if "verdicts" not in killed.pages("kept"):
        unsaid = killed.pages("began") - killed.pages("kept")  # it may have been kept, and killed before it said so
        assert len(unsaid) <= 1 and killed.pages("kept") | resumed.pages("kept") | unsaid == pages
    assert content(report) == said
    assert sorted(path.name for path in report.parent.iterdir()) == [".mmresearch", "report"], "nothing is left behind"


@needs_fork
@pytest.mark.parametrize("number", range(3))
def test_a_run_killed_at_a_random_moment_is_resumed(whole, tmp_path, number):
    dice = random.Random(number)
    kill_and_resume(whole, tmp_path, (number + dice.random()) / 3)


@needs_fork
@pytest.mark.slow
def test_a_run_killed_at_two_hundred_moments_is_resumed(whole, tmp_path):
    dice = random.Random(200)
    for number in range(200):
        folder = tmp_path / str(number)
        folder.mkdir()
        kill_and_resume(whole, folder, (number + dice.random()) / 200)


@needs_fork
@pytest.mark.slow
def test_a_run_killed_again_and_again_comes_to_its_end(whole, tmp_path):
    """Whenever it is killed early, something more is kept."""
    study, seconds, said, _ = whole
    report, dice = tmp_path / "out" / "report", random.Random(7)
    for _ in range(3):
        Child(study, report, tmp_path / "log").kill_after(dice.uniform(0.2, 0.6) * seconds)
    last = Child(study, report, tmp_path / "log")
    assert last.end() == 0 and content(report) == said


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    """The command itself with its kernels, uninterrupted."""
    folder = tmp_path_factory.mktemp("real")
    environment = freeze(folder)
    study = write_study(folder / "study", claims=OWN_CLAIMS, data_locked="2024-06-01")
    started = time.perf_counter()
    run = command(study, folder / "out" / "report", environment)
    _, said = run.communicate()
    assert run.returncode == 0, said
    return study, environment, time.perf_counter() - started, content(folder / "out" / "report")


@pytest.mark.slow
@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="looks for processes in /proc")
def test_the_command_killed_at_twenty_moments_is_resumed_and_leaves_no_process(real, tmp_path):
    study, environment, seconds, said = real
    dice = random.Random(20)
    for number in range(20):
        report = tmp_path / str(number) / "report"
        run = command(study, report, environment)
        time.sleep(seconds * (number + dice.random()) / 20)
        run.send_signal(signal.SIGKILL)
        run.communicate()
        assert all_ended(environment) == [], "workers, templates and kernels end with the run"
        again = command(study, report, environment)
        _, told = again.communicate()
        assert again.returncode == 0, told
        assert content(report) == said
        pages = json.loads((report / "run.json").read_text(encoding="utf-8"))["pages"]
        assert len(pages) == 8 and not [page for page in pages if page["failure"]]
