"""Random intercepts, nested and crossed, against lme4 and pbkrtest, and against the formulas written out whole."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmresearch.models.intercepts import fit_intercepts
from mmresearch.models.intercepts.likelihood import Singular

FOLDER = Path(__file__).parent / "reference" / "intercepts"
OUTPUT = json.loads((FOLDER / "output.json").read_text())


def sessions(outcome):
    rows = pd.read_csv(FOLDER / "sessions.csv")
    numbers = [rows["session"] == number for number in range(2, 7)]
    columns = np.column_stack([np.ones(len(rows)), rows["treated"], rows["first"], *numbers]).astype(float)
    return rows[outcome], columns, pd.factorize(rows["patient"])[0], rows["therapist"].to_numpy() - 1


def fitted(name):
    if name in ("both", "flat", "one"):
        y, X, patient, therapist = sessions("flat" if name == "flat" else "change")
        return fit_intercepts(y, X, *((patient,) if name == "one" else (patient, therapist)))
    rows = pd.read_csv(FOLDER / f"{name}.csv")
    codes = [rows[column].to_numpy() - 1 for column in rows.columns[:2]]
    return fit_intercepts(rows.iloc[:, 2], np.ones((len(rows), 1)), *codes)


@pytest.mark.parametrize("name", ["both", "flat", "one", "penicillin", "pastes"])
def test_estimates_errors_and_df_are_those_of_lme4_and_pbkrtest(name):
    """Oracle: reference/intercepts/output.json (script.R); relative 2e-7, lme4's own optimiser being no closer."""
    expected, fit = OUTPUT[name], fitted(name)
    contrasts = [fit.contrast(row) for row in np.eye(len(fit.coefficients))]
    assert fit.convergence.converged
    assert fit.deviance == pytest.approx(expected["deviance"], abs=1e-8)
    assert [*fit.variances, fit.residual] == pytest.approx(list(expected["variances"].values()), rel=2e-6, abs=1e-9)
    for found, key in (
        ([each.point for each in contrasts], "coefficients"),
        ([each.standard_error for each in contrasts], "standard_errors"),
        ([each.df for each in contrasts], "df"),
    ):
        assert found == pytest.approx(np.atleast_1d(expected[key]), rel=2e-7)
    assert np.sqrt(np.diag(fit.covariance())) == pytest.approx(np.atleast_1d(expected["standard_errors"]), rel=2e-7)


def whole(y, X, codes, variances, residual):
    """-2 restricted log-likelihood and its derivatives in the variances, from the covariance of all rows."""
    places = [(code[:, None] == np.arange(code.max() + 1)).astype(float) for code in codes]
    parts = [np.eye(len(y)), *(place @ place.T for place in places)]
    V = sum(each * part for each, part in zip([residual, *variances], parts, strict=True))
    inverse = np.linalg.inv(V)
    information = X.T @ inverse @ X
    P = inverse - inverse @ X @ np.linalg.inv(information) @ X.T @ inverse
    deviance = np.linalg.slogdet(V)[1] + np.linalg.slogdet(information)[1] + y @ P @ y
    slopes = [np.trace(P @ part) - y @ P @ part @ P @ y for part in parts]
    return deviance + (len(y) - X.shape[1]) * np.log(2 * np.pi), np.array(slopes)


@settings(max_examples=25)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.3, 1.0]), st.sampled_from([0.0, 0.5]))
def test_the_maximum_is_one_by_the_whole_covariance(seed, patients_sd, therapists_sd):
    """Karush, Kuhn and Tucker: no slope in a variance above 0, none downhill at 0; deviance of the whole matrix."""
    dice = np.random.default_rng(seed)
    patient = np.repeat(np.arange(15), 4)
    therapist = np.where(patient % 2, dice.integers(0, 4, len(patient)), -1)
    X = np.column_stack([np.ones(60), patient % 2, dice.normal(size=60)])
    effects = np.append(dice.normal(0, therapists_sd, 4), 0.0)
    y = 100 + dice.normal(0, patients_sd, 15)[patient] + effects[therapist] + dice.normal(size=60)
    fit = fit_intercepts(y, X, patient, therapist)
    deviance, slopes = whole(y, X, (patient, therapist), fit.variances, fit.residual)
    assert fit.deviance == pytest.approx(deviance, abs=1e-7)
    for slope, variance in zip(slopes, [fit.residual, *fit.variances], strict=True):
        assert slope == pytest.approx(0, abs=1e-3) if variance > 0 else slope > -1e-6


def test_moving_and_stretching_the_outcome_moves_and_stretches_the_estimates():
    y, X, patient, therapist = sessions("change")
    here, there = fit_intercepts(y, X, patient, therapist), fit_intercepts(1e6 + 1000 * y, X, patient, therapist)
    one, other = here.contrast(np.eye(8)[1]), there.contrast(np.eye(8)[1])
    assert (other.point, other.standard_error, other.df) == pytest.approx(
        (1000 * one.point, 1000 * one.standard_error, one.df), rel=1e-6
    )


def test_a_variance_of_0_still_costs_degrees_of_freedom():
    """Else few therapists who happen to be alike would count as many patients (flat: their variance is 0)."""
    y, X, patient, therapist = sessions("flat")
    with_them, without = fit_intercepts(y, X, patient, therapist), fit_intercepts(y, X, patient)
    one, other = with_them.contrast(np.eye(8)[1]), without.contrast(np.eye(8)[1])
    assert with_them.variances[1] == 0 and one.point == pytest.approx(other.point)
    assert one.df < 0.8 * other.df and one.standard_error > other.standard_error


def test_columns_that_follow_from_others_are_refused():
    y, X, patient, _ = sessions("change")
    with pytest.raises(Singular):
        fit_intercepts(y, np.column_stack([X, X[:, 1] * 2]), patient)
