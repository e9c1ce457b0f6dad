"""The method `harms`: exact intervals, patients who count several times, arms compared with few events."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_studies import ARMS, make_claim, make_dataset, make_patients, make_study, make_values
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint
from statsmodels.stats.rates import confint_poisson

from mmresearch.models import fit, rates
from mmresearch.study import Dataset
from mmresearch.study.dataset import MEDICATIONS, OUTCOMES, SESSIONS
from mmresearch.verdict.findings import finding

FOLDER = Path(__file__).parent / "reference" / "harms"
REFERENCE = json.loads((FOLDER / "output.json").read_text())
DATA = pd.read_csv(FOLDER / "data.csv")
RATE = {"method": "harms", "measure": "rate", "hypothesis": "below", "null": 0.01, "cutoff": 2, "comparators": [],
        "instruments": ["AE"], "windows": [[0, 365]], "designs": ["randomised", "cohort", "single-arm", "crossover"]}
RISK = {"method": "harms", "measure": "risk-difference", "instruments": ["AE"], "windows": [[0, 365]], "cutoff": 1}
RATIO = RISK | {"measure": "rate-ratio", "null": 1, "comparators": ["relaxation-massage"]}


@pytest.mark.parametrize("events, total", [(0, 50), (1, 50), (3, 100), (50, 50)])
def test_exact_intervals_are_those_of_statsmodels(events, total):
    """Oracle: statsmodels proportion_confint(beta) and confint_poisson(exact-c); 1e-9."""
    assert rates.clopper_pearson(events, total, 0.95) == pytest.approx(
        proportion_confint(events, total, method="beta"), abs=1e-9)
    wanted = confint_poisson(events, total, method="exact-c") if events else (0.0, stats.chi2.ppf(0.975, 2) / 2 / total)
    assert rates.poisson_exact(events, total, 0.95) == pytest.approx(wanted, abs=1e-9)


@pytest.mark.parametrize("counts, low, high", [
    ((56, 70, 48, 80), 0.0528, 0.3382), ((9, 10, 3, 10), 0.1700, 0.8406), ((5, 56, 0, 29), -0.0326, 0.1933),
    ((0, 10, 0, 10), -0.2879, 0.2879), ((10, 10, 0, 20), 0.7156, 1.0), ((10, 10, 0, 10), 0.6636, 1.0)])
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
    assert rates.effective(rows["events"], rows["sessions"], rows["therapist"].to_numpy(), 0.95) == rows["sessions"].sum()


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


def treated(grades, patients=None, outcomes=None, therapists=None, study=None, words=True):
    """A Dataset in which patient i has one session a grade of grades[i]; words: as adverse-event words, else numbers."""
    names = ["none", "mild", "moderate", "serious"]
    patients = make_patients(len(grades)) if patients is None else patients
    rows = [{"patient": name, "session": float(number + 1), "day": 7.0 * number, "adverse_event": value if value is None or
             isinstance(value, str) else names[value] if words else str(value), "therapist": therapists and therapists[place]}
            for place, (name, own) in enumerate(zip(patients["patient"], grades, strict=True))
            for number, value in enumerate(own)]
    sessions = pd.DataFrame(rows).reindex(columns=list(SESSIONS))
    outcomes = pd.DataFrame(columns=OUTCOMES) if outcomes is None else outcomes
    return Dataset(study or alone(), patients, outcomes, sessions, pd.DataFrame(columns=MEDICATIONS))


def alone():
    return make_study(design="single-arm", arms={"massage": ARMS["massage"]})


def one_arm(n):
    return make_patients(n, arms=("massage",))


def test_the_rate_is_of_sessions_with_an_event_of_the_grade_asked():
    claim = make_claim(**RATE)
    estimate = fit(claim, treated([[0, 0, 1, 0]] * 38 + [[2, 0, 0, 0], [0, 3, 0, 0]], one_arm(40)))
    assert estimate.point == pytest.approx(2 / 160)
    shrunk = 160 * (stats.t.ppf(0.975, 159) / stats.t.ppf(0.975, 39)) ** 2  # patients differ no more than chance has it
    expected = rates.clopper_pearson(2 / 160 * shrunk, shrunk, 0.95)
    assert (estimate.low, estimate.high) == pytest.approx(expected, rel=0.03)
    assert (estimate.by_arm[0].events, estimate.by_arm[0].total, estimate.n) == (2, 160, {"massage": 40})
    assert "rate of moderate or serious adverse events with medical massage was 0.013 per session" in finding(claim, estimate)
    assert [each.code for each in estimate.troubles] == ["repeats-few"]
    assert {"rate-grade-1", "rate-grade-3", "patients-with-event"} == {each.name for each in estimate.derived}


def test_nothing_happened_is_an_upper_bound():
    """160 sessions: Clopper-Pearson's upper end is 1 - 0.025^(1/160), the rule of three 1 - 0.05^(1/160)."""
    estimate = fit(make_claim(**RATE), treated([[0, 0, 1, 0]] * 40, one_arm(40)))
    assert (estimate.point, estimate.low) == (0, 0) and estimate.high == pytest.approx(1 - 0.025 ** (1 / 160))
    assert [each.code for each in estimate.troubles] == ["no-events"]
    bound = next(each for each in estimate.derived if each.name == "rule-of-three")
    assert bound.high == pytest.approx(1 - 0.05 ** (1 / 160)) and "taking patients as the units" in bound.sentence


