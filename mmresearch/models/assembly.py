"""Puts what a fit found, and what limits its words, into one Estimate."""

from mmresearch.codebook import codebook
from mmresearch.estimate import ArmSummary, Derived, Estimate
from mmresearch.models.inference import claimed_side, null_value, p_value
from mmresearch.models.population import EVERYONE
from mmresearch.models.troubles import few_therapists, missing_outcomes, trouble


def assemble(question, dataset, rows, fitted, *, interval=None, p=None, events=None, said=(), robustness=(),
             derived=(), troubles=(), unit=""):
    """Return the Estimate of a Question.

    interval, p  where they do not follow from the contrast (shares); events: arm -> (responders, total)
    unit         of the measure, where it is not the instrument's
    """
    study, contrast = dataset.study, fitted.contrast
    return Estimate(
        **_registered(question), **_limits(question, study),
        **_numbers(question, contrast, 1 - study.alpha, interval, p), model=fitted.model,
        unit=unit or question.instrument.unit, n=fitted.n, n_randomised=_randomised(question, dataset),
        clustered=fitted.clustered, troubles=_troubles(question, study, rows, fitted, troubles),
        robustness=tuple(robustness), by_arm=summaries(question, study, rows, fitted, events or {}),
        derived=(*derived, *_relative(question, study, rows)),
        assumptions=(*_assumed(question, study), *question.notes, *fitted.said, *said))


def give_up(question, dataset, reason):
    """Return the Estimate of a Question whose analysis stopped: no number, and a serious trouble that says why.

    It stays in its family and counts there as not significant: a fault of ours must not make the other claims easier.
    reason: what stopped, in words that hold no patient's value.
    """
    arms = {question.arm: 0, question.reference: 0}
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
        null=null_value(question), instrument=instrument.id, visit=question.visit.name, arm=question.arm,
        reference=question.reference, margin=question.margin, margin_source=question.margin_source,
        direction=claimed_side(question), estimand=question.estimand, population=question.population,
        outcome=f"{instrument.measures} ({instrument.id})", comparator_class=question.comparator_class,
        self_reported=instrument.self_reported)


def _limits(question, study):
    """What bounds the words of a verdict: how the study was made."""
    return dict(
        design=study.design, simulated=study.simulated, blinded=study.blinded,
        data_locked=study.data_locked.isoformat() if study.data_locked else None,
        arm_label=study.arms[question.arm].label, reference_label=study.arms[question.reference].label)


def _numbers(question, contrast, level, interval, p):
    if contrast is None:
        return dict(point=None, standard_error=None, df=None, low=None, high=None, level=level, p_value=None)
    low, high = interval or contrast.interval(level)
    return dict(point=contrast.point, standard_error=contrast.standard_error, df=contrast.df, low=low, high=high,
                level=level, p_value=p_value(contrast, question) if p is None else p)


def _randomised(question, dataset):
    """Patients of the population allocated to each arm, observed or not; where everyone counts, before exclusions."""
    pair = (question.arm, question.reference)
    if question.population == EVERYONE and set(pair) <= set(dataset.allocated):
        return {arm: dataset.allocated[arm] for arm in pair}
    arms = dataset.patients.set_index("patient").loc[list(question.patients), "arm"]
    return {arm: int((arms == arm).sum()) for arm in pair}


def _troubles(question, study, rows, fitted, further):
    people = rows.people
    eligible = rows.counts(people["treated"].notna(), question)
    labels = {arm: study.arms[arm].label for arm in eligible}
    observed = rows.counts(rows.values[question.visit.name].notna(), question)
    found = [*fitted.troubles, *further, *missing_outcomes(observed, eligible, labels, question.visit.name),
             *few_therapists(people["therapist"][people["treated"] == 1], labels[question.arm]),
             *few_therapists(people["therapist"][people["treated"] == 0], labels[question.reference], claimed=False)]
    if study.design != "randomised" and question.analysis.method == "responder":
        found.append(trouble("unadjusted", "Arms were not formed by chance; shares are compared without adjustment."))
    return tuple({each.code: each for each in reversed(found)}.values())[::-1]  # one a code: the fit's own words first


def summaries(question, study, rows, fitted, events):
    """Return an ArmSummary for arm and reference: patients observed at the judged visit, raw moments, model mean."""
    made = []
    for arm, treated in ((question.arm, 1.0), (question.reference, 0.0)):
        seen = (rows.people["treated"] == treated) & rows.values[question.visit.name].notna()
        start, end = rows.people.loc[seen, "baseline"], rows.values.loc[seen, question.visit.name]
        reached = events.get(arm, (None, None))
        made.append(ArmSummary(arm, study.arms[arm].label, int(seen.sum()), *_moments(start), *_moments(end),
                               ls_mean=fitted.ls_means.get(arm), events=reached[0], total=reached[1]))
    return tuple(made)


def _moments(values):
    """Return (mean, sample standard deviation), None where there are too few values for it."""
    values = values.dropna()
    return (float(values.mean()) if len(values) else None, float(values.std(ddof=1)) if len(values) > 1 else None)


def _relative(question, study, rows):
    """How much each arm's mean fell or rose, in percent of its mean at baseline, among patients observed at both."""
    made = []
    for arm, treated in ((question.arm, 1.0), (question.reference, 0.0)):
        starts, ends = rows.people["baseline"], rows.values[question.visit.name]
        both = (rows.people["treated"] == treated) & starts.notna() & ends.notna()
        start, end = starts[both].mean(), ends[both].mean()
        if not start > 0:  # no baseline, or a scale that crosses 0, has no percentage
            continue
        change = 100 * (end - start) / start
        text = f"{study.arms[arm].label}: mean {'fell' if change < 0 else 'rose'} by {abs(change):.0f}% of baseline."
        made.append(Derived(f"relative-change-{arm}", float(change), None, None, "percent", text))
    return tuple(made)


def _assumed(question, study):
    lines = [f"Compared: {study.arms[question.arm].label} with {study.arms[question.reference].label} "
             f"({codebook().comparators[question.comparator_class].label.lower()}), {question.population}.",
             "Everyone counts in the group they were allocated to, whatever else happened (treatment policy)."]
    if question.analysis.observed_at:
        lines.append(f"Only patients observed at {' and '.join(question.analysis.observed_at)}.")
    if question.analysis.method == "change" and question.analysis.missing == "mar":
        lines.append("Missing at random: drop-out may depend on what was observed, not on what was not.")
    if study.design == "cohort":
        lines.append("Arms were not formed by chance: the difference is an association.")
    return tuple(lines)
