"""What would be measured of each patient in a given arm, and what of it would be seen."""

import numpy as np


def rate(measure, latent):
    """Return `latent` as the instrument records it: within its range, rounded to its step."""
    low, high, step = measure.scale
    origin = low or 0.0
    value = latent if step is None else origin + np.floor((latent - origin) / step + 0.5) * step
    return np.round(np.clip(value, low, high), 6)  # steps like 0.1 leave digits behind


def reached(measure, values, baseline, rule, threshold):
    """Return where `values` better `baseline` by the threshold: in units, or in percent of a baseline that is not 0."""
    gain = measure.better * (values - baseline)
    if rule == "absolute":
        return gain >= threshold - 1e-9
    return (gain >= threshold / 100 * np.abs(baseline) - 1e-9) & (baseline != 0)


def measured(settings, cohort, arm):
    """Return (n, T, K): every patient's values at every visit if all were in `arm` and nobody were lost."""
    values = np.empty_like(cohort.noise)
    for place, measure in enumerate(settings.measures):
        values[:, :, place] = rate(measure, latent(settings, cohort, arm, place))
    return values


def latent(settings, cohort, arm, place):
    """Return (n, T): what one instrument would show in `arm` without bounds and steps."""
    measure = settings.measures[place]
    return (measure.mean + cohort.noise[:, :, place] * _spread(settings, measure)
            + _shift(settings, measure, cohort, arm))


def asked(settings, cohort):
    """Return (n, K): True where the instrument is meant for the patient (their condition, employment)."""
    words = np.array([each.condition for each in settings.diagnoses])[cohort.diagnosis]
    if not settings.measures:  # nothing is measured at visits
        return np.ones((len(cohort), 0), bool)
    return np.column_stack([(np.isin(words, each.only) if each.only else np.ones(len(cohort), bool))
                            & (~np.array(each.employed) | (cohort.employed == 1)) for each in settings.measures])


def trait(settings, cohort, name, level):
    """Return (n,) 1 where the patient's trait (or `condition`) has this word."""
    if name == "condition":
        return np.array([float(each.condition == level) for each in settings.diagnoses])[cohort.diagnosis]
    place = [each.name for each in settings.traits].index(name)
    return (cohort.traits[:, place] == settings.traits[place].words.index(level)).astype(float)


def first_of(values):
    """Return (n, T): the instrument that drop-out rests on; zeros where nothing is measured at visits."""
    return values[:, :, 0] if values.shape[2] else np.zeros(values.shape[:2])


def attended(settings, cohort, arm, pain):
    """Return (n, T): True at visits the patient comes to. `arm`: one name, or one a patient.

    Who stays depends on the arm and on the last pain score that was seen (`pain`, (n, T)) and on nothing else, so
    pain is missing at random given what was observed. Some visits are missed by chance; baseline never is.
    """
    names = np.broadcast_to(np.asarray(arm), len(cohort))
    willing = np.array([settings.arms[name].drop_out for name in names])
    there, left, last = np.ones(pain.shape, bool), np.zeros(len(cohort), bool), pain[:, 0]
    for visit in range(1, pain.shape[1]):
        risk = 1 / (1 + np.exp(-(willing + settings.pain_slope * (last - 5))))
        left = left | (cohort.leave[:, visit] < risk)
        there[:, visit] = ~left & (cohort.miss[:, visit] >= settings.missed)
        last = np.where(there[:, visit], pain[:, visit], last)
    return there


def seen(settings, cohort, there):
    """Return (n, T, K): True where a value is in the files: asked, attended and not skipped."""
    skipped = np.array([each.skipped for each in settings.measures])
    skip = cohort.skip < skipped
    # what is asked at baseline is answered there
    skip[:, 0] = np.array([not each.at_baseline for each in settings.measures], bool)
    planned = np.array([[not each.visits or visit.name in each.visits for each in settings.measures]
                        for visit in settings.visits], bool)
    return there[:, :, None] & asked(settings, cohort)[:, None, :] & planned & ~skip


def _spread(settings, measure):
    return np.array([measure.sd * (measure.spread if visit.day else 1) for visit in settings.visits])


def _shift(settings, measure, cohort, arm):
    """(n, T): natural course, the arm's true effect, its modifier, and the therapist's part in treated arms."""
    course = np.array([visit.course for visit in settings.visits])
    reached = np.array([visit.effect for visit in settings.visits])
    effect = measure.effects.get(arm, 0.0) + measure.slopes.get(arm, 0.0) * (cohort.months - settings.centre_months)
    for each in measure.extra:
        if each.arm == arm:
            effect = effect + each.value * trait(settings, cohort, each.trait, each.level)
    if settings.arms[arm].treated:
        effect = effect + measure.better * measure.sd * measure.spread * np.sqrt(measure.therapists) * cohort.skill
    return measure.natural * course + np.multiply.outer(effect, reached)
