"""What can change a page: each ingredient is changed, and exactly the pages it bears on run again."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from kept import Runs
from own_claims import ANALYSIS, CHANGE, OWN_CLAIMS
from studies import small_tables, write_study

from mmresearch.claims import Registry, articles
from mmresearch.cli import chain, ingredients, sources
from mmresearch.cli.places import NOTEBOOKS
from mmresearch.cli.sources import PACKAGE, hash_notebook, study_files
from mmresearch.codebook import codebook

OWN = ["pain-less", "pain-responders"]
FATIGUE = ANALYSIS.format(name="less-tired", condition="low-back-pain").replace("NRS", "PROMIS-F") + CHANGE


def write(folder):
    """The small study with a second instrument, and a claim about it."""
    tables = small_tables()
    rows = [{**row, "tired_0": 55 + row["nrs_0"], "tired_12": 50 + row["nrs_6"]} for row in tables["pain.csv"]]
    columns = {name: {"means": "outcome", "instrument": "PROMIS-F", "visit": visit}
               for name, visit in (("tired_0", "baseline"), ("tired_12", "12 weeks"))}
    return write_study(folder, tables={**tables, "pain.csv": rows}, claims=OWN_CLAIMS + FATIGUE,
                       data_locked="2024-06-01", files={"pain": {"columns": columns}})


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """A study run once: whatever runs after that, something changed for."""
    made = Runs(write(tmp_path / "study"), tmp_path / "out", monkeypatch)
    made.everything = made.go()
    assert {"study", "less-tired", *OWN, "pain-general"} <= set(made.everything)
    return made


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def append(path, content):
    path.write_bytes(path.read_bytes() + content)


def users(runs, instrument):
    """The pages whose claim may use the instrument."""
    return {name for name in runs.everything if name in runs.job.claims
            and instrument in ingredients.named(runs.job.claims[name].analysis)}


def test_nothing_runs_where_nothing_changed(runs):
    before = runs.estimates()
    assert runs.why() == {} and runs.go() == [] and runs.fitted == []
    assert runs.estimates() == before


def test_time_stamps_and_files_no_one_mapped_change_nothing(runs):
    for path in (runs.study / "pain.csv", runs.study / "study.toml"):
        os.utime(path, (1, 1))
    (runs.study / "notes.txt").write_text("a letter")
    assert runs.go() == []


def test_a_byte_of_the_data_changes_every_page(runs):
    append(runs.study / "pain.csv", b"\n")
    assert set(runs.why().values()) == {"the study's files (pain.csv) changed"}
    assert runs.go() == runs.everything


def test_a_declaration_changes_every_page(runs):
    change(runs.study / "study.toml", "A small study", "A study")
    assert runs.go() == runs.everything


def test_a_claim_s_record_changes_its_own_page(runs):
    change(runs.study / "claims.toml", "[claims.pain-less.analysis]", 'note = "x"\n[claims.pain-less.analysis]')
    assert runs.why() == {"pain-less": "the claim's record changed"}
    assert runs.go() == ["pain-less"]
    (runs.study / "claims.toml").write_text(f"# {runs.study.name}\n{(runs.study / 'claims.toml').read_text()}")
    assert runs.go() == [], "a comment is no part of a record"


def test_a_record_of_the_articles_changes_its_own_page(runs, monkeypatch):
    claim = articles().claim("pain-general").model_copy(update={"note": "Another note."})
    registry = Registry("articles", {**articles().claims, claim.id: claim}, articles().contradictions)
    monkeypatch.setattr("mmresearch.workbench.opening.articles", lambda: registry)
    assert runs.go() == ["pain-general"]


@pytest.mark.parametrize("field, pages", [
    ({"note": "Another note."}, set()), ({"margin": None}, set()), ({"measures": "tiredness"}, {"study"}),
    ({"name": "Fatigue"}, None)], ids=["note", "margin", "measures", "name"])
def test_an_instrument_changes_the_pages_that_use_or_show_it(runs, monkeypatch, field, pages):
    """Table 1 of every page names what was measured at baseline; the study's page draws its course besides."""
    known = codebook().instruments
    monkeypatch.setitem(known, "PROMIS-F", known["PROMIS-F"].model_copy(update=field))
    using = users(runs, "PROMIS-F")
    assert "less-tired" in using and not using & {*OWN, "pain-general"}
    assert runs.go() == (runs.everything if pages is None else sorted(using | pages))


