"""A report's folder: complete, linked, self-contained, agreeing with its own records, and moved in whole."""

import json
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest
from describing import make_study
from outcomes import make_claim, make_registry
from runs import full_estimate, make_run

from mmresearch import report
from mmresearch.claims import articles
from mmresearch.errors import PrivacyError, SetupError, UsageError
from mmresearch.estimate import from_json
from mmresearch.exhibits.words import VERDICTS, is_exploratory
from mmresearch.report.claim_page import chips
from mmresearch.report.notebook import read_notebook
from mmresearch.verdict import judge

SCHEMAS = Path(__file__).parents[1] / "docs" / "schema"
VOID = {"meta", "input", "br", "hr", "img", "link", "col"}


class Page(HTMLParser):
    """What a browser would make of a page: tags that close, ids, links, text."""

    def __init__(self, path):
        super().__init__()
        self.path, self.open, self.ids, self.links, self.loads, self.text = path, [], [], [], [], []
        self.attributes, self.crossed = {}, []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, name, attributes):
        given = dict(attributes)
        self.attributes.setdefault(name, []).append(given)
        self.open += [] if name in VOID else [name]
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if name == "a" and "href" in given else []
        self.loads += [given[key] for key in ("src", "srcset", "data", "poster", "xlink:href") if key in given]
        self.loads += [given["href"]] if name not in ("a",) and "href" in given else []

    def handle_startendtag(self, name, attributes):
        self.handle_starttag(name, attributes)
        self.handle_endtag(name)

    def handle_endtag(self, name):
        if name in VOID:
            return
        if not self.open or self.open.pop() != name:
            self.crossed.append(name)

    def handle_data(self, data):
        if not {"style", "script"} & set(self.open):
            self.text.append(data)

    @property
    def words(self):
        return " ".join(" ".join(self.text).split())


@pytest.fixture(scope="module")
def record(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("executed"))


@pytest.fixture(scope="module")
def folder(record, tmp_path_factory):
    stage = tmp_path_factory.mktemp("run") / "stage"
    stage.mkdir()
    report.write_report(record, stage)
    return stage


@pytest.fixture(scope="module")
def pages(folder):
    return {str(path.relative_to(folder)): Page(path) for path in folder.rglob("*.html")}


def test_the_folder_is_complete(folder, record):
    claims = {path.stem for path in (folder / "claims").glob("*.html")}
    assert claims == set(articles().claims) | {"own-pain"} and len(articles()) == 148
    estimates = {name for family in record.families for name in family.estimates}
    assert {path.stem for path in (folder / "estimates").glob("*.json")} == estimates
    assert (folder / "claims" / "own-pain.ipynb").is_file()
    assert {"index.html", "study.html", "verdicts.json", "run.json"} <= {path.name for path in folder.iterdir()}


def test_pages_parse_have_titles_and_say_their_language(pages):
    titles = set()
    for name, page in pages.items():
        assert page.crossed == [] and page.open == [], f"{name}: tags cross"
        assert page.attributes["html"] == [{"lang": "en"}] and len(page.attributes["h1"]) == 1
        assert len(page.ids) == len(set(page.ids)), f"{name}: an id stands twice"
        titles.add(re.search(r"<title>(.+?)</title>", page.path.read_text(encoding="utf-8"))[1])
    assert len(titles) == len(pages)


def test_every_link_leads_somewhere(pages, folder):
    for name, page in pages.items():
        for link in page.links:
            if link.startswith("https://"):
                continue
            path, _, fragment = link.partition("#")
            target = (page.path.parent / path).resolve() if path else page.path
            assert target.is_file() and target.is_relative_to(folder.resolve()), f"{name}: {link}"
            if fragment:
                assert fragment in pages[str(target.relative_to(folder.resolve()))].ids, f"{name}: {link}"


def test_nothing_is_loaded_from_anywhere(pages):
    for name, page in pages.items():
        text = page.path.read_text(encoding="utf-8")
        assert page.loads == [], name
        assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest", text), name
        assert "default-src 'none'" in text and "link" not in page.attributes


