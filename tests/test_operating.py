"""Operating characteristics in short: the studies of bench/cases.py, few draws of them, and the page made of them."""

import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from bench import cases, operating, operating_page, operating_quotes  # noqa: E402
from bench.crowds import draw_crowd  # noqa: E402
from mmresearch.study import Dataset  # noqa: E402

NAMES = [case.name for case in cases.CASES]


def drawn(name, n, place, draws, seed=7):
    return operating.tally(((name, n, place), 0, draws, seed))[1]


@pytest.mark.parametrize("name", NAMES)
def test_every_method_has_an_interval_of_its_invented_study(name):
    found = drawn(name, 40, 1, 2)
    assert found["draws"] == 2 and found["intervals"] >= 1 and not found["not-assessable: no-time"]


@pytest.mark.parametrize("name", ["change (ANCOVA)", "harms, shares"])
def test_few_draws_stay_within_what_chance_allows(name):
    """25 draws at 40 an arm; bounds are the 0.1% points of the binomials of 95% and 2.5%: a rate of 10% is not found
    here but by `make calibrate`, a wrong sign or a standard error of half its size is."""
    null = drawn(name, 40, 0, 25)
    assert stats.binom.cdf(null["covered"], null["intervals"], 0.95) > 0.001
    assert stats.binom.sf(operating_page.supported(null) - 1, 25, 0.025) > 0.001
    assert stats.binom.sf(null["refuted: opposite"] - 1, 25, 0.025) > 0.001
    twice = drawn(name, 100, 2, 8)
    assert operating_page.supported(twice) >= 4


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_coverage_and_false_support_of_every_method(name):
    null = drawn(name, 40, 0, 150)
    assert stats.binom.cdf(null["covered"], null["intervals"], 0.93) > 0.001
    assert stats.binom.sf(operating_page.supported(null) - 1, 150, 0.05) > 0.001


def test_the_same_draw_has_the_same_dice_however_they_are_cut():
    whole, halves = drawn("proportion", 20, 0, 4), {}
    for first, last in ((0, 1), (1, 4)):
        operating.add(halves, operating.tally((("proportion", 20, 0), first, last, 7))[1])
    assert halves == pytest.approx(whole)


@pytest.mark.parametrize("name, among", [("responder", 200_000), ("time-to-event", 200_000)])
def test_truths_by_quadrature_are_what_many_patients_show(name, among):
    """Raw arms of one very large study, every patient with a therapist of their own; five Monte Carlo errors."""
    case = operating.find(name)
    effect = case.effects[1]
    values, treated = _followed(name, case, among, effect)
    arms = [values[treated == each] for each in (1, 0)]
    error = np.sqrt(sum(each.var() / len(each) for each in arms))
    assert abs(arms[0].mean() - arms[1].mean() - case.truth(effect)) < 5 * error


def _followed(name, case, among, effect):
    dice = np.random.default_rng(3)
    crowd = draw_crowd(dice, among, therapists=among)
    if name == "responder":
        start, later = cases.invented.pain(crowd, dice, effect)
        return ((start - later >= 2) & crowd.stays).astype(float), crowd.treated
    pull = np.exp(effect * crowd.treated + cases.invented.PULL * crowd.skill)
    days = np.ceil(dice.exponential(1, len(pull)) / (cases.invented.HAZARD * pull))
    return np.minimum(days, cases.invented.HORIZON), crowd.treated


def test_margins_are_where_the_table_says():
    """The second truth is the margin in force, the third twice it, for methods with one."""
    for name in ("change (ANCOVA)", "responder", "dose", "crossover", "time-to-event", "harms, shares"):
        case = operating.find(name)
        dataset = case.invent(np.random.default_rng(1), 20, case.effects[1])
        assert isinstance(dataset, Dataset)
        estimate = operating.models.fit(case.claim, dataset)
        scale = np.log if estimate.measure in operating.RATIOS else float
        known = abs(scale(estimate.margin))
        assert [abs(float(scale(case.truth(each)))) for each in case.effects] == pytest.approx(
            [0, known, 2 * known], abs=1e-6)


@pytest.mark.parametrize("count, total, low, high", [(0, 20, 0.0, 0.1684), (10, 100, 0.0490, 0.1762),
                                                      (20, 20, 0.8316, 1.0)])
def test_monte_carlo_intervals_are_exact(count, total, low, high):
    """Clopper-Pearson as R's binom.test prints it (0 of 20; 10 of 100), to four decimals."""
    assert operating_page.exact(count, total) == pytest.approx((low, high), abs=6e-5)


@pytest.mark.parametrize("cell, place, says", [
    ({"draws": 2000, "intervals": 2000, "covered": 1840}, 1, "misses: covers too seldom"),
    ({"draws": 2000, "intervals": 2000, "covered": 1900}, 1, ""),
    ({"draws": 2000, "intervals": 2000, "covered": 1980}, 0, "misses: covers too often"),
    ({"draws": 2000, "intervals": 2000, "covered": 1900, "supported: None": 80}, 0, "misses: false support"),
    ({"draws": 2000, "intervals": 2000, "covered": 1900, "supported: None": 1800}, 1, ""),
    ({"draws": 2000, "intervals": 2000, "covered": 1900, "refuted: too-small": 80}, 1,
     "misses: false refutation, too small"),
    ({"draws": 2000, "intervals": 2000, "covered": 1900, "refuted: too-small": 900}, 0, ""),
])
def test_a_row_says_what_it_misses(cell, place, says):
    assert operating_page.judged(operating.find("change (ANCOVA)"), place, cell) == says


def test_the_committed_page_is_that_of_the_kept_draws():
    kept = operating.read(operating.SEED)
    assert kept["cells"] and operating_page.PAGE.read_text(encoding="utf-8") == operating_page.page(kept)


def test_the_committed_quotes_are_those_of_the_kept_draws():
    kept = operating.read(operating.SEED)
    assert operating_quotes.QUOTES.read_text(encoding="utf-8") == operating_quotes.quotes(kept)
