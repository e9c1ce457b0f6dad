"""Method `mediation`: how much of the arms' difference goes through a mediator, and how much does not.

Two linear models of the patients with mediator and outcome: mediator on arm, outcome on arm and mediator, both on the
baselines of mediator and outcome, covariates and strata (paths.py). Indirect effect: their product, by a bootstrap of
patients within arms, seeded; where patients share a therapist, from the t distributions of both factors with CR2.
Direct effect (measure mean-difference): what is left. How strong an unmeasured common cause would have to be stands
beside it, because nothing in the data shows that there is none.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from mmresearch.estimate import Derived, Lack, Robustness
from mmresearch.models import paths
from mmresearch.models.analysis_set import tell_therapists
from mmresearch.models.assembly import assemble
from mmresearch.models.clusters import cr2, shared, therapist_labels
from mmresearch.models.indirect import Bootstrap, Product, bca
from mmresearch.models.inference import Contrast
from mmresearch.models.least_squares import Fitted, adjusted, few_df
from mmresearch.models.mediators import AT_BASELINE, gather_both
from mmresearch.models.question import ask
from mmresearch.models.robustness import beside_wanted
from mmresearch.models.table import design, estimable
from mmresearch.models.tipping import hidden_causes
from mmresearch.models.troubles import trouble

SEED, DRAWS = 20101, 4000
DIFFERS = 0.05  # p of arm by mediator below which a page says so
TREATED, MEDIATOR = 1, 2  # columns


@dataclass(frozen=True, eq=False)
class Model:
    """Arm, mediator, outcome and covariates as numbers; labels: clusters of therapists, None where none are shared."""

    treated: np.ndarray = field(repr=False)
    mediator: np.ndarray = field(repr=False)
    outcome: np.ndarray = field(repr=False)
    covariates: np.ndarray = field(repr=False)
    labels: np.ndarray | None = field(repr=False)

    @property
    def parts(self):
        return self.treated, self.mediator, self.outcome, self.covariates

    def regress(self, outcome, *columns, place=TREATED):
        """Return the Contrast of one coefficient of `outcome` on intercept, arm, `columns` and covariates."""
        whole = np.column_stack([np.ones(len(outcome)), self.treated, *columns, self.covariates])
        beta = np.linalg.lstsq(whole, outcome, rcond=None)[0]
        residuals, df = outcome - whole @ beta, float(len(whole) - whole.shape[1])
        variance = np.linalg.inv(whole.T @ whole)[place, place] * (residuals @ residuals) / df
        if self.labels is not None:
            clustered, free = cr2(whole, residuals, self.labels, np.eye(whole.shape[1])[place])
            variance, df = (clustered, free) if clustered > 0 and free >= 1 else (variance, df)
        return Contrast(float(beta[place]), float(np.sqrt(variance)), df)


def fit(claim, dataset):
    """Return the Estimate of the indirect effect, or of the direct one (mean-difference), in the outcome's unit."""
    question = ask(claim, dataset)
    if isinstance(question, Lack):
        return question
    between, study = gather_both(question, dataset), dataset.study
    extra = (AT_BASELINE,) * (AT_BASELINE in between.people)
    covariates = design(between.people, study.model_copy(update={"covariates": (*extra, *study.covariates)}))
    model = _model(between, covariates)
    n = {arm: int((between.people["arm"] == arm).sum()) for arm in question.arms}
    broken = _broken(model)
    if broken:
        fitted = Fitted(None, f"Mediation, {adjusted(covariates)}", n, troubles=(*covariates.troubles, broken))
        return _named(assemble(question, dataset, between.rows, fitted, said=between.said), question, dataset)
    without = (f"no value of {question.instrument.id} at {question.visit.name}, or none of {claim.analysis.mediator} "
               f"at {between.visit.name}")
    found = _Found(question, model, 1 - study.alpha, dataset.instrument(claim.analysis.mediator))
    fitted = replace(found.fitted(n, covariates), without=without)
    told = tell_therapists(between.people, question.arms, study)
    estimate = assemble(
        question, dataset, between.rows, fitted, interval=found.interval, p=found.p, derived=found.derived(),
        robustness=found.robustness(), said=(*between.said, *found.limits(), *told),
        troubles=(*between.troubles, *found.troubles()))
    return _named(estimate, question, dataset)


def _model(between, covariates):
    therapists = between.people["therapist"]
    return Model(between.people["treated"].to_numpy(float), between.mediator.to_numpy(float),
                 between.outcome.to_numpy(float), covariates.matrix.to_numpy(float),
                 therapist_labels(therapists) if shared(therapists) else None)


def _broken(model):
    """Return a serious trouble where the data do not determine the paths."""
    terms = model.covariates.shape[1] + 3
    if len(model.treated) <= terms:
        return trouble("not-estimable", f"{len(model.treated)} patients cannot carry a model of {terms} terms.")
    whole = np.column_stack([model.treated, model.covariates])
    if not estimable(model.treated, model.covariates) or not estimable(model.mediator, whole):
        return trouble("not-estimable", "Arm, mediator and covariates follow from one another: nothing separates them.")
    if not estimable(model.outcome, np.column_stack([whole, model.mediator])):
        return trouble("not-estimable", "The outcome follows from the other columns: nothing is left to judge by.")
    return None


