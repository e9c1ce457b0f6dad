"""Random effects against lme4, lmerTest and pbkrtest: data, script and output stand in tests/reference/mmrm/lme4."""

import numpy as np
import pandas as pd
import pytest
from mmrm_data import REFERENCE

from mmresearch.models.mmrm import fit_mmrm

ROWS = pd.read_csv(REFERENCE / "lme4" / "unbalanced.csv", keep_default_na=False)
OUTPUT = (
    pd.read_csv(REFERENCE / "lme4" / "lme4.csv", comment="#")
    .pivot(index="quantity", columns="model", values="value")
    .to_dict()
)
TERMS = ("(Intercept)", "treated", "time", "baseline", "treated:time")
MODELS = {"ri": ("ri", False), "ris": ("ris", False), "therapist": ("ri", True), "therapist_slope": ("ris", True)}


def fitted(model, df, information="observed"):
    code, nested = MODELS[model]
    treated = (ROWS["arm"] == "massage").to_numpy(dtype=float)
    X = np.column_stack([np.ones(len(ROWS)), treated, ROWS["time"], ROWS["baseline"], treated * ROWS["time"]])
    return fit_mmrm(
        ROWS["y"],
        X,
        ROWS["id"],
        ROWS["visit"],
        names=TERMS,
        covariance=code,
        df=df,
        fallback=False,
        times=(0.0, 1.0, 2.5, 4.0, 6.0),
        information=information,
        therapist=ROWS["therapist"] if nested else None,
    )


@pytest.mark.parametrize("model", MODELS)
def test_estimates_and_satterthwaite_equal_lme4_and_lmertest(model):
    """lme4's optimiser stops at about 1e-8 in deviance: standard errors 1e-5 relative, df 1e-3 (lmerTest differentiates
    numerically), deviance 1e-6 absolute."""
    expected = OUTPUT[model]
    fit = fitted(model, "satterthwaite")
    assert fit.convergence.sound
    assert fit.deviance == pytest.approx(expected["deviance"], abs=1e-6)
    found = dict(zip(TERMS, fit.contrasts(np.eye(5), TERMS), strict=True))
    for term in TERMS:
        assert found[term].estimate == pytest.approx(expected[f"estimate {term}"], rel=1e-5)
        assert found[term].standard_error == pytest.approx(expected[f"se {term}"], rel=1e-5)
        assert found[term].df == pytest.approx(expected[f"satterthwaite {term}"], rel=1e-3)
    joint = fit.joint(np.eye(5)[[1, 4]])
    assert joint.statistic == pytest.approx(expected["joint F"], rel=1e-5)
    assert joint.df2 == pytest.approx(expected["joint df2"], rel=1e-3)


@pytest.mark.parametrize("model", ["therapist", "therapist_slope"])
def test_variance_of_therapists_equals_lme4(model):
    fit = fitted(model, "satterthwaite")
    variance = fit.point.t * fit.moments.columns.scale[-1] ** 2
    assert variance == pytest.approx(OUTPUT[model]["variance nest treated NA"], rel=1e-4)


@pytest.mark.parametrize("model", MODELS)
def test_kenward_roger_with_expected_information_equals_pbkrtest(model):
    """pbkrtest uses the expected information; 1e-3 relative in df, 1e-5 in standard errors."""
    expected = OUTPUT[model]
    fit = fitted(model, "kenward-roger-linear", "expected")
    found = dict(zip(TERMS, fit.contrasts(np.eye(5), TERMS), strict=True))
    for term in TERMS:
        assert found[term].standard_error == pytest.approx(expected[f"kr_se {term}"], rel=1e-5)
        assert found[term].df == pytest.approx(expected[f"kr_df {term}"], rel=1e-3)
    joint = fit.joint(np.eye(5)[[1, 4]])
    assert joint.statistic == pytest.approx(expected["kr_joint F"], rel=1e-4)
    assert joint.df2 == pytest.approx(expected["kr_joint df2"], rel=1e-3)
