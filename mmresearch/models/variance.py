"""Method `variance`: how much results differ between therapists, and effects (or habits) between conditions or goals.

Without a comparator: the variance, between the modifier's groups, of an arm's outcome. With one: the variance
between groups of the difference of arms. One random effect, restricted likelihood; whether it exists is an exact F
test.
"""

import math
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from mmresearch.estimate import Lack
from mmresearch.models import variance_words
from mmresearch.models.analysis_set import tell_therapists
from mmresearch.models.assembly import assemble
from mmresearch.models.clusters import shared
from mmresearch.models.component import Component, component
from mmresearch.models.inference import Contrast, p_value
from mmresearch.models.least_squares import Fitted, adjusted, few_df, unmodified
from mmresearch.models.question import ask
from mmresearch.models.table import Design, design, gather
from mmresearch.models.troubles import trouble
from mmresearch.models.wording import counted

FEWEST_GROUPS = 3


@dataclass(frozen=True)
class Variance(Contrast):
    """A variance: 0 is tested exactly by F, other values by the signed root of the restricted likelihood."""

    part: Component = field(default=None, repr=False)

    def interval(self, level):
        low, high = self.part.likelihood_interval(level)
        return min(low, self.point), max(high, self.point)

    def above(self, value):
        if value <= 0:
            return self.part.f_test()
        return float(Contrast(self.part.signed_root(value), 1.0).above(0.0))

    def below(self, value):
        return 1 - self.above(value)


@dataclass(frozen=True)
class Share(Contrast):
    """The share of all variance that lies between groups (intraclass correlation), by the exact interval of t / s."""

    part: Component = field(default=None, repr=False)

    def interval(self, level):
        low, high = (ratio / (1 + ratio) for ratio in self.part.ratio_interval(level))
        return min(low, self.point), max(high, self.point)

    def above(self, value):
        return self.part.f_test(value / (1 - value))

    def below(self, value):
        return 1 - self.above(value)


@dataclass(frozen=True)
class Groups:
    """The patients analysed: outcome (n,), fixed columns (n, p), one column a group (n, q), and words."""

    outcome: np.ndarray = field(repr=False)
    fixed: np.ndarray = field(repr=False)
    loads: np.ndarray = field(repr=False)
    sizes: dict = field(repr=False)  # group -> patients
    covariates: Design = field(default=None, repr=False)
    said: tuple = ()
    troubles: tuple = ()


def fit(claim, dataset):
    """Return the Estimate of the variance between groups (instrument's unit, squared), or the Lack."""
    question = ask(claim, dataset)
    if isinstance(question, Lack):
        return question
    rows, level = gather(question, dataset), 1 - dataset.study.alpha
    people = rows.people[analysed(question, rows)]
    groups = gather_groups(question, rows, people, dataset.study)
    n = rows.counts(rows.people.index.isin(people.index), question)
    contrast, broken = _contrast(question, groups)
    fitted = Fitted(
        contrast,
        _model(question, groups, contrast),
        n,
        {},
        shared(people["therapist"]) and not any(each.code == "therapists-not-modelled" for each in groups.troubles),
        (*groups.troubles, *broken, *(few_df(contrast.df) if contrast else ())),
        (*groups.said, *tell_therapists(people, question.arms, dataset.study)),
        f"no value of {question.instrument.id} at {question.visit.name}{unmodified(question)}",
    )
    interval, p = (contrast.interval(level), p_value(contrast, question)) if contrast else (None, None)
    unit = variance_words.squared(question.instrument.unit) if question.analysis.measure == "variance" else ""
    estimate = assemble(
        question,
        dataset,
        rows,
        fitted,
        interval=interval,
        p=p,
        unit=unit or "share",
        derived=variance_words.derived(question, contrast, interval, level, groups) if contrast else (),
    )
    beside = tuple(each for each in estimate.derived if question.visit.day or "relative-change" not in each.name)
    outcome = variance_words.name_outcome(question, estimate.outcome)
    return replace(estimate, unit=unit, outcome=outcome, derived=beside)


def analysed(question, rows):
    """Return which patients enter: observed at the judged visit, in a known group."""
    return rows.values[question.visit.name].notna() & rows.people[question.analysis.modifier].notna()


