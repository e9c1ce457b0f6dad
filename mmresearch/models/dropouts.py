"""What an estimate becomes when other things are assumed of patients without an outcome at the judged visit."""

from mmresearch.estimate import Derived
from mmresearch.models.clusters import ignoring, shared, therapist_labels
from mmresearch.models.completed import Comparison, draw_line, tip
from mmresearch.models.imputation import DRAWS, complete
from mmresearch.models.inference import null_value
from mmresearch.models.least_squares import analysed, comparison_columns
from mmresearch.models.table import design, estimable
from mmresearch.models.wording import counted, inside, sized

IN_IMPUTING = " in imputing"  # the draws know no therapists; the comparison of what was drawn does


def imputed_lines(question, rows, study, level):
    """Return ({words: (point, low, high)}, derived): every patient with a baseline counts, the missing ones completed.

    Missing at random; those who left the arm worse by the margin than that; the same as if in the reference arm; and,
    derived, the tipping point. Empty where everyone was observed, or too few were.
    """
    found = completed_outcomes(question, rows, study)
    if found is None:
        return {}, ()
    completed, comparison, people = found
    drawn = ignoring(people["therapist"], IN_IMPUTING)
    left = completed.left * people["treated"].to_numpy()
    line = draw_line(comparison, completed.outcomes, left)
    lines = {f"multiple imputation, missing at random ({DRAWS} draws){drawn}": line.at(0.0)}
    if left.any():
        label, worse = inside(study.arms[question.arm].label), 1 if question.instrument.better == "lower" else -1
        if question.margin is not None:
            size = sized(question.margin, question.instrument.unit)
            words = f"patients who left {label} worse by the margin ({size}) than assumed{drawn}"
            lines[words] = line.at(worse * question.margin)
        other = inside(study.arms[question.reference].label)
        moved = draw_line(comparison, completed.outcomes - completed.effects * left, left)
        lines[f"jump to reference: patients who left {label} as if in {other}{drawn}"] = moved.at(0.0)
    ends = {words: (contrast.point, *contrast.interval(level)) for words, contrast in lines.items()}
    return ends, _tipping(question, study, line, left, level)


def completed_outcomes(question, rows, study):
    """Return (Completed, Comparison of the analysis of covariance, their people).

    None where nothing is missing at the judged visit, or too little is known to complete it.
    """
    kept = analysed(question, rows, rows.people["treated"])[0]
    people, values = rows.people[kept], rows.values[kept]
    if values[question.visit.name].notna().all():
        return None
    columns, name, _ = comparison_columns(question, people, design(people, study), study)
    if not estimable(columns[name], columns.drop(columns=["intercept", name])):
        return None
    allocated = columns.columns.isin(("treated", "treated by modifier"))
    for visits in ([visit.name for visit in question.follow_ups], [question.visit.name]):
        completed = complete(
            columns.to_numpy(float), values[visits].to_numpy(float), visits.index(question.visit.name), allocated
        )
        if completed is not None:
            labels = therapist_labels(people["therapist"]) if shared(people["therapist"]) else None
            comparison = Comparison(columns.to_numpy(float), columns.columns.get_loc(name), labels)
            return completed, comparison, people
    return None


def _tipping(question, study, line, left, level):
    """How much worse than assumed those who left the arm must have done for the interval to hold the null."""
    null = null_value(question)
    delta = tip(line, null, level) if left.any() and null is not None else None
    if delta is None:
        return ()
    worse = delta if question.instrument.better == "lower" else -delta
    low, high = question.instrument.low, question.instrument.high
    who = f"the {counted(int(left.sum()), 'patient')} who left {inside(study.arms[question.arm].label)}"
    side, unit = "worse" if worse > 0 else "better", question.instrument.unit
    edge = "zero" if null == 0 else f"{null:g}"
    text = (f"After imputation, the interval would reach {edge} if {who} had done {_size(abs(worse))} {unit} {side} "
            "than assumed.")
    if None not in (low, high) and abs(worse) > high - low:
        text = (f"After imputation, the interval would exclude {edge} whatever {who} did: no outcome on the scale is "
                f"{'bad' if worse > 0 else 'good'} enough to change that.")
    return (Derived("tipping-point", float(worse), None, None, unit, text),)


def _size(value):
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}" if value >= 0.1 else f"{value:.1g}"
