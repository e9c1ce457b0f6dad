"""The rule by which published rows become a reading: each step, each branch, each limit, and which claims it is for."""

from pathlib import Path

import pytest
from readings import claim, row

from mmresearch.claims import articles
from mmresearch.estimate import dumps
from mmresearch.evidence import (
    RULE,
    WORDS,
    bearing_on,
    favoured_side,
    find_dependence,
    published_effects,
    read_literature,
    share_patients,
    side_of,
)
from mmresearch.evidence.effects import COLUMNS
from mmresearch.evidence.matching import fit_row
from mmresearch.evidence.readable import METHODS
from mmresearch.pooling import pool

DOCS = Path(__file__).parents[1] / "docs" / "evidence.md"
FAVOUR, NOT, DISAGREE, FEW = WORDS


def review(**changes):
    return row(**{"level": "meta-analysis", "k": 5, "study": "Review 2020", "title": "A review", **changes})


def trials(count, **changes):
    return [row(effect_id=f"T{index}", study=f"Trial{index} 2020", effect=-1 - index / 10, low=-1.6 - index / 10,
                high=-0.4 - index / 10, **changes) for index in range(count)]


def read(*rows, **asked):
    return read_literature(claim(**asked), rows)


# The steps of the rule, in their order

def test_a_review_that_matches_names_the_reading_before_any_trial():
    found = read(*trials(4), review(effect_id="R1"))
    assert (found.word, found.basis, found.row.effect_id, found.unstated) == (FAVOUR, "review", "R1", ())


def test_three_independent_trials_are_pooled_where_no_review_matches():
    three = trials(3)
    found = read(*three, review(effect_id="R1", days=()))
    assert (found.word, found.basis, found.row, found.trials) == (FAVOUR, "trials", None, tuple(three))
    pooled = pool([each.effect for each in three], [each.standard_error for each in three])
    assert (found.pooled.point, found.pooled.low, found.pooled.high) == (pooled.point, pooled.low, pooled.high)
    assert "3 independent trials (Trial0 2020, Trial1 2020, Trial2 2020), pooled" in found.sentence


def test_ratios_are_pooled_on_the_log_scale_and_told_as_ratios():
    ratio = dict(effect_type="RR", unit="ratio", effect=0.5, low=0.25, high=1.0, decimals=(2, 2, 2))
    three = [row(effect_id=f"T{n}", study=f"Trial{n} 2020", **ratio) for n in range(3)]
    found = read(*three)
    assert found.pooled.point < 0 and "RR 0.50 (" in found.sentence


def test_a_review_without_a_day_comes_after_the_trials_and_one_without_both_last():
    no_day, neither = review(effect_id="R1", days=()), review(effect_id="R2", year=2024, study="Review 2024", days=(),
                                                              comparator_class="")
    assert read(neither, no_day).row.effect_id == "R1"
    assert read(neither).unstated == ("comparator", "time")
    assert read(no_day, *trials(3)).basis == "trials"


def test_two_trials_are_too_few_and_are_named():
    found = read(*trials(2))
    assert (found.word, found.basis, found.pooled) == (FEW, "", None)
    assert "Trial0 2020, Trial1 2020 match the claim" in found.sentence and found.row.effect_id == "T0"


def test_a_review_of_one_trial_counts_as_that_trial():
    assert read(review(k=1)).word == FEW


def test_three_rows_of_one_publication_are_one_trial():
    assert read(*[row(effect_id=f"X{index}", outcome=f"pain {index}") for index in range(3)]).word == FEW


def test_trials_of_other_units_are_not_pooled():
    assert read(*trials(2), row(effect_id="T9", study="Other 2020", unit="mm")).word == FEW


def test_no_row_at_all_is_too_few_and_says_that_it_is_not_no_trial():
    found = read()
    assert found.word == FEW and "not the same as no trial" in found.sentence and found.limits == ()


# Which of several rows is named

@pytest.mark.parametrize("better, worse", [
    (dict(study="New 2021", year=2021, title="new"), {}),
    ({}, dict(instruments=("VAS",))), ({}, dict(comparator_class="waiting-list")), ({}, dict(part_of=("R1",))),
    (dict(days=(70, 70)), {}), (dict(k=9), {}), (dict(effect_id="R0"), {})],
    ids=["newest", "outcome preferred", "comparator preferred", "whole", "longest follow-up", "most trials", "id"])
def test_what_is_preferred_among_several(better, worse):
    rows = [review(**{"effect_id": "R2", **worse}), review(**{"effect_id": "R1", **better})]
    assert read(*rows).row == rows[1] and read(*reversed(rows)).row == rows[1]


# What the named row says

