"""Puts what a fit found, and what limits its words, into one Estimate."""

from mmresearch.codebook import codebook
from mmresearch.estimate import ArmSummary, Derived, Estimate
from mmresearch.models.analysis_set import tell_analysed
from mmresearch.models.inference import claimed_side, null_value, p_value
from mmresearch.models.population import EVERYONE
from mmresearch.models.troubles import few_therapists, missing_outcomes, trouble

COUNTED = {
    "treatment-policy": ", whatever else happened (treatment policy).",
    "hypothetical": "; what was measured after rescue medication is set aside (hypothetical).",
    "composite": "; rescue medication counts as not responding (composite).",
}
FEWEST_SHOWN = 5  # patients behind a mean that leaves a fit; pages keep to the same number


def assemble(question, dataset, rows, fitted, *, interval=None, p=None, events=None, said=(), robustness=(),
             derived=(), troubles=(), unit=""):
    """Return the Estimate of a Question.

    rows         the Rows of a question about a visit; None where the outcome stands elsewhere
    interval, p  where they do not follow from the contrast (shares); events: arm -> (responders, total)
    unit         of the measure, where it is not the instrument's
    """
    study, contrast, whole = dataset.study, fitted.contrast, _randomised(question, dataset)
    told = tell_analysed(fitted.n, whole, study, fitted.without, question.analysis.observed_at)
    return Estimate(
        **_registered(question), **_limits(question, study),
        **_numbers(question, contrast, 1 - study.alpha, interval, p), model=fitted.model,
        unit=unit or question.instrument.unit, n=fitted.n, n_randomised=whole,
        clustered=fitted.clustered, troubles=_troubles(question, dataset, rows, fitted, troubles),
        robustness=tuple(robustness), by_arm=summaries(question, study, rows, fitted, events or {}),
        derived=(*derived, *(_relative(question, study, rows) if _at_visit(question, rows) else ())),
        assumptions=(*_assumed(question, study, told), *question.notes, *fitted.said, *said))


def give_up(question, dataset, reason):
    """Return the Estimate of a Question whose analysis stopped: no number, and a serious trouble that says why.

    It stays in its family and counts there as not significant: a fault of ours must not make the other claims easier.
    reason: what stopped, in words that hold no patient's value.
    """
    arms = dict.fromkeys(question.arms, 0)
    return Estimate(
        **_registered(question), **_limits(question, dataset.study),
        **_numbers(question, None, 1 - dataset.study.alpha, None, None), model="the analysis stopped",
        unit=question.instrument.unit, n=arms, n_randomised=_randomised(question, dataset),
        troubles=(trouble("analysis-stopped", f"The analysis stopped: {reason}."),))


def _registered(question):
    """What follows from the claim and its match: the estimand, not the data."""
    analysis, instrument = question.analysis, question.instrument
    return dict(
        claim=question.claim.id, method=analysis.method, hypothesis=analysis.hypothesis, measure=analysis.measure,
        null=null_value(question), instrument=instrument.id, visit=question.visit and question.visit.name,
        arm=question.arm,
        reference=question.reference, margin=question.margin, margin_source=question.margin_source,
        direction=claimed_side(question), estimand=question.estimand, population=question.population,
        outcome=f"{instrument.measures} ({instrument.id})", comparator_class=question.comparator_class,
        self_reported=instrument.self_reported)


def _limits(question, study):
    """What bounds the words of a verdict: how the study was made."""
    return dict(
        design=study.design, simulated=study.simulated, blinded=study.blinded,
        data_locked=study.data_locked.isoformat() if study.data_locked else None,
        arm_label=study.arms[question.arm].label,
        reference_label=study.arms[question.reference].label if question.reference else "")


def _numbers(question, contrast, level, interval, p):
    if contrast is None:
        return dict(point=None, standard_error=None, df=None, low=None, high=None, level=level, p_value=None)
    low, high = interval or contrast.interval(level)
    return dict(point=contrast.point, standard_error=contrast.standard_error, df=contrast.df, low=low, high=high,
                level=level, p_value=p_value(contrast, question) if p is None else p)


