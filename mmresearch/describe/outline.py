"""The study itself in words and counts, and the whole description a report shows."""

from mmresearch.describe.crowd import crowd, sentences
from mmresearch.describe.follow_up import course, flow, missing
from mmresearch.describe.groups import count_arms
from mmresearch.describe.people import compare_dropouts, table_one
from mmresearch.describe.records import Description, Outline


def outline_study(dataset):
    """Return the Outline of a Dataset: title, design, arms with n, visits, what was not read."""
    study = dataset.study
    bias = study.risk_of_bias.model_dump() if study.risk_of_bias else {}
    return Outline(
        title=study.title, citation=study.citation, design=study.design, simulated=study.simulated,
        blinded=study.blinded, data_locked=study.data_locked.isoformat() if study.data_locked else None,
        alpha=study.alpha, primary_visit=study.primary_visit, arms=count_arms(dataset),
        techniques=tuple(arm.technique for arm in study.arms.values()),
        visits=tuple((visit.name, visit.day) for visit in study.visits),
        patients=len(dataset.patients), outcomes=len(dataset.outcomes), sessions=len(dataset.sessions),
        instruments=tuple(dict.fromkeys(dataset.outcomes["instrument"])), sha256=dataset.sha256,
        notes=tuple(dataset.notes), unread=tuple((name, tuple(columns)) for name, columns in dataset.unread.items()),
        risk_of_bias=tuple((domain, judged) for domain, judged in bias.items() if judged),
        decisions=tuple(decided(each) for each in study.decisions), hidden=tuple(sentences(crowd(dataset))))


def decided(decision):
    """Return a decision of study.toml as a sentence."""
    columns = ", ".join(decision.columns)
    return (f"{decision.file}, {columns}: the rule '{decision.lifts}' was lifted by {decision.by} on {decision.on}: "
            f"{decision.why}")


def describe_study(dataset):
    """Return the Description of a Dataset: outline, Table 1, flow, missing values, courses and drop-outs."""
    outline = outline_study(dataset)
    measured = [name for name in outline.instruments if len(dataset.measured(name))]
    courses = tuple(course(dataset, name) for name in measured)
    return Description(outline, table_one(dataset), flow(dataset), missing(dataset), courses,
                       _dropouts(dataset, courses))


def _dropouts(dataset, courses):
    """Those lost at the primary visit, by the first instrument measured both at baseline and then."""
    baseline = dataset.study.baseline
    needed = {baseline.name if baseline else None, dataset.study.primary_visit}
    for each in courses:
        if needed <= {point.visit for point in each.points}:
            return compare_dropouts(dataset, each.instrument, dataset.study.primary_visit)
    return None
