"""Course, hazard-ratio: do people with a worse problem at the start need more sessions to reach the threshold?

Discrete-time survival: after each session, the hazard of reaching the responder threshold for the first time, by the
outcome's baseline; below 1 says that a worse start takes more sessions. A patient who leaves, or ends the course, is
censored at the last value known.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from mmresearch.estimate import ArmSummary, Derived, Lack, Robustness
from mmresearch.models.analysis_set import tell_therapists
from mmresearch.models.assembly import assemble
from mmresearch.models.clusters import ignoring, shared, therapist_labels
from mmresearch.models.course_values import ORIGINS, baselines, gather_values
from mmresearch.models.discrete_time import fit_hazards, pool_steps
from mmresearch.models.least_squares import Fitted, few_df, unmodelled
from mmresearch.models.matching import threshold
from mmresearch.models.robustness import beside_wanted
from mmresearch.models.troubles import FEW_EVENTS, FEW_THERAPISTS, trouble
from mmresearch.models.wording import counted, sized

FEWEST_EVENTS = 3  # reached in all: below it nothing can be fitted


@dataclass(frozen=True)
class Risks:
    """Rows at risk: patient, step (sessions had), reached (0, 1), baseline; people: baseline, therapist, events."""

    rows: pd.DataFrame = field(repr=False)
    people: pd.DataFrame = field(repr=False)
    unable: int  # patients who start too near the scale's end to reach the threshold


def fit_reaching(question, dataset):
    """Return the Estimate of the hazard ratio for one unit more at baseline, or the Lack that says what is absent."""
    gathered = gather_course(question, dataset)
    if isinstance(gathered, Lack):
        return gathered
    values, origin, rule, start = gathered
    risks = rows_at_risk(question.instrument, rule, values, start, dataset)
    fitted, derived = analyse(question, risks, 1 - dataset.study.alpha, _goal(question.instrument, rule), origin)
    beside = _other_threshold(question, rule, values, start, dataset) if beside_wanted() else ()
    told = tell_therapists(risks.people.assign(arm=question.arm), question.arms, dataset.study)
    estimate = assemble(question, dataset, None, fitted, robustness=beside, derived=derived, unit="ratio", said=told)
    instrument = question.instrument
    return replace(estimate, by_arm=_summary(question, dataset.study, risks), outcome=(
        f"reaching {_goal(instrument, rule)} in {instrument.measures} ({instrument.id}) by the next session, for each "
        f"{sized(1, instrument.unit).removeprefix('1 ')} more at baseline,"))


def gather_course(question, dataset):
    """Return (values along the course, their origin, threshold, baselines), or the Lack that says what is absent."""
    values, origin = gather_values(question, dataset)
    rule = threshold(question.analysis, question.instrument)
    start = baselines(question, dataset)
    return _lack(question, rule, values, start) or (values, origin, rule, start)


def _lack(question, rule, values, start):
    name, claim = question.instrument.name, question.claim.id
    if rule is None:
        return Lack(claim, "no-instrument", f"{name} has no responder threshold, and the claim names none.")
    if start.notna().sum() == 0:
        return Lack(claim, "no-instrument", f"{name} was not measured at baseline nor before the first session.")
    if values.empty:
        return Lack(claim, "no-time", f"{name} was not measured after a session within the claim's window.")
    return None


def rows_at_risk(instrument, rule, values, start, dataset):
    """Return the Risks: each patient's rows up to the first at which the threshold was reached."""
    needed = start.abs() * rule[0] / 100 if rule[1] == "percent" else start * 0 + rule[0]
    sign, bound = (-1, instrument.low) if instrument.better == "lower" else (1, instrument.high)
    room = (start - bound).abs() if bound is not None else start * 0 + np.inf
    able = (start.notna() & (room >= needed - 1e-9) & (needed > 0))
    rows = values[values["patient"].map(able).fillna(False).astype(bool)]
    gain = sign * (rows["value"] - rows["patient"].map(start))
    reached = (gain >= rows["patient"].map(needed) - 1e-9).astype(float)
    before = reached.groupby(rows["patient"]).cumsum() - reached
    rows = rows.assign(reached=reached, baseline=rows["patient"].map(start))[before == 0].reset_index(drop=True)
    events = rows.groupby("patient")["reached"].max()
    people = dataset.patients.set_index("patient").loc[events.index, ["therapist"]]
    people = people.assign(baseline=start[events.index], events=events, therapist=_therapists(people, dataset))
    return Risks(rows, people, int((start.notna() & ~able).sum()))


def _therapists(people, dataset):
    first = dataset.sessions.dropna(subset=["therapist"]).drop_duplicates("patient").set_index("patient")["therapist"]
    return people["therapist"].fillna(first.reindex(people.index))


