"""Published effects: the package's table is sound, and each mistake that was found in print is refused."""

import csv
import io

import pytest

from mmresearch.claims import articles
from mmresearch.codebook import codebook
from mmresearch.errors import RegistryError
from mmresearch.evidence import COMPARATORS, PublishedEffect, bearing_on, group_rows, published_effects, read_effects
from mmresearch.evidence.effects import COLUMNS
from mmresearch.evidence.order import GROUPS

SOUND = {
    "effect_id": "X001", "study": "Example 2020", "year": "2020", "title": "An example",
    "doi": "10.1000/example", "pmid": "", "seen_at": "", "level": "trial", "k": "", "n": "100",
    "population": "adults", "technique": "massage",
    "comparator": "usual care", "comparator_class": "usual-care", "outcome": "pain", "instrument": "pain scale 0-10",
    "unit": "points", "time": "10 weeks", "effect_type": "MD", "effect": "-1.0", "low": "-1.6", "high": "-0.4",
    "benefit_direction": "lower", "claims": "back-pain;pain-general", "note": "", "off_centre": "",
    "conditions": "low-back-pain", "techniques": "massage", "mixed_of": "", "instruments": "NRS", "days": "70",
    "part_of": "",
}
CENTRE = "the effect lies in the middle of its interval, within rounding (of a ratio: on the log scale)"


