"""Method counts: which model a count gets, identities, what has no estimate, and simulated patients of known truth."""

import numpy as np
import pandas as pd
import pytest
from count_studies import counts_claim, draw, make_counted, rows_of, truth
from model_studies import make_claim, make_dataset
from scipy import stats

from mmresearch.claims.registry import Registry
from mmresearch.estimate import Estimate
from mmresearch.models import ask, fit
from mmresearch.verdict import judge
from mmresearch.verdict.findings import finding

DICE = np.random.default_rng(5)
TREATED = np.tile([1.0, 0.0], 30)


def codes(estimate):
    return {each.code for each in estimate.troubles}


def some(mean, n=60, spread=3.0):
    return DICE.poisson(mean * DICE.gamma(spread, 1 / spread, n)).astype(float)


@pytest.mark.parametrize(
    "instrument, after, begins",
    [
        ("HADAYS", np.minimum(some(9), 28), "Beta-binomial quasi-likelihood"),
        ("SIDE", some(4) + 1, "Negative binomial"),
        ("SIDE", np.where(np.arange(60) % 3, 0, some(4) + 1), "Hurdle"),
        ("WORKDAYS", np.where(np.arange(60) % 3, 0, some(4) + 1), "Hurdle"),
        ("SIDE", np.where(np.arange(60) % 20 < 2, some(4) + 1, 0), "Log-linear quasi-likelihood"),  # 3 of 30 have any
        ("WORKDAYS", np.where(np.arange(60) % 20 < 2, some(4) + 1, 0), "Beta-binomial quasi-likelihood"),
    ],
)
def test_the_model_follows_a_rule_that_does_not_look_at_the_arms(instrument, after, begins):
    estimates = [
        fit(counts_claim(instrument), make_counted(some(5), after, arms, instrument)) for arms in (TREATED, 1 - TREATED)
    ]
    assert [each.model.startswith(begins) for each in estimates] == [True, True]


@pytest.mark.parametrize(
    "instrument, after",
    [("HADAYS", np.minimum(some(9), 28)), ("SIDE", some(4)), ("WORKDAYS", np.where(np.arange(60) % 3, 0, some(4) + 1))],
)
def test_without_a_baseline_the_ratio_is_that_of_the_raw_means(instrument, after):
    """Exact: score equations of an intercept and an arm (within the fit's own 1e-9)."""
    estimate = fit(counts_claim(instrument), make_counted(None, after, TREATED, instrument))
    means = [after[TREATED == arm].mean() for arm in (1, 0)]
    assert estimate.point == pytest.approx(means[0] / means[1], rel=1e-7)
    assert [arm.ls_mean for arm in estimate.by_arm] == pytest.approx(means, rel=1e-7)
    difference = next(each for each in estimate.derived if each.name == "difference")
    assert difference.point == pytest.approx(means[0] - means[1], abs=1e-7)
    assert "baseline-missing" in codes(estimate)


def test_two_arms_without_a_baseline_are_compared_as_welch_would_on_the_log_scale():
    """HC2 of two means is s^2 / n each (Imbens and Kolesar 2016); delta method on the log: divided by the mean."""
    after = some(9)
    estimate = fit(counts_claim("SIDE"), make_counted(None, after, TREATED, "SIDE"))
    arms = [after[TREATED == arm] for arm in (1, 0)]
    error = np.sqrt(sum((stats.sem(each) / each.mean()) ** 2 for each in arms))
    assert estimate.standard_error == pytest.approx(error, rel=1e-6)
    low, high = (np.log(end) for end in (estimate.low, estimate.high))
    assert (high - low) / 2 == pytest.approx(stats.t.ppf(0.975, estimate.df) * error, rel=1e-6)


def test_swapping_the_arms_turns_the_ratio_over():
    before, after = some(6), some(5)
    one, other = (
        fit(counts_claim("SIDE"), make_counted(before, after, arms, "SIDE")) for arms in (TREATED, 1 - TREATED)
    )
    assert (one.point, one.low, one.high) == pytest.approx((1 / other.point, 1 / other.high, 1 / other.low), rel=1e-6)
    assert one.p_value == pytest.approx(other.p_value, rel=1e-5)


