"""Invented studies in which it takes time until something happens: for the tests of `time-to-event`."""

import numpy as np
import pandas as pd
from model_studies import make_claim, make_dataset, make_patients, make_study

from mmresearch.models.survival import CENSORED, CODES, COMPETING, EVENT
from mmresearch.study.dataset import OUTCOMES

WORDS = {code: word for word, code in CODES.items()}


def until_claim(**analysis):
    registered = {"method": "time-to-event", "measure": "rmst-difference"}
    registered |= {"instruments": ["RETURN"], "windows": [[1, 182]]}
    return make_claim(**registered | analysis)


def timed_rows(patients, days, endings):
    """Outcomes of RETURN: one a patient, at no visit."""
    frame = pd.DataFrame({name: pd.Series(pd.NA, index=patients.index, dtype="object") for name in OUTCOMES})
    told = [WORDS[int(ending)] for ending in endings]
    return frame.assign(patient=patients["patient"], instrument="RETURN", value=np.asarray(days, float), ending=told,
                        day=np.nan, session=np.nan)


def timed_study(days, endings, treated, study=None, **columns):
    """A Dataset of these patients; columns: of the patients."""
    arms = np.where(np.asarray(treated) == 1, "massage", "control")
    patients = make_patients(len(arms), **{"arm": arms} | columns)
    return make_dataset(study or make_study(), patients, timed_rows(patients, days, endings))


def invented_times(dice, n=40, ratio=1.0, therapists=0, spread=0.0, forestalled=0.0, lost=250.0, visit=182):
    """Return (days, endings, treated, therapist numbers): exponential times, n an arm; in the arm, `therapists` pull.

    ratio: hazard of arm over reference; forestalled: hazard of the competing event; lost: about when people are.
    """
    treated = np.resize([1, 0], 2 * n)
    therapist = np.where(treated == 1, np.arange(2 * n) // 2 % max(therapists, 1), -1)
    pull = np.where(treated == 1, dice.normal(0, spread, max(therapists, 1))[therapist], 0.0)
    event = dice.exponential(1, 2 * n) / (0.01 * np.where(treated == 1, ratio, 1.0) * np.exp(pull))
    other = dice.exponential(1, 2 * n) / forestalled if forestalled else np.full(2 * n, np.inf)
    gone = np.minimum(dice.uniform(0.2 * lost, 1.8 * lost, 2 * n), visit)
    days = np.ceil(np.minimum(np.minimum(event, other), gone))
    endings = np.where(np.ceil(event) <= days, EVENT, np.where(np.ceil(other) <= days, COMPETING, CENSORED))
    return days, endings, treated, therapist
