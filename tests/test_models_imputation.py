"""Imputation, Rubin's rules, delta and jump to reference against R (jomo, mice, mitml), and against the mixed model."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from mmresearch.models.clusters import cr2, influence
from mmresearch.models.completed import Comparison, draw_line, tip
from mmresearch.models.imputation import complete, pool
from mmresearch.models.mmrm import impute, mmrm

HERE = Path(__file__).parent / "reference" / "imputation"
R = json.loads((HERE / "output.json").read_text(encoding="utf-8"))  # of script.R beside it
TRIAL = pd.read_csv(HERE / "trial.csv")
COLUMNS = np.column_stack([np.ones(len(TRIAL)), TRIAL[["treated", "baseline", "age"]]])
VALUES = TRIAL[["y1", "y2", "y3"]].to_numpy()
TREATED = TRIAL["treated"].to_numpy(float)
ARM = np.array([False, True, False, False])


@pytest.fixture(scope="module")
def completed():
    """Many more draws than a page takes, so that chance does not hide a difference."""
    return complete(COLUMNS, VALUES, 2, ARM, draws=2000)


@pytest.fixture(scope="module")
def lines(completed):
    comparison, left = Comparison(COLUMNS, 1), completed.left * TREATED
    return {
        "assumed": draw_line(comparison, completed.outcomes, left),
        "jump": draw_line(comparison, completed.outcomes - completed.effects * left, left),
    }


def close(contrast, expected, points=0.06, errors=0.04, free=0.08):
    """Within so many standard errors of R (its chance: 400 draws, a twentieth of their spread), and in per cent."""
    assert contrast.point == pytest.approx(expected["point"], abs=points * expected["error"])
    assert contrast.standard_error == pytest.approx(expected["error"], rel=errors)
    assert contrast.df == pytest.approx(expected["df"], rel=free)


@pytest.mark.parametrize("sampler", ["missing_at_random", "chained"])
def test_missing_at_random_agrees_with_joint_and_chained_imputation_in_r(lines, sampler):
    close(lines["assumed"].at(0.0), R[sampler])


def test_a_delta_agrees_with_outcomes_moved_by_hand_in_r(lines):
    close(lines["assumed"].at(1.0), R["worse_by_one"])


def test_jump_to_reference_agrees_with_the_arms_effect_taken_away_draw_by_draw_in_r(lines):
    close(lines["jump"].at(0.0), R["jump_to_reference"])


def test_the_arms_effect_is_drawn_from_the_posterior_r_samples(completed):
    effects = completed.effects[:, TREATED == 1][:, 0]
    assert effects.mean() == pytest.approx(R["effect"]["mean"], abs=0.05 * R["effect"]["sd"])
    assert effects.std() == pytest.approx(R["effect"]["sd"], rel=0.06)
    assert not completed.effects[:, TREATED == 0].any()


def test_rubins_rules_are_those_of_mitml():
    """mitml 0.4-4, testEstimates with df.com: the same formulas, so exact."""
    known = R["rubin"]
    found = pool(np.array(known["points"]), np.array(known["variances"]), known["df_complete"])
    assert found == pytest.approx((known["point"], known["error"], known["df"]), rel=1e-6)


def test_the_mixed_models_own_imputation_agrees():
    """mmresearch.models.mmrm.impute: conditional means with the jackknife, another engine; 5% of its standard error."""
    long = TRIAL.melt(["patient", "treated", "baseline", "age"], ["y1", "y2", "y3"], "visit", "y")
    result = mmrm(long, outcome="y", patient="patient", visit="visit", arm="treated", reference=0, baseline="baseline",
                  covariates=("age",), by_visit=("age",), unseen=True)
    completed = complete(COLUMNS, VALUES, 2, ARM, draws=2000)
    comparison, left = Comparison(COLUMNS, 1), completed.left * TREATED
    for strategy, outcomes in (("mar", completed.outcomes),
                               ("jump-to-reference", completed.outcomes - completed.effects * left)):
        theirs = impute(result, 1, "y3", strategy, draws=5)
        ours = draw_line(comparison, outcomes, left).at(0.0)
        assert ours.point == pytest.approx(theirs.jackknife.estimate, abs=0.05 * ours.standard_error)
        if strategy == "mar":
            assert ours.standard_error == pytest.approx(theirs.jackknife.standard_error, rel=0.1)


def test_the_first_hundred_draws_are_near_the_many():
    few = complete(COLUMNS, VALUES, 2, ARM)
    line, many = draw_line(Comparison(COLUMNS, 1), few.outcomes, few.left * TREATED), R["missing_at_random"]
    assert line.at(0.0).point == pytest.approx(many["point"], abs=0.15 * many["error"])


def test_draws_repeat_and_seen_outcomes_stay(completed):
    first, second = (complete(COLUMNS, VALUES, 2, ARM, draws=3) for _ in range(2))
    assert np.array_equal(first.outcomes, second.outcomes)
    seen = ~np.isnan(VALUES[:, 2])
    assert np.allclose(completed.outcomes[:, seen], VALUES[seen, 2])
    assert np.isfinite(completed.outcomes).all()
    assert completed.left.sum() == np.isnan(VALUES[:, 2]).sum()  # the last visit: nobody comes back after it


def test_a_gap_before_a_later_visit_is_not_leaving():
    at_second = complete(COLUMNS, VALUES, 1, ARM, draws=2)
    gaps = np.isnan(VALUES[:, 1]) & ~np.isnan(VALUES[:, 2])
    assert gaps.any() and not at_second.left[gaps].any()


def test_too_few_observed_patients_are_not_imputed():
    assert complete(COLUMNS[:9], VALUES[:9], 2, ARM) is None


def test_the_tipping_point_is_where_the_interval_first_holds_the_null():
    """A difference of 3 that is found for certain: at the tipping point the interval ends on the null."""
    values = VALUES - 3.0 * np.outer(TREATED, [1, 1, 1])
    completed = complete(COLUMNS, values, 2, ARM)
    line = draw_line(Comparison(COLUMNS, 1), completed.outcomes, completed.left * TREATED)
    delta = tip(line, 0.0, 0.95)
    assert delta > 0 and line.at(0.0).interval(0.95)[1] < 0
    assert line.at(delta).interval(0.95)[1] == pytest.approx(0.0, abs=1e-6)
    assert tip(line, 0.0, 0.999) < delta


def test_an_interval_that_holds_the_null_has_no_tipping_point(lines):
    assert tip(lines["assumed"], 0.0, 0.95) is None


def test_clustered_comparisons_are_cr2_of_each_completed_outcome(completed):
    """models/clusters.py, checked there against clubSandwich, of one completed outcome at a time; exact."""
    labels = np.where(TREATED == 1, np.arange(len(TRIAL)) % 7, 100 + np.arange(len(TRIAL)))
    comparison = Comparison(COLUMNS, 1, labels)
    outcome = completed.outcomes[5]
    slopes = np.linalg.lstsq(COLUMNS, outcome, rcond=None)[0]
    variance, df = cr2(COLUMNS, outcome - COLUMNS @ slopes, labels, np.array([0.0, 1, 0, 0]))
    assert comparison.points(outcome) == pytest.approx(slopes[1])
    assert np.square(comparison.scores(outcome)).sum() == pytest.approx(variance)
    assert comparison.df(outcome) == pytest.approx(df)
    assert len(influence(COLUMNS, labels, np.array([0.0, 1, 0, 0]))) == len(TRIAL)


@pytest.mark.slow
def test_intervals_after_imputation_cover_the_truth():
    """80 patients, 40% gone for reasons seen at the first visit: 400 trials, binomial bounds at 1 in 10,000."""
    dice, covered, gone, trials = np.random.default_rng(31), 0, 0.0, 400
    root = np.linalg.cholesky(0.5 * np.eye(2) + 0.5)
    for trial in range(trials):
        treated, start = np.tile([1.0, 0.0], 40), dice.normal(size=80)
        values = (0.6 * start - treated)[:, None] + dice.normal(size=(80, 2)) @ root.T
        leaves = dice.random(80) < stats.norm.cdf(1.2 * (values[:, 0] - values[:, 0].mean()) - 0.4)
        values[leaves, 1] = np.nan
        columns = np.column_stack([np.ones(80), treated, start])
        completed = complete(columns, values, 1, np.array([False, True, False]), draws=40, steps=15, seed=trial)
        low, high = draw_line(Comparison(columns, 1), completed.outcomes, treated).at(0.0).interval(0.95)
        covered, gone = covered + (low <= -1.0 <= high), gone + leaves.mean() / trials
    assert 0.3 < gone < 0.5
    assert stats.binomtest(covered, trials, 0.95).pvalue > 1e-4, covered
