"""Exploratory strata in a report: pages, records and words; and that nothing of them moves a verdict."""

import json
import random
import re
from contextlib import redirect_stdout
from dataclasses import replace
from io import StringIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from own_claims import OWN_CLAIMS
from runs import full_estimate, make_run
from studies import write_study

from mmresearch import cli, models, workbench
from mmresearch.cli.parser import read_arguments
from mmresearch.cli.strata import lay_grid
from mmresearch.errors import UsageError
from mmresearch.estimate import MIME, Trouble
from mmresearch.exhibits.strata import level_text, show_comparison, tell_interaction, told_interval
from mmresearch.report import write_report
from mmresearch.strata import Comparison, Found, Interaction, Split, Strata, Stratum
from mmresearch.study import read_study
from mmresearch.workbench.opening import find_claim

VERDICT = re.compile(r"\b(supported|refuted|inconclusive|holm)\b", re.IGNORECASE)


def tables():
    """Sixty patients of two sites, and of a hut with four; massage gains a point, two in the north."""
    dice, patients, pain = random.Random(7), [], []
    for number in range(1, 65):
        massage, site = number % 2, "hut" if number > 60 else "north" if number % 4 < 2 else "south"
        start = dice.choice([5, 6, 7, 8])
        gain = [massage * (2 if site == "north" else 1) + dice.choice([0, 1, 2]) for _ in range(2)]
        patients.append({"id": f"{number:03d}", "group": massage, "age": dice.randint(20, 70),
                         "sex": "f" if number % 3 else "m", "site": site})
        pain.append({"id": f"{number:03d}", "nrs_0": start, "nrs_6": start - gain[0], "nrs_12": start - gain[1]})
    return {"patients.csv": patients, "pain.csv": pain}


def load(path):
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """One study run twice with the page of one claim: as it is, and by site."""
    folder = tmp_path_factory.mktemp("strata")
    study = write_study(folder / "study", tables=tables(), claims=OWN_CLAIMS, data_locked="2024-06-01")
    for name, words in {"plain": (), "divided": ("--by", "site")}.items():
        with redirect_stdout(StringIO()) as out:
            run = ["run", study, "--claims", "pain-less", "--out", folder / name, "--jobs", 2, *words]
            assert cli.main([*map(str, run)]) == 0
    return SimpleNamespace(study=study, plain=folder / "plain", divided=folder / "divided", out=out.getvalue())


# A run


def test_strata_move_no_verdict_and_no_estimate(ran):
    """Byte for byte: they stand outside every family."""
    names = ["verdicts.json", *sorted(f"estimates/{path.name}" for path in (ran.plain / "estimates").iterdir())]
    assert len(names) > 2
    for name in names:
        assert (ran.plain / name).read_bytes() == (ran.divided / name).read_bytes()
    assert {path.name for path in (ran.divided / "estimates").iterdir()} == {name[10:] for name in names[1:]}


def test_a_stratum_has_a_page_a_notebook_and_a_record(ran):
    pages = {path.name for path in (ran.divided / "claims").iterdir()}
    named = {f"pain-less--{each}" for each in ("site-north", "site-south")}
    assert {page.rpartition(".")[0] for page in pages if "--" in page} == named
    assert {f"{name}.{kind}" for name in named for kind in ("html", "ipynb")} < pages
    record = load(ran.divided / "strata.json")
    assert record["exploratory"] is True and [each["column"] for each in record["columns"]] == ["site"]
    found, = record["columns"][0]["comparisons"]
    assert [(each["level"], each["page"] and each["page"] in named) for each in found["strata"]] == [
        ("hut", None), ("north", True), ("south", True)]
    assert found["interaction"]["df1"] == 1 and 0 < found["interaction"]["p_value"] < 1
    assert load(ran.divided / "run.json")["parameters"]["by"] == ["site"]
    assert load(ran.plain / "run.json")["parameters"]["by"] is None and not (ran.plain / "strata.json").exists()


def test_too_small_a_stratum_is_reported_without_its_count(ran):
    hut = load(ran.divided / "strata.json")["columns"][0]["comparisons"][0]["strata"][0]
    assert hut == {"level": "hut", "page": None, "lack": "fewer than 5 patients in an arm", "estimate": None}
    assert "1 not: fewer than 5 patients in an arm" in ran.out