def test_the_script_that_runs_is_the_one_whose_hash_is_named(pages):
    import base64
    import hashlib

    text = pages["index.html"].path.read_text(encoding="utf-8")
    script = re.search(r"<script>(.*?)</script>", text, re.DOTALL)[1]
    assert text.count("<script") == 1
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert digest in re.search(r"script-src ([^;]+);", text)[1]


def test_every_page_is_stamped(pages):
    for name, page in pages.items():
        assert "Simulated data." in page.words and "Internal: not for release." in page.words, name


def test_a_real_study_is_not_stamped_simulated(record, tmp_path):
    from dataclasses import replace

    real = replace(record.description, outline=replace(record.outline, simulated=False))
    report.write_report(replace(record, description=real), tmp_path)
    assert "Simulated data." not in Page(tmp_path / "index.html").words


def test_index_page_and_json_agree(pages, folder):
    verdicts = json.loads((folder / "verdicts.json").read_text(encoding="utf-8"))
    index = pages["index.html"].path.read_text(encoding="utf-8")
    rows = dict(re.findall(r'<tr id="row-([a-z0-9-]+)" data-verdict="([a-z-]+)"', index))
    assert rows == {each["claim"]: each["verdict"] for each in verdicts}
    for each in verdicts:
        page = pages[f"claims/{each['claim']}.html"]
        assert {"class": f"answer {each['verdict']}"} in page.attributes["div"]
        assert " ".join(each["sentence"].split()) in page.words and VERDICTS[each["verdict"]][0] in page.words


@pytest.mark.parametrize("locked, registered, said", [
    (None, "2024-05-01", ["Exploratory: no data lock given"]),
    ("2024-01-01", "2024-05-01", ["Exploratory: registered after data lock"]),
    ("2024-01-01", None, ["Exploratory: no date of registration"]),
    ("2025-01-01", "2024-05-01", [])])
def test_the_stamp_says_why_an_answer_is_exploratory(locked, registered, said):
    registered = date.fromisoformat(registered) if registered else None
    claim = make_claim("pain").model_copy(update={"registered": registered})
    estimate = full_estimate("pain", data_locked=locked)
    verdict, = judge(make_registry(claim), {"pain": estimate})
    assert chips(verdict, estimate, claim) == said


def test_index_and_pages_tell_what_is_exploratory(pages, record):
    explored = [each.claim for family in record.families for each in family.verdicts if is_exploratory(each)]
    assert explored
    index = pages["index.html"].path.read_text(encoding="utf-8")
    tiles = re.findall(r"<b>(\d+)</b><span[^>]*>.*?</svg>([^<]*)</span>", index)
    assert sum(int(count) for count, word in tiles if "exploratory" in word) == len(explored)
    for name in explored:
        assert "(exploratory)" in re.search(r"<title>(.*?)</title>", pages[f"claims/{name}.html"].path.read_text())[1]


def test_json_validates_against_the_published_schemas(folder):
    estimate, verdicts = (json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
                          for name in ("estimate", "verdicts"))
    jsonschema.validate(json.loads((folder / "verdicts.json").read_text(encoding="utf-8")), verdicts)
    for path in (folder / "estimates").glob("*.json"):
        found = json.loads(path.read_text(encoding="utf-8"))
        jsonschema.validate(found, estimate)
        assert from_json(found).claim == path.stem


def test_a_claim_page_holds_what_a_reader_needs(pages):
    words = pages["claims/own-pain.html"].words
    for each in ("Does massage reduce pain?", "It reduces pain", "The estimate", "Under other assumptions",
                 "What was assumed", "The registered analysis", "How to cite instrument and method",
                 "What trials have published", "Show the code"):
        assert each in words, each


def test_every_untestable_claim_says_why_and_what_would_settle_it(pages):
    for claim in articles():
        if claim.analysis is None:
            words = pages[f"claims/{claim.id}.html"].words
            assert " ".join(claim.would_settle.split()) in words and " ".join(claim.why_not.split()) in words, claim.id


def test_every_quote_is_on_its_page(pages):
    for claim in articles():
        words = pages[f"claims/{claim.id}.html"].words
        assert all(" ".join(quote.quote.split()) in words for quote in claim.sources), claim.id


def test_contradictions_stand_side_by_side(pages):
    ids = pages["index.html"].ids
    assert [each.id for each in articles().contradictions if each.id not in ids] == []