def test_a_diary_kept_half_the_time_counts_for_less():
    """The same days told for 28: who was observed for 14 of them weighs half as much in the mean."""
    after = np.where(np.arange(60) % 4 < 2, 6.0, 12.0) + (np.arange(60) % 3)
    share = np.where(after < 10, 0.5, 1.0)
    estimate = fit(counts_claim(), make_counted(None, after, TREATED, observed=share))
    for arm, treated in zip(estimate.by_arm, (1, 0), strict=True):
        mine = TREATED == treated
        assert arm.ls_mean == pytest.approx(np.average(after[mine], weights=share[mine]), rel=1e-6)


def test_therapists_of_the_treated_widen_the_interval_and_their_number_bounds_its_freedom():
    worn = np.repeat([0.3, 0.6, 1.0, 1.8, 2.5, 0.8], 5)
    after = np.r_[DICE.poisson(6 * worn), DICE.poisson(6 * np.ones(30))]
    names = [*np.repeat(list("abcdef"), 5), *[None] * 30]
    arms = np.repeat([1.0, 0.0], 30)
    plain, clustered = (
        fit(counts_claim("SIDE"), make_counted(None, after, arms, "SIDE", each)) for each in (None, names)
    )
    assert clustered.clustered and not plain.clustered and clustered.point == pytest.approx(plain.point)
    assert clustered.standard_error > 1.3 * plain.standard_error and clustered.df < 12 < plain.df


@pytest.mark.parametrize("after", [np.where(TREATED == 1, 0, some(5) + 1), np.zeros(60)])
def test_an_arm_where_nobody_has_any_leaves_the_ratio_without_a_value(after):
    estimate = fit(counts_claim(), make_counted(some(5), after, TREATED))
    assert isinstance(estimate, Estimate) and estimate.point is None and "not-estimable" in codes(estimate)
    assert "Medical massage" in next(each.sentence for each in estimate.troubles if each.code == "not-estimable")


def test_a_site_where_nobody_has_any_does_not_stop_the_fit():
    dataset = make_counted(some(5), some(5), TREATED, "SIDE", strata=("site",))
    sites = dataset.patients.set_index("patient")["site"]
    rows = dataset.outcomes
    rows.loc[(rows["visit"] == "week 12") & (rows["patient"].map(sites) == "west"), "value"] = 0.0
    estimate = fit(counts_claim("SIDE"), make_other(dataset, rows))
    assert estimate.point is not None and not estimate.serious and np.isfinite([estimate.low, estimate.high]).all()


def make_other(dataset, outcomes):
    return make_dataset(dataset.study, dataset.patients, outcomes)


def test_patients_lost_are_left_out_and_said():
    after = some(5)
    after[::5] = np.nan
    estimate = fit(counts_claim("SIDE"), make_counted(some(5), after, TREATED, "SIDE"))
    assert sum(estimate.n.values()) == 48 and any("left out" in line for line in estimate.assumptions)


def test_margins_of_a_ratio_are_the_same_either_way_up():
    """Non-inferiority of fewer days: not more than 1.25 times as many; equivalence between 0.8 and 1.25 (two tests)."""
    dataset = make_counted(some(9, 60, 30), some(9, 60, 30), TREATED, "SIDE")
    inferior = fit(counts_claim("SIDE", hypothesis="non-inferiority", null=None), dataset)
    t = (np.log(inferior.point) - np.log(1.25)) / inferior.standard_error
    assert inferior.null == 1.25 and inferior.p_value == pytest.approx(stats.t.cdf(t, inferior.df))
    same = fit(counts_claim("SIDE", hypothesis="equivalence", null=None), dataset)
    tails = [stats.t.sf((np.log(same.point) - np.log(0.8)) / same.standard_error, same.df), inferior.p_value]
    assert same.null is None and same.p_value == pytest.approx(max(tails))


