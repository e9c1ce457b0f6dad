"""What stands beside an estimate of harms: counts by arm, other grades, upper bounds when nothing happened."""

from mmresearch.estimate import Derived, Robustness
from mmresearch.models import rates
from mmresearch.models.adverse_events import WORDS, reached


def counted_events(question, events, cutoff):
    """Return arm -> (events, sessions) for rates, (patients with an event, patients) for shares."""
    shares = question.analysis.measure == "risk-difference"
    table = events.people if shares else events.sessions
    made = {}
    for arm in question.arms:
        grades = table.loc[table["arm"] == arm, "grade"]
        if len(grades):
            made[arm] = int(reached(grades, cutoff).sum()), len(grades)
    return made


def derived(question, events, cutoff, level, labels):
    """Return what a reader wants beside the number: all grades, serious ones, patients concerned, the other arms."""
    made = []
    for grade in (1, 3):
        if grade != cutoff:
            made += _per_session(events, question.arm, grade, level, labels)
    made += _patients(events, question.arm, cutoff, level, labels)
    made += _bound(events, question.arm, cutoff)
    others = [arm for arm in labels if arm not in question.arms]
    for arm in others:
        made += _against(events, question.arm, arm, cutoff, level, labels)
    return tuple(made)


def other_intervals(happened, total, level):
    """The same rate with every session its own unit: exact, and exact with mid-p."""
    point = happened / total
    return (
        Robustness(
            "sessions as independent, Clopper-Pearson interval", point, *rates.clopper_pearson(happened, total, level)
        ),
        Robustness("sessions as independent, mid-p interval", point, *rates.mid_p_interval(happened, total, level)),
    )


def _per_session(events, arm, grade, level, labels):
    grades = events.sessions.loc[events.sessions["arm"] == arm, "grade"]
    if not len(grades):
        return
    happened, total = int(reached(grades, grade).sum()), len(grades)
    low, high = rates.clopper_pearson(happened, total, level)
    text = (
        f"{labels[arm]}: {happened} {WORDS[grade]} in {total} sessions, {100 * happened / total:.2g}% "
        f"({100 * low:.2g} to {100 * high:.2g}%, sessions as independent)."
    )
    yield Derived(f"rate-grade-{grade}", happened / total, low, high, "per session", text)


def _patients(events, arm, cutoff, level, labels):
    grades = events.people.loc[events.people["arm"] == arm, "grade"]
    if not len(grades):
        return
    happened, total = int(reached(grades, cutoff).sum()), len(grades)
    low, high = rates.clopper_pearson(happened, total, level)
    text = (
        f"{labels[arm]}: {happened} of {total} patients had {WORDS[int(cutoff)]}, "
        f"{100 * happened / total:.2g}% ({100 * low:.2g} to {100 * high:.2g}%)."
    )
    yield Derived("patients-with-event", happened / total, low, high, "proportion", text)


def _bound(events, arm, cutoff):
    """The rule of three, over sessions and, in case all of a patient's sessions are alike, over patients."""
    rows = events.sessions[events.sessions["arm"] == arm]
    if not len(rows) or reached(rows["grade"], cutoff).any():
        return
    people = rows["patient"].nunique()
    bound, wide = rates.rule_of_three(len(rows)), rates.rule_of_three(people)
    text = (
        f"None in {len(rows)} sessions: with 95% confidence fewer than {100 * bound:.2g}% of sessions (about 3 in "
        f"{len(rows)}); taking patients as the units, fewer than {100 * wide:.2g}% (about 3 in {people})."
    )
    yield Derived("rule-of-three", 0.0, 0.0, bound, "per session", text)


def _against(events, arm, other, cutoff, level, labels):
    """The arm against another in which sessions were recorded too, however it was allocated: exact, mid-p."""
    counts = []
    for name in (arm, other):
        grades = events.sessions.loc[events.sessions["arm"] == name, "grade"]
        counts += [int(reached(grades, cutoff).sum()), len(grades)]
    if 0 in counts:
        return
    low, high = rates.rate_ratio(*counts, level)
    point = counts[0] / counts[1] / (counts[2] / counts[3])
    text = (
        f"Against {labels[other]} ({counts[2]} in {counts[3]} sessions): {point:.2f} times as often ({low:.2f} to "
        f"{high:.2f}, exact with mid-p, sessions as independent)."
    )
    yield Derived(f"rate-ratio-{other}", point, low, high, "rate ratio", text)
