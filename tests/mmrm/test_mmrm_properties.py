"""What must hold of any data: sums add, bytes go back, units do not matter, one visit is ANCOVA."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from trials import SETTINGS, trial

from mmresearch.errors import UsageError
from mmresearch.models.mmrm import SufficientStatistics, fit_statistics, mmrm
from mmresearch.models.mmrm.sums import summed

WHOLE = mmrm(trial(n=90, seed=11), **SETTINGS)


@settings(deadline=None, max_examples=25)
@given(st.randoms(use_true_random=False), st.integers(2, 7))
def test_statistics_of_any_split_in_any_order_give_the_same_fit(random, parts):
    """Tolerance 1e-10 relative: the sums differ only in the order of additions."""
    rows = WHOLE.fit.rows
    codes = np.array([random.randrange(parts) for _ in range(len(rows.seen))])
    pieces = [summed(rows.layout, rows.patients[codes == c], rows.seen[codes == c]) for c in range(parts)]
    random.shuffle(pieces)
    fit = fit_statistics(sum(pieces))
    assert fit.deviance == pytest.approx(WHOLE.fit.deviance, rel=1e-10)
    assert fit.coefficients == pytest.approx(WHOLE.fit.coefficients, rel=1e-8)
    row = WHOLE.row("massage", 3)
    found, whole = fit.contrast(row), WHOLE.fit.contrast(row)
    assert (found.estimate, found.standard_error, found.df) == pytest.approx(
        (whole.estimate, whole.standard_error, whole.df), rel=1e-9
    )


def test_statistics_with_another_shift_add_to_the_same():
    rows = WHOLE.fit.rows
    half = np.arange(len(rows.seen)) < 40
    first = summed(rows.layout, rows.patients[half], rows.seen[half])
    second = summed(rows.layout, rows.patients[~half], rows.seen[~half])
    moved = second.reshifted(rows.layout.shift * 1.3 + np.where(np.arange(len(rows.layout.shift)), 0.2, 0.0))
    assert (first + moved).grams == pytest.approx((first + second).grams, rel=1e-9, abs=1e-8)


def test_bytes_and_back_are_unchanged():
    statistics = WHOLE.fit.statistics
    back = SufficientStatistics.from_bytes(statistics.to_bytes())
    assert back.layout.same_model(statistics.layout) and back.to_bytes() == statistics.to_bytes()
    assert np.array_equal(back.grams, statistics.grams) and fit_statistics(back).deviance == WHOLE.fit.deviance


@pytest.mark.parametrize("data", [b"", b"something else", WHOLE.fit.statistics.to_bytes()[:200]])
def test_other_bytes_are_refused(data):
    with pytest.raises(UsageError, match="not the ones"):
        SufficientStatistics.from_bytes(data)


@pytest.mark.parametrize("label", [np.int64, lambda v: pd.Timestamp(2020, 1, 1 + v)])
def test_bytes_hold_whatever_labels_a_frame_has(label):
    rows = trial(n=30, seed=11).assign(visit=lambda t: t["visit"].map(label))
    whole = mmrm(rows, **SETTINGS, visits=[label(v) for v in range(4)]).fit
    assert fit_statistics(SufficientStatistics.from_bytes(whole.statistics.to_bytes())).deviance == whole.deviance


def test_statistics_of_different_models_do_not_add():
    other = mmrm(trial(n=90, seed=11), **{**SETTINGS, "covariates": ("age",)}).fit.statistics
    with pytest.raises(UsageError, match="not of the same model"):
        WHOLE.fit.statistics + other


def test_pair_is_the_sum_of_products():
    statistics, rows = WHOLE.fit.statistics, WHOLE.fit.rows
    pattern = int(np.argmax(statistics.counts))
    held = rows.shifted()[rows.places(statistics) == pattern]
    visits = np.flatnonzero(statistics.seen[pattern])
    a, b = visits[0], visits[-1]
    expected = (held @ rows.layout.maps[a].T).T @ (held @ rows.layout.maps[b].T)
    assert statistics.pair(pattern, a, b) == pytest.approx(expected, rel=1e-10, abs=1e-9)


def test_repr_shows_counts_only():
    assert repr(WHOLE.fit.statistics).startswith("SufficientStatistics(90 patients, ")
    for record in (WHOLE, WHOLE.fit, WHOLE.fit.statistics, WHOLE.fit.rows):
        assert "array" not in repr(record) and len(repr(record)) < 600


@pytest.mark.parametrize("df", ["kenward-roger-linear", "satterthwaite", "between-within", "residual"])
def test_one_visit_is_ancova(df):
    """Against statsmodels OLS: estimate, standard error and df to machine precision (1e-11 relative)."""
    rows = trial(n=50, T=1, seed=8)
    found = mmrm(rows, **SETTINGS, df=df).contrast("massage", 0)
    X = pd.get_dummies(rows[["arm", "baseline", "age", "sex"]], columns=["arm", "sex"]).astype(float)
    X = sm.add_constant(X.drop(columns=["arm_usual", "sex_f"]))
    ols = sm.OLS(rows["y"], X).fit()
    assert found.estimate == pytest.approx(ols.params["arm_massage"], rel=1e-11)
    assert found.standard_error == pytest.approx(ols.bse["arm_massage"], rel=1e-11)
    assert found.df == pytest.approx(ols.df_resid, rel=1e-10)
    assert found.p_value == pytest.approx(ols.pvalues["arm_massage"], rel=1e-9)


@pytest.mark.parametrize("shift", [1e6, 1e9])
def test_a_far_away_outcome_loses_no_digits(shift):
    """As NIST's hard ANOVA sets: a constant added to every outcome. 1e9 leaves 7 digits of a spread of 2 in the
    data."""
    rows = trial(n=90, seed=11).assign(y=lambda t: t["y"] + shift)
    found, whole = mmrm(rows, **SETTINGS).contrast("massage", 3), WHOLE.contrast("massage", 3)
    assert found.estimate == pytest.approx(whole.estimate, abs=2e-16 * shift * 4)
    assert found.standard_error == pytest.approx(whole.standard_error, rel=1e-6)


def test_units_and_a_far_away_covariate_do_not_matter():
    rows = trial(n=90, seed=11).assign(y=lambda t: t["y"] * 1e-4, age=lambda t: t["age"] + 2e5)
    found, whole = mmrm(rows, **SETTINGS).contrast("massage", 3), WHOLE.contrast("massage", 3)
    assert (found.estimate * 1e4, found.standard_error * 1e4, found.df) == pytest.approx(
        (whole.estimate, whole.standard_error, whole.df), rel=1e-7
    )


def test_complete_balanced_data_give_the_t_test_of_each_visit():
    """Complete data, no covariate: at each visit the pooled two-sample t test (Kenward and Roger's exact case)."""
    rows = trial(n=40, T=3, seed=9, missing=0.0)
    result = mmrm(rows, outcome="y", patient="id", visit="visit", arm="arm", reference="usual")
    for visit in range(3):
        at = rows[rows["visit"] == visit]
        ols = sm.OLS(at["y"].to_numpy(), sm.add_constant((at["arm"] == "massage").to_numpy(dtype=float))).fit()
        found = result.contrast("massage", visit)
        assert (found.estimate, found.standard_error, found.df) == pytest.approx(
            (ols.params[1], ols.bse[1], 38), rel=1e-8
        )


def test_the_non_linear_variant_is_not_ancova_even_with_one_visit():
    """V = exp(2 t): the terms of Kenward and Roger give the variance times 1 - 1 / (N - p), as R mmrm's
    parametrisation does."""
    rows = trial(n=50, T=1, seed=8)
    found = mmrm(rows, **SETTINGS, df="kenward-roger").contrast("massage", 0)
    plain = mmrm(rows, **SETTINGS, df="satterthwaite").contrast("massage", 0)
    assert found.standard_error**2 == pytest.approx(plain.standard_error**2 * (1 - 1 / plain.df), rel=1e-9)