def test_controls_have_names(pages):
    index = pages["index.html"]
    assert index.attributes["table"] and all("id" in form for form in index.attributes["form"])
    labelled = index.path.read_text(encoding="utf-8").count("<label>")
    assert labelled == len(index.attributes["select"]) + len(index.attributes["input"]) > 3


def test_failed_pages_are_listed(pages, record):
    name = record.failures[0].name
    index = pages["index.html"]
    assert f"{name} : The kernel died." in index.words
    banner, first = "1 page failed , so this report is not whole: which, and why", "The study's own claims"
    assert banner in index.words and index.words.index(banner) < index.words.index(first), "before what looks well"
    assert "#failed" in index.links and "failed" in index.ids
    assert "notebook failed" in pages[f"claims/{name}.html"].words


def test_a_run_whose_pages_all_ran_has_no_banner(record, tmp_path):
    from dataclasses import replace

    report.write_report(replace(record, failures=()), tmp_path)
    words = Page(tmp_path / "index.html").words
    assert "failed" not in words and "--claims" not in words, "and every claim has its page"


def test_a_notebook_gives_its_exhibits_and_everything_else_as_text(record):
    blocks = read_notebook(record.notebooks["own-pain"])
    assert [block.exhibits for block in blocks if block.exhibits] == [("estimate",)]
    whole = "".join(block.html for block in blocks)
    assert "A title the page has already" not in whole and "<h2>The estimate</h2>" in whole
    assert "<script" not in whole and "&lt;script&gt;" in whole and "vnd.mmresearch" not in whole


def test_the_notebook_shows_its_exhibit_once(pages):
    assert pages["claims/own-pain.html"].path.read_text(encoding="utf-8").count('data-exhibit="estimate"') == 1


def test_chosen_claims_get_pages_and_the_family_stays_whole(record, tmp_path):
    from dataclasses import replace

    report.write_report(replace(record, shown=("own-pain", "pain-general")), tmp_path)
    assert sorted(path.name for path in (tmp_path / "claims").glob("*.html")) == ["own-pain.html", "pain-general.html"]
    assert "Of 149 claims, 2 have a page here" in Page(tmp_path / "index.html").words
    assert len(json.loads((tmp_path / "verdicts.json").read_text(encoding="utf-8"))) == 149
    for path in tmp_path.rglob("*.html"):
        links = [link.partition("#")[0] for link in Page(path).links if not link.startswith(("https:", "#"))]
        assert [link for link in links if not (path.parent / link).exists()] == []


def test_the_same_run_writes_the_same_bytes(record, folder, tmp_path):
    report.write_report(record, tmp_path)
    for path in folder.rglob("*"):
        if path.is_file():
            assert (tmp_path / path.relative_to(folder)).read_bytes() == path.read_bytes(), path.name


def test_an_overview_links_every_study(record, tmp_path):
    report.write_overview(tmp_path, {"one": record, "two": record})
    page = Page(tmp_path / "index.html")
    assert page.links == ["#main", "one/index.html", "one/index.html#failed", "two/index.html",
                          "two/index.html#failed"]
    assert "Simulated data." in page.words and page.words.count("1 page failed : which, and why") == 2


@pytest.mark.parametrize("folders, title", [(["one"], "1 study"), (["one", "two"], "2 studies")])
def test_the_title_of_an_overview_counts_studies(record, tmp_path, folders, title):
    report.write_overview(tmp_path, dict.fromkeys(folders, record))
    assert f"<title>{title}</title>" in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_claims_of_one_name_in_two_families_are_refused(record):
    with pytest.raises(UsageError, match="names the articles' registry uses already"):
        report.RunRecord(record.description, (record.families[1], record.families[1]))


def stage_of(tmp_path, text="new"):
    stage = tmp_path / f"stage-{text}"
    stage.mkdir()
    (stage / "index.html").write_text(text)
    (stage / "run.json").write_text('{"mmresearch": "0.0"}')
    return stage


