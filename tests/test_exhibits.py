"""Exhibits: escaped by construction, the same bytes from the same records, and saying what the records say."""

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace

import describing
import pandas as pd
import pytest
from describing import small_dataset
from outcomes import make_claim, make_registry, make_untestable
from runs import ARMS, full_estimate, make_family

from mmresearch import describe, exhibits
from mmresearch.claims import Contradiction, Registry
from mmresearch.cli.run import summarise
from mmresearch.describe import ArmCount, Course, CoursePoint
from mmresearch.estimate import Derived, Robustness
from mmresearch.exhibits.drawing import Scale, ratio_ticks, round_ticks
from mmresearch.exhibits.forest import forest_rows
from mmresearch.exhibits.markup import Html, plain, tag
from mmresearch.exhibits.numbers import mean_digits, show_interval, show_number, show_p
from mmresearch.exhibits.words import magnitude_text

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
                exhibits.show_legend())


def test_every_exhibit_is_well_formed_and_the_same_twice(description, family):
    once, twice = ([each._repr_html_() for each in every_exhibit(description, family)] for _ in range(2))
    assert once == twice and len(once) == 17
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
    points = [CoursePoint("a", visit, day, 30, 5.0, 1.0, 0.5, 4.0, 6.0) for visit, day in ((NASTY, 0), ("b", 7))]
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
    assert [show_p(p) for p in (0.0000004, 0.0123, 0.9999, None)] == ["< 0.0001", "0.012", "> 0.99", "\u2013"]


@pytest.mark.parametrize("p, level, shown", [(0.0497, 0.95, "0.0497"), (0.1003, 0.90, "0.1003"), (0.34, 0.95, "0.34")])
def test_p_has_the_digits_it_has_in_the_verdict_s_sentence(p, level, shown):
    estimate = full_estimate("pain", p_value=p, level=level)
    family = make_family(make_registry(make_claim("pain")), {"pain": estimate})
    text = exhibits.show_verdicts(family.registry, family.verdicts, family.outcomes).html.replace("\xa0", " ")
    assert "<caption>1 claim</caption>" in text
    assert f"p = {shown} after Holm" in text and f">{shown}</td>" in text
    assert f">{shown}</dd>" in exhibits.show_estimate(estimate).html


def test_a_verdict_that_another_assumption_flips_is_marked_in_the_list_whatever_it_is():
    claims = [make_claim(name) for name in ("up", "down", "firm")]
    flips = {"up": (-1.3, -1.8, -0.8), "down": (1.3, 0.8, 1.8)}
    found = {name: full_estimate(name, point=point, low=low, high=high, estimand=name, robustness=(
        Robustness("complete cases", 0.5, -0.6, 1.6),)) for name, (point, low, high) in flips.items()}
    found["firm"] = full_estimate("firm", estimand="firm")
    family = make_family(make_registry(*claims), found)
    assert [each.verdict for each in family.verdicts] == ["supported", "refuted", "supported"]
    rows = exhibits.show_verdicts(family.registry, family.verdicts, family.outcomes).html.split('<tr id="row-')[1:]
    assert ["fragile" in row for row in rows] == [True, True, False]


def test_the_claimed_size_is_the_codebook_s_reading_of_large(monkeypatch):
    claim = make_claim("pain", magnitude="large")
    assert "at least twice the margin" in exhibits.show_registration(claim).text
    large = SimpleNamespace(conventions={"large-multiple": SimpleNamespace(value=2.5)})
    monkeypatch.setattr("mmresearch.exhibits.words.codebook", lambda: large)
    assert magnitude_text(claim.analysis) == "an effect of at least 2.5 times the margin (a convention of ours)"


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


