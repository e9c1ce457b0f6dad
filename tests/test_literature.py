"""A claim's published effects on its page: the reading, the forest plot, the table, the study set beside them."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from readings import claim, estimate, row

from mmresearch import exhibits
from mmresearch.claims import Registry, articles
from mmresearch.evidence import compare, published_effects, read_literature
from mmresearch.verdict import judge

MINUS = "\N{MINUS SIGN}"


def show(*rows, asked=None, estimate=None):
    asked = asked or claim()
    reading = read_literature(asked, rows)
    return exhibits.show_literature(asked, reading, compare(estimate, reading) if estimate else None)


def test_numbers_keep_their_printed_digits_and_link_to_where_they_stand():
    shown = show(row(effect=-2.9, low=-4.0, high=-1.8, decimals=(1, 1, 1), doi="10.1000/x"))
    assert f"MD {MINUS}2.9 ({MINUS}4.0 to {MINUS}1.8) points" in shown.text
    assert 'href="https://doi.org/10.1000/x"' in shown.html


def test_an_address_that_is_no_web_page_is_no_link():
    assert "javascript" not in show(row(doi="", seen_at="javascript:alert(1)")).html


def test_no_published_effect_is_not_no_effect():
    assert "which is not the same as no trial" in show().text
    assert "None in our table" in show().text and "Too few" not in show().text


def test_every_row_is_drawn_once_and_stands_in_the_table_too():
    rows = read_literature(articles().claim("back-pain")).rows
    shown = exhibits.show_literature(articles().claim("back-pain"), read_literature(articles().claim("back-pain")))
    assert shown.html.count('<li class="row">') == len(rows) == 12
    assert shown.html.split("<tbody>")[1].count("<tr>") == 12
    assert "The same 12 results as a table" in shown.text


def test_kinds_instruments_and_units_have_axes_of_their_own():
    shown = show(row(effect_id="X1"), row(effect_id="X2", instrument="VAS 0-100", unit="mm"),
                 row(effect_id="X3", effect_type="SMD", unit="SD"),
                 row(effect_id="X4", effect_type="RR", unit="ratio", effect=0.5, low=0.25, high=1.0))
    assert re.findall(r"<h3>([^<]*)</h3>", shown.html) == [
        "Differences between means: pain scale 0-10, points", "Differences between means: VAS 0-100, mm",
        "Standardised differences", "Risk ratios"]


@pytest.mark.parametrize("direction, low, high, said", [
    ("lower", -1.6, -0.4, "favours the claim"), ("lower", 0.4, 1.6, "against the claim"),
    ("lower", -0.6, 0.4, "open for the claim"), ("higher", 0.4, 1.6, "favours the claim")])
def test_each_picture_says_in_words_what_it_shows(direction, low, high, said):
    shown = show(row(effect=(low + high) / 2, low=low, high=high, benefit_direction=direction))
    assert f'aria-label="Example 2020: {said}"' in shown.html


def test_a_ratio_below_one_that_is_better_lies_on_the_right():
    drawn = show(row(effect_type="RR", unit="ratio", effect=0.5, low=0.25, high=0.99)).html
    null = float(re.search(r'<line x1="([\d.]+)%"[^>]*class="null"', drawn)[1])
    point = float(re.search(r'<svg x="([\d.]+)%" y="50%" class="m ', drawn)[1])
    assert point > null


def test_the_row_a_reading_rests_on_is_marked_and_its_panel_comes_first():
    review = row(effect_id="X2", study="Review 2021", year=2021, level="meta-analysis", effect_type="SMD", unit="SD")
    shown = show(row(), review)
    assert shown.html.count("The reading rests on this result.") == 1
    assert shown.html.index("Standardised differences") < shown.html.index("Differences between means")
    assert "The reading rests" not in show(row()).html and "Matches the claim." in show(row()).html


def test_the_study_is_drawn_on_the_scale_of_the_row_it_is_set_beside():
    review = row(level="meta-analysis", k=5)
    shown = show(review, estimate=estimate())
    assert "This study" in shown.text and "Beside this study." in shown.text
    assert "This study" not in show(review).text


def test_limits_stand_between_the_reading_and_the_rows():
    text = show(row(level="meta-analysis", k=5)).text
    assert text.index("Trials favour") < text.index("risk of bias was not assessed") < text.index("Massage against")


def test_a_claim_about_patients_outcomes_that_no_trial_can_speak_of_says_so():
    shown = exhibits.show_literature(articles().claim("metabolic-waste"),
                                     read_literature(articles().claim("metabolic-waste")))
    assert "No reading" in shown.text and "only a laboratory" in shown.text
    assert "favours massage" in shown.html and "the claim</text>" not in shown.html


def test_pages_hold_no_text_of_a_row_as_markup():
    shown = show(replace(row(), title="<script>x</script>", comparator="a & b"))
    assert "<script>" not in shown.html and "a &amp; b" in shown.html


def test_every_row_of_our_table_can_be_drawn():
    registry = articles()
    for name in {name for each in published_effects() for name in each.claims}:
        assert exhibits.show_literature(registry.claim(name), read_literature(registry.claim(name))).html


def test_the_exhibit_is_well_formed_and_the_same_twice():
    once, twice = (show(row(), row(effect_id="X2", level="meta-analysis"), estimate=estimate()).html for _ in range(2))
    assert once == twice
    ElementTree.fromstring(f"<div>{once}</div>")


def test_the_index_shows_readings_in_a_column_of_their_own_and_only_where_there_are_rows():
    asked = claim()
    registry, verdicts = Registry("articles", {"pain": asked}), judge(Registry("articles", {"pain": asked}), {
        "pain": estimate()})
    plain = exhibits.show_verdicts(registry, verdicts).html
    readings = {"pain": read_literature(asked, (row(level="meta-analysis"),))}
    shown = exhibits.show_verdicts(registry, verdicts, readings=readings).html
    assert 'data-label="Published trials" data-sort="0">favour</td></tr>' in shown
    assert plain == exhibits.show_verdicts(registry, verdicts, readings={"pain": read_literature(asked, ())}).html
    assert re.sub(r'<t[hd][^>]*>[^<]*</t[hd]></tr>', "</tr>", shown) == plain
