"""The cache itself, and an unchanged study's answer from its report: whole or not at all, bounded, private, quick."""

import json
import os
import random
import stat
import time
from types import SimpleNamespace

import pytest
from own_claims import OWN_CLAIMS
from resuming import Child, content
from studies import write_study
from test_cli import loaded_after

from mmresearch import cli
from mmresearch.cli import finished
from mmresearch.cli.finished import ingredients_of, snapshot_for
from mmresearch.runner.cache import Cache, changed

MADE_OF = {"claim": "a", "data pain.csv": "b"}
BYTES = bytes(range(256)) * 40


@pytest.fixture
def cache(tmp_path):
    made = Cache(tmp_path / "kept")
    made.keep("pain", MADE_OF, BYTES, seconds=1.5)
    return made


def entry(cache):
    path, = cache.folder.iterdir()
    return path


def test_what_is_kept_is_found_again(cache):
    found = cache.find("pain", MADE_OF)
    assert (found.content, found.facts, found.ingredients) == (BYTES, {"seconds": 1.5}, MADE_OF)
    assert cache.find("pain", {**MADE_OF, "claim": "c"}) is None
    assert cache.find("pain", {"claim": "a"}) is None and cache.find("other", MADE_OF) is None
    assert cache.find("pain", MADE_OF), "looking for another takes nothing away"


def test_neither_entry_nor_error_shows_what_is_kept(cache):
    assert "Entry" in repr(cache.find("pain", MADE_OF)) and "\\x01" not in repr(cache.find("pain", MADE_OF))


def damages():
    """Ways in which an entry goes bad: cut, emptied, altered in any place, of another version, another's."""
    dice = random.Random(3)
    yield lambda raw: b""
    yield lambda raw: raw[:-1]
    yield lambda raw: raw[:dice.randrange(len(raw))]
    yield lambda raw: raw + b"\0"
    yield lambda raw: raw.replace(b"kept-1", b"kept-2", 1)
    yield lambda raw: b"{}\n"
    for share in (0, 0.1, 0.3, 0.9):
        yield lambda raw, share=share: _flip(raw, int(share * len(raw)), 1 << dice.randrange(8))


def _flip(raw, place, bit):
    return raw[:place] + bytes([raw[place] ^ bit]) + raw[place + 1:]


@pytest.mark.parametrize("number", range(10))
def test_a_damaged_entry_is_as_good_as_none(cache, number):
    damage = list(damages())[number]
    path = entry(cache)
    path.write_bytes(damage(path.read_bytes()))
    assert cache.find("pain", MADE_OF) is None and not path.exists(), "and it is gone"
    cache.keep("pain", MADE_OF, BYTES)
    assert cache.find("pain", MADE_OF).content == BYTES


def test_an_entry_under_another_s_name_is_not_taken(cache):
    """A copied or renamed file is whole, but it is not what its name says."""
    other = {**MADE_OF, "claim": "c"}
    entry(cache).rename(cache._path("pain", other))
    assert cache.find("pain", other) is None


def test_a_folder_where_an_entry_should_be_is_no_entry(cache):
    path = entry(cache)
    path.unlink()
    path.mkdir()
    assert cache.find("pain", MADE_OF) is None


