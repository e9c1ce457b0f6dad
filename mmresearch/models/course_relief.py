"""Course, mean-difference: is there relief by the session the claim names, and from which session on?

Relief between sessions, so it is measured at visits, which a patient in the reference arm has too. The judged visit is
the last by which patients had had as many sessions as the claim names, or fewer (the median of the arm). All follow-ups
stand in one mixed model for repeated measures; beside its contrast at the judged visit stand

- the differences at every follow-up with intervals that hold all together: the first that excludes zero difference, and
  the first that clears the margin, say from which session on there is relief;
- a mixed model on the number of sessions with a knot at the session the claim names: relief a session up to it, and
  after it.
"""

from dataclasses import replace

import numpy as np

from mmresearch.errors import DataError
from mmresearch.estimate import Derived, Lack
from mmresearch.models.assembly import assemble
from mmresearch.models.course_rows import stack
from mmresearch.models.least_squares import ancova
from mmresearch.models.mixed import fit_visits, mixed_model
from mmresearch.models.robustness import beside_wanted, set_beside
from mmresearch.models.sessions_had import sessions_by_visit
from mmresearch.models.simultaneous import critical_value
from mmresearch.models.table import design, gather
from mmresearch.models.wording import counted, join, sized

FITS = {"ancova": ancova, "mmrm": mixed_model}
TYPICAL = 2  # sessions, where a claim names none: "the first couple"


def fit_relief(question, dataset):
    """Return the Estimate of the difference at the judged visit, or the Lack `no-time`."""
    placed = place_judged(question, dataset)
    if isinstance(placed, Lack):
        return placed
    judged, visits, had = placed
    question = replace(question, visit=judged, follow_ups=visits, model="mmrm" if len(visits) > 1 else "ancova",
                       notes=(*question.notes, _note(question, had, judged)))
    rows = gather(question, dataset)
    fitted = FITS[question.model](question, rows, dataset.study)
    beside = set_beside(question, dataset, rows, fitted, FITS)
    derived = beside.derived
    if beside_wanted():
        derived = (*_onset(question, rows, dataset.study, had), *_knot(question, rows, dataset.study, had), *derived)
    return assemble(question, dataset, rows, fitted, robustness=beside.lines, derived=derived, troubles=beside.troubles)


def place_judged(question, dataset):
    """Return (judged Visit, follow-ups, sessions had by each), or the Lack."""
    visits, had = place_visits(question, dataset)
    judged = judged_visit(question, visits, had)
    return judged if isinstance(judged, Lack) else (judged, visits, had)


def place_visits(question, dataset):
    """Return (follow-ups with the instrument in both arms, in order; visit name -> median sessions had by then)."""
    arms = dataset.patients.set_index("patient")["arm"].loc[list(question.patients)]
    rows = dataset.measured(question.instrument.id)
    rows = rows[rows["patient"].isin(arms.index)]
    seen = rows.assign(arm=rows["patient"].map(arms)).groupby("visit")["arm"].agg(set).to_dict()
    visits = tuple(visit for visit in sorted(dataset.study.follow_ups, key=lambda each: each.day)
                   if set(question.arms) <= seen.get(visit.name, set()))
    treated = arms.index[arms == question.arm]
    counts = sessions_by_visit(dataset, treated, visits)
    return visits, {visit.name: float(counts[visit.name].median()) for visit in visits if visit.name in counts}


def judged_visit(question, visits, had):
    """Return the Visit at which the claim is judged, or the Lack that says when patients were asked instead."""
    wanted, (first, last) = question.analysis.by_session or TYPICAL, question.window
    inside = [visit for visit in visits if first <= visit.day <= last]
    fitting = [visit for visit in inside if 1 <= had.get(visit.name, 0) <= wanted]
    if fitting:
        return fitting[-1]
    if not had:
        why = "The study does not record on which days sessions took place."
    elif not inside:
        why = f"No visit lies between days {first} and {last}."
    else:
        told = join([f"{visit.name} ({had[visit.name]:g})" for visit in inside], "and")
        why = f"Sessions that half of the patients had had by then: {told}."
    return Lack(question.claim.id, "no-time", f"The claim is about the first {counted(wanted, 'session')}. {why}")


def _note(question, had, judged):
    return (f"By {judged.name} half of the patients had had at least {had[judged.name]:g} sessions; the claim names "
            f"{question.analysis.by_session or TYPICAL}.")


