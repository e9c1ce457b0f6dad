"""The sums against the same model written out with dense matrices, and derivatives against differences."""

import numpy as np
import pytest
from trials import SETTINGS, Dense, trial, visits_covariance

from mmresearch.models.mmrm import cluster_sums, fit_mmrm, mmrm
from mmresearch.models.mmrm.likelihood import Point
from mmresearch.models.mmrm.structures import NAMES, Covariance, Structure


def arrays(rows):
    """Return (y, X, patient, visit): intercept, visits, arm, arm by visit, baseline, age."""
    visit, arm = rows["visit"].to_numpy(), (rows["arm"] == "massage").to_numpy(dtype=float)
    dummies = [(visit == v).astype(float) for v in range(1, visit.max() + 1)]
    X = np.column_stack([np.ones(len(rows)), *dummies, arm, *(arm * d for d in dummies), rows["baseline"], rows["age"]])
    return rows["y"].to_numpy(), X, rows["id"].to_numpy(), visit


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("per_arm", [True, False])
@pytest.mark.parametrize("weighted", [True, False])
def test_deviance_estimates_and_errors_equal_dense_matrices(reml, per_arm, weighted):
    """Tolerance 1e-9 relative: two ways of writing one formula, in double precision."""
    rows = trial(seed=4)
    y, X, patient, visit = arrays(rows)
    arm = (rows["arm"] == "massage").to_numpy(dtype=int)
    weights = np.random.default_rng(1).uniform(0.5, 2, len(y)) if weighted else None
    fit = fit_mmrm(
        y, X, patient, visit, groups=arm if per_arm else None, weights=weights, reml=reml, df="satterthwaite"
    )
    dense = Dense(y, X, visits_covariance(fit.sigma, patient, visit, arm if per_arm else None, weights))
    assert fit.convergence.sound
    assert fit.deviance == pytest.approx(dense.deviance(reml), rel=1e-10)
    assert fit.coefficients == pytest.approx(dense.beta, rel=1e-8, abs=1e-9)
    errors = [c.standard_error for c in fit.contrasts(np.eye(X.shape[1]), [""] * X.shape[1])]
    assert errors == pytest.approx(np.sqrt(np.diag(dense.phi)), rel=1e-9)


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("code", NAMES)
def test_gradient_and_observed_information_equal_differences(code, reml):
    """Central differences of step 1e-5 of analytic values; tolerance 1e-6 of the largest entry."""
    fit = fit_mmrm(
        *arrays(trial(seed=2)), covariance=code, reml=reml, times=range(4), df="satterthwaite", fallback=False
    )
    covariance = Covariance(Structure(code, 4, tuple(range(4))))
    theta = fit.point.theta * 1.05 + 0.01

    def at(move):
        return Point(fit.moments, covariance, theta + move, reml)

    here, steps = at(0), 1e-5 * np.eye(len(theta))
    slope = np.array([(at(s).value - at(-s).value) / 2e-5 for s in steps])
    bend = np.array([(at(s).gradient - at(-s).gradient) / 2e-5 for s in steps])
    assert here.gradient == pytest.approx(slope, abs=1e-6 * max(1, np.abs(slope).max()))
    assert here.observed == pytest.approx(bend, abs=1e-6 * np.abs(bend).max())


@pytest.mark.parametrize("code", ["us", "csh"])
def test_average_and_expected_information_equal_traces_of_dense_matrices(code):
    fit = fit_mmrm(*arrays(trial(n=24, seed=3)), covariance=code, df="satterthwaite", fallback=False)
    y, X, patient, visit = arrays(trial(n=24, seed=3))
    scale = fit.moments.columns.scale[-1]
    dense = Dense(y / scale, X, visits_covariance(fit.sigma / scale**2, patient, visit))
    P = dense.inverse - dense.inverse @ X @ dense.phi @ X.T @ dense.inverse
    slopes = [visits_covariance(s, patient, visit) for s in fit.point.slopes]
    expected = np.array([[np.sum((P @ a) * (P @ b).T) for b in slopes] for a in slopes])
    Py = P @ dense.y
    average = np.array([[Py @ a @ P @ b @ Py for b in slopes] for a in slopes])
    assert fit.point.expected == pytest.approx(expected, rel=1e-8, abs=1e-8 * np.abs(expected).max())
    assert fit.point.average == pytest.approx(average, rel=1e-8, abs=1e-8 * np.abs(average).max())


