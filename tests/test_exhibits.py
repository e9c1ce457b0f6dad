"""Exhibits: escaped by construction, the same bytes from the same records, and saying what the records say."""

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from html.parser import HTMLParser

import describing
import pandas as pd
import pytest
from describing import small_dataset
from outcomes import make_claim, make_registry, make_untestable
from runs import full_estimate, make_family

from mmresearch import describe, exhibits
from mmresearch.claims import Contradiction, Registry
from mmresearch.describe import ArmCount, Course, CoursePoint
from mmresearch.estimate import Derived, Robustness
from mmresearch.evidence import PublishedEffect
from mmresearch.exhibits.drawing import Scale, ratio_ticks, round_ticks
from mmresearch.exhibits.forest import forest_rows
from mmresearch.exhibits.markup import Html, plain, tag
from mmresearch.exhibits.numbers import show_interval, show_number, show_p

NASTY = '<script>alert("x")</script>&\'"><img src=x onerror=alert(1)>'


@pytest.fixture(scope="module")
def description():
    return describe.describe_study(small_dataset())


@pytest.fixture(scope="module")
def family():
    claims = make_claim("pain"), make_claim("stress"), make_claim("sleep"), make_untestable("cortisol", "laboratory")
    found = {"pain": full_estimate("pain", estimand="a"), "stress": full_estimate("stress", estimand="a"),
             "sleep": full_estimate("sleep", point=0.2, low=-0.4, high=0.8, margin=None, margin_source=None,
                                    estimand="b")}
    registry = make_registry(*claims)
    against = Contradiction(id="X1", claims=("pain", "cortisol"), where="one v the other", text="They disagree",
                            resolvable="yes")
    return make_family(Registry("articles", registry.claims, (against,)), found)


def every_exhibit(description, family):
    estimate, claim = family.estimates["pain"], family.registry.claim("pain")
    yield from (exhibits.show_outline(description.outline), exhibits.show_table_one(description.table_one),
                exhibits.show_flow(description.flow), exhibits.show_missing(description.missing),
                exhibits.show_dropouts(description.dropouts), exhibits.show_course(description.courses[0], "week 6"))
    yield from (exhibits.show_estimate(estimate), exhibits.show_robustness(estimate),
                exhibits.show_assumptions(estimate))
    yield from (exhibits.show_quotes(claim), exhibits.show_registration(claim),
                exhibits.show_citations(claim, estimate))
    yield from (exhibits.show_forest(family.registry, family.outcomes, family.verdicts),
                exhibits.show_verdicts(family.registry, family.verdicts, family.outcomes),
                exhibits.show_contradictions(family.registry, family.verdicts), exhibits.show_counts(family.verdicts),
                exhibits.show_legend(), exhibits.show_published(()))


def test_every_exhibit_is_well_formed_and_the_same_twice(description, family):
    once, twice = ([each._repr_html_() for each in every_exhibit(description, family)] for _ in range(2))
    assert once == twice and len(once) == 18
    for markup in once:
        ElementTree.fromstring(f"<root>{markup.replace(' hidden>', '>').replace(' open>', '>')}</root>")


def test_every_exhibit_reads_as_text_too(description, family):
    for each in every_exhibit(description, family):
        assert each.text.startswith(each.title) and len(each.text.splitlines()) > 1
        assert "<" not in each.text.replace("< 0.", "").replace("p < ", "") and "svg" not in each.text
        assert each._repr_mimebundle_()["text/plain"] == each.text


def test_nothing_is_fetched_from_elsewhere(description, family):
    for each in every_exhibit(description, family):
        assert not re.search(r"""(?:src|xlink:href|@import|url\()\s*=?\s*["']?(?:https?:)?//""", each._repr_html_())


def test_labels_are_inert(family):
    """Labels, units, visits, sentences and quotes that are markup come out as text, in figures and attributes too."""
    estimate = full_estimate("pain", arm_label=NASTY, reference_label=NASTY, unit=NASTY, visit=NASTY, outcome=NASTY,
                             population=NASTY, model=NASTY, assumptions=(NASTY,))
    claim = make_claim("pain").model_copy(update={"text": NASTY, "question": NASTY, "group": NASTY, "note": NASTY})
    points = [CoursePoint("a", visit, day, 3, 5.0, 1.0, 0.5, 4.0, 6.0) for visit, day in ((NASTY, 0), ("b", 7))]
    course = Course("NRS", NASTY, NASTY, NASTY, "lower", 0, 10, (ArmCount("a", NASTY, 3),), tuple(points))
    judged = make_family(make_registry(claim), {"pain": estimate})
    shown = [exhibits.show_course(course, judged=NASTY), exhibits.show_estimate(estimate),
             exhibits.show_robustness(estimate), exhibits.show_assumptions(estimate), exhibits.show_quotes(claim),
             exhibits.show_registration(claim),
             exhibits.show_forest(judged.registry, judged.outcomes, judged.verdicts),
             exhibits.show_verdicts(judged.registry, judged.verdicts, judged.outcomes)]
    for each in shown:
        tags = tags_of(each.html)
        assert "&lt;script&gt;" in each.html and not {"script", "img"} & {name for name, _ in tags}
        assert not [name for _, attributes in tags for name, _ in attributes if name.startswith("on")]


