"""The engine of counts and doses against R's packages (tests/reference/counts/script.R), and identities."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import special

from mmresearch.models.beta_binomial import beta_binomial, likelihood_ratio
from mmresearch.models.quasi import log_means, logit_means, negative_binomial
from mmresearch.models.standardised import standardise

FOLDER = Path(__file__).parent / "reference" / "counts"
DATA = pd.read_csv(FOLDER / "data.csv")
R = pd.read_csv(FOLDER / "output.csv").set_index("name")["value"]
ALONE = pd.Series([None] * len(DATA), dtype="object")


def columns(baseline, data=DATA):
    return np.column_stack([np.ones(len(data)), data["treated"], baseline, data["age"]]).astype(float)


def values(name, data=DATA):
    return data[name].to_numpy(float)


def standard_error(fit, design, therapists=ALONE):
    return standardise([fit], design, therapists).ratio


def test_the_negative_binomial_is_mass_s():
    """MASS::glm.nb 7.3-58; R prints 15 digits; both iterate to about 1e-8 of the dispersion."""
    design = columns(np.log1p(values("count0")))
    fit = negative_binomial(values("count"), design, values("exposure"))
    assert fit.converged and fit.dispersion == pytest.approx(R["nb.dispersion"], rel=1e-6)
    assert fit.coefficients[[0, 1, 3]] == pytest.approx(R[["nb.intercept", "nb.treated", "nb.age"]], abs=1e-7)
    scaled, residuals = fit.scaled
    spread = np.linalg.inv(scaled.T @ scaled) @ (scaled * residuals[:, None]).T
    assert np.sqrt(np.sum(spread[1] ** 2)) == pytest.approx(R["nb.hc0"], rel=1e-6)  # sandwich 3.0-2


def test_quasi_likelihood_of_counts_with_exposure_is_glm_s_and_its_error_clubsandwich_s():
    """glm(quasipoisson), clubSandwich 0.5.8 CR2 and Satterthwaite df, a patient a cluster: HC2."""
    design = columns(np.log1p(values("count0")))
    fit = log_means(values("count"), design, values("exposure"))
    found = standard_error(fit, design)
    assert np.log(found.point) == pytest.approx(R["qp.treated"], abs=1e-9)
    assert (found.standard_error, found.df) == pytest.approx((R["qp.se.single"], R["qp.df.single"]), rel=1e-7)


def test_days_out_of_28_are_standardised_as_the_delta_method_has_it():
    """glm(quasibinomial), vcovCR CR2, linear_contrast's Satterthwaite df at the delta method's weights."""
    design = columns(special.logit((values("days0") + 0.5) / 29))
    fit = logit_means(values("days"), design, 28)
    found = standardise([fit], design, ALONE)
    assert fit.coefficients[1] == pytest.approx(R["qb.treated"], abs=1e-9)
    assert found.means == pytest.approx(tuple(R[["qb.mean.treated", "qb.mean.reference"]]), rel=1e-9)
    assert found.difference.standard_error == pytest.approx(R["qb.difference.se"], rel=1e-7)
    assert found.ratio.standard_error == pytest.approx(R["qb.ratio.se"], rel=1e-7)
    assert found.ratio.df == pytest.approx(R["qb.ratio.df"], rel=1e-7)


def test_a_hurdle_s_parts_multiply_to_the_mean_and_its_scores_stack():
    """glm(binomial), glm(quasipoisson) of those with any, pscl::hurdle's zero part; HC0 of the stacked scores."""
    design, some = columns(np.log1p(values("rare0"))), values("rare") > 0
    parts = [logit_means(some.astype(float), design, 1), log_means(values("rare")[some], design[some], rows=some)]
    assert parts[0].coefficients[1] == pytest.approx(R["hurdle.any.treated"], abs=1e-9)
    assert parts[0].coefficients[1] == pytest.approx(R["pscl.any.treated"], abs=1e-6)
    assert parts[1].coefficients[1] == pytest.approx(R["hurdle.some.treated"], abs=1e-9)
    found = standardise(parts, design, ALONE)
    assert found.means[0] / found.means[1] == pytest.approx(R["hurdle.ratio"], rel=1e-9)
    gradient = found.gradients[0] / found.means[0] - found.gradients[1] / found.means[1]
    scores = (found.design * found.residuals[:, None]) @ np.linalg.inv(found.design.T @ found.design) @ gradient
    by_patient = np.bincount(found.labels, weights=scores)
    assert np.sqrt(np.sum(by_patient**2)) == pytest.approx(R["hurdle.hc0"], rel=1e-7)


