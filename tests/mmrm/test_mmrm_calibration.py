"""A sample of `make calibrate`: rejections of a true null within binomial bounds. docs/mmrm.md holds the whole
table."""

import pytest
from scipy import stats

from mmresearch.models.mmrm.calibrate import calibrate

TRIALS = 500


def within(rate, expected, trials=TRIALS, error=0.001):
    """A rate that a true `expected` gives with probability above `error`, two-sided."""
    low, high = stats.binom.ppf([error / 2, 1 - error / 2], trials, expected) / trials
    return low <= rate <= high


@pytest.mark.parametrize("per_arm", [10, 20, 40])
def test_kenward_roger_rejects_a_true_null_as_often_as_it_says(per_arm):
    found = calibrate("kenward-roger-linear", TRIALS, seed=20, per_arm=per_arm)
    assert found.failed == 0 and within(found.rejected, 0.05)


def test_with_therapists_intervals_cover_as_often_as_they_say():
    found = calibrate("therapists", 200, seed=20, per_arm=40, therapists=8, icc=0.05)
    assert found.failed == 0 and within(found.rejected, 0.05, 200)


def test_the_sample_can_fail():
    """Therapists left out of the model although they hold 0.3 of the variance: rejects far too often."""
    found = calibrate("kenward-roger-linear", TRIALS // 2, seed=20, per_arm=40, therapists=8, icc=0.3)
    assert not within(found.rejected, 0.05, TRIALS // 2)
