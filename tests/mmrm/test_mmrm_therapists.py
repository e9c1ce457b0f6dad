"""Therapists as a random effect in the arms that have them."""

import numpy as np
import pytest
from trials import Dense, trial, visits_covariance

from mmresearch.errors import UsageError
from mmresearch.models.mmrm import fit_mmrm, mmrm
from mmresearch.models.mmrm.nested import _at
from mmresearch.models.mmrm.therapists import therapist_sums

SETTINGS = dict(outcome="y", patient="id", visit="visit", arm="arm", reference="usual", baseline="baseline")


def nested_trial(n=72, therapists=6, spread=1.5, seed=1, T=3):
    """The massage arm's patients have therapists; the usual arm's have none."""
    rows = trial(n=n, T=T, seed=seed)
    rng = np.random.default_rng(seed + 100)
    effects, treated = rng.normal(0, spread, therapists), rows["arm"] == "massage"
    number = (rows["id"] // 2) % therapists
    rows["therapist"] = np.where(treated, "T" + number.astype(str), "")
    rows["y"] += np.where(treated, effects[number], 0.0)
    return rows


def codes(result):
    return {trouble.code: trouble.severity for trouble in result.troubles}


def dense_of(result, rows):
    visit, therapist = rows["visit"].to_numpy(), rows["therapist"].to_numpy()
    arm = (rows["arm"] == "massage").to_numpy(dtype=float)
    dummies = [(visit == v).astype(float) for v in result.visits]
    X = np.column_stack([*dummies, *(arm * d for d in dummies), *(rows["baseline"] * d for d in dummies)])
    V = visits_covariance(result.fit.sigma, rows["id"].to_numpy(), visit)
    V += np.where((therapist[:, None] == therapist[None, :]) & (therapist != ""), result.therapists.variance, 0.0)
    return Dense(rows["y"].to_numpy(), X, V), X


def test_deviance_estimate_and_cr2_equal_dense_matrices():
    """V = blocks of Sigma + t z z', written out; tolerance 1e-9 (CR2 1e-7). Patients without therapist are alone."""
    rows = nested_trial()
    result = mmrm(rows, **SETTINGS, therapist="therapist", df="satterthwaite")
    dense, _ = dense_of(result, rows)
    assert result.therapists.variance > 0.1
    assert result.fit.deviance == pytest.approx(dense.deviance(), rel=1e-10)
    row, found = result.row("massage", 2), result.contrast("massage", 2)
    assert found.estimate == pytest.approx(row @ dense.beta, rel=1e-8)
    assert found.standard_error == pytest.approx(np.sqrt(row @ dense.phi @ row), rel=1e-8)
    clusters = np.where(rows["therapist"] == "", "alone " + rows["id"].astype(str), rows["therapist"])
    robust = result.robust("massage", 2)
    assert (robust.standard_error, robust.df) == pytest.approx(dense.cr2(clusters, row), rel=1e-7)
    assert "therapists as clusters" in robust.variant


def test_gradient_and_second_derivatives_equal_differences():
    rows = nested_trial(n=48)
    for code in ("us", "csh"):
        point = mmrm(rows, **SETTINGS, therapist="therapist", covariance=code, df="satterthwaite").fit.point
        x = np.append(point.theta, point.t) + 0.02
        here, steps = _at(point, x), 1e-5 * np.eye(len(x))
        slope = [(_at(point, x + s).value - _at(point, x - s).value) / 2e-5 for s in steps]
        bend = [(_at(point, x + s).gradient - _at(point, x - s).gradient) / 2e-5 for s in steps]
        assert here.gradient == pytest.approx(np.array(slope), abs=1e-5)
        assert here.hessian == pytest.approx(np.array(bend), abs=1e-6 * np.abs(bend).max())


def test_degrees_of_freedom_are_never_above_therapists_minus_2():
    for seed in range(6):
        result = mmrm(nested_trial(seed=seed), **SETTINGS, therapist="therapist")
        assert result.contrast("massage", 2).df <= 4 and result.mean("massage", 0).df <= 4
        assert result.mean("usual", 0).df > 4


def test_a_variance_estimated_0_still_limits_the_degrees_of_freedom():
    """Therapists dealt out at random, no effect of theirs: some trials estimate 0."""
    results = [mmrm(nested_trial(spread=0.0, seed=seed), **SETTINGS, therapist="therapist") for seed in range(8)]
    zero = [result for result in results if result.therapists.variance == 0]
    assert zero and all(result.contrast("massage", 2).df <= 4 for result in zero)
    plain = mmrm(nested_trial(spread=0.0, seed=0), **SETTINGS).contrast("massage", 2)
    assert plain.df > 20


@pytest.mark.parametrize("therapists", [1, 2])
def test_fewer_than_3_therapists_is_a_serious_trouble(therapists):
    result = mmrm(nested_trial(therapists=therapists), **SETTINGS, therapist="therapist")
    assert codes(result)["therapists-few"] == "serious" and f"massage ({therapists})" in result.troubles[-1].sentence
    assert result.therapists.variance is None and not result.fit.nested


def test_no_therapist_at_all_is_the_model_without():
    rows = nested_trial().assign(therapist="")
    result = mmrm(rows, **SETTINGS, therapist="therapist")
    assert result.therapists is None and result.contrast("massage", 2) == mmrm(rows, **SETTINGS).contrast("massage", 2)


def test_therapists_of_two_arms_and_unknown_ones_are_notes():
    rows = nested_trial()
    rows.loc[rows["id"] == 0, "therapist"] = "T1"
    rows.loc[rows["id"] == 1, "therapist"] = ""
    assert codes(mmrm(rows, **SETTINGS, therapist="therapist")) == {
        "therapists-few": "serious",
        "therapists-two-arms": "note",
        "therapists-unknown": "note",
    }


def test_sums_of_therapists_add():
    rows = mmrm(nested_trial(), **SETTINGS).fit.rows
    therapist = np.arange(len(rows.seen)) % 5 - 1
    labels = [f"T{j}" for j in range(4)]
    half = np.arange(len(rows.seen)) < 30
    whole = therapist_sums(rows.layout, rows.patients, rows.seen, therapist, labels)
    parts = [
        therapist_sums(rows.layout, rows.patients[at], rows.seen[at], therapist[at], labels) for at in (half, ~half)
    ]
    added = parts[0] + parts[1]
    assert np.array_equal(added.keys, whole.keys) and np.array_equal(added.counts, whole.counts)
    assert added.totals == pytest.approx(whole.totals, rel=1e-12, abs=1e-12)


def test_robust_errors_by_patient_are_refused_with_therapists():
    from mmresearch.models.mmrm import cluster_sums

    with pytest.raises(UsageError, match="clusters are the therapists"):
        cluster_sums(mmrm(nested_trial(), **SETTINGS, therapist="therapist").fit)


def test_arrays_take_therapists_too():
    rows = nested_trial()
    result = mmrm(rows, **SETTINGS, therapist="therapist", df="satterthwaite")
    _, X = dense_of(result, rows)
    fit = fit_mmrm(rows["y"], X, rows["id"], rows["visit"], therapist=rows["therapist"], df="satterthwaite")
    assert fit.deviance == pytest.approx(result.fit.deviance, rel=1e-9)


def test_averages_and_joint_tests_are_limited_too():
    result = mmrm(nested_trial(spread=0.0, seed=3), **SETTINGS, therapist="therapist")
    assert result.average("massage").df <= 4 and result.joint("massage").df2 <= 4
    assert "limited to therapists - 2" in result.contrast("massage", 2).variant


@pytest.mark.parametrize("changed", [{"weights": "baseline"}, {"constrained": True}])
def test_what_is_not_built_with_therapists_is_refused(changed):
    with pytest.raises(UsageError, match="not built together"):
        mmrm(nested_trial(), **SETTINGS, therapist="therapist", **changed)


def test_therapists_may_be_numbers_or_categories():
    rows = nested_trial()
    text = mmrm(rows, **SETTINGS, therapist="therapist")
    numbers = rows.assign(therapist=rows["therapist"].map(lambda label: float(label[1:]) if label else np.nan))
    categories = rows.assign(therapist=rows["therapist"].astype("category"))
    for other in (numbers, categories):
        found = mmrm(other, **SETTINGS, therapist="therapist").contrast("massage", 2)
        assert found.standard_error == pytest.approx(text.contrast("massage", 2).standard_error, rel=1e-9)
