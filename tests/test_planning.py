"""Power against R, against published calculations, and by simulation with therapists."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm, t

from mmresearch.errors import UsageError
from mmresearch.planning import Design, count_patients, find_power

REFERENCE = json.loads((Path(__file__).parent / "reference" / "power" / "output.json").read_text())  # by script.R there


@pytest.mark.parametrize("case", REFERENCE["sizes"], ids=lambda case: "{delta}-{sd}-{power}-{alpha}".format(**case))
def test_patients_per_arm_are_those_of_r(case):
    """power.t.test(strict = TRUE) of R 4.2, and pwr.t.test, which leaves its search at 1e-4 of n."""
    design = Design(case["sd"], case["alpha"])
    assert find_power(case["delta"], case["n"], design) == pytest.approx(case["power"], abs=1e-8)
    assert count_patients(case["delta"], case["power"], design) == math.ceil(case["n"])
    assert case["pwr"] == pytest.approx(case["n"], rel=1e-4)


@pytest.mark.parametrize("case", REFERENCE["powers"], ids=lambda case: "{delta}-{n}".format(**case))
def test_power_is_that_of_r(case):
    assert find_power(case["delta"], case["n"], Design(1.0)) == pytest.approx(case["power"], abs=1e-10)


def test_a_published_trial_s_plan_is_found_again():
    """A trial of a tricyclic for chronic low back pain (protocol at bio-protocol.org, minidetail id 542541).

    56 an arm have 90% power for 1.5 points with SD 2.43; 60 an arm for 0.60 SD; with 20% drop-out 75 are recruited.
    """
    assert round(find_power(1.5, 56, Design(2.43)), 2) == 0.90
    assert count_patients(0.6, 0.9, Design(1.0)) == 60
    assert count_patients(0.6, 0.9, Design(1.0, dropout=0.2)) == 75


def test_shares_agree_with_the_normal_formula_where_arms_are_large():
    """n = (z_a + z_b)^2 (p1 q1 + p2 q2) / d^2 (Chow SC et al. Sample Size Calculations in Clinical Research, ch. 4)."""
    design = Design(math.sqrt(0.6 * 0.4), sd_other=0.5)
    expected = (norm.ppf(0.975) + norm.ppf(0.9)) ** 2 * (0.24 + 0.25) / 0.01
    assert count_patients(0.1, 0.9, design) == pytest.approx(expected, abs=2.5)


def test_adjusting_for_baseline_saves_what_borm_says():
    """Patients times 1 - rho^2 (Borm GF et al. J Clin Epidemiol 2007;60:1234-1238)."""
    plain, adjusted = Design(2.0), Design(2.0 * math.sqrt(1 - 0.6**2), lost_df=1)
    assert count_patients(0.4, 0.9, adjusted) == pytest.approx((1 - 0.6**2) * count_patients(0.4, 0.9, plain), abs=1)


def test_without_correlation_therapists_widen_nothing():
    error, _ = Design(1.0, icc=1e-12, per_therapist=5).precision(60)
    assert error == pytest.approx(Design(1.0).precision(60)[0])


def test_one_patient_a_therapist_is_a_trial_without_therapists():
    assert Design(1.0, icc=0.3, per_therapist=1).precision(40) == pytest.approx(Design(1.0).precision(40))


def test_the_design_effect_is_the_textbook_s():
    """1 + (m - 1) rho on the treated arm alone."""
    error, _ = Design(1.0, icc=0.05, per_therapist=10).precision(100)
    assert error**2 == pytest.approx((1 + 9 * 0.05) / 100 + 1 / 100)


def test_no_plan_has_fewer_than_three_therapists():
    """Fewer are a serious trouble, and at most inconclusive."""
    design = Design(1.0, icc=0.01, per_therapist=20)
    count = count_patients(3.0, 0.8, design)
    assert design.therapists(count) == 3 and count == 41


@pytest.mark.parametrize("design", [Design(1.0), Design(1.0, icc=0.05, per_therapist=8, dropout=0.13),
                                    Design(1.0, icc=0.3, per_therapist=3.5), Design(0.4, sd_other=0.5, lost_df=1)],
                         ids=["plain", "therapists", "strong", "unequal"])
def test_power_rises_with_patients_and_the_count_is_the_first_to_reach_it(design):
    sizes = range(max(design.least, 3), 160)
    powers = [find_power(0.5, size, design) for size in sizes]
    assert all(later > earlier for earlier, later in zip(powers, powers[1:]) if earlier < 1 - 1e-9)
    reached = next(size for size, power in zip(sizes, powers) if power >= 0.8)
    assert count_patients(0.5, 0.8, design) == reached


def test_power_without_a_difference_is_alpha():
    for design in (Design(1.0, 0.01), Design(1.0, 0.05, icc=0.1, per_therapist=6)):
        assert find_power(0.0, 60, design) == pytest.approx(design.alpha)


def test_what_takes_over_a_million_has_no_number():
    assert count_patients(1e-4, 0.8, Design(1.0)) is None
    assert count_patients(0.0, 0.8, Design(1.0)) is None


@pytest.mark.parametrize(("wrong", "said"), [
    ({"sd": 0.0}, "SD is above 0"), ({"sd": 1.0, "dropout": 1.0}, "drop-out"), ({"sd": 1.0, "alpha": 0.0}, "alpha"),
    ({"sd": 1.0, "icc": -0.1, "per_therapist": 5}, "correlation within"),
    ({"sd": 1.0, "icc": 0.1}, "needs the patients"),
    ({"sd": math.nan}, "SD is above 0"), ({"sd": 1.0, "icc": 0.1, "per_therapist": 0.5}, "1 or more"),
])
def test_assumptions_that_cannot_be_are_refused(wrong, said):
    with pytest.raises(UsageError) as refused:
        Design(**wrong)
    assert said in "\n".join(refused.value.findings)


# By simulation: trials of patients with therapists in one arm, analysed by Welch's test on therapists' means


def simulate_power(difference, design, patients, trials, seed):
    """Return the share of simulated trials with p below alpha. Every therapist treats equally many."""
    rng, therapists = np.random.default_rng(seed), design.therapists(patients)
    each, n = patients // therapists, patients
    assert each * therapists == patients and not design.dropout
    therapist = rng.normal(0, math.sqrt(design.icc), (trials, therapists, 1))
    own = rng.normal(0, math.sqrt(1 - design.icc), (trials, therapists, each))
    treated = (design.sd * (therapist + own) + difference).mean(2)
    other = rng.normal(0, design.sd_other or design.sd, (trials, n))
    v1, v2 = treated.var(1, ddof=1) / therapists, other.var(1, ddof=1) / n
    df = (v1 + v2) ** 2 / (v1**2 / (therapists - 1) + v2**2 / (n - 1))
    return float((2 * t.sf(np.abs(treated.mean(1) - other.mean(1)) / np.sqrt(v1 + v2), df) < design.alpha).mean())


def check_by_simulation(icc, per_therapist, therapists, difference, trials):
    design, patients = Design(2.0, icc=icc, per_therapist=per_therapist), per_therapist * therapists
    expected = find_power(difference, patients, design)
    found = simulate_power(difference, design, patients, trials, seed=7)
    assert found == pytest.approx(expected, abs=3.5 * math.sqrt(expected * (1 - expected) / trials) + 0.006), \
        "within 3.5 simulation errors and what Satterthwaite's df leaves"


def test_a_simulated_trial_with_therapists_has_the_power_planned():
    check_by_simulation(0.05, 10, 9, 0.9, trials=4000)


@pytest.mark.slow
@pytest.mark.parametrize("icc", [0.01, 0.05, 0.2])
@pytest.mark.parametrize(("per_therapist", "therapists"), [(4, 12), (10, 5), (20, 8)])
@pytest.mark.parametrize("difference", [0.0, 0.8, 1.4])
def test_simulated_trials_with_therapists_have_the_power_planned(icc, per_therapist, therapists, difference):
    check_by_simulation(icc, per_therapist, therapists, difference, trials=20_000)
