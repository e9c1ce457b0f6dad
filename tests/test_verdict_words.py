"""The sentences as a clinician reads them, whole, and the numbers in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from outcomes import make_claim, make_estimate, make_registry, make_untestable

from mmresearch.estimate import Lack, Trouble
from mmresearch.verdict import judge
from mmresearch.verdict.numbers import amount, decimals, p_text, write

NEVER = {"margin": None, "margin_source": None}
OURS = {"margin_source": "convention"}
RESPONDERS = {"method": "responder", "measure": "risk-difference", "unit": "proportion", "low": 0.11, "point": 0.22,
              "high": 0.33, "margin": 0.1, "margin_source": "convention", "direction": "higher",
              "standard_error": 0.055}
RATE = {"measure": "rate-ratio", "null": 1, "low": 0.6, "point": 0.75, "high": 0.93, "margin": 0.8, "unit": "days",
        "outcome": "days off work", "standard_error": 0.11}
ICC = {"hypothesis": "above", "measure": "icc", "null": 0.75, "unit": "", "visit": None, "arm": None, "reference": None,
       "outcome": "ratings by two therapists", **NEVER}
SHARE = {"hypothesis": "below", "measure": "proportion", "null": 0.05, "unit": "proportion", "visit": None,
         "outcome": "a serious adverse event", "reference": None, **NEVER}

SLOPE = {"measure": "slope", "p_value": 0.01, **NEVER}

SENTENCES = [  # claim, estimate, the whole sentence
    ({}, {},
     "Supported: pain intensity (NRS) at week 12 was 1.3 points lower with medical massage than with usual care "
     "(95% CI 0.8 to 1.8; p = 0.0002 after Holm)."),
    ({}, {"blinded": ()},
     "Supported: pain intensity (NRS) at week 12 was 1.3 points lower with medical massage than with usual care "
     "(95% CI 0.8 to 1.8; p = 0.0002 after Holm); self-reported by patients who knew their treatment."),
    ({"registered": None}, {"design": "cohort"},
     "Supported (exploratory): medical massage was associated with pain intensity (NRS) at week 12 that was 1.3 "
     "points lower than with usual care (95% CI 0.8 to 1.8; p = 0.0002 after Holm)."),
    ({}, {"low": -0.9, "point": -0.5, "high": -0.1},
     "Supported: pain intensity (NRS) at week 12 was 0.5 points lower with medical massage than with usual care "
     "(95% CI 0.1 to 0.9; p = 0.0002 after Holm), smaller than worth having: less than the margin of 1 point."),
    ({"magnitude": "important"}, {"low": -1.8, "point": -1.4, "high": -1.0, **OURS},
     "Supported: pain intensity (NRS) at week 12 was 1.4 points lower with medical massage than with usual care "
     "(95% CI 1.0 to 1.8; p = 0.0002 after Holm), at least the margin of 1 point (margin is a convention of ours)."),
    ({"magnitude": "important"}, {},
     "Supported, size not settled: pain intensity (NRS) at week 12 was 1.3 points lower with medical massage than "
     "with usual care (95% CI 0.8 to 1.8; p = 0.0002 after Holm), but less than the margin of 1 point is not "
     "excluded."),
    ({"magnitude": "important"}, NEVER,
     "Supported, size not settled: pain intensity (NRS) at week 12 was 1.3 points lower with medical massage than "
     "with usual care (95% CI 0.8 to 1.8; p = 0.0002 after Holm), but no margin is known to tell whether it is "
     "important."),
    ({"magnitude": "large"}, OURS,
     "Supported, but smaller than claimed: pain intensity (NRS) at week 12 was 1.3 points lower with medical "
     "massage than with usual care (95% CI 0.8 to 1.8; p = 0.0002 after Holm), less than 2 points (2 margins, our "
     "reading of large; the margin too is a convention of ours)."),
    ({}, {"low": 0.3, "point": 0.8, "high": 1.3, "p_value": 0.00004},
     "Refuted, the opposite: pain intensity (NRS) at week 12 was 0.8 points higher with medical massage than with "
     "usual care (95% CI 0.3 to 1.3; p < 0.0001 after Holm)."),
    ({}, {"low": -0.9, "point": -0.5, "high": 0.1, "p_value": 0.11, **OURS},
     "Refuted, too small to matter: pain intensity (NRS) at week 12 was 0.5 points lower with medical massage than "
     "with usual care (95% CI 0.1 higher to 0.9 lower; p = 0.11 after Holm), less than the margin of 1 point "
     "(margin is a convention of ours)."),
    ({}, {"low": -2.9, "point": -0.5, "high": 1.9, "p_value": 0.7, "standard_error": 1.2, "df": None},
     "Inconclusive: pain intensity (NRS) at week 12 was 0.5 points lower with medical massage than with usual care "
     "(95% CI 1.9 higher to 2.9 lower; p = 0.70 after Holm); about 2767 patients per arm would narrow the interval "
     "to 0.5 points (half the margin) either side."),
    ({}, {"low": -2.9, "point": -0.5, "high": 1.9, "p_value": 0.7, "standard_error": 1.2, **NEVER},
     "Inconclusive: pain intensity (NRS) at week 12 was 0.5 points lower with medical massage than with usual care "
     "(95% CI 1.9 higher to 2.9 lower; p = 0.70 after Holm)."),
    ({}, {"low": -1.8, "point": -1.0, "high": -0.8, "p_value": 0.051},
     "Inconclusive: pain intensity (NRS) at week 12 was 1.0 points lower with medical massage than with usual care "
     "(95% CI 0.8 to 1.8; p = 0.051 after Holm); the interval excludes zero difference, but p does not "
     "reach 0.05."),
    ({"measure": "rate-ratio", "null": 1}, {**RATE, "p_value": 0.051},
     "Inconclusive: the rate of days off work at week 12 was 25% lower with medical massage than with usual care (rate "
     "ratio 0.75; 95% CI 0.60 to 0.93; p = 0.051 after Holm); the interval excludes a ratio of 1, but p does not reach "
     "0.05; about 469 patients per arm would narrow the interval to half the margin, on the log scale, either side."),
    ({}, {"troubles": (Trouble("not-converged", "serious", "the model did not converge."),)},
     "Inconclusive, because the analysis is in serious trouble: the model did not converge."),
    ({"hypothesis": "non-inferiority"}, {"hypothesis": "non-inferiority", "low": -0.5, "point": 0.1, "high": 0.7},
     "Supported: pain intensity (NRS) at week 12 was 0.1 points higher with medical massage than with usual care "
     "(95% CI 0.5 lower to 0.7 higher; p = 0.0002 after Holm), not as much worse as the margin of 1 point."),
    ({"hypothesis": "non-inferiority"}, {"hypothesis": "non-inferiority", "low": 1.2, "point": 2, "high": 2.8},
     "Refuted, worse: pain intensity (NRS) at week 12 was 2.0 points higher with medical massage than with usual "
     "care (95% CI 1.2 to 2.8; p = 0.0002 after Holm), worse by more than the margin of 1 point."),
    ({"hypothesis": "non-inferiority"}, {"hypothesis": "non-inferiority", "low": 0.8, "point": 1.5, "high": 2.2,
                                         "p_value": 0.9},
     "Inconclusive: pain intensity (NRS) at week 12 was 1.5 points higher with medical massage than with usual care "
     "(95% CI 0.8 to 2.2; p = 0.90 after Holm); all of the interval lies on the worse side, and whether by less than "
     "the margin of 1 point is open; about 123 patients per arm would narrow the interval to 0.5 points (half the "
     "margin) either side."),
    ({"hypothesis": "exists"}, {"hypothesis": "exists", "low": -0.1, "point": 0.9, "high": 1.9, "p_value": 0.041},
     "Inconclusive: pain intensity (NRS) at week 12 was 0.9 points higher with medical massage than with usual care "
     "(95% CI 0.1 lower to 1.9 higher; one-sided p = 0.041); existence is judged one-sided, so p must be below "
     "0.025, half of alpha."),
    ({"hypothesis": "equivalence"}, {"hypothesis": "equivalence", "low": -0.5, "point": 0.1, "high": 0.7},
     "Supported: pain intensity (NRS) at week 12 was 0.1 points higher with medical massage than with usual care "
     "(95% CI 0.5 lower to 0.7 higher), less than the margin of 1 point either way."),
    ({"hypothesis": "equivalence"}, {"hypothesis": "equivalence", **NEVER},
     "Not assessable in this study: no margin is known for this instrument, and without one neither equal nor not "
     "worse can be said."),
    ({"method": "responder", "measure": "risk-difference"}, RESPONDERS,
     "Supported: the share of responders in pain intensity (NRS) at week 12 was 22 percentage points higher with "
     "medical massage than with usual care (95% CI 11 to 33; p = 0.0002 after Holm)."),
    ({"method": "responder", "measure": "risk-difference", "magnitude": "important"}, {**RESPONDERS, "low": 0.101},
     "Supported: the share of responders in pain intensity (NRS) at week 12 was 22.0 percentage points higher with "
     "medical massage than with usual care (95% CI 10.1 to 33.0; p = 0.0002 after Holm), at least the margin of 10 "
     "percentage points (margin is a convention of ours)."),
    ({"measure": "rate-ratio", "null": 1}, RATE,
     "Supported: the rate of days off work at week 12 was 25% lower with medical massage than with usual care (rate "
     "ratio 0.75; 95% CI 0.60 to 0.93; p = 0.0002 after Holm)."),
    ({"measure": "rate-ratio", "null": 1}, {**RATE, "low": 0.7, "point": 0.999, "high": 1.42, "p_value": 0.99, **NEVER},
     "Inconclusive: the rate of days off work at week 12 was about the same with medical massage as with usual care "
     "(rate ratio 1.00; 95% CI 0.70 to 1.42; p = 0.99 after Holm)."),
    ({"measure": "rate-ratio", "null": 1}, {**RATE, "low": 0.9941, "point": 0.9963, "high": 0.9985, **NEVER},
     "Supported: the rate of days off work at week 12 was 0.4% lower with medical massage than with usual care (rate "
     "ratio 0.9963; 95% CI 0.9941 to 0.9985; p = 0.0002 after Holm)."),
    ({"measure": "rate-ratio", "null": 1, "magnitude": "large"}, RATE,
     "Supported, size not settled: the rate of days off work at week 12 was 25% lower with medical massage than "
     "with usual care (rate ratio 0.75; 95% CI 0.60 to 0.93; p = 0.0002 after Holm), but less than a ratio of 0.64 "
     "(2 margins, our reading of large) is not excluded."),
    ({"hypothesis": "above", "measure": "icc", "null": 0.75, "comparators": ()},
     {**ICC, "low": 0.8, "point": 0.85, "high": 0.9},
     "Supported: the intraclass correlation of ratings by two therapists was 0.85 (95% CI 0.80 to 0.90), above the "
     "registered 0.75."),
    ({"hypothesis": "below", "measure": "proportion", "null": 0.05, "comparators": ()},
     {**SHARE, "low": 0.01, "point": 0.03, "high": 0.07},
     "Inconclusive: the share with a serious adverse event with medical massage was 3.0% (95% CI 1.0 to 7.0%), on "
     "both sides of the registered 5%."),
    ({"modifier": "duration_months", "modifier_at_least": 3}, {},
     "Supported: the difference between medical massage and usual care in pain intensity (NRS) at week 12 was 1.3 "
     "points lower where duration months is at least 3 than where it is less, more in favour of medical massage (95% "
     "CI 0.8 to 1.8; p = 0.0002 after Holm)."),
    ({"modifier": "duration_months", "measure": "slope"},
     {**SLOPE, "low": -0.010, "point": 0.026, "high": 0.062, "p_value": 0.3},
     "Inconclusive: for each further month of duration, the difference between medical massage and usual care in pain "
     "intensity (NRS) at week 12 was 0.026 points higher, less in favour of medical massage (95% CI 0.010 lower to "
     "0.062 higher; p = 0.30 after Holm)."),
    ({"modifier": "baseline", "measure": "slope"}, {**SLOPE, "low": -0.38, "point": -0.24, "high": -0.10},
     "Supported: for each further point at baseline, the difference between medical massage and usual care in pain "
     "intensity (NRS) at week 12 was 0.24 points lower, more in favour of medical massage (95% CI 0.10 to 0.38; p = "
     "0.010 after Holm)."),
    ({}, {"outcome": "headache days (HADAYS)", "unit": "days/28 days"},
     "Supported: headache days (HADAYS) at week 12 were 1.3 days/28 days lower with medical massage than with usual "
     "care (95% CI 0.8 to 1.8; p = 0.0002 after Holm)."),
    ({}, {"outcome": "disability from low back pain (ODI)", "unit": "points (%)"},
     "Supported: disability from low back pain (ODI) at week 12 was 1.3 points lower with medical massage than with "
     "usual care (95% CI 0.8 to 1.8; p = 0.0002 after Holm)."),
    ({"modifier": "sex"},
     {"model": "Analysis of covariance; adjusted for baseline, with arm by sex (male minus female)", **NEVER},
     "Supported: the difference between medical massage and usual care in pain intensity (NRS) at week 12 was 1.3 "
     "points lower where sex is male than where it is female, more in favour of medical massage (95% CI 0.8 to 1.8; "
     "p = 0.0002 after Holm)."),
    ({"hypothesis": "exists", "measure": "variance", "comparators": ()},
     {"hypothesis": "exists", "measure": "variance", "low": 0, "point": 0.6, "high": 1.4, "p_value": 0.02,
      "direction": "higher", "visit": None, "unit": "points squared", "arm": None, "reference": None,
      "outcome": "the effect between therapists", **NEVER},
     "Supported: the variance of the effect between therapists was 0.6 points squared (95% CI 0.0 to 1.4 points "
     "squared; one-sided p = 0.020)."),
]


@pytest.mark.parametrize("claim, estimate, sentence", SENTENCES, ids=range(len(SENTENCES)))
def test_the_answer_in_one_sentence(claim, estimate, sentence):
    made = make_claim(**claim)
    assert judge(make_registry(made), {"pain": make_estimate(**estimate)})[0].sentence == sentence


@pytest.mark.parametrize("testability, sentence", [
    ("laboratory", "Session outcomes cannot settle this, a laboratory could: Cortisol is measured in blood."),
    ("cohort", "Session outcomes cannot settle this, a long-term cohort could: Cortisol is measured in blood."),
    ("not-testable", "Not testable as worded: Cortisol is measured in blood."),
])
def test_the_answer_where_session_outcomes_give_none(testability, sentence):
    verdict = judge(make_registry(make_untestable("blood", testability)), {})[0]
    assert verdict.sentence == sentence
    assert verdict.reason == "Cortisol is measured in blood. What would settle it: A trial with blood samples."


def test_the_answer_where_the_study_lacks_something():
    verdict = judge(make_registry(make_claim()), {"pain": Lack("pain", "no-arm", "The study has no massage arm.")})[0]
    assert verdict.sentence == "Not assessable in this study: The study has no massage arm."
    unbuilt = judge(make_registry(make_claim()), {"pain": Lack("pain", "method-not-built", "Not built yet: this.")})[0]
    assert unbuilt.sentence == "Not assessable in this study. Not built yet: this."


def test_a_secondary_held_back_by_a_primary_says_so():
    registry = make_registry(make_claim("first", rank="primary"), make_claim("second", rank="secondary"))
    outcomes = {"first": make_estimate("first", p_value=0.3, estimand="first"), "second": make_estimate("second")}
    assert judge(registry, outcomes)[1].sentence == (
        "Inconclusive: pain intensity (NRS) at week 12 was 1.3 points lower with medical massage than with usual care "
        "(95% CI 0.8 to 1.8; p = 0.30 in fixed sequence); the interval excludes zero difference, but the primary "
        "claims come first and not all of them reach 0.05.")


def test_limits_are_whole_sentences_in_a_fixed_order():
    estimate = make_estimate(design="cohort", blinded=(), simulated=True)
    assert judge(make_registry(make_claim()), {"pain": estimate})[0].limits == (
        "Groups were not allocated at random: an association is not an effect of the treatment.",
        "The outcome is self-reported and patients knew which treatment they had; that alone can make a difference "
        "such as this.",
        "The data are simulated: nothing here is evidence about patients.")


@pytest.mark.parametrize("low, high, digits", [
    (-7.0, -2.2, 1), (-2.9, -0.6, 1), (11, 33, 0), (0.8, 1.8, 1), (0.6, 0.93, 2), (-120, 300, 0), (1, 1, 2),
    (0.004, 1.8, 3),  # 0.0 would say that it touches no difference
    (-0.04, 1.8, 2),
])
def test_as_many_decimals_as_the_interval_deserves(low, high, digits):
    assert decimals(low, high) == digits


@given(st.floats(-50, 50), st.floats(0.01, 50), st.sampled_from([0.0, 1.0, -1.0]))
def test_a_printed_limit_never_lies_on_a_mark_it_does_not_lie_on(low, width, mark):
    for end in (low, low + width):
        printed = float(write(end, decimals(low, low + width, (mark,))))
        assert printed != mark or abs(end - mark) < 1e-6


@pytest.mark.parametrize("p, text", [
    (0.7, "p = 0.70"), (0.034, "p = 0.034"), (0.0499, "p = 0.0499"), (0.05, "p = 0.050"), (0.0501, "p = 0.0501"),
    (0.002, "p = 0.002"), (0.0002, "p = 0.0002"), (0.0001, "p = 0.0001"), (0.00009, "p < 0.0001"), (0, "p < 0.0001"),
    (1, "p = 1.00"), (0.9951, "p > 0.99"),
])
def test_p_keeps_to_its_side_of_alpha(p, text):
    assert p_text(p, 0.05) == text


@pytest.mark.parametrize("value, unit, text", [
    (1, "points", "1 point"), (2, "points", "2 points"), (0.5, "SD", "0.5 SD"), (1, "", "1"), (12.5, "mm", "12.5 mm"),
])
def test_amounts(value, unit, text):
    assert amount(value, unit) == text


def test_no_minus_before_a_zero():
    assert write(-0.04, 1) == "0.0"
