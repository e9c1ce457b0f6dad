"""Method `crossover`: both treatments in the same patients, one after the other.

A linear mixed model of what was measured in each period: arm, period and sequence, a random intercept for each patient
and, where therapists share patients, for each therapist within an arm; Kenward-Roger. Whether the first treatment still
acted in the second period is reported and decides nothing: with two periods it cannot be told from a difference between
the groups that had one order or the other, and choosing the analysis by it is worse than either (Freeman 1989, Stat Med
8:1421). Every patient is their own comparison, so covariates of patients are left out.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from mmresearch.estimate import Derived, Lack, Robustness
from mmresearch.models.analysis_set import tell_therapists
from mmresearch.models.assembly import assemble
from mmresearch.models.intercepts import fit_rows
from mmresearch.models.least_squares import Fitted, few_df
from mmresearch.models.periods import judged_periods, mean_summaries
from mmresearch.models.question import ask
from mmresearch.models.repeated import independent, nest_therapists, unfinished, variance_words
from mmresearch.models.robustness import beside_wanted
from mmresearch.models.troubles import trouble
from mmresearch.models.wording import counted


@dataclass(frozen=True)
class Columns:
    """The design: a matrix with names; `treated` is judged. codes: patients, and therapists where they are modelled."""

    matrix: np.ndarray = field(repr=False)
    names: tuple
    codes: tuple = field(repr=False)

    def row(self, name):
        return (np.array(self.names) == name).astype(float)


def fit(claim, dataset):
    """Return the Estimate of the difference in means, arm minus reference, in the instrument's unit; or the Lack."""
    question = ask(claim, dataset)
    if isinstance(question, Lack):
        return question
    rows = judged_periods(question, dataset)
    fitted, further = analyse(rows, question, dataset.study)
    estimate = assemble(question, dataset, None, fitted, robustness=further[0], derived=further[1],
                        said=tell_therapists(rows, question.arms, dataset.study))
    return replace(estimate, by_arm=mean_summaries(rows, question, dataset.study, fitted))


def analyse(rows, question, study):
    """Return (Fitted, (robustness, derived)) of rows patient, arm, period, sequence, previous, value, therapist.

    previous: the arm of the period before, None in the first.
    """
    n = {arm: int(rows.loc[rows["arm"] == arm, "patient"].nunique()) for arm in question.arms}
    nested = nest_therapists(rows, question, study)
    main = crossover_columns(rows, question.arm, nested)
    broken = _broken(rows, main)
    words = f"Crossover mixed model: arm, period{' and sequence' * _has(main, 'sequence')}"
    if broken:
        return Fitted(None, words, n, troubles=(broken,)), ((), ())
    fit_main = fit_rows(rows["value"], main.matrix, *main.codes)
    contrast = fit_main.contrast(main.row("treated"))
    both = rows.groupby("patient")["arm"].nunique() >= 2
    further = ((), ())
    if beside_wanted():
        level = 1 - study.alpha
        further = _beside(rows, question, nested, both, level), _carried(rows, question, nested, level)
    troubles = (*nested.troubles, *few_df(contrast.df), *unfinished(fit_main))
    said = (f"{counted(len(both), 'patient')}, {int(both.sum())} of them measured in both arms.",)
    means = _means(fit_main, main, question)
    words = f"{words}; {variance_words(fit_main, nested)}"
    fitted = Fitted(contrast, words, n, means, nested.modelled, troubles, said)
    return fitted, further


def crossover_columns(rows, arm, nested, carry=False, further=()):
    """Return the Columns: intercept, treated, periods, then sequences, or (carry) whether `arm` came just before.

    further: columns of rows besides.
    """
    later = sorted(rows["period"].unique())[1:]
    built = {"intercept": 1.0, "treated": rows["arm"] == arm}
    built |= {f"period {period:g}": rows["period"] == period for period in later}
    if carry:
        built |= {"previous": rows["previous"] == arm}
    else:
        built |= {f"sequence {name}": rows["sequence"] == name for name in sorted(rows["sequence"].unique())[1:]}
    built |= {name: rows[name] for name in further}
    matrix = independent(pd.DataFrame(built, index=rows.index).astype(float))
    return Columns(matrix.to_numpy(), tuple(matrix.columns), (pd.factorize(rows["patient"])[0], *nested.codes))


def _has(columns, word):
    return any(name.startswith(word) for name in columns.names)


def _broken(rows, columns):
    """Return a serious trouble where there is nothing to estimate from."""
    if "treated" not in columns.names:
        return trouble("not-estimable", "The arms follow from the periods, so the data cannot separate the two.")
    if rows.groupby("patient")["arm"].nunique().max() < 2:
        return trouble("not-estimable", "No patient was measured in both arms.")
    if len(rows) <= len(columns.names) + 1 or rows["value"].nunique() == 1:
        return trouble("not-estimable", f"{len(rows)} values do not vary enough for {len(columns.names)} terms.")
    return None


def _carried(rows, question, nested, level):
    """Return what is Derived: the carry-over, and the difference where it is allowed for."""
    columns = crossover_columns(rows, question.arm, nested, carry=True)
    if not {"previous", "treated"} <= set(columns.names):
        return ()
    fit_carry = fit_rows(rows["value"], columns.matrix, *columns.codes)
    over = fit_carry.contrast(columns.row("previous"))
    free = fit_carry.contrast(columns.row("treated"))
    unit, (low, high), ends = question.instrument.unit, over.interval(level), free.interval(level)
    text = (f"Carry-over into the next period: {over.point:.2g} ({low:.2g} to {high:.2g}) {unit}; it cannot be told "
            "from a difference between the groups that had one order or the other, and it decides nothing.")
    other = (f"Allowing for carry-over, in effect the first period alone: {free.point:.2g} ({ends[0]:.2g} to "
             f"{ends[1]:.2g}) {unit}.")
    return (Derived("carry-over", over.point, low, high, unit, text),
            Derived("difference-allowing-for-carry-over", free.point, *ends, unit, other))


def _beside(rows, question, nested, both, level):
    """Return the Robustness: patients measured in both arms alone; the value before each session besides."""
    whole = rows["patient"].map(both).to_numpy()
    made = []
    if not whole.all() and both.sum() > 2:
        made.append(("patients measured in both arms alone", rows[whole], ()))
    if rows["start"].notna().all():
        made.append(("adjusted for the value before", rows, ("start",)))
    return tuple(_other(words, part, question, nested, further, level) for words, part, further in made)


def _other(words, rows, question, nested, further, level):
    part = replace(nested, codes=tuple(code[rows.index] for code in nested.codes))
    columns = crossover_columns(rows, question.arm, part, further=further)
    found = fit_rows(rows["value"], columns.matrix, *columns.codes).contrast(columns.row("treated"))
    return Robustness(words, found.point, *found.interval(level))


def _means(fit_main, columns, question):
    """Model means of both arms at the average of the other columns."""
    average, at = columns.matrix.mean(axis=0), columns.names.index("treated")
    means = {}
    for arm, treated in ((question.arm, 1.0), (question.reference, 0.0)):
        average[at] = treated
        means[arm] = float(average @ fit_main.coefficients)
    return means
