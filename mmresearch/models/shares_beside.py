"""What a share of responders can bear: the fixed set of other analyses beside the registered one.

Always these, in this order; one that a study cannot have is left out: the same patients without covariates (Newcombe);
missing outcomes counted the other way; multiple imputation of the outcome under missing at random, then the threshold;
patients who left the arm as if in the reference arm; per protocol; rescue medication the other way. And the tipping
point: how many of those missing in the other arm would have to be responders for the answer to change.
"""

import numpy as np

from mmresearch.estimate import Derived, Robustness
from mmresearch.models.clusters import ignoring, shared, therapist_labels
from mmresearch.models.completed import Comparison, draw_line
from mmresearch.models.dropouts import IN_IMPUTING, completed_outcomes
from mmresearch.models.imputation import DRAWS
from mmresearch.models.proportions import newcombe, wald
from mmresearch.models.protocol import kept_to_protocol
from mmresearch.models.robustness import Beside, beside_wanted
from mmresearch.models.wording import counted, inside


def shares_beside(question, dataset, rows, reached, responding, missing_counts, otherwise=()):
    """Return the Beside of a share of responders.

    reached: 1, 0 or NaN for each patient of `rows`; responding: from completed outcomes (draws, n) to 1 and 0 in the
    same order, NaN where the baseline is unknown; missing_counts: whether missing counts as not responding; otherwise:
    (words, responses) of the other way that intercurrent events can count.
    """
    if not beside_wanted():
        return Beside()
    level, people = 1 - dataset.study.alpha, rows.people
    lines = _counted(people, reached, missing_counts, level)
    lines |= _imputed(question, rows, dataset.study, responding, level)
    lines |= _per_protocol(question, dataset, people, reached, missing_counts, level)
    for words, other in otherwise:
        words += f", Newcombe interval{ignoring(people['therapist'])}"
        lines[words] = _line(four_counts(people, other, missing_counts), level)
    lines = {words: ends for words, ends in lines.items() if ends}
    tipping = _tipping(question, dataset.study, people, reached, missing_counts, level)
    return Beside(tuple(Robustness(words, *ends) for words, ends in lines.items()), tipping)


def four_counts(people, reached, missing_counts):
    """Return (events, total, events of the reference, total of the reference)."""
    known = reached.fillna(0.0) if missing_counts else reached.dropna()
    treated = people.loc[known.index, "treated"] == 1
    return int(known[treated].sum()), int(treated.sum()), int(known[~treated].sum()), int((~treated).sum())


def _line(counts, level):
    return None if 0 in (counts[1], counts[3]) else (wald(*counts).point, *newcombe(*counts, level))


def _counted(people, reached, missing_counts, level):
    """The same patients by Newcombe's interval, and missing outcomes counted the other way."""
    alone = ignoring(people["therapist"])
    same, other = (four_counts(people, reached, each) for each in (missing_counts, not missing_counts))
    way = "complete cases" if missing_counts else "missing counted as not responding"
    lines = {f"without covariates, Newcombe interval{alone}": _line(same, level)}
    if other != same:
        lines[f"{way}, Newcombe interval{alone}"] = _line(other, level)
    return {words: ends for words, ends in lines.items() if ends}


def _imputed(question, rows, study, responding, level):
    """Missing outcomes completed under missing at random, and as if in the reference arm; clustered by therapist."""
    found = completed_outcomes(question, rows, study)
    if found is None:
        return {}
    completed, _, people = found
    left, drawn = completed.left * people["treated"].to_numpy(), ignoring(people["therapist"], IN_IMPUTING)
    outcomes = {f"multiple imputation, missing at random ({DRAWS} draws){drawn}": completed.outcomes}
    if left.any():
        label, other = (inside(study.arms[arm].label) for arm in question.arms)
        moved = completed.outcomes - completed.effects * left
        outcomes[f"jump to reference: patients who left {label} as if in {other}{drawn}"] = moved
    return {words: _shares(people, responding(values), level) for words, values in outcomes.items()}


def _shares(people, responded, level):
    """Return (point, low, high) of the difference in shares of completed responses (draws, n), by Rubin's rules."""
    known = ~np.isnan(responded[0])
    people = people[known]
    labels = therapist_labels(people["therapist"]) if shared(people["therapist"]) else np.arange(len(people))
    comparison = Comparison(np.column_stack([np.ones(len(people)), people["treated"]]), 1, labels)
    contrast = draw_line(comparison, responded[:, known], np.zeros(len(people))).at(0.0)
    return contrast.point, *contrast.interval(level)


def _per_protocol(question, dataset, people, reached, missing_counts, level):
    found = kept_to_protocol(question, dataset)
    if found is None or found[0].reindex(people.index).all():
        return {}
    kept = found[0].reindex(people.index)
    line = _line(four_counts(people[kept], reached[kept], missing_counts), level)
    return {f"{found[1]}, Newcombe interval{ignoring(people['therapist'])}": line} if line else {}


def _tipping(question, study, people, reached, missing_counts, level):
    """How many of the missing of the arm that did worse must have responded for the interval to hold no difference."""
    if not missing_counts or question.analysis.hypothesis != "superiority":
        return ()
    counts = four_counts(people, reached, True)
    line = _line(counts, level)
    if line is None or line[1] <= 0 <= line[2]:
        return ()
    worse = 0 if line[0] > 0 else 1  # whose missing patients would change the answer: 0 the reference arm's
    gone = people["treated"] == worse
    missing, label = int(reached[gone].isna().sum()), inside(study.arms[question.arms[1 - worse]].label)
    for responders in range(1, missing + 1):
        added = (0, 0, responders, 0) if worse == 0 else (responders, 0, 0, 0)
        low, high = _line(np.add(counts, added), level)[1:]
        if low <= 0 <= high:
            who = f"{responders} of the {counted(missing, 'patient')} missing in {label}"
            text = f"The interval would reach zero if {who} had reached the threshold."
            return (Derived("tipping-point", responders / missing, None, None, "proportion", text),)
    who = f"every patient missing in {label} ({missing})"
    text = f"The interval would exclude zero even if {who} had reached the threshold."
    return (Derived("tipping-point", 1.0, None, None, "proportion", text),)