def gather_groups(question, rows, people, study):
    """Return the Groups of a question; people: the patients analysed."""
    analysis = question.analysis
    labels = _labels(people[analysis.modifier], analysis.modifier_at_least)
    names, codes = np.unique(labels, return_inverse=True)
    member = np.eye(len(names))[codes]
    covariates = _covariates(question, people, study, labels)
    fixed = [np.ones((len(people), 1)), covariates.matrix.to_numpy(float)]
    if question.reference:
        treated = people["treated"].to_numpy()[:, None]
        fixed += [treated, member]
        loads = member * treated
    else:
        loads = member
    fixed, troubles = _beside_therapists(np.column_stack(fixed), loads, people, analysis.modifier)
    seen = rows.values[question.visit.name].notna()
    lost = int(seen.sum()) - len(people)
    said = (f"{counted(lost, 'patient')} without a recorded {analysis.modifier} left out.",) * (lost > 0)
    outcome = rows.values.loc[people.index, question.visit.name].to_numpy(float)
    return Groups(
        outcome,
        fixed,
        loads,
        dict(zip(names, np.bincount(codes).tolist(), strict=True)),
        covariates,
        (*covariates.said, *said),
        (*covariates.troubles, *troubles),
    )


def _labels(values, at_least):
    if at_least is None:
        return values.astype(str).to_numpy()
    return np.where(pd.to_numeric(values) >= at_least, f"at least {at_least:g}", f"less than {at_least:g}")


def _covariates(question, people, study, labels):
    """The study's covariates, but not those that are one value within every group: they are how groups differ.

    What is planned or done for a group (no comparison, not therapists' results) is not adjusted for anything.
    """
    name = question.analysis.modifier
    if not question.reference and name != "therapist":
        return Design(pd.DataFrame(index=people.index))
    full = design(people.drop(columns=[name]) if name in study.covariates + study.strata else people, study)
    whole = [column for column in full.matrix if _within(full.matrix[column].to_numpy(), labels)]
    lost = [each for each in full.names if not any(column.startswith(each) for column in whole)]
    said = tuple(
        f"'{each}' differs only between {variance_words.plural(name)} and counts as part of how they differ."
        for each in lost
    )
    names = tuple(each for each in full.names if each not in lost)
    unknown = tuple(line for line in full.said if not line.startswith(f"'{name}'"))
    return Design(full.matrix[whole], names, (*unknown, *said), full.troubles)


def _within(values, labels):
    """True where a covariate varies within groups."""
    frame = pd.DataFrame({"value": values, "label": labels})
    return bool((frame.groupby("label")["value"].transform("std").fillna(0) > 1e-9).any())


def _beside_therapists(fixed, loads, people, modifier):
    """Return (fixed columns, troubles): a column a therapist, where patients share one and groups can still be told."""
    if modifier == "therapist" or not shared(people["therapist"]):
        return fixed, ()
    names = people["therapist"].astype("object").where(people["therapist"].notna(), "")
    columns = pd.get_dummies(names, dtype=float)
    more = np.column_stack([fixed, columns.loc[:, columns.columns != ""].to_numpy()])
    found = component(np.arange(len(fixed), dtype=float) % 7, more, loads)
    if found is not None and found.groups_df >= min(loads.shape[1] - 1, FEWEST_GROUPS - 1):
        return more, ()
    return fixed, (
        trouble(
            "therapists-not-modelled",
            "Therapists and the groups compared cannot be told apart: part of the variance may be between therapists.",
        ),
    )


def _contrast(question, groups):
    """Return (Variance, Share or None, troubles)."""
    word = variance_words.plural(question.analysis.modifier)
    found = component(groups.outcome, groups.fixed, groups.loads)
    few = ()
    if len(groups.sizes) < FEWEST_GROUPS:
        few = (
            trouble(
                "few-groups", f"Only {len(groups.sizes)} {word}: how much {word} differ in general cannot be told."
            ),
        )
    if found is None:
        return None, (*few, trouble("not-estimable", f"The differences between {word} cannot be told from the rest."))
    variance = found.maximum[0]
    df = float(found.groups_df)
    if question.analysis.measure == "icc":
        scale = variance + found.error
        return Share(variance / scale, None, df, found), few
    return Variance(variance, _error(found, variance), df, found), few


def _error(found, variance):
    """A standard error of the variance from the curvature of its likelihood; None at the boundary."""
    step = 0.01 * variance
    if not step:
        return None
    rise = found.profiled(variance + step) + found.profiled(variance - step) - 2 * found.profiled(variance)
    return math.sqrt(2 * step**2 / rise) if rise > 0 else None


def _model(question, groups, contrast):
    what = "the difference of arms" if question.reference else "the outcome"
    tested = "" if contrast is None else f"; exact F test, {contrast.part.groups_df} and {contrast.part.rest_df} df"
    kind = "profile" if question.analysis.measure == "variance" else "exact"
    return (
        f"variance of {what} at {question.visit.name} between {len(groups.sizes)} "
        f"{variance_words.plural(question.analysis.modifier)}, "
        f"restricted likelihood, {adjusted(groups.covariates)}; {kind} interval{tested}"
    )
