"""What a person sees while pages run: how far, how many failed, how long still, and what runs now."""

import io

import pytest

from mmresearch.runner import Failure, Page, Result, execute
from mmresearch.runner.progress import Progress, spell


class Terminal(io.StringIO):
    def isatty(self):
        return True


def ended(seconds, failure=None, name="pain"):
    return Result(Page(name, "n.ipynb", "folder"), seconds, failure)


@pytest.fixture
def terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    return Terminal()


def test_one_line_holds_done_failed_left_and_what_runs_now(terminal):
    with Progress(10, stream=terminal, jobs=2) as progress:
        progress.show(["back-pain", "sleep"])
        assert terminal.getvalue().endswith("0/10 pages, now back-pain, sleep")
        progress.done(ended(4.0))
        progress.done(ended(2.0, Failure("ValueError", "ValueError in code cell 3")))
        progress.show(["a", "b", "c", "d", "e"])
        assert terminal.getvalue().endswith("2/10 pages, 1 failed, about 12 s left, now a, b, c and 2 more")
    assert "\n" not in terminal.getvalue() and terminal.getvalue().endswith("\r\x1b[K"), "the line is gone at the end"


def test_a_narrow_terminal_never_wraps_the_line(terminal, monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    Progress(10, stream=terminal, jobs=2).show(["a-name-that-is-longer-than-the-terminal"])
    assert len(terminal.getvalue().removeprefix("\r\x1b[K")) == 29


def test_where_nobody_watches_each_page_is_a_plain_line():
    told = io.StringIO()
    with Progress(3, stream=told, jobs=1) as progress:
        progress.show(["pain"])
        progress.done(ended(2.0))
        progress.done(ended(4.0, Failure("ValueError", "ValueError in code cell 3")))
        progress.done(ended(3.0))
    assert told.getvalue() == "1/3 pain: 2.0 s, about 4 s left\n2/3 pain: failed, about 3 s left\n3/3 pain: 3.0 s\n"


def test_on_a_cluster_of_unknown_size_the_pace_so_far_counts():
    times = iter([0.0, 10.0])
    progress = Progress(3, shown=False, clock=lambda: next(times))
    progress.done(ended(100.0))
    assert progress.left() == "about 20 s"


@pytest.mark.parametrize("seconds, words", [
    (0.2, "about 1 s"), (89, "about 89 s"), (90, "about 2 min"), (3600, "about 60 min"), (5400, "about 1 h 30 min")])
def test_durations_are_words(seconds, words):
    assert spell(seconds) == words


def test_nothing_to_do_is_nothing_to_show(capsys):
    assert execute([]) == []
    assert capsys.readouterr() == ("", "")
