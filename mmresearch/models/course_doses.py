"""Course, slope: what each further session adds, where chance decided how many sessions a patient was to have.

The arms are those whose technique or comparator class the claim names and for which study.toml says how many `sessions`
were planned. The planned number enters as a line at each follow-up, whatever number was attended: how many sessions
people attend by themselves depends on how ill they are. One mixed model for repeated measures over the follow-ups, with
a random effect of therapists who share patients. Beside it the curve with as many knots as there were numbers, so one
difference a number, and a test of whether the line misses it.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from mmresearch.errors import DataError
from mmresearch.estimate import ArmSummary, Derived, Lack
from mmresearch.models.analysis_set import tell_analysed, tell_therapists
from mmresearch.models.assembly import assemble
from mmresearch.models.clusters import shared
from mmresearch.models.course_rows import refused, stack
from mmresearch.models.inference import Contrast
from mmresearch.models.least_squares import Fitted, adjusted, few_df, unmodelled
from mmresearch.models.population import match_population
from mmresearch.models.robustness import beside_wanted
from mmresearch.models.table import Rows
from mmresearch.models.troubles import missing_outcomes, trouble
from mmresearch.models.wording import counted, join


@dataclass(frozen=True)
class Doses:
    """Arms with planned numbers of sessions. sessions: arm -> number; rows: their patients; visits: in every arm."""

    sessions: dict
    rows: Rows = field(repr=False)
    visits: tuple
    judged: object


def fit_doses(question, dataset):
    """Return the Estimate of the slope, in the instrument's unit per session, or the Lack that says what is absent."""
    doses = gather_doses(question, dataset)
    if isinstance(doses, Lack):
        return doses
    question = replace(question, visit=doses.judged, follow_ups=doses.visits, notes=(_told(doses, dataset.study),))
    fitted, derived = analyse(question, doses, dataset.study)
    estimate = assemble(question, dataset, doses.rows, fitted, derived=derived,
                        unit=f"{question.instrument.unit} per session")
    instrument = question.instrument
    allocated = {arm: dataset.allocated.get(arm, 0) or int((doses.rows.people["arm"] == arm).sum())
                 for arm in doses.sessions}
    numbers = join(sorted(set(doses.sessions.values())), "or")
    told = tell_analysed(fitted.n, allocated, dataset.study, f"no value of {instrument.id} after baseline")
    return replace(estimate, by_arm=_summaries(doses, dataset.study), n_randomised=allocated,
                   assumptions=(*estimate.assumptions, *told),
                   outcome=f"{instrument.measures} ({instrument.id}) over the number of sessions",
                   arm_label=f"courses of {numbers} sessions")


def gather_doses(question, dataset):
    """Return the Doses of a question, or the Lack that says what the study does not have."""
    planned = _planned(question.analysis, dataset.study)
    unknown = [dataset.study.arms[arm].label for arm, number in planned.items() if number is None]
    if unknown:
        said = f"study.toml does not say how many sessions were planned (`sessions`) in {join(unknown)}."
        return Lack(question.claim.id, "no-comparator", said)
    if len(set(planned.values())) < 2:
        said = "The arms the claim compares were all to have the same number of sessions."
        return Lack(question.claim.id, "no-comparator", said)
    rows = _rows(question, dataset, planned)
    visits = [visit for visit in sorted(dataset.study.follow_ups, key=lambda each: each.day)
              if _everywhere(rows, visit.name, planned)]
    first, last = question.window
    near = [visit for visit in visits if first <= visit.day <= last]
    if not near:
        said = f"{question.instrument.id} was not measured in all {len(planned)} arms on days {first} to {last}."
        return Lack(question.claim.id, "no-time", said)
    primary = [visit for visit in near if visit.name == dataset.study.primary_visit]
    return Doses(planned, rows, tuple(visits), (primary or near)[-1])


def _planned(analysis, study):
    """Arms that the claim names, by technique or by comparator class, with their planned number of sessions."""
    return {name: arm.sessions for name, arm in study.arms.items()
            if arm.technique in analysis.techniques or arm.comparator_class in analysis.comparators}


def _rows(question, dataset, planned):
    who = match_population(question.analysis, dataset, {}).patients
    patients = dataset.patients[dataset.patients["arm"].isin(planned) & dataset.patients["patient"].isin(who)]
    patients = patients.set_index("patient")
    values = dataset.wide(question.instrument.id).loc[patients.index].astype(float)
    start = dataset.study.baseline
    baseline = values[start.name] if start is not None and start.name in values else np.nan
    treated = (patients["arm"] == question.arm).astype(float)
    return Rows(patients.assign(treated=treated, baseline=baseline), values)


def _everywhere(rows, name, arms):
    return name in rows.values and set(arms) <= set(rows.people.loc[rows.values[name].notna(), "arm"])


