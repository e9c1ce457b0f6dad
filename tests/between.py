"""Invented studies in which relaxation stands between massage and pain: for the tests of `mediation`."""

import numpy as np
import pandas as pd
from model_studies import make_claim, make_dataset, make_patients, make_study
from model_studies import make_values as _values

VISITS = {"baseline": 0, "week 6": 42, "week 12": 84}


def through_claim(**analysis):
    registered = {"method": "mediation", "measure": "indirect-effect", "mediator": "RELAX"}
    return make_claim(**registered | analysis)


def invented(dice, n=40, a=1.0, b=-0.6, direct=-0.3, therapists=0, spread=0.0, hidden=0.0, crossed=0.0):
    """Return (patients' columns, baseline and week 6 of RELAX, baseline and week 12 of NRS); n an arm.

    hidden: what an unmeasured cause adds to both; crossed: how much more b is in the arm; spread: SD of therapists.
    """
    treated = np.resize([1.0, 0.0], 2 * n)
    therapist = np.where(treated == 1, np.arange(2 * n) // 2 % max(therapists, 1), -1)
    skill = np.where(treated == 1, dice.normal(0, spread, max(therapists, 1))[therapist], 0.0)
    age, calm, pain = dice.normal(50, 10, 2 * n), dice.normal(4, 1.2, 2 * n), dice.normal(6, 1.5, 2 * n)
    cause = hidden * dice.normal(size=2 * n)
    relaxed = 2 + 0.5 * calm + a * treated + skill + cause + dice.normal(0, 1, 2 * n)
    later = 4 + 0.5 * pain + (b + crossed * treated) * relaxed + direct * treated - cause + dice.normal(0, 1, 2 * n)
    people = {"arm": np.where(treated == 1, "massage", "control"), "age": age}
    if therapists:
        people["therapist"] = [f"t{each}" if each >= 0 else None for each in therapist]
    return people, (calm, relaxed), (pain, later)


def between_study(people, mediator, outcome, study=None, at="week 6"):
    """A Dataset of what `invented` returned; at: the visit at which the mediator was taken."""
    patients = make_patients(len(people["arm"]), **people)
    rows = [_rows(patients, "RELAX", "baseline", mediator[0]), _rows(patients, "RELAX", at, mediator[1]),
            _rows(patients, "NRS", "baseline", outcome[0]), _rows(patients, "NRS", "week 12", outcome[1])]
    return make_dataset(study or make_study(covariates=["age"]), patients, pd.concat(rows, ignore_index=True))


def _rows(patients, instrument, visit, values):
    rows = _values(patients, instrument=instrument, visits={visit: VISITS[visit]})
    return rows.assign(value=np.asarray(values, float))
