"""Data that stand beside the project, not in it: tests that need them skip where they are absent."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("MMRESEARCH_SHARED", ROOT.parent / "shared"))
REFERENCE = ROOT / "tests" / "reference" / "mmrm"


def shared(path):
    if not (SHARED / path).exists():
        pytest.skip(f"shared/{path} is absent: set MMRESEARCH_SHARED to the folder that holds it")
    return SHARED / path


def fev():
    """Return (y, X, patient, visit) of the FEV data with the columns of R's FEV1 ~ RACE + SEX + ARMCD * AVISIT."""
    rows = pd.read_csv(shared("reference/mmrm/fev.csv")).dropna(subset=["FEV1"])
    arm = (rows["ARMCD"] == "TRT").to_numpy(dtype=float)
    visits = [(rows["AVISIT"] == f"VIS{v}").to_numpy(dtype=float) for v in (2, 3, 4)]
    races = [(rows["RACE"] == race).to_numpy(dtype=float) for race in ("Black or African American", "White")]
    X = np.column_stack(
        [
            np.ones(len(rows)),
            *races,
            (rows["SEX"] == "Female").to_numpy(dtype=float),
            arm,
            *visits,
            *(arm * each for each in visits),
        ]
    )
    return rows["FEV1"].to_numpy(), X, rows["USUBJID"].to_numpy(), rows["AVISIT"].to_numpy()


def vickers():
    """Return the headache trial long over its two follow-ups, one row a patient and visit."""
    folder = "data/vickers2004/acupuncture_"
    patients = pd.read_csv(shared(folder + "demographics.csv")).merge(
        pd.read_csv(shared(folder + "baseline_results.csv"))
    )
    three = pd.read_csv(shared(folder + "three_month_results.csv")).assign(visit="3", score=lambda t: t["pk2"])
    year = pd.read_csv(shared(folder + "one_year_results.csv")).assign(visit="12", score=lambda t: t["pk5"])
    return pd.concat([three, year])[["id", "visit", "score"]].merge(patients)


def sleepstudy():
    return pd.read_csv(shared("data/sleepstudy.csv"))