def test_a_stratum_s_notebook_adds_nothing(ran):
    """What it hands over is what the package gives, with no p; and what strata.json holds."""
    dataset = read_study(ran.study)
    question = models.ask(find_claim("pain-less", dataset), dataset)
    asked, _ = models.divide(question, dataset, models.split_patients(dataset, "site"))
    expected = models.fit_stratum(asked["north"], dataset).to_json()
    cells = load(ran.divided / "claims" / "pain-less--site-north.ipynb")["cells"]
    handed, = [output["data"][MIME] for cell in cells for output in cell.get("outputs", ()) if MIME in output["data"]]
    assert handed == expected and expected["p_value"] is None
    assert load(ran.divided / "strata.json")["columns"][0]["comparisons"][0]["strata"][1]["estimate"] == expected


def test_a_stratum_s_page_says_exploratory_and_no_verdict(ran):
    page = (ran.divided / "claims" / "pain-less--site-north.html").read_text(encoding="utf-8")
    shown = page[page.index("<body"):]
    assert "<strong>Exploratory.</strong>" in shown and "Only patients with site: north." in shown
    assert not VERDICT.search(re.sub(r"<[^>]*>", " ", shown[:shown.index("<script")])) and "<dt>p</dt>" not in shown
    assert "Do they differ? F(1, " in shown and 'href="pain-less.html"' in shown
    assert "The verdict rests" not in shown


def test_the_claim_s_page_and_the_index_lead_to_the_strata(ran):
    claim = (ran.divided / "claims" / "pain-less.html").read_text(encoding="utf-8")
    assert 'href="pain-less--site-south.html"' in claim and 'href="../strata.html"' in claim
    assert 'href="strata.html">The registered analyses by site<' in (ran.divided / "index.html").read_text()
    assert "strata.html" not in (ran.plain / "index.html").read_text()


def test_every_link_between_the_pages_leads_somewhere(ran):
    for page in (ran.divided / "strata.html", *(ran.divided / "claims").glob("*--*.html")):
        for href in re.findall(r'href="([^"#]+)', page.read_text(encoding="utf-8")):
            assert (page.parent / href).exists(), f"{page.name}: {href}"


def test_no_path_and_no_patient_is_in_what_strata_leave(ran):
    pages = [*ran.divided.rglob("*--*"), *ran.divided.rglob("*.ipynb"), *ran.divided.glob("*.json")]
    left = "".join(path.read_text(encoding="utf-8") for path in pages)
    assert str(ran.study.parent) not in left and '"017"' not in left
    assert not [word for word in (str(Path.home()), str(Path(cli.__file__).parents[2])) if f"{word}/" in left]
    kept = load(ran.divided / "claims" / "pain-less--site-north.ipynb")["metadata"]["papermill"]["parameters"]
    assert kept["claim"] == "pain-less" and kept["stratum"] == "site:north" and kept["study"].startswith("..")


# What --by refuses


def test_a_column_no_study_has_is_refused_with_the_nearest(ran, capsys):
    assert cli.main(["run", str(ran.study), "--by", "sit,age"]) == 2
    said = capsys.readouterr().err
    assert "'sit' is not recorded. Did you mean 'site'?" in said and "'age' is a number" in said
    assert said.count("study can be divided by site, sex") == 1 and "Nothing was run." in said


def test_a_study_that_a_column_cannot_divide_is_told_while_others_are(ran, tmp_path):
    alike = write_study(tmp_path / "alike", tables={"patients.csv": [
        row | {"site": "north"} for row in tables()["patients.csv"]]})
    jobs = [SimpleNamespace(folder=folder, stage=folder, dataset=read_study(folder)) for folder in (ran.study, alike)]
    grid = lay_grid(jobs, ["site", "site"])
    assert [len(splits) for splits in grid.splits.values()] == [1, 0]
    assert grid.passed == ["alike: 'site' is the same for all patients"]
    with pytest.raises(UsageError, match="columns that divide patients"):
        lay_grid(jobs[1:], ["site"])


