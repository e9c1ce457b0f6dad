"""Simulated studies against the truth: do intervals cover it, are null effects left unsupported, real ones not refuted?

The truth comes from the generator (mmresearch.simulate.true_effects); estimates and verdicts from the rooms a run uses.
Counts over seeds are held to binomial bounds: a test fails only where chance alone would do so less than once in a
thousand (over all the bounds of that test together).
"""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from truths import RARE, covers, threshold_of, who

from mmresearch.claims import articles, read_registry
from mmresearch.estimate import Estimate
from mmresearch.models import fit
from mmresearch.simulate import design, simulate_study, true_effects
from mmresearch.study import read_study
from mmresearch.verdict import judge

METHODS = ("change", "responder")
SAMPLE, ALL = (101, 102), tuple(range(101, 121))
PATIENTS = 24_000  # followed for the truth here: Monte Carlo errors near a twentieth of one study's standard error


# --- the truth itself, where it can be had without simulation ---------------------------------------------------------

@pytest.fixture(scope="module")
def settings():
    return design("three-arm")


def _plain(settings, **fields):
    """The design with one instrument beside pain, no drop-out, no conditions: simple enough for a formula."""
    pain = {**settings.measure("NRS").model_dump(), "slopes": {}}
    measure = {**settings.measure("PROMIS-PI").model_dump(), "spread": 1.0, "low": None, "high": None, **fields}
    arms = {name: {**arm.model_dump(), "drop_out": -50} for name, arm in settings.arms.items()}
    return settings.changed(measures=[pain, measure], arms=arms, eligible=0, missed=0.0)


def test_away_from_bounds_the_true_difference_is_the_settings_own(settings):
    truth = true_effects(_plain(settings), patients=20000, seed=5)
    effects = settings.measure("PROMIS-PI").effects
    for visit in settings.visits[1:]:
        for arm in ("medical", "relaxation"):
            row = truth.find("effects", instrument="PROMIS-PI", visit=visit.name, arm=arm, reference="usual")
            assert row["mean_difference"] == pytest.approx(effects[arm] * visit.effect, abs=4 * row["se"] + 0.005)


def test_the_true_share_of_responders_is_the_normal_distributions(settings):
    """Change is normal: variance 2 sd^2 (1 - correlation), plus the therapists' part in treated arms. In steps of 0.1,
    a change counts as 3 from 2.95."""
    plain = _plain(settings, skipped=0.0)
    measure, visit = plain.measures[1], plain.visits[4]
    shared = sum(loading**2 for loading in measure.loadings)
    memory = [each.kept * (each.lasting + (1 - each.lasting) * np.exp(-visit.day / each.fade))
              for each in (plain.factors, plain.own)]
    # a constant part of a patient (condition, sex, site) cancels in a change
    variance = 2 * measure.sd**2 * (1 - shared * memory[0] - (1 - shared) * memory[1])
    shares = {}
    for arm in ("medical", "usual"):
        mean = measure.natural * visit.course + measure.effects.get(arm, 0.0)
        spread = np.sqrt(variance + (measure.sd**2 * measure.therapists if arm == "medical" else 0))
        shares[arm] = stats.norm.cdf((-2.95 - mean) / spread)
    truth = true_effects(plain, patients=60000, seed=5)
    row = truth.find("responders", instrument="PROMIS-PI", visit=visit.name, arm="medical", reference="usual")
    assert row["threshold"] == 3
    expected = shares["medical"] - shares["usual"]
    assert row["risk_difference_all_seen"] == pytest.approx(expected, abs=4 * row["se_all_seen"])
    assert row["risk_difference"] == row["risk_difference_all_seen"], "nobody leaves, misses a visit or skips"


def test_a_modifier_has_the_slope_the_settings_give_it(settings):
    plain = _plain(settings, slopes={"medical": 0.05}, therapists=0.0)
    row = true_effects(plain, patients=20000, seed=5).find(
        "slopes", instrument="PROMIS-PI", visit="week 12", arm="medical", reference="usual", modifier="duration_months")
    assert row["slope"] == pytest.approx(0.05, abs=4 * row["se"] + 0.0005)