def tags_of(markup):
    """(name, attributes) of every tag a browser would see."""
    found = []
    parser = HTMLParser()
    parser.handle_starttag = lambda name, attributes: found.append((name, attributes))
    parser.handle_startendtag = parser.handle_starttag
    parser.feed(markup)
    return found


def test_markup_escapes_text_and_attributes():
    made = tag("p", "a < b & c", tag("b", 'd"'), class_='"><x>', title=None, hidden=True)
    assert made == '<p class="&quot;&gt;&lt;x&gt;" hidden>a &lt; b &amp; c<b>d&quot;</b></p>'
    assert isinstance(made, Html) and plain(made) == 'a < b & cd"'


@pytest.mark.parametrize("value, digits, shown", [
    (-1.25, 1, "\u22121.2"), (-0.01, 1, "0.0"), (1234.5, 0, "1,234"), (None, 1, "\u2013")])
def test_numbers_have_a_true_minus_and_no_minus_zero(value, digits, shown):
    assert show_number(value, digits) == shown


def test_p_is_never_zero_or_one():
    assert [show_p(p) for p in (0.0000004, 0.0123, 0.9999, None)] == ["< 0.001", "0.012", "> 0.999", "\u2013"]


def test_intervals_of_a_published_estimate():
    """Vickers 2004, table 2: 4.6 (2.2 to 7.0) from 4.604, 2.160, 7.047."""
    assert show_interval(4.604, 2.160, 7.047) == "4.6 (2.2 to 7.0)"


def test_ticks_are_round_and_inside():
    assert round_ticks(-1.3, 2.2) == [-1, 0, 1, 2] and round_ticks(0, 0.03) == [0, 0.01, 0.02, 0.03]
    assert ratio_ticks(0.45, 2.1) == [0.5, 0.67, 0.8, 1, 1.25, 1.5, 2]


def test_scales_turn_and_take_logs():
    assert Scale(0, 10, 0, 100).place(2.5) == 25 and Scale(0, 10, 0, 100, reverse=True).place(2.5) == 75
    assert Scale(0.25, 4, 0, 100, log=True).place(1) == 50 and Scale(0, 10, 0, 100).place(99) == 100


def test_the_estimate_is_drawn_with_the_claimed_side_on_the_right():
    """Lower is claimed: the interval, all below 0, must be drawn to the right of no difference."""
    html = exhibits.show_estimate(full_estimate("pain")).html
    null = float(re.search(r'<line x1="([\d.]+)%"[^>]*class="null"', html)[1])
    drawn = re.search(r'<line x1="([\d.]+)%"[^>]*x2="([\d.]+)%"[^>]*class="whisker main"', html)
    assert min(float(end) for end in drawn.groups()) > null


def test_what_is_known_of_one_patient_is_not_shown():
    """A mean of one is that patient's value."""
    patients = pd.DataFrame({"patient": ["a", "b", "c"], "arm": ["massage", "massage", "usual"], "age": [30, 41, 77]})
    outcomes = pd.DataFrame([(who, visit, day, "NRS", value) for who, *values in (("a", 4, 2), ("b", 6, 3), ("c", 9, 8))
                             for (visit, day), value in zip((("baseline", 0), ("week 6", 42)), values, strict=True)],
                            columns=["patient", "visit", "day", "instrument", "value"])
    dataset = describing.make_dataset(patients, outcomes)
    shown = exhibits.show_course(describe.course(dataset, "NRS")).text
    assert "5.0" in shown and "9.0" not in shown and "8.0" not in shown
    table = exhibits.show_table_one(describe.table_one(dataset)).text
    assert "one patient" in table and "77.0" not in table and "9.0" not in table
    alone = exhibits.show_course(describe.course(dataset, "NRS", arms=("usual",))).text
    assert "No value of two patients of an arm was measured at a planned visit." in alone


def test_the_forest_is_in_margins_or_sd_and_each_estimand_stands_once(family):
    rows = forest_rows(family.registry, family.outcomes, family.verdicts)
    found = [(row.panel, [name for name, *_ in row.claims]) for row in rows]
    assert found == [("margins", ["pain", "stress"]), ("SD", ["sleep"])]
    ends = rows[0].low, rows[0].point, rows[0].high
    assert ends == pytest.approx((0.8, 1.3, 1.8))  # -1.8 to -0.8, lower claimed, margin 1
    sd = ((100 * 1.8 ** 2 + 100 * 1.9 ** 2) / 200) ** 0.5  # pooled baseline SD of runs.ARMS
    assert rows[1].point == pytest.approx(-0.2 / sd)


@pytest.mark.parametrize("method, label", [("harms", "Soreness (AE)"), ("responder", "Responders, soreness (AE)")])
def test_the_forest_calls_only_responders_responders(family, method, label):
    claim = next(iter(family.registry))
    estimate = replace(family.outcomes["pain"], claim=claim.id, method=method, measure="risk-difference",
                       outcome="soreness (AE)", point=0.1, low=0.05, high=0.15, margin=0.1)
    row, = forest_rows([claim], {claim.id: estimate}, family.verdicts)
    assert row.label == label


