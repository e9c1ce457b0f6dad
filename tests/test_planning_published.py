"""Which published effect a plan takes, branch by branch: rows put in the place of the one the reading names."""

import math
from dataclasses import replace

import pytest
from scipy import stats

from mmresearch.claims import articles
from mmresearch.errors import UsageError
from mmresearch.evidence import Reading, published_effects
from mmresearch.planning import differences, plan_claim
from mmresearch.pooling import pool

ROWS = {row.effect_id: row for row in published_effects()}
PLAIN = {"icc": 0, "dropout": 0, "correlation": 0}


@pytest.fixture
def published(monkeypatch):
    """Return a function that plans a claim as if its reading rested on the row, or on trials pooled."""
    def plan(claim, row=None, trials=(), pooled=None, word="trials favour", **options):
        reading = Reading(claim, word, "What is said.", row=row, trials=trials, pooled=pooled)
        monkeypatch.setattr(differences, "read_literature", lambda _: reading)
        made = plan_claim(articles().claim(claim), **{**PLAIN, **options})
        return {target.name: target for target in made.targets}.get("published"), "\n".join(made.notes)

    return plan


def test_a_difference_in_another_unit_is_converted_by_the_codebook(published):
    target, _ = published("mfr-back-pain", ROWS["E001"], instrument="RMDQ")
    assert target.difference == pytest.approx(2.9 * 24 / 23) and target.words == "3.03 points"


def test_a_difference_on_another_instrument_is_not_taken(published):
    target, notes = published("pain-general", ROWS["E001"])
    assert target is None and "was measured on RMDQ, not NRS" in notes


def test_a_ratio_of_shares_becomes_a_difference_over_the_other_arm_s_share(published):
    """E044: 1.25 times as many; of 40% that is 10 percentage points more."""
    target, _ = published("back-pain", ROWS["E044"], share=0.4, correlation=None)
    assert target.difference == pytest.approx(0.4 * 0.25) and "over 40% in the other arm" in target.source


def test_a_ratio_is_no_difference_between_means(published):
    target, notes = published("pain-general", ROWS["E044"])
    assert target is None and "not of the measure planned (mean difference)" in notes


def test_an_effect_on_the_other_side_is_not_planned_for(published):
    row = replace(ROWS["E012"], effect=0.75, low=0.60, high=0.90)
    target, notes = published("pain-general", row)
    assert target is None and "does not favour massage" in notes


def test_a_reading_that_does_not_favour_is_said(published):
    target, _ = published("pain-general", ROWS["E012"], word="trials disagree")
    assert "(trials disagree)" in target.source


def test_trials_pooled_give_their_pooled_effect(published):
    trials = tuple(replace(ROWS["E056"], effect_id=f"T{n}", effect=-1.0 - n / 10, low=-1.5 - n / 10, high=-0.5 - n / 10)
                   for n in range(3))
    pooled = pool([each.effect for each in trials], [each.standard_error for each in trials])
    target, _ = published("pain-general", trials=trials, pooled=pooled)
    assert target.difference == pytest.approx(1.1) and "3 independent trials, pooled" in target.source


def test_without_a_row_the_reading_s_sentence_says_why(published):
    target, notes = published("pain-general", word="too few")
    assert target is None and "no plan at the published effect: What is said" in notes


def test_a_standardised_effect_with_an_sd_that_was_narrowed_says_so(published):
    row = replace(ROWS["E012"], instruments=("WOMAC",))
    target, _ = published("arthritis-pain", row, instrument="WOMAC")
    assert "the points are too few" in target.source


def test_the_power_of_the_published_effect_is_planned_with_its_own_shares(published):
    """Shares of the two arms differ with the difference, and so do their variances."""
    target, _ = published("back-pain", ROWS["E044"], share=0.4, correlation=None)
    assert (target.design.sd, target.design.sd_other) == (math.sqrt(0.25), math.sqrt(0.24))


def test_a_share_that_is_better_low_is_none_of_responders(published):
    target, notes = published("back-pain", ROWS["E053"], share=0.4, correlation=None)
    assert target is None and "better low" in notes


def test_a_published_ratio_beyond_all_patients_leaves_the_plan_at_the_margin(published):
    target, notes = published("back-pain", ROWS["E038"], share=0.5, correlation=None)
    assert target is None and "all patients or more" in notes


@pytest.mark.parametrize("name, options, idle", [("pain-general", {"share": 0.3}, "share"),
                                                 ("back-pain", {"sd": 3.0, "correlation": 0.7}, "sd, correlation"),
                                                 ("pain-general", {"sd": 3.0, "dropout": 0.2}, "")])
def test_what_is_given_and_has_no_bearing_is_said(name, options, idle):
    told = [note for note in plan_claim(articles().claim(name), **options).notes if note.startswith("given and not")]
    assert told == ([f"given and not used, because this plan does not rest on it: {idle}"] if idle else [])


@pytest.mark.parametrize("effect", [math.nan, math.inf, 0.0])
def test_an_effect_to_plan_for_is_a_number(effect):
    with pytest.raises(UsageError, match="expected a number"):
        plan_claim(articles().claim("pain-general"), effect=effect)


@pytest.mark.parametrize("share", [0.5, 0.3])
def test_a_standardised_effect_moves_the_share_of_responders_as_a_normal_outcome_would(published, share):
    target, _ = published("back-pain", ROWS["E013"], share=share, correlation=None)
    tail = stats.norm.ppf(share)  # the threshold that the other arm's share stands for
    assert target.difference == pytest.approx(stats.norm.sf(-tail - 0.72) - share) and "normal" in target.source