def _named(estimate, question, dataset):
    """Say in the outcome's words which part of the effect is meant."""
    through = dataset.instrument(question.analysis.mediator)
    path = f"{through.measures} ({through.id})"
    if estimate.measure == "indirect-effect":
        return replace(estimate, outcome=f"{estimate.outcome} through {path}")
    return replace(estimate, outcome=f"{estimate.outcome}, apart from what goes through {path},")


class _Found:
    """The registered effect and all that stands beside it."""

    def __init__(self, question, model, level, mediator):
        self.question, self.model, self.level, self.mediator = question, model, level, mediator
        self.paths = paths.paths(*model.parts)
        self.direct = model.regress(model.outcome, model.mediator)
        self.total = model.regress(model.outcome)
        mediator_on_outcome = model.regress(model.outcome, model.mediator, place=MEDIATOR)
        self.product = Product(model.regress(model.mediator), mediator_on_outcome)
        self.is_indirect = question.analysis.measure == "indirect-effect"
        self.resampled = self._resample() if model.labels is None else None
        self.point = self.product.point
        self.indirect = self.product if self.resampled is None else Bootstrap(
            self.resampled.indirect, len(model.treated), self.total.df - 1)

    def _resample(self):
        counts = paths.draw_counts(np.random.default_rng(SEED), self.model.treated, DRAWS)
        found = paths.resampled(*self.model.parts, counts)
        fine = np.isfinite(found.indirect)
        return paths.Paths(*(getattr(found, name)[fine] for name in paths.NAMES))

    @property
    def interval(self):
        return self.indirect.interval(self.level) if self.is_indirect else None

    @property
    def p(self):
        return self.indirect.p_value(self.question.analysis.null or 0.0) if self.is_indirect else None

    def fitted(self, n, covariates):
        clustered = self.model.labels is not None
        how = "CR2 by therapist" if clustered else "pooled variance"
        if self.is_indirect:
            contrast = Contrast(self.point, self.indirect.spread, self.direct.df)
            how = f"both factors' t distributions, {how}" if clustered else (
                f"expanded percentiles of {len(self.resampled.indirect)} bootstrap draws of patients within arms")
            words = "Indirect effect, the product of two linear models' coefficients"
        else:
            contrast, words = self.direct, "Direct effect, a linear model with the mediator"
            how = f"{how}, {contrast.df:.1f} degrees of freedom"
        return Fitted(contrast, f"{words}, {adjusted(covariates)}; {how}", n, clustered=clustered,
                      troubles=(*covariates.troubles, *few_df(contrast.df)), said=covariates.said)

    def derived(self):
        """The other effects, so that a reader sees the whole: total = direct + indirect; and how much hides."""
        unit, through = self.question.instrument.unit, self.mediator.id
        told = {"total": ("Whole effect", self.total.point, self.total.interval(self.level)),
                "direct": (f"Not through {through}", self.direct.point, self.direct.interval(self.level)),
                "indirect": (f"Through {through}", self.point, self.indirect.interval(self.level))}
        own = "indirect" if self.is_indirect else "direct"
        lines = [
            Derived(f"{name}-effect", point, low, high, unit, f"{words}: {point:.2g} ({low:.2g} to {high:.2g}) {unit}.")
            for name, (words, point, (low, high)) in told.items()
            if name != own
        ]
        return (*lines, *(hidden_causes(self) if beside_wanted() else ()))

    def robustness(self):
        """Other intervals of the same indirect effect, where it was resampled."""
        if not self.is_indirect or self.resampled is None or not beside_wanted():
            return ()
        without = paths.left_out(*self.model.parts).indirect
        return (Robustness("bias-corrected and accelerated bootstrap", self.point, *bca(
                    self.point, self.resampled.indirect, without[np.isfinite(without)], self.level)),
                Robustness("t distributions of both factors", self.point, *self.product.interval(self.level)))

    def troubles(self):
        crossed = self.model.treated * (self.model.mediator - self.model.mediator.mean())
        always = self._not_allocated()
        if not estimable(crossed, np.column_stack([self.model.treated, self.model.mediator, self.model.covariates])):
            return always
        contrast = self.model.regress(self.model.outcome, self.model.mediator, crossed, place=MEDIATOR + 1)
        p = 2 * min(contrast.above(0), contrast.below(0))
        if not p < DIFFERS:
            return always
        text = f"{self.mediator.id} may bear on {self.question.instrument.id} differently in the two arms (p = {p:.2g})"
        text = f"{text}: the split into direct and indirect assumes that it does not."
        return (*always, trouble("mediator-interacts", text))

    def _not_allocated(self):
        """What no analysis of this study can show stands beside every answer."""
        one, other = self.mediator.id, self.question.instrument.id
        text = (f"Nobody was allocated to a level of {one}: whatever unmeasured moves both {one} and {other} counts as "
                f"if it went through {one}, and no data of this study can show that there is no such thing.")
        return (trouble("mediator-not-allocated", text),)

    def limits(self):
        """What was assumed of the two models."""
        one, other = self.mediator.id, self.question.instrument.id
        return (
            "Only patients with both measured; missing at random given arm, baselines and covariates.",
            f"Effects are linear, and {one} bears on {other} alike in both arms.",
        )