def _randomised(question, dataset):
    """Patients of the population allocated to each arm, observed or not; where everyone counts, before exclusions."""
    if question.population == EVERYONE and set(question.arms) <= set(dataset.allocated):
        return {arm: dataset.allocated[arm] for arm in question.arms}
    return _count_members(question, dataset, question.patients)


def _count_members(question, dataset, patients):
    """Return arm -> how many of `patients` are in it."""
    return {arm: len(dataset.of_arm(arm).intersection(patients)) for arm in question.arms}


def _at_visit(question, rows):
    return question.visit is not None and rows is not None


def _troubles(question, dataset, rows, fitted, further):
    """The fit's own, and those every method has: missing outcomes, few therapists, arms not formed by chance."""
    study = dataset.study
    people = rows.people if rows is not None else dataset.patients.set_index("patient").loc[list(question.patients)]
    observed_then = people.index.isin(question.observed)
    seen = rows.values[question.visit.name].notna() if _at_visit(question, rows) else observed_then
    eligible = _count_members(question, dataset, people.index)
    observed = _count_members(question, dataset, people.index[seen])
    labels = {arm: study.arms[arm].label for arm in question.arms}
    found = [*fitted.troubles, *further, *missing_outcomes(observed, eligible, labels, question.visit)]
    for arm in question.arms:
        therapists = people.loc[people["arm"] == arm, "therapist"]
        found += few_therapists(therapists, labels[arm], claimed=arm == question.arm)
    return tuple({each.code: each for each in reversed(found)}.values())[::-1]  # one a code: the fit's own words first


def summaries(question, study, rows, fitted, events):
    """Return an ArmSummary for each arm: patients observed at the judged visit, raw moments, model mean.

    Without a visit, counts and model mean alone.
    """
    made = []
    for arm in question.arms:
        moments, n = (None,) * 4, fitted.n.get(arm, 0)
        if _at_visit(question, rows):
            seen = (rows.people["arm"] == arm) & rows.values[question.visit.name].notna()
            start, end = rows.people.loc[seen, "baseline"], rows.values.loc[seen, question.visit.name]
            moments, n = (*_moments(start), *_moments(end)), int(seen.sum())
        reached = events.get(arm, (None, None))
        made.append(ArmSummary(arm, study.arms[arm].label, n, *moments, ls_mean=fitted.ls_means.get(arm),
                               events=reached[0], total=reached[1]))
    return tuple(made)


def _moments(values):
    """Return (mean, sample standard deviation); None for so few patients that it would give their values away."""
    values = values.dropna()
    return (float(values.mean()), float(values.std(ddof=1))) if len(values) >= FEWEST_SHOWN else (None, None)


def _relative(question, study, rows):
    """How much each arm's mean fell or rose, in percent of its mean at baseline, among patients observed at both."""
    made = []
    for arm in question.arms:
        starts, ends = rows.people["baseline"], rows.values[question.visit.name]
        both = (rows.people["arm"] == arm) & starts.notna() & ends.notna()
        start, end = starts[both].mean(), ends[both].mean()
        if not start > 0:  # no baseline, or a scale that crosses 0, has no percentage
            continue
        change = 100 * (end - start) / start
        text = f"{study.arms[arm].label}: mean {'fell' if change < 0 else 'rose'} by {abs(change):.0f}% of baseline."
        made.append(Derived(f"relative-change-{arm}", float(change), None, None, "percent", text))
    return tuple(made)


def _assumed(question, study, told):
    lines = [_compared(question, study), *told]
    if question.reference:
        lines.append(f"Those analysed count in the group of allocation{COUNTED[question.analysis.intercurrent]}")
    if question.analysis.observed_at:
        lines.append(f"Only patients observed at {' and '.join(question.analysis.observed_at)}.")
    if question.analysis.method == "change" and question.analysis.missing == "mar":
        lines.append("Missing at random: drop-out may depend on what was observed, not on what was not.")
    if study.design == "cohort" and question.reference:
        lines.append("Arms were not formed by chance: the difference is an association.")
    return tuple(lines)


def _compared(question, study):
    label = study.arms[question.arm].label
    if not question.reference:
        return f"Nothing is compared: {label}, {question.population}."
    kind = codebook().comparators[question.comparator_class].label.lower()
    return f"Compared: {label} with {study.arms[question.reference].label} ({kind}), {question.population}."
