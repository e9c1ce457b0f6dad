"""Puts what a fit found, and what limits its words, into one Estimate."""

from mmresearch.codebook import codebook
from mmresearch.estimate import ArmSummary, Derived, Estimate
from mmresearch.models.inference import claimed_side, null_value, p_value
from mmresearch.models.population import EVERYONE
from mmresearch.models.troubles import few_therapists, missing_outcomes, trouble


def assemble(question, dataset, rows, fitted, said=(), robustness=(), events=None, interval=None, p=None, derived=(),
             troubles=(), unit=""):
    """Return the Estimate of a Question.

    interval, p  where they do not follow from the contrast (shares); events: arm -> (responders, total)
    unit         of the measure, where it is not the instrument's
    """
    study, analysis, contrast = dataset.study, question.analysis, fitted.contrast
    level = 1 - study.alpha
    low, high = interval or (contrast.interval(level) if contrast else (None, None))
    p = p if p is not None else p_value(contrast, question) if contrast else None
    return Estimate(
        claim=question.claim.id, method=analysis.method, model=fitted.model, hypothesis=analysis.hypothesis,
        measure=analysis.measure, null=null_value(question), instrument=question.instrument.id,
        unit=unit or question.instrument.unit, visit=question.visit.name, arm=question.arm,
        reference=question.reference, design=study.design, simulated=study.simulated, n=fitted.n,
        n_randomised=_randomised(question, dataset), point=contrast.point if contrast else None,
        standard_error=contrast.standard_error if contrast else None, df=contrast.df if contrast else None, low=low, high=high,
        level=level, p_value=p, margin=question.margin, margin_source=question.margin_source,
        direction=claimed_side(question), troubles=_troubles(question, dataset, rows, fitted, troubles),
        robustness=tuple(robustness), estimand=question.estimand,
        outcome=f"{question.instrument.measures} ({question.instrument.id})", population=question.population,
        arm_label=study.arms[question.arm].label, reference_label=study.arms[question.reference].label,
        comparator_class=question.comparator_class, self_reported=question.instrument.self_reported, blinded=study.blinded,
        data_locked=study.data_locked.isoformat() if study.data_locked else None, clustered=fitted.clustered,
        by_arm=summaries(question, study, rows, fitted, events or {}), derived=(*derived, *_relative(question, study, rows)),
        assumptions=(*_assumed(question, study), *question.notes, *fitted.said, *said))


def _randomised(question, dataset):
    """Patients of the population allocated to each arm, observed or not; where everyone counts, before exclusions."""
    pair = (question.arm, question.reference)
    if question.population == EVERYONE and set(pair) <= set(dataset.allocated):
        return {arm: dataset.allocated[arm] for arm in pair}
    arms = dataset.patients.set_index("patient").loc[list(question.patients), "arm"]
    return {arm: int((arms == arm).sum()) for arm in pair}


def _troubles(question, dataset, rows, fitted, further):
    study, people = dataset.study, rows.people
    eligible = rows.counts(people["treated"].notna(), question)
    labels = {arm: study.arms[arm].label for arm in eligible}
    observed = rows.counts(rows.values[question.visit.name].notna(), question)
    found = [*fitted.troubles, *further, *missing_outcomes(observed, eligible, labels, question.visit.name),
             *few_therapists(people.loc[people["treated"] == 1, "therapist"], labels[question.arm])]
    if study.design != "randomised" and question.analysis.method == "responder":
        found.append(trouble("unadjusted", "Arms were not formed by chance, and shares are compared without adjustment."))
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
        both = (rows.people["treated"] == treated) & rows.values[question.visit.name].notna() & rows.people["baseline"].notna()
        start, end = rows.people.loc[both, "baseline"].mean(), rows.values.loc[both, question.visit.name].mean()
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
