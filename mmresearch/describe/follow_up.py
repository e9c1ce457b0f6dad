"""What was observed, when: flow of patients, missing values, means over time."""

from mmresearch.describe.groups import chosen, count_arms, finite
from mmresearch.describe.records import Course, CoursePoint, Flow, Missing, MissingShare, Step

LEVEL = 0.95


def flow(dataset):
    """Return the Flow: patients in the analysis set, then those with any outcome at each visit, by arm."""
    arms = count_arms(dataset)
    steps = [Step("In the analysis set", None, tuple(arm.n for arm in arms))]
    seen = _visits_seen(dataset)
    for visit in sorted(dataset.study.visits, key=lambda visit: visit.day):
        here = seen[seen["visit"] == visit.name].groupby("arm")["patient"].nunique()
        steps.append(Step(visit.name, visit.day, tuple(int(here.get(arm.name, 0)) for arm in arms)))
    return Flow(arms, tuple(steps), tuple(dataset.exclusions.items()))


def missing(dataset):
    """Return the Missing: for every instrument and visit at which it was measured at all, values missing by arm.

    Expected are the patients with a value of the instrument at any visit: a questionnaire on backs is not given to
    patients with headache, and those are not missing.
    """
    arms = count_arms(dataset)
    seen = _visits_seen(dataset)
    given = seen.groupby(["instrument", "arm"])["patient"].nunique()
    counts = seen.groupby(["instrument", "visit", "arm"])["patient"].nunique()
    planned = {pair for pair in zip(seen["instrument"], seen["visit"])}
    rows = [MissingShare(name, dataset.instrument(name).name, visit.name, visit.day, arm.name,
                         int(given.get((name, arm.name), 0)),
                         int(counts.get((name, visit.name, arm.name), 0)))
            for name in seen["instrument"].unique() for visit in dataset.study.visits
            if (name, visit.name) in planned for arm in arms]
    return Missing(arms, tuple(rows))


def course(dataset, instrument, arms=None, patients=None):
    """Return the Course of an instrument: n, mean, SD, SE and 95% interval by arm and visit.

    arms: names to show, default all; patients: pseudonyms to restrict to. Raises UsageError for an unknown instrument.
    """
    known = dataset.instrument(instrument)
    shown = _shown(dataset, arms, patients)
    values, periods = dataset.measured(instrument), {visit.name: visit.period for visit in dataset.study.visits}
    values = dataset.with_arms(values.assign(period=values["visit"].map(periods)))
    values = values[values["patient"].isin(chosen(dataset, patients)["patient"])]
    days = {visit.name: visit.day for visit in dataset.study.visits}
    points = [_point(arm.name, visit, days[visit], rows["value"].astype(float))
              for arm in shown for visit, rows in values[values["arm"] == arm.name].groupby("visit", sort=False)]
    return Course(known.id, known.name, known.measures, known.unit, known.better, known.low, known.high,
                  shown, _ordered(points, shown))


def session_course(dataset, instrument, arms=None, patients=None):
    """Return the Course along sessions: the mean change from before to after each, by arm and number of the session.

    arms, patients: as for `course`. Without points where nothing was measured both before and after a session.
    """
    known, keys = dataset.instrument(instrument), ["patient", "session"]
    shown, rows = _shown(dataset, arms, patients), dataset.outcomes_of(instrument)
    rows = rows[rows["session"].notna()]
    rows = rows[rows["patient"].isin(chosen(dataset, patients)["patient"])]
    before, after = (rows[rows["moment"] == moment] for moment in ("before", "after"))
    both = dataset.with_arms(before[[*keys, "period", "value"]].merge(after[[*keys, "value"]], on=keys))
    both["change"] = both["value_y"] - both["value_x"]
    points = [_point(arm.name, f"session {number:g}", int(number), part["change"].astype(float))
              for arm in shown for number, part in both[both["arm"] == arm.name].groupby("session")]
    return Course(known.id, known.name, f"change in {known.measures} within a session", known.unit, known.better,
                  None, None, shown, _ordered(points, shown), along="sessions")


def _shown(dataset, arms, patients):
    return tuple(arm for arm in count_arms(dataset, patients) if arms is None or arm.name in arms)


def _ordered(points, shown):
    names = [arm.name for arm in shown]
    return tuple(sorted(points, key=lambda point: (point.day, names.index(point.arm))))


def _point(arm, visit, day, values):
    from scipy.stats import t

    n, mean, sd = len(values), finite(values.mean()), finite(values.std(ddof=1))
    if sd is None:
        return CoursePoint(arm, visit, day, n, mean, None, None, None, None)
    se = sd / n ** 0.5
    half = float(t.ppf(0.5 + LEVEL / 2, n - 1)) * se
    return CoursePoint(arm, visit, day, n, mean, sd, se, mean - half, mean + half)


def _visits_seen(dataset):
    rows = dataset.outcomes
    rows = rows[rows["visit"].notna() & rows["session"].isna()]
    return rows[["patient", "visit", "instrument"]].merge(dataset.patients[["patient", "arm"]], on="patient")
