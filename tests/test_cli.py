"""The commands: fast help, exit codes, errors without a traceback or a value, and a run from end to end."""

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from own_claims import OWN_CLAIMS
from studies import write_study

from mmresearch import cli
from mmresearch.claims import articles
from mmresearch.cli.parser import read_arguments
from mmresearch.errors import DataError, PrivacyError, SetupError, UsageError

HEAVY = ("pandas", "numpy", "scipy", "statsmodels", "papermill", "matplotlib", "pydantic", "nbformat", "jinja2")
def call(*words):
    """Run a command in a process of its own: (exit code, standard output, standard error)."""
    done = subprocess.run([sys.executable, "-m", "mmresearch.cli", *map(str, words)], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def loaded_after(code):
    """The heavy packages a fresh process holds after `code`."""
    script = f"import sys\ntry:\n    {code}\nexcept SystemExit:\n    pass\nprint(*sys.modules)"
    names = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    return sorted({name.split(".")[0] for name in names} & set(HEAVY))


@pytest.mark.parametrize("words", [
    ["--help"], ["--version"], ["run", "--help"], ["claims", "--help"], ["check"], ["evidence", "--help"],
    ["nonsense"]], ids=" ".join)
def test_help_and_mistakes_import_nothing_heavy(words):
    assert loaded_after(f"from mmresearch.cli import main; main({words!r})") == []


def test_the_probe_would_see_a_heavy_import():
    assert loaded_after("from mmresearch.cli import main; main(['claims', '--json'])") == ["pydantic"]


@pytest.mark.parametrize("error, code", [(DataError, 1), (UsageError, 2), (PrivacyError, 3), (SetupError, 4)])
def test_each_error_has_its_exit_code_and_is_told_without_a_traceback(monkeypatch, capsys, error, code):
    def fail(_):
        raise error("march.csv", "2 rules are broken", ["arm: 4 rows"], "Correct the export.")

    monkeypatch.setattr("mmresearch.cli.parser._check", fail)
    assert cli.main(["check", "anywhere"]) == code
    assert capsys.readouterr().err == "march.csv: 2 rules are broken\n  arm: 4 rows\nCorrect the export.\n"


def test_an_unexpected_error_shows_its_type_and_no_value(monkeypatch, capsys):
    def fail(_):
        raise KeyError("PATIENT-0007")

    monkeypatch.setattr("mmresearch.cli.parser._check", fail)
    assert cli.main(["check", "anywhere"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("mmresearch: unexpected KeyError in tests/test_cli.py line") or "unexpected KeyError" in said
    assert "PATIENT-0007" not in said and "--debug" in said
    with pytest.raises(KeyError):
        cli.main(["check", "anywhere", "--debug"])


def test_ctrl_c_is_an_exit_code_and_one_line(monkeypatch, capsys):
    def stop(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("mmresearch.cli.parser._check", stop)
    assert cli.main(["check", "anywhere"]) == 130
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.parametrize("words, said", [
    (["run", "x", "--jobs", "0"], "a whole number from 1, not '0'"), (["run", "x", "--jobs", "two"], "not 'two'"),
    (["run", "x", "--claims", " ,"], "ids of claims"),
    (["run", "x", "--timeout", "0.5"], "a whole number from 1"), (["check"], "STUDY"),
    (["nonsense"], "invalid choice")])
def test_a_mistyped_command_exits_with_2_and_says_why(words, said, capsys):
    with pytest.raises(SystemExit) as left:
        cli.main(words)
    told = capsys.readouterr().err.splitlines()
    assert left.value.code == 2 and said in told[0] and "--help" in told[1] and len(told) == 2


def test_claims_are_given_as_a_list():
    assert read_arguments(["run", "x", "--claims", "b, a,b,"]).claims == ("b", "a")


def test_every_claim_is_listed(capsys):
    assert cli.main(["claims"]) == 0
    said = capsys.readouterr().out
    assert all(f"  {claim.id} " in said for claim in articles())
    assert f"{len(articles())} claims" in said


def test_claims_as_json_are_the_registry(capsys):
    assert cli.main(["claims", "--json"]) == 0
    assert [record["id"] for record in json.loads(capsys.readouterr().out)] == list(articles().claims)


def test_one_claim_whole(capsys):
    claim = next(claim for claim in articles() if claim.analysis)
    assert cli.main(["claims", claim.id]) == 0
    said = capsys.readouterr().out
    assert claim.question in said and claim.sources[0].quote in said and "Registered analysis" in said
    assert cli.main(["claims", claim.id, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["question"] == claim.question


def test_a_claim_without_analysis_says_why_and_what_would_settle_it(capsys):
    claim = next(claim for claim in articles() if not claim.analysis)
    assert cli.main(["claims", claim.id]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert " ".join(claim.why_not.split()) in said and "What would settle it" in said


def test_an_unknown_claim_names_the_nearest(capsys):
    claim = next(iter(articles()))
    assert cli.main(["claims", claim.id + "x"]) == 2
    assert f"Did you mean '{claim.id}'?" in capsys.readouterr().err


def test_check_says_what_was_read_and_writes_nothing(tmp_path, capsys):
    study = write_study(tmp_path / "study", claims=OWN_CLAIMS)
    before = {path: path.read_bytes() for path in study.iterdir()}
    assert cli.main(["check", str(study)]) == 0
    said = capsys.readouterr().out
    assert "24 patients in 2 arms" in said
    assert "the study's own claims: 2 of 3 can be answered" in said
    assert "    not pain-elsewhere: The claim is about patients with headache" in said
    assert f"of {len(articles())} can be answered; of the others" in said and "that nothing can test" in said
    assert "no-population" not in said and "Dataset(" not in said
    assert {path: path.read_bytes() for path in study.iterdir()} == before


def test_check_of_a_broken_study_exits_with_1_and_holds_no_value(tmp_path, capsys):
    study = write_study(tmp_path / "study")
    text = (study / "pain.csv").read_text().splitlines()
    (study / "pain.csv").write_text("\n".join([text[0], "001,5,4,seventy-seven", *text[2:]]) + "\n")
    assert cli.main(["check", str(study)]) == 1
    said = capsys.readouterr().err
    assert "pain.csv" in said and "nrs_12" in said and "seventy-seven" not in said


def test_check_of_several_studies_tells_what_is_wrong_in_all(tmp_path, capsys):
    for name in ("one", "two"):
        (write_study(tmp_path / name) / "pain.csv").unlink()
    write_study(tmp_path / "whole")
    assert cli.main(["check", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "2 studies cannot be read" in said and said.count("pain.csv") == 2
    pain = write_study(tmp_path / "three") / "pain.csv"
    header, *rows = pain.read_text().splitlines()
    pain.write_text("\n".join([header, rows[0].rpartition(",")[0] + ",2024-05-31", *rows[1:]]) + "\n")
    assert cli.main(["check", str(tmp_path)]) == 3, "one that identifies is what the exit code says"


@pytest.mark.parametrize("claims, said", [
    ("[claims.x]\ntext = 1\n", "claims.toml"), (OWN_CLAIMS.replace("pain-less", "study"), "are taken")])
def test_check_refuses_broken_claims(tmp_path, capsys, claims, said):
    assert cli.main(["check", str(write_study(tmp_path / "study", claims=claims))]) == 1
    assert said in capsys.readouterr().err


def test_lab_opens_the_notebooks_with_this_interpreter(monkeypatch, tmp_path):
    called = []
    monkeypatch.setattr("mmresearch.cli.lab.LAB", tmp_path / "lab")
    monkeypatch.setattr("os.execve", lambda path, command, env: called.append((command, env)))
    cli.main(["lab", "--", "--no-browser"])
    (command, environment), = called
    assert command[:3] == [sys.executable, "-m", "jupyterlab"] and command[-1] == "--no-browser"
    assert environment["JUPYTER_PREFER_ENV_PATH"] == "1"


def test_simulate_writes_a_study_that_can_be_checked(tmp_path, monkeypatch, capsys):
    from mmresearch.simulate import simulate_study

    monkeypatch.setattr("mmresearch.simulate.simulate_study",
                        lambda folder, **words: simulate_study(folder, truth=False, **words))  # the truth takes a while
    assert cli.main(["simulate", str(tmp_path / "s"), "--seed", "3"]) == 0
    assert "mmresearch run" in capsys.readouterr().out
    assert cli.main(["check", str(tmp_path / "s")]) == 0


# A run, from end to end


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The small study run once with the page of one claim, in a folder far from the study."""
    folder = tmp_path_factory.mktemp("small")
    study = write_study(folder / "patients {of} 2024", claims=OWN_CLAIMS, data_locked="2024-06-01")
    code, out, err = call("run", study, "--claims", "pain-less", "--out", folder / "out" / "report", "--jobs", 2)
    return SimpleNamespace(study=study, code=code, out=out, err=err, report=folder / "out" / "report")


def beside(report):
    """What stands where a report stands, but the hidden folder of what outlives a run."""
    return [path.name for path in report.parent.iterdir() if path.name != ".mmresearch"]


def read(path):
    return json.loads(Path(path).read_text(encoding="utf-8"))


def test_a_run_ends_with_the_summary_and_the_path(small):
    assert small.code == 0, small.err
    *_, summary, path = small.out.splitlines()
    assert path == str(small.report / "index.html") and Path(path).is_file()
    assert summary.startswith("patients {of} 2024: ") and f"of {len(articles())} claims" in summary


def test_a_run_leaves_the_folder_the_design_names(small):
    files = {path.relative_to(small.report).as_posix() for path in small.report.rglob("*") if path.is_file()}
    assert {"index.html", "study.html", "verdicts.json", "verdicts.ipynb", "run.json", "claims/pain-less.html",
            "claims/pain-less.ipynb", "estimates/pain-less.json", "estimates/pain-responders.json"} <= files
    assert not [path for path in files if path.startswith(".") or "/.page" in path]
    assert beside(small.report) == ["report"], "no staging folder is left behind"


def test_claims_prints_fewer_pages_and_the_family_stays(small):
    verdicts = {record["claim"]: record for record in read(small.report / "verdicts.json")}
    assert len(verdicts) == 3 + len(articles())
    assert {verdicts[name]["family_size"] for name in ("pain-less", "pain-responders")} == {2}
    assert not (small.report / "claims" / "pain-responders.ipynb").exists()


def test_no_absolute_path_ends_in_an_output(small):
    for path in small.report.rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace")
            for part in (small.study.parent, Path(__file__).parents[1], Path(sys.prefix)):
                assert str(part) not in text, f"{path.name} holds a path of this machine"


def test_a_run_of_chosen_claims_says_that_only_these_have_pages(small):
    assert small.out.splitlines()[0] == "Only the pages of --claims were written; every claim is judged."
    assert f"Of {3 + len(articles())} claims, 1 has a page here" in (small.report / "index.html").read_text()


def test_the_report_of_another_study_is_refused_before_anything_runs(small, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr("mmresearch.runner.execute", lambda *_, **__: pytest.fail("it ran"))
    other = write_study(tmp_path / "another", data_locked="2024-06-01", title="Another title")
    before = (small.report / "run.json").read_bytes()
    assert cli.main(["run", str(other), "--out", str(small.report)]) == 2
    said = capsys.readouterr().err
    assert "a report of 1 other study stands there\n  patients {of} 2024 (" in said and "Choose another --out" in said
    assert (small.report / "run.json").read_bytes() == before


def test_run_json_says_what_was_run(small):
    facts = read(small.report / "run.json")
    assert (facts["study"], facts["title"]) == (small.study.name, "A small study")
    assert facts["parameters"] == {"claims": ["pain-less"], "jobs": 2, "timeout": 600, "by": None}
    assert {page["page"] for page in facts["pages"]} == {"study", "pain-less", "verdicts"}
    assert all(page["seconds"] > 0 and page["failure"] is None for page in facts["pages"])
    hashes = [facts["data_sha256"], facts["code_sha256"], *facts["claims_sha256"].values(),
              *facts["notebooks_sha256"].values()]
    assert all(len(each) == 64 for each in hashes) and {"papermill", "pandas", "statsmodels"} <= set(facts["packages"])


def test_every_field_of_run_json_is_explained(small):
    text = (Path(__file__).parents[1] / "docs" / "formats.md").read_text(encoding="utf-8").split("## run.json")[1]
    assert [field for field in read(small.report / "run.json") if f"`{field}`" not in text] == []


def test_a_claim_s_notebook_adds_nothing(small):
    """The estimate on the page equals calling the package."""
    from mmresearch.estimate import MIME
    from mmresearch.models import fit
    from mmresearch.runner import handed_over
    from mmresearch.study import read_study
    from mmresearch.workbench.opening import find_claim

    dataset = read_study(small.study)
    for name in ("pain-less", "pain-responders"):
        expected = fit(find_claim(name, dataset), dataset).to_json()
        assert read(small.report / "estimates" / f"{name}.json") == expected
    on_the_page = handed_over(small.report / "claims" / "pain-less.ipynb", MIME)
    assert on_the_page == read(small.report / "estimates" / "pain-less.json")


def test_unknown_claims_are_refused_before_anything_runs(small, tmp_path):
    code, out, err = call("run", small.study, "--claims", "pain-les,nothing-like-it", "--out", tmp_path / "r")
    assert (code, out) == (2, "") and not (tmp_path / "r").exists()
    assert err.splitlines()[:3] == ["--claims: 2 are not ids of claims", "  'pain-les'. Did you mean 'pain-less'?",
                                    "  'nothing-like-it'."]


def test_an_executed_notebook_can_be_run_again_where_it_is(tmp_path, monkeypatch, capsys):
    """Within one folder a study is reached by a relative path; several leave one report each, and an index."""
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two"):
        write_study(tmp_path / "data" / "both" / name, claims=OWN_CLAIMS)
    assert cli.main(["run", "data/both", "--claims", "pain-less", "--jobs", "2"]) == 0
    report = tmp_path / "reports" / "both"
    *_, one, two, path = capsys.readouterr().out.splitlines()
    assert path == str(report / "index.html") and one.startswith("one: ") and two.startswith("two: ")
    for name in ("one", "two"):
        for notebook in (report / name / "study.ipynb", report / name / "claims" / "pain-less.ipynb"):
            given = read(notebook)["metadata"]["papermill"]["parameters"]["study"]
            assert (notebook.parent / given).resolve() == tmp_path / "data" / "both" / name


@pytest.fixture
def unexecuted(monkeypatch):
    """A run whose every page fails at once, so that what surrounds the pages is tested quickly."""
    from mmresearch.runner import Failure, Result

    monkeypatch.setattr("mmresearch.runner.execute", lambda pages, **_: [
        Result(page, 0.0, Failure("DeadKernelError", "the kernel died")) for page in pages])


def test_a_failing_page_costs_its_page_and_nothing_else(tmp_path, unexecuted, capsys):
    study = write_study(tmp_path / "study", claims=OWN_CLAIMS, data_locked="2024-06-01")
    assert cli.main(["run", str(study), "--out", str(tmp_path / "r")]) == 1
    said = capsys.readouterr().err.splitlines()
    for name in ("study", "pain-less", "pain-responders", "verdicts"):
        assert f"study: page {name} failed: the kernel died" in said
    assert (tmp_path / "r" / "estimates" / "pain-less.json").is_file(), "the estimate was computed without its page"
    verdicts = {record["claim"]: record for record in read(tmp_path / "r" / "verdicts.json")}
    assert verdicts["pain-less"]["family_size"] == 2
    assert "the kernel died" in (tmp_path / "r" / "claims" / "pain-less.html").read_text(encoding="utf-8")
    assert (tmp_path / "r" / "study.html").is_file()


def test_an_analysis_that_stops_stays_in_the_family(tmp_path, unexecuted, monkeypatch):
    """Were it left out, the other claims would be judged more leniently because of a fault of ours."""
    from mmresearch import models

    real = models.fit

    def stops(claim, dataset):
        if claim.id == "pain-less":
            raise KeyError("PATIENT-0007")
        return real(claim, dataset)

    monkeypatch.setattr(models, "fit", stops)
    study = write_study(tmp_path / "study", claims=OWN_CLAIMS, data_locked="2024-06-01")
    assert cli.main(["run", str(study), "--out", str(tmp_path / "r")]) == 1
    verdicts = {record["claim"]: record for record in read(tmp_path / "r" / "verdicts.json")}
    assert verdicts["pain-less"]["verdict"] == "inconclusive"
    assert verdicts["pain-responders"]["family_size"] == 2
    left = [path.read_bytes() for path in (tmp_path / "r").rglob("*") if path.is_file()]
    assert not any(b"PATIENT-0007" in content for content in left)


def test_strata_that_a_run_leaves_out_are_told(tmp_path, unexecuted, capsys):
    study = write_study(tmp_path / "study", claims=OWN_CLAIMS, data_locked="2024-06-01")
    words = ["run", str(study), "--claims", "pain-less", "--out", str(tmp_path / "r")]
    cli.main([*words, "--by", "sex"])
    assert "stood there" not in capsys.readouterr().err
    cli.main(words)
    assert ("The report that stood there had strata by sex; this one has none: --by sex writes them."
            in capsys.readouterr().err)


def test_a_run_that_is_told_to_end_leaves_nothing_half_made(tmp_path, monkeypatch):
    monkeypatch.setattr("mmresearch.runner.execute", lambda *_, **__: os.kill(os.getpid(), signal.SIGTERM))
    before = signal.getsignal(signal.SIGTERM)
    assert cli.main(["run", str(write_study(tmp_path / "study")), "--out", str(tmp_path / "out" / "r")]) == 130
    assert beside(tmp_path / "out" / "r") == [] and signal.getsignal(signal.SIGTERM) == before


def test_a_run_sweeps_what_a_killed_one_left(tmp_path, monkeypatch):
    """The next process of the same number would else find its own folder taken."""
    from mmresearch.cli.places import staging_folder

    monkeypatch.setattr("mmresearch.cli.run._run", lambda *_: pytest.fail("left") if stage.exists() else stage.mkdir())
    monkeypatch.setattr("mmresearch.cli.run._finish", lambda *_: 0)
    stage = staging_folder(tmp_path / "out" / "r")
    (stage / "claims").mkdir(parents=True)
    assert cli.main(["run", str(write_study(tmp_path / "study")), "--out", str(tmp_path / "out" / "r")]) == 0


def test_each_of_several_studies_links_the_index_over_them(tmp_path, unexecuted):
    for name in ("one", "two"):
        write_study(tmp_path / "studies" / name)
    cli.main(["run", str(tmp_path / "studies"), "--out", str(tmp_path / "r")])
    assert '<a href="../index.html">All studies</a>' in (tmp_path / "r" / "one" / "index.html").read_text()
    page = next((tmp_path / "r" / "two" / "claims").glob("*.html")).read_text()
    assert '<a href="../../index.html">All studies</a>' in page


@pytest.mark.parametrize("place", ["cli.run._run", "report.publish"])
@pytest.mark.parametrize("code, needed", [(errno.ENOSPC, "Free some space"), (errno.EROFS, "Get leave to write"),
                                          (errno.EMFILE, "allow more open files")])
def test_a_full_or_read_only_disk_is_a_matter_of_set_up(tmp_path, monkeypatch, capsys, place, code, needed):
    def fail(*_, **__):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("mmresearch.cli.run._run", lambda *_: None)
    monkeypatch.setattr(f"mmresearch.{place}", fail)
    assert cli.main(["run", str(write_study(tmp_path / "study")), "--out", str(tmp_path / "out" / "r")]) == 4
    said = capsys.readouterr().err
    assert said.startswith(f"{tmp_path / 'out' / 'r'}: ") and os.strerror(code) in said and needed in said
    assert "fault of mmresearch" not in said


def test_a_study_cannot_be_simulated_on_a_full_disk(tmp_path, monkeypatch, capsys):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("mmresearch.simulate.simulate_study", full)
    assert cli.main(["simulate", str(tmp_path / "s")]) == 4
    assert f"{tmp_path / 's'}: it could not be written: No space left" in capsys.readouterr().err


def test_the_last_good_report_stays_when_a_run_fails(tmp_path, unexecuted, monkeypatch, capsys):
    study, report = write_study(tmp_path / "study", claims=OWN_CLAIMS), tmp_path / "out" / "r"
    cli.main(["run", str(study), "--out", str(report)])
    before = {path: path.read_bytes() for path in report.rglob("*") if path.is_file()}

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("mmresearch.report.write_report", full)
    assert cli.main(["run", str(study), "--out", str(report)]) == 4
    assert "No space left on device" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in report.rglob("*") if path.is_file()} == before
    assert beside(report) == ["r"]


def test_a_folder_that_is_no_report_is_refused_before_anything_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("mmresearch.runner.execute", lambda *_, **__: pytest.fail("it ran"))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    assert cli.main(["run", str(write_study(tmp_path / "study")), "--out", str(tmp_path / "mine")]) == 2
    assert "not a report of mmresearch" in capsys.readouterr().err
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"


def test_a_folder_that_cannot_be_made_is_a_matter_of_set_up(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    study = write_study(tmp_path / "study")
    assert cli.main(["run", str(study), "--out", str(tmp_path / "file" / "report")]) == 4
    assert "cannot be made" in capsys.readouterr().err


@pytest.mark.slow
def test_the_demo_runs_whole(tmp_path):
    """Every page of the demo, as `make report` runs it."""
    code, out, err = call("run", Path(__file__).parents[1] / "data" / "demo", "--out", tmp_path / "demo")
    assert code == 0, err
    assert out.splitlines()[-1] == str(tmp_path / "demo" / "index.html")
    assert any(line.startswith("three-arm: ") for line in out.splitlines()) and "of 148 claims" in out
    facts = read(tmp_path / "demo" / "three-arm" / "run.json")
    assert len(facts["pages"]) > 20 and not [page for page in facts["pages"] if page["failure"]]
