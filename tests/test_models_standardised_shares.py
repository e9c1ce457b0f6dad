"""The method `responder`: standardised shares against R (tests/reference/responder), and when they are not."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from model_studies import make_claim, make_dataset, make_patients, make_study
from scipy import special

from mmresearch.estimate import Lack
from mmresearch.models import ask, fit

FOLDER = Path(__file__).parent / "reference" / "responder"
R = json.loads((FOLDER / "output.json").read_text())
TABLE = pd.read_csv(FOLDER / "reached.csv")
CLAIM = make_claim(method="responder", threshold="absolute")


def reached_study(table, study=None, **columns):
    """A Dataset in which exactly the patients with `reached` fall by two points of the NRS."""
    arms = np.where(table["treated"] == 1, "massage", "control")
    patients = make_patients(len(table), **{"arm": arms, "age": table["age"]} | columns)
    rows = [
        pd.DataFrame({"patient": patients["patient"], "visit": visit, "day": float(day), "instrument": "NRS",
                      "value": (table["before"] - step * table["reached"]).astype(float), "session": pd.NA,
                      "moment": pd.NA})
        for visit, day, step in (("baseline", 0, 0), ("week 12", 84, 2))
    ]
    return make_dataset(study or make_study(covariates=["age"]), patients, pd.concat(rows, ignore_index=True))


def names():
    return [f"t{number}" if number < 100 else None for number in TABLE["therapist"]]


def codes(estimate):
    return [trouble.code for trouble in estimate.troubles]


def test_standardised_shares():
    """R: glm(binomial), delta method, vcovCR CR2 a patient a cluster (HC2), Satterthwaite; both iterate to 1e-10."""
    estimate = fit(CLAIM, reached_study(TABLE))
    assert estimate.point == pytest.approx(R["difference"], rel=1e-7)
    assert estimate.standard_error == pytest.approx(R["single"]["difference"], rel=1e-7)
    assert R["single"]["difference"] == pytest.approx(R["hc2"]["difference"], rel=1e-9)
    assert estimate.df == pytest.approx(R["df_single"], rel=1e-6)
    assert "standardised shares (logistic regression), adjusted for baseline and age" in estimate.model
    ratio = next(each for each in estimate.derived if each.name == "risk-ratio")
    assert ratio.point == pytest.approx(R["ratio"], rel=1e-7)
    times = np.log(ratio.high / ratio.low) / 2 / R["single"]["ratio"]
    assert times == pytest.approx(1.98, abs=0.005)  # t of 110 to 140 df
    assert "standardised shares of 57% against 35%" in ratio.sentence


def test_standardised_shares_by_therapist():
    """R: vcovCR CR2, therapists as clusters. For a glm it takes another root, as unbiased: 2e-4 apart.

    Degrees of freedom are Imbens and Kolesar's, not clubSandwich's.
    """
    estimate = fit(CLAIM, reached_study(TABLE, therapist=names()))
    assert estimate.point == pytest.approx(R["difference"], rel=1e-7)
    assert estimate.standard_error == pytest.approx(R["therapist"]["difference"], rel=5e-4)
    assert estimate.clustered and 5 < estimate.df < 40


def test_shares_as_they_are_where_the_claim_says_so():
    plain = make_claim(method="responder", threshold="absolute", adjusted=False)
    estimate = fit(plain, reached_study(TABLE))
    means = TABLE.groupby("treated")["reached"].mean()
    assert estimate.point == pytest.approx(means[1] - means[0])
    assert "Wald interval, Pearson chi-squared p, unadjusted" in estimate.model and codes(estimate) == []
    assert "; unadjusted; " in estimate.estimand and "unadjusted" not in fit(CLAIM, reached_study(TABLE)).estimand
    assert estimate.derived[1].name == "risk-ratio" and estimate.derived[1].point == pytest.approx(means[1] / means[0])


def test_only_responder_claims_may_be_unadjusted():
    with pytest.raises(ValueError, match="adjusted = false belongs to the method responder"):
        make_claim(adjusted=False)


def test_too_few_responders_for_the_covariates():
    """The rule as registered: two patients with the rarer outcome for each of intercept, arm, baseline and age."""
    for rarer, carried in ((11, True), (10, True), (7, False)):
        table = TABLE.iloc[:60].assign(reached=0)
        table.loc[table.index[:rarer], "reached"] = 1
        estimate = fit(CLAIM, reached_study(table.assign(before=TABLE["before"][:60] + 0.01 * TABLE.index[:60])))
        assert ("adjustment-left-out" in codes(estimate)) is not carried, rarer
        assert ("standardised" in estimate.model) is carried


def test_a_covariate_that_separates_responders_from_others():
    table = TABLE.assign(before=np.where(TABLE["reached"] == 1, 8.0, 4.0) + TABLE.index * 0.001)
    estimate = fit(CLAIM, reached_study(table))
    assert estimate.point is not None and -1 <= estimate.low <= estimate.point <= estimate.high <= 1


def test_an_arm_that_follows_from_a_covariate():
    dataset = reached_study(TABLE, make_study(strata=["site"]), site=np.where(TABLE["treated"] == 1, "north", "south"))
    estimate = fit(CLAIM, dataset)
    assert estimate.point is None and estimate.serious[0].code == "not-estimable"


def test_a_cohort_is_adjusted_and_no_longer_says_otherwise():
    study = make_study(design="cohort", covariates=["age"])
    assert codes(fit(CLAIM, reached_study(TABLE, study))) == []
    plain = make_claim(method="responder", threshold="absolute", adjusted=False)
    assert codes(fit(plain, reached_study(TABLE, study))) == ["unadjusted"]


def test_whom_the_difference_depends_on_is_not_built():
    lack = ask(make_claim(method="responder", modifier="age", threshold="absolute"), reached_study(TABLE))
    assert isinstance(lack, Lack) and lack.code == "method-not-built" and "with a modifier" in lack.sentence


def drawn(dice, n, effect, therapists, spread):
    treated = np.resize([1, 0], 2 * n)
    therapist = np.where(treated == 1, np.arange(2 * n) // 2 % max(therapists, 1), -1)
    skill = np.where(treated == 1, dice.normal(0, spread, max(therapists, 1))[therapist], 0.0)
    age, before = dice.normal(50, 10, 2 * n), dice.uniform(4, 10, 2 * n)
    chance = special.expit(-3 + effect * treated + skill + 0.3 * before + 0.02 * (age - 50))
    table = pd.DataFrame({"treated": treated, "age": age, "before": before, "reached": dice.random(2 * n) < chance})
    return table, [f"t{each}" if each >= 0 and therapists else None for each in therapist], chance


@pytest.mark.slow
@pytest.mark.parametrize("effect, therapists", [(0.0, 0), (1.0, 0), (0.0, 6)])
def test_intervals_hold_the_truth(effect, therapists):
    """300 draws of 40 an arm: 95% give or take three standard errors of 1.3%; bias below a fifth of an error."""
    dice, spread = np.random.default_rng(20261121), 0.5 if therapists else 0.0
    many = drawn(np.random.default_rng(1), 200_000, effect, 200_000, spread)
    truth = many[2][many[0]["treated"] == 1].mean() - many[2][many[0]["treated"] == 0].mean()
    kept = []
    for _ in range(300):
        table, therapist, _ = drawn(dice, 40, effect, therapists, spread)
        estimate = fit(CLAIM, reached_study(table, **({"therapist": therapist} if therapists else {})))
        kept.append((estimate.low <= truth <= estimate.high, (estimate.point - truth) / estimate.standard_error))
    cover, bias = np.mean(kept, axis=0)
    assert 0.91 <= cover <= 0.99 and abs(bias) < 0.2
