"""Two runs at once, data that change meanwhile, a machine that does not let us write: said clearly, nothing lost."""

import os
import resource
import signal
import subprocess
import sys
import time
import warnings
from pathlib import Path

import pytest
from own_claims import OWN_CLAIMS
from resuming import Child, content
from studies import write_study

from mmresearch import cli
from mmresearch.errors import SetupError
from mmresearch.runner.lock import held


@pytest.fixture
def study(tmp_path):
    return write_study(tmp_path / "study", claims=OWN_CLAIMS, data_locked="2024-06-01")


def until(true, patience=60):
    for _ in range(patience * 50):
        if true():
            return
        time.sleep(0.02)
    pytest.fail("waited in vain")


def said_by(child):
    said = child.log.with_suffix(".err")
    return said.read_text() if said.exists() else ""


def test_a_second_run_on_one_report_says_who_works_on_it_and_stops(study, tmp_path):
    first = Child(study, tmp_path / "out" / "report", tmp_path / "first", pause=600)
    until(lambda: first.pages("began"))
    second = Child(study, tmp_path / "out" / "report", tmp_path / "second")
    assert second.end() == 70 and second.pages("began") == set()
    assert f"report: another run works on this report (process {first.pid}, since 20" in said_by(second)
    assert "--wait" in said_by(second)
    other = Child(study, tmp_path / "out" / "another", tmp_path / "other", pause=0)
    assert other.end() == 0, "another report of the same study is nobody else's"
    assert first.kill_after(0) == -signal.SIGKILL


def test_a_run_that_waits_goes_on_when_the_other_has_ended_however_it_ends(study, tmp_path):
    report = tmp_path / "out" / "report"
    first = Child(study, report, tmp_path / "first", pause=0.5)
    until(lambda: len(first.pages("kept")) > 1)
    os.kill(first.pid, signal.SIGSTOP)
    second = Child(study, report, tmp_path / "second", 0, "--wait")
    until(lambda: "waiting for another run" in said_by(second))
    assert second.pages("began") == set()
    first.kill_after(0)
    assert second.end() == 0, said_by(second)
    assert second.pages("began") and not second.pages("began") & first.pages("kept")


def test_the_lock_of_a_dead_run_is_no_obstacle(tmp_path):
    code = ("import sys, os; from mmresearch.runner.lock import held\n"
            f"with held({str(tmp_path)!r}, 'report'): os.kill(os.getpid(), 9)")
    assert subprocess.run([sys.executable, "-c", code]).returncode == -signal.SIGKILL
    assert (tmp_path / "report.holder").exists()
    with held(tmp_path, "report"):
        assert str(os.getpid()) in (tmp_path / "report.holder").read_text()
    assert not (tmp_path / "report.holder").exists()


def test_a_holder_s_file_that_cannot_be_read_is_not_quoted(tmp_path):
    with held(tmp_path, "report"):
        (tmp_path / "report.holder").write_text("{")
        child = os.fork()
        if child == 0:
            try:
                with held(tmp_path, "report"):
                    os._exit(1)
            except SetupError as error:
                os._exit(0 if "works on this report\n" in str(error) else 2)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_file_system_without_locks_is_told(tmp_path, monkeypatch, capsys):
    from filelock import FileLock

    real = FileLock.acquire

    def acquire(self, *_, **words):
        warnings.warn("flock not supported on this filesystem, falling back to SoftFileLock", stacklevel=1)
        return real(self, **words)

    monkeypatch.setattr(FileLock, "acquire", acquire)
    with held(tmp_path, "report"):
        assert "has no locks" in capsys.readouterr().err


def test_data_that_change_during_the_run_are_not_published(study, tmp_path):
    report = tmp_path / "out" / "report"
    assert Child(study, report, tmp_path / "first", pause=0).end() == 0
    before = content(report)
    table = study / "pain.csv"
    table.write_bytes(table.read_bytes() + b"\n")
    run = Child(study, report, tmp_path / "log", pause=0.3)
    until(lambda: run.pages("began"))
    table.write_bytes(table.read_bytes() + b"\n")
    assert run.end() == 70
    assert "the data changed while it ran" in said_by(run) and "study/pain.csv" in said_by(run)
    assert content(report) == before
    again = Child(study, report, tmp_path / "log", pause=0)
    assert again.end() == 0 and "study" in again.pages("began"), "nothing of that run was kept"


def kept(report):
    return list((report.parent / ".mmresearch" / "kept").glob("[a-z]*"))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0 or sys.platform != "linux",
                    reason="mounts a small file system, which only root may")
def test_a_full_disk_is_told_and_loses_nothing(study, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a file system")
    try:
        fill_and_run(study, tmp_path, disk)
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def fill_and_run(study, tmp_path, disk):
    report, filler = disk / "report", disk / "filler"
    assert Child(study, report, tmp_path / "first", pause=0).end() == 0
    before = content(report)
    (study / "study.toml").write_text((study / "study.toml").read_text() + "\n")
    room = os.statvfs(disk)
    filler.write_bytes(b"\0" * (room.f_bavail * room.f_bsize - 40_000))
    run = Child(study, report, tmp_path / "log", pause=0)
    assert run.end() == 70
    assert "No space left on device" in said_by(run) and "Free some space there" in said_by(run)
    assert content(report) == before
    filler.unlink()
    again = Child(study, report, tmp_path / "log", pause=0)
    assert again.end() == 0, said_by(again)


@pytest.mark.slow
def test_a_limit_on_the_size_of_files_is_told_and_loses_nothing(study, tmp_path):
    """As a full disk, where nobody may mount one."""
    report = tmp_path / "out" / "report"
    assert Child(study, report, tmp_path / "first", pause=0).end() == 0
    before = content(report)
    (study / "study.toml").write_text((study / "study.toml").read_text() + "\n")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
        run = Child(study, report, tmp_path / "log", pause=0)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert run.end() == 70 and "File too large" in said_by(run)
    assert content(report) == before


def test_a_folder_that_may_not_be_written_is_told_before_anything_runs(study, tmp_path, monkeypatch, capsys):
    real = Path.mkdir

    def refuse(self, *words, **named):
        if self.is_relative_to(tmp_path):
            raise PermissionError(13, "Permission denied")
        real(self, *words, **named)

    monkeypatch.setattr(Path, "mkdir", refuse)
    assert cli.main(["run", str(study), "--out", str(tmp_path / "out" / "report")]) == 4
    assert "cannot be made: Permission denied" in capsys.readouterr().err
