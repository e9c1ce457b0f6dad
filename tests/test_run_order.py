"""A study is judged, written and scanned as soon as its own pages are there, while those of other studies run."""

import pytest
from kept import FEW, executing
from studies import write_study

from mmresearch import cli, report
from mmresearch.claims import Registry, articles
from mmresearch.errors import PrivacyError
from mmresearch.workbench import opening


@pytest.fixture
def two(tmp_path, monkeypatch):
    """A folder of two studies, few claims each. Pages are executed by a stand-in."""
    few = Registry("articles", {name: articles().claim(name) for name in FEW})
    monkeypatch.setattr(opening, "articles", lambda: few)
    for name in ("one", "two"):
        write_study(tmp_path / "both" / name)
    return tmp_path / "both"


def test_a_study_is_written_while_the_next_ones_pages_run(two, tmp_path, monkeypatch):
    seen, executed = [], []
    monkeypatch.setattr("mmresearch.runner.execute", executing(executed, lambda: seen.append(
        {path.parent.parent.name for path in tmp_path.glob("out/.staging-*/*/claims/*.html")})))
    assert cli.main(["run", str(two), "--out", str(tmp_path / "out" / "report")]) == 0
    each = executed.index("study", 1)  # where the second study's pages begin
    assert seen[each - 2:2 * each] == [set()] + [{"one"}] * each + [{"one", "two"}]
    assert {path.parent.parent.name for path in tmp_path.glob("out/report/*/claims/*.html")} == {"one", "two"}


def test_what_is_written_early_is_scanned_for_the_patients_of_every_study(two, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("mmresearch.runner.execute", executing([]))
    write = report.write_claims

    def leak(record, stage):
        write(record, stage)
        if stage.name == "one":
            (stage / "claims" / "energy.html").write_text("<p>nurse@example.org</p>")

    monkeypatch.setattr(report, "write_claims", leak)
    assert cli.main(["run", str(two), "--out", str(tmp_path / "out" / "report")]) == PrivacyError.exit_code
    assert "one/claims/energy.html: e-mail address, 1 found" in capsys.readouterr().err
    assert not (tmp_path / "out" / "report").exists()


def test_a_clean_file_that_changes_is_scanned_again(tmp_path):
    stage = tmp_path / "stage"
    stage.mkdir()
    (stage / "index.html").write_text("<p>fine</p>")
    (stage / "run.json").write_text('{"mmresearch": "0.0"}')
    clean = report.find_clean(stage, ["P0001"])
    assert len(clean) == 2
    (stage / "index.html").write_text("<p>P0001</p>")
    assert report.find_clean(stage, ["P0001"]) == set()
    with pytest.raises(PrivacyError):
        report.publish(stage, tmp_path / "report", ["P0001"], clean)