def test_a_patient_harmed_in_every_session_is_not_many_patients():
    many = fit(make_claim(**RATE), treated([[2] + [0] * 9] * 10 + [[0] * 10] * 30, one_arm(40)))
    one = fit(make_claim(**RATE), treated([[2] * 10] + [[0] * 10] * 39, one_arm(40)))
    assert many.point == one.point and one.high > 1.8 * many.high and "patients as units" in one.model


def test_therapists_who_harm_widen_the_interval():
    names = [f"t{place // 10}" for place in range(40)]
    grades = [[2, 0, 0, 0]] * 10 + [[0] * 4] * 30
    with_names = fit(make_claim(**RATE), treated(grades, one_arm(40), therapists=names))
    assert with_names.clustered and "therapists as units" in with_names.model
    assert with_names.high > fit(make_claim(**RATE), treated(grades, one_arm(40))).high


@pytest.mark.parametrize("word, code", [("sore back", ["repeats-few", "ungraded-events"]), ("Moderate", ["repeats-few"])])
def test_events_in_a_clinics_own_words_count_against_massage(word, code):
    estimate = fit(make_claim(**RATE), treated([[word, "none"]] + [["none", "none"]] * 39, one_arm(40)))
    assert estimate.point == pytest.approx(1 / 80)
    assert sorted(each.code for each in estimate.troubles) == code


@pytest.mark.parametrize("empty, total, says", [("none", 79, "left out"), (None, 80, "no session says none")])
def test_an_empty_cell_is_no_record_unless_none_is_never_written(empty, total, says):
    grades = [[2, None]] + [[empty, empty]] * 39
    estimate = fit(make_claim(**RATE), treated(grades, one_arm(40)))
    assert estimate.by_arm[0].total == total and any(says in line for line in estimate.assumptions)


def at_visits(patients, grades):
    rows = make_values(patients, instrument="AE", visits={"week 12": 84})
    return rows.assign(value=[float(grade) for grade in grades], session=np.nan)


def test_two_arms_are_compared_by_patients():
    """Newcombe's table: 5 of 56 against 0 of 29, and Fisher's mid-p because events are few."""
    patients = make_patients(85, arm=["massage"] * 56 + ["control"] * 29)
    outcomes = at_visits(patients, [2] * 5 + [0] * 80)
    estimate = fit(make_claim(**RISK), make_dataset(patients=patients, outcomes=outcomes))
    assert (estimate.low, estimate.high) == pytest.approx((-0.0326, 0.1933), abs=6e-5)
    assert estimate.p_value == pytest.approx(rates.fisher_mid_p(5, 56, 0, 29))
    assert [each.code for each in estimate.troubles] == ["few-events"] and estimate.direction == "lower"


def test_a_rate_needs_sessions():
    patients = one_arm(40)
    estimate = fit(make_claim(**RATE), make_dataset(alone(), patients, at_visits(patients, [0] * 40)))
    assert estimate.point is None and [each.code for each in estimate.serious] == ["not-estimable"]


def two_massages(first, second):
    arms = {name: ARMS[name] for name in ("massage", "relaxation")}
    study = make_study(arms={**arms, "control": ARMS["control"]})
    patients = make_patients(len(first) + len(second), arm=["massage"] * len(first) + ["relaxation"] * len(second))
    return treated(first + second, patients, study=study)


def test_rates_of_two_arms_with_few_events_are_compared_exactly():
    """Oracle: the ends of scipy's binomtest mid-p cannot be had, so the exact interval's tails are checked: each 2.5%."""
    few = fit(make_claim(**RATIO), two_massages([[1, 0, 0, 0]] * 4 + [[0] * 4] * 26, [[1, 0, 0, 0]] + [[0] * 4] * 29))
    assert few.point == pytest.approx(4.0)
    share = few.low / (1 + few.low)
    assert stats.binom.sf(4, 5, share) + stats.binom.pmf(4, 5, share) / 2 == pytest.approx(0.025, abs=1e-6)
    assert "exact mid-p" in few.model and few.low < 1 < few.high and few.p_value > 0.05


def test_no_event_in_one_arm_has_no_ratio():
    estimate = fit(make_claim(**RATIO), two_massages([[1, 0]] * 4 + [[0, 0]] * 26, [[0, 0]] * 30))
    assert estimate.point is None and "needs at least one in each group" in estimate.serious[0].sentence


def test_many_events_are_compared_with_patients_as_units():
    dice = np.random.default_rng(1)
    first, second = ([list(dice.binomial(1, chance, 8)) for _ in range(40)] for chance in (0.2, 0.1))
    estimate = fit(make_claim(**RATIO), two_massages(first, second))
    assert 1 < estimate.low < 2.0 < estimate.high and estimate.df > 30 and "units" in estimate.model


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
