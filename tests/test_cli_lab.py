"""The folder JupyterLab opens: copies that git ignores, and that nobody but their owner changes."""

import json
import os
import subprocess

import pytest

from mmresearch import cli
from mmresearch.cli.lab import LAB, copy_notebooks, over_sockets
from mmresearch.cli.places import NOTEBOOKS, ROOT
from mmresearch.errors import SetupError
from mmresearch.runner.warm import SPECS


def test_an_edited_copy_stays_and_an_absent_one_comes(tmp_path):
    copy_notebooks(NOTEBOOKS, tmp_path / "lab")
    names = {path.name for path in NOTEBOOKS.glob("*.ipynb")}
    assert {path.name for path in (tmp_path / "lab").iterdir()} == names and "study.ipynb" in names
    (tmp_path / "lab" / "study.ipynb").write_text("mine")
    (tmp_path / "lab" / "harms.ipynb").unlink()
    copy_notebooks(NOTEBOOKS, tmp_path / "lab")
    assert (tmp_path / "lab" / "study.ipynb").read_text() == "mine"
    assert (tmp_path / "lab" / "harms.ipynb").read_bytes() == (NOTEBOOKS / "harms.ipynb").read_bytes()


def test_lab_opens_the_copies_and_says_where(tmp_path, monkeypatch, capsys):
    called = []
    monkeypatch.setattr("os.execve", lambda path, command, env: called.extend((command, env)))
    monkeypatch.setattr("mmresearch.cli.lab.LAB", tmp_path / "lab")
    assert cli.main(["lab"]) == 0
    assert str(SPECS) in called[1]["JUPYTER_PATH"], "the warm kernel is offered"
    assert "--LabApp.default_url=/lab/tree/lab" in called[0] and (tmp_path / "lab" / "study.ipynb").is_file()
    assert str(tmp_path / "lab") in capsys.readouterr().out


@pytest.mark.skipif(os.name != "posix", reason="this system has no such sockets")
@pytest.mark.parametrize("depth, options", [(1, ["--KernelManager.transport=ipc"]), (100, [])])
def test_kernels_of_the_lab_are_spoken_to_over_sockets_where_their_path_is_short_enough(
        depth, options, monkeypatch, capsys):
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", "/" + depth * "r")
    assert over_sockets() == options
    assert ("TCP" in capsys.readouterr().out) == (not options)


def test_the_copies_are_ignored_by_git_and_their_relative_paths_hold():
    assert LAB.parent == NOTEBOOKS.parent == ROOT
    if (ROOT / ".git").exists():
        assert subprocess.run(["git", "-C", ROOT, "check-ignore", "-q", "lab/study.ipynb"]).returncode == 0
    cells = json.loads((NOTEBOOKS / "study.ipynb").read_text(encoding="utf-8"))["cells"]
    given = next("".join(cell["source"]) for cell in cells if "parameters" in cell["metadata"].get("tags", ()))
    assert (LAB / given.split('"')[1] / "study.toml").resolve().is_file()


def test_a_folder_that_cannot_be_written_is_a_matter_of_set_up(tmp_path):
    (tmp_path / "lab").write_text("a file")
    with pytest.raises(SetupError, match="cannot be copied here"):
        copy_notebooks(NOTEBOOKS, tmp_path / "lab")