@pytest.mark.parametrize("low, high, direction, word, said", [
    (-1.6, -0.4, "lower", FAVOUR, "the whole interval lies on the claimed side"),
    (0.4, 1.6, "higher", FAVOUR, "the whole interval lies on the claimed side"),
    (0.4, 1.6, "lower", NOT, "the whole interval lies on the other side"),
    (-1.2, 0.2, "lower", NOT, "which does not show that there is none"),
    (-1.2, 0.0, "lower", NOT, "which does not show that there is none")])
def test_the_side_of_the_interval_is_the_reading(low, high, direction, word, said):
    found = read(review(effect=(low + high) / 2, low=low, high=high, benefit_direction=direction))
    assert found.word == word and said in found.sentence


def test_a_ratio_is_read_against_one():
    assert read(review(effect_type="RR", unit="ratio", effect=0.5, low=0.3, high=0.8)).word == FAVOUR
    assert read(review(effect_type="RR", unit="ratio", effect=0.7, low=0.4, high=1.2)).word == NOT


def test_a_claim_of_harm_is_favoured_by_the_other_side():
    better = review()
    assert read(better, direction="higher").word == NOT and favoured_side(claim(direction="higher"), better) == "higher"
    assert side_of(claim(direction="worse"), better) == "opposite"


def test_results_on_opposite_sides_disagree():
    found = read(review(), review(effect_id="R2", study="Other 2019", year=2019, effect=1.0, low=0.4, high=1.6))
    assert found.word == DISAGREE and "say otherwise" in found.sentence


def test_one_interval_with_no_difference_is_no_disagreement_unless_they_differ_by_more_than_chance():
    other = dict(effect_id="R2", study="Other 2019", year=2019)
    near = review(**other, effect=-0.5, low=-1.2, high=0.2)
    far = review(**other, effect=0.1, low=-0.2, high=0.4)
    assert read(review(), near).word == FAVOUR
    assert read(review(), far).word == DISAGREE
    assert read(review(), review(**other, effect=0.1, low=-0.2, high=0.4, unit="mm")).word == FAVOUR  # not comparable


def test_a_weaker_match_cannot_make_results_disagree():
    against = review(effect_id="R2", study="Other 2021", year=2021, effect=1.0, low=0.4, high=1.6, days=())
    assert read(review(), against).word == FAVOUR


def test_pooled_trials_on_opposite_sides_disagree():
    assert read(*trials(3), row(effect_id="T9", study="Other 2020", effect=1.0, low=0.4, high=1.6)).word == DISAGREE


# What a row must match

@pytest.mark.parametrize("miss, changes", [
    ("technique", dict(techniques=())), ("technique", dict(techniques=("reflexology",))),
    ("patients", dict(conditions=("stroke",))), ("patients", dict(conditions=())),
    ("outcome", dict(instruments=("ODI",))), ("outcome", dict(instruments=())),
    ("comparator", dict(comparator_class="drug")),
    ("comparator", dict(comparator_class="", mixed_of=("usual-care", "drug"))),
    ("time", dict(days=(85, 120))), ("time", dict(days=(0, 27))), ("time", dict(days=(183, None)))])
def test_a_row_that_misses_a_part_gives_no_reading_and_says_which(miss, changes):
    assert fit_row(claim(), review(**changes)).misses == (miss,)
    found = read(review(**changes))
    assert found.word == FEW and found.row is None
    assert "1 result bears on the claim, and none answers it" in found.sentence


@pytest.mark.parametrize("changes", [
    dict(conditions=("musculoskeletal-pain",)), dict(days=(84, 84)), dict(days=(0, 28)), dict(days=(60, None)),
    dict(comparator_class="", mixed_of=("usual-care", "waiting-list"))])
def test_broader_words_edges_of_windows_and_mixtures_of_asked_comparators_match(changes):
    assert fit_row(claim(), review(**changes)).misses == ()
    assert fit_row(claim(), review(**changes)).rank == 0


def test_a_claim_about_any_patient_takes_any():
    assert fit_row(claim(population={"words": "any client"}), review(conditions=())).misses == ()


def test_a_claim_about_one_session_takes_only_rows_of_one_session():
    asked = claim(method="session-change", windows=((0, 84),))
    assert fit_row(asked, review()).misses == fit_row(asked, review(days=())).misses == ("time",)
    assert fit_row(asked, review(days=(0, 0))).misses == ()


# What limits a reading

@pytest.mark.parametrize("changes, asked, said", [
    (dict(comparator_class=""), {}, "Against comparators that are mixed or not printed"),
    (dict(days=(), time="after treatment"), {}, "treatment\u201d, the day not printed; the claim asks for days 28"),
    (dict(days=(0, 182)), {}, "Measured at some time between days 0 and 182; the claim asks for days 28 to 84."),
    (dict(days=(60, None)), {}, "Measured from day 60 on"),
    ({}, {}, "Nobody can be blinded to usual care"),
    ({}, dict(magnitude="large"), "The claim promises a large effect"),
    ({}, {}, "The patients were adults with pain; the claim speaks of adults with musculoskeletal pain."),
    ({}, {}, "risk of bias was not assessed"), (dict(note="n assumed"), {}, "Noted of this result: n assumed.")])