def table(*rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows({**SOUND, **row} for row in rows)
    return text.getvalue()


def findings(*rows):
    with pytest.raises(RegistryError) as caught:
        read_effects(table(*rows))
    return caught.value.findings


def test_a_sound_row_is_read():
    effect = read_effects(table({}))[0]
    assert (effect.effect, effect.low, effect.high) == (-1.0, -1.6, -0.4)
    assert (effect.year, effect.k, effect.n) == (2020, None, 100)
    assert effect.claims == ("back-pain", "pain-general")
    assert effect.link == "https://doi.org/10.1000/example"


# The four mistakes that were found in print, in rows like those they were found in.
@pytest.mark.parametrize("row, rule", [
    ({"effect_type": "SMD", "unit": "SD", "effect": "0.58", "low": "-1.64", "high": "0.60"}, CENTRE),  # a sign was lost
    ({"effect_type": "RR", "unit": "ratio", "effect": "-1.79", "low": "-2.50", "high": "-1.08"},
     "a ratio and its limits are positive"),
    ({"effect_type": "SMD", "unit": "mmHg", "effect": "-7.10", "low": "-9.20", "high": "-5.00"},
     "the unit of a standardised difference is SD, of a ratio ratio, and of no other"),
    ({"effect_type": "SMD", "unit": "SD", "effect": "18.2", "low": "14.1", "high": "22.3"},
     "a standardised difference is below 4 in size"),
])
def test_a_mistake_found_in_print_is_refused_by_rule_and_row(row, rule):
    assert f"line 2 (X001): {rule}" in findings(row)


@pytest.mark.parametrize("row, rule", [
    ({"effect": "-1.7"}, "the interval holds the effect"),
    ({"low": "-1.0", "high": "-1.0"}, "the interval holds the effect"),
    ({"effect": "nan"}, "every number is finite"),
    ({"effect": "-1.2"}, CENTRE),
    ({"effect_type": "RR", "unit": "ratio", "effect": "1.00", "low": "0.50", "high": "1.50"}, CENTRE),  # log scale
    ({"unit": "SD"}, "the unit of a standardised difference"),
    ({"unit": "ratio"}, "the unit of a standardised difference"),
    ({"unit": ""}, "the unit of a standardised difference"),
    ({"effect_type": "SMD", "unit": "SD", "effect": "-4.0", "low": "-4.6", "high": "-3.4"}, "below 4 in size"),
    ({"effect_type": "beta"}, "effect_type is MD, SMD, RR, OR or HR"),
    ({"level": "review"}, "level is meta-analysis or trial"),
    ({"comparator_class": "usual care"}, "comparator_class is a word of the codebook"),
    ({"benefit_direction": "less"}, "benefit_direction is lower or higher"),
    ({"doi": ""}, "it can be cited"),
    ({"claims": ""}, "it bears on a claim"),
    ({"off_centre": "because"}, "off_centre is said only of an effect that is"),
    ({"effect": "one"}, "effect, low, high are numbers"),
    ({"year": ""}, "year is missing"),
    ({"claims": "back-pian"}, "claims: 'back-pian' is not known. Did you mean 'back-pain'?"),
    ({"conditions": "backache"}, "conditions: 'backache' is not known"),
    ({"techniques": "tuina"}, "techniques: 'tuina' is not known"),
    ({"instruments": "NSR"}, "instruments: 'NSR' is not known. Did you mean 'NRS'?"),
    ({"part_of": "E165"}, "part_of: 'E165' is not known"),
    ({"part_of": "X001"}, "a row is no part of itself"),
    ({"effect": "-12", "low": "-18", "high": "-6"}, "wider than the range of NRS"),
    ({"instruments": "NRS;ODI"}, "a difference between means has one instrument, 2 are named"),
    ({"mixed_of": "sham;none"}, "mixed_of stands only where comparator_class is empty"),
    ({"comparator_class": "", "mixed_of": "sham;placebo"}, "mixed_of stands only where"),
    ({"days": "ten"}, "days are a day (70), a range (0-182)"),
    ({"days": "84-28"}, "days begin at 0 or later and do not end before they begin"),
    ({"k": "0"}, "k and n are whole numbers from 1"),
    ({"k": "7"}, "a trial is one trial: k is of reviews"),
    ({"doi": "https://doi.org/10.1000/example"}, "a DOI begins with 10."),
    ({"pmid": "PMC123"}, "a PMID is a whole number"),
    ({"year": "2019"}, "the year of the study is its year"),
    ({"effect_type": "OR", "unit": "ratio", "effect": "-1.79", "low": "-2.50", "high": "-1.08"},
     "a ratio and its limits are positive"),
    ({"effect_id": ""}, "effect_id is missing"),
])
def test_each_rule_is_checked(row, rule):
    assert any(rule in finding for finding in findings(row))


@pytest.mark.parametrize("effect, low, high", [
    ("-1.0", "-1.5", "-0.4"),  # -0.95 in the middle, printed -1.0
    ("-0.95", "-1.6", "-0.4"),  # limits printed to one decimal
    ("-1", "-1.55", "0.04"),  # the effect printed to none
])
def test_rounding_is_allowed_for(effect, low, high):
    assert read_effects(table({"effect": effect, "low": low, "high": high}))


def test_an_effect_off_centre_may_stand_when_it_is_said_why():
    assert read_effects(table({"effect": "-1.3", "off_centre": "printed so; profile likelihood"}))


def test_all_findings_come_at_once_with_line_and_row():
    broken = findings({}, {"effect_id": "X002", "effect": "9", "level": "x"}, {"effect_id": "X001", "time": "6 months"},
                      {"effect_id": "X003"})
    assert broken == (
        "line 3 (X002): the interval holds the effect", f"line 3 (X002): {CENTRE}",
        "line 3 (X002): level is meta-analysis or trial", "line 4 (X001): effect_id stands twice",
        "X003: the same study, technique, comparator, outcome and time as X001")


def test_a_row_with_a_cell_too_many_is_refused():
    with pytest.raises(RegistryError, match="more or fewer cells"):
        read_effects(table({}) + ",".join(["x"] * (len(COLUMNS) + 1)) + "\n")


def test_other_columns_are_refused():
    with pytest.raises(RegistryError, match="Expected, in this order and separated by commas: effect_id"):
        read_effects("effect,low,high\n1,0,2\n")


def test_the_packages_table_is_sound_and_whole():
    effects = published_effects()
    assert len(effects) == 79
    assert sum(each.level == "trial" for each in effects) == 21
    assert [each.effect_id for each in effects if each.off_centre] == ["E194"]


# Cherkin 2011, Ann Intern Med 155:1-9, abstract: relaxation massage 2.9 points (1.8 to 4.0) better on the Roland scale
# at 10 weeks
def test_one_row_as_its_publication_prints_it():
    effect = next(each for each in published_effects() if each.effect_id == "E001")
    assert (effect.effect, effect.low, effect.high) == (-2.9, -4.0, -1.8)
    assert (effect.unit, effect.time, effect.days) == ("points of 23", "10 weeks", (70, 70))
    assert effect.doi == "10.7326/0003-4819-155-1-201107050-00002"


def test_comparators_are_the_codebooks_words():
    assert set(COMPARATORS) - {""} == set(codebook().comparators)


def test_every_claim_a_row_bears_on_is_registered():
    assert {claim for each in published_effects() for claim in each.claims} <= set(articles().claims)


def test_rows_that_bear_on_a_claim_come_in_a_fixed_order():
    rows = bearing_on("chronic-pain")
    assert all("chronic-pain" in each.claims for each in rows)
    # asked for by the claim: usual care, sham, and the mixture of inactive controls, whose parts it all asks for
    assert [each.effect_id for each in rows[:5]] == ["E001", "E002", "E095", "E096", "E012"]
    # other active care: reviews before trials; of the reviews the longest follow-up first, then the newest
    assert [each.effect_id for each in rows[5:]] == [
        "E193", "E014", "E200", "E201", "E202", "E203", "E195", "E196", "E038", "E194"]


def test_a_whole_stands_before_its_parts():
    assert [each.effect_id for each in bearing_on("muscle-soreness")] == ["E165", "E164", "E163", "E162"]


def test_rows_are_grouped_by_what_massage_was_compared_with():
    groups = {heading: len(rows) for heading, rows in group_rows(bearing_on("blood-pressure")).items()}
    assert groups == {"Usual care": 2, "Other active care": 2, "Comparators mixed or not stated": 2}
    assert sorted(word for words in GROUPS.values() for word in words) == sorted(COMPARATORS)


def test_a_claim_without_published_effects_has_none():
    assert bearing_on("no-such-claim") == ()


def test_an_effect_is_frozen():
    with pytest.raises(AttributeError):
        published_effects()[0].effect = 0
    assert PublishedEffect.__dataclass_params__.frozen