def _told(doses, study):
    parts = [f"{study.arms[arm].label} {number}" for arm, number in doses.sessions.items()]
    return f"Sessions planned: {join(parts)}. Each patient counts with the number planned, whatever was attended."


def analyse(question, doses, study):
    """Return (Fitted, derived) of the line through the planned numbers at the judged visit."""
    names = [visit.name for visit in doses.visits]
    stacked, judged = stack(doses.rows, study, names), names.index(doses.judged.name)
    people, covariates = stacked.rows.people, stacked.covariates
    n = {arm: int((people["arm"] == arm).sum()) for arm in doses.sessions}
    number = people["arm"].map(doses.sessions).to_numpy(float)
    words = f"slope over the planned number of sessions at {doses.judged.name}, {adjusted(covariates)}"
    try:
        found, troubles = stacked.fit(stacked.by_visit(number))
    except DataError as error:
        broken = trouble("not-estimable", refused(error))
        return Fitted(None, words, n, troubles=(*covariates.troubles, broken), said=covariates.said), ()
    one = stacked.contrast(found, np.eye(len(names))[judged], 1 - study.alpha)
    contrast = Contrast(one.estimate, one.standard_error, one.df) if one else None
    troubles = (*covariates.troubles, *troubles, *few_df(contrast.df if contrast else None), *_missing(doses, study),
                *unmodelled(shared(people["therapist"]) and not found.nested))
    how = "unstructured covariance" + ", random effect of therapist" * found.nested
    model = f"Mixed model for repeated measures over {counted(len(names), 'visit')}, {how}; {words}"
    model += f"; {one.variant}{', at most therapists - 2' * bool(np.isfinite(stacked.most))}" if one else ""
    said = (*tell_therapists(people, list(doses.sessions), study), *covariates.said)
    fitted = Fitted(contrast, model, n, clustered=found.nested, troubles=troubles, said=said)
    return fitted, _curve(question, doses, stacked, number, judged, 1 - study.alpha) if beside_wanted() else ()


def _missing(doses, study):
    arms = doses.rows.people["arm"]
    seen = doses.rows.values[doses.judged.name].notna()
    counts = [{arm: int(mask[arms == arm].sum()) for arm in doses.sessions} for mask in (seen, arms.notna())]
    return missing_outcomes(*counts, {arm: study.arms[arm].label for arm in doses.sessions}, doses.judged)


def _curve(question, doses, stacked, number, judged, level):
    """Return one difference from the fewest sessions for each further number, and whether a line misses them."""
    fewest, *more = sorted(set(doses.sessions.values()))
    columns = np.column_stack([stacked.by_visit(number == each) for each in more])
    try:
        found, _ = stacked.fit(columns)
    except DataError:
        return ()
    size, unit = len(doses.visits), question.instrument.unit
    rows = np.zeros((len(more), columns.shape[1]))
    rows[np.arange(len(more)), np.arange(len(more)) * size + judged] = 1
    made = []
    for each, row in zip(more, rows, strict=True):
        one = stacked.contrast(found, row, level)
        if one:
            text = f"{each} sessions against {fewest}: {one.estimate:.2g} ({one.low:.2g} to {one.high:.2g}) {unit}."
            made.append(Derived(f"difference-{each}-sessions", one.estimate, one.low, one.high, unit, text))
    return (*made, *_bend(found, rows, fewest, more))


def _bend(found, rows, fewest, more):
    """Return the test of whether the numbers' differences lie on a line."""
    if len(more) < 2:
        return ()
    slopes = rows / (np.array(more, float) - fewest)[:, None]
    L = np.zeros((len(more) - 1, len(found.names)))
    L[:, : rows.shape[1]] = slopes[:-1] - slopes[-1]
    joint = found.joint(L)
    if joint.p_value is None:
        return ()
    text = (f"Whether a line misses how the differences run: F = {joint.statistic:.2f} on {joint.df1} and "
            f"{joint.df2:.0f} degrees of freedom, p = {joint.p_value:.2g}.")
    return (Derived("departure-from-a-line", joint.p_value, None, None, "p", text),)


def _summaries(doses, study):
    """Return an ArmSummary for each arm that entered, fewest sessions first."""
    made = []
    for arm in sorted(doses.sessions, key=doses.sessions.get):
        here = doses.rows.people["arm"] == arm
        start, end = doses.rows.people.loc[here, "baseline"], doses.rows.values.loc[here, doses.judged.name]
        seen = end.notna()
        moments = [None if np.isnan(each) else float(each) for part in (start[seen], end[seen])
                   for each in (part.mean(), part.std())]
        made.append(ArmSummary(arm, study.arms[arm].label, int(seen.sum()), *moments))
    return tuple(made)