def test_effects_of_exactly_zero_are_exactly_zero(settings):
    truth = true_effects(settings, patients=8000, seed=5)
    for instrument in ("EQ5D", "PHQ9", "FIQR"):  # noqa: B007 (the query names it)
        assert (truth.effects.query("instrument == @instrument")["mean_difference"] == 0).all()
    moved = truth.effects.query("instrument == 'NRS' and reference == 'usual'")["mean_difference"]
    assert (moved < 0).all()


def test_missing_counts_as_not_responding(settings):
    """More patients leave usual care, so counting them as non-responders widens the difference."""
    rows = true_effects(settings, patients=8000, seed=5).responders
    rows = rows.query("instrument == 'PHQ9' and visit == 'week 12' and reference == 'usual' and population == 'all'")
    assert (rows["risk_difference_all_seen"] == 0).all() and (rows["risk_difference"] > 0).all()


def test_differences_between_arms_add_up(settings):
    rows = true_effects(settings, patients=8000, seed=5).effects.set_index(
        ["instrument", "visit", "population", "arm", "reference"])["mean_difference"].unstack(["arm", "reference"])
    gap = rows["medical", "usual"] - rows["relaxation", "usual"] - rows["medical", "relaxation"]
    assert np.allclose(gap, 0, atol=1e-9)


# --- many studies -----------------------------------------------------------------------------------------------------

def _true_value(truth, claim, estimate):
    keys = {"instrument": estimate.instrument, "visit": estimate.visit, "population": who(claim, estimate)}
    turn = -1 if (estimate.arm, estimate.reference) == ("relaxation", "medical") else 1  # truth has the other order
    arm, reference = (estimate.arm, estimate.reference) if turn == 1 else (estimate.reference, estimate.arm)
    keys |= {"arm": arm, "reference": reference}
    if estimate.measure == "slope":
        row, column = truth.find("slopes", modifier=claim.analysis.modifier, **keys), "slope"
    elif estimate.measure == "risk-difference":
        rule, threshold = threshold_of(claim, estimate.instrument)
        row, column = truth.find("responders", rule=rule, threshold=threshold, **keys), "risk_difference"
    else:
        row, column = truth.find("effects", **keys), "mean_difference"
    return turn * row[column], row["se"]


def _studies(folder, seeds):
    """Return (claim, Estimate, Verdict, seed) of every claim that METHODS assess, in one study a seed."""
    found = []
    for seed in seeds:
        study = read_study(simulate_study(folder / str(seed), seed=seed, truth=False))
        for registry in (articles(), read_registry("own", {"claims.toml": study.own_claims})):
            outcomes = {claim.id: fit(claim, study) for claim in registry if claim.analysis is not None}
            judged = {verdict.claim: verdict for verdict in judge(registry, outcomes)}
            found += [(registry.claim(name), outcome, judged[name], seed) for name, outcome in outcomes.items()
                      if isinstance(outcome, Estimate) and outcome.method in METHODS]
    return found


def _table(found, settings):
    """One row an estimate of a claim in a study, beside its truth; oriented so that positive is what the claim says."""
    populations = {who(claim, estimate): who(claim, estimate) for claim, estimate, _, _ in found}
    thresholds = {(estimate.instrument, *threshold_of(claim, estimate.instrument)) for claim, estimate, _, _ in found
                  if estimate.measure == "risk-difference"}
    truth = true_effects(settings, patients=PATIENTS, seed=1, populations=populations, thresholds=sorted(thresholds))
    rows = []
    for claim, estimate, verdict, seed in found:
        value, se = _true_value(truth, claim, estimate)
        sign = 1 if estimate.direction == "higher" else -1
        ends = sorted(sign * end for end in (estimate.low, estimate.high))
        rows.append({
            "claim": claim.id, "seed": seed, "estimand": estimate.estimand, "instrument": estimate.instrument,
            "measure": estimate.measure, "hypothesis": estimate.hypothesis, "margin": estimate.margin,
            "truth": sign * value, "truth_se": se, "point": sign * estimate.point, "low": ends[0], "high": ends[1],
            "standard_error": estimate.standard_error, "verdict": verdict.verdict, "reason": verdict.reason_code})
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def sample(tmp_path_factory, settings):
    return _table(_studies(tmp_path_factory.mktemp("sample"), SAMPLE), settings)


