"""The method `responder`: shares, their difference, the number needed to treat."""

import json
from pathlib import Path

import jsonschema
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_studies import make_claim, make_dataset, make_patients, make_shares, make_study
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint, proportions_ztest

from mmresearch.estimate import dumps, from_json
from mmresearch.models import fit
from mmresearch.models.proportions import newcombe, number_needed, pearson, wald, wilson

COUNTS = [(56, 70, 48, 80), (9, 10, 3, 10), (10, 10, 0, 20), (87, 161, 45, 140), (0, 30, 5, 30)]


def responder(dataset, **analysis):
    return fit(make_claim(method="responder", threshold="absolute", **analysis), dataset)


def codes(estimate):
    return [trouble.code for trouble in estimate.troubles]


@pytest.mark.parametrize("counts", COUNTS)
def test_intervals_are_those_of_statsmodels(counts):
    """Oracle: statsmodels.stats.proportion, methods wald and newcomb; agreement to rounding."""
    first, second = counts[:2], counts[2:]
    assert wald(*counts).interval(0.95) == pytest.approx(
        confint_proportions_2indep(*first, *second, method="wald"), abs=1e-12
    )
    expected = confint_proportions_2indep(*first, *second, method="newcomb")
    assert newcombe(*counts, 0.95) == pytest.approx(expected, abs=1e-12)
    assert wilson(*first, 0.95) == pytest.approx(proportion_confint(*first, method="wilson"), abs=1e-12)


def test_newcombe_s_own_example():
    """Newcombe 1998, Stat Med 17:873, Table II, 56/70 against 48/80, method 10: 0.0524 to 0.3339, as printed."""
    assert newcombe(56, 70, 48, 80, 0.95) == pytest.approx((0.0524, 0.3339), abs=5e-5)


@pytest.mark.parametrize("counts", COUNTS)
def test_pearson_is_the_pooled_z_test(counts):
    """Oracle: statsmodels' pooled two-sample z test, whose square Pearson's statistic is."""
    expected = proportions_ztest(counts[::2], counts[1::2], prop_var=False)[1]
    assert pearson(*counts) == pytest.approx(expected, rel=1e-9)


def test_the_estimate_is_the_difference_of_shares():
    estimate = responder(make_shares(30, 20, 50, 60))
    assert estimate.point == pytest.approx(30 / 50 - 20 / 60)
    assert [(arm.events, arm.total) for arm in estimate.by_arm] == [(30, 50), (20, 60)]
    assert (estimate.direction, estimate.unit, estimate.measure) == ("higher", "proportion", "risk-difference")
    assert (estimate.margin, estimate.margin_source) == (0.10, "convention")
    assert estimate.p_value == pytest.approx(pearson(30, 50, 20, 60))
    assert "Wald interval, Pearson" in estimate.model


def test_a_claim_of_worsening_asks_for_fewer_responders():
    assert responder(make_shares(30, 20, 50, 60), direction="higher").direction == "lower"


def test_few_events_take_newcombe_and_fisher():
    estimate = responder(make_shares(4, 1, 12, 12))
    assert (estimate.low, estimate.high) == pytest.approx(confint_proportions_2indep(4, 12, 1, 12, method="newcomb"))
    assert estimate.p_value == pytest.approx(stats.fisher_exact([[4, 8], [1, 11]]).pvalue)
    assert codes(estimate) == ["few-events"]


def test_no_responder_at_all_is_not_certainty():
    """Wald's interval would be 0 to 0."""
    estimate = responder(make_shares(0, 0, 20, 20))
    assert estimate.low < -0.1 and estimate.high > 0.1
    assert estimate.standard_error > 0 and estimate.p_value == 1


def missing_study(**columns):
    """Forty patients an arm; the last ten of each have no outcome; ten and five of the others respond."""
    dataset = make_shares(10, 5, 40, 40)
    outcomes, patients = dataset.outcomes, dataset.patients
    lost = [name for arm in ("massage", "control") for name in patients.loc[patients["arm"] == arm, "patient"].tail(10)]
    kept = (outcomes["visit"] == "baseline") | ~outcomes["patient"].isin(lost)
    return make_dataset(patients=patients.assign(**columns), outcomes=outcomes[kept])


@pytest.mark.parametrize(
    "registered, counts",
    [
        ({}, (10, 40, 5, 40)),
        ({"missing": "non-responder"}, (10, 40, 5, 40)),
        ({"missing": "complete-case"}, (10, 30, 5, 30)),
    ],
)
def test_missing_counts_as_registered_and_the_other_way_stands_beside(registered, counts):
    estimate = responder(missing_study(), **registered)
    assert estimate.point == pytest.approx(counts[0] / counts[1] - counts[2] / counts[3])
    assert estimate.n == {"massage": counts[1], "control": counts[3]}
    assert estimate.n_randomised == {"massage": 40, "control": 40}
    other = (10, 30, 5, 30) if counts[1] == 40 else (10, 40, 5, 40)
    assert [each.point for each in estimate.robustness[:2]] == pytest.approx(
        [estimate.point, other[0] / other[1] - other[2] / other[3]]
    )


def three_changes(changes, start=6.0, instrument="NRS"):
    """Ten patients an arm, all of whom change by the same amount, one amount a block of five; others do not change."""
    patients = make_patients(20)
    later = [start + changes[number % len(changes)] for number in range(20)]
    rows = [
        pd.DataFrame(
            {
                "patient": patients["patient"],
                "visit": visit,
                "day": float(day),
                "instrument": instrument,
                "value": values,
                "session": pd.NA,
                "moment": pd.NA,
            }
        )
        for visit, day, values in (("baseline", 0, start), ("week 12", 84, later))
    ]
    return make_dataset(patients=patients, outcomes=pd.concat(rows, ignore_index=True))


