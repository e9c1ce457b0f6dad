"""Method `proportion`: the share of an arm's patients who report something, against a registered share.

Wilson's score interval; where patients share therapists, on the number of independent patients that carry as much
(CR2) and with the t distribution. A share says nothing of its cause: nothing is compared.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from mmresearch.estimate import Lack, Robustness
from mmresearch.models.analysis_set import tell_therapists
from mmresearch.models.assembly import assemble
from mmresearch.models.clusters import cr2, ignoring, shared, therapist_labels
from mmresearch.models.inference import Contrast, p_value
from mmresearch.models.least_squares import Fitted, few_df
from mmresearch.models.matching import threshold
from mmresearch.models.question import ask
from mmresearch.models.responder import responders
from mmresearch.models.table import gather
from mmresearch.models.troubles import trouble

NOT_CAUSE = "A share of one group says nothing of the cause: time, or attention, could have done as much."


@dataclass(frozen=True)
class Wilson(Contrast):
    """A share tested by its score: the standard error is that of the value it is tested against.

    total: how many independent patients carry as much; df None: normal. Wilson 1927, J Am Stat Assoc 22:209.
    """

    total: float = 1.0

    def interval(self, level):
        q = float(self.reference.ppf(0.5 + level / 2))
        centre = self.point + q**2 / (2 * self.total)
        half = q * math.sqrt(self.point * (1 - self.point) / self.total + q**2 / (4 * self.total**2))
        scale = 1 + q**2 / self.total
        return max(0.0, min((centre - half) / scale, self.point)), min(1.0, max((centre + half) / scale, self.point))

    def above(self, value):
        return float(self.reference.sf(self._score(value)))

    def below(self, value):
        return float(self.reference.cdf(self._score(value)))

    def _score(self, value):
        return (self.point - value) / math.sqrt(value * (1 - value) / self.total)


def fit(claim, dataset):
    """Return the Estimate of the share of the arm's patients observed at the judged visit, or the Lack.

    Who counts: reached the responder threshold since baseline; where there is none, a value as good as the cut-off.
    """
    question = ask(claim, dataset)
    if isinstance(question, Lack):
        return question
    rows, level = gather(question, dataset), 1 - dataset.study.alpha
    reached, said, words = reporting(question, rows)
    known = reached.dropna()
    therapists = rows.people.loc[known.index, "therapist"]
    contrast, how, clustered = share_of(known.to_numpy(), therapists)
    n = {question.arm: len(known)}
    fitted = Fitted(
        contrast,
        f"share of patients observed at {question.visit.name}; {how}",
        n,
        {},
        clustered,
        (*few_df(contrast.df), *_unmodelled(therapists, clustered)),
        tell_therapists(rows.people.loc[known.index], question.arms, dataset.study),
        _without(question),
    )
    estimate = assemble(
        question,
        dataset,
        rows,
        fitted,
        interval=contrast.interval(level),
        p=p_value(contrast, question),
        events={question.arm: (int(known.sum()), len(known))},
        robustness=_robustness(reached, rows.people["therapist"], level),
        said=(*said, NOT_CAUSE, "Only patients with an outcome at this visit count."),
        unit="proportion",
    )
    side = "higher" if question.analysis.hypothesis == "above" else "lower"  # of the share, not of the instrument
    return replace(estimate, outcome=f"{words} in {estimate.outcome}", direction=side)


def _without(question):
    """What patients lack who do not enter, as it follows `the others have`."""
    start = "at baseline, or none " * (threshold(question.analysis, question.instrument) is not None)
    return f"no value of {question.instrument.id} {start}at {question.visit.name}"


def reporting(question, rows):
    """Return (1 it did, 0 not, NaN unknown, for each patient; sentences; words for it): threshold first, else
    cut-off.
    """
    if threshold(question.analysis, question.instrument) is not None:
        reached, said = responders(question, rows)
        return reached, said, "a noticeable improvement"
    cutoff, lower = question.analysis.cutoff, question.instrument.better == "lower"
    values = rows.values[question.visit.name]
    good = values <= cutoff + 1e-9 if lower else values >= cutoff - 1e-9
    said = f"Counted: a value of {cutoff:g} or {'less' if lower else 'more'} at {question.visit.name}."
    return good.astype(float).where(values.notna()), (said,), f"{cutoff:g} or better"


def share_of(happened, therapists=None):
    """Return (Wilson, how, clustered) of 0s and 1s (n,); therapists: a Series, missing allowed, or None."""
    n, share = len(happened), float(np.mean(happened))
    plain = Wilson(share, math.sqrt(share * (1 - share) / n), None, float(n)), "Wilson interval", False
    if therapists is None or not shared(therapists) or not 0 < share < 1:
        return plain
    variance, df = cr2(np.ones((n, 1)), happened - share, therapist_labels(therapists), np.ones(1))
    if not (variance > 0 and df >= 1):
        return plain
    total = share * (1 - share) / variance
    how = f"Wilson interval clustered by therapist (CR2): {total:.0f} effective patients, {df:.1f} degrees of freedom"
    return Wilson(share, math.sqrt(variance), df, total), how, True


def _unmodelled(therapists, clustered):
    if clustered or not shared(therapists):
        return ()
    return (
        trouble("therapists-not-modelled", "Patients share therapists, too few to tell how much therapists differ."),
    )


def _robustness(reached, therapists, level):
    """The same share with patients without an outcome counted as not improved."""
    if reached.notna().all():
        return ()
    contrast = share_of(reached.fillna(0.0).to_numpy())[0]
    words = f"missing counted as not improved, Wilson interval{ignoring(therapists)}"
    return (Robustness(words, contrast.point, *contrast.interval(level)),)
