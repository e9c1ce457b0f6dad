"""Method dose: the ratio of mean doses with their zeros, its two parts, who stopped, and patients of known truth."""

import numpy as np
import pytest
from count_studies import dose_claim, draw, make_counted, truth
from scipy import stats
from studies import write_study

from mmresearch.claims.registry import Registry
from mmresearch.models import fit
from mmresearch.models.proportions import newcombe
from mmresearch.study import read_study
from mmresearch.verdict import judge

TREATED = np.tile([1.0, 0.0], 40)


def doses(seed=3, ratio=0.7):
    dice = np.random.default_rng(seed)
    before = 30 * np.exp(dice.normal(0, 0.6, 80))
    return before, np.where(dice.random(80) < 0.75, before * np.exp(dice.normal(0, 0.3, 80)) * ratio**TREATED, 0.0)


def derived(estimate, name):
    return next((each for each in estimate.derived if each.name == name), None)


def test_the_ratio_of_mean_doses_counts_the_zeros():
    """Exact without covariates: score equations of an intercept and an arm."""
    _, after = doses()
    estimate = fit(dose_claim(), make_counted(None, after, TREATED, "MME"))
    means = [after[TREATED == arm].mean() for arm in (1, 0)]
    assert estimate.point == pytest.approx(means[0] / means[1], rel=1e-7)
    assert derived(estimate, "difference").point == pytest.approx(means[0] - means[1], abs=1e-6)
    assert derived(estimate, "stopping") is None, "nothing is known of the dose at baseline"


def test_its_two_parts_stand_beside_it():
    _, after = doses()
    estimate = fit(dose_claim(), make_counted(None, after, TREATED, "MME"))
    shares = [(after[TREATED == arm] > 0).mean() for arm in (1, 0)]
    users = [after[(TREATED == arm) & (after > 0)].mean() for arm in (1, 0)]
    assert derived(estimate, "any-use").point == pytest.approx(shares[0] - shares[1], abs=1e-7)
    assert derived(estimate, "amount-among-users").point == pytest.approx(users[0] / users[1], rel=1e-7)
    two = next(each for each in estimate.robustness if each.analysis.startswith("in two parts"))
    assert two.point == pytest.approx(estimate.point, rel=1e-7), "without covariates the parts multiply to the mean"


def test_stopping_is_counted_among_those_who_took_any_at_baseline():
    """Newcombe 1998, method 10, where no therapist is recorded."""
    before, after = doses()
    before[:6] = 0
    estimate = fit(dose_claim(), make_counted(before, after, TREATED, "MME"))
    rows = [(after[(TREATED == arm) & (before > 0)] == 0) for arm in (1, 0)]
    counts = [(int(each.sum()), len(each)) for each in rows]
    found = derived(estimate, "stopping")
    assert found.point == pytest.approx(counts[0][0] / counts[0][1] - counts[1][0] / counts[1][1])
    assert (found.low, found.high) == pytest.approx(newcombe(*counts[0], *counts[1], 0.95))
    assert f"{counts[0][0]} of {counts[0][1]} in Medical massage" in found.sentence


def test_the_baseline_dose_narrows_the_interval():
    before, after = doses()
    bare, adjusted = (fit(dose_claim(), make_counted(each, after, TREATED, "MME")) for each in (None, before))
    assert adjusted.standard_error < 0.9 * bare.standard_error


def test_therapists_of_the_treated_are_accounted_for():
    before, after = doses()
    names = [f"t{number % 5}" if arm else None for number, arm in enumerate(TREATED)]
    estimate = fit(dose_claim(), make_counted(before, after, TREATED, "MME", names))
    assert estimate.clustered and "clustered by therapist (CR2)" in estimate.model and estimate.df < 20


def test_a_verdict_s_sentence_reads_as_a_dose():
    claim = dose_claim()
    before, after = doses(ratio=0.4)
    (verdict,) = judge(
        Registry("own", {claim.id: claim}), {claim.id: fit(claim, make_counted(before, after, TREATED, "MME"))}
    )
    assert "opioid dose (MME) at week 12 was" in verdict.sentence and "(mean ratio 0." in verdict.sentence


def test_from_rows_of_medicines_to_a_ratio(tmp_path):
    """Everyone on 200 mg of tramadol (40 MME); at 12 weeks the massage arm takes about half of it."""
    rows = []
    for number in range(1, 25):
        base = {"id": f"{number:03d}", "drug": "tramadol", "dose": 50, "unit": "mg"}
        rows.append({**base, "day": 0, "times": 4})
        rows.append({**base, "day": 84, "times": (2 if number % 2 else 4) + number % 3 % 2})
    columns = {
        "id": {"means": "patient"},
        "drug": {"means": "drug"},
        "dose": {"means": "dose"},
        "unit": {"means": "dose_unit"},
        "day": {"means": "drug_day"},
        "times": {"means": "times_a_day"},
    }
    files = {"medications": {"path": "medications.csv", "columns": columns}}
    folder = write_study(tmp_path, {"medications.csv": rows}, files=files, covariates=[], strata=[])
    estimate = fit(dose_claim(windows=[[70, 120]]), read_study(folder))
    assert estimate.instrument == "MME" and estimate.point == pytest.approx((2 + 1 / 3) / (4 + 1 / 3), rel=1e-6)
    assert estimate.by_arm[1].baseline_mean == pytest.approx(40)


def simulate(n, effect, draws, seed):
    dice, made = np.random.default_rng(seed), []
    for _ in range(draws):
        before, after, treated, therapist = draw("dose", n, effect, dice)
        made.append(fit(dose_claim(), make_counted(before, after, treated, "MME", therapist)))
    return made, truth("dose", effect)


def covered(estimates, true):
    return sum(np.log(each.low) <= true <= np.log(each.high) for each in estimates)


def test_intervals_cover_the_truth_of_few_simulated_studies():
    """40 patients an arm with therapists; 30 draws: 24 or fewer of 30 would be chance in 1 of 1000 at 95%."""
    estimates, true = simulate(40, np.log(0.7), 30, 11)
    assert covered(estimates, true) >= 25


@pytest.mark.slow
@pytest.mark.parametrize("effect", [0.0, np.log(0.7)])
def test_operating_characteristics_at_40_an_arm(effect):
    """400 draws: coverage compatible with 95% (exact binomial, 1 in 1000), no bias, one-sided false support 2.5%."""
    estimates, true = simulate(40, effect, 400, 21)
    assert stats.binomtest(covered(estimates, true), 400, 0.95).pvalue > 0.001
    logs = np.log([each.point for each in estimates])
    assert abs(logs.mean() - true) < 4 * logs.std() / 20
    if effect == 0:
        false = sum(each.high < 1 for each in estimates)
        assert stats.binomtest(false, 400, 0.025, alternative="greater").pvalue > 0.001
