"""A study's tables as a clinic would export them: codes for words, gaps for what was missed, one quirk a file."""

import numpy as np
import pandas as pd

from mmresearch.simulate.codes import patient_codes, site_codes, therapist_codes
from mmresearch.simulate.medicines import medication_rows
from mmresearch.simulate.parts import RATERS
from mmresearch.simulate.ratings import rate
from mmresearch.simulate.treatment import as_text, session_rows
from mmresearch.simulate.waits import seen_times

MISSED = "-9"  # in the wide file
BLANK = "NA"  # in the file with a row a visit


def export(trial):
    """Return file name -> text of every data file of the study; a file that would hold nothing is left out."""
    settings = trial.settings
    made = {"patients.csv": _csv(_patients(trial))}
    if _of_file(trial, "scores"):
        made["scores.csv"] = _csv(_scores(trial), separator=";")
    if _of_file(trial, "visits"):
        made["visits.csv"] = _csv(_visits(trial))
    if _of_file(trial, "questionnaires"):
        made["questionnaires.csv"] = _csv(_questionnaires(trial))
    if any(settings.planned(name) for name in settings.arms):
        made["sessions.csv"] = _csv(session_rows(trial))
    if settings.medicines:
        made["medications.csv"] = _csv(medication_rows(trial))
    return made


def _patients(trial):
    cohort, settings = trial.cohort, trial.settings
    codes = {name: arm.code for name, arm in settings.arms.items()}
    group = ["".join(codes[name] for name in order) for order in trial.orders]
    columns = {
        "id": patient_codes(trial.cohort), "grp": group, "centre": site_codes(cohort),
        "therapist": np.where(trial.by_hand, therapist_codes(cohort), ""), "age": as_text(cohort.age, 1),
        "sex": np.where(cohort.sex == 1, "f", "m"),
        "diagnosis": np.array([each.code for each in settings.diagnoses])[cohort.diagnosis],
        "pain_months": as_text(cohort.months, 0.5)}
    if settings.employed is not None:
        columns["employed"] = cohort.employed
    for place, each in enumerate(settings.traits):
        columns[each.name] = np.array(each.words)[cohort.traits[:, place]]
    for each in settings.waits:
        word = each.instrument.lower()
        words = np.array([diagnosis.condition for diagnosis in settings.diagnoses])[cohort.diagnosis]
        asked_of = np.isin(words, each.only) if each.only else np.ones(len(cohort), bool)
        for name, values in zip(("days", "how"), seen_times(trial, each), strict=True):
            columns[f"{word}_{name}"] = np.where(asked_of, values.astype(str), "")
    if settings.unread:  # nobody maps it: listed as not read
        columns[settings.unread] = np.where(np.arange(len(cohort)) < 200, "v1", "v2")
    return pd.DataFrame(columns)


def _scores(trial):
    """Wide, with decimal commas: a row a patient, a column an instrument and visit."""
    columns = {"id": patient_codes(trial.cohort)}
    for place, measure in _of_file(trial, "scores"):
        for t, visit in enumerate(trial.settings.visits):
            text = np.char.replace(as_text(trial.values[:, t, place], measure.scale[2]), ".", ",")
            columns[f"{measure.header}_{visit.code}"] = np.where(trial.seen[:, t, place], text, MISSED)
    return pd.DataFrame(columns)


def _visits(trial):
    """A row a visit attended, a column an instrument; the day it took place."""
    row, visit = np.nonzero(trial.there)
    columns = {"id": patient_codes(trial.cohort)[row], "visit": _visit_codes(trial)[visit],
               "day": _days(trial)[row, visit]}
    for place, measure in _of_file(trial, "visits"):
        for header, values in _ratings(trial, place, measure):
            text = as_text(values[row, visit], measure.scale[2])
            columns[header] = np.where(trial.seen[row, visit, place], text, BLANK)
    return pd.DataFrame(columns)


def _ratings(trial, place, measure):
    """Column -> (n, T) values: one, or one of each of two raters who judge the same with errors of their own."""
    if measure.rater_sd is None:
        return [(measure.header, trial.values[:, :, place])]
    random, found = trial.stream(f"raters {measure.instrument}"), []
    for rater in RATERS:
        error = measure.rater_sd * measure.sd * random.standard_normal(trial.values.shape[:2])
        found.append((f"{measure.header}_{rater.lower()}", rate(measure, trial.latent(place) + error)))
    return found


def _questionnaires(trial):
    """Long: a row a value."""
    parts = []
    for order, (place, measure) in enumerate(_of_file(trial, "questionnaires")):
        row, visit = np.nonzero(trial.seen[:, :, place])
        parts.append(pd.DataFrame({
            "id": patient_codes(trial.cohort)[row], "visit": _visit_codes(trial)[visit],
            "scale": measure.header, "score": as_text(trial.values[row, visit, place], measure.scale[2]),
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


def _csv(frame, separator=","):
    return frame.to_csv(index=False, sep=separator, lineterminator="\n")
