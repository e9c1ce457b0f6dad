"""Two shares of responders, as they are: counted, and compared without covariates."""

from dataclasses import dataclass, field

import numpy as np

from mmresearch.estimate import Derived
from mmresearch.models import proportions
from mmresearch.models.clusters import cr2, shared, therapist_labels
from mmresearch.models.inference import Contrast, p_value
from mmresearch.models.least_squares import Fitted, unmodelled
from mmresearch.models.shares_beside import four_counts
from mmresearch.models.troubles import FEW_EVENTS, trouble


@dataclass(frozen=True)
class Shares:
    """Responders and totals, arm first; rows: 1 responder, 0 other, one a patient counted."""

    counts: tuple  # events, total, events of the reference, total of the reference
    rows: object = field(repr=False)

    @property
    def few(self):
        events, total, other, others = self.counts
        return min(events, total - events, other, others - other) < FEW_EVENTS

    @property
    def rarer(self):
        """Patients with the rarer of the two outcomes."""
        return int(min(self.rows.sum(), (1 - self.rows).sum()))


@dataclass(frozen=True)
class Compared:
    """A comparison of shares: its Fitted, interval and p, and what follows from it."""

    fitted: Fitted
    interval: tuple
    p: float
    derived: tuple = ()


def count_shares(rows, reached, missing_counts):
    """Return the Shares; missing_counts: whether a patient without an outcome counts as not responding."""
    known = reached.fillna(0.0) if missing_counts else reached.dropna()
    return Shares(four_counts(rows.people, reached, missing_counts), known)


def compare_plain(question, rows, shares, level):
    """Return the Compared: clustered, or the usual large-sample pair, or the exact one when events are few."""
    n = {question.arm: shares.counts[1], question.reference: shares.counts[3]}
    clustered = _clustered(rows.people.loc[shares.rows.index], shares)
    if clustered:
        how = f"Risk difference; clustered by therapist (CR2), {clustered.df:.1f} Satterthwaite degrees of freedom"
        fitted = Fitted(clustered, f"{how}, unadjusted", n, clustered=True, troubles=few_events(shares))
        return Compared(fitted, clustered.interval(level), p_value(clustered, question))
    contrast, left = proportions.wald(*shares.counts), unmodelled(shared(rows.people["therapist"]))
    if not shares.few:
        fitted = Fitted(contrast, "Risk difference; Wald interval, Pearson chi-squared p, unadjusted", n, troubles=left)
        p = _p(contrast, question, shares, proportions.pearson)
        return Compared(fitted, contrast.interval(level), p, plain_ratio(shares, level))
    low, high = proportions.newcombe(*shares.counts, level)
    contrast = Contrast(contrast.point, (high - low) / 2 / float(contrast.reference.ppf(0.5 + level / 2)))
    words = "Risk difference; Newcombe interval, Fisher exact p, unadjusted"
    fitted = Fitted(contrast, words, n, troubles=(*few_events(shares), *left))
    return Compared(fitted, (low, high), _p(contrast, question, shares, proportions.fisher))


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


def few_events(shares):
    """Return a trouble where few patients decide."""
    if not shares.few:
        return ()
    events, total, other, others = shares.counts
    text = f"Few patients decide this: {events} of {total} reached the threshold, against {other} of {others}."
    return (trouble("few-events", text),)


def plain_ratio(shares, level):
    """Return the risk ratio as it is, with Katz's interval (Katz et al 1978, Biometrics 34:469), as a Derived."""
    ratio = proportions.katz(*shares.counts)
    events, total, other, others = shares.counts
    return (ratio_told(ratio, events / total, other / others, level, "shares"),)


def ratio_told(ratio, share, other, level, word):
    """Return a risk ratio as a Derived; share, other: of the arm and the reference."""
    low, high = ratio.interval(level)
    shares = f"{word} of {100 * share:.0f}% against {100 * other:.0f}%"
    text = f"Risk ratio: {ratio.point:.2f} ({low:.2f} to {high:.2f}); {shares}."
    return Derived("risk-ratio", ratio.point, low, high, "ratio", text)