def test_a_verdict_s_sentence_reads_as_a_rate():
    claim = counts_claim("HADAYS")
    dataset = make_counted(np.full(60, 12.0), np.where(TREATED == 1, 5, 11) + np.arange(60) % 3, TREATED)
    (verdict,) = judge(Registry("own", {claim.id: claim}), {claim.id: fit(claim, dataset)})
    assert "the rate of" in verdict.sentence and "lower with medical massage than with usual care" in verdict.sentence
    assert "(rate ratio 0." in verdict.sentence


def test_a_ratio_is_told_with_two_decimals_however_wide_its_interval():
    """One of 1.0 may be 4% lower, and the sentence says so: the numbers must not contradict it."""
    estimate = fit(counts_claim("SIDE"), make_counted(None, some(5, 60, 0.4), TREATED, "SIDE"))
    assert estimate.high - estimate.low > 0.8
    assert f"(rate ratio {estimate.point:.2f}; 95% CI {estimate.low:.2f}" in finding(counts_claim("SIDE"), estimate)


@pytest.mark.parametrize("instrument", ["HADAYS", "SIDE"])
def test_beside_it_stand_the_same_without_covariates_and_another_model(instrument):
    estimate = fit(
        counts_claim(instrument), make_counted(np.minimum(some(9), 28), np.minimum(some(8), 28), TREATED, instrument)
    )
    names = [each.analysis for each in estimate.robustness]
    assert "without covariates" in names and "log-linear quasi-likelihood" in names
    assert ("beta-binomial of greatest likelihood" in names) == (instrument == "HADAYS")
    for each in estimate.robustness:
        assert each.low < each.point < each.high and abs(np.log(each.point / estimate.point)) < 0.3


SAME = np.full(60, 5.0)  # a baseline that tells nothing, so that the lost are known and nothing is adjusted for


def lost(after, arm, every=4):
    """The values, missing for every fourth patient of one arm."""
    gone = (TREATED == arm) & (np.cumsum(TREATED == arm) % every == 0)
    return np.where(gone, np.nan, after), gone.sum() / (TREATED == arm).sum()


def test_patients_who_left_are_given_what_is_assumed_of_them():
    """Without covariates, exactly: the arm's mean with the lost at the reference arm's, or at 1.25 times their own."""
    after, share = lost(some(9), 1)
    estimate = fit(counts_claim("SIDE"), make_counted(SAME, after, TREATED, "SIDE"))
    one, other = (np.nanmean(after[TREATED == arm]) for arm in (1, 0))
    lines = {each.analysis.split(":")[0].split(" (")[0]: each for each in estimate.robustness}
    jumped = lines["jump to reference"]
    assert jumped.point == pytest.approx(((1 - share) * one + share * other) / other, rel=1e-7)
    worse = lines["patients who left medical massage worse by the margin"]
    assert worse.point == pytest.approx((1 + 0.25 * share) * one / other, rel=1e-7)
    assert worse.high / worse.low == pytest.approx(estimate.high / estimate.low, rel=1e-7)


@pytest.mark.parametrize("better, mean", [(1, 4), (0, 4)])
def test_at_the_tipping_point_the_interval_touches_the_null(better, mean):
    """The factor put back in: the arm's mean with its lost at that many times their own, and the limit is 1."""
    after, share = lost(np.where(TREATED == better, some(mean), some(3 * mean) + 1), 1)
    estimate = fit(counts_claim("SIDE"), make_counted(SAME, after, TREATED, "SIDE"))
    tipping = next(each for each in estimate.derived if each.name == "tipping-point")
    limit = estimate.high if better else estimate.low
    if "whatever" in tipping.sentence:
        assert not better and limit * (1 - share) > 1, "even with none at all it would hold"
    else:
        factor = tipping.point if better else 1 / tipping.point
        assert limit * (1 + share * (factor - 1)) == pytest.approx(1, rel=1e-9)


