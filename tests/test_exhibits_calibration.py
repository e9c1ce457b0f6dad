"""What a claim's page quotes of the operating characteristics."""

import pytest
from outcomes import make_claim, make_estimate

from mmresearch import exhibits
from mmresearch.exhibits import calibration

ROW = {"method": "change", "measure": "mean-difference", "hypothesis": "superiority", "model": "analysis of covariance",
       "intervals": 6000, "covered": 5700, "draws": 2000, "false_support": 50}
ROWS = tuple(ROW | {"patients": n} for n in (20, 40, 100))


@pytest.fixture(autouse=True)
def table(monkeypatch):
    monkeypatch.setattr(calibration, "_table", lambda: ROWS)


def shown(estimate, claim=None):
    return exhibits.show_calibration(claim or make_claim("pain"), estimate).html


def estimated(n=38, **changes):
    return make_estimate("pain", model="Analysis of covariance at week 12", n={"massage": n, "usual": 3 * n}, **changes)


@pytest.mark.parametrize("n, patients", [(8, 20), (27, 20), (29, 40), (60, 40), (70, 100), (900, 100)])
def test_the_nearest_size_is_by_the_smaller_arm_and_by_ratio(n, patients):
    assert f"studies of {patients} patients an arm" in shown(estimated(n))


def test_rates_stand_with_their_intervals():
    """Wilson's intervals of 5700 of 6000 and 50 of 2000, statsmodels proportion_confint to one decimal in percent."""
    text = shown(estimated())
    assert "95.0% (94.4 to 95.5)" in text and "2.5% (1.9 to 3.3) of 2000 studies" in text
    assert "So few draws" not in text


def test_support_is_quoted_for_the_same_hypothesis_only():
    text = shown(estimated(hypothesis="equivalence"))
    assert "held the truth" in text and "supported it" not in text


@pytest.mark.parametrize("estimate, claim", [
    (make_estimate("pain", model="Mixed model"), None),
    (estimated(measure="slope"), None),
    (estimated(), make_claim("pain", modifier="sex")),
    (make_estimate("pain", model="Analysis of covariance", n={}), None),
])
def test_what_was_not_simulated_is_said_not_to_have_been(estimate, claim):
    assert calibration.NONE in shown(estimate, claim)


def test_few_draws_are_said(monkeypatch):
    few = ROW | {"patients": 40, "intervals": 200, "covered": 190, "draws": 70, "false_support": 1}
    monkeypatch.setattr(calibration, "_table", lambda: (few,))
    assert "So few draws" in shown(estimated())


def test_the_table_of_the_package_is_read(monkeypatch):
    monkeypatch.undo()
    rows = calibration._table()
    assert {row["patients"] for row in rows} == {20, 40, 100}
    assert all(0 <= row["covered"] <= row["intervals"] for row in rows)
