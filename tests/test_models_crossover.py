"""The method `crossover`: two textbook trials, gaps, what a study says, and simulated truth."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from model_studies import make_claim, make_dataset, make_patients, make_study
from scipy import stats

from mmresearch.models import ask, fit
from mmresearch.models.crossover import crossover_columns
from mmresearch.models.intercepts import fit_intercepts
from mmresearch.models.repeated import Nested
from mmresearch.models.robustness import registered_alone
from mmresearch.study.dataset import OUTCOMES

FOLDER = Path(__file__).parent / "reference" / "crossover"
OUTPUT = json.loads((FOLDER / "output.json").read_text())
ARMS = {
    "massage": {"label": "Sports massage", "technique": "sports-massage"},
    "rest": {"label": "Rest", "technique": "rest", "comparator_class": "attention", "reference": True},
}
VISITS = [{"name": "jump 1", "day": 1, "period": 1}, {"name": "jump 2", "day": 8, "period": 2}]


def trial(name):
    rows = pd.read_csv(FOLDER / f"{name}.csv")
    first, second = rows["order"].str[0], rows["order"].str[1]
    arm = first.where(rows["period"] == 1, second)
    return rows.assign(arm=arm, sequence=rows["order"], previous=first.where(rows["period"] == 2), therapist=None)


def contrast(rows, arm, column, carry=False):
    columns = crossover_columns(rows, arm, Nested(), carry)
    found = fit_intercepts(rows["value"], columns.matrix, *columns.codes)
    name, = [each for each in columns.names if each.startswith(column)]
    return found.contrast(columns.row(name))


@pytest.mark.parametrize("name, arm", [("senn", "F"), ("senn-gaps", "F"), ("schuetz", "T")])
def test_treatment_period_and_carry_over_are_those_of_lme4_and_pbkrtest(name, arm):
    """Oracle: reference/crossover/output.json (script.R); relative 1e-5, as near as lme4's optimiser comes."""
    rows, expected = trial(name), OUTPUT[name]
    found = {
        "treated": contrast(rows, arm, "treated"), "late": contrast(rows, arm, "period 2"),
        "carry_over": contrast(rows, arm, "previous", carry=True),
        "allowing": contrast(rows, arm, "treated", carry=True),
    }
    for key, each in found.items():
        assert each.point == pytest.approx(expected[key]["estimate"], rel=1e-5)
        assert each.standard_error == pytest.approx(expected[key]["standard_error"], rel=1e-5)
        assert each.df == pytest.approx(expected[key]["df"], rel=1e-5)


def test_senn_s_printed_result():
    """Senn 2002, Cross-over Trials in Clinical Research, 2nd ed, ch 3: 46.6 l/min, t = 4.32 on 11 df, 23 to 70."""
    found = contrast(trial("senn"), "F", "treated")
    assert found.point == pytest.approx(46.6, abs=0.05) and found.df == pytest.approx(11, abs=1e-6)
    assert found.interval(0.95) == pytest.approx((22.9, 70.3), abs=0.05)


def test_schuetz_s_printed_analysis_of_variance():
    """Wiekvoet, R-bloggers 3 November 2013, aov with Error(subjid): period p = 0.0804, treatment p = 0.7921."""
    for column, p in (("period 2", 0.0804), ("treated", 0.7921)):
        found = contrast(trial("schuetz"), "T", column)
        assert 2 * stats.t.sf(abs(found.point / found.standard_error), found.df) == pytest.approx(p, abs=5e-5)


def test_without_gaps_it_is_hills_and_armitage_s_t_test():
    """Hills and Armitage 1979, Br J Clin Pharmacol 8:7, by R's t.test on halved period differences."""
    for name, arm in (("senn", "F"), ("schuetz", "T")):
        found, expected = contrast(trial(name), arm, "treated"), OUTPUT[name]["by_hand"]
        assert found.interval(0.95) == pytest.approx((expected["low"], expected["high"]), rel=1e-6)


# The method on a study


def crossover_study(patients=24, effect=2.0, carry=0.0, seed=1, therapists=0, lost=0.0, **changes):
    """A Dataset: jumps (cm) after massage and after rest, patients' own heights far apart."""
    dice = np.random.default_rng(seed)
    people = make_patients(patients, seed=seed, arms=("massage", "rest"), condition="athlete", age=30.0)
    periods = pd.concat(
        [people[["patient"]].assign(period=float(number), arm=people["arm"] if number == 1 else
                                    people["arm"].map({"massage": "rest", "rest": "massage"})) for number in (1, 2)],
        ignore_index=True)
    treated = (periods["arm"] == "massage").to_numpy()
    own = np.tile(dice.normal(35, 6, patients), 2)
    who = dice.integers(0, therapists, len(periods)) if therapists else np.zeros(len(periods), int)
    after = np.r_[np.zeros(patients), carry * (people["arm"] == "massage")]
    value = own + effect * treated + after + (periods["period"] == 2) + dice.normal(0, 2, len(periods))
    if therapists:
        value = value + treated * dice.normal(0, 1.5, therapists)[who]
    rows = periods.assign(
        value=value, instrument="JUMP", visit=periods["period"].map({1.0: "jump 1", 2.0: "jump 2"}),
        day=periods["period"].map({1.0: 1.0, 2.0: 8.0}), session=np.nan, moment=None)
    sessions = pd.DataFrame({
        "patient": periods["patient"], "session": periods["period"], "period": periods["period"],
        "therapist": pd.Series([f"T{number}" for number in who], dtype="object").where(treated)})
    kept = dice.random(len(rows)) >= np.where(rows["period"] == 2, lost, 0)
    declared = {"design": "crossover", "arms": ARMS, "visits": VISITS, "primary_visit": "jump 1"}
    study = make_study(**declared, condition="athlete", **changes)
    return make_dataset(
        study, people, rows[kept].reindex(columns=list(OUTCOMES)), _periods=periods,
        allocated={"massage": patients, "rest": patients}, sessions=sessions if therapists else None)