def some_patients(treated, usual):
    """A study of so many patients an arm: ages 30, 31 ... and 77, 78 ...; NRS 4 to 2, and 9 to 8."""
    people = [(f"m{i}", "massage", 30 + i, 4, 2) for i in range(treated)]
    people += [(f"u{i}", "usual", 77 + i, 9, 8) for i in range(usual)]
    patients = pd.DataFrame([row[:3] for row in people], columns=["patient", "arm", "age"])
    outcomes = pd.DataFrame([(who, visit, day, "NRS", value) for who, _, _, *values in people
                             for (visit, day), value in zip((("baseline", 0), ("week 6", 42)), values, strict=True)],
                            columns=["patient", "visit", "day", "instrument", "value"])
    return describing.make_dataset(patients, outcomes)


@pytest.mark.parametrize("few", [1, 2, describe.FEWEST - 1])
def test_no_mean_of_too_few_patients_is_shown(few):
    """A mean of one is that patient's value, a mean and an SD of two are both."""
    dataset = some_patients(20, few)
    age = pd.Series(range(77, 77 + few)).mean()
    table = exhibits.show_table_one(describe.table_one(dataset)).text
    row = next(line for line in table.splitlines() if line.startswith("Age"))
    assert row == "Age, years  39.5 (5.9)  too few to show  too few to show" and f"{age:.1f}" not in table
    course = exhibits.show_course(describe.course(dataset, "NRS"))
    assert f"too few to show; n = {few}" in course.text and "4.0" in course.text
    assert "9.0" not in course.html and "8.0" not in course.html
    alone = exhibits.show_course(describe.course(dataset, "NRS", arms=("usual",)))
    assert "No value of 5 patients of an arm was measured at a planned visit." in alone.text
    arms = exhibits.show_estimate(full_estimate(by_arm=(
        ARMS[0], replace(ARMS[1], n=few, baseline_mean=77.7, mean=88.8, ls_mean=99.9)))).text
    assert "too few to show" in arms and not [value for value in ("77.7", "88.8", "99.9") if value in arms]


def test_a_mean_of_enough_patients_is_shown():
    text = exhibits.show_table_one(describe.table_one(some_patients(20, describe.FEWEST))).text
    assert "79.0 (1.6)" in text and "too few" not in text


def test_no_mean_of_too_few_who_left_is_shown_nor_the_p_that_would_tell_it():
    stayed, left = describe.Cell(40, 6.0, 1.0), describe.Cell(2, 62.0, 1.4)
    shown = exhibits.show_dropouts(describe.Dropouts("NRS", "week 6", (
        describe.DropoutRow("Age", "years", stayed, left, 0.037),))).text
    assert "6.0 (1.0)  too few to show  \u2013" in shown and "62.0" not in shown and "0.037" not in shown


@pytest.mark.parametrize("changes, shown", [
    (dict(measure="proportion", hypothesis="above", null=0.5, point=0.41, low=0.33, high=0.497, reference=None),
     "41.0 (33.0 to 49.7)"),
    (dict(measure="rate", hypothesis="below", null=2, point=3.1, low=1.96, high=4.2, reference=None),
     "3.10 (1.96 to 4.20)"),
    (dict(measure="rate-ratio", null=1, margin=0.8, point=1.1, low=0.97, high=1.2497), "1.1000 (0.9700 to 1.2497)")])
def test_no_limit_is_rounded_onto_what_it_is_held_against(changes, shown):
    """The table's digits are those of the verdict's sentence."""
    estimate = full_estimate("pain", margin_source="published", **{"margin": None, **changes}) \
        if "margin" in changes else full_estimate("pain", margin_source=None, margin=None, **changes)
    assert shown in exhibits.show_estimate(estimate).text


@pytest.mark.parametrize("sds, digits", [
    ([0.21, 0.25], 2), ([0.04], 3), ([0.6], 1), ([1.8, None], 1), ([24.7], 1), ([800], 0), ([None], 2), ([0.0], 1)])
def test_means_have_the_digits_their_spread_deserves(sds, digits):
    assert mean_digits(sds) == digits