def test_doses_one_by_one_and_by_therapist_are_clubsandwich_s():
    """glm(quasipoisson) of a dose; CR2, patients of one therapist together (no covariates: equal weights in each)."""
    design = columns(np.log1p(values("mme0")))
    alone = standard_error(log_means(values("mme"), design), design)
    assert np.log(alone.point) == pytest.approx(R["dose.treated"], abs=1e-9)
    assert (alone.standard_error, alone.df) == pytest.approx((R["dose.se.single"], R["dose.df.single"]), rel=1e-7)
    therapists = DATA["cluster"].where(DATA["treated"] == 1).astype("object")
    plain = standard_error(log_means(values("mme"), design[:, :2]), design[:, :2], therapists)
    assert (plain.point, plain.standard_error) == pytest.approx((R["plain.ratio"], R["plain.se.cluster"]), rel=1e-7)


def test_without_covariates_every_model_gives_the_ratio_of_the_raw_means():
    design, outcome, some = columns(np.zeros(len(DATA)))[:, :2], values("rare"), values("rare") > 0
    means = DATA.groupby("treated")["rare"].mean()
    models = [
        [log_means(outcome, design)],
        [negative_binomial(outcome, design)],
        [logit_means(outcome, design, 28)],
        [logit_means(some.astype(float), design, 1), log_means(outcome[some], design[some], rows=some)],
    ]
    for parts in models:
        assert standardise(parts, design, ALONE).ratio.point == pytest.approx(means[1] / means[0], rel=1e-7)


def test_counts_without_excess_spread_are_poisson_s():
    outcome = np.tile([2.0, 3.0], 20)
    design = np.column_stack([np.ones(40), np.repeat([1.0, 0.0], 20)])
    assert negative_binomial(outcome, design).dispersion == 0


def test_a_site_where_nobody_has_any_changes_nothing_of_the_others():
    """Its coefficient has no finite value: the others' comparison is what it is without that site."""
    dice = np.random.default_rng(3)
    treated, site = np.tile([1.0, 0.0], 30), np.repeat([0.0, 0.0, 1.0], 20)
    outcome = np.where(site == 1, 0.0, dice.poisson(4, 60))
    design = np.column_stack([np.ones(60), treated, site])
    found, other = log_means(outcome, design), log_means(outcome[site == 0], design[site == 0, :2])
    assert found.converged and found.coefficients[:2] == pytest.approx(other.coefficients, abs=1e-7)
    one = standard_error(found, design, ALONE[:60])
    two = standard_error(other, design[site == 0, :2], ALONE[:40])
    assert (one.standard_error, one.df) == pytest.approx((two.standard_error, two.df), rel=1e-6)


@pytest.mark.parametrize("scale", [0.001, 7.0])
def test_the_unit_of_a_dose_does_not_matter(scale):
    design = columns(np.log1p(values("mme0")))
    one, other = (standard_error(log_means(factor * values("mme"), design), design) for factor in (1.0, scale))
    assert one.point == pytest.approx(other.point, rel=1e-7)
    assert (one.standard_error, one.df) == pytest.approx((other.standard_error, other.df), rel=1e-6)


def test_the_beta_binomial_is_vgam_s():
    """VGAM::vglm(betabinomial) 1.1-7, iterated to 1e-12; ours to a slope of the likelihood below 1e-5."""
    design = columns(special.logit((values("days0") + 0.5) / 29))
    coefficients, correlation, likelihood = beta_binomial(values("days"), design, 28)
    assert likelihood == pytest.approx(R["bb.loglik"], abs=1e-7)
    assert coefficients[1] == pytest.approx(R["bb.treated"], abs=1e-5)
    assert special.expit(correlation) == pytest.approx(R["bb.rho"], abs=1e-5)


def test_where_the_beta_binomial_holds_both_ways_of_fitting_it_agree():
    dice = np.random.default_rng(8)
    treated = np.tile([1.0, 0.0], 2000)
    share = np.where(treated == 1, 0.3, 0.4)
    outcome = dice.binomial(28, dice.beta(4 * share, 4 * (1 - share))).astype(float)
    design = np.column_stack([np.ones(4000), treated])
    other = likelihood_ratio(outcome, design, 28, np.arange(4000), 3998.0)
    quasi = standardise([logit_means(outcome, design, 28)], design, pd.Series([None] * 4000, dtype="object")).ratio
    assert other.point == pytest.approx(quasi.point, rel=0.01)
    assert other.standard_error == pytest.approx(quasi.standard_error, rel=0.05)
