"""What a share of responders can bear: imputed shares against R, the tipping point counted by hand, the set."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from model_studies import make_claim, make_dataset, make_patients, make_shares, make_study, make_values

from mmresearch.models import fit
from mmresearch.models.imputation import complete
from mmresearch.models.proportions import newcombe
from mmresearch.models.responder import fit as fit_responder
from mmresearch.models.robustness import registered_alone
from mmresearch.models.shares_beside import _shares

HERE = Path(__file__).parent / "reference" / "imputation"
R = json.loads((HERE / "output.json").read_text(encoding="utf-8"))  # of script.R beside it
TRIAL = pd.read_csv(HERE / "trial.csv")
RESPONDER = make_claim(method="responder")


def lost_from(dataset, arm, many):
    """The last `many` patients of an arm have no outcome after baseline."""
    patients = dataset.patients
    lost = patients.loc[patients["arm"] == arm, "patient"].tail(many)
    outcomes = dataset.outcomes
    kept = (outcomes["visit"] == "baseline") | ~outcomes["patient"].isin(lost)
    return make_dataset(dataset.study, patients, outcomes[kept])


def names(estimate):
    return [each.analysis for each in estimate.robustness]


@pytest.mark.parametrize("name, jump", [("share", False), ("share_jump", True)])
def test_imputed_shares_agree_with_r(name, jump):
    """jomo's 400 completed sets, lm of the response on arm, sandwich's HC2, mitml's pooling; 6% of an error, 4%."""
    columns = np.column_stack([np.ones(len(TRIAL)), TRIAL[["treated", "baseline", "age"]]])
    values, arm = TRIAL[["y1", "y2", "y3"]].to_numpy(), np.array([False, True, False, False])
    completed = complete(columns, values, 2, arm, draws=2000)
    treated = TRIAL["treated"].to_numpy(float)
    outcomes = completed.outcomes - jump * completed.effects * completed.left * treated
    people = pd.DataFrame({"treated": treated, "therapist": pd.NA})
    responded = (TRIAL["baseline"].to_numpy() - outcomes >= 2).astype(float)
    point, low, high = _shares(people, responded, 0.95)
    assert point == pytest.approx(R[name]["point"], abs=0.06 * R[name]["error"])
    assert (high - low) / 2 / 1.99 == pytest.approx(R[name]["error"], rel=0.04)  # t with about 60 degrees of freedom


def test_the_set_stands_in_its_order():
    patients = make_patients(120)
    dataset = make_dataset(make_study(), patients, make_values(patients, loss=0.25, effect=-2.0))
    starts = ["without covariates", "complete cases", "multiple imputation", "jump to reference"]
    found = names(fit(RESPONDER, dataset))
    assert [next(start for start in starts if name.startswith(start)) for name in found] == starts


def test_with_everyone_observed_there_is_little_to_assume():
    assert names(fit(RESPONDER, make_shares(30, 10, 50, 50))) == ["without covariates, Newcombe interval"]


def test_the_tipping_point_counts_missing_patients_of_the_other_arm():
    """30 of 50 against 10 of 50, 20 of the latter missing: Newcombe's interval, one more responder at a time."""
    estimate = fit(RESPONDER, lost_from(make_shares(30, 10, 50, 50), "control", 20))
    tipping = next(each for each in estimate.derived if each.name == "tipping-point")
    expected = next(more for more in range(21) if newcombe(30, 50, 10 + more, 50, 0.95)[0] <= 0)
    assert 0 < expected < 20
    assert tipping.point == pytest.approx(expected / 20)
    who = f"{expected} of the 20 patients missing in usual care"
    said = f"The interval would reach zero if {who} had reached the threshold."
    assert tipping.sentence == said


def test_an_answer_that_no_missing_patient_can_change_says_so():
    estimate = fit(RESPONDER, lost_from(make_shares(40, 5, 50, 50), "control", 5))
    tipping = next(each for each in estimate.derived if each.name == "tipping-point")
    assert tipping.point == 1.0
    assert "would exclude zero even if every patient missing in usual care" in tipping.sentence


def test_where_the_arm_did_worse_its_own_missing_patients_count():
    estimate = fit(RESPONDER, lost_from(make_shares(10, 30, 50, 50), "massage", 20))
    tipping = next(each for each in estimate.derived if each.name == "tipping-point")
    assert "missing in medical massage" in tipping.sentence


@pytest.mark.parametrize("dataset, claim", [
    (make_shares(12, 10, 50, 50), RESPONDER),
    (lost_from(make_shares(30, 10, 50, 50), "control", 20), make_claim(method="responder", missing="complete-case")),
])
def test_no_tipping_point_where_the_interval_is_open_or_missing_does_not_count(dataset, claim):
    assert not [each for each in fit(claim, dataset).derived if each.name == "tipping-point"]


def test_simulations_may_ask_for_the_registered_share_alone():
    with registered_alone():
        estimate = fit_responder(RESPONDER, make_shares(30, 10, 50, 50))
    assert estimate.robustness == ()