def _onset(question, rows, study, had):
    """Return the differences at every follow-up, simultaneously, and from which session on there is relief."""
    found = _all_contrasts(question, rows, study) if question.model == "mmrm" else None
    if found is None:
        return ()
    points, errors, c = found
    unit, made = question.instrument.unit, []
    for visit, point, error in zip(question.follow_ups, points, errors, strict=True):
        low, high = point - c * error, point + c * error
        text = f"{_sessions(had, visit)}: {point:.2g} ({low:.2g} to {high:.2g}) {unit}, all visits together."
        made.append(Derived(f"difference-at-{visit.name}", point, low, high, unit, text))
    return (*made, *_firsts(question, made, had))


def _all_contrasts(question, rows, study):
    """Return (points, standard errors, critical value) of the contrast at every follow-up; None where one has none."""
    visits = [visit.name for visit in question.follow_ups]
    kept = rows.kept(rows.values[visits].notna().any(axis=1))
    try:
        result, _ = fit_visits(question, kept, design(kept.people, study), visits)
    except DataError:
        return None
    contrasts = [result.contrast(question.arm, visit) for visit in visits]
    if any(each.standard_error is None for each in contrasts):
        return None
    inner, _ = result.fit.moments.columns.inner(np.array([result.row(question.arm, visit) for visit in visits]))
    covariance = inner @ result.fit.inference.variance @ inner.T
    spread = np.sqrt(np.diag(covariance))
    df = min(each.df if each.df is not None else np.inf for each in contrasts)
    c = critical_value(covariance / np.outer(spread, spread), df, 1 - study.alpha)
    return [each.estimate for each in contrasts], [each.standard_error for each in contrasts], c


def _firsts(question, differences, had):
    """Return from which session on the simultaneous interval excludes zero difference, and clears the margin."""
    sign = -1 if question.direction == "lower" else 1
    aims = [("relief", "excludes zero difference", 0.0)]
    if question.margin is not None:
        words = f"clears the margin of {sized(question.margin, question.instrument.unit)}"
        aims.append(("worthwhile-relief", words, question.margin))
    for name, words, least in aims:
        near = [min(sign * each.low, sign * each.high) for each in differences]
        place = next((place for place, end in enumerate(near) if end > least), None)
        if place is None:
            text = f"At no visit the simultaneous interval {words}."
            yield Derived(f"{name}-from", None, None, None, "sessions", text)
        else:
            visit = question.follow_ups[place]
            text = f"The first visit at which the simultaneous interval {words}: {_sessions(had, visit).lower()}."
            yield Derived(f"{name}-from", had.get(visit.name), None, None, "sessions", text)


def _sessions(had, visit):
    return f"After {had[visit.name]:g} sessions ({visit.name})" if visit.name in had else f"At {visit.name}"


def _knot(question, rows, study, had):
    """Return the change of the difference a session, up to the session the claim names and after it.

    Mixed model over the follow-ups: the reference arm's course free, the arm's difference a line in the number of
    sessions with a knot, from no difference before any session.
    """
    at, names = question.analysis.by_session or TYPICAL, [visit.name for visit in question.follow_ups]
    number = np.array([had.get(name, 0.0) for name in names])
    parts = {"up to": np.minimum(number, at), "after": np.maximum(number - at, 0)}
    parts = {word: steps for word, steps in parts.items() if steps.any()}
    if question.model != "mmrm" or not parts or len(names) < len(parts):
        return ()
    stacked = stack(rows, study, names)
    treated = stacked.rows.people["treated"].to_numpy()[stacked.place]
    try:
        found, _ = stacked.fit(np.column_stack([treated * steps[stacked.at] for steps in parts.values()]))
    except DataError:
        return ()
    level = 1 - study.alpha
    slopes = [stacked.contrast(found, np.eye(len(parts))[place], level) for place in range(len(parts))]
    return tuple(_slope(word, one, at, question) for word, one in zip(parts, slopes, strict=True) if one)


def _slope(word, one, at, question):
    unit = f"{question.instrument.unit} per session"
    text = (f"Mixed model on the number of sessions, knot at {at}: {word} session {at} the difference changes by "
            f"{one.estimate:.2g} ({one.low:.2g} to {one.high:.2g}) {unit}.")
    name = f"change-per-session-{word.replace(' ', '-')}-{at}"
    return Derived(name, one.estimate, one.low, one.high, unit, text)