@pytest.mark.parametrize("by", ["patient", "cluster", "sums"])
def test_cr2_equals_dense_matrices(by):
    """Bell and McCaffrey's formula cluster by cluster, with the model's own covariance; tolerance 1e-8."""
    rows = trial(n=40, seed=5)
    y, X, patient, visit = arrays(rows)
    fit = fit_mmrm(y, X, patient, visit)
    dense = Dense(y, X, visits_covariance(fit.sigma, patient, visit))
    row = np.zeros(X.shape[1])
    row[[4, 7]] = 1.0
    codes = np.arange(40) % 9
    if by == "patient":
        found, clusters = cluster_sums(fit), patient
    elif by == "cluster":
        found, clusters = cluster_sums(fit, codes), codes[patient]
    else:
        found, clusters = _pooled(fit, codes), codes[patient]
    contrast = found.contrasts(fit, row, ["x"])[0]
    assert (contrast.standard_error, contrast.df) == pytest.approx(dense.cr2(clusters, row), rel=1e-8)


def _pooled(fit, codes):
    from mmresearch.models.mmrm import pooled_sums
    from mmresearch.models.mmrm.sums import summed

    rows = fit.rows
    parts = [summed(rows.layout, rows.patients[codes == c], rows.seen[codes == c]) for c in range(9)]
    return pooled_sums(fit, parts)


def test_kenward_roger_equals_dense_matrices():
    """Kenward and Roger 1997, equations 1 to 4, with dense matrices for an unstructured covariance; tolerance 1e-8."""
    rows = trial(n=24, T=3, seed=6)
    y, X, patient, visit = arrays(rows)
    fit = fit_mmrm(y, X, patient, visit)
    dense = Dense(y, X, visits_covariance(fit.sigma, patient, visit))
    slopes = [visits_covariance(s[None], patient, visit) for s in Structure("us", 3).basis]
    w = 2 * np.linalg.inv(fit.point.observed) * fit.moments.columns.scale[-1] ** 4
    iV, phi = dense.inverse, dense.phi
    P = [-X.T @ iV @ s @ iV @ X for s in slopes]
    middle = sum(
        w[k, m] * (X.T @ iV @ slopes[k] @ iV @ slopes[m] @ iV @ X - P[k] @ phi @ P[m])
        for k in range(6)
        for m in range(6)
    )
    adjusted = phi + 2 * phi @ middle @ phi
    errors = [c.standard_error for c in fit.contrasts(np.eye(X.shape[1]), [""] * X.shape[1])]
    assert errors == pytest.approx(np.sqrt(np.diag(adjusted)), rel=1e-8)


def test_ls_means_equal_predictions_at_the_mean_covariates():
    rows = trial(seed=7)
    result = mmrm(rows, **SETTINGS)
    patients = rows.drop_duplicates("id")
    b = dict(zip(result.fit.names, result.fit.coefficients, strict=True))
    expected = (
        b["visit[2]"]
        + b["arm[massage]:visit[2]"]
        + b["baseline:visit[2]"] * patients["baseline"].mean()
        + b["age"] * patients["age"].mean()
        + (b["sex[m]"] + b["sex[x]"]) / 3
    )
    assert result.mean("massage", 2).estimate == pytest.approx(expected, rel=1e-10)
    difference = result.mean("massage", 2).estimate - result.mean("usual", 2).estimate
    assert result.contrast("massage", 2).estimate == pytest.approx(difference, rel=1e-10)