def jumps(**analysis):
    registered = dict(
        method="crossover", designs=["crossover"], techniques=["sports-massage"], comparators=["none", "attention"],
        windows=[[0, 1]], instruments=["JUMP"], direction="higher")
    return make_claim(**registered | analysis)


def codes(estimate):
    return [each.code for each in estimate.troubles]


def test_the_estimate_is_that_of_the_pairs():
    """Balanced and complete: half the difference of mean period differences (Hills and Armitage), computed anew."""
    dataset = crossover_study()
    estimate = fit(jumps(), dataset)
    wide = dataset.wide("JUMP")
    gain = (wide["jump 1"] - wide["jump 2"]) / 2
    ahead = dataset.patients.set_index("patient")["arm"] == "massage"
    test = stats.ttest_ind(gain[ahead], gain[~ahead])
    low, high = test.confidence_interval()
    assert estimate.point == pytest.approx(gain[ahead].mean() - gain[~ahead].mean())
    assert (estimate.low, estimate.high, estimate.df) == pytest.approx((low, high, 22))
    assert estimate.p_value == pytest.approx(test.pvalue)
    assert estimate.n == {"massage": 24, "rest": 24} and estimate.n_randomised == {"massage": 24, "rest": 24}
    assert estimate.troubles == () and not estimate.clustered
    assert [arm.n for arm in estimate.by_arm] == [24, 24]
    assert estimate.by_arm[0].ls_mean - estimate.by_arm[1].ls_mean == pytest.approx(estimate.point)


def test_carry_over_is_told_and_decides_nothing():
    clean, carried = (fit(jumps(), crossover_study(200, carry=carry, seed=5)) for carry in (0.0, -6.0))
    over, allowed = carried.derived
    assert over.name == "carry-over" and over.low < -6 < over.high and "decides nothing" in over.sentence
    assert carried.point == pytest.approx(clean.point + 3, abs=1e-6), "half of what is carried over is lost"
    assert allowed.low < 2 < allowed.high and carried.robustness == ()


def test_patients_seen_once_still_count():
    dataset = crossover_study(40, lost=0.3, seed=2)
    estimate = fit(jumps(), dataset)
    assert sum(estimate.n.values()) == len(dataset.outcomes) < 80
    assert estimate.low < 2 < estimate.high and any("in both arms" in line for line in estimate.assumptions)
    alone, = estimate.robustness
    pairs = dataset.wide("JUMP").dropna()
    gain = (pairs["jump 1"] - pairs["jump 2"]) / 2
    ahead = dataset.patients.set_index("patient")["arm"][pairs.index] == "massage"
    assert alone.point == pytest.approx(gain[ahead].mean() - gain[~ahead].mean())


def test_therapists_are_a_random_effect_with_their_degrees_of_freedom():
    estimate = fit(jumps(), crossover_study(60, therapists=6, seed=3))
    assert estimate.clustered and estimate.df < 20 and "6 therapists" in estimate.model
    few = fit(jumps(), crossover_study(60, therapists=2, seed=3))
    assert {"therapists-few", "therapists-not-modelled"} <= set(codes(few))


def test_a_parallel_trial_does_not_answer_and_says_why():
    lack = ask(jumps(), make_dataset())
    assert "crossover study" in lack.sentence and lack.code != "method-not-built"


def test_too_few_athletes_and_a_window_that_was_missed_are_lacks():
    assert ask(jumps(), crossover_study(4)).code == "too-few-patients"
    assert ask(jumps(windows=[[3, 5]]), crossover_study()).code == "no-time"


def rates(effect, carry=0.0, seeds=range(20), **study):
    """Share of intervals that cover the effect, share that exclude 0, mean estimate."""
    with registered_alone():
        found = [fit(jumps(), crossover_study(effect=effect, carry=carry, seed=seed, **study)) for seed in seeds]
    cover = np.mean([each.low <= effect <= each.high for each in found])
    return cover, np.mean([each.low > 0 or each.high < 0 for each in found]), np.mean([each.point for each in found])


def test_intervals_cover_and_a_null_is_rarely_rejected():
    """20 trials of 40 patients: at least 16 cover (P of fewer 0.003 at 95%); bias below 4 standard errors."""
    cover, rejected, mean = rates(0.0, patients=40, lost=0.1)
    assert cover >= 0.8 and rejected <= 0.2 and abs(mean) < 4 * 2 * np.sqrt(2 / 40) / np.sqrt(20)


@pytest.mark.slow
@pytest.mark.parametrize("study", [{"patients": 12}, {"patients": 40, "lost": 0.2}, {"patients": 40, "therapists": 5}])
def test_error_rates_over_many_trials(study):
    """200 trials; 95% coverage gives 178 or more covering with probability 0.9995, 5% rejections 22 or fewer."""
    cover, rejected, _ = rates(0.0, seeds=range(200), **study)
    assert cover >= 178 / 200 and rejected <= 22 / 200
