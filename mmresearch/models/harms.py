"""Method `harms`: adverse events of a grade or worse, per session, or as the share of patients with one.

rate             events per session in one arm, exact interval; a patient's (and therapist's) sessions count for
                 fewer where they resemble each other (Korn and Graubard's effective number)
risk-difference  shares of patients with an event, score interval (Miettinen and Nurminen), mid-p where events are few
rate-ratio       events per session, arm over reference: log ratio with clusters as units, exact mid-p where events
                 are few
"""

import math
from dataclasses import replace

import numpy as np
from scipy import stats

from mmresearch.estimate import Lack
from mmresearch.models import harm_words, rates
from mmresearch.models.adverse_events import WORDS, gather_events, reached
from mmresearch.models.analysis_set import tell_therapists
from mmresearch.models.assembly import assemble
from mmresearch.models.clusters import shared, therapist_labels
from mmresearch.models.inference import Ratio, p_value
from mmresearch.models.least_squares import Fitted
from mmresearch.models.question import ask
from mmresearch.models.tails import Conditional, Exact, Score
from mmresearch.models.troubles import FEW_EVENTS, trouble

UNITS = {"rate": "per session", "risk-difference": "proportion", "rate-ratio": "rate ratio"}


def fit(claim, dataset):
    """Return the Estimate of how often adverse events happened, or the Lack.

    Events of the claim's `cutoff` grade or worse (any grade without one), within its window.
    """
    question = ask(claim, dataset)
    if isinstance(question, Lack):
        return question
    events, cutoff, level = gather_events(question, dataset), question.analysis.cutoff or 1, 1 - dataset.study.alpha
    fitted, interval, p, beside = FITS[question.analysis.measure](question, events, cutoff, level)
    patients = {arm: int((events.people["arm"] == arm).sum()) for arm in question.arms}
    labels = {name: arm.label for name, arm in dataset.study.arms.items()}
    estimate = assemble(
        question,
        dataset,
        None,
        replace(fitted, n=patients, without="no record of adverse events within the claim's days"),
        interval=interval,
        p=p,
        events=harm_words.counted_events(question, events, cutoff),
        robustness=beside,
        derived=harm_words.derived(question, events, cutoff, level, labels),
        troubles=_ungraded(events),
        said=(f"Grades come from {events.source}.", *events.said,
              *tell_therapists(events.sessions if len(events.sessions) else events.people, question.arms,
                               dataset.study)),
        unit=UNITS[question.analysis.measure],
    )
    return replace(estimate, outcome=WORDS[int(cutoff)])


def session_table(events, arm, cutoff):
    """Return (events, sessions, patients, therapists): arrays, one entry a patient and therapist of the arm."""
    rows = events.sessions[events.sessions["arm"] == arm]
    happened = reached(rows["grade"], cutoff)
    keys = rows["therapist"].astype("object").where(rows["therapist"].notna(), "")
    table = happened.groupby([rows["patient"], keys]).agg(["sum", "size"]).reset_index()
    return (
        table["sum"].to_numpy(float),
        table["size"].to_numpy(float),
        table["patient"].to_numpy(),
        table["therapist"].to_numpy(),
    )


def effective_sessions(table, level):
    """Return (effective number, what varies in it, df, standard error, therapists looked at) of a table of sessions.

    The smaller of the numbers with patients and with therapists as the units that vary.
    """
    events, totals, patients, therapists = table
    found = [("patients", patients)]
    if len(set(therapists) - {""}) > 1 and len(set(patients)) > len(set(therapists)):
        found.append(("therapists", _own_where_none(therapists, patients)))
    sizes = {word: rates.effective(events, totals, labels, level) for word, labels in found}
    word = min(sizes, key=sizes.get)
    share, variance, df = rates.ratio_share(events, totals, dict(found)[word])
    plain = share * (1 - share) / sizes[word]
    return sizes[word], word, df, math.sqrt(max(variance or 0.0, float(plain))), len(found) > 1


def _own_where_none(therapists, patients):
    return np.array([str(one) or f"patient {other}" for one, other in zip(therapists, patients, strict=True)])


def _rate(question, events, cutoff, level):
    """Events per session of one arm."""
    table = session_table(events, question.arm, cutoff)
    if not len(table[0]):
        return (
            _impossible("Sessions are not recorded with their adverse events, so there is no rate per session."),
            None,
            None,
            (),
        )
    happened, total = table[0].sum(), table[1].sum()
    size, units, _, error, clustered = effective_sessions(table, level)
    contrast = Exact(float(happened / total), error, None, float(happened / total * size), size)
    how = (
        f"events per session; Clopper-Pearson interval on {size:.0f} effective of {total:.0f} sessions "
        f"(Korn and Graubard; {units} as units)"
    )
    fitted = Fitted(
        contrast, how, {}, clustered=clustered, troubles=(*_nothing(happened, table), *_few_repeats(happened))
    )
    beside = harm_words.other_intervals(happened, total, level)
    return fitted, contrast.interval(level), p_value(contrast, question), beside


