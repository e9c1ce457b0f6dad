"""Tables in chunks, many fits, and arms with a covariance of their own."""

import numpy as np
import pytest
from trials import SETTINGS, trial

from mmresearch.errors import DataError, UsageError
from mmresearch.models.mmrm import (
    bootstrap,
    fit_mmrm,
    fit_statistics,
    jackknife,
    mmrm,
    mmrm_chunks,
    statistics_of,
)

ROWS = trial(n=120, seed=21, arms=("usual", "massage", "sham"))
CHUNKED = {key: value for key, value in SETTINGS.items() if key != "reference"} | dict(
    arms=("usual", "massage", "sham"), visits=(0, 1, 2, 3), levels={"sex": ("f", "m", "x")}
)


def pieces(rows, count):
    return [rows[rows["id"] % count == part] for part in range(count)]


@pytest.mark.parametrize("per_arm", [False, True])
def test_chunks_give_what_the_whole_table_gives(per_arm):
    """Tolerance 1e-9: only the order of additions differs."""
    whole = mmrm(ROWS, **SETTINGS, per_arm=per_arm)
    parts = mmrm_chunks(pieces(ROWS, 5), **CHUNKED, per_arm=per_arm)
    assert parts.n == whole.n and parts.n_at == whole.n_at and parts.troubles == whole.troubles == ()
    for arm in ("massage", "sham"):
        a, b = parts.contrast(arm, 3), whole.contrast(arm, 3)
        assert (a.estimate, a.standard_error, a.df) == pytest.approx((b.estimate, b.standard_error, b.df), rel=1e-8)
    assert parts.mean("sham", 1).estimate == pytest.approx(whole.mean("sham", 1).estimate, rel=1e-9)


def test_labels_that_were_not_declared_are_counted():
    with pytest.raises(DataError, match="sex: 1 label"):
        mmrm_chunks(pieces(ROWS, 2), **{**CHUNKED, "levels": {"sex": ("f", "m")}})


def test_no_chunk_is_refused():
    with pytest.raises(UsageError, match="no chunk"):
        mmrm_chunks([], **CHUNKED)


def test_jackknife_equals_fitting_without_each_patient():
    rows = trial(n=12, T=2, seed=3)
    setting = dict(outcome="y", patient="id", visit="visit", arm="arm", reference="usual", df="satterthwaite")
    whole = mmrm(rows, **setting)
    left = jackknife(whole.fit, whole.row("massage", 1))
    assert left.failed == 0 and len(left.estimates) == 12
    for i, label in enumerate(whole.fit.rows.labels):
        found = mmrm(rows[rows["id"] != label], **setting).contrast("massage", 1)
        assert (left.estimates[i, 0], left.standard_errors[i, 0]) == pytest.approx(
            (found.estimate, found.standard_error), rel=1e-6
        )


def test_bootstrap_is_seeded_and_near_the_standard_error():
    result = mmrm(trial(n=80, seed=5), **SETTINGS)
    row = result.row("massage", 3)
    first, again = (bootstrap(result.fit, row, 150, seed=1) for _ in range(2))
    assert np.array_equal(first.estimates, again.estimates) and first.failed == 0
    # the bootstrap's own error at 150 draws is 6%; 25% is four of them
    assert first.estimates.std() == pytest.approx(result.contrast("massage", 3).standard_error, rel=0.25)


def test_a_covariance_for_each_arm_equals_each_arm_alone():
    """With every coefficient an arm's own, the deviance of both arms is the sum of each arm's (ML, 1e-8)."""
    rows = trial(n=60, seed=6)
    setting = dict(outcome="y", patient="id", visit="visit", arm="arm", df="satterthwaite", reml=False)
    both = mmrm(rows, **setting, reference="usual", per_arm=True)
    alone = [mmrm(rows[rows["arm"] == arm], **setting, reference=arm) for arm in ("usual", "massage")]
    assert both.fit.deviance == pytest.approx(sum(each.fit.deviance for each in alone), rel=1e-9)
    assert both.fit.sigma[1] == pytest.approx(alone[1].fit.sigma[0], rel=1e-5)