@pytest.mark.parametrize("change, share", [(-2.0, 1.0), (-1.9, 0.0), (2.0, 0.0)])
def test_the_threshold_is_reached_at_it_and_on_the_better_side_only(change, share):
    """NRS: lower is better, two points (Farrar 2001)."""
    estimate = responder(three_changes([change]))
    assert [arm.events / arm.total for arm in estimate.by_arm] == [share, share]


@pytest.mark.parametrize(
    "value, start, change, share",
    [(30, 6.0, -1.8, 1.0), (30, 6.0, -1.7, 0.0), (35, 6.0, -2.1, 1.0), (35, 0.0, -1.0, 0.0), (35, 0.0, 0.0, 0.0)],
)
def test_a_percentage_is_of_the_patients_own_baseline(value, start, change, share):
    """A baseline of 0 has no percentage: such patients cannot be responders, and the page says how many."""
    claim = make_claim(method="responder", threshold="percent", threshold_value=value)
    estimate = fit(claim, three_changes([change], start))
    assert [arm.events / arm.total for arm in estimate.by_arm] == [share, share]
    assert any("baseline of 0" in line for line in estimate.assumptions) == (start == 0)


def test_the_instruments_own_rule_holds_where_the_claim_names_none():
    estimate = fit(make_claim(method="responder"), make_shares(30, 20, 50, 60))
    assert any("at least 2 points" in line for line in estimate.assumptions)


def test_shares_of_patients_who_share_therapists_are_clustered():
    """Therapists whose patients all respond, or none: the interval must be wider than without clusters."""
    names = [f"t{number // 5}" for number in range(50)] + [None] * 60
    dataset = make_shares(30, 20, 50, 60)
    patients = dataset.patients.assign(therapist=pd.Series(names, dtype="object"))
    clustered = responder(make_dataset(patients=patients, outcomes=dataset.outcomes))
    plain = responder(dataset)
    assert clustered.point == pytest.approx(plain.point)
    assert clustered.standard_error > plain.standard_error
    assert clustered.clustered and clustered.df < 30


def test_a_cohort_s_shares_are_unadjusted_and_say_so():
    dataset = make_shares(30, 20, 50, 60)
    estimate = responder(make_dataset(make_study(design="cohort"), dataset.patients, dataset.outcomes))
    assert "unadjusted" in codes(estimate)


@pytest.mark.parametrize(
    "difference, says",
    [
        ((0.166, 0.009, 0.322), "6.0 (3.1 to 111.1) patients for one more responder"),  # Barrowman, CMAJ 2002;166:1676
        (
            (0.10, -0.05, 0.25),
            "NNTB 10.0 (NNTH 20.0 to infinity to NNTB 4.0)",
        ),  # Newcombe's reply to Altman, BMJ 1998;317:1309
        ((-0.2, -0.4, -0.1), "to harm: 5.0 (2.5 to 10.0) patients for one fewer responder"),
        ((0.0, -0.1, 0.1), "No difference"),
    ],
)
def test_number_needed_to_treat_in_words(difference, says):
    assert says in number_needed(*difference).sentence


@pytest.mark.parametrize(
    "difference, expected",
    [((0.2, 0.1, 0.4), (5, 2.5, 10)), ((0.1, -0.05, 0.25), (10, None, None)), ((0.0, -0.1, 0.1), (None, None, None))],
)
def test_an_interval_through_infinity_is_left_open(difference, expected):
    derived = number_needed(*difference)
    assert (derived.point, derived.low, derived.high) == pytest.approx(expected)


@pytest.mark.parametrize(
    "difference, side",
    [((0.1, -0.05, 0.25), "-to-benefit"), ((-0.1, -0.25, 0.05), "-to-harm"), ((0.0, -0.1, 0.1), ""),
     ((0.2, 0.1, 0.4), "-to-benefit"), ((-0.2, -0.4, -0.1), "-to-harm")],
)
def test_the_record_itself_says_benefit_or_harm(difference, side):
    assert number_needed(*difference).name == "number-needed-to-treat" + side


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 20), st.integers(0, 20))
def test_swapping_the_arms_flips_the_difference(events, others):
    one, other = responder(make_shares(events, others, 20, 20)), responder(make_shares(others, events, 20, 20))
    assert (one.point, one.low, one.high) == pytest.approx((-other.point, -other.high, -other.low), abs=1e-12)
    assert one.p_value == pytest.approx(other.p_value)


def test_non_inferiority_of_shares_stands_against_the_convention():
    estimate = responder(make_shares(30, 30, 60, 60), hypothesis="non-inferiority")
    z = (0 + 0.10) / wald(30, 60, 30, 60).standard_error
    assert (estimate.null, estimate.p_value) == (-0.10, pytest.approx(stats.norm.sf(z)))


def test_estimates_meet_the_published_schema():
    path = Path(__file__).parents[1] / "docs" / "schema" / "estimate.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    for estimate in (responder(make_shares(30, 20, 50, 60)), fit(make_claim(model="mmrm"), make_dataset())):
        record = json.loads(dumps(estimate.to_json()))
        jsonschema.validate(record, schema)
        assert from_json(record).to_json() == record
