"""The engines of the method `time-to-event`, against R's survival package (tests/reference/time_to_event)."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.hazard_regression import PHReg

from mmresearch.models.hazards import cox, proportionality
from mmresearch.models.survival import curve, reach

FOLDER = Path(__file__).parent / "reference" / "time_to_event"
R = json.loads((FOLDER / "output.json").read_text())
VETERAN, FOLLOWED = (pd.read_csv(FOLDER / name) for name in ("veteran.csv", "followed.csv"))
SINGLE = {
    "veteran": (VETERAN["treated"], VETERAN["time"], (VETERAN["status"] == 1).astype(int)),
    "followed": (FOLLOWED["treated"], FOLLOWED["days"], (FOLLOWED["how"] == 1).astype(int)),
}
CLOSE = 1e-10  # R's output holds 14 digits; pseudo-values add rounding of the number of patients


@pytest.mark.parametrize("name", SINGLE)
@pytest.mark.parametrize("arm", ["0", "1"])
def test_kaplan_meier(name, arm):
    """R: survfit, summary(rmean=), quantile(conf.type = "log-log"), pseudo(type = "rmst")."""
    treated, days, event = SINGLE[name]
    rows, expected = treated == int(arm), R[name][arm]
    found = curve(days[rows], event[rows])
    mean, influence = found.mean(expected["horizon"])
    assert mean == pytest.approx(expected["mean"], abs=CLOSE)
    assert np.sqrt(np.sum(influence**2)) == pytest.approx(expected["error"], abs=CLOSE)
    assert mean + rows.sum() * influence == pytest.approx(np.array(expected["pseudo"]), abs=1e-9)
    assert found.median(0.95) == pytest.approx(expected["median"])


@pytest.mark.parametrize("arm", ["0", "1"])
def test_competing_events(arm):
    """R: survfit of a factor (Aalen-Johansen), residuals and pseudo(type = "sojourn")."""
    rows, expected = FOLLOWED["treated"] == int(arm), R["competing"][arm]
    found = curve(FOLLOWED["days"][rows], FOLLOWED["how"][rows])
    mean, influence = found.mean(expected["horizon"])
    numbers = (mean, np.sqrt(np.sum(influence**2)), *found.by(expected["horizon"]))
    assert numbers == pytest.approx([expected[key] for key in ("without", "error", "share", "share_error")], abs=CLOSE)
    assert mean + rows.sum() * influence == pytest.approx(np.array(expected["pseudo"]), abs=1e-9)


def test_the_mean_of_complete_times_is_their_plain_mean():
    """Nobody lost: by definition, whatever the ties; its influence is the distance from the mean over n."""
    days = np.array([3.0, 3, 5, 8, 8, 8, 21])
    mean, influence = curve(days, np.ones(7)).mean(21)
    assert mean == pytest.approx(8)
    assert influence == pytest.approx((days - 8) / 7)


def test_a_curve_without_events_is_flat():
    found = curve(np.array([5.0, 9]), np.zeros(2))
    assert found.mean(9) == (9.0, pytest.approx(np.zeros(2)))
    assert found.by(9) == (0.0, 0.0) and found.median(0.95) == (None, None, None)


def test_a_curve_reaches_as_far_as_someone_was_watched():
    assert reach([5, 9], [1, 0]) == 9
    assert reach([5, 9], [0, 1]) == np.inf
    assert reach([5, 9, 9], [0, 1, 0]) == 9


COX = {
    "cox_veteran": (VETERAN, "time", VETERAN["status"] == 1, ["treated", "karno", "age", "diagtime"]),
    "cox_followed": (FOLLOWED, "days", FOLLOWED["how"] == 1, ["treated", "age"]),
}


@pytest.mark.parametrize("name", COX)
def test_cox_regression(name):
    """R: coxph(ties = "efron"), residuals, vcov with cluster, cox.zph(transform = "km", terms = FALSE)."""
    table, days, event, names = COX[name]
    columns, expected = table[names].to_numpy(float), R[name]
    found = cox(table[days], event, columns)
    assert found.converged and found.events == event.sum()
    assert found.beta == pytest.approx(expected["beta"], abs=CLOSE)
    assert np.linalg.inv(found.information) == pytest.approx(np.array(expected["variance"]), abs=CLOSE)
    assert found.scores == pytest.approx(np.array(expected["scores"]), abs=1e-9)
    assert found.martingale == pytest.approx(np.array(expected["martingale"]), abs=CLOSE)
    test = proportionality(found, table[days], event, columns, 0)
    assert test == pytest.approx(expected["zph"], abs=1e-9)


def test_patients_parts_add_up_to_the_information():
    table, days, event, names = COX["cox_veteran"]
    found = cox(table[days], event, table[names])
    assert found.spreads.sum(axis=0) == pytest.approx(found.information, rel=1e-10)
    assert found.scores.sum(axis=0) == pytest.approx(np.zeros(4), abs=1e-8)


@pytest.mark.parametrize("name", COX)
def test_the_cluster_sandwich_of_the_scores_is_r_s(name):
    table, days, event, names = COX[name]
    labels = np.resize(np.arange(20), len(table)) if name == "cox_veteran" else table["therapist"].to_numpy()
    found = cox(table[days], event, table[names])
    sums = np.array([found.scores[labels == label].sum(axis=0) for label in np.unique(labels)])
    robust = np.linalg.inv(found.information) @ sums.T @ sums @ np.linalg.inv(found.information)
    assert robust == pytest.approx(np.array(R[name]["robust"]), abs=CLOSE)


def test_cox_agrees_with_statsmodels_where_that_is_right():
    table, days, event, names = COX["cox_veteran"]
    other = PHReg(table[days], table[names], status=event.astype(int), ties="efron").fit()
    assert cox(table[days], event, table[names]).beta == pytest.approx(other.params, abs=1e-6)


def test_an_arm_without_events_does_not_converge_and_says_so():
    days, treated = np.arange(1.0, 41), np.resize([0, 1], 40)
    assert not cox(days, treated == 0, treated[:, None]).converged
