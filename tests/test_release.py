"""`mmresearch release` as a user runs it: what leaves, what is remembered, and what a failure leaves behind."""

import json
import re
import stat
from pathlib import Path

import pytest
from own_claims import OWN_CLAIMS
from releasing import make_study, make_tables, tail
from studies import write_study

from mmresearch import report
from mmresearch.cli import intake, main
from mmresearch.cli.release_ledger import LedgerFolder
from mmresearch.disclosure import safe_cell
from mmresearch.models.robustness import registered_alone
from mmresearch.workbench import opening

SIZE = dict(patients=60, lost=24, canaries=True)


def release(folder, study="study", out="out", *options):
    """The command on the study's own claims alone: the articles' 148 take ten times as long, and are gated alike."""
    with registered_alone(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(intake, "registries", lambda dataset: tuple(
            each for each in opening.registries(dataset) if each.name == opening.OWN))
        return main(["release", str(folder / study), "--out", str(folder / out), *options])


def files_of(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def ledger_of(folder):
    path = folder / ".mmresearch-ledger" / "ledger.jsonl"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """A study released once: the folder that holds study, out and ledger."""
    folder = tmp_path_factory.mktemp("clinic")
    make_study(folder / "study", **SIZE)
    assert release(folder) == 0
    return folder


def canaries_in(files, patients=60):
    tails = re.compile(r"\.\d*?(?:" + "|".join(tail(number) for number in range(1, patients + 1)) + r")\b")
    return [name for name, body in files.items() if tails.search(body.decode("utf-8", "replace"))]


def test_no_value_of_a_patient_is_in_any_byte(released, capsys):
    assert canaries_in(files_of(released / "study"))  # they are in the data
    assert canaries_in(files_of(released / "out")) == []
    assert "pt-0" not in "".join(body.decode() for body in files_of(released / "out").values())


@pytest.mark.parametrize("seed", [2, pytest.param(3, marks=pytest.mark.slow)])
def test_no_value_of_a_patient_is_said_either(tmp_path, capfd, seed):
    make_study(tmp_path / "study", seed=seed, **SIZE)
    assert release(tmp_path) == 0
    said = "".join(capfd.readouterr())
    assert canaries_in(files_of(tmp_path / "out") | {"said": said.encode()}) == [] and "pt-0" not in said


@pytest.mark.slow
def test_the_articles_claims_are_released_too(tmp_path):
    make_study(tmp_path / "study", **SIZE)
    assert main(["release", str(tmp_path / "study"), "--out", str(tmp_path / "out")]) == 0
    assert len(files_of(tmp_path / "out" / "claims")) > 140 and canaries_in(files_of(tmp_path / "out")) == []


@pytest.mark.slow
def test_a_hundred_releases_hold_no_value_of_a_patient(tmp_path):
    for seed in range(100):
        folder = tmp_path / str(seed)
        make_study(folder / "study", seed=seed, **(SIZE | {"patients": 40 + seed % 5 * 10}))
        assert release(folder) in (0, 3)  # a last check that stops leaves nothing at all
        assert canaries_in(files_of(folder / "out") if (folder / "out").exists() else {}, 90) == []


def test_what_leaves_is_pages_json_and_tables(released):
    files = files_of(released / "out")
    assert {name.rpartition(".")[2] for name in files} == {"html", "json", "csv"}
    assert {"index.html", "study.html", "claims/pain-less.html", "tables/table_one.csv"} <= files.keys()
    facts = json.loads(files["run.json"])
    assert facts["profile"] == "released" and facts["threshold"] == 11 and "data_sha256" not in facts


def test_every_page_says_released_and_none_internal(released):
    pages = [body.decode() for name, body in files_of(released / "out").items() if name.endswith(".html")]
    assert len(pages) > 4 and all("<strong>Released.</strong>" in page for page in pages)
    assert not any("Internal: not for release" in page for page in pages)
    assert all("default-src 'none'" in page and "<script src" not in page for page in pages)


def test_an_internal_run_says_so_on_every_page_and_in_its_record(tmp_path):
    from runs import make_run

    report.write_report(make_run(tmp_path), tmp_path / "out")
    files = files_of(tmp_path / "out")
    assert all(b"Internal: not for release" in body for name, body in files.items() if name.endswith(".html"))
    assert json.loads(files["run.json"])["profile"] == "internal"


def test_the_ledger_is_for_its_owner_alone(released):
    folder = released / ".mmresearch-ledger"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    kept = [path for path in folder.iterdir() if path.suffix != ".lock"]
    assert {"key", "ledger.jsonl"} <= {path.name for path in kept}
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in kept)
    [inside] = folder.glob("*-counts-internal.json")
    assert json.loads(inside.read_text())["withheld"]


def test_the_hash_of_the_data_does_not_leave(released):
    from mmresearch.study import read_study

    digest = read_study(released / "study").sha256
    assert not any(digest[:12].encode() in body for body in files_of(released / "out").values())


def test_the_same_again_is_let_out(released, capsys):
    before = len(ledger_of(released))
    assert release(released, "study", "again") == 0
    assert len(ledger_of(released)) == before + 1
    first, again = files_of(released / "out"), files_of(released / "again")
    assert first["study.html"].split(b"<footer")[0] == again["study.html"].split(b"<footer")[0]


def test_a_study_less_one_patient_is_refused_and_nothing_remembered(released, capsys):
    make_study(released / "less", without=(7,), **SIZE)
    before = ledger_of(released)
    assert release(released, "less", "less-out") == 3
    said = capsys.readouterr().err
    assert "fewer than 11 patients" in said and "pt-0" not in said and len(said.splitlines()) <= 20
    assert ledger_of(released) == before and not (released / "less-out").exists()


def test_a_release_that_is_stopped_leaves_nothing(tmp_path, monkeypatch):
    make_study(tmp_path / "study", **SIZE)

    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(report, "publish", stopped)
    assert release(tmp_path) == 130
    assert ledger_of(tmp_path) == [] and not (tmp_path / "out").exists()
    monkeypatch.undo()
    assert release(tmp_path) == 0 and len(ledger_of(tmp_path)) == 1
    assert not (tmp_path / ".mmresearch-ledger" / "promised.jsonl").exists()


def test_a_release_killed_after_it_moved_in_is_remembered(tmp_path, monkeypatch):
    make_study(tmp_path / "study", **SIZE)

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(LedgerFolder, "keep", killed)
    assert release(tmp_path) == 130 and (tmp_path / "out" / "index.html").exists() and ledger_of(tmp_path) == []
    monkeypatch.undo()
    make_study(tmp_path / "less", without=(7,), **SIZE)
    assert release(tmp_path, "less", "less-out") == 3
    assert len(ledger_of(tmp_path)) == 1


def test_a_ledger_within_the_release_is_refused(tmp_path, capsys):
    make_study(tmp_path / "study", **SIZE)
    assert release(tmp_path, "study", "out", "--ledger", str(tmp_path / "out" / "ledger")) == 2
    assert "stays in the clinic" in capsys.readouterr().err


def test_a_lost_key_is_refused(released, capsys):
    key = released / ".mmresearch-ledger" / "key"
    kept = key.read_bytes()
    key.unlink()
    try:
        assert release(released, "study", "third") == 3 and not (released / "third").exists()
    finally:
        key.write_bytes(kept)


@pytest.mark.parametrize("options", [["--threshold", "3"], ["--round", "20"]])
def test_a_rule_that_promises_nothing_is_refused(tmp_path, options):
    assert release(tmp_path, "study", "out", *options) == 2


def test_counts_are_rounded_when_asked(tmp_path):
    make_study(tmp_path / "study", patients=64, lost=24)
    assert release(tmp_path, "study", "out", "--round", "5") == 0
    rows = (tmp_path / "out" / "tables" / "flow.csv").read_text().splitlines()[1:]
    counts = [row.rpartition(",")[2] for row in rows]
    assert all(int(count) % 5 == 0 for count in counts if count != "withheld") and counts[0] == "30"


def test_labels_that_are_code_stay_text(tmp_path):
    """An arm's label is the clinic's own text: on a page it is escaped, in a table it is no formula."""
    label = "=HYPERLINK(\"x\")<script>alert(1)</script>"
    write_study(tmp_path / "study", make_tables(patients=60, lost=24), claims=OWN_CLAIMS,
                arms={"massage": {"label": label}})
    assert release(tmp_path) == 0
    pages = files_of(tmp_path / "out")
    assert not any(b"<script>alert" in body for name, body in pages.items() if name.endswith(".html"))
    assert "'=HYPERLINK" in pages["tables/flow.csv"].decode()


@pytest.mark.parametrize("text, safe", [
    ("=1+1", "'=1+1"), ("+cmd", "'+cmd"), ("-2", "-2"), ("-2+3", "'-2+3"), ("@sum", "'@sum"), ("\tx", "'\tx"),
    ("\r=x", "'\r=x"), ("pain", "pain"), (None, ""), (-1.5, "-1.5"),
])
def test_no_cell_is_a_formula(text, safe):
    assert safe_cell(text) == safe


def test_every_promise_names_a_test_that_exists():
    """SECURITY.md: each row of its tables names tests, and each of them is there."""
    root = Path(__file__).parents[1]
    rows = [line for line in (root / "SECURITY.md").read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    promises = [row for row in rows if not row.startswith("| promise")]
    named = [re.findall(r"`(test_\w+\.py)::(test_\w+)`", row) for row in promises]
    assert len(promises) >= 14 and all(named)
    for file, test in (each for row in named for each in row):
        assert f"def {test}(" in (root / "tests" / file).read_text(encoding="utf-8"), f"{file} has no {test}"
