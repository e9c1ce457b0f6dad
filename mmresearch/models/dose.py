"""Method `dose`: the daily dose of a medicine that many patients do not take: the arm's mean over the reference arm's.

Zeros count: the ratio is of the mean dose of everybody, by a log-linear model whose mean must hold and whose spread
need not (quasi.py), adjusted for log(1 + dose at baseline), covariates and strata; its standard error is clustered by
therapist (CR2), t distribution throughout. Beside it stand two parts (who takes any, how much those take), the model
that multiplies them, and how many of those who took any at baseline have stopped.
"""

from functools import partial

import numpy as np

from mmresearch.estimate import Derived, Lack
from mmresearch.models import proportions
from mmresearch.models.clusters import cr2, shared, therapist_labels
from mmresearch.models.count_models import gather_counts, hurdle, single
from mmresearch.models.counts import estimate_means, standardise_model
from mmresearch.models.inference import Contrast
from mmresearch.models.means_beside import named_line
from mmresearch.models.question import ask
from mmresearch.models.standardised import standardise
from mmresearch.models.table import gather
from mmresearch.models.wording import counted


def fit(claim, dataset):
    """Return the Estimate of the ratio of mean doses (arm over reference), or the Lack. Below 1: less in the arm."""
    question = ask(claim, dataset)
    if isinstance(question, Lack):
        return question
    rows, study = gather(question, dataset), dataset.study
    counts = gather_counts(question, rows, study, np.log1p)
    two = hurdle(counts)
    further = (*_parts(question, study, counts, two), *_stopping(question, study, rows))
    others = partial(_beside, two)
    return estimate_means(question, dataset, rows, counts, single, others, further)


def _beside(two, counts, means):
    name = "in two parts: any, and how much among those with any"
    return named_line(name, standardise_model(two, counts), means) if two else {}


def _parts(question, study, counts, two):
    """Who takes any, and the dose of those who do: the second compares patients chosen by what happened to them."""
    if two is None:
        return ()
    any_part, amount = two.parts
    columns, therapists = counts.columns[:, : any_part.columns.shape[1]], counts.people["therapist"]
    share = standardise((any_part,), columns, therapists).difference
    ratio = standardise((amount,), columns[amount.rows], therapists).ratio
    arm, reference = (study.arms[name].label for name in question.arms)
    level, made = 1 - study.alpha, []
    if share:
        low, high = share.interval(level)
        text = f"Any at {question.visit.name}: {_points(share.point)} of patients in {arm} than in {reference} "
        text += f"({_points(low)} to {_points(high)})."
        made.append(Derived("any-use", share.point, low, high, "proportion", text))
    if ratio:
        low, high = ratio.interval(level)
        text = (f"Among those with any, the mean in {arm} is {ratio.point:.2f} times that in {reference} "
                f"({low:.2f} to {high:.2f}): groups that treatment itself may have made, no effect of it.")
        made.append(Derived("amount-among-users", ratio.point, low, high, "ratio", text))
    return tuple(made)


def _stopping(question, study, rows):
    """Of those with any at baseline, how many have none at the judged visit: difference of shares."""
    end = rows.values[question.visit.name]
    users = (rows.people["baseline"] > 0) & end.notna()
    people, stopped = rows.people[users], (end[users] == 0).astype(float)
    treated = people["treated"] == 1
    counts = [(int(stopped[each].sum()), int(each.sum())) for each in (treated, ~treated)]
    if 0 in (counts[0][1], counts[1][1]):
        return ()
    contrast, interval = _difference(stopped.to_numpy(), people, counts, 1 - study.alpha)
    said = [f"{events} of {total} in {study.arms[name].label}" for name, (events, total) in
            zip(question.arms, counts, strict=True)]
    text = f"Stopped since baseline: {said[0]}, {said[1]}; {_points(contrast.point)} "
    text += f"({_points(interval[0])} to {_points(interval[1])})."
    return (Derived("stopping", contrast.point, *interval, "proportion", text),)


def _difference(stopped, people, counts, level):
    """Return (Contrast, interval) of shares: clustered where patients share therapists, else Newcombe's interval."""
    plain = proportions.wald(*counts[0], *counts[1])
    if shared(people["therapist"]):
        columns = np.column_stack([np.ones(len(people)), people["treated"]]).astype(float)
        fitted = np.where(people["treated"] == 1, counts[0][0] / counts[0][1], counts[1][0] / counts[1][1])
        variance, df = cr2(columns, stopped - fitted, therapist_labels(people["therapist"]), np.array([0.0, 1.0]))
        if variance > 0 and df >= 1:
            contrast = Contrast(plain.point, float(np.sqrt(variance)), df)
            return contrast, contrast.interval(level)
    return plain, proportions.newcombe(*counts[0], *counts[1], level)


def _points(share):
    return f"{counted(round(100 * abs(share)), 'point')} {'fewer' if share < 0 else 'more'}"
