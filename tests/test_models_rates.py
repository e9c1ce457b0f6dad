"""Rare events: exact intervals, repeats, two arms; against survey of R, statsmodels and print."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint
from statsmodels.stats.rates import confint_poisson

from mmresearch.models import rates

FOLDER = Path(__file__).parent / "reference" / "harms"
REFERENCE = json.loads((FOLDER / "output.json").read_text())
DATA = pd.read_csv(FOLDER / "data.csv")


@pytest.mark.parametrize("events, total", [(0, 50), (1, 50), (3, 100), (50, 50)])
def test_exact_intervals_are_those_of_statsmodels(events, total):
    """Oracle: statsmodels proportion_confint(beta) and confint_poisson(exact-c); 1e-9."""
    assert rates.clopper_pearson(events, total, 0.95) == pytest.approx(
        proportion_confint(events, total, method="beta"), abs=1e-9
    )
    wanted = confint_poisson(events, total, method="exact-c") if events else (0.0, stats.chi2.ppf(0.975, 2) / 2 / total)
    assert rates.poisson_exact(events, total, 0.95) == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize(
    "counts, low, high",
    [
        ((56, 70, 48, 80), 0.0528, 0.3382),
        ((9, 10, 3, 10), 0.1700, 0.8406),
        ((5, 56, 0, 29), -0.0326, 0.1933),
        ((0, 10, 0, 10), -0.2879, 0.2879),
        ((10, 10, 0, 20), 0.7156, 1.0),
        ((10, 10, 0, 10), 0.6636, 1.0),
    ],
)
def test_the_score_interval_is_that_of_newcombes_table(counts, low, high):
    """Newcombe 1998, Stat Med 17:873, table II, method 6 (Miettinen and Nurminen), as printed: four decimals."""
    assert rates.miettinen_nurminen(*counts, 0.95) == pytest.approx((low, high), abs=6e-5)


def test_the_score_interval_is_near_that_of_statsmodels():
    """statsmodels' score interval for a large sample; its root finding stops at 1e-2 of a standard error."""
    wanted = confint_proportions_2indep(300, 700, 250, 650, method="score")
    assert rates.miettinen_nurminen(300, 700, 250, 650, 0.95) == pytest.approx(wanted, abs=1e-3)


@pytest.mark.parametrize("name", ["clustered patient", "clustered therapist"])
def test_patients_who_count_several_times_are_as_in_survey(name):
    """R survey 4.1-1 svyratio and svyciprop(method = "beta"), tests/reference/harms/script.R; 1e-6."""
    case, by = name.split()
    rows, wanted = DATA[DATA["case"] == case], REFERENCE[name]
    labels = rows[by].to_numpy()
    share, variance, df = rates.ratio_share(rows["events"], rows["sessions"], labels)
    assert (share, math.sqrt(variance), df) == pytest.approx((wanted["share"], wanted["se"], wanted["df"]), rel=1e-6)
    size = rates.effective(rows["events"], rows["sessions"], labels, 0.95)
    found = rates.clopper_pearson(share * size, size, 0.95)
    assert found == pytest.approx((wanted["low"], wanted["high"]), rel=1e-6)


def test_patients_alike_count_no_more_than_once_each():
    """Where patients vary less than chance, survey takes more sessions than there are (kish 1473 of 523); we do not."""
    rows = DATA[DATA["case"] == "alike"]
    assert REFERENCE["alike therapist"]["kish"] > REFERENCE["alike therapist"]["n"]
    assert (
        rates.effective(rows["events"], rows["sessions"], rows["therapist"].to_numpy(), 0.95) == rows["sessions"].sum()
    )


def test_the_rule_of_three():
    """Hanley and Lippman-Hand 1983, JAMA 249:1743: 3 / n, within 2% for 100 and more."""
    for total in (100, 500, 2000):
        assert rates.rule_of_three(total) == pytest.approx(3 / total, rel=0.02)


def test_mid_p_of_fisher():
    """By hand: (0 of 30, 5 of 30): one-sided hypergeometric tails C(30,5) / C(60,5) each, half of both."""
    chance = math.comb(30, 5) / math.comb(60, 5)
    assert rates.fisher_mid_p(0, 30, 5, 30) == pytest.approx(chance)
    assert rates.fisher_mid_p(0, 10, 0, 10) == 1.0


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 20), st.integers(20, 60), st.integers(0, 20), st.integers(20, 60))
def test_score_intervals_hold_the_difference_and_turn_with_the_arms(events, total, other, others):
    low, high = rates.miettinen_nurminen(events, total, other, others, 0.95)
    turned = rates.miettinen_nurminen(other, others, events, total, 0.95)
    assert low <= events / total - other / others <= high
    assert (low, high) == pytest.approx((-turned[1], -turned[0]), abs=1e-6)


def coverage(chance, spread, draws, seed):
    """Share of intervals that hold the true rate: 40 patients of about 8 sessions, whose chances differ by `spread`."""
    dice, held = np.random.default_rng(seed), 0
    at = stats.norm.ppf((np.arange(4000) + 0.5) / 4000) * spread
    truth = float(np.mean(1 / (1 + np.exp(-(math.log(chance / (1 - chance)) + at)))))
    for _ in range(draws):
        sessions = np.maximum(dice.poisson(8, 40), 1)
        own = 1 / (1 + np.exp(-(math.log(chance / (1 - chance)) + spread * dice.normal(0, 1, 40))))
        events = dice.binomial(sessions, own)
        size = rates.effective(events, sessions, np.arange(40), 0.95)
        low, high = rates.clopper_pearson(events.sum() / sessions.sum() * size, size, 0.95)
        held += low <= truth <= high
    return held / draws


@pytest.mark.parametrize("chance, spread", [(0.01, 0.0), (0.05, 0.0), (0.05, 1.0)])
def test_the_interval_holds_the_true_rate(chance, spread):
    """An exact interval holds the truth at least as often as it says; more often where events are rare."""
    assert stats.binom.cdf(round(500 * coverage(chance, spread, 500, 3)), 500, 0.95) > 0.001