def test_means_of_one_outcome_have_the_same_digits_in_every_table():
    """EQ-5D: an index of at most 1, unreadable with one decimal."""
    points = [CoursePoint("a", visit, day, 90, 0.6211, 0.21, 0.022, 0.5774, 0.6648)
              for visit, day in (("b", 0), ("c", 7))]
    course = Course("EQ-5D", "EQ-5D", "quality of life", "index", "higher", -0.6, 1, (ArmCount("a", "A", 90),),
                    tuple(points))
    assert "0.62 (0.58 to 0.66); n = 90" in exhibits.show_course(course).text
    cell = describe.Cell(90, 0.6211, 0.21)
    people = exhibits.show_table_one(describe.TableOne((ArmCount("a", "A", 90),), (
        describe.Characteristic("EQ-5D", "index", None, (cell, cell)),), 90))
    assert "0.62 (0.21)" in people.text
    told = dict(baseline_mean=0.5811, baseline_sd=0.2, mean=0.6211, sd=0.21, ls_mean=0.6344)
    arms = tuple(replace(arm, **told) for arm in ARMS)
    shown = exhibits.show_estimate(full_estimate(by_arm=arms, unit="index")).text
    assert "0.58 (0.20)  0.62 (0.21)  0.63" in shown
    assert "6.1 (1.8)  3.2 (2.0)  3.1" in exhibits.show_estimate(full_estimate()).text


@pytest.mark.parametrize("method, label", [("responder", "Responders"), ("harms", "With an event"),
                                           ("course", "With the outcome")])
def test_only_responders_are_called_so_in_the_table(method, label):
    arms = tuple(replace(arm, events=20, total=128) for arm in ARMS)
    shown = exhibits.show_estimate(full_estimate(method=method, by_arm=arms)).text
    assert label in shown and ("Responders" in shown) == (method == "responder")


def test_p_and_n_stay_on_one_line_and_read_as_text():
    made = tag("p", "p = 0.44; p < 0.001 & n = 145", title="n = 1")
    assert made == '<p title="n = 1">p\xa0=\xa00.44; p\xa0&lt;\xa00.001 &amp; n\xa0=\xa0145</p>'
    assert plain(made) == "p = 0.44; p < 0.001 & n = 145"


def test_a_registration_is_told_in_sentences_and_columns_in_words():
    claim = make_claim("pain", modifier="duration_months").model_copy(update={"registration": "the trial's protocol"})
    text = exhibits.show_registration(claim).text
    assert "Registered 2024-01-01. The trial's protocol." in text
    assert "duration of complaint in months" in text and "duration_months" not in text


def test_a_study_s_own_instrument_is_called_by_its_name():
    claim = make_claim("pain", instruments=("HEADSCORE",))
    own = {"HEADSCORE": describing.make_study(instruments={"HEADSCORE": describing.HEADACHE}).instruments["HEADSCORE"]}
    assert "Outcome: Weekly headache score (HEADSCORE), day 0" in exhibits.show_registration(claim, own).text


def test_patients_analysed_are_those_of_the_estimate_not_those_observed_at_the_visit():
    """A mixed model uses patients who were not seen at the judged visit."""
    mixed = exhibits.show_estimate(full_estimate(visit="week_12", n={"massage": 110, "usual": 115})).text
    assert "Arm  Patients analysed  Observed at week 12  Baseline, mean (SD)" in mixed
    assert "Medical massage  110 of 120  100  6.1" in mixed and "Usual care  115 of 130  100  6.0" in mixed
    alike = exhibits.show_estimate(full_estimate(n={"massage": 100, "usual": 100})).text
    assert "Observed at" not in alike and "Medical massage  100 of 120  6.1" in alike