def test_publish_moves_in_and_replaces_a_report_of_ours(tmp_path):
    target = tmp_path / "reports" / "demo"
    for text in ("one", "two"):
        report.publish(stage_of(tmp_path, text), target)
        assert (target / "index.html").read_text() == text
    assert [path.name for path in target.parent.iterdir()] == ["demo"] and not (tmp_path / "stage-two").exists()


@pytest.mark.parametrize("made", ["folder", "file", "link", "someone's json"])
def test_publish_refuses_what_is_not_a_report(tmp_path, made):
    target = tmp_path / "mine"
    if made == "file":
        target.write_text("thesis")
    elif made == "link":
        target.symlink_to(stage_of(tmp_path, "elsewhere"))
    else:
        target.mkdir()
        (target / "thesis.txt").write_text("years of work")
        (target / "index.html").write_text("mine")
        if made != "folder":
            (target / "run.json").write_text("[1]")
    with pytest.raises(UsageError, match="--out"):
        report.publish(stage_of(tmp_path), target)
    assert (tmp_path / "stage-new").exists() and not list(tmp_path.glob(".old-*"))
    assert made in ("file", "link") or (target / "thesis.txt").read_text() == "years of work"


@pytest.mark.parametrize("place", ["", "claims", "../two", "../two/estimates"])
def test_publish_refuses_a_report_in_which_somebody_keeps_something(tmp_path, place):
    """What a reader put beside our pages would go with them."""
    target = tmp_path / "demo" / ("one" if place.startswith("..") else "")
    report.publish(stage_of(tmp_path, "old"), target)
    (target / "claims").mkdir()
    (target / ".ipynb_checkpoints").mkdir()
    if place.startswith(".."):
        (target.parent / "index.html").write_text("over")
        (target.parent / "two").mkdir()
    kept = target / place / "thesis.txt"
    kept.parent.mkdir(exist_ok=True, parents=True)
    kept.write_text("years of work")
    with pytest.raises(UsageError, match="move what is yours"):
        report.publish(stage_of(tmp_path), tmp_path / "demo")
    assert kept.read_text() == "years of work"
    kept.unlink()
    if not place.startswith(".."):
        report.publish(stage_of(tmp_path, "newer"), tmp_path / "demo")
        assert (tmp_path / "demo" / "index.html").read_text() == "newer"


def test_publish_replaces_an_overview_of_ours(tmp_path):
    target = tmp_path / "out"
    target.mkdir()
    (target / "index.html").write_text("over")
    stage_of(tmp_path, "inner").rename(target / "study")
    report.publish(stage_of(tmp_path), target)
    assert (target / "index.html").read_text() == "new"


def standing(folder, *studies):
    """A report of these studies' content of run.json: of one in the folder, of several within it."""
    for facts in studies:
        place = folder / facts.get("study", "") if len(studies) > 1 else folder
        place.mkdir(parents=True)
        (place / "run.json").write_text(json.dumps({"mmresearch": "0.0"} | facts))
        (place / "index.html").write_text("report")
    (folder / "index.html").write_text("report")
    return folder


GOALS, SORE, OLD = ({"study": "goals", "title": "By goal", "data_sha256": "a"},
                    {"study": "sore", "title": "Soreness", "data_sha256": "b"}, {"study": "goals", "data_sha256": "a"})
OTHER_STUDIES = [([GOALS], [SORE], "a report of 1 other study"),
                 ([GOALS], [SORE, SORE | {"study": "two"}], "a report of 1 other study"),
                 ([GOALS, SORE], [{"study": "third", "title": "3"}], "a report of 2 other studies"),
                 ([{"profile": "released"}], [SORE], "no study's run"), ([GOALS], [], "a report of 1 study")]
SAME_STUDIES = [([GOALS], [GOALS | {"title": "New", "data_sha256": "c"}]), ([GOALS], [GOALS | {"study": "moved"}]),
                ([OLD], [{"study": "moved", "title": "New", "data_sha256": "a"}]), ([GOALS, SORE], [SORE]),
                ([SORE], [GOALS, SORE]), ([{"pooled": []}], []), ([GOALS], None)]


