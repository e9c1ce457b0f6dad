"""Permutation of the arms: against every possible allocation, against scipy, and by how often it is right."""

from itertools import combinations

import numpy as np
import pytest
from model_studies import make_claim, one_visit, study_with
from scipy import stats

from mmresearch.models import ask
from mmresearch.models.permutation import deal, permute, permuted_line
from mmresearch.models.table import gather

ONE = np.ones((10, 1))


def every_allocation(n, size):
    return np.array([np.isin(np.arange(n), chosen).astype(float) for chosen in combinations(range(n), size)])


def small_trial(effect=2.0, seed=3):
    treated = np.tile([1.0, 0.0], 5)
    return np.random.default_rng(seed).normal(size=10) + effect * treated, treated


def test_the_interval_is_that_of_the_exact_test_over_all_allocations():
    """scipy.stats.permutation_test (exact: 252 allocations) inverted by hand at both ends; tolerance of the search."""
    outcome, treated = small_trial()
    dealt = every_allocation(10, 5)
    dealt = dealt[~(dealt == treated).all(axis=1)]  # the real one counts beside the deals
    point, low, high = permute(outcome, ONE, treated, dealt, 0.90)

    def one_sided(shift, side):
        moved = outcome - shift * treated
        return stats.permutation_test((moved[treated == 1], moved[treated == 0]), lambda a, b: a.mean() - b.mean(),
                                      alternative=side, n_resamples=np.inf).pvalue

    assert point == pytest.approx(outcome[treated == 1].mean() - outcome[treated == 0].mean())
    for end, side in ((low, "greater"), (high, "less")):
        step = 1e-6 if side == "greater" else -1e-6
        assert one_sided(end - step, side) <= 0.05 + 1 / 252
        assert one_sided(end + step, side) > one_sided(end - step, side)
        assert one_sided(end + step, side) >= 0.05


def test_with_many_patients_it_is_close_to_the_analysis_of_covariance():
    """Normal errors, 200 patients, one covariate: ordinary least squares; 1999 deals leave about 3% of the width."""
    dice = np.random.default_rng(5)
    treated, start = np.tile([1.0, 0.0], 100), dice.normal(size=200)
    outcome, others = 0.7 * start - treated + dice.normal(size=200), np.column_stack([np.ones(200), start])
    columns = np.column_stack([others, treated])
    slopes, squares = np.linalg.lstsq(columns, outcome, rcond=None)[:2]
    error = np.sqrt(squares[0] / 197 * np.linalg.inv(columns.T @ columns)[2, 2])
    point, low, high = permute(outcome, others, treated, deal(treated, np.zeros(200)), 0.95)
    assert point == pytest.approx(slopes[2])
    assert (low, high) == pytest.approx(slopes[2] + stats.t.ppf([0.025, 0.975], 197) * error, abs=0.08 * 3.9 * error)


def test_arms_are_dealt_again_within_strata():
    treated, strata = np.array([1.0, 1, 0, 0, 0, 1]), np.array(["a", "a", "a", "a", "b", "b"])
    dealt = deal(treated, strata, deals=50)
    assert set(dealt[:, :4].sum(axis=1)) == {2.0} and set(dealt[:, 4:].sum(axis=1)) == {1.0}
    assert len({tuple(each) for each in dealt}) > 5
    assert np.array_equal(dealt, deal(treated, strata, deals=50))


def test_too_few_allocations_exclude_nothing():
    outcome, treated = np.array([1.0, 2, 3, 4]), np.array([1.0, 1, 0, 0])
    assert permute(outcome, np.ones((4, 1)), treated, deal(treated, np.zeros(4)), 0.95)[1:] == (-np.inf, np.inf)


@pytest.mark.parametrize("analysis, study, shown", [
    ({}, {}, True),
    ({}, {"design": "cohort"}, False),
    ({"modifier": "age", "measure": "slope"}, {}, False),
])
def test_only_what_chance_allocated_is_permuted(analysis, study, shown):
    study = study_with(**study)
    dataset = one_visit(study)
    question = ask(make_claim(**analysis), dataset)
    assert bool(permuted_line(question, gather(question, dataset), study, 0.95)) is shown


def test_strata_are_named():
    study = study_with(strata=["site"])
    question = ask(make_claim(), one_visit(study))
    words, = permuted_line(question, gather(question, one_visit(study)), study, 0.95)
    assert words == "permutation of the arms within site (2,000 allocations, patients observed at the visit)"


def test_its_interval_covers_the_truth_with_twelve_patients():
    """Skewed errors, six patients an arm, 300 trials: binomial bounds at 1 in 10,000."""
    covered, dice = 0, np.random.default_rng(9)
    for trial in range(300):
        treated = dice.permutation(np.tile([1.0, 0.0], 6))
        outcome = dice.exponential(size=12) + treated
        low, high = permute(outcome, np.ones((12, 1)), treated, deal(treated, np.zeros(12), 399, trial), 0.95)[1:]
        covered += low <= 1.0 <= high
    assert stats.binomtest(covered, 300, 0.95).pvalue > 1e-4, covered