def test_the_caption_of_means_says_nothing_of_an_estimate_where_there_is_none():
    points = [CoursePoint("a", visit, day, 30, 5.0, 1.0, 0.5, 4.0, 6.0) for visit, day in (("one", 0), ("two", 7))]
    course = Course("NRS", "NRS", "pain", "points", "lower", 0, 10, (ArmCount("a", "A", 30),), tuple(points))
    assert "Raw means." in exhibits.show_course(course).text and "estimate" not in exhibits.show_course(course).text
    judged = exhibits.show_course(course, judged="two").text
    assert "Raw means; the estimate comes from the registered analysis" in judged and "every patient" not in judged


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


def test_what_supports_only_as_exploratory_is_counted_and_marked_apart(family):
    verdicts = [replace(family.verdicts[0], confirmatory=False), *family.verdicts[1:]]
    assert exhibits.summarise_verdicts(verdicts) == (
        "3 of 4 claims were judged: 1 supported, 1 supported (exploratory) and 1 inconclusive. Of the others, 1 would "
        "need a laboratory.")
    assert "Supported (exploratory)  1" in exhibits.show_counts(verdicts).text
    table = exhibits.show_verdicts(family.registry, verdicts).html
    assert table.count("Supported (exploratory)</span>") == 1 and table.count("Supported</span>") == 1
    job = SimpleNamespace(registries=[family.registry], judged={family.registry.name: (None, verdicts)})
    assert summarise("trial", job) == (
        "trial: 1 supported, 1 supported (exploratory), 1 inconclusive, 1 needs-laboratory of 4 claims (the articles')")


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


NOT_WORSE = {"hypothesis": "non-inferiority", "direction": "lower", "null": 1.0, "margin": 1.0}
ALIKE = {"hypothesis": "equivalence", "null": None, "margin": 1.0}


@pytest.mark.parametrize("changes, ends, other, says", [
    (NOT_WORSE, (-0.4, 0.3), (-0.6, 0.8), "the interval excludes a difference as bad as the margin, as registered."),
    (NOT_WORSE, (0.8, 2.3), (0.5, 1.4), "the interval holds a difference as bad as the margin, as registered."),
    (NOT_WORSE, (1.2, 2.3), (0.5, 1.4), "as registered the whole interval is worse than the margin, but not there: x."),
    (ALIKE, (-0.4, 0.3), (-0.6, 0.8), "the whole interval is smaller than the margin, either way, as registered."),
    (ALIKE, (-0.4, 1.3), (-1.6, 0.8), "the interval reaches the margin, as registered."),
    (ALIKE, (1.4, 2.3), (1.2, 1.8), "the whole interval lies beyond the margin, as registered."),
])
def test_robustness_of_claims_held_against_the_margin_is_told_by_the_margin(changes, ends, other, says):
    low, high = ends
    estimate = full_estimate("pain", **changes, low=low, high=high, point=(low + high) / 2,
                             robustness=(Robustness("x", sum(other) / 2, *other),))
    assert says in plain(exhibits.show_robustness(estimate)._repr_html_())


def test_the_upright_line_stands_at_no_difference_and_the_zone_around_it_whatever_is_tested():
    drawn = [exhibits.show_estimate(full_estimate("pain", **changes, low=-0.5, point=0.1, high=0.7)).html
             for changes in (NOT_WORSE, {"direction": "lower", "margin": 1.0})]
    lines, zones = ([re.search(rf'<(?:line|rect)[^>]*class="{name}"[^>]*>', html)[0] for html in drawn]
                    for name in ("null", "zone"))
    assert lines[0] == lines[1] and zones[0] == zones[1]


def test_the_tipping_point_stands_with_the_robustness_and_not_with_the_estimate():
    tipping = Derived("tipping-point", 1.3, None, None, "points", "Holds until drop-outs did 1.3 points worse.")
    estimate = full_estimate("pain", derived=(tipping,))
    assert tipping.sentence in exhibits.show_robustness(estimate)._repr_html_()
    assert tipping.sentence not in exhibits.show_estimate(estimate)._repr_html_()
