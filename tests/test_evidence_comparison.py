"""A study's estimate beside the literature: the difference by hand, units and signs, and each reason for none."""

import math

import pytest
from readings import claim, estimate, row

from mmresearch.codebook import codebook
from mmresearch.estimate import ArmSummary
from mmresearch.evidence import compare, put_back, read_literature, tell_points

STANDARDISED = dict(effect_type="SMD", unit="SD", effect=-0.5, low=-0.8, high=-0.2)
Z = 1.959963984540054


def beside(study, **changes):
    asked = claim(**changes.pop("asked", {}))
    return compare(study, read_literature(asked, (row(**{"level": "meta-analysis", "k": 5, **changes}),)))


def test_a_difference_in_the_same_points_by_hand():
    found = beside(estimate(point=-2.0, standard_error=0.4))  # literature: -1.0 (-1.6 to -0.4)
    error = math.hypot(0.4, 1.2 / (2 * Z))
    assert found.published == pytest.approx((-1.0, -1.6, -0.4))
    assert found.difference == pytest.approx((-1.0, -1.0 - Z * error, -1.0 + Z * error))
    assert found.p_value == pytest.approx(math.erfc(1.0 / error / math.sqrt(2)))
    assert "study minus literature is \N{MINUS SIGN}1.00 (" in found.sentence and "p = 0.047" in found.sentence


def test_a_study_s_own_level_is_kept():
    found = beside(estimate(level=0.9))
    assert found.published[2] - found.published[0] == pytest.approx(1.6448536269514722 * 1.2 / (2 * Z))


@pytest.mark.parametrize("point, said", [(-1.1, "within what chance allows"), (-3.0, "beyond what chance allows")])
def test_the_sentence_says_whether_the_two_differ(point, said):
    assert said in beside(estimate(point=point, low=point - 0.8, high=point + 0.8)).sentence


def test_another_unit_of_the_instrument_is_converted():
    found = beside(estimate(), unit="mm", effect=-10.0, low=-16.0, high=-4.0)  # NRS: 10 mm are 1 point
    assert found.published == pytest.approx((-1.0, -1.6, -0.4))


def test_a_sign_printed_as_improvement_is_turned():
    assert beside(estimate(), effect=1.0, low=0.4, high=1.6, benefit_direction="higher").published == pytest.approx(
        (-1.0, -1.6, -0.4))


def test_a_standardised_effect_is_put_back_on_points_by_the_study_s_pooled_baseline_sd():
    found = beside(estimate(), **STANDARDISED)
    sd = math.sqrt((50 * 1.5**2 + 50 * 2.5**2) / 100)
    assert found.sd == pytest.approx(sd) and found.published == pytest.approx((-0.5 * sd, -0.8 * sd, -0.2 * sd))
    assert found.study == pytest.approx((-2.0 / sd, -2.8 / sd, -1.2 / sd))
    assert "put back on points by this study's baseline SD of 2.06" in found.sentence
    assert "The standard deviation is taken as known." in found.notes


def test_ratios_are_compared_as_a_ratio_of_ratios():
    study = estimate(measure="odds-ratio", null=1, point=0.5, low=0.25, high=1.0, standard_error=math.log(2) / Z)
    found = beside(study, effect_type="OR", unit="ratio", effect=0.8, low=0.4, high=1.6)
    error = math.hypot(math.log(2) / Z, math.log(4) / (2 * Z))
    ends = (0.625, math.exp(math.log(0.625) - Z * error), math.exp(math.log(0.625) + Z * error))
    assert found.difference == pytest.approx(ends) and "study over literature is" in found.sentence


def test_that_trials_differ_among_themselves_is_noted_of_several_and_not_of_one():
    said = "differ among themselves"
    single = compare(estimate(), read_literature(claim(), (row(),)))
    assert any(said in note for note in beside(estimate()).notes) and not any(said in note for note in single.notes)


