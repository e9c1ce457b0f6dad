"""Method `responder`: the share of patients who reach the responder threshold, arm against reference.

Risk difference with Wald's interval and Pearson's p where every arm has at least five responders and five others, else
Newcombe's interval and Fisher's exact p; clustered by therapist (CR2) where therapists are recorded. Unadjusted.
"""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from mmresearch.estimate import Lack
from mmresearch.models import proportions
from mmresearch.models.assembly import assemble
from mmresearch.models.clusters import cr2, shared, therapist_labels
from mmresearch.models.inference import Contrast, p_value
from mmresearch.models.least_squares import Fitted, unmodelled
from mmresearch.models.matching import missing_rule, threshold
from mmresearch.models.question import ask
from mmresearch.models.shares_beside import shares_beside
from mmresearch.models.table import gather
from mmresearch.models.troubles import FEW_EVENTS, trouble
from mmresearch.models.wording import counted


@dataclass(frozen=True)
class Shares:
    """Responders and totals, arm first; rows: 1 responder, 0 other, one a patient counted."""

    counts: tuple  # events, total, events of the reference, total of the reference
    rows: object = field(repr=False)

    @property
    def few(self):
        events, total, other, others = self.counts
        return min(events, total - events, other, others - other) < FEW_EVENTS


def fit(claim, dataset):
    """Return the Estimate of the risk difference (arm minus reference, as a proportion), or the Lack.

    Missing outcomes count as not reaching the threshold, unless the claim registers `complete-case`.
    """
    question = ask(claim, dataset)
    if isinstance(question, Lack):
        return question
    rows, level = gather(question, dataset), 1 - dataset.study.alpha
    missing_counts = missing_rule(question.analysis) == "non-responder"
    reached, said = responders(question, rows)
    shares = _shares(question, rows, reached, missing_counts)
    fitted, interval, p = _compare(question, rows, shares, level)
    beside = shares_beside(
        question, dataset, rows, reached, lambda values: responses(question, rows, values), missing_counts
    )
    said = (*said, _missing_words(missing_counts))
    events = dict(zip((question.arm, question.reference), (shares.counts[:2], shares.counts[2:]), strict=True))
    point = fitted.contrast.point
    return assemble(
        question,
        dataset,
        rows,
        fitted,
        said=said,
        robustness=beside.lines,
        events=events,
        interval=interval,
        p=p,
        derived=(proportions.number_needed(point, *interval), *beside.derived),
        unit="proportion",
    )


def responders(question, rows):
    """Return (1 reached, 0 not, NaN unknown, for each patient; sentences on how it was counted)."""
    value, rule = threshold(question.analysis, question.instrument)
    start, outcome = rows.people["baseline"], rows.values[question.visit.name]
    reached = pd.Series(responses(question, rows, outcome.to_numpy()), index=rows.people.index)
    unable = int(((start == 0) & outcome.notna()).sum()) if rule == "percent" else 0
    unit = "% of baseline" if rule == "percent" else f" {question.instrument.unit}"
    said = (f"A responder improved by at least {value:g}{unit} between baseline and {question.visit.name}.",)
    return reached, said + (
        f"{counted(unable, 'patient')} with a baseline of 0 counted as not reaching a percentage.",
    ) * (unable > 0)


def responses(question, rows, outcomes):
    """Return 1 where `outcomes` (..., n), of the patients of `rows`, reach the threshold, 0 where not, NaN unknown."""
    value, rule = threshold(question.analysis, question.instrument)
    start = rows.people["baseline"].to_numpy(float)
    gain = (-1 if question.instrument.better == "lower" else 1) * (outcomes - start)
    needed = abs(start) * value / 100 if rule == "percent" else value
    # the tolerance keeps a change of exactly the threshold a responder when decimals do not divide evenly
    reached = np.where(np.isnan(gain), np.nan, gain >= needed - 1e-9)
    unable = (start == 0) & ~np.isnan(gain) & (rule == "percent")  # a percentage of nothing
    return np.where(unable, 0.0, reached)


def _missing_words(missing_counts):
    return (
        "Patients without an outcome at this visit count as not reaching the threshold."
        if missing_counts
        else "Only patients with an outcome at this visit count."
    )


def _shares(question, rows, reached, missing_counts):
    known = reached.fillna(0.0) if missing_counts else reached.dropna()
    treated = rows.people.loc[known.index, "treated"] == 1
    return Shares(
        (int(known[treated].sum()), int(treated.sum()), int(known[~treated].sum()), int((~treated).sum())), known
    )


def _compare(question, rows, shares, level):
    """Return (Fitted, interval, p): clustered, or the usual large-sample pair, or the exact one when events are few."""
    n = {question.arm: shares.counts[1], question.reference: shares.counts[3]}
    clustered = _clustered(rows.people.loc[shares.rows.index], shares)
    if clustered:
        how = f"Risk difference; clustered by therapist (CR2), {clustered.df:.1f} Satterthwaite degrees of freedom"
        fitted = Fitted(clustered, how, n, clustered=True, troubles=_few(shares))
        return fitted, clustered.interval(level), p_value(clustered, question)
    contrast, left = proportions.wald(*shares.counts), unmodelled(shared(rows.people["therapist"]))
    if not shares.few:
        fitted = Fitted(contrast, "Risk difference; Wald interval, Pearson chi-squared p, unadjusted", n, troubles=left)
        return fitted, contrast.interval(level), _p(contrast, question, shares, proportions.pearson)
    low, high = proportions.newcombe(*shares.counts, level)
    contrast = Contrast(contrast.point, (high - low) / 2 / float(contrast.reference.ppf(0.5 + level / 2)))
    words = "Risk difference; Newcombe interval, Fisher exact p, unadjusted"
    fitted = Fitted(contrast, words, n, troubles=(*_few(shares), *left))
    return fitted, (low, high), _p(contrast, question, shares, proportions.fisher)


def _p(contrast, question, shares, test):
    """Tests of no difference are made for two shares; against a margin the contrast's own normal reference serves."""
    plain = question.analysis.hypothesis == "superiority" and not question.analysis.null
    return test(*shares.counts) if plain else p_value(contrast, question)


def _clustered(people, shares):
    """Return the Contrast with a CR2 standard error, or None where no two patients share a therapist or none varies."""
    if not shared(people["therapist"]):
        return None
    design = np.column_stack([np.ones(len(people)), people["treated"]])
    events, total, other, others = shares.counts
    fitted = np.where(people["treated"] == 1, events / total, other / others)
    labels = therapist_labels(people["therapist"])
    variance, df = cr2(design, shares.rows.to_numpy() - fitted, labels, np.array([0.0, 1.0]))
    if not (variance > 0 and df >= 1):
        return None
    return Contrast(events / total - other / others, float(np.sqrt(variance)), df)


def _few(shares):
    if not shares.few:
        return ()
    events, total, other, others = shares.counts
    return (
        trouble(
            "few-events",
            f"Few patients decide this: {events} of {total} reached the threshold, against {other} of {others}.",
        ),
    )