def test_an_instrument_that_was_not_measured_changes_the_pages_that_name_it(runs, monkeypatch):
    known = codebook().instruments
    monkeypatch.setitem(known, "ODI", known["ODI"].model_copy(update={"note": "Another note."}))
    assert runs.go() == sorted(users(runs, "ODI")) == ["back-pain"]
    assert not users(runs, "PSQI")
    monkeypatch.setitem(known, "PSQI", known["PSQI"].model_copy(update={"name": "Another"}))
    assert runs.go() == []


def test_a_notebook_changes_the_pages_that_are_executions_of_it(runs, monkeypatch, tmp_path):
    place = shutil.copytree(NOTEBOOKS, tmp_path / "notebooks")
    monkeypatch.setattr(chain, "NOTEBOOKS", place)
    assert runs.go() == []
    notebook = json.loads((place / "study.ipynb").read_text())
    notebook["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "seen in JupyterLab"}]
    (place / "study.ipynb").write_text(json.dumps(notebook))
    assert runs.go() == [], "what it once showed is no part of what it does"
    change(place / "outcome_change.ipynb", "page.robustness()", "page.robustness();")
    assert set(runs.go()) == set(runs.everything) - {"study"} - {
        name for name in runs.everything if chain.STORIES[method(runs, name)] != "outcome_change.ipynb"}
    change(place / "study.ipynb", "arrived.flow()", "arrived.flow();")
    assert runs.go() == ["study"]


def method(runs, name):
    return runs.job.claims[name].analysis.method if name in runs.job.claims else "change"


def test_a_file_that_is_no_notebook_has_a_hash_too(tmp_path):
    (tmp_path / "n.ipynb").write_text("[1]")
    assert len(hash_notebook(tmp_path / "n.ipynb")) == 64


def test_where_the_study_is_reached_from_is_a_parameter(runs, monkeypatch):
    monkeypatch.chdir(runs.study.parent)
    assert runs.go() == runs.everything


@pytest.mark.parametrize("file, runs_again", [
    ("models/change.py", True), ("study/reader.py", True), ("exhibits/exhibits.css", True), ("errors.py", True),
    ("codebook/conventions.toml", True), ("runner/worker.py", True), ("cli/run.py", False), ("report/page.css", False),
    ("simulate/trial.py", False), ("exhibits/calibration.csv", False), ("claims/registry/01-pain.toml", False),
    ("codebook/instruments/pain.toml", False)])
def test_the_package_s_own_source_changes_every_page_where_a_page_can_hold_it(runs, monkeypatch, file, runs_again):
    """Of the registry and the instruments, single records count (above)."""
    real = sources._hash_file
    assert (PACKAGE / file).is_file()
    monkeypatch.setattr(sources, "_hash_file", lambda path: "0" * 64 if path == PACKAGE / file else real(path))
    room = file.split("/")[0]
    assert set(runs.why().values()) == ({f"mmresearch's own source ({room}) changed"} if runs_again else set())
    assert runs.go() == (runs.everything if runs_again else [])


@pytest.mark.parametrize("name, said", [("requirements.lock", "requirements.lock"), ("python", "Python or the machine"),
                                        ("packages", "the installed packages")])
def test_the_lock_and_what_is_installed_change_every_page(runs, monkeypatch, name, said):
    other = {**sources.installed(), name: "another"}
    monkeypatch.setattr(ingredients, "installed", lambda: other)
    assert set(runs.why().values()) == {f"{said} changed"} and runs.go() == runs.everything


def test_installed_packages_are_told_apart_by_name_and_version(tmp_path, monkeypatch):
    before = sources.installed()
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    assert sources.installed() == before
    (tmp_path / "another-1.0.dist-info").mkdir()
    assert sources.installed()["packages"] != before["packages"]


def test_no_notebook_reads_or_imports_what_is_no_ingredient(runs):
    """What a page opens and imports, seen in a process that does what the notebooks do."""
    code = ("import sys; from mmresearch import workbench; p = workbench.open_claim(sys.argv[1], 'less-tired');"
            "[str(shown()) for shown in (p.question, p.patients, p.course, p.estimate, p.robustness, p.assumptions)];"
            "s = workbench.open_study(sys.argv[1]);"
            "[str(shown()) for shown in (s.outline, s.table_one, s.flow, s.missing, s.dropouts, s.courses)]")
    found = trace(code, runs.study)
    inside = {path.relative_to(PACKAGE).as_posix() for path in found if path.is_relative_to(PACKAGE)}
    assert "models/change.py" in inside and "codebook/instruments/pain.toml" in inside, "the trace sees what is read"
    assert [name for name in inside if name.startswith(ingredients.UNREAD)] == []


def trace(code, *words):
    """The files of ours a fresh process opens or imports while it runs `code`."""
    hook = ("import sys; seen = set(); sys.addaudithook(lambda e, w: e == 'open' and isinstance(w[0], str) "
            "and seen.add(w[0]));")
    last = (";seen |= {m.__file__ for m in list(sys.modules.values()) if getattr(m, '__file__', None)};"
            "print(*seen, sep='\\n')")
    done = subprocess.run([sys.executable, "-c", hook + code + last, *map(str, words)], capture_output=True, text=True,
                          check=True)
    return {Path(line) for line in done.stdout.splitlines()}


def test_pages_share_what_the_same_claims_found_without_one(runs):
    """--claims prints fewer pages; the estimates of the others need not be made again, nor the other way round."""
    assert runs.go(chosen=("pain-less",)) == [] and runs.fitted == []


def test_estimates_made_without_a_page_are_kept(tmp_path, monkeypatch):
    runs = Runs(write(tmp_path / "study"), tmp_path / "out", monkeypatch)
    assert runs.go(chosen=("pain-less",)) == ["pain-less", "study"]
    assert "less-tired" in runs.fitted and "pain-less" not in runs.fitted
    first = runs.estimates()
    assert runs.go(chosen=("pain-less",)) == [] and runs.fitted == [] and runs.estimates() == first


def test_what_changed_frightens_nobody_about_the_data():
    assert ingredients.explain(["data study.toml", "data pain.csv"]) == "the study's files (study.toml, pain.csv)"
    assert ingredients.explain([ingredients.ELSEWHERE]) == "what the study's database holds"


def test_a_run_anew_takes_nothing_and_keeps_what_it_makes(runs):
    assert runs.go(anew=True) == runs.everything and runs.go() == []


def test_what_ran_while_something_changed_is_not_kept(runs):
    """It may have read either state, so that its hash would be a lie."""
    append(runs.study / "pain.csv", b"\n")
    assert runs.go(touch=lambda: append(runs.study / "pain.csv", b"\n")) == runs.everything
    assert runs.go() == runs.everything and runs.go() == []


def test_a_study_elsewhere_is_known_by_what_was_read(tmp_path):
    study = write(tmp_path / "study")
    assert study_files(study)[1]
    change(study / "study.toml", '"path" = "pain.csv"', '"url_from" = "CLINIC", "table" = "pain"')
    files, whole = study_files(study)
    assert not whole and "pain.csv" not in files
    assert study_files(tmp_path / "absent")[1] is False
