"""`mmresearch evidence`, `run` without a study, the literature report's pages, and the checker of a user's table."""

import html
import json
import re
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from readings import claim, row

from mmresearch import cli, exhibits
from mmresearch.claims import Registry, articles
from mmresearch.errors import RegistryError, UsageError
from mmresearch.evidence import RULE, published_effects, read_literature
from mmresearch.evidence.effects import COLUMNS
from mmresearch.report import LiteratureRecord, write_literature


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A literature report of our own table, as the command writes it."""
    target = tmp_path_factory.mktemp("reports") / "literature"
    assert cli.main(["evidence", "--out", str(target)]) == 0
    return target


def read(path):
    return path.read_text(encoding="utf-8")


def test_the_report_has_a_page_for_every_claim_and_says_what_it_rests_on(folder):
    assert {path.stem for path in (folder / "claims").iterdir()} == set(articles().claims)
    facts = json.loads(read(folder / "run.json"))
    assert len(facts["evidence_sha256"]) == 64 and facts["mmresearch"]
    assert sorted(path.name for path in folder.iterdir()) == ["claims", "index.html", "readings.json", "run.json"]


def test_the_index_lists_each_claim_under_every_article_that_makes_it(folder):
    index = read(folder / "index.html")
    for name in {quote.article for each in articles() for quote in each.sources}:
        said = [each for each in articles() if name in {quote.article for quote in each.sources}]
        part = index.split(f'<section id="article-{name[:3]}">')[1].split("<section id=")[0]
        assert part.count('href="claims/') == len(said)
    assert index.count(f"Of {len(articles())} claims:") == 1


def test_the_json_is_the_reading_of_every_claim_with_every_row_once(folder):
    found = json.loads(read(folder / "readings.json"))
    assert [each["claim"] for each in found] == list(articles().claims)
    bearing = {(each["claim"], name) for each in found for name in each["rows"]}
    assert bearing == {(name, each.effect_id) for each in published_effects() for name in each.claims}
    assert all(each["row"] is None or each["row"] in each["rows"] for each in found)


def test_json_is_printed_alone(folder, capsys):
    assert cli.main(["evidence", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(read(folder / "readings.json"))


def test_pages_are_stamped_as_published_and_not_as_a_study(folder):
    for page in (folder / "index.html", folder / "claims" / "sleep.html"):
        text = read(page)
        assert "Published results, not a study." in text and "Internal: not for release" not in text
        assert "Simulated data" not in text and "<script src" not in text and "Verdict" not in text


def test_pages_link_to_dois_and_to_each_other(folder):
    page = read(folder / "claims" / "chronic-pain.html")
    assert 'href="https://doi.org/10.1002/14651858.CD001929.pub3"' in page and 'href="../index.html"' in page
    for name in ("claims/chronic-pain.html", "claims/metabolic-waste.html"):
        assert f'href="{name}"' in read(folder / "index.html")


def test_every_relative_link_leads_to_a_file(folder):
    for page in (folder / "index.html", folder / "claims" / "sleep.html", folder / "claims" / "stress.html"):
        links = {link for link in re.findall(r'href="([^"#]+)"', read(page)) if not link.startswith("https://")}
        assert links and not [link for link in links if not (page.parent / link).is_file()]


def test_a_report_that_cannot_be_moved_in_leaves_nothing_behind(tmp_path, monkeypatch):
    def fail(*_):
        raise UsageError("here", "it cannot be moved in")

    monkeypatch.setattr("mmresearch.report.publish", fail)
    assert cli.main(["evidence", "--out", str(tmp_path / "literature")]) == UsageError.exit_code
    assert not list(tmp_path.iterdir())


def test_a_claim_without_rows_says_that_this_is_not_no_trial(folder):
    assert "which is not the same as no trial" in read(folder / "claims" / "stress.html")


def test_the_rule_stands_on_the_index(folder):
    index = html.unescape(read(folder / "index.html"))
    assert all(step.words[1:] in index for step in RULE)


def test_it_replaces_its_own_report_and_no_other_folder(folder, tmp_path):
    assert cli.main(["evidence", "--out", str(folder)]) == 0
    (tmp_path / "mine.txt").write_text("x", encoding="utf-8")
    assert cli.main(["evidence", "--out", str(tmp_path)]) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_run_without_a_study_writes_it_under_reports(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["run"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith(f"Of {len(articles())} claims: trials favour")
    assert said[-1] == str(tmp_path / "reports" / "evidence" / "index.html")
    assert (tmp_path / "reports" / "evidence" / "index.html").is_file()


def test_run_without_a_study_refuses_what_asks_for_one(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["run", "--claims", "sleep"]) == 2
    assert "--claims asks for a STUDY" in capsys.readouterr().err and not list(tmp_path.iterdir())


# The checker

def write_table(path, change=lambda line: line):
    header = ",".join(COLUMNS)
    sound = {name: "" for name in COLUMNS} | {
        "effect_id": "X001", "study": "Example 2020", "year": "2020", "title": "An example", "doi": "10.1000/x",
        "level": "trial", "population": "adults", "technique": "massage", "comparator": "usual care",
        "comparator_class": "usual-care", "outcome": "pain", "instrument": "NRS", "instruments": "NRS",
        "unit": "points", "time": "8 weeks", "days": "56", "effect_type": "MD", "effect": "-1.0",
        "low": "-1.6", "high": "-0.4",
        "benefit_direction": "lower", "claims": "sleep"}
    path.write_text(f"{header}\n{change(','.join(sound.values()))}\n", encoding="utf-8")
    return str(path)


def test_a_sound_table_of_a_user_passes(tmp_path, capsys):
    assert cli.main(["evidence", "--check", write_table(tmp_path / "mine.csv")]) == 0
    assert "1 rows are sound: 1 of trials, 0 of reviews" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["mine.csv"]


def test_a_broken_table_is_refused_by_rule_and_row(tmp_path, capsys):
    table = write_table(tmp_path / "mine.csv", lambda line: line.replace("-1.6", "-0.6").replace("sleep", "slep"))
    assert cli.main(["evidence", "--check", table]) == RegistryError.exit_code
    said = capsys.readouterr().err
    assert f"{table}: " in said and "line 2 (X001): the interval holds the effect" in said


@pytest.mark.parametrize("content, said", [
    (b"\xff\xfe\x00", "not UTF-8"), (None, "cannot be read"), (b"", "columns are none")])
def test_what_is_no_table_is_said(tmp_path, content, said, capsys):
    path = tmp_path / "mine.csv"
    if content is not None:
        path.write_bytes(content)
    assert cli.main(["evidence", "--check", str(path)]) != 0
    assert said in capsys.readouterr().err


# Records and exhibits

def test_a_record_has_one_reading_a_claim():
    with pytest.raises(UsageError, match="1 claims, 0 readings"):
        LiteratureRecord(Registry("articles", {"pain": claim()}), {})


def test_pooled_trials_have_a_page_too(tmp_path):
    three = [row(effect_id=f"T{n}", study=f"Trial{n} 2020", effect=-1 - n, low=-2 - n, high=-n) for n in range(3)]
    asked = claim()
    record = LiteratureRecord(Registry("articles", {"pain": asked}), {"pain": read_literature(asked, three)},
                              {"mmresearch": "0", "evidence_sha256": "0" * 64, "started": "2026-01-01"})
    write_literature(record, tmp_path)
    page = read(tmp_path / "claims" / "pain.html")
    assert "3 independent trials" in page and page.count("The reading rests on this result.") == 3
    assert "<strong>3 trials pooled</strong>" in page


def test_a_standardised_result_is_put_on_points_where_an_sd_is_known(folder):
    assert "Put back on NRS" in read(folder / "claims" / "pain-general.html")  # E012, by the SD of planning's table
    assert "Put back on" not in read(folder / "claims" / "muscle-soreness.html")  # no SD of DOMS stands there
    assert "Put back on" not in read(folder / "claims" / "arthritis-pain.html")  # a difference in mm already


def test_what_a_reading_is_called_in_a_list():
    rows = {"favour": (row(level="meta-analysis"),), "none": (), "few": (row(),)}
    readings = {name: read_literature(claim(), found) for name, found in rows.items()}
    assert exhibits.tell_readings(readings.values()) == (
        "Of 3 claims: trials favour 1, trials are too few for 1, 1 have none in our table.")
    shown = exhibits.show_readings([SimpleNamespace(id=name, text=name) for name in rows], readings)
    ElementTree.fromstring(f"<div>{shown.html}</div>")
    assert shown.html.index("Trials favour") < shown.html.index("Too few") < shown.html.index("None in our table: 1")
