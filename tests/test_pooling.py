"""Pooling is held against R's metafor, against its own definition, and at its edges."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from mmresearch.errors import RegistryError, UsageError
from mmresearch.pooling import LEAST, Pooled, pool
from mmresearch.pooling.heterogeneity import estimate_tau2, generalised_q, log_likelihood

REFERENCE = Path(__file__).parent / "reference" / "pooling" / "output.json"  # R 4.2, metafor 3.8-1: script.R beside it
SETS = {name: found for name, found in json.loads(REFERENCE.read_text()).items() if name != "versions"}
NUMBERS = ("point", "standard_error", "low", "high", "p_value", "df", "tau2", "tau2_low", "tau2_high", "i2", "i2_low",
           "i2_high", "q", "q_p", "prediction_low", "prediction_high")
CLOSE = dict(rel=1e-6, abs=1e-8)  # metafor's own iterations end at 1e-11 of the spread squared


@pytest.mark.parametrize("name", SETS)
def test_every_number_is_metafor_s(name):
    expected = SETS[name]
    found = pool(expected["yi"], expected["sei"])
    assert {each: getattr(found, each) for each in NUMBERS} == pytest.approx(
        {each: expected[each] for each in NUMBERS}, **CLOSE)
    assert found.weights == pytest.approx(expected["weights"], **CLOSE)
    assert (found.k, found.k <= 4) == (expected["k"], expected["test"] == "adhoc")


def test_the_sets_hold_the_edges():
    """At least one with tau2 on its boundary, one truncated, one not, and one with nearly all variance between."""
    found = {name: pool(each["yi"], each["sei"]) for name, each in SETS.items()}
    assert [name for name, each in found.items() if each.tau2 == 0]
    assert found["alike_three"].truncated and found["alike_three"].ratio < 1
    assert not found["alike_six"].truncated and found["alike_six"].ratio < 1 and found["alike_six"].notes
    assert found["wild"].i2 > 0.999


@pytest.mark.parametrize("k", range(LEAST))
def test_fewer_than_three_are_not_pooled(k):
    with pytest.raises(UsageError, match=f"{k} studies: from 3 on"):
        pool([0.5] * k, [0.1] * k)


def test_three_equal_studies_keep_the_width_their_errors_give():
    found = pool([2.0] * 3, [0.3] * 3)
    assert (found.point, found.tau2, found.truncated) == (pytest.approx(2.0), 0.0, True)
    assert found.standard_error == pytest.approx(0.3 / math.sqrt(3))


def test_five_equal_studies_are_refused_because_no_width_would_follow():
    with pytest.raises(UsageError, match="all 5 effects are the same number"):
        pool([2.0] * 5, [0.3, 0.4, 0.5, 0.6, 0.7])


@pytest.mark.parametrize(("effects", "errors", "rule"), [
    ([1, 2, math.nan], [1, 1, 1], "effects are finite"),
    ([1, 2, 3], [1, 0, 1], "standard errors are finite and above 0"),
    ([1, 2, 3], [1, math.inf, 1], "standard errors are finite and above 0"),
    ([1, 2, 3], [1, 1], "one standard error an effect"),
])
def test_numbers_of_which_nothing_follows_are_refused(effects, errors, rule):
    with pytest.raises(UsageError, match=rule):
        pool(effects, errors)


def test_reml_takes_the_higher_of_two_maxima():
    """Two precise studies that agree and others far off: the likelihood has a peak near 0 and one far out."""
    rng, several = np.random.default_rng(1), 0
    for _ in range(400):
        y, v = rng.normal(0, 1, 4) * rng.choice([0.1, 3], 4), rng.choice([1e-4, 1e-2, 1.0, 9.0], 4)
        grid = np.geomspace(1e-7, 1e3, 400)
        values = np.array([log_likelihood(y, v, tau2) for tau2 in grid])
        inner = (values[1:-1] > values[:-2]) & (values[1:-1] > values[2:])
        several += inner.sum() + (values[0] > values[1]) > 1
        found = estimate_tau2(y, v)
        assert log_likelihood(y, v, found) >= max(values.max(), log_likelihood(y, v, 0.0)) - 1e-9
    assert several >= 3, "the sample holds likelihoods with several peaks"


@pytest.mark.parametrize("name", ["bcg", "raudenbush1985", "wild"])
def test_the_q_profile_s_ends_are_where_q_has_its_quantiles(name):
    """The definition itself (Viechtbauer 2007, eq. 8)."""
    from scipy.stats import chi2

    y, s = np.array(SETS[name]["yi"]), np.array(SETS[name]["sei"])
    found = pool(y, s)
    assert [chi2.cdf(generalised_q(y, s**2, end), len(y) - 1) for end in (found.tau2_low, found.tau2_high)] \
        == pytest.approx([0.975, 0.025], abs=1e-9)


@pytest.mark.parametrize(("shift", "factor"), [(7.0, 1.0), (0.0, 100.0), (-3.0, 0.01)])
def test_another_origin_or_unit_changes_nothing_else(shift, factor):
    y, s = np.array(SETS["bcg"]["yi"]), np.array(SETS["bcg"]["sei"])
    before, after = pool(y, s), pool(factor * y + shift, factor * s)
    assert (after.low, after.high, after.tau) == pytest.approx(
        (factor * before.low + shift, factor * before.high + shift, factor * before.tau), rel=1e-9)
    assert (after.i2, after.q) == pytest.approx((before.i2, before.q), rel=1e-9)


def test_the_interval_covers_the_mean_of_true_effects_as_often_as_it_says():
    """1,000 invented sets of 5 studies, true mean 0.3, tau 0.2: 95% but for simulation error (SE 0.7 points)."""
    rng = np.random.default_rng(20)
    covered = 0
    for _ in range(1000):
        s = rng.uniform(0.1, 0.35, 5)
        found = pool(rng.normal(0.3, np.sqrt(s**2 + 0.04)), s)
        covered += found.low <= 0.3 <= found.high
    assert 0.95 - 3 * 0.007 <= covered / 1000 <= 0.95 + 3 * 0.007


def test_an_invalid_record_cannot_exist():
    sound = pool(SETS["bcg"]["yi"], SETS["bcg"]["sei"])
    with pytest.raises(RegistryError, match="breaks its own rules") as refused:
        Pooled(**{**sound.__dict__, "low": 5.0, "tau2": -1.0})
    assert len(refused.value.findings) == 2
