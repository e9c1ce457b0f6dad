"""Means of counts and doses by quasi-likelihood: the mean's model must hold, the spread's need not.

Log link with variance mean (1 + dispersion mean) / exposure, or logit link with the variance of a share of `size`.
With these two and dispersion 0 the fitted means of an arm sum to what was observed in it, so a randomised comparison of
standardised means is right even where the model is not (Rosenblum, van der Laan 2010, Int J Biostat 6:13). What the
spread does is left to the standard error (standardised.py). Wedderburn 1974, Biometrika 61:439; McCullagh and Nelder
1989, Generalized linear models, 2nd ed, chapter 9.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy import optimize, special

STEPS, CLOSE = 100, 1e-9  # Fisher scoring; change of the largest fitted mean, relative
FURTHEST = 4.0  # a step of the linear predictor; longer ones are cut
LOG_DISPERSION = (-14.0, 7.0)  # where the dispersion is sought; below it the counts are as Poisson's


@dataclass(frozen=True)
class MeanFit:
    """A fitted model of means.

    rows      (n,) which of the patients standardised over it was fitted to: m of them
    columns   (m, k) intercept, arm, covariates; outcome, means, slopes (of the mean by the predictor), variances (m,)
    full      a patient observed all the time has the mean `full` times the inverse link
    """

    link: str
    coefficients: np.ndarray = field(repr=False)
    outcome: np.ndarray = field(repr=False)
    columns: np.ndarray = field(repr=False)
    means: np.ndarray = field(repr=False)
    slopes: np.ndarray = field(repr=False)
    variances: np.ndarray = field(repr=False)
    rows: np.ndarray = field(repr=False)
    converged: bool = True
    dispersion: float = 0.0
    full: float = 1.0

    def at(self, columns):
        """Return (mean, slope) of patients with these columns, observed all the time."""
        predictor = np.clip(columns @ self.coefficients, -500, 500)
        if self.link == "log":
            return (np.exp(predictor),) * 2
        share = special.expit(predictor)
        return self.full * share, self.full * share * (1 - share)

    @property
    def scaled(self):
        """The working design and Pearson residuals, in which the fit is ordinary least squares."""
        spread = np.sqrt(self.variances)
        return self.columns * (self.slopes / spread)[:, None], (self.outcome - self.means) / spread


def log_means(outcome, columns, exposure=None, dispersion=0.0, rows=None):
    """Return the MeanFit with a log link. exposure (n,): the share of the time that was observed; None: all of it.

    dispersion 0: variance as the mean's (times what the residuals say); above: a negative binomial's.
    """
    observed = np.ones(len(outcome)) if exposure is None else exposure

    def moments(predictor):
        means = observed * np.exp(np.clip(predictor, -500, 100))
        return means, means, means * (1 + dispersion * means)

    start = np.log(max(outcome.sum(), 0.5) / observed.sum())
    return _scored("log", outcome, columns, moments, start, rows, dispersion=dispersion)


def logit_means(outcome, columns, size, full=None, rows=None):
    """Return the MeanFit with a logit link. outcome: out of `size` ((n,) or a number); full: the size of a whole time.

    The variance of a beta-binomial of equal sizes is the binomial's times 1 + (size - 1) rho: the estimate is the same
    whatever rho, and the standard error takes it from the residuals (Williams 1982, Appl Stat 31:144).
    """
    sizes = np.broadcast_to(np.asarray(size, float), outcome.shape)

    def moments(predictor):
        shares = special.expit(predictor)
        return sizes * shares, sizes * shares * (1 - shares), sizes * shares * (1 - shares)

    share = np.clip(outcome.sum() / sizes.sum(), 1e-3, 1 - 1e-3)
    return _scored("logit", outcome, columns, moments, special.logit(share), rows, full=float(full or np.max(sizes)))


def negative_binomial(outcome, columns, exposure=None):
    """Return the log-link MeanFit with the dispersion of greatest likelihood (0: no more spread than Poisson's).

    Means and dispersion in turn until both stand, as MASS::glm.nb does (Venables and Ripley 2002, section 7.4).
    """
    dispersion, found = 0.0, log_means(outcome, columns, exposure)
    for _ in range(STEPS):
        before, dispersion = dispersion, most_likely_dispersion(outcome, found.means)
        found = log_means(outcome, columns, exposure, dispersion)
        if abs(dispersion - before) <= CLOSE * (1 + dispersion):
            break
    return found


def most_likely_dispersion(outcome, means):
    """Return the negative binomial's dispersion of greatest likelihood at given means."""

    def score(log_dispersion):
        size = np.exp(-log_dispersion)
        counts = special.digamma(size + outcome) - special.digamma(size) + np.log(size / (size + means))
        return np.sum(counts + 1 - (size + outcome) / (size + means))

    low, high = LOG_DISPERSION
    if score(low) >= 0:  # the likelihood rises towards Poisson's
        return 0.0
    if score(high) <= 0:
        return float(np.exp(high))
    return float(np.exp(optimize.brentq(score, low, high, xtol=1e-12)))


def _scored(link, outcome, columns, moments, start, rows, **further):
    """Fisher scoring. The coefficient of patients who all have none drifts off until their means vanish: the end."""
    coefficients = np.zeros(columns.shape[1])
    coefficients[0] = start
    before, converged = np.full(len(outcome), np.inf), False
    for _ in range(STEPS):
        predictor = columns @ coefficients
        means, slopes, variances = moments(predictor)
        variances = np.maximum(variances, 1e-300)
        converged = bool(np.max(np.abs(means - before)) <= CLOSE * np.max(means))
        if converged:
            break
        before = means
        step = _step(columns * (slopes / np.sqrt(variances))[:, None], (outcome - means) / np.sqrt(variances))
        longest = np.max(np.abs(columns @ step))
        coefficients = coefficients + step * min(1.0, FURTHEST / longest if longest > 0 else 1.0)
    kept = np.ones(len(outcome), bool) if rows is None else rows
    return MeanFit(link, coefficients, outcome, columns, means, slopes, variances, kept, converged, **further)


def _step(design, residuals):
    lengths = np.linalg.norm(design, axis=0)
    lengths = np.where(lengths > 0, lengths, 1.0)
    return np.linalg.lstsq(design / lengths, residuals, rcond=1e-10)[0] / lengths