@pytest.mark.parametrize("stratum, said", [
    ("site:west", "no patient the claim is about is in it"), ("site:hut", "fewer than 5 patients in an arm"),
    ("condition:low-back-pain", "is the same for all patients"), ("north", "column:level")])
def test_a_stratum_that_is_not_there_cannot_be_opened(ran, stratum, said):
    with pytest.raises(UsageError, match=said):
        workbench.open_claim(ran.study, "pain-less", stratum)


def test_columns_are_named_with_commas_or_one_by_one():
    assert read_arguments(["run", "x", "--by", "site, sex", "--by", "condition"]).by == ["site", "sex", "condition"]
    assert read_arguments(["run", "x"]).by is None


# Words and figures, from records


def comparison(*estimates, interaction=None, levels=("female", "male", "other")):
    found = tuple(Found(Stratum("sex", level), f"own-pain--sex-{level}", each) if each is not None else
                  Found(Stratum("sex", level), lack="fewer than 5 patients in an arm")
                  for level, each in zip(levels, estimates, strict=False))
    return Comparison("own-pain", "sex", found, interaction or Interaction(lack="nobody asked"))


def stratum(**changes):
    return full_estimate("own-pain", **{"p_value": None, "robustness": (), **changes})


def test_the_interaction_is_told_with_its_limit():
    two = Interaction("a test", 4.0, 1, 98.0, 0.048, ("male", "female"), 0.5, 0.1, 0.9)
    told = tell_interaction(comparison(stratum(), stratum(), interaction=two), full_estimate())
    assert told == ("Do they differ? F(1, 98) = 4.00, p = 0.048 (a test). Male minus Female: 0.5 (0.1 to 0.9) points. "
                    "One test of many on these pages, not corrected for their number.")
    many = Interaction("a test", 1.5, 2, None, 0.22)
    told = tell_interaction(comparison(*[stratum()] * 3, interaction=many), full_estimate())
    assert told == ("Do they differ? chi-squared 3.00 on 2 degrees of freedom, p = 0.22 (a test). "
                    "A difference is not shown; that there is none is not shown either.")
    left = tell_interaction(comparison(*[stratum()] * 3, interaction=two), full_estimate())
    assert "1 too uncertain to compare was left out." in left
    assert tell_interaction(comparison(stratum()), full_estimate()).endswith("was not tested: nobody asked.")


def test_a_stratum_too_uncertain_is_not_set_beside_the_others():
    wild = stratum(point=40.0, low=-400.0, high=480.0, df=1.2)
    shown = show_comparison(comparison(stratum(), wild, None), full_estimate(), lambda page: f"{page}.html", "female")
    assert "too uncertain to compare" in shown.text and "480" not in shown.html
    assert "fewer than 5 patients in an arm" in shown.text and shown.html.count("<li ") == 4
    assert 'href="own-pain--sex-male.html"' in shown.html and 'href="own-pain--sex-female.html"' not in shown.html


def test_too_few_therapists_leave_the_interval_with_a_word():
    few = stratum(troubles=(Trouble("therapists-few", "serious", "One therapist treated."),))
    assert told_interval(few) == f"{told_interval(stratum())}; fewer than 3 therapists"
    assert told_interval(replace(few, df=1.0)) == "too uncertain to compare: see its page"


def test_levels_are_told_in_words():
    assert level_text("condition", "neck-pain") == "Neck pain" and level_text("site", "S1") == "S1"


def test_the_overview_counts_tests_and_claims_that_were_not_divided(tmp_path):
    test = Interaction("a test", 4.0, 1, 98.0, 0.048, ("male", "female"), 0.5, 0.1, 0.9)
    strata = Strata(Split("sex", ("female", "male"), 3), (comparison(stratum(), stratum(), interaction=test),),
                    {"pain-general": "the claim is itself about what its effect depends on"})
    write_report(make_run(tmp_path, strata=(strata,)), tmp_path / "out")
    page = (tmp_path / "out" / "strata.html").read_text(encoding="utf-8")
    assert "1 test of whether strata differ" in page and "about 0.1 of them" in page and "1 did." in page
    assert "no stratum: fewer than 5." in page and "1 claim not divided by sex" in page
    assert load(tmp_path / "out" / "strata.json")["columns"][0]["unrecorded"] is None
    assert page.count("<svg") > 4