def _nothing(happened, table):
    if happened:
        return ()
    people = len(set(table[2]))
    return (
        trouble(
            "no-events",
            f"No such event in {table[1].sum():.0f} sessions of {people} patients: how much patients "
            "or therapists differ is unknown, and the bound takes sessions as independent.",
        ),
    )


def _few_repeats(happened):
    if not 0 < happened < FEW_EVENTS:
        return ()
    return (
        trouble(
            "repeats-few",
            f"Only {happened:.0f} such event{'s' * int(happened > 1)}: how much patients or therapists "
            "differ is barely known.",
        ),
    )


def _risk_difference(question, events, cutoff, level):
    """Shares of patients with an event, arm minus reference."""
    parts = [_patients_with(events, arm, cutoff) for arm in question.arms]
    counts, clustered = [], False
    for happened, therapists in parts:
        share, size = float(happened.mean()), float(len(happened))
        if shared(therapists):
            size, clustered = (
                rates.effective(happened, np.ones(len(happened)), therapist_labels(therapists), level),
                True,
            )
        counts += [share * size, size]
    point = parts[0][0].mean() - parts[1][0].mean()
    low, high = rates.miettinen_nurminen(*counts, level)
    error = (high - low) / 2 / float(stats.norm.ppf(0.5 + level / 2))
    contrast = Score(float(point), error, None, tuple(counts))
    raw = [value for happened, _ in parts for value in (int(happened.sum()), len(happened))]
    few = min(raw[0], raw[1] - raw[0], raw[2], raw[3] - raw[2]) < FEW_EVENTS
    plain = question.analysis.hypothesis == "superiority" and not question.analysis.null
    exact = few and plain and not clustered
    p = rates.fisher_mid_p(*raw) if exact else p_value(contrast, question)
    how = (
        "risk difference; Miettinen-Nurminen score interval"
        + (", Fisher mid-p" if exact else ", score test")
        + ("; therapists' patients count for fewer (Korn and Graubard)" if clustered else "")
    )
    troubles = (
        trouble(
            "few-events",
            f"Few patients decide this: {raw[0]} of {raw[1]} had such an event, against {raw[2]} of {raw[3]}.",
        ),
    ) * few
    return Fitted(contrast, how, {}, clustered=clustered, troubles=troubles), (low, high), p, ()


def _patients_with(events, arm, cutoff):
    people = events.people[events.people["arm"] == arm]
    return reached(people["grade"], cutoff).to_numpy(), people["therapist"]


def _rate_ratio(question, events, cutoff, level):
    """Events per session, arm over reference."""
    tables = [session_table(events, arm, cutoff) for arm in question.arms]
    if not all(len(table[0]) for table in tables):
        return _impossible("One of the groups has no sessions with a record of adverse events."), None, None, ()
    counts = [float(value) for table in tables for value in (table[0].sum(), table[1].sum())]
    if 0 in (counts[0], counts[2]):
        said = f"{counts[0]:.0f} events against {counts[2]:.0f}: a ratio of rates needs at least one in each group."
        return _impossible(said), None, None, ()
    point = counts[0] / counts[1] / (counts[2] / counts[3])
    sizes = [effective_sessions(table, level) for table in tables]
    errors = [
        (each[3] / share, each[2])
        for each, share in zip(sizes, (counts[0] / counts[1], counts[2] / counts[3]), strict=True)
    ]
    variance = sum(error**2 for error, _ in errors)
    df = variance**2 / sum(error**4 / df for error, df in errors) if all(df for _, df in errors) else None
    contrast = Ratio(point, math.sqrt(variance), df)
    if min(counts[0], counts[2]) >= FEW_EVENTS and df:
        how = f"ratio of events per session; patients or therapists as units, {df:.1f} Satterthwaite degrees of freedom"
        return (
            Fitted(contrast, how, {}, clustered=any(each[4] for each in sizes)),
            contrast.interval(level),
            p_value(contrast, question),
            (),
        )
    low, high = rates.rate_ratio(*counts, level)
    said = (*_few_repeats(min(counts[0], counts[2])),)
    fitted = Fitted(contrast, "ratio of events per session; exact mid-p, sessions as units", {}, troubles=said)
    return fitted, (low, high), p_value(Conditional(point, 1.0, None, tuple(counts)), question), ()


def _impossible(sentence):
    return Fitted(None, "nothing could be estimated", {}, troubles=(trouble("not-estimable", sentence),))


def _ungraded(events):
    if not events.ungraded:
        return ()
    return (
        trouble(
            "ungraded-events",
            f"{events.ungraded} adverse events have no grade that is known: they count as "
            "reaching the grade asked about. Say under `values` in study.toml what each word means.",
        ),
    )


FITS = {"rate": _rate, "risk-difference": _risk_difference, "rate-ratio": _rate_ratio}
