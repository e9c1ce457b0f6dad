"""Patients per arm for an interval of half the margin either side."""

import math

import numpy as np
import pytest
from outcomes import make_estimate
from scipy.stats import norm, t

from mmresearch.verdict.planning import half_width, narrow_enough, patients_per_arm


def with_sd(sd, patients, **changes):
    """An estimate as a two-sample t interval with this SD in both arms of so many patients would give it."""
    n = patients
    fields = {"standard_error": sd * math.sqrt(2 / n), "df": 2 * n - 2, "n": {"massage": n, "usual": n},
              "n_randomised": {"massage": n, "usual": n}}
    return make_estimate(**{**fields, **changes})


# Moore, McCabe, Craig, Introduction to the Practice of Statistics, 9th edition, example 7.22: SD 8 in both groups, 90%
# interval; margin of error 2.834, 2.801 and 2.770 with 45, 46 and 47 a group, so 47 for 2.8. The book's t has n - 1
# degrees of freedom, its conservative choice. Tolerance: as printed.
@pytest.mark.parametrize("n, printed", [(45, 2.834), (46, 2.801), (47, 2.770)])
def test_half_width_of_a_textbook(n, printed):
    assert half_width(with_sd(8, n, level=0.9, df=n - 1), n) == pytest.approx(printed, abs=5e-4)


def test_patients_of_a_textbook():
    assert patients_per_arm(with_sd(8, 47, level=0.9, df=46, margin=2 * 2.8)) == 47


# Closed form where the reference is normal: n = 2 (z s / h)^2 (Bland 2009, BMJ 339:b3985). Exact up to rounding up.
@pytest.mark.parametrize("sd, margin", [(2.4, 1), (10, 4), (0.5, 0.1)])
def test_patients_by_the_closed_form(sd, margin):
    expected = math.ceil(2 * (norm.ppf(0.975) * sd / (margin / 2)) ** 2)
    assert patients_per_arm(with_sd(sd, 50, df=None, margin=margin)) == expected


# Invented trials of the planned size. The root mean square of their half-widths is half the margin (t and SE as
# planned), within 1% over 2000 trials, where its own standard error is 0.1%.
def test_trials_of_the_planned_size_have_that_half_width():
    n = patients_per_arm(with_sd(2.4, 30, margin=2))
    draws = np.random.default_rng(20260101).normal(0, 2.4, size=(2000, 2, n))
    pooled = draws.var(axis=2, ddof=1).mean(axis=1)
    widths = t.ppf(0.975, 2 * n - 2) * np.sqrt(2 * pooled / n)
    assert np.sqrt((widths ** 2).mean()) == pytest.approx(1, rel=0.01)


def test_the_observed_effect_does_not_matter():
    assert patients_per_arm(with_sd(2, 40, low=-9, point=-8, high=-7)) == patients_per_arm(with_sd(2, 40))


def test_drop_out_adds_patients():
    whole = patients_per_arm(with_sd(2.4, 80, df=None))
    lossy = patients_per_arm(with_sd(2.4, 80, df=None, n_randomised={"massage": 100, "usual": 100}))
    assert lossy == math.ceil(whole / 0.8)


def test_clustering_is_in_the_standard_error_and_in_the_df():
    """A design effect of 2 doubles the variance and so the patients; few therapists widen t besides."""
    alone = patients_per_arm(with_sd(2.4, 80, df=None))
    inflated = patients_per_arm(with_sd(2.4 * math.sqrt(2), 80, df=None))
    few = patients_per_arm(with_sd(2.4 * math.sqrt(2), 80, df=8))
    assert inflated == pytest.approx(2 * alone, abs=1)
    assert few > inflated


def test_arms_of_unequal_size_cost_precision_that_equal_ones_give_back():
    unequal = with_sd(2.4, 80, n={"massage": 40, "usual": 120}, df=None,
                      n_randomised={"massage": 40, "usual": 120}, standard_error=2.4 * math.sqrt(1 / 40 + 1 / 120))
    assert patients_per_arm(unequal) == patients_per_arm(with_sd(2.4, 80, df=None))


def test_a_ratio_is_planned_on_the_log_scale():
    ratio = {"measure": "rate-ratio", "null": 1, "low": 0.6, "point": 0.8, "high": 1.07}
    same = [patients_per_arm(with_sd(1, 50, **ratio, margin=margin)) for margin in (1.25, 0.8)]
    assert same == [patients_per_arm(with_sd(1, 50, margin=math.log(1.25)))] * 2


@pytest.mark.parametrize("changes", [
    {"margin": None, "margin_source": None}, {"standard_error": None}, {"reference": None}, {"n": {"massage": 100}},
    {"margin": 0}, {"margin": 1e-6},
])
def test_no_number_where_none_can_be_given(changes):
    assert patients_per_arm(make_estimate(**changes)) is None


def test_narrow_enough():
    assert narrow_enough(make_estimate(low=-1.8, point=-1.3, high=-0.8))
    assert not narrow_enough(make_estimate(low=-1.9, point=-1.3, high=-0.8))
