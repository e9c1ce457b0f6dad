"""Rescue medication: whoever took it counts as the claim registers, and the other way stands beside it."""

import pandas as pd
import pytest
from model_studies import DAYS, make_claim, make_dataset, make_patients, make_study, make_values

from mmresearch.estimate import Lack
from mmresearch.models import ask, fit
from mmresearch.models.least_squares import ancova
from mmresearch.models.rescue import taken
from mmresearch.models.table import gather

RESCUED = ("p000", "p003", "p004")  # from week 6 on; p000 and p004 in the massage arm


def trial(doses=True):
    patients = make_patients(80)
    values = make_values(patients)
    taken_at = {"baseline": 10.0, "week 6": 10.0, "week 12": 11.5}  # rises of 15% are ordinary variation
    rows = [(patient, visit, float(DAYS[visit]), "MME", 30.0 if visit == "week 6" and patient in RESCUED else dose)
            for patient in patients["patient"] for visit, dose in taken_at.items() if visit in DAYS]
    medicines = pd.DataFrame(rows, columns=["patient", "visit", "day", "instrument", "value"])
    medicines = medicines.reindex(columns=values.columns)
    return make_dataset(make_study(), patients, pd.concat([values, medicines] if doses else [values]))


def line(estimate, start="rescue medication"):
    return next(each for each in estimate.robustness if each.analysis.startswith(start))


def ends(each):
    return each.point, each.low, each.high


def test_rescue_holds_from_the_first_higher_dose_on_and_small_rises_are_none():
    dataset = trial()
    found = taken(ask(make_claim(), dataset), dataset)
    assert sorted(found.index[found["week 12"]]) == sorted(found.index[found["week 6"]]) == sorted(RESCUED)
    assert not found["baseline"].any()


def test_the_other_choice_is_the_registered_model_without_outcomes_after_rescue():
    dataset = trial()
    question = ask(make_claim(), dataset)
    rows = gather(question, dataset)
    alone = ancova(question, rows.kept(~rows.people.index.isin(RESCUED)), dataset.study)
    beside = line(fit(make_claim(), dataset))
    assert beside.analysis == "rescue medication: outcomes after it set aside (3 patients; hypothetical)"
    assert ends(beside) == pytest.approx((alone.contrast.point, *alone.contrast.interval(0.95)), rel=1e-12)


def test_a_claim_that_sets_rescue_aside_shows_treatment_policy_beside_it():
    dataset = trial()
    policy = fit(make_claim(), dataset)
    apart = fit(make_claim(intercurrent="hypothetical"), dataset)
    assert (apart.point, apart.low, apart.high) == pytest.approx(ends(line(policy)), rel=1e-12)
    assert ends(line(apart)) == pytest.approx((policy.point, policy.low, policy.high), rel=1e-12)
    assert any("set aside (hypothetical)" in each for each in apart.assumptions)
    assert apart.estimand != policy.estimand
    assert sum(policy.n.values()) - sum(apart.n.values()) == len(RESCUED)


def test_in_shares_rescue_counts_as_not_responding():
    dataset = trial()
    kinds = {each: fit(make_claim(method="responder", intercurrent=each), dataset)
             for each in ("treatment-policy", "composite")}
    events = {each: {arm.arm: arm.events for arm in found.by_arm} for each, found in kinds.items()}
    assert line(kinds["treatment-policy"]).analysis.startswith(
        "rescue medication: counted as not responding (3 patients; composite)")
    fewer = sum(events["treatment-policy"].values()) - sum(events["composite"].values())
    assert 0 < fewer <= len(RESCUED)
    assert line(kinds["composite"]).analysis.startswith("rescue medication: outcomes after it kept")


def test_without_recorded_doses_there_is_no_second_analysis_and_no_answer_to_a_claim_that_needs_one():
    dataset = trial(doses=False)
    assert not [each for each in fit(make_claim(), dataset).robustness if each.analysis.startswith("rescue")]
    lack = fit(make_claim(intercurrent="hypothetical"), dataset)
    assert isinstance(lack, Lack) and lack.code == "no-instrument"
    assert "does not record the medicines" in lack.sentence


def test_what_a_method_cannot_do_with_intercurrent_events_is_said():
    lack = fit(make_claim(intercurrent="composite"), trial())
    assert isinstance(lack, Lack) and lack.code == "method-not-built"
