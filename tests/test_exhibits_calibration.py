"""What a claim's page quotes of the operating characteristics."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from outcomes import make_claim, make_estimate

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.cases import CASES
from bench.operating_quotes import MODELS, quotes
from mmresearch import exhibits, models
from mmresearch.claims import articles
from mmresearch.exhibits import calibration
from mmresearch.models.robustness import registered_alone

ANALYSED = [claim for claim in articles().claims.values() if claim.analysis]
ROW = {"method": "change", "measure": "mean-difference", "hypothesis": "superiority", "model": "analysis of covariance",
       "modifier": "", "therapists": 6, "intervals": 6000, "covered": 5700, "coverage": "", "draws": 2000,
       "meant": 2000, "false_support": 50, "support": ""}
ROWS = tuple(ROW | {"patients": n} for n in (20, 40, 100))


@pytest.fixture
def table(monkeypatch):
    monkeypatch.setattr(calibration, "_table", lambda: ROWS)


def shown(estimate, claim=None):
    return exhibits.show_calibration(claim or make_claim("pain"), estimate).text


def told(monkeypatch, **changes):
    """What stands on the page of a study of 38 an arm where the one row is changed so."""
    monkeypatch.setattr(calibration, "_table", lambda: (ROW | {"patients": 40} | changes,))
    return shown(estimated())


def estimated(n=38, **changes):
    return make_estimate("pain", n={"massage": n, "usual": 3 * n}, clustered=True,
                         **{"model": "Analysis of covariance at week 12", **changes})


@pytest.mark.parametrize("n, patients", [(8, 20), (27, 20), (29, 40), (60, 40), (70, 100), (900, 100)])
def test_the_nearest_size_is_by_the_smaller_arm_and_by_ratio(table, n, patients):
    assert f"those of {patients} patients in each arm; 6 therapists in all" in shown(estimated(n))


def test_rates_stand_with_their_intervals_and_what_is_meant(table):
    """Wilson's intervals of 5700 of 6000 and 50 of 2000, statsmodels proportion_confint to one decimal in percent."""
    text = shown(estimated())
    assert "Of these, 6,000 gave a 95% interval, about a third with" in text
    assert "held the true value in 95.0% (94.4 to 95.5); 95% are meant." in text
    assert "Of the 2,000 studies in which the claim was false, 2.5% (1.9 to 3.3)" in text
    assert not any(words in text for words in ("more often", "less often", "rough", calibration.UNCLUSTERED))


@pytest.mark.parametrize("estimate, claim", [
    (make_estimate("pain", model="Mixed model"), None),
    (estimated(measure="slope"), None),
    (estimated(hypothesis="equivalence"), None),
    (estimated(), make_claim("pain", modifier="sex")),
    (estimated(), make_claim("pain", also=("ODI",))),
])
def test_what_was_not_simulated_is_said_not_to_have_been(table, estimate, claim):
    assert calibration.NONE in shown(estimate, claim)


def test_an_analysis_without_interval_or_count_is_not_said_to_be_unsimulated(table):
    assert calibration.NOTHING in shown(estimated(low=None, high=None))
    assert calibration.WITHHELD in shown(make_estimate("pain", model=ROW["model"], n={"massage": None, "usual": None}))


@pytest.mark.parametrize("draws, meant, few", [(1999, 2000, True), (2000, 2000, False), (140, 500, True),
                                               (500, 500, False)])
def test_few_draws_are_said_until_there_are_as_many_as_meant(monkeypatch, draws, meant, few):
    text = told(monkeypatch, draws=draws, meant=meant, intervals=3 * draws, covered=3 * draws - 9, false_support=3)
    assert (f"Only {draws:,} of the {meant:,} studies meant" in text) == few


@pytest.mark.parametrize("changes, words", [
    ({"coverage": "too often"}, "wider than they need be. The method is cautious"),
    ({"coverage": "too seldom"}, "narrower than they should be"),
    ({"support": "too often"}, "deserves more doubt"),
])
def test_a_row_that_misses_says_so(monkeypatch, changes, words):
    assert words in told(monkeypatch, **changes)


