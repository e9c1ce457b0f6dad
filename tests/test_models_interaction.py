"""Interactions within the mixed model, and outcomes that must each show it: the method `change`, further."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from model_studies import make_claim, make_dataset, make_patients, make_study, make_values

from mmresearch.claims.registry import Registry
from mmresearch.estimate import Lack, dumps, from_json
from mmresearch.models import ask, fit
from mmresearch.verdict import judge

FOLDER = Path(__file__).parent / "reference" / "interaction"
R = json.loads((FOLDER / "output.json").read_text())
TABLE = pd.read_csv(FOLDER / "visits.csv")
DAYS = {0: ("baseline", 0), 1: ("week 2", 14), 2: ("week 6", 42), 3: ("week 12", 84)}
SEX, AGE = {"modifier": "sex"}, {"modifier": "age", "measure": "slope"}


def r_study(**changes):
    """The patients of visits.csv, as a study."""
    people = TABLE.drop_duplicates("id").set_index("id")
    patients = make_patients(
        len(people), arm=np.where(people["treated"] == 1, "massage", "control"), age=people["age"].to_numpy(float),
        sex=np.where(people["female"] == 1, "male", "female"))  # the later word of two is the one that counts 1
    known = dict(zip(people.index, patients["patient"], strict=True))
    start = TABLE.drop_duplicates("id").assign(visit=0, y=lambda table: table["baseline"])
    long = pd.concat([TABLE[["id", "visit", "y"]], start])
    visits = [DAYS[number] for number in long["visit"]]
    rows = pd.DataFrame({"patient": long["id"].map(known), "visit": [name for name, _ in visits],
                         "day": [float(day) for _, day in visits], "instrument": "NRS", "value": long["y"],
                         "session": np.nan, "moment": pd.NA})
    planned = [{"name": name, "day": day} for name, day in DAYS.values()]
    study = make_study(visits=planned, covariates=["age"], **changes)
    return make_dataset(study, patients, rows[["patient", "visit", "day", "instrument", "value", "session", "moment"]])


@pytest.mark.parametrize("modifier, name", [(SEX, "female"), (AGE, "age")])
def test_an_interaction_is_the_coefficient_of_gls(modifier, name):
    """R: nlme::gls, corSymm, varIdent, REML, whose optimiser stops within 1e-4; its error has no Kenward-Roger part."""
    estimate = fit(make_claim(model="mmrm", **modifier), r_study())
    assert estimate.point == pytest.approx(R[name]["point"], abs=1e-4 * R[name]["error"] + 1e-5)
    assert estimate.standard_error == pytest.approx(R[name]["error"], rel=0.03)
    assert estimate.standard_error >= R[name]["error"] * 0.999
    assert 40 < estimate.df < 90 and estimate.margin is None
    assert "with arm by" in estimate.model and estimate.troubles == ()


def test_with_nobody_missing_it_is_that_of_the_analysis_of_covariance():
    """All terms by visit and everyone seen: the mixed model is least squares at each visit. Agreement to its solver."""
    dataset = make_dataset()
    for modifier in ({"modifier": "baseline", "measure": "slope"}, {"modifier": "age", "modifier_at_least": 50}):
        one, other = (fit(make_claim(model=model, **modifier), dataset) for model in ("mmrm", "ancova"))
        numbers = [(each.point, each.standard_error, each.df, each.p_value) for each in (one, other)]
        assert numbers[0] == pytest.approx(numbers[1], rel=1e-5)


def test_patients_without_the_modifier_are_left_out_of_the_mixed_model_too():
    age = make_patients()["age"].mask(lambda column: column.index < 4)
    estimate = fit(make_claim(model="mmrm", **AGE), make_dataset(patients=make_patients(age=age)))
    assert sum(estimate.n.values()) == 76
    assert "4 patients without a recorded age left out." in estimate.assumptions


def test_interactions_among_therapists_patients():
    patients = make_patients(therapist=[f"t{number // 2 % 5}" if number % 2 == 0 else None for number in range(80)])
    dataset = make_dataset(patients=patients, outcomes=make_values(patients, loss=0.1))
    estimate = fit(make_claim(model="mmrm", **AGE), dataset)
    assert estimate.clustered and "random effect of therapist" in estimate.model and estimate.point is not None


def test_a_modifier_that_is_the_arm_says_nothing():
    patients = make_patients().assign(sex=lambda table: np.where(table["arm"] == "massage", "male", "female"))
    estimate = fit(make_claim(model="mmrm", **SEX), make_dataset(patients=patients))
    assert estimate.point is None and estimate.serious[0].code == "not-estimable"


def verdict_on(claim, estimate):
    return judge(Registry("study", {claim.id: claim}), {claim.id: estimate})[0]


def both(effect=-1.0, other=-1.0, **study):
    """NRS and GAD7 of the same patients, with an effect of massage on each."""
    patients = make_patients()
    values = [make_values(patients, effect=effect), make_values(patients, seed=5, effect=other, instrument="GAD7")]
    return make_dataset(make_study(**study), patients, pd.concat(values, ignore_index=True))


def alone(claim, dataset, name):
    return fit(make_claim(**claim | {"instruments": [name]}), dataset)


ALSO = {"also": ["GAD7"], "model": "mmrm"}
ONE = {"model": "mmrm"}


def test_the_larger_p_decides_and_the_first_outcome_is_the_estimate():
    dataset = both(-1.0, -0.5)
    estimate, first, second = fit(make_claim(**ALSO), dataset), *(alone(ONE, dataset, name) for name in ("NRS", "GAD7"))
    assert (estimate.point, estimate.low, estimate.high) == (first.point, first.low, first.high)
    assert estimate.p_value == max(first.p_value, second.p_value) > min(first.p_value, second.p_value)
    beside = estimate.derived[0]
    assert (beside.name, beside.point, beside.low, beside.high) == ("also-GAD7", second.point, second.low, second.high)
    assert "NRS and GAD7 must each show it" in " ".join(estimate.assumptions)
    assert from_json(estimate.to_json()).to_json() == estimate.to_json() and dumps(estimate.to_json())


def test_one_outcome_that_goes_the_other_way_is_no_support():
    dataset = both(-1.0, +1.0, margins={"NRS": {"value": 0.2, "reason": "small enough for the test"}})
    estimate = fit(make_claim(**ALSO), dataset)
    assert alone(ONE, dataset, "GAD7").p_value < 0.05 and estimate.p_value > 0.99
    assert [each.code for each in estimate.troubles] == ["co-primary-not-shown"]
    verdict = verdict_on(make_claim(**ALSO), estimate)
    assert verdict.verdict == "inconclusive" and estimate.high < 0


def test_both_outcomes_support_it():
    estimate = fit(make_claim(**ALSO), both(-1.5, -1.5))
    assert verdict_on(make_claim(**ALSO), estimate).verdict.startswith("supported")
    assert estimate.troubles == ()


def test_the_first_outcome_s_opposite_refutes():
    estimate = fit(make_claim(**ALSO), both(+1.5, -1.0))
    assert estimate.p_value < 0.001
    assert verdict_on(make_claim(**ALSO), estimate).verdict == "refuted"


def test_non_inferiority_of_both_takes_the_larger_p():
    margins = {name: {"value": 1.0, "reason": "set for the test"} for name in ("NRS", "GAD7")}
    dataset, registered = both(0.0, 0.2, margins=margins), {"hypothesis": "non-inferiority", "model": "mmrm"}
    ends = [alone(registered, dataset, name).p_value for name in ("NRS", "GAD7")]
    assert fit(make_claim(**registered, also=["GAD7"]), dataset).p_value == max(ends)


def test_a_study_without_the_other_outcome_lacks_it():
    lack = ask(make_claim(also=["PSQI"]), both())
    assert isinstance(lack, Lack) and lack.code == "no-instrument" and "Pittsburgh" in lack.sentence


def test_both_are_false_no_more_often_than_one():
    """Under no effect of either, p is below 0.05 in at most 5% (0.25% where they are independent): of 60 draws, 3."""
    low = 0
    for seed in range(60):
        patients = make_patients(seed=seed)
        values = [make_values(patients, seed=seed, effect=0.0),
                  make_values(patients, seed=seed + 500, effect=0.0, instrument="GAD7")]
        estimate = fit(make_claim(also=["GAD7"]), make_dataset(None, patients, pd.concat(values, ignore_index=True)))
        low += estimate.p_value < 0.05
    assert low <= 3
