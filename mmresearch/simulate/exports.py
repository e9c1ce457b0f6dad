"""A study's tables as a clinic would export them: codes for words, gaps for what was missed, one quirk a file."""

import numpy as np
import pandas as pd

from mmresearch.simulate.codes import patient_codes, site_codes, therapist_codes
from mmresearch.simulate.medicines import medication_rows
from mmresearch.simulate.treatment import session_rows

MISSED = "-9"  # in the wide file
BLANK = "NA"  # in the file with a row a visit


def export(trial):
    """Return file name -> text of every data file of the study."""
    return {"patients.csv": _csv(_patients(trial)),
            "scores.csv": _csv(_scores(trial), separator=";"),
            "visits.csv": _csv(_visits(trial)),
            "questionnaires.csv": _csv(_questionnaires(trial)),
            "sessions.csv": _csv(session_rows(trial)),
            "medications.csv": _csv(medication_rows(trial))}


def _patients(trial):
    cohort, settings = trial.cohort, trial.settings
    codes = {name: arm.code for name, arm in settings.arms.items()}
    return pd.DataFrame({
        "id": patient_codes(trial.cohort), "grp": [codes[name] for name in trial.arm], "centre": site_codes(cohort),
        "therapist": np.where(trial.treated, therapist_codes(cohort), ""), "age": _text(cohort.age, 1),
        "sex": np.where(cohort.sex == 1, "f", "m"),
        "diagnosis": np.array([each.code for each in settings.diagnoses])[cohort.diagnosis],
        "pain_months": _text(cohort.months, 0.5), "employed": cohort.employed,
        "crf_version": np.where(np.arange(len(cohort)) < 200, "v1", "v2")})  # nobody maps it: listed as not read


def _scores(trial):
    """Wide, with decimal commas: a row a patient, a column an instrument and visit."""
    columns = {"id": patient_codes(trial.cohort)}
    for place, measure in _of_file(trial, "scores"):
        for t, visit in enumerate(trial.settings.visits):
            text = np.char.replace(_text(trial.values[:, t, place], measure.scale[2]), ".", ",")
            columns[f"{measure.column}_{visit.code}"] = np.where(trial.seen[:, t, place], text, MISSED)
    return pd.DataFrame(columns)


def _visits(trial):
    """A row a visit attended, a column an instrument; the day it took place."""
    row, visit = np.nonzero(trial.there)
    columns = {"id": patient_codes(trial.cohort)[row], "visit": _visit_codes(trial)[visit],
               "day": _days(trial)[row, visit]}
    for place, measure in _of_file(trial, "visits"):
        text = _text(trial.values[row, visit, place], measure.scale[2])
        columns[measure.column] = np.where(trial.seen[row, visit, place], text, BLANK)
    return pd.DataFrame(columns)


def _questionnaires(trial):
    """Long: a row a value."""
    parts = []
    for order, (place, measure) in enumerate(_of_file(trial, "questionnaires")):
        row, visit = np.nonzero(trial.seen[:, :, place])
        parts.append(pd.DataFrame({
            "id": patient_codes(trial.cohort)[row], "visit": _visit_codes(trial)[visit],
            "scale": measure.column, "score": _text(trial.values[row, visit, place], measure.scale[2]),
            "at": (row * len(trial.settings.visits) + visit) * 100 + order}))
    return pd.concat(parts).sort_values("at").drop(columns="at")


def _visit_codes(trial):
    return np.array([visit.code for visit in trial.settings.visits])


def _days(trial):
    """The day of each visit: planned, give or take, within its window; baseline is day 0."""
    random = trial.stream("days")
    days = np.zeros(trial.there.shape, int)
    for t, visit in enumerate(trial.settings.visits[1:], start=1):
        first, last = visit.window
        off = np.rint(random.normal(0, (last - first) / 6, size=len(days))).astype(int)
        days[:, t] = np.clip(visit.day + off, first, last)
    return days


def _of_file(trial, file):
    return [(place, each) for place, each in enumerate(trial.settings.measures) if each.file == file]


def _text(values, step):
    """Return numbers as text with as many decimals as the step has."""
    decimals = 0 if step is None or float(step).is_integer() else len(str(step).split(".")[1])
    return np.char.mod(f"%.{decimals}f", np.asarray(values, dtype=float) + 0.0)


def _csv(frame, separator=","):
    return frame.to_csv(index=False, sep=separator, lineterminator="\n")