def test_where_therapists_are_few_the_mixed_model_is_said_to_be_cautious(monkeypatch):
    row = ROW | {"patients": 40, "model": "mixed model", "coverage": "too often"}
    monkeypatch.setattr(calibration, "_table", lambda: (row,))
    estimate = estimated(model="Mixed model, random effect of therapist")
    assert "Where therapists are few this method is cautious" in shown(estimate)
    unclustered = shown(replace(estimate, clustered=False))
    assert "The method is cautious" in unclustered and calibration.UNCLUSTERED in unclustered


@pytest.mark.parametrize("draws, covered, false, coverage, support", [
    (2000, 5700, 50, "", ""), (2000, 5952, 80, "too often", "too often"), (2000, 5502, 20, "too seldom", ""),
    (20, 60, 1, "", ""),
])
def test_rows_are_judged_as_the_page_judges_them(draws, covered, false, coverage, support):
    """Outside 94 to 96%, and above 2.5%, by exact intervals."""
    cells = {f"proportion | 20 | {truth}": {"draws": draws, "intervals": draws, "covered": covered // 3}
             for truth in ("none", "margin", "twice")}
    cells["proportion | 20 | none"]["supported: None"] = false
    line = quotes({"cells": cells}).splitlines()[1].split(",")
    assert line[-6:] == [str(covered), coverage, str(draws), "2000", str(false), support]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_simulated_analysis_finds_its_own_row(case):
    with registered_alone():
        estimate = models.fit(case.claim, case.invent(np.random.default_rng(1), 40, case.effects[0]))
    row, asked = calibration.nearest(case.claim, estimate), case.claim.analysis
    assert (row["method"], row["measure"], row["hypothesis"], row["modifier"], row["model"]) == (
        asked.method, asked.measure, asked.hypothesis, calibration.modifier_kind(asked), MODELS.get(case.name, ""))
    assert row["patients"] == (80 if asked.method == "crossover" else 40)
    assert bool(row["therapists"]) == estimate.clustered  # else the page would say that they differ


@pytest.mark.parametrize("claim", ANALYSED, ids=lambda claim: claim.id)
def test_a_registered_claim_is_shown_a_row_of_its_own_kind_or_none(claim):
    asked = claim.analysis
    own = (asked.method, asked.measure, asked.hypothesis, calibration.modifier_kind(asked))
    simulated = {MODELS.get(each.name, "") for each in CASES if own == (
        each.claim.analysis.method, each.claim.analysis.measure, each.claim.analysis.hypothesis,
        calibration.modifier_kind(each.claim.analysis))}
    for model in sorted({*MODELS.values(), "another model"}):
        estimate = estimated(method=asked.method, measure=asked.measure, hypothesis=asked.hypothesis, model=model,
                             null=1, point=1.3, low=1.1, high=1.5)
        row, known = calibration.nearest(claim, estimate), {"", model} & simulated
        if asked.also or not known:
            assert row is None
        else:
            assert (row["method"], row["measure"], row["hypothesis"], row["modifier"]) == own
            assert row["model"] in known


def test_the_table_of_the_package_is_read():
    rows = calibration._table()
    assert all(0 <= row["covered"] <= row["intervals"] and 0 < row["patients"] for row in rows)
    kinds = [tuple(row[name] for name in ("method", "measure", "hypothesis", "model", "modifier", "patients"))
             for row in rows]
    assert len(kinds) == len(set(kinds))  # a tie would let the order of the table choose


def test_an_mmrm_of_superiority_is_shown_the_mmrm_s_row():
    estimate = estimated(92, model="Mixed model for repeated measures over 2 visits, random effect of therapist")
    row = calibration.nearest(articles().claims["pain-general"], estimate)
    assert (row["hypothesis"], row["model"], row["patients"]) == ("superiority", MODELS["change (MMRM)"], 100)
    assert calibration.nearest(make_claim("pain", hypothesis="non-inferiority"),
                               replace(estimate, hypothesis="non-inferiority")) is None