def test_the_forest_counts_what_it_leaves_out(family):
    outcomes = family.outcomes | {"sleep": full_estimate("sleep", low=None, high=None, point=None)}
    assert "on their pages alone: 1 estimate." in exhibits.show_forest(family.registry, outcomes, family.verdicts).text


def test_counts_are_a_plain_sentence(family):
    assert exhibits.summarise_verdicts(family.verdicts) == (
        "3 of 4 claims were judged: 2 supported and 1 inconclusive. Of the others, 1 would need a laboratory.")


def test_the_verdict_table_says_what_the_verdicts_say(family):
    html = exhibits.show_verdicts(family.registry, family.verdicts, family.outcomes).html
    found = re.findall(r'<tr id="row-([a-z-]+)" data-verdict="([a-z-]+)"', html)
    assert found == [(each.claim, each.verdict) for each in family.verdicts]
    assert all(tag("div", each.sentence, class_="sentence") in html for each in family.verdicts)


def test_claims_without_a_page_get_no_link(family):
    def page(name):
        return ("p.html" if name == "pain" else None)
    assert exhibits.show_verdicts(family.registry, family.verdicts, href=page).html.count("<a ") == 1


def test_registration_says_why_not_and_what_would_settle():
    text = exhibits.show_registration(make_untestable("cortisol", "laboratory")).text
    assert "Cortisol is measured in blood." in text and "A trial with blood samples." in text


def test_citations_name_the_method_that_was_fitted():
    for model, author in (("Mixed model for repeated measures", "Mallinckrodt"), ("ANCOVA", "Vickers AJ")):
        assert author in exhibits.show_citations(make_claim("pain"), full_estimate("pain", model=model)).text


def test_thresholds_and_margins_are_not_confused():
    text = exhibits.show_citations(make_claim("pain"), full_estimate("pain")).text
    assert "Responder threshold (one person): 2 points" in text
    assert "Margin (between groups): 1 point, a convention of ours" in text


def test_published_effects_keep_printed_digits_and_link_safely():
    fields = dict(effect_id="E1", study="Cherkin 2011", year=2011, title="Two types of massage", doi="", pmid="",
                  level="trial", seen_at="javascript:alert(1)", k=None, n=269, population="adults", technique="massage",
                  comparator="usual care", comparator_class="usual-care", outcome="disability", instrument="RMDQ",
                  unit="points", time="10 weeks", effect_type="MD", effect=-2.9, low=-4.0, high=-1.8,
                  benefit_direction="lower", claims=("back-pain",), decimals=(1, 1, 1))
    shown = exhibits.show_published((PublishedEffect(**fields),))
    assert "MD \u22122.9 (\u22124.0 to \u22121.8) points lower favours massage" in shown.text
    assert "javascript" not in shown.html
    linked = exhibits.show_published((PublishedEffect(**fields | {"doi": "10.1/x"}),))
    assert 'href="https://doi.org/10.1/x"' in linked.html


def test_no_published_effect_is_not_no_effect():
    assert "which is not the same as no trial" in exhibits.show_published(()).text


def test_a_small_exhibit_whole():
    """What a terminal shows of three rows: the snapshot is the reader's."""
    assert exhibits.show_flow(describe.flow(small_dataset())).text == """From allocation to follow-up
Patients with any outcome, by visit
Stage  Medical massage  Usual care
In the analysis set  4 (100%)  4 (100%)
baseline  4 (100%)  4 (100%)
week 6  3 (75%)  3 (75%)
week 12  2 (50%)  3 (75%)
Not analysed
no outcome at any visit: 2"""


KEPT, LOST = Robustness("complete cases", -1.2, -1.8, -0.6), Robustness("jump to reference", -0.4, -1.1, 0.3)


@pytest.mark.parametrize("others, says", [
    ((KEPT,), "The other analysis gives −1.2 points; the interval excludes no difference, as registered."),
    ((KEPT, KEPT), "The 2 other analyses give −1.2 points; in all of them the interval excludes no difference"),
    ((KEPT, LOST), "give −1.2 to −0.4 points; in 1 of 2 the interval excludes no difference, as registered, but not "
                   "in: jump to reference."),
    ((KEPT, Robustness("failed", None, None, None)), "The other analysis gives −1.2 points;"),
])
def test_robustness_is_one_sentence_above_the_picture(others, says):
    assert says in plain(exhibits.show_robustness(full_estimate("pain", robustness=others))._repr_html_())


def test_the_tipping_point_stands_with_the_robustness_and_not_with_the_estimate():
    tipping = Derived("tipping-point", 1.3, None, None, "points", "Holds until drop-outs did 1.3 points worse.")
    estimate = full_estimate("pain", derived=(tipping,))
    assert tipping.sentence in exhibits.show_robustness(estimate)._repr_html_()
    assert tipping.sentence not in exhibits.show_estimate(estimate)._repr_html_()