def test_pooled_trials_are_compared_by_their_own_interval():
    rows = [row(effect_id=f"T{n}", study=f"Trial{n} 2020", effect=-1 - n, low=-2 - n, high=-n) for n in range(3)]
    reading = read_literature(claim(), rows)
    found = compare(estimate(), reading)
    assert found.published[0] == pytest.approx(reading.pooled.point) and "3 trials pooled" in found.sentence
    assert found.published[1:] == pytest.approx((reading.pooled.low, reading.pooled.high))


@pytest.mark.parametrize("study, changes, said", [
    (estimate(measure="risk-difference"), {}, "a risk difference, Example 2020 prints a difference between means"),
    (estimate(measure="rate-ratio", null=1, point=0.5, low=0.3, high=0.9, standard_error=0.2),
     dict(effect_type="RR", unit="ratio", effect=0.5, low=0.25, high=1.0), "Example 2020 prints a risk ratio"),
    (estimate(instrument="ODI"), {}, "the study measured with ODI, Example 2020 with pain scale 0-10"),
    (estimate(), dict(unit="inches"), "how many points these are is not known"),
    (estimate(by_arm=()), STANDARDISED, "no SD of NRS is known"),
    (estimate(by_arm=(ArmSummary("a", "A", 1, baseline_sd=None),)), STANDARDISED, "no SD of NRS is known"),
    (estimate(standard_error=None), {}, "no estimate of its own"), (None, {}, "no estimate of its own"),
    (estimate(), dict(days=(200, 200)), "no published result of our table answers the claim"),
    (estimate(), dict(asked={"hypothesis": "equivalence"}), "cannot be read for this claim")])
def test_each_reason_why_the_two_cannot_be_compared(study, changes, said):
    found = beside(study, **changes)
    assert said in found.sentence and found.sentence.startswith("Study and literature cannot be set against each other")
    assert (found.difference, found.published, found.p_value) == (None, None, None)


def test_without_a_row_there_is_nothing_to_compare():
    assert "no published trial of it" in compare(estimate(), read_literature(claim(), ())).sentence


@pytest.mark.parametrize("study, changes, said", [
    (estimate(comparator_class="sham"), {}, "comparator is of another class"),
    (estimate(), dict(comparator_class=""), "What the published comparator was is not printed."),
    (estimate(simulated=True), {}, "The study's data are simulated"), (estimate(), {}, "Normal approximation")])
def test_what_differs_is_noted(study, changes, said):
    assert any(said in note for note in beside(study, **changes).notes)


def test_a_single_trial_too_few_for_a_reading_can_still_be_set_beside_the_study():
    reading = read_literature(claim(), (row(),))
    assert reading.word == "too few" and compare(estimate(), reading).difference is not None


@pytest.mark.parametrize("direction, ends", [("lower", (-1.0, -1.6, -0.4)), ("higher", (1.0, 0.4, 1.6))])
def test_a_standardised_effect_is_told_in_points_of_an_instrument_with_its_sign(direction, ends):
    effect = row(effect_type="SMD", unit="SD", benefit_direction=direction,
                 **dict(zip(("effect", "low", "high"), (end / 2 for end in ends))))
    nrs = codebook().instrument("NRS")
    assert put_back(effect, nrs, 2.0) == pytest.approx((-1.0, -1.6, -0.4))  # lower pain is better, however printed
    assert tell_points(effect, nrs, 2.0, "a trial, Table 3") == (
        "Put back on NRS (Numerical rating scale, pain intensity): \u22121.0 (\u22121.6 to \u22120.4) points, with an "
        "SD of 2 points taken as known: a trial, Table 3.")


def test_a_claim_of_a_study_s_own_has_no_row_to_be_set_beside():
    reading = read_literature(claim())
    assert reading.word == "" and "the study's own" in reading.sentence
    assert "cannot be read" in compare(estimate(), reading).sentence


def test_counts_that_were_withheld_give_no_standard_deviation():
    withheld = estimate(by_arm=(ArmSummary("a", "A", None, baseline_sd=2.0),))
    assert "no SD of NRS is known" in beside(withheld, **STANDARDISED).sentence