def test_many_patterns_do_not_change_the_answer(monkeypatch):
    """Sums too large to hold unpacked are unpacked block by block."""
    from mmresearch.models.mmrm import moments

    whole = mmrm(ROWS, **SETTINGS)
    monkeypatch.setattr(moments, "BLOCK", 4000)
    monkeypatch.setattr(moments, "HELD", 4000)
    assert fit_statistics(whole.fit.statistics).deviance == pytest.approx(whole.fit.deviance, rel=1e-12)


@pytest.mark.parametrize("by", ["patients", "arms", "visits"])
def test_statistics_of_array_chunks_add_whatever_is_constant_in_one(by):
    """A chunk of one arm has constant columns the others lack; a chunk may lack a visit. Tolerance 1e-9."""
    rows = trial(n=90, seed=22).assign(y=lambda t: t["y"] + 1e5)
    visit, arm = rows["visit"].to_numpy(), (rows["arm"] == "massage").to_numpy(dtype=float)
    dummies = [(visit == v).astype(float) for v in range(1, 4)]
    X = np.column_stack([np.ones(len(rows)), *dummies, arm, *(arm * d for d in dummies), rows["baseline"]])
    last = rows.groupby("id")["visit"].transform("max").to_numpy()
    part = {"patients": rows["id"].to_numpy() % 3, "arms": arm, "visits": (last == 3) + 0}[by]
    pieces = [
        statistics_of(rows["y"][part == c], X[part == c], rows["id"][part == c], visit[part == c], visits=range(4))
        for c in np.unique(part)
    ]
    whole = fit_mmrm(rows["y"], X, rows["id"], visit)
    added = fit_statistics(sum(pieces))
    assert added.deviance == pytest.approx(whole.deviance, rel=1e-9)
    assert added.coefficients == pytest.approx(whole.coefficients, rel=1e-6, abs=1e-6)
    row = np.eye(X.shape[1])[4]
    a, b = added.contrast(row), whole.contrast(row)
    assert (a.standard_error, a.df) == pytest.approx((b.standard_error, b.df), rel=1e-7)


def test_chunks_may_be_small_empty_or_without_variance():
    """One patient a chunk, the first with every covariate at 0, one without rows. Tolerance 1e-8."""
    rows = ROWS.assign(
        baseline=ROWS["baseline"].where(ROWS["id"] != 0, 0.0), age=ROWS["age"].where(ROWS["id"] != 0, 0.0)
    )
    rows = rows.assign(y=rows["y"].where(rows["id"] != 5, 0.0))
    whole = mmrm(rows, **SETTINGS)
    parts = mmrm_chunks([*pieces(rows, 120), rows.iloc[:0]], **CHUNKED)
    for one, other in ((parts.contrast, whole.contrast), (parts.mean, whole.mean)):
        a, b = one("sham", 3), other("sham", 3)
        assert (a.estimate, a.standard_error, a.df) == pytest.approx((b.estimate, b.standard_error, b.df), rel=1e-8)


def test_chunks_that_make_no_model_are_refused_in_words():
    with pytest.raises(UsageError, match="'sex' is categorical"):
        mmrm_chunks(pieces(ROWS, 2), **{**CHUNKED, "levels": None})
    alone = ROWS[ROWS["id"] == 1]
    X = np.column_stack([np.ones(len(alone))])
    with pytest.raises(DataError, match="at least 2 are needed"):
        fit_statistics(statistics_of(alone["y"], X, alone["id"], alone["visit"]))
    same = statistics_of(np.ones(6), np.ones((6, 1)), [1, 1, 2, 2, 3, 3], [1, 2] * 3)
    with pytest.raises(DataError, match="no variance is left"):
        fit_statistics(same)


def test_statistics_of_single_patients_add_to_the_whole():
    rows = trial(n=30, T=3, seed=23)
    X = np.column_stack([*(rows["visit"] == v for v in range(3)), rows["baseline"], rows["arm"] == "massage"])
    pieces = [
        statistics_of(rows["y"][at], X[at], rows["id"][at], rows["visit"][at], visits=range(3))
        for at in (rows["id"].to_numpy() == i for i in rows["id"].unique())
    ]
    added, whole = fit_statistics(sum(pieces)), fit_mmrm(rows["y"], X, rows["id"], rows["visit"])
    assert added.deviance == pytest.approx(whole.deviance, rel=1e-9)
