"""Matches a registered claim's words to a study's: arms, instrument and visit, in the claim's order of preference.

Each function adds to `lacks` (code -> sentence) what the study does not have, and what it has instead.
"""

from dataclasses import dataclass, field

import pandas as pd

from mmresearch.codebook import Instrument, codebook
from mmresearch.models.needs import NEEDS, PLACES
from mmresearch.models.places import measured_rows
from mmresearch.models.sharing import once
from mmresearch.models.wording import inside, join
from mmresearch.study import Visit

WHERE = {**PLACES, "visit": "after baseline"}
NOTHING = pd.DataFrame(columns=["patient", "visit", "day", "arm"])


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


@dataclass(frozen=True)
class Outcome:
    """What a study measured that answers a claim.

    visit       the judged one, and follow_ups all with this instrument in every arm compared; None and () elsewhere
    window      days since baseline, first and last: the claim's first in which it was measured
    recorded    patients with any value of the instrument; observed: those with what is judged
    """

    instrument: Instrument
    visit: Visit | None
    follow_ups: tuple
    window: tuple
    recorded: frozenset = field(repr=False)
    observed: frozenset = field(repr=False)


def match_outcome(analysis, dataset, pair, who, lacks):
    """Return the Outcome: the first instrument that was measured, at its method's place, within a window.

    Windows in order. At visits, the primary visit if it lies in the window, else the latest. Measured means in every
    arm compared.
    """
    _match_observed_at(analysis, dataset.study, lacks)
    rows = {name: _rows_in_every_arm(name, analysis, dataset, pair, who) for name in analysis.instruments}
    usable = {name: found for name, found in rows.items() if len(found) and _has_start(analysis, dataset, name)}
    for name, found in usable.items():
        for window in analysis.windows:
            outcome = _outcome(name, analysis, dataset, found, window, pair)
            if outcome:
                return outcome
    if usable:
        lacks["no-time"] = _no_time(analysis, dataset, usable)
    else:
        lacks["no-instrument"] = _no_instrument(analysis, dataset, rows)
    return None


def _rows_in_every_arm(name, analysis, dataset, pair, who):
    """The rows that count as measured, of the population's patients in the arms compared; none if an arm has none."""
    place = NEEDS[analysis.method].place
    if place != "event" and not len(dataset.outcomes_of(name)):  # most claims are about something else
        return NOTHING
    rows = once(dataset, ("measured", place, name, bool(analysis.comparators)),
                lambda: dataset.with_arms(measured_rows(place, analysis, dataset, name)))
    arms = frozenset(_arms(pair))
    return once(dataset, ("measured in every arm", place, name, bool(analysis.comparators), arms, who.patients),
                lambda: _in_every_arm(rows, place, arms, dataset, who))


def _in_every_arm(rows, place, arms, dataset, who):
    if who.patients and len(who.patients) < len(dataset.patients):
        rows = rows[rows["patient"].isin(who.patients)]
    if place == "visit":  # an arm must have been measured at the visit itself
        met = set(rows[["visit", "arm"]].drop_duplicates().itertuples(index=False, name=None))
        kept = [visit for visit in rows["visit"].unique() if all((visit, arm) in met for arm in arms)]
        return rows[rows["visit"].isin(kept)]
    return rows if arms <= set(rows["arm"].unique()) else rows.iloc[:0]


def _arms(pair):
    return {arm for arm in pair[:2] if arm is not None} if pair else set()


def _outcome(name, analysis, dataset, rows, window, pair):
    """Return the Outcome of one instrument in one window, or None where it was not measured there in every arm."""
    first, last = window
    place, instrument = NEEDS[analysis.method].place, dataset.instrument(name)
    recorded = recorded_patients(place, dataset, name)
    if place == "visit":
        had = set(rows["visit"].unique())
        visits = tuple(sorted((each for each in dataset.study.visits if each.name in had), key=lambda each: each.day))
        inside_window = [visit for visit in visits if first <= visit.day <= last]
        if not inside_window:
            return None
        visit = _judged(inside_window, dataset.study)
        follow_ups = tuple(each for each in visits if each.day > 0)
        return Outcome(instrument, visit, follow_ups, window, recorded, _seen_at(dataset, name, visit, analysis))
    long_enough = rows["day"] >= first  # a time needs a follow-up that reaches the window, and may last longer
    near = rows[long_enough] if place == "time" else rows[rows["day"].isna() | rows["day"].between(first, last)]
    if not len(near) or not _arms(pair) <= set(near["arm"].unique()):
        return None
    seen = rows if place == "time" else near
    return Outcome(instrument, None, (), window, recorded, frozenset(seen["patient"]))


def recorded_patients(place, dataset, name):
    """Return the patients with any value of an instrument; at visits those within sessions do not count."""
    if place == "event":  # a session without an event is a record of it
        return frozenset(dataset.patients["patient"])
    rows = dataset.measured(name) if place == "visit" else dataset.outcomes_of(name)
    return frozenset(rows["patient"].unique())


def _seen_at(dataset, name, visit, analysis):
    table = dataset.wide(name).reindex(columns=[visit.name, *analysis.observed_at])
    return frozenset(table.index[table.notna().all(axis=1)])


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


def _has_start(analysis, dataset, name):
    """A share of responders needs a baseline to change from and a threshold to reach; a change, its baseline."""
    need = NEEDS[analysis.method].start
    reachable = threshold(analysis, dataset.instrument(name)) is not None
    if need == "none" or (need == "threshold-or-cutoff" and not reachable):
        return need == "none" or analysis.cutoff is not None
    start = dataset.study.baseline
    measured = start is not None and (dataset.measured(name)["visit"] == start.name).any()
    return bool(measured and (need == "baseline" or reachable))


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


def _no_time(analysis, dataset, usable):
    asked = join([f"{first} to {last}" for first, last in analysis.windows], "or")
    days = {visit.name: visit.day for visit in dataset.study.visits}
    if NEEDS[analysis.method].place == "visit":
        names = dict.fromkeys(name for rows in usable.values() for name in rows.sort_values("day")["visit"])
        had = f"measured at {join([f'{name} (day {days[name]})' for name in names])}"
    elif NEEDS[analysis.method].place == "time":
        had = "followed for a shorter time"
    else:  # the first and the last day would be a patient's own
        known = any(rows["day"].notna().any() for rows in usable.values())
        had = f"measured on {'other days' if known else 'no known day'}"
    return f"The claim is about days {asked} after baseline; {join(usable)} was {had}."


def _no_instrument(analysis, dataset, rows):
    had = [dataset.instrument(name).name for name, found in rows.items() if len(found)]
    if had:
        needed = "the baseline" if NEEDS[analysis.method].start == "baseline" else (
            "the baseline or the responder threshold that a share needs")
        return f"{join(had)} was measured, but without {needed}."
    names = join([dataset.instrument(name).name for name in analysis.instruments], "or")
    has = join(sorted(dataset.outcomes["instrument"].unique()))
    where = WHERE[NEEDS[analysis.method].place]
    groups = "in the groups compared" if analysis.comparators else "in the group the claim is about"
    return f"The study did not measure {names} {where} {groups}; it measured {has}."


def observed_counts(question, dataset):
    """Return arm -> patients of the question observed at what is judged (and at all of `observed_at`)."""
    seen = question.observed.intersection(question.patients)
    return {arm: len(dataset.of_arm(arm) & seen) for arm in question.arms}