def test_nobody_missing_leaves_nothing_to_tip():
    estimate = fit(counts_claim("SIDE"), make_counted(some(5), some(5), TREATED, "SIDE"))
    assert not any(each.name == "tipping-point" for each in estimate.derived)
    assert not any("left" in each.analysis or "missing" in each.analysis for each in estimate.robustness)


def test_everyone_allocated_counts_beside_those_observed():
    """Logit link: the means of the lost are expected from their baseline; here those with most are lost."""
    before = np.minimum(some(9), 28)
    after = np.where(before > 10, np.nan, np.minimum(0.5 * before + DICE.integers(0, 5, 60), 28))
    estimate = fit(counts_claim(), make_counted(before, after, TREATED))
    line = next(each for each in estimate.robustness if each.analysis.startswith("everyone allocated"))
    assert line.low < line.point < line.high and line.point != pytest.approx(estimate.point, rel=1e-6)


def test_counts_cannot_be_asked_of_one_arm_alone():
    lack = ask(
        make_claim(
            method="counts", measure="rate-ratio", hypothesis="below", null=3, comparators=[], instruments=["SIDE"]
        ),
        make_counted(some(5), some(5), TREATED, "SIDE"),
    )
    assert lack.code == "method-not-built"


def simulate(kind, n, effect, draws, instrument, seed):
    """Return the Estimates of so many simulated studies, and the true log ratio."""
    dice, made = np.random.default_rng(seed), []
    for _ in range(draws):
        before, after, treated, therapist = draw(kind, n, effect, dice)
        made.append(fit(counts_claim(instrument), make_counted(before, after, treated, instrument, therapist)))
    return made, truth(kind, effect)


def covered(estimates, true):
    return sum(np.log(each.low) <= true <= np.log(each.high) for each in estimates)


KINDS = [("mixed", "SIDE"), ("days", "HADAYS"), ("rare", "WORKDAYS")]


@pytest.mark.parametrize("kind, instrument", KINDS)
def test_intervals_cover_the_truth_of_few_simulated_studies(kind, instrument):
    """40 patients an arm with therapists; 30 draws: 24 or fewer of 30 would be chance in 1 of 1000 at 95%."""
    estimates, true = simulate(kind, 40, np.log(0.7), 30, instrument, 11)
    assert covered(estimates, true) >= 25
    assert abs(np.mean([np.log(each.point) for each in estimates]) - true) < 0.15


@pytest.mark.slow
@pytest.mark.parametrize("kind, instrument", KINDS)
@pytest.mark.parametrize("effect", [0.0, np.log(0.7)])
def test_operating_characteristics_at_40_an_arm(kind, instrument, effect):
    """400 draws: coverage compatible with 95% (exact binomial, 1 in 1000), no bias, one-sided false support 2.5%."""
    estimates, true = simulate(kind, 40, effect, 400, instrument, 21)
    assert stats.binomtest(covered(estimates, true), 400, 0.95).pvalue > 0.001
    logs = np.log([each.point for each in estimates])
    assert abs(logs.mean() - true) < 4 * logs.std() / 20
    if effect == 0:
        false = sum(each.high < 1 for each in estimates)
        assert stats.binomtest(false, 400, 0.025, alternative="greater").pvalue > 0.001


def test_beside_side_effects_of_medicines_stands_how_much_of_them_is_taken():
    dataset = make_counted(some(5), some(4), TREATED, "SIDE")
    patients = dataset.patients
    doses = rows_of(patients, "MME", "week 12", 84, np.where(TREATED == 1, 10.0, 25.0))
    dataset = make_dataset(dataset.study, patients, pd.concat([dataset.outcomes, doses], ignore_index=True))
    estimate = fit(counts_claim("SIDE"), dataset)
    beside = next(each for each in estimate.derived if each.name == "dose-MME")
    assert beside.sentence == "Opioid dose then, mean in mg a day: 10.0 in Medical massage, 25.0 in Usual care."