def analyse(question, risks, level, goal, origin):
    """Return (Fitted, derived) of the log hazard on the baseline, with free hazards from session to session."""
    events, n = int(risks.people["events"].sum()), {question.arm: len(risks.people)}
    words = f"Discrete-time survival over sessions, complementary log-log, hazard by baseline; from {ORIGINS[origin]}"
    said = (f"Reached: {goal} from baseline, by {events} of {len(risks.people)}.",
            "Who left, or ended the course, before reaching it is censored: as likely to reach it later as the others.",
            "Who starts worse has more room to fall and falls more by chance alone (regression to the mean).",
            *((f"{counted(risks.unable, 'patient')} started too near the scale's end to reach it: left out.",)
              * (risks.unable > 0)))
    contrast, groups, found = _contrast(risks) if events >= FEWEST_EVENTS else (None, None, None)
    if contrast is None:
        broken = trouble("not-estimable", f"{events} of {len(risks.people)} patients reached it, and their baselines "
                                          "do not determine a hazard ratio.")
        return Fitted(None, words, n, troubles=(broken,), said=said), ()
    therapists = _clusters(risks)[1]
    model = (f"{words}; standard error clustered by {'therapist' if therapists else 'patient'} (CR2), "
             f"{contrast.df:.1f} Satterthwaite degrees of freedom")
    troubles = (*few_df(contrast.df), *_few(events, len(risks.people)),
                *unmodelled(shared(risks.people["therapist"]) and not therapists))
    without = "no value at baseline, none after a session, or a start too near the scale's end"
    fitted = Fitted(contrast, model, n, clustered=therapists, troubles=troubles, said=said, without=without)
    return fitted, _derived(question, risks, found, groups, level) if beside_wanted() else ()


def _few(events, patients):
    if min(events, patients - events) >= FEW_EVENTS:
        return ()
    return (trouble("few-events", f"Few patients decide this: {events} of {patients} reached the threshold."),)


def _contrast(risks, extra=None):
    """Return (Ratio of the last column or None, groups of sessions, Hazards)."""
    rows = risks.rows
    groups = pool_steps(rows["step"].to_numpy(), rows["reached"].to_numpy())
    centred = rows["baseline"].to_numpy() - risks.people["baseline"].mean()
    indicators = (groups[:, None] == np.arange(groups.max() + 1)).astype(float)
    columns = np.column_stack([indicators, centred, *([] if extra is None else [extra * centred])])
    if np.ptp(centred) == 0 or np.linalg.matrix_rank(columns) < columns.shape[1]:
        return None, groups, None
    found = fit_hazards(rows["reached"].to_numpy(), columns)
    if not found.converged:
        return None, groups, found
    return found.ratio(columns.shape[1] - 1, _clusters(risks)[0]), groups, found


def _clusters(risks):
    """Return (cluster of each row, whether they are therapists): patients where fewer than three therapists treat."""
    therapists = risks.people["therapist"]
    by_therapist = shared(therapists) and therapists.nunique() >= FEW_THERAPISTS
    labels = therapist_labels(therapists) if by_therapist else np.arange(len(therapists))
    return labels[risks.people.index.get_indexer(risks.rows["patient"])], by_therapist


def _derived(question, risks, found, groups, level):
    """Return the sessions until half have reached it, for a mild and a severe start; whether the ratio shifts."""
    people, unit, made = risks.people, question.instrument.unit, []
    steps = risks.rows["step"].to_numpy()
    middle, spread = people["baseline"].mean(), people["baseline"].std()
    for word, value in (("mild", middle - spread), ("severe", middle + spread)):
        half = _half(found.coefficients, groups, steps, value - middle)
        told = f"after {half:g} sessions" if half is not None else "not within the sessions observed"
        text = f"Half of those who start at {value:.1f} {unit} have reached it {told} (model; mean -/+ 1 SD)."
        made.append(Derived(f"sessions-until-half-{word}", half, None, None, "sessions", text))
    return (*made, *_shift(risks, steps, level))


def _half(coefficients, groups, steps, distance):
    """The first number of sessions by which the model has half of the patients reach it; None where it never does."""
    left = 1.0
    for step in np.unique(steps):
        hazard = coefficients[groups[steps == step][0]] + coefficients[-1] * distance
        left *= np.exp(-np.exp(min(hazard, 5.0)))
        if left <= 0.5:
            return float(step)
    return None


def _shift(risks, steps, level):
    """Return by what factor the hazard ratio changes from the earlier to the later half of the sessions at risk."""
    late = (steps > np.median(steps)).astype(float)
    if not 0 < late.sum() < len(late):
        return ()
    ratio = _contrast(risks, late)[0]
    if ratio is None:
        return ()
    low, high = ratio.interval(level)
    text = (f"From the earlier to the later sessions the hazard ratio changes by a factor of {ratio.point:.2f} "
            f"({low:.2f} to {high:.2f}).")
    return (Derived("shift-of-the-hazard-ratio", ratio.point, low, high, "ratio", text),)


def _other_threshold(question, rule, values, start, dataset):
    """Return the Robustness: the instrument's other responder threshold, absolute or in percent of the baseline."""
    responder = question.instrument.responder
    kind = "percent" if rule[1] == "absolute" else "absolute"
    value = getattr(responder, kind) if responder else None
    if value is None:
        return ()
    risks = rows_at_risk(question.instrument, (value, kind), values, start, dataset)
    ratio = _contrast(risks)[0] if risks.people["events"].sum() >= FEWEST_EVENTS else None
    if ratio is None:
        return ()
    words = f"reaching {_goal(question.instrument, (value, kind))} instead"
    words += ignoring(risks.people["therapist"]) * (not _clusters(risks)[1])
    return (Robustness(words, ratio.point, *ratio.interval(1 - dataset.study.alpha)),)


def _goal(instrument, rule):
    value, kind = rule
    word = "a fall" if instrument.better == "lower" else "a rise"
    return f"{word} of {value:g}%" if kind == "percent" else f"{word} of {sized(value, instrument.unit)}"


def _summary(question, study, risks):
    start, label = risks.people["baseline"], study.arms[question.arm].label
    return (ArmSummary(question.arm, label, len(start), float(start.mean()), float(start.std()),
                       events=int(risks.people["events"].sum()), total=len(start)),)
