"""Matches a registered claim's words to a study's: arms, instrument and visit, in the claim's order of preference.

Each function adds to `lacks` (code -> sentence) what the study does not have, and what it has instead.
"""

from mmresearch.codebook import codebook
from mmresearch.models.wording import inside, join


def match_arms(analysis, study, lacks):
    """Return (arm, reference, comparator class, notes): the first technique and comparator class that the study has."""
    treated = [name for word in analysis.techniques for name, arm in study.arms.items() if arm.technique == word]
    if not treated:
        wanted = join([inside(codebook().techniques[word].label) for word in analysis.techniques], "or")
        lacks["no-arm"] = f"The study has no arm with {wanted}; its arms are {_arm_labels(study)}."
    if not analysis.comparators:  # the claim compares nothing
        return (treated[0], None, None, ()) if treated else None
    if study.design == "single-arm" or len(study.arms) < 2:
        lacks["no-comparison-group"] = "The claim compares groups, and this study has one group only."
        return None
    pairs = [
        (arm, other, word)
        for arm in treated or [None]
        for word in analysis.comparators
        for other, record in study.arms.items()
        if record.comparator_class == word and other != arm
    ]
    if not pairs:
        wanted = join([inside(codebook().comparators[word].label) for word in analysis.comparators], "or")
        lacks["no-comparator"] = (
            f"No arm serves as the comparison the claim needs ({wanted}); the arms are {_arm_labels(study)}."
        )
    return (*pairs[0], _arm_notes(study, pairs[0], pairs)) if pairs and treated else None


def _arm_labels(study):
    return join([arm.label for arm in study.arms.values()])


def _arm_notes(study, chosen, pairs):
    """When several arms fit the same words, say which was taken: the first in study.toml."""
    words = study.arms[chosen[0]].technique, chosen[2]
    others = [pair for pair in pairs[1:] if (study.arms[pair[0]].technique, pair[2]) == words]
    if not others:
        return ()
    return (
        f"{len(others) + 1} pairs of arms fit the claim's words; the first in study.toml was taken: "
        f"{study.arms[chosen[0]].label} and {study.arms[chosen[1]].label}.",
    )


def match_outcome(analysis, dataset, pair, who, lacks):
    """Return (instrument, visit, follow-ups): the first instrument that was measured at a visit within a window.

    Windows in order; within one, the primary visit if it lies there, else the latest. Measured means in both arms.
    """
    _match_observed_at(analysis, dataset.study, lacks)
    follow_ups = {name: _measured_visits(name, dataset, pair, who) for name in analysis.instruments}
    usable = {name: visits for name, visits in follow_ups.items() if visits and _has_start(analysis, dataset, name)}
    for name, visits in usable.items():
        for first, last in analysis.windows:
            inside_window = [visit for visit in visits if first <= visit.day <= last]
            if inside_window:
                return dataset.instrument(name), _judged(inside_window, dataset.study), tuple(visits)
    if usable:
        had = join([f"{visit.name} (day {visit.day})" for visits in usable.values() for visit in visits])
        asked = join([f"{first} to {last}" for first, last in analysis.windows], "or")
        lacks["no-time"] = f"The claim is about days {asked} after baseline; {join(usable)} was measured at {had}."
    else:
        lacks["no-instrument"] = _no_instrument(analysis, dataset, follow_ups)
    return None


def _judged(visits, study):
    primary = [visit for visit in visits if visit.name == study.primary_visit]
    return primary[0] if primary else max(visits, key=lambda visit: visit.day)


def _match_observed_at(analysis, study, lacks):
    unknown = [name for name in analysis.observed_at if name not in {visit.name for visit in study.visits}]
    if unknown:
        lacks["no-time"] = (
            f"The claim is about patients observed at {join(unknown)}; "
            f"the visits are {join([visit.name for visit in study.visits])}."
        )


def _measured_visits(name, dataset, pair, who):
    """Visits after baseline at which the instrument has values in every arm compared, of the population's patients."""
    rows = dataset.measured(name)
    arms = dataset.patients.set_index("patient")["arm"]
    rows = rows[rows["patient"].isin(who.patients)] if who.patients else rows
    seen = rows.assign(arm=rows["patient"].map(arms)).groupby("visit")["arm"].agg(set).to_dict()
    needed = set(pair[:2]) if pair else set()
    return [
        visit
        for visit in sorted(dataset.study.follow_ups, key=lambda each: each.day)
        if visit.name in seen and needed <= seen[visit.name]
    ]


def _has_start(analysis, dataset, name):
    """A share of responders needs a baseline to change from, and a threshold to reach."""
    if analysis.method != "responder":
        return True
    start = dataset.study.baseline
    measured = start is not None and (dataset.measured(name)["visit"] == start.name).any()
    return measured and threshold(analysis, dataset.instrument(name)) is not None


def threshold(analysis, instrument):
    """Return (value, `absolute` or `percent`) to improve by: the claim's own, else the instrument's; or None."""
    if analysis.threshold_value is not None:
        return analysis.threshold_value, analysis.threshold or "absolute"
    if instrument.responder is None:
        return None
    rule = analysis.threshold or instrument.responder.rule
    value = getattr(instrument.responder, rule)
    return None if value is None else (value, rule)


def missing_rule(analysis):
    """Return how missing outcomes count: as registered; where a responder claim says nothing, as not responding."""
    if analysis.method == "responder" and "missing" not in analysis.model_fields_set:
        return "non-responder"
    return analysis.missing


def _no_instrument(analysis, dataset, follow_ups):
    had = [dataset.instrument(name).name for name, visits in follow_ups.items() if visits]
    if had:
        return f"{join(had)} was measured, but without the baseline or the responder threshold that a share needs."
    names = join([dataset.instrument(name).name for name in analysis.instruments], "or")
    has = join(sorted(dataset.outcomes["instrument"].unique()))
    return f"The study did not measure {names} after baseline in the groups compared; it measured {has}."


def observed_counts(question, dataset):
    """Return arm -> patients of the question observed at the judged visit (and at all of `observed_at`)."""
    table = dataset.wide(question.instrument.id)
    needed = [question.visit.name, *question.analysis.observed_at]
    seen = table.index[table.reindex(columns=needed).notna().all(axis=1)]
    arms = dataset.patients.set_index("patient")["arm"].loc[list(question.patients)]
    return {arm: int(((arms == arm) & arms.index.isin(seen)).sum()) for arm in (question.arm, question.reference)}
