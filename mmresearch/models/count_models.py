"""Which model a count gets, by a rule that does not look at the arms, and the parts it is made of.

hurdle             more than half of all counts are 0: logistic for any, log-linear for how many among those with any
beta-binomial      the instrument has a highest value: logit link, variance of a share times what the residuals say
negative binomial  else: log link, dispersion of greatest likelihood

Where too few patients of an arm have any, or none, for a hurdle, one model takes all counts. docs/counts.md says so.
"""

from dataclasses import dataclass, field

import numpy as np

from mmresearch.models.quasi import log_means, logit_means, negative_binomial
from mmresearch.models.table import design, estimable
from mmresearch.models.troubles import FEW_EVENTS, trouble
from mmresearch.models.wording import counted

DOMINATE = 0.5  # share of zeros above which they have a model of their own
PER_TERM = 3  # patients with any for each term of the second part of a hurdle


@dataclass(frozen=True)
class Counts:
    """The patients analysed, a row each.

    outcome   in the instrument's unit, for the whole time; exposure: the share of it that was observed, None: all
    columns   intercept, arm, then covariates; `few` of them are intercept, arm and the baseline alone
    scale     what the baseline enters as
    """

    people: object = field(repr=False)
    outcome: np.ndarray = field(repr=False)
    columns: np.ndarray = field(repr=False)
    covariates: object = field(repr=False)
    scale: object = field(repr=False, default=None)
    few: int = 2
    exposure: np.ndarray | None = field(default=None, repr=False)

    @property
    def treated(self):
        return self.people["treated"].to_numpy() == 1

    @property
    def seen(self):
        """What was counted in the time observed."""
        return self.outcome if self.exposure is None else np.round(self.outcome * self.exposure, 9)


@dataclass(frozen=True)
class Model:
    """A fitted model: its name and what it is adjusted for, its parts (their means multiply), words for the page."""

    name: str
    parts: tuple = field(repr=False)
    names: tuple = ()
    said: tuple = ()
    troubles: tuple = ()


def gather_counts(question, rows, study, scale, exposure=None, everyone=False):
    """Return the Counts of the patients observed at the judged visit; scale: what the baseline enters as.

    exposure: the share of the time that was observed, by patient; a patient without one was observed all of it.
    everyone: also those without a value, whose outcome is NaN.
    """
    outcome = rows.values[question.visit.name]
    seen = outcome.notna() | everyone
    people = rows.people[seen].assign(baseline=scale(rows.people.loc[seen, "baseline"]))
    covariates = design(people, study)
    columns = np.column_stack([np.ones(len(people)), people["treated"], covariates.matrix]).astype(float)
    first = sum(str(name).split(" ")[0] == "baseline" for name in covariates.matrix)
    known = None if exposure is None else exposure.reindex(people.index).fillna(1.0).to_numpy()
    partly = known is not None and bool((known < 1).any())
    values = outcome[seen].to_numpy(float)
    return Counts(people, values, columns, covariates, scale, 2 + first, known if partly else None)


def problem(counts, labels):
    """Return a serious trouble where there is no ratio to estimate, else None. labels: of arm and reference."""
    outcome, treated = counts.outcome, counts.treated
    empty = [label for label, rows in zip(labels, (treated, ~treated), strict=True) if not outcome[rows].sum() > 0]
    if empty:
        text = f"Nobody in {' or '.join(empty)} has any: a ratio has no value, or no end."
        return trouble("not-estimable", text)
    if len(outcome) <= counts.columns.shape[1]:
        text = f"{len(outcome)} patients cannot carry a model of {counts.columns.shape[1]} terms."
        return trouble("not-estimable", text)
    if not estimable(counts.people["treated"], counts.covariates.matrix):
        return trouble("not-estimable", "The arms follow from the covariates, so the data cannot separate the two.")
    return None


def choose(counts, highest):
    """Return the Model the rule gives. highest: the instrument's highest value, None where it has none."""
    zeros = float(np.mean(counts.outcome == 0))
    if zeros > DOMINATE and counts.exposure is None:
        found = hurdle(counts)
        if found:
            return found
    if highest is not None:
        return bounded(counts, highest)
    return single(counts) if zeros > DOMINATE else unbounded(counts)


def hurdle(counts):
    """Return the Model in two parts, or None where an arm has too few patients on either side of the hurdle."""
    some, treated = counts.outcome > 0, counts.treated
    if min(np.sum(side & arm) for side in (some, ~some) for arm in (treated, ~treated)) < FEW_EVENTS:
        return None
    for width in (counts.columns.shape[1], counts.few, 2):
        columns = counts.columns[:, :width]
        enough = some.sum() >= PER_TERM * width and np.linalg.matrix_rank(columns[some]) == width
        if not (enough or width == 2):
            continue
        parts = (
            logit_means(some.astype(float), columns, 1),
            log_means(counts.outcome[some], columns[some], rows=some),
        )
        if all(part.converged for part in parts) or width == 2:
            return _in_two_parts(counts, parts, width, int(some.sum()))
    return None


def _in_two_parts(counts, parts, width, some):
    zeros = 100 * np.mean(counts.outcome == 0)
    said = (f"{zeros:.0f}% of all values are 0: they have a model of their own (hurdle).",)
    name = "Hurdle model (logistic for any, log-linear for the amount among those with any)"
    if width == counts.columns.shape[1]:
        return Model(name, parts, counts.covariates.names, said)
    names = ("baseline",) * (width == counts.few > 2)
    text = f"{counted(some, 'patient')} with any cannot carry all covariates: the model is adjusted for "
    left = trouble("covariates-left-out", f"{text}{'the baseline alone' if names else 'nothing'}.")
    return Model(name, parts, names, said, (left,))


def bounded(counts, highest):
    """Return the Model of days out of `highest`."""
    sizes = highest if counts.exposure is None else highest * counts.exposure
    part = logit_means(counts.seen, counts.columns, sizes, full=highest)
    said = (f"Values end at {highest:g}: the model is for a share of {highest:g} (beta-binomial variance).",)
    return Model("Beta-binomial quasi-likelihood, logit link", (part,), counts.covariates.names, said, _unsettled(part))


def unbounded(counts):
    """Return the negative binomial Model."""
    part = negative_binomial(counts.seen, counts.columns, counts.exposure)
    name = f"Negative binomial, log link, dispersion {part.dispersion:.2f}"
    return Model(name, (part,), counts.covariates.names, (), _unsettled(part))


def single(counts):
    """Return the Model with a log link whose variance is proportional to the mean."""
    part = log_means(counts.seen, counts.columns, counts.exposure)
    name = "Log-linear quasi-likelihood, variance proportional to the mean"
    return Model(name, (part,), counts.covariates.names, (), _unsettled(part))


def _unsettled(part):
    return () if part.converged else (trouble("not-converged", "The model of means did not converge."),)