def test_each_limit_is_said(changes, asked, said):
    assert any(said in limit for limit in read(review(**changes), **asked).limits)


def test_a_limit_that_does_not_hold_is_not_said():
    found = read(review(comparator_class="sham", conditions=("musculoskeletal-pain",)), comparators=("sham",))
    assert len(found.limits) == 1 and "not a systematic review" in found.limits[0]


@pytest.mark.parametrize("others, said", [
    ([row()], "One other result bears on it, and lies wholly on the claimed side."),
    ([row(low=-2.0, high=0.0)], "One other result bears on it, and does not lie wholly on the claimed side."),
    ([row(), row(effect_id="X2", low=-2.0, high=0.0)], "1 of them lies wholly on the claimed side."),
    ([row(low=-2.0, high=0.0), row(effect_id="X2", low=-2.0, high=0.0)], "none of them lies wholly")])
def test_the_rows_that_were_not_named_are_counted_by_side(others, said):
    assert any(said in limit for limit in read(review(effect_id="R1"), *others).limits)


# Which claims a reading is for

@pytest.mark.parametrize("changes, said", [
    (dict(hypothesis="non-inferiority"), "not worse"), (dict(hypothesis="equivalence"), "no difference"),
    (dict(hypothesis="above", null=0.5), "about a value"), (dict(hypothesis="exists"), "exists or varies"),
    (dict(modifier="age"), "for whom"), (dict(method="dose"), "how much treatment"),
    (dict(method="harms"), "how often harm")])
def test_claims_that_no_difference_settles_have_no_reading_and_say_why(changes, said):
    found = read(review(), **changes)
    assert (found.word, found.row) == ("", None) and said in found.sentence and found.rows


@pytest.mark.parametrize("testability, said", [
    ("laboratory", "laboratory"), ("cohort", "years of follow-up"), ("not-testable", "No data could settle")])
def test_claims_without_an_analysis_have_no_reading(testability, said):
    asked = claim(analysis=None, testability=testability, why_not="It cannot.", would_settle="Something else.")
    assert said in read_literature(asked, (review(),)).sentence


def test_every_claim_has_a_reading_or_a_reason():
    found = [read_literature(each) for each in articles()]
    assert all(each.word in (*WORDS, "") and each.sentence for each in found)
    contrasts = [each.id for each in articles() if each.analysis and each.analysis.hypothesis == "superiority"
                 and not each.analysis.modifier and each.analysis.method not in METHODS]
    assert [each.claim for each in found if each.word] == contrasts


# Our own table: rows that a reader can look up in data/evidence/effects.csv
@pytest.mark.parametrize("name, word, rests", [
    ("back-pain", FAVOUR, "E013"), ("muscle-soreness", FAVOUR, "E165"), ("trp-pain", NOT, "E183"),
    ("sleep", NOT, "E069"), ("arthritis-pain", FEW, "E060"), ("rom", FEW, None), ("metabolic-waste", "", None)])
def test_readings_of_our_table(name, word, rests):
    found = read_literature(articles().claim(name))
    assert (found.word, found.row and found.row.effect_id) == (word, rests)
    assert found.rows == bearing_on(name)


# Independence

def test_what_may_share_patients_is_not_independent():
    rows = {each.effect_id: each for each in published_effects()}
    assert "one publication" in share_patients(rows["E001"], rows["E002"])
    assert "part of the other" in share_patients(rows["E162"], rows["E165"])
    assert "may hold the same trials" in share_patients(rows["E024"], rows["E029"])
    assert "may hold the trial" in share_patients(rows["E012"], rows["E001"])
    assert share_patients(rows["E012"], rows["E059"]) is None  # a trial newer than the review
    assert share_patients(rows["E001"], rows["E059"]) is None
    assert len(find_dependence([rows["E001"], rows["E002"], rows["E059"]])) == 1


def test_the_rule_in_the_docs_is_the_rule():
    text = " ".join(DOCS.read_text(encoding="utf-8").split())
    assert all(step.words in text for step in RULE) and all(f"`{word}`" in text for word in WORDS)


def test_the_docs_explain_every_column():
    text = DOCS.read_text(encoding="utf-8")
    assert [name for name in COLUMNS if f"`{name}`" not in text] == []


def test_a_reading_is_json():
    found = read(*trials(3)).to_json()
    assert found["reading"] == FAVOUR and found["pooled"]["k"] == 3 and found["trials"] == ["T0", "T1", "T2"]
    assert '"row": null' in dumps(found)