@pytest.fixture(scope="module")
def every(tmp_path_factory, settings):
    return _table(_studies(tmp_path_factory.mktemp("every"), ALL), settings)


def _check_coverage(table):
    """Intervals at 95%: each estimand over the seeds, and all together, an instrument in a study counting once.

    Instruments of one study share patients and therapists, yet their successes hang together too little to matter: over
    40 other studies the variance of a study's share of successes was 0.92 times the binomial's.
    """
    once = table.drop_duplicates(["seed", "estimand"])
    once = once.assign(covers=covers(once))
    counts = once.groupby("estimand")["covers"].agg(["sum", "count"])
    unlikely = stats.binom.cdf(counts["sum"], counts["count"], 0.95) < RARE / len(counts)
    assert not unlikely.any(), f"intervals miss the truth too often:\n{counts[unlikely]}"
    shares = once.groupby(["seed", "instrument"])["covers"].mean()
    likely = stats.binom.cdf(np.floor(shares.sum()), len(shares), 0.95)
    assert likely > RARE, f"{shares.mean():.3f} of the intervals cover, not 0.95"


def _check_rate(rows, wrong, chance):
    """`wrong`: True where a row's verdict is wrong. Neither one claim over the studies, nor all estimands together,
    may be wrong more often than `chance` allows."""
    rows = rows.assign(wrong=wrong)
    counts = rows.groupby("claim")["wrong"].agg(["sum", "count"])
    unlikely = stats.binom.sf(counts["sum"] - 1, counts["count"], chance) < RARE / len(counts)
    assert not unlikely.any(), f"wrong more often than {chance:.3f}:\n{counts[unlikely]}"
    together = rows.groupby(["seed", "estimand"])["wrong"].any()
    likely = stats.binom.sf(together.sum() - 1, len(together), chance)
    assert likely > RARE, f"{together.sum()} of {len(together)} wrong, more often than {chance:.3f}"


def _check_supports(table):
    """A claim whose effect is null or opposite is supported in at most alpha / 2 of studies; any of them in alpha."""
    idle = table[(table["hypothesis"] == "superiority") & (table["truth"] <= 2 * table["truth_se"])]
    assert len(idle), "the design has null and opposite effects among the claims"
    wrong = idle["verdict"].str.startswith("supported")
    _check_rate(idle, wrong, 0.025)
    families, seeds = wrong.groupby(idle["seed"]).any().sum(), table["seed"].nunique()
    assert stats.binom.sf(families - 1, seeds, 0.05) > RARE, f"{families} of {seeds} studies support what is not so"


def _check_refutations(table):
    """Truth at or beyond the margin is not called too small, nor truth on the claimed side opposite: each in 2.5%."""
    judged = table[table["hypothesis"] == "superiority"]
    for reason, bad in (("too-small", judged["truth"].abs() >= judged["margin"] + 2 * judged["truth_se"]),
                        ("opposite", judged["truth"] >= 0)):
        rows = judged[bad]
        assert len(rows), f"the design has effects for which '{reason}' would be wrong"
        _check_rate(rows, rows["reason"] == reason, 0.025)


def _check_discoveries(table):
    """What is truly there is found: pain under medical massage against usual care, and the harm to stiffness."""
    own = table.set_index("claim")
    assert own.loc["pain-week-12", "verdict"].str.startswith("supported").all()
    assert (own.loc["stiffness-week-12", "reason"] == "opposite").mean() >= 0.5


CHECKS = (_check_coverage, _check_supports, _check_refutations, _check_discoveries)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__.removeprefix("_check_"))
def test_two_studies_agree_with_the_truth(sample, check):
    check(sample)


@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__.removeprefix("_check_"))
def test_twenty_studies_agree_with_the_truth(every, check):
    check(every)


def test_enough_claims_are_assessed_to_say_something(sample):
    assert sample["claim"].nunique() >= 20
    assert {"mean-difference", "risk-difference"} <= set(sample["measure"])
