"""Reference-based and delta imputation against what can be worked out by hand."""

import numpy as np
import pytest
from trials import trial

from mmresearch.errors import UsageError
from mmresearch.models.mmrm import impute, mmrm
from mmresearch.models.mmrm.imputation import Completion, pooled

SETTINGS = dict(
    outcome="y", patient="id", visit="visit", arm="arm", reference="usual", baseline="baseline", unseen=True
)


def dropouts(n=50, T=3, seed=2, share=0.4, effect=-2.0):
    """A trial in which some patients of both arms leave after their first or second visit."""
    rows = trial(n=n, T=T, seed=seed, missing=0.0, effect=effect)
    leave = np.random.default_rng(seed).choice([1, 2, 3], n, p=[share / 2, share / 2, 1 - share])
    return rows[rows["visit"] < leave[rows["id"]]]


RESULT = mmrm(dropouts(), **SETTINGS)


def test_mar_gives_the_mixed_models_own_estimate():
    """With baseline by visit, completing under the fitted model leaves its estimate unchanged (the EM fixed point)."""
    found = impute(RESULT, "massage", 2, "mar", draws=20)
    assert found.jackknife.estimate == pytest.approx(RESULT.contrast("massage", 2).estimate, rel=1e-7)


@pytest.mark.parametrize("strategy", ["jump-to-reference", "copy-reference", "copy-increments"])
def test_conditional_means_are_those_worked_out_for_one_patient(strategy):
    """A treated patient seen at the first visit only: means by the strategy's definition, then the normal
    regression."""
    whole = Completion(RESULT, "massage", 2, strategy)
    i = int(np.flatnonzero((whole.last == 0) & whole.treated)[0])
    b, S = dict(zip(RESULT.fit.names, RESULT.fit.coefficients, strict=True)), RESULT.fit.sigma[0]
    base = whole.people[i, 2]
    reference = [b[f"visit[{v}]"] + b[f"baseline:visit[{v}]"] * base for v in range(3)]
    own = [reference[v] + b[f"arm[massage]:visit[{v}]"] for v in range(3)]
    first, last = {
        "jump-to-reference": (own[0], reference[2]),
        "copy-reference": (reference[0], reference[2]),
        "copy-increments": (own[0], reference[2] + own[0] - reference[0]),
    }[strategy]
    expected = last + S[2, 0] / S[0, 0] * (whole.y[i, 0] - first)
    assert whole.completed(RESULT.fit.coefficients, RESULT.fit.sigma[0])[i] == pytest.approx(expected, rel=1e-10)


def test_reference_based_strategies_shrink_the_effect_in_their_order():
    found = {
        s: impute(RESULT, "massage", 2, s, draws=10).jackknife.estimate
        for s in ("mar", "copy-increments", "jump-to-reference", "copy-reference")
    }
    assert found["mar"] < found["copy-increments"] < found["jump-to-reference"] < 0
    assert found["mar"] < found["copy-reference"] < 0


def test_jackknife_is_narrower_than_rubin_for_jump_to_reference():
    found = impute(RESULT, "massage", 2, "jump-to-reference", draws=200)
    assert found.jackknife.standard_error < found.rubin.standard_error and found.failed == 0
    assert found.rubin.estimate == pytest.approx(found.jackknife.estimate, abs=0.4 * found.rubin.standard_error)


def test_delta_moves_the_estimate_in_a_straight_line_and_tips_where_said():
    found = [impute(RESULT, "massage", 2, "mar", delta=d, draws=5).jackknife for d in (0.0, 1.0, 2.0)]
    assert found[2].estimate - found[1].estimate == pytest.approx(found[1].estimate - found[0].estimate, rel=1e-9)
    tipping = impute(RESULT, "massage", 2, "mar", draws=5).tipping
    assert tipping > 0 and found[0].high < 0
    assert impute(RESULT, "massage", 2, "mar", delta=tipping, draws=5).jackknife.high == pytest.approx(0, abs=1e-6)


def test_jackknife_of_complete_data_is_near_the_ols_error():
    """Nothing missing: the jackknife of ANCOVA, by leaving out each patient in turn."""
    rows = trial(n=30, T=2, seed=4, missing=0.0)
    found = impute(mmrm(rows, **SETTINGS), "massage", 1, "mar", draws=10)
    at = rows[rows["visit"] == 1]
    X = np.column_stack([np.ones(30), at["arm"] == "massage", at["baseline"]]).astype(float)
    left = [np.linalg.lstsq(np.delete(X, i, 0), np.delete(at["y"].to_numpy(), i), rcond=None)[0][1] for i in range(30)]
    assert found.jackknife.standard_error == pytest.approx(np.sqrt(29 * np.var(left)), rel=1e-9)
    assert found.imputed == {"usual": 0, "massage": 0}


def test_patients_without_any_follow_up_are_imputed_and_counted():
    rows = dropouts()
    rows.loc[rows["id"].isin([1, 3, 4]), "y"] = np.nan
    result = mmrm(rows, **SETTINGS)
    found = impute(result, "massage", 2, draws=10)
    left = {
        arm: int((rows[rows["arm"] == arm].dropna(subset=["y"]).groupby("id")["visit"].max() < 2).sum())
        for arm in ("usual", "massage")
    }
    assert found.imputed == {"usual": left["usual"] + 1, "massage": left["massage"] + 2}
    assert sum(result.n.values()) == 47


def test_pooling_by_hand():
    """Rubin's rules for 4 draws: within 2, between 1: total 2 + 1.25; df by Barnard and Rubin's formula."""
    points, variances = np.array([1.0, 2.0, 3.0, 2.0]) * np.sqrt(1.5), np.full(4, 2.0)
    estimate, error, df = pooled(points, variances, 50)
    share = 1.25 / 3.25
    expected = 1 / (share**2 / 3 + 1 / (51 / 53 * 50 * (1 - share)))
    assert (estimate, error**2, df) == pytest.approx((2 * np.sqrt(1.5), 3.25, expected), rel=1e-12)


def test_unknown_strategies_are_refused():
    with pytest.raises(UsageError, match="Did you mean 'copy-reference'"):
        impute(RESULT, "massage", 2, "copy-referenc")


def test_ls_means_are_those_of_the_patients_in_the_model():
    """Patients kept for imputation alone, without any outcome, do not move the covariates' means."""
    rows = dropouts()
    rows.loc[rows["id"].isin(range(8)), "y"] = np.nan
    kept, left = mmrm(rows, **SETTINGS), mmrm(rows, **{**SETTINGS, "unseen": False})
    assert kept.mean("massage", 2).estimate == pytest.approx(left.mean("massage", 2).estimate, rel=1e-9)
