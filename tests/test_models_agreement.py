"""The method `agreement`: kappa, AC1, the intraclass correlation, and how a study says who rated."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from model_studies import ARMS, make_claim, make_dataset, make_patients, make_study
from scipy import stats
from studies import write_study

from mmresearch.estimate import Lack
from mmresearch.models import fit
from mmresearch.models.intraclass import intraclass
from mmresearch.models.kappa import ac1, kappa
from mmresearch.study import read_study
from mmresearch.study.dataset import OUTCOMES
from mmresearch.verdict.findings import finding

REFERENCE = json.loads((Path(__file__).parent / "reference" / "agreement" / "output.json").read_text())
AGREEMENT = {
    "method": "agreement",
    "measure": "kappa",
    "comparators": [],
    "hypothesis": "above",
    "null": 0.6,
    "instruments": ["TRP-CAUSE"],
    "direction": "higher",
    "windows": [[0, 14]],
    "designs": ["randomised", "cohort", "single-arm"],
}


@pytest.mark.parametrize("case", REFERENCE["tables"], ids=lambda case: case["name"])
def test_kappa_is_that_of_psych_and_vcd(case):
    """R psych 2.2.9 cohen.kappa and vcd 1.4-11 Kappa, script tests/reference/agreement/script.R; 1e-6 of the value."""
    table = np.array(case["table"], float)
    plain, weighted = kappa(table), kappa(table, weighted=True)
    assert plain.point == pytest.approx(case["kappa"], rel=1e-6)
    assert plain.standard_error == pytest.approx(case["se"], rel=1e-6)
    assert weighted.point == pytest.approx(case["weighted"], rel=1e-6)
    assert weighted.standard_error == pytest.approx(case["weighted_se"], rel=1e-6)


@pytest.mark.parametrize("case", REFERENCE["ac1"], ids=lambda case: case["name"])
def test_ac1_is_that_of_irrcac(case):
    """Python irrCAC 0.4.4 (Gwet's own formulas), from raw ratings; script tests/reference/agreement/ac1.py; five
    digits.
    """
    found = ac1(np.array(case["table"], float))
    assert found.point == pytest.approx(case["ac1"], abs=1e-5)
    assert found.standard_error == pytest.approx(case["se"], abs=1e-5)


@pytest.mark.parametrize("case", REFERENCE["icc"], ids=lambda case: case["name"])
def test_the_intraclass_correlation_is_that_of_psych(case):
    """R psych 2.2.9 ICC(lmer = FALSE), types ICC2 and ICC1; 1e-6 of the value."""
    for same, word in ((True, "ICC2"), (False, "ICC1")):
        found = intraclass(case["first"], case["second"], same)
        assert (found.point, *found.interval(0.95)) == pytest.approx(case[word], rel=1e-6)
        assert found.above(0.0) == pytest.approx(case[f"{word}_p"], rel=1e-3)


def test_the_intraclass_correlation_is_that_of_pingouin():
    """pingouin's coefficient to rounding, its interval to the two decimals it keeps."""
    import pingouin

    dice = np.random.default_rng(1)
    true = dice.normal(0, 2, 30)
    first, second = true + dice.normal(0, 1, 30), true + 0.5 + dice.normal(0, 1, 30)
    long = pd.DataFrame(
        {"patient": [*range(30), *range(30)], "rater": ["a"] * 30 + ["b"] * 30, "value": [*first, *second]}
    )
    table = pingouin.intraclass_corr(long, targets="patient", raters="rater", ratings="value").set_index("Type")
    for same, word in ((True, "ICC(A,1)"), (False, "ICC(1,1)")):
        found = intraclass(first, second, same)
        assert found.point == pytest.approx(table.loc[word, "ICC"], rel=1e-9)
        assert found.interval(0.95) == pytest.approx(table.loc[word, "CI95"], abs=0.0051)


def test_a_test_of_the_intraclass_correlation_ends_where_its_interval_ends():
    """One-way the two are one formula; two-way the degrees of freedom are taken at the value tested, so nearly."""
    dice = np.random.default_rng(2)
    true = dice.normal(0, 2, 40)
    first, second = true + dice.normal(0, 1, 40), true + dice.normal(0, 1, 40)
    for same, near in ((False, 1e-9), (True, 0.004)):
        found = intraclass(first, second, same)
        low, high = found.interval(0.95)
        assert (found.above(low), found.below(high)) == pytest.approx((0.025, 0.025), abs=near)


def test_raters_who_agree_on_everyone_are_not_certain():
    low, high = kappa(np.diag([20.0, 20.0])).interval(0.95)
    assert high == 1.0 and 0.5 < low < 0.9


def rated(pairs, raters=("A", "B"), instrument="TRP-CAUSE", visit="baseline"):
    """A Dataset in which each patient has two ratings; raters: one pair for all, or one a patient."""
    patients = make_patients(len(pairs))
    who = [raters] * len(pairs) if isinstance(raters[0], str) else raters
    rows = [
        {"patient": name, "visit": visit, "day": 0.0, "instrument": instrument, "value": float(value), "rater": rater}
        for name, two, raters in zip(patients["patient"], pairs, who, strict=True)
        for value, rater in zip(two, raters, strict=True)
    ]
    outcomes = pd.DataFrame(rows).reindex(columns=list(OUTCOMES))
    return make_dataset(patients=patients, outcomes=outcomes)


TABLE = [(1, 1)] * 15 + [(1, 0)] * 5 + [(0, 1)] * 10 + [(0, 0)] * 20


def test_the_estimate_is_of_raters_and_not_of_an_arm():
    claim = make_claim(**AGREEMENT)
    estimate = fit(claim, rated(TABLE))
    assert estimate.point == pytest.approx(0.4)  # psych::cohen.kappa of the same table, tests/reference/agreement
    assert (estimate.arm, estimate.reference, estimate.n) == (None, None, {"massage": 25, "control": 25})
    assert estimate.low < 0.4 < estimate.high and estimate.troubles == ()
    assert [each.name for each in estimate.derived] == ["observed-agreement", "gwet-ac1"]
    assert "was 0.40 (95% CI 0.11 to 0.61)" in finding(claim, estimate)


def test_those_whom_two_raters_did_not_judge_are_counted():
    dataset = rated(TABLE)
    whole = replace(dataset, allocated={"massage": 30, "control": 25})
    told = [line for line in fit(make_claim(**AGREEMENT), whole).assumptions if line.startswith("Analysed")]
    assert told == ["Analysed: 25 of 30 in Medical massage and 25 of 25 in Usual care; the others have no visit within "
                    "the claim's days that two raters judged."]
    assert not any(line.startswith("Analysed") for line in fit(make_claim(**AGREEMENT), dataset).assumptions)


def test_raters_who_shared_the_patients_are_interchangeable():
    """Scott's pi of the same table: chance agreement from the shared margins (35 + 45 of 100)."""
    names = [("A", "B"), ("B", "C")] * 25
    estimate = fit(make_claim(**AGREEMENT), rated(TABLE, names))
    chance = (45**2 + 55**2) / 100**2
    assert estimate.point == pytest.approx((0.7 - chance) / (1 - chance))
    assert [each.code for each in estimate.troubles] == ["raters-vary"]


def test_all_ratings_the_same_say_nothing():
    estimate = fit(make_claim(**AGREEMENT), rated([(1, 1)] * 30))
    assert estimate.point is None or estimate.high - estimate.low > 0.1


def test_numbers_are_judged_by_the_intraclass_correlation():
    dice = np.random.default_rng(3)
    true = dice.integers(2, 9, 40)
    pairs = [(value, min(10, value + dice.integers(0, 2))) for value in true]
    claim = make_claim(**AGREEMENT | {"measure": "icc", "instruments": ["NRS"]})
    estimate = fit(claim, rated(pairs, instrument="NRS"))
    assert 0.8 < estimate.point < 1 and "ICC(A,1)" in estimate.model
    assert estimate.derived[0].name == "limits-of-agreement"


def test_one_rater_is_not_two():
    dataset = rated(TABLE)
    one = dataset.outcomes[dataset.outcomes["rater"] == "A"]
    lack = fit(make_claim(**AGREEMENT), make_dataset(patients=dataset.patients, outcomes=one))
    assert isinstance(lack, Lack) and lack.code == "no-instrument" and "by two raters" in lack.sentence


FILE = {
    "path": "raters.csv",
    "columns": {
        "id": {"means": "patient"},
        "a": {"means": "outcome", "instrument": "TRP-CAUSE", "visit": "baseline", "rater": "A"},
        "b": {"means": "outcome", "instrument": "TRP-CAUSE", "visit": "baseline", "rater": "B"},
    },
}
LONG = {
    "path": "raters.csv",
    "columns": {
        "id": {"means": "patient"},
        "visit": {"means": "visit", "values": {"0": "baseline"}},
        "who": {"means": "rater"},
        "cause": {"means": "outcome", "instrument": "TRP-CAUSE"},
    },
}


@pytest.mark.parametrize("shape", ["wide", "long"])
def test_a_study_says_who_rated(tmp_path, shape):
    people = [f"{number:03d}" for number in range(1, 25)]
    wide = [{"id": name, "a": int(name) % 2, "b": int(int(name) % 3 > 0)} for name in people]
    long = [{"id": row["id"], "visit": 0, "who": who.upper(), "cause": row[who]} for row in wide for who in ("b", "a")]
    table, file = (wide, FILE) if shape == "wide" else (long, LONG)
    dataset = read_study(write_study(tmp_path, {"raters.csv": table}, files={"raters": file}))
    rows = dataset.outcomes[dataset.outcomes["instrument"] == "TRP-CAUSE"]
    assert rows["rater"].value_counts().to_dict() == {"A": 24, "B": 24}
    assert len(dataset.measured("TRP-CAUSE")) == 24, "other analyses take the first rater"
    first = dataset.measured("TRP-CAUSE").set_index("patient")["value"]
    assert [first[row["id"]] for row in wide] == [row["a"] for row in wide]
    asked = make_claim(**AGREEMENT)
    assert fit(asked, dataset).n == {"massage": 12, "control": 12}


def coverage(patients, share, truth, draws, seed):
    """Share of intervals that hold a true kappa, of two raters with the same margins."""
    dice = np.random.default_rng(seed)
    agree = truth * share * (1 - share)
    chances = [
        (1 - share) ** 2 + agree,
        share * (1 - share) * (1 - truth),
        share * (1 - share) * (1 - truth),
        share**2 + agree,
    ]
    tables = dice.multinomial(patients, chances, draws).reshape(-1, 2, 2).astype(float)
    known = [table for table in tables if table.max() < patients]  # all ratings the same: no estimate
    ends = [kappa(table).interval(0.95) for table in known]
    return float(np.mean([low <= truth <= high for low, high in ends]))


def test_the_interval_of_kappa_covers_the_truth():
    assert stats.binom.cdf(round(300 * coverage(40, 0.5, 0.6, 300, 4)), 300, 0.95) > 0.001


@pytest.mark.slow
@pytest.mark.parametrize("patients", [20, 40, 100])
@pytest.mark.parametrize("share, truth", [(0.5, 0.3), (0.5, 0.8), (0.25, 0.6), (0.25, 0.8)])
def test_the_interval_of_kappa_covers_the_truth_in_small_samples_and_rare_findings(patients, share, truth):
    """Between 92.5% and 98.5%: 2000 draws leave an error of 1 percentage point either side."""
    assert 0.925 <= coverage(patients, share, truth, 2000, 5) <= 0.985


def test_a_single_arm_study_can_answer():
    dataset = rated(TABLE)
    alone = dataset.patients.assign(arm="massage")
    study = make_study(design="single-arm", arms={"massage": ARMS["massage"]})
    assert fit(make_claim(**AGREEMENT), make_dataset(study, alone, dataset.outcomes)).n == {"massage": 50}
