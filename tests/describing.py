"""Small studies made in code, for the rooms that describe and show: no files, no randomness."""

import os
from pathlib import Path

import pandas as pd
import pytest

from mmresearch.study import Arm, Column, Dataset, File, Study, Visit

SHARED = Path(os.environ.get("MMRESEARCH_SHARED", Path(__file__).parents[1].parent / "shared"))
VICKERS = SHARED / "data" / "vickers2004"
HEADACHE = dict(name="Weekly headache score", measures="headache severity", unit="points", better="lower",
                self_reported=True)
DAYS = dict(name="Headache days in 28 days", measures="headache frequency", low=0, high=28, unit="days", better="lower",
            self_reported=True)


def make_dataset(patients, outcomes, study=None, **fields):
    """A Dataset of two frames; columns that are absent are missing."""
    patients = patients.reindex(columns=[*("patient arm site therapist age sex condition duration_months".split()),
                                         *(name for name in patients if name == "chronicity")])
    outcomes = outcomes.reindex(columns="patient visit day instrument value session moment".split())
    empty = pd.DataFrame()
    return Dataset(study or make_study(), patients, outcomes, empty, empty, sha256="ab" * 32, **fields)


def make_study(**fields):
    """A two-arm trial with visits at 0, 6 and 12 weeks."""
    plan = dict(
        title="Massage for sore backs", design="randomised", simulated=True, primary_visit="week 6",
        condition="low-back-pain", blinded=("assessors",),
        arms={"massage": Arm(label="Medical massage", technique="medical-massage"),
              "usual": Arm(label="Usual care", technique="usual-care", comparator_class="usual-care", reference=True)},
        visits=(Visit(name="baseline", day=0), Visit(name="week 6", day=42), Visit(name="week 12", day=84)),
        files={"all": File(path="all.csv", columns={"id": Column(means="patient")})})
    return Study(**{**plan, **fields})


def small_dataset():
    """Eight patients in two arms; two are lost at week 6 and three at week 12."""
    patients = pd.DataFrame({
        "patient": [f"p{i}" for i in range(8)], "arm": ["massage"] * 4 + ["usual"] * 4,
        "age": [30, 40, 50, 60, 35, 45, 55, None], "sex": ["female", "male"] * 4,
        "condition": ["low-back-pain"] * 6 + ["neck-pain"] * 2})
    values = {"baseline": [6, 7, 5, 6, 6, 7, 5, 6], "week 6": [3, 4, 2, None, 5, 6, 4, None],
              "week 12": [2, 3, None, None, 5, 6, None, 5]}
    days = {"baseline": 0, "week 6": 42, "week 12": 84}
    outcomes = pd.DataFrame([(f"p{i}", visit, days[visit], "NRS", value) for visit, column in values.items()
                             for i, value in enumerate(column) if value is not None],
                            columns=["patient", "visit", "day", "instrument", "value"])
    return make_dataset(patients, outcomes, exclusions={"no outcome at any visit": 2}, notes=("2 patients excluded.",))


def vickers_dataset():
    """The acupuncture trial, read here so that the room that reads studies is not part of what is tested."""
    if not VICKERS.exists():
        pytest.skip("the trial's files are not beside this checkout (set MMRESEARCH_SHARED)")
    people = pd.read_csv(VICKERS / "acupuncture_demographics.csv")
    patients = pd.DataFrame({
        "patient": people["id"].astype(str), "arm": people["grp"].map({1: "acupuncture", 0: "control"}),
        "age": people["age"], "sex": people["sex"].map({1: "female", 0: "male"}), "chronicity": people["chronicity"],
        "condition": people["migraine"].map({1: "migraine", 0: "tension-type-headache"})})
    frames = [_wave("baseline", "baseline", 0, "pk1", "f1"), _wave("three_month", "month 3", 91, "pk2", "f2"),
              _wave("one_year", "month 12", 365, "pk5", "f5")]
    return make_dataset(patients, pd.concat(frames), study=_vickers_study())


def _wave(file, visit, day, score, days):
    table = pd.read_csv(VICKERS / f"acupuncture_{file}_results.csv")
    parts = [pd.DataFrame({"patient": table["id"].astype(str), "visit": visit, "day": day, "instrument": name,
                           "value": table[column]}) for name, column in (("HEADSCORE", score), ("HEADDAYS", days))]
    return pd.concat(parts).dropna(subset=["value"])


def _vickers_study():
    return make_study(
        title="Acupuncture for chronic headache", simulated=False, primary_visit="month 12", condition="headache",
        arms={"acupuncture": Arm(label="Acupuncture", technique="acupuncture"),
              "control": Arm(label="Control", technique="usual-care", comparator_class="usual-care", reference=True)},
        visits=(Visit(name="baseline", day=0), Visit(name="month 3", day=91), Visit(name="month 12", day=365)),
        files={"all": File(path="all.csv", columns={"chronicity": Column(means="covariate", name="chronicity",
                                                                         kind="number")})},
        instruments={"HEADSCORE": HEADACHE, "HEADDAYS": DAYS})