@pytest.mark.parametrize("before, coming, said", OTHER_STUDIES)
def test_the_report_of_another_study_is_refused(tmp_path, before, coming, said):
    target = standing(tmp_path / "out", *before)
    with pytest.raises(UsageError, match=said) as caught:
        report.check_target(target, coming)
    assert caught.value.findings == tuple(f"{each['study']} ({each['title']})" for each in before if "study" in each)
    assert "--out" in caught.value.remedy


@pytest.mark.parametrize("before, coming", SAME_STUDIES)
def test_the_report_of_the_same_study_is_replaced_though_it_was_moved_or_renamed(tmp_path, before, coming):
    report.check_target(standing(tmp_path / "out", *before), coming)
    report.check_target(tmp_path / "nothing", coming)


def test_a_folder_that_may_not_be_written_is_told_before_it_is_to_be_moved(tmp_path, monkeypatch):
    target = standing(tmp_path / "out", GOALS)
    report.check_target(target)
    monkeypatch.setattr("os.access", lambda place, _: Path(place) != target)
    with pytest.raises(SetupError, match="may not be written"):
        report.check_target(target)


def test_a_move_that_fails_leaves_the_old_report(tmp_path, monkeypatch):
    import os

    target = tmp_path / "demo"
    report.publish(stage_of(tmp_path, "old"), target)
    stage, rename = stage_of(tmp_path), os.rename

    def fail_on_the_way_in(source, goal):
        if Path(source) == stage:
            raise OSError(28, "No space left on device")
        rename(source, goal)

    monkeypatch.setattr("mmresearch.report.publication.os.rename", fail_on_the_way_in)
    with pytest.raises(SetupError, match="No space left"):
        report.publish(stage, target)
    assert (target / "index.html").read_text() == "old" and not list(tmp_path.glob(".old-*"))


def dead_process():
    """The number of a process that has ended."""
    import subprocess
    import sys

    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def test_a_report_that_a_killed_run_had_set_aside_is_put_back(tmp_path, monkeypatch):
    import os

    class Killed(BaseException):
        pass

    target, stage = tmp_path / "demo", stage_of(tmp_path)
    report.publish(stage_of(tmp_path, "old"), target)
    rename = os.rename

    def killed_on_the_way_in(source, goal):
        if Path(source) == stage:
            raise Killed
        rename(source, goal)

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr("os.getpid", dead_process)
        patch.setattr("mmresearch.report.publication.os.rename", killed_on_the_way_in)
        report.publish(stage, target)
    assert not target.exists() and len(list(tmp_path.glob(".old-demo-*/report"))) == 1
    report.clear_up(target)
    assert (target / "index.html").read_text() == "old" and not list(tmp_path.glob(".old-*"))


def test_what_dead_runs_left_is_swept_and_what_others_hold_is_not(tmp_path):
    import os

    dead, target = dead_process(), tmp_path / "demo"
    report.publish(stage_of(tmp_path, "new"), target)
    swept = [f".old-demo-{dead}-abcdefgh/report", f".staging-demo-{dead}/claims"]
    kept = [f".old-demo-{os.getppid()}-abcdefgh/report", f".staging-demo-{os.getppid()}", f".staging-demo-2-{dead}",
            f".staging-other-{dead}", ".staging-demo-mine"]
    for name in (*swept, *kept):
        (tmp_path / name).mkdir(parents=True)
    report.clear_up(target)
    assert {path.name for path in tmp_path.iterdir()} == {"demo", *(name.partition("/")[0] for name in kept)}
    assert (target / "index.html").read_text() == "new"


def test_publish_scans_the_bytes_that_leave(tmp_path):
    stage = stage_of(tmp_path)
    (stage / "claims.html").write_text("<td>P0001</td>")
    with pytest.raises(PrivacyError) as caught:
        report.publish(stage, tmp_path / "demo", tokens=("P0001",))
    assert "P0001" not in str(caught.value) and not (tmp_path / "demo").exists()


def test_a_study_of_no_follow_up_is_described(record, tmp_path):
    """The outline of a single visit still makes pages."""
    from dataclasses import replace

    study = make_study()
    lean = replace(record.description, courses=(), dropouts=None,
                   outline=replace(record.outline, visits=((study.visits[0].name, 0),)))
    report.write_report(replace(record, description=lean), tmp_path)
    assert "From allocation to follow-up" in Page(tmp_path / "study.html").words
