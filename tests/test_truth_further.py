"""The generator's further truths against formulas and against regressions of statsmodels."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import integrate, stats
from statsmodels.miscmodels.ordinal_model import OrderedModel

from mmresearch.simulate import design, further_truths
from mmresearch.simulate.regressions import hazard_ratio, proportional_odds, split

PATIENTS = 20_000


def truth_of(settings, **keys):
    table = further_truths(settings, patients=PATIENTS, seed=5, populations={"all": lambda people: people["age"] > 0})
    rows = table[np.logical_and.reduce([table[key] == value for key, value in keys.items()])]
    assert len(rows) == 1, f"{len(rows)} rows"
    return rows.iloc[0]


def unbounded(settings, **fields):
    """The design with instruments that know no bounds and no steps: what arms do is then what the settings say."""
    free = {"low": -1e6, "high": 1e6, "step": 1e-6}
    return settings.changed(measures=[{**each.model_dump(), **free} for each in settings.measures],
                            within=[{**each.model_dump(), **free} for each in settings.within], **fields)


def test_restricted_means_are_the_integral_of_what_the_weibull_times_leave():
    settings = design("against-drug")
    wait = settings.waits[0]

    def mean(arm):
        """Horizon minus the area under the share to whom it happened before something else did."""
        scale = wait.medians[arm] / np.log(2) ** (1 / wait.shape)
        survival = lambda day: np.exp(-((day / scale) ** wait.shape))  # noqa: E731
        density = lambda day: wait.shape / scale * (day / scale) ** (wait.shape - 1) * survival(day)  # noqa: E731
        lost = integrate.quad(lambda day: (wait.follow_up - day) * density(day) * np.exp(-wait.forestalled * day),
                              0, wait.follow_up)[0]
        return wait.follow_up - lost

    row = truth_of(settings, measure="rmst-difference", arm="exercise", reference="drug")
    # days count whole, from the day on which it happens: about half a day more in each arm, so nothing between them
    assert row["value"] == pytest.approx(mean("exercise") - mean("drug"), abs=4 * row["se"] + 0.05)


def test_agreement_is_what_two_correlated_normal_judgements_give():
    settings = design("clinic")
    measure = settings.measure("TRP-CAUSE")
    row = truth_of(settings, measure="kappa")
    spread = measure.sd * np.sqrt(1 + measure.rater_sd**2)
    cut, correlation = (0.5 - measure.mean) / spread, 1 / (1 + measure.rater_sd**2)
    both_no = stats.multivariate_normal([0, 0], [[1, correlation], [correlation, 1]]).cdf([cut, cut])
    no = stats.norm.cdf(cut)
    agree, chance = 1 - 2 * (no - both_no), no**2 + (1 - no) ** 2
    # sites, conditions and durations spread patients a little more than the settings' SD
    assert row["value"] == pytest.approx((agree - chance) / (1 - chance), abs=4 * row["se"] + 0.015)


def test_the_variance_of_therapists_is_their_share_of_the_whole():
    settings = unbounded(design("clinic"), eligible=None)
    pain, visit = settings.measures[0], next(v for v in settings.visits if v.name == settings.primary_visit)
    row = truth_of(settings, measure="variance", detail="therapist")
    expected = pain.therapists * (pain.sd * pain.spread * visit.effect) ** 2
    assert row["value"] == pytest.approx(expected, abs=4 * row["se"])


def test_differences_by_trait_are_the_settings_own():
    row = truth_of(unbounded(design("mobility")), measure="contrast", instrument="ROM", detail="impaired")
    assert row["value"] == pytest.approx(7.0, abs=4 * row["se"] + 1e-6)
    row = truth_of(unbounded(design("goals")), measure="variance", arm="massage", reference="waiting")
    assert row["value"] == pytest.approx(np.var([1.1, -1.1, 0, 0], ddof=1), abs=4 * row["se"] + 1e-6)


def test_sessions_change_what_the_settings_say_and_each_adds_what_the_arms_say():
    settings = unbounded(design("rest-crossover"))
    for each in settings.within:
        row = truth_of(settings, measure="mean-difference", instrument=each.instrument)
        expected = each.changes["massage"] - each.changes["rest"]
        assert row["value"] == pytest.approx(expected, abs=4 * row["se"] + 1e-6)
    row = truth_of(unbounded(design("course-length")), measure="slope")
    effects = design("course-length").measures[0].effects
    line = np.polyfit([1, 4, 8], [0, effects["four"], effects["eight"]], 1)[0]
    assert row["value"] == pytest.approx(line, abs=4 * row["se"] + 1e-6)


def test_ratios_of_means_are_what_is_kept():
    """Doses come in whole tablets: within 2% of the share of the need that is left."""
    settings = design("three-arm")
    row = truth_of(settings, measure="mean-ratio", arm="medical", reference="usual")
    assert row["value"] == pytest.approx(settings.arms["medical"].opioids_kept, rel=0.02)
    headache = unbounded(design("headache"))
    days = headache.measure("HADAYS")
    row = truth_of(headache, measure="rate-ratio", instrument="HADAYS")
    usual = days.mean + days.natural
    assert row["value"] == pytest.approx((usual + days.effects["release"]) / usual, rel=0.03)


def test_adverse_events_come_as_often_as_their_chance_and_grades_say():
    row = truth_of(design("clinic"), measure="rate", detail="grade 2 or worse")
    assert row["value"] == pytest.approx(0.04 * (0.25 + 0.03)) and row["se"] == 0


def test_the_odds_and_hazards_are_those_of_statsmodels():
    random = np.random.default_rng(8)
    treated, other = (np.arange(1500) % 2).astype(float), random.standard_normal(1500)
    codes = np.digitize(0.8 * treated - 0.4 * other + random.logistic(size=1500), [-0.5, 0.6, 1.5])
    columns = np.column_stack([treated, other])
    reference = OrderedModel(codes, columns, distr="logit").fit(method="newton", disp=False)
    assert proportional_odds(codes, columns) == pytest.approx(reference.params[:2], abs=2e-4)

    step = random.integers(1, 5, size=1500)
    reached = (random.random(1500) < -np.expm1(-np.exp(-1.5 + 0.3 * other))).astype(float)
    whole = np.column_stack([pd.get_dummies(step).to_numpy(float), other])
    family = sm.families.Binomial(sm.families.links.CLogLog())
    expected = np.exp(sm.GLM(reached, whole, family=family).fit(tol=1e-12).params[-1])
    assert hazard_ratio(reached, step, other) == pytest.approx(expected, rel=1e-6)


def test_the_two_parts_of_an_effect_add_up_to_it():
    random = np.random.default_rng(9)
    arm, start = (np.arange(800) % 2).astype(float), random.standard_normal((800, 2))
    mediator = 0.7 * arm + start[:, 0] + random.standard_normal(800)
    outcome = 0.4 * arm + 0.5 * mediator + start[:, 1] + random.standard_normal(800)
    total = sm.OLS(outcome, np.column_stack([np.ones(800), arm, start])).fit().params[1]
    indirect, direct = split(arm, mediator, outcome, start)
    assert indirect + direct == pytest.approx(total, abs=1e-9)
