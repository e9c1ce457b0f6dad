"""The engines of the method `mediation`, against R's lm and boot (tests/reference/mediation) and by simulation."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.regression.linear_model import OLS

from mmresearch.models import paths
from mmresearch.models.indirect import Bootstrap, Product, bca, quantiles
from mmresearch.models.inference import Contrast

FOLDER = Path(__file__).parent / "reference" / "mediation"
R = json.loads((FOLDER / "output.json").read_text())
TABLE = pd.read_csv(FOLDER / "relaxed.csv")
PARTS = (*(TABLE[name].to_numpy(float) for name in ("treated", "relaxed", "pain")), TABLE[["age", "before"]].to_numpy())
CLOSE = 1e-9  # R's output holds 14 digits


def test_coefficients():
    """R: lm."""
    found = paths.paths(*PARTS)
    for name in ("a", "b", "direct", "total"):
        assert getattr(found, name)[0] == pytest.approx(R[name], abs=CLOSE)
    assert found.indirect[0] == pytest.approx(R["a"] * R["b"], abs=CLOSE)


def test_each_draw_is_r_s():
    """R: boot, the same patients drawn."""
    indices = np.array(R["indices"]) - 1
    counts = np.array([np.bincount(row, minlength=60) for row in indices])
    assert paths.resampled(*PARTS, counts.astype(float)).indirect == pytest.approx(np.array(R["draws"]), abs=CLOSE)


def test_without_each_patient():
    assert paths.left_out(*PARTS).indirect == pytest.approx(np.array(R["without"]), abs=CLOSE)


def test_intervals_of_the_same_draws():
    """R: boot.ci(type = c("perc", "bca")), acceleration from the jackknife."""
    draws = np.array(R["draws"])
    assert quantiles(draws, (0.025, 0.975)) == pytest.approx(R["percentile"], abs=CLOSE)
    assert bca(R["a"] * R["b"], draws, np.array(R["without"]), 0.95) == pytest.approx(R["bca"], abs=CLOSE)


@pytest.mark.parametrize("row", R["sensitivity"])
def test_hidden_causes(row):
    """R: theorem 4 of Imai, Keele and Yamamoto 2010, from lm's residuals."""
    assert paths.paths(*PARTS).indirect_if(row["rho"])[0] == pytest.approx(row["indirect"], abs=CLOSE)


def test_the_formula_means_what_it_says():
    """R made two million patients with errors correlated by 0.4: there the formula at 0.4 gives the truth back."""
    assert R["worked"]["corrected"] == pytest.approx(R["worked"]["true"], abs=0.005)
    assert abs(R["worked"]["naive"] - R["worked"]["true"]) > 0.4
    found = paths.paths(*PARTS)
    assert found.indirect_if(found.link)[0] == pytest.approx(0, abs=1e-12)


def test_draws_are_within_arms_and_as_seeded():
    groups = np.array([1.0] * 30 + [0.0] * 10)
    counts = paths.draw_counts(np.random.default_rng(1), groups, 50)
    assert (counts[:, :30].sum(axis=1) == 30).all() and (counts[:, 30:].sum(axis=1) == 10).all()
    assert (counts == paths.draw_counts(np.random.default_rng(1), groups, 50)).all()


def test_a_draw_that_leaves_nothing_to_fit_is_nan():
    counts = np.zeros((2, 60))
    counts[0, :2], counts[1] = 30, 1
    found = paths.resampled(*PARTS, counts).indirect
    assert np.isnan(found[0]) and found[1] == pytest.approx(R["a"] * R["b"])


def test_the_p_of_a_bootstrap_is_that_of_its_interval():
    draws = np.random.default_rng(2).normal(0.5, 0.25, 3999)
    found = Bootstrap(draws, 40, 36.0)
    p = found.p_value()
    low, high = found.interval(1 - p)
    assert low == pytest.approx(0, abs=0.01) and high > 0.9
    assert Bootstrap(draws + 5, 40, 36.0).p_value() > 0


def test_expanded_percentiles_of_a_mean_come_near_to_student():
    """Hesterberg 2015, section 4.3: for a mean of normal values the expanded interval is close to Student's."""
    dice = np.random.default_rng(3)
    values = dice.normal(size=20)
    draws = dice.choice(values, (20000, 20)).mean(axis=1)
    expected = stats.t.interval(0.95, 19, values.mean(), values.std(ddof=1) / np.sqrt(20))
    assert Bootstrap(draws, 20, 19.0).interval(0.95) == pytest.approx(expected, abs=0.04)


def test_the_product_of_two_ts():
    """Oracle: a million draws of both; agreement to their error."""
    one, other = Contrast(0.8, 0.3, 7.0), Contrast(-0.6, 0.2, 30.0)
    dice = np.random.default_rng(4)
    draws = (0.8 + 0.3 * dice.standard_t(7, 1_000_000)) * (-0.6 + 0.2 * dice.standard_t(30, 1_000_000))
    found = Product(one, other)
    assert found.interval(0.95) == pytest.approx(np.quantile(draws, [0.025, 0.975]), abs=0.006)
    assert found.below(0) == pytest.approx(np.mean(draws < 0), abs=0.002)
    assert found.below(-0.3) == pytest.approx(np.mean(draws < -0.3), abs=0.002)
    assert found.p_value() == pytest.approx(2 * np.mean(draws > 0), abs=0.004)
    low, high = found.interval(1 - found.p_value())
    assert high == pytest.approx(0, abs=0.004) and low < -1  # 800 points stand for the first factor


def test_a_product_with_a_certain_factor_is_the_other():
    found = Product(Contrast(2.0, 1e-9, 1e6), Contrast(0.5, 0.1, 12.0))
    assert found.interval(0.95) == pytest.approx([2 * end for end in Contrast(0.5, 0.1, 12.0).interval(0.95)], abs=1e-4)


def test_the_direct_effect_s_error_is_that_of_least_squares():
    """R: lm's standard error, and statsmodels' with it."""
    columns = np.column_stack([np.ones(60), TABLE[["treated", "relaxed", "age", "before"]]])
    assert OLS(TABLE["pain"].to_numpy(), columns).fit().bse[1] == pytest.approx(R["direct_error"], abs=CLOSE)
