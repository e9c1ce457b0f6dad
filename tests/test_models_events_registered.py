"""The registry's claims about grades, harms, shares, raters and variances, each asked of a study made for it."""

from functools import cache

import numpy as np
import pandas as pd
import pytest
from model_studies import ARMS, make_dataset, make_patients, make_study, make_values

from mmresearch.claims import articles
from mmresearch.estimate import Estimate
from mmresearch.models import fit
from mmresearch.study import Dataset
from mmresearch.study.dataset import MEDICATIONS, SESSIONS
from mmresearch.verdict.findings import finding

NAMES = ("low-back-pain", "neck-pain", "osteoarthritis", "myofascial-pain")


def outcomes(patients, instrument, values, visit="week 12", **columns):
    """One value a patient at one visit."""
    rows = make_values(patients, instrument=instrument, visits={visit: {"baseline": 0, "week 12": 84}[visit]})
    return rows.assign(value=np.asarray(values, float), session=np.nan, **columns)


@cache
def study():
    """One Dataset of four arms, in which patients of massage have sessions, goals and two examiners."""
    dice = np.random.default_rng(1)
    arms = {
        "massage": ARMS["massage"],
        "release": {"label": "Myofascial release", "technique": "myofascial-release"},
        "taught": {"label": "Massage with teaching", "technique": "massage-with-education"},
        "home": {"label": "Massage at home", "technique": "home-massage"},
        "control": ARMS["control"],
    }
    n = 400
    patients = make_patients(
        n, arms=tuple(arms), condition=dice.choice(NAMES, n), goal=dice.choice(["a", "b", "c", "d"], n)
    )
    massage = (patients["arm"] == "massage").to_numpy()
    names = pd.Series(np.where(massage, [f"t{each}" for each in dice.integers(0, 8, n)], None), dtype="object")
    patients = patients.assign(therapist=names)
    better = np.where(patients["arm"] == "control", 0, 1)
    first = dice.integers(0, 2, n)
    second = np.where(dice.random(n) < 0.9, first, 1 - first)
    values = pd.concat(
        [
            make_values(patients),
            outcomes(patients, "SPASM", dice.integers(0, 4, n) * (1 - 0.5 * better) // 1),
            outcomes(patients, "BODYMECH", (60 + 10 * better + dice.normal(0, 10, n)).clip(0, 100)),
            outcomes(patients, "AE", dice.binomial(2, 0.1 + 0.2 * better)),
            outcomes(patients, "PGIC", dice.integers(1, 5, n)),
            outcomes(patients, "FREQUENCY", dice.integers(1, 4, n), visit="baseline"),
            outcomes(patients, "TRP-CAUSE", first, visit="baseline", rater="A"),
            outcomes(patients, "TRP-CAUSE", second, visit="baseline", rater="B"),
        ],
        ignore_index=True,
    )
    made = make_study(arms=arms, condition=None)
    return Dataset(made, patients, values, sessions(patients[massage], dice), pd.DataFrame(columns=MEDICATIONS))


def sessions(patients, dice):
    rows = pd.DataFrame({"patient": np.repeat(patients["patient"].to_numpy(), 6)})
    numbers = np.tile(np.arange(1.0, 7.0), len(patients))
    words = dice.choice(["none", "mild", "moderate"], len(rows), p=[0.93, 0.06, 0.01])
    return rows.assign(session=numbers, day=7 * numbers, adverse_event=words).reindex(columns=list(SESSIONS))


CLAIMS = {
    "muscle-spasm": "the odds of a higher grade of muscle spasm, 0 none to 3 severe (SPASM) at week 12 were",
    "body-mechanics": "the odds of a higher value of whether the patient moves and lifts as taught",
    "home-does-harm": "the odds of a higher grade of harm after a session or over the study (AE) at week 12 were",
    "licensed-safe": "the rate of moderate or serious adverse events with medical massage was",
    "many-report-sleep": "the share with 2 or better in the patient's own verdict on the change (PGIC) at week 12 with",
    "trp-identified-by-professional": "the agreement (kappa) on whether an examiner holds trigger points to be",
    "therapist-variation": "the variance of pain intensity (NRS) between therapists at week 12 with medical massage",
    "pain-many-conditions": "the variance of the difference in pain intensity (NRS) between conditions at week 12",
    "heterogeneity-of-benefit": "the variance of the difference in pain intensity (NRS) between goals at week 12",
    "frequency-by-condition": "the variance of how often sessions are planned (FREQUENCY) between conditions at",
}


@pytest.mark.parametrize("name", CLAIMS)
def test_a_registered_claim_is_estimated_and_told(name):
    claim = articles().claims[name]
    estimate = fit(claim, study())
    assert isinstance(estimate, Estimate), estimate.sentence
    assert estimate.point is not None and estimate.low <= estimate.point <= estimate.high
    assert finding(claim, estimate).startswith(CLAIMS[name]), finding(claim, estimate)
    assert not estimate.serious and estimate.hypothesis == claim.analysis.hypothesis


def test_a_claim_without_its_data_is_not_estimated():
    lacking = [name for name in CLAIMS if isinstance(fit(articles().claims[name], make_dataset()), Estimate)]
    assert lacking == []