def test_what_is_kept_is_its_owner_s_alone(tmp_path):
    before = os.umask(0)
    try:
        cache = Cache(tmp_path / "kept")
        cache.keep("pain", MADE_OF, BYTES)
    finally:
        os.umask(before)
    assert stat.S_IMODE(cache.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(entry(cache).stat().st_mode) == 0o600


def test_a_write_that_fails_leaves_what_was_there(cache, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError):
        cache.keep("pain", MADE_OF, b"other")
    with pytest.raises(OSError):
        cache.keep("other", MADE_OF, b"other")
    assert cache.find("pain", MADE_OF).content == BYTES and len(list(cache.folder.iterdir())) == 1


def test_the_cache_stays_within_its_limit_and_the_longest_unused_go_first(tmp_path):
    dice, cache = random.Random(1), Cache(tmp_path / "kept")
    for number in range(6):
        cache.keep(f"page-{number}", MADE_OF, dice.randbytes(1000))
        os.utime(cache._path(f"page-{number}", MADE_OF), (number, number))
    Cache(cache.folder).find("page-0", MADE_OF)
    later = Cache(cache.folder, limit=3500)
    later._begun = time.time() + 60
    later.trim()
    assert [name for name in range(6) if later.find(f"page-{name}", MADE_OF)] == [0, 4, 5]


def test_what_this_run_used_is_never_removed(tmp_path):
    cache = Cache(tmp_path / "kept", limit=1)
    cache.keep("page", MADE_OF, BYTES)
    cache.trim()
    assert cache.find("page", MADE_OF)


def test_half_written_entries_of_dead_runs_are_swept(cache):
    part = cache.folder / ".part-x"
    part.write_bytes(b"half")
    cache.trim()
    assert part.exists(), "somebody may be writing it"
    os.utime(part, (1, 1))
    cache.trim()
    assert not part.exists()


def test_what_changed_is_told_against_the_nearest_of_the_same_study(cache):
    cache.keep("pain", {**MADE_OF, "claim": "c"}, BYTES, study="a")
    cache.keep("pain-less", MADE_OF, BYTES, study="a")
    cache.keep("pain", {"claim": "x", "data pain.csv": "y"}, BYTES, study="a")
    wanted = {"claim": "d", "data pain.csv": "b"}
    assert changed(wanted, cache.nearest("pain", wanted, study="a")) == ["claim"]
    assert cache.nearest("pain", wanted, study="b") is None
    assert changed({"new": "1"}, {"gone": "1"}) == ["gone", "new"]


# An unchanged study


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The small study, run once."""
    folder = tmp_path_factory.mktemp("made")
    study = write_study(folder / "study", claims=OWN_CLAIMS, data_locked="2024-06-01")
    report = folder / "out" / "report"
    child = Child(study, report, folder / "log", pause=0)
    assert child.end() == 0
    return SimpleNamespace(study=study, report=report, words=["run", str(study), "--out", str(report)])


def test_an_unchanged_study_is_answered_from_its_report(made, capsys, monkeypatch):
    monkeypatch.setattr("mmresearch.cli.run.run_studies", lambda _: pytest.fail("it ran"))
    before = {path: path.stat().st_mtime_ns for path in made.report.rglob("*")}
    assert cli.main(made.words) == 0
    said = capsys.readouterr()
    summary, path = said.out.splitlines()
    assert summary.startswith("study: 2 supported") and path == str(made.report / "index.html")
    assert said.err == "report: nothing had to run: nothing changed since the report was made.\n"
    assert {path: path.stat().st_mtime_ns for path in made.report.rglob("*")} == before
    assert cli.main([*made.words, "--explain"]) == 0
    assert "nothing would run" in capsys.readouterr().out


def test_the_answer_imports_nothing_heavy(made):
    assert loaded_after(f"from mmresearch.cli import main; main({made.words!r})") == []


def spoil(path):
    path.write_bytes(path.read_bytes()[:-2] + b"x\n")


@pytest.mark.parametrize("words", [["--anew"], ["--claims", "pain-less"], ["--by", "sex"]], ids=" ".join)
def test_another_command_is_another_run(made, monkeypatch, words):
    monkeypatch.setattr("mmresearch.cli.run.run_studies", lambda _: 77)
    assert cli.main([*made.words, *words]) == 77
    assert cli.main([*made.words, "--jobs", "1", "--timeout", "5"]) == 0, "how it is run changes nothing in the report"


@pytest.mark.parametrize("part", ["verdicts.json", "claims/pain-less.html", "estimates/pain-less.json"])
def test_a_report_that_is_not_as_it_was_left_is_made_again(made, monkeypatch, part):
    monkeypatch.setattr("mmresearch.cli.run.run_studies", lambda _: 77)
    before = (made.report / part).read_bytes()
    (made.report / part).write_bytes(before + b" ")
    assert cli.main(made.words) == 77
    (made.report / part).unlink()
    assert cli.main(made.words) == 77
    (made.report / part).write_bytes(before)
    assert cli.main(made.words) == 0


def test_what_a_dead_run_left_beside_it_is_for_the_next_to_clear(made, monkeypatch):
    monkeypatch.setattr("mmresearch.cli.run.run_studies", lambda _: 77)
    left = made.report.parent / ".staging-report-1"
    left.mkdir()
    assert cli.main(made.words) == 77
    left.rmdir()
    assert cli.main(made.words) == 0


def test_everything_a_report_is_made_from_counts(made, monkeypatch):
    """Also what no page rests on: the report's own templates, the registries, the published effects."""
    arguments = SimpleNamespace(study=made.study, out=None, claims=None)
    known = ingredients_of(arguments, made.report)
    assert ingredients_of(arguments, made.report) == known
    snapshot = snapshot_for(made.study)
    names = {"page.css", "01-pain.toml", "effects.csv", "change.py", "verdicts.ipynb", "pain.csv", "claims.toml"}
    assert names <= {path.name for path in snapshot.hashes}
    for path in [path for path in snapshot.hashes if path.name in names]:
        other = SimpleNamespace(hashes={**snapshot.hashes, path: "0" * 64})
        assert changed(ingredients_of(arguments, made.report, other), known) == ["files"]
    monkeypatch.setattr(finished, "installed", lambda: {"python": "another"})
    assert "python" in changed(ingredients_of(arguments, made.report), known)


def test_explain_says_which_pages_would_run_and_why_and_writes_nothing(made, capsys):
    claims, before = made.study / "claims.toml", set(made.report.parent.rglob("*"))
    text = claims.read_text()
    claims.write_text(text.replace("[claims.pain-less.analysis]", 'note = "x"\n[claims.pain-less.analysis]'))
    try:
        assert cli.main([*made.words, "--explain"]) == 0
    finally:
        claims.write_text(text)
    first, *lines = capsys.readouterr().out.splitlines()
    assert first.startswith("study: ") and first.endswith("pages would run")
    assert "  pain-less: would run: the claim's record changed" in lines
    assert "  adjunct-usual-care: would run: it was never run" in lines, "it is not among the claims that were run"
    assert not [line for line in lines if line.startswith(("  study:", "  pain-responders:"))]
    assert set(made.report.parent.rglob("*")) == before


def test_explain_of_a_run_anew_names_every_page(made, capsys):
    assert cli.main([*made.words, "--anew", "--explain"]) == 0
    first, *lines = capsys.readouterr().out.splitlines()
    assert first == f"study: {len(lines) - 1} of {len(lines) - 1} pages would run", "the verdicts' is not counted"
    assert {line.partition(": ")[2] for line in lines} == {"would run: --anew"}
    assert {"  study: would run: --anew", "  pain-less: would run: --anew", "  verdicts: would run: --anew"} <= {*lines}


def test_a_report_that_is_gone_is_made_from_what_is_kept(made, tmp_path):
    said, aside = content(made.report), tmp_path / "aside"
    made.report.rename(aside)
    child = Child(made.study, made.report, tmp_path / "log")
    assert child.end() == 0 and child.pages("began") == set()
    assert content(made.report) == said
    pages = json.loads((made.report / "run.json").read_text())["pages"]
    assert pages and all(page["from_cache"] and page["seconds"] > 0 for page in pages)


def test_damaged_entries_cost_their_own_pages_and_nothing_else(made, tmp_path):
    said = content(made.report)
    kept = made.report.parent / ".mmresearch" / "kept"
    for name in ("pain-less-", "study-", "run-"):
        for path in kept.glob(f"{name}[0-9a-f]*"):
            spoil(path)
    child = Child(made.study, made.report, tmp_path / "log")
    assert child.end() == 0 and child.pages("began") == {"pain-less", "study"}
    assert content(made.report) == said
