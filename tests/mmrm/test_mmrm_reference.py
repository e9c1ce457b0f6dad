"""The engine against R mmrm, lme4 and lmerTest: numbers and their origin stand in tests/reference/mmrm."""

import json

import numpy as np
import pandas as pd
import pytest
from mmrm_data import REFERENCE, fev, shared, sleepstudy, vickers

from mmresearch.models.mmrm import cluster_sums, fit_mmrm, mmrm

FITS = json.loads((REFERENCE / "fev_reference.json").read_text())["fits"]
VALUES = json.loads((REFERENCE / "values.json").read_text())


@pytest.fixture(scope="module")
def fev_rows():
    return fev()


@pytest.mark.parametrize("expected", FITS, ids=[f"{fit['cov']}-{fit['method']}" for fit in FITS])
def test_fev_equals_r_mmrm(expected, fev_rows):
    y, X, patient, visit = fev_rows
    fit = fit_mmrm(
        y, X, patient, visit, covariance=expected["cov"], df=expected["method"].lower(), names=expected["nm"]
    )
    found = fit.contrasts(np.eye(X.shape[1]), expected["nm"])
    se = np.array(expected["se"])
    assert fit.structure == expected["cov"] and fit.convergence.sound and not fit.troubles
    assert fit.deviance == pytest.approx(expected["dev"], abs=1e-6)
    # 1e-6 relative; for coefficients much smaller than their standard error, 1e-6 of that (R's ar1 stops at 1.6e-7)
    assert np.all(np.abs(fit.coefficients - expected["est"]) <= 1e-6 * np.maximum(np.abs(expected["est"]), se))
    assert [c.standard_error for c in found] == pytest.approx(expected["se"], rel=1e-6)
    assert [c.df for c in found] == pytest.approx(expected["df"], rel=1e-4)
    joint = fit.joint(np.eye(X.shape[1])[-3:])
    assert (joint.statistic, joint.p_value) == pytest.approx((expected["F"], expected["Fp"]), rel=1e-5)
    assert joint.df2 == pytest.approx(expected["df2"], rel=1e-4)


def test_fev_covariance_equals_r_mmrm(fev_rows):
    fit = fit_mmrm(*fev_rows)
    assert fit.sigma[0][np.triu_indices(4)] == pytest.approx(
        VALUES["fev_us_upper"], abs=5.1e-5
    )  # printed to 4 decimals


def test_fev_between_within_degrees_equal_r_mmrm(fev_rows):
    """192 between and 334 within: R mmrm's vignette on between-within degrees of freedom."""
    y, X, patient, visit = fev_rows
    fit = fit_mmrm(y, X, patient, visit, df="between-within")
    found = [c.df for c in fit.contrasts(np.eye(11), [str(j) for j in range(11)])]
    assert found == [334, 192, 192, 192, 192, 334, 334, 334, 334, 334, 334]


@pytest.mark.parametrize("visit", ["3", "12"])
def test_vickers_as_mixed_model_equals_r_mmrm(visit):
    expected = VALUES["vickers"]
    settings = dict(
        outcome="score",
        patient="id",
        visit="visit",
        visits=("3", "12"),
        arm="grp",
        reference=0,
        baseline="pk1",
        covariates=("age", "sex", "migraine", "chronicity"),
    )
    result = mmrm(vickers(), **settings, df="satterthwaite")
    found = result.contrast(1, visit)
    assert sum(result.n.values()) == expected["patients"] and sum(result.n_at.values()) == expected["rows"]
    assert result.fit.deviance == pytest.approx(expected["deviance"], abs=1e-6)
    # R's contrast is control minus acupuncture; printed to 6 decimals (df to 3)
    assert -found.estimate == pytest.approx(expected[visit]["estimate"], abs=5.1e-7)
    assert found.standard_error == pytest.approx(expected[visit]["se"], abs=5.1e-7)
    assert found.df == pytest.approx(expected[visit]["df"], abs=5.1e-4)
    if visit == "12":
        linear = mmrm(vickers(), **settings).contrast(1, "12")
        assert linear.standard_error == pytest.approx(expected["12"]["kr_linear_se"], abs=5.1e-7)


@pytest.mark.parametrize("df", ["satterthwaite", "kenward-roger-linear"])
def test_sleepstudy_equals_lme4(df):
    rows = sleepstudy()
    X = np.column_stack([np.ones(len(rows)), rows["Days"]])
    setting = dict(names=("intercept", "days"), times=range(10), df=df)
    expected = VALUES["sleepstudy_slope"]
    fit = fit_mmrm(rows["Reaction"], X, rows["Subject"], rows["Days"], covariance="ris", **setting)
    days = fit.contrast([0, 1])
    assert fit.deviance == pytest.approx(expected["deviance"], abs=1e-6)
    assert (days.estimate, days.standard_error) == pytest.approx((expected["estimate"], expected["se"]), abs=1.5e-6)
    assert days.df == pytest.approx(expected["df"], abs=1e-3)
    assert np.sqrt(_variances(fit)) == pytest.approx(
        [expected["sd_intercept"], expected["sd_slope"], expected["sd_residual"]], abs=5.1e-4
    )
    only = fit_mmrm(rows["Reaction"], X, rows["Subject"], rows["Days"], covariance="ri", **setting)
    expected = VALUES["sleepstudy_intercept"]
    assert only.deviance == pytest.approx(expected["deviance"], abs=1e-6)
    assert only.contrast([0, 1]).standard_error == pytest.approx(expected["se"], abs=1e-6)
    assert only.contrast([0, 1]).df == pytest.approx(expected["df"], abs=1e-6)


def _variances(fit):
    """Variances of intercept, slope and residual, read back from the visits' covariance."""
    S = fit.sigma[0]
    cross = S[0, 2] - S[0, 1]
    intercept = S[0, 1] - cross
    slope = (S[1, 2] - intercept - 3 * cross) / 2
    return np.array([intercept, slope, S[0, 0] - intercept])


SAS = json.loads((REFERENCE / "sas_empirical.json").read_text())


@pytest.mark.parametrize("weighted", ["unweighted", "weighted"])
@pytest.mark.parametrize("code", SAS["weighted"])
def test_weighted_fits_and_cluster_sums_equal_sas(code, weighted):
    """The plain sandwich (CR0) from the per-patient sums behind CR2; R mmrm's own test against SAS asks for 1e-4."""
    rows = pd.read_csv(shared("reference/mmrm/fev.csv")).dropna(subset=["FEV1"])
    X = np.column_stack([np.ones(len(rows)), rows["ARMCD"] == "TRT"]).astype(float)
    fit = fit_mmrm(
        rows["FEV1"],
        X,
        rows["USUBJID"],
        rows["AVISIT"],
        covariance=code,
        df="satterthwaite",
        weights=rows["WEIGHT"] if weighted == "weighted" else None,
    )
    inner, _ = fit.moments.columns.inner(np.array([[0.0, 1.0]]))
    terms = cluster_sums(fit).s @ fit.point.phi @ inner[0]
    assert (terms**2).sum() == pytest.approx(SAS[weighted][code], rel=1e-4)


@pytest.mark.parametrize("by", ["patient", "group"])
def test_cr2_degrees_equal_clubsandwich_and_errors_are_near(by, fev_rows):
    """gls stops at about 1e-5: df 1e-4 relative. Errors: clubSandwich takes another root of I - N_c, as unbiased as
    R mmrm's: 2e-4 apart by patient, up to 1.6% by 12 groups."""
    expected = pd.read_csv(REFERENCE / "clubsandwich" / "cr2.csv", comment="#")
    expected = expected[expected["cluster"] == by]
    y, X, patient, visit = fev_rows
    fit = fit_mmrm(y, X, patient, visit)
    groups = np.array([int(label.removeprefix("PT")) % 12 for label in fit.rows.labels])
    found = cluster_sums(fit, groups if by == "group" else None).contrasts(fit, np.eye(11), [""] * 11)
    assert [c.standard_error for c in found] == pytest.approx(
        expected["se"].to_list(), rel={"patient": 3e-4, "group": 0.02}[by]
    )
    assert [c.df for c in found] == pytest.approx(expected["df"].to_list(), rel=1e-4)
