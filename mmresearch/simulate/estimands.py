"""Further truths, a function each: what a number would be had a large population been followed in every arm.

Every function yields Statistics of one Crowd: the keys of a row, whom it is about, and how it is computed from any of
its patients. Its Monte Carlo error is the spread over parts of the population.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from mmresearch.codebook import codebook
from mmresearch.simulate.ratings import measured, rate, reached
from mmresearch.simulate.regressions import proportional_odds, split
from mmresearch.simulate.treatment import GRADE_SHARES, around
from mmresearch.simulate.waits import forestalled_in, times_in

PARTS, FEWEST = 20, 200  # parts of a population for the Monte Carlo error; patients below which nothing is said
PARTNERS = 4  # colleagues each patient is paired with under one therapist
CHRONIC = 3  # months


@dataclass(frozen=True)
class Statistic:
    """measure, instrument, visit, arm, reference, detail: the row's keys; about (n,): whom; value: rows -> number."""

    measure: str
    instrument: str
    visit: str | None
    arm: str
    reference: str | None
    detail: str
    about: np.ndarray = field(repr=False)
    value: Callable = field(repr=False)

    def row(self, population, belongs):
        """Return the row of one population ((n,) True where a patient belongs), or None where it has too few."""
        rows = np.flatnonzero(belongs & self.about)
        if len(rows) < FEWEST:
            return None
        whole, parts = self.value(rows), [self.value(part) for part in np.array_split(rows, PARTS)]
        if not np.isfinite(whole):
            return None
        return {"measure": self.measure, "instrument": self.instrument, "visit": self.visit, "arm": self.arm,
                "reference": self.reference, "population": population, "detail": self.detail,
                "value": whole, "patients": len(rows),
                "se": float(np.std(parts, ddof=1) / np.sqrt(PARTS)) if np.ptp(parts) else 0.0}


def _primary(crowd):
    names = [visit.name for visit in crowd.settings.visits]
    return names.index(crowd.settings.primary_visit)


def _of_kind(crowd, *kinds):
    """Yield (place, measure, place of the visit, its name) of instruments of these kinds at the primary visit."""
    visit = _primary(crowd)
    for place, measure in enumerate(crowd.settings.measures):
        name = crowd.settings.visits[visit].name
        if codebook().instruments[measure.instrument].kind in kinds and (not measure.visits or name in measure.visits):
            yield place, measure, visit, name


def rate_ratios(crowd):
    for place, measure, visit, name in _of_kind(crowd, "count"):
        for arm, other in crowd.settings.pairs:
            pair = crowd.at(arm, visit, place), crowd.at(other, visit, place)
            yield Statistic("rate-ratio", measure.instrument, name, arm, other, "", crowd.asked[:, place],
                            lambda rows, pair=pair: pair[0][rows].mean() / pair[1][rows].mean())


def mean_ratios(crowd):
    visit, everyone = _primary(crowd), np.ones(len(crowd.cohort), bool)
    for arm, other in crowd.settings.pairs if crowd.doses else ():
        pair = crowd.doses[arm][:, visit], crowd.doses[other][:, visit]
        yield Statistic("mean-ratio", "MME", crowd.settings.primary_visit, arm, other, "", everyone,
                        lambda rows, pair=pair: pair[0][rows].mean() / pair[1][rows].mean())


def odds_ratios(crowd):
    for place, measure, visit, name in _of_kind(crowd, "ordinal"):
        for arm, other in crowd.settings.pairs:
            def value(rows, place=place, visit=visit, measure=measure, arm=arm, other=other):
                outcome = np.concatenate([crowd.at(each, visit, place)[rows] for each in (arm, other)])
                columns = [np.repeat([1.0, 0.0], len(rows))]
                if measure.at_baseline:
                    columns.append(np.tile(crowd.at(arm, 0, place)[rows], 2))
                codes = np.unique(outcome, return_inverse=True)[1]
                return float(np.exp(proportional_odds(codes, np.column_stack(columns))[0]))

            detail = "adjusted for its baseline" if measure.at_baseline else "not adjusted"
            yield Statistic("odds-ratio", measure.instrument, name, arm, other, detail, crowd.asked[:, place], value)


def restricted_means(crowd):
    for wait in crowd.settings.waits:
        happens, else_ = crowd.stream(f"wait {wait.instrument}").random((2, len(crowd.cohort)))
        stops, horizon = forestalled_in(wait, else_), wait.follow_up
        real = {arm: times_in(wait, arm, happens) for arm in crowd.settings.arms}
        days = {arm: np.where(each <= stops, np.minimum(np.ceil(each), horizon), horizon) for arm, each in real.items()}
        about = np.isin(crowd.people["condition"], wait.only) if wait.only else np.ones(len(happens), bool)
        for arm, other in crowd.settings.pairs:
            gap = days[arm] - days[other]
            yield Statistic("rmst-difference", wait.instrument, None, arm, other, f"over {horizon:g} days", about,
                            lambda rows, gap=gap: float(gap[rows].mean()))


def session_changes(crowd):
    settings, n = crowd.settings, len(crowd.cohort)
    for each in settings.within:
        random = crowd.stream(f"within {each.instrument}")
        level, noise = each.mean + each.sd * random.standard_normal(n), random.standard_normal((2, n))
        moved = {}
        for arm in settings.arms:
            before, after = around(settings, each, level, crowd.cohort.skill, np.full(n, arm), noise)
            moved[arm] = after - before
        for arm, other in settings.pairs:
            gap = moved[arm] - moved[other]
            yield Statistic("mean-difference", each.instrument, None, arm, other, "after a session", np.ones(n, bool),
                            lambda rows, gap=gap: float(gap[rows].mean()))


def shares(crowd):
    """The share of an arm that betters its baseline by the responder threshold, had all been measured."""
    visit = _primary(crowd)
    for place, measure in enumerate(crowd.settings.measures):
        rule = codebook().instruments[measure.instrument].responder
        if rule is None or not measure.at_baseline:
            continue
        for arm, group in crowd.settings.arms.items():
            if group.treated:
                hit = reached(measure, crowd.at(arm, visit, place), crowd.at(arm, 0, place), rule.rule,
                              getattr(rule, rule.rule))
                yield Statistic("proportion", measure.instrument, crowd.settings.primary_visit, arm, None, rule.rule,
                                crowd.asked[:, place], lambda rows, hit=hit: float(hit[rows].mean()))


def event_rates(crowd):
    """Adverse events a session, of a grade or worse: the arm's chance and the shares of grades, without simulation."""
    everyone = np.ones(len(crowd.cohort), bool)
    for arm, group in crowd.settings.arms.items() if crowd.settings.events else ():
        for grade in (1, 2, 3) if group.comes else ():
            rate_ = group.adverse_event * sum(GRADE_SHARES[grade - 1:])
            yield Statistic("rate", "AE", None, arm, None, f"grade {grade} or worse", everyone,
                            lambda rows, rate_=rate_: rate_)


def kappas(crowd):
    """Two raters' agreement beyond chance at baseline, of one value they both judge with errors of their own."""
    for place, measure in enumerate(crowd.settings.measures):
        if measure.rater_sd is None:
            continue
        random, n = crowd.stream(f"raters {measure.instrument}"), len(crowd.cohort)
        seen = measure.mean + measure.sd * crowd.cohort.noise[:, 0, place]
        first, second = (rate(measure, seen + measure.rater_sd * measure.sd * random.standard_normal(n))
                         for _ in range(2))

        def value(rows, first=first, second=second):
            agree = (first[rows] == second[rows]).mean()
            chance = sum((first[rows] == code).mean() * (second[rows] == code).mean() for code in np.unique(first))
            return float((agree - chance) / (1 - chance))

        yield Statistic("kappa", measure.instrument, crowd.settings.visits[0].name, next(iter(crowd.settings.arms)),
                        None, "two raters", crowd.asked[:, place], value)


def therapist_variances(crowd):
    """The covariance of patients who share a therapist and nothing else."""
    settings, visit, n = crowd.settings, _primary(crowd), len(crowd.cohort)
    if not settings.measures or settings.measures[0].instrument != "NRS":
        return
    places = np.random.default_rng(crowd.seed).permutation(n)
    for arm in (name for name, group in settings.arms.items() if group.treated):
        own, others = crowd.at(arm, visit, 0), []
        for step in range(1, PARTNERS + 1):
            colleague = replace(crowd.cohort.take(np.roll(places, step)[np.argsort(places)]), skill=crowd.cohort.skill)
            others.append(measured(settings, colleague, arm)[:, visit, 0])
        other = np.mean(others, axis=0)
        yield Statistic("variance", "NRS", settings.primary_visit, arm, None, "therapist", np.ones(n, bool),
                        lambda rows, own=own, other=other: float(np.cov(own[rows], other[rows])[0, 1]))


def group_variances(crowd):
    """The variance, between conditions or the words of a trait, of an arm's mean and of a difference of arms."""
    settings, visit = crowd.settings, _primary(crowd)
    traits = ["condition"] * (len(settings.diagnoses) > 1) + [each.name for each in settings.traits]
    for trait in traits:
        codes = np.unique(crowd.people[trait], return_inverse=True)[1]
        for place, measure in enumerate(settings.measures):
            if measure.instrument == "NRS":
                for arm, other in settings.pairs:
                    gap = crowd.at(arm, visit, place) - crowd.at(other, visit, place)
                    yield _between("NRS", settings.primary_visit, arm, other, trait, gap, codes)
            if measure.instrument == "FREQUENCY":
                for arm in settings.arms:
                    start = settings.visits[0].name
                    yield _between("FREQUENCY", start, arm, None, trait, crowd.at(arm, 0, place), codes)


def _between(instrument, visit, arm, reference, trait, values, codes):
    def value(rows):
        counts = np.bincount(codes[rows])
        means = np.bincount(codes[rows], values[rows])[counts > 0] / counts[counts > 0]
        return float(np.var(means, ddof=1)) if len(means) > 1 else 0.0

    return Statistic("variance", instrument, visit, arm, reference, trait, np.ones(len(values), bool), value)


def contrasts(crowd):
    """How much more the arms differ in some than in others: by a trait with two words, by how long it has lasted."""
    settings, visit = crowd.settings, _primary(crowd)
    cuts = {each.name: crowd.people[each.name].to_numpy() == sorted(each.words)[-1] for each in settings.traits
            if len(each.words) == 2}
    cuts[f"duration_months >= {CHRONIC}"] = crowd.people["duration_months"].to_numpy() >= CHRONIC
    for place, measure in enumerate(settings.measures):
        for (arm, other), (name, inside) in ((pair, cut) for pair in settings.pairs for cut in cuts.items()):
            gap = crowd.at(arm, visit, place) - crowd.at(other, visit, place)

            def value(rows, gap=gap, inside=inside):
                if inside[rows].all() or not inside[rows].any():  # a population of one kind
                    return np.nan
                return float(gap[rows][inside[rows]].mean() - gap[rows][~inside[rows]].mean())

            share = inside[crowd.asked[:, place]].mean()
            if min(share, 1 - share) > 0.02:  # in every part there are some of both
                yield Statistic("contrast", measure.instrument, settings.primary_visit, arm, other, name,
                                crowd.asked[:, place], value)


def session_slopes(crowd):
    """What each further planned session adds: the line through the arms' true means, arms counting alike."""
    settings, visit = crowd.settings, _primary(crowd)
    planned = {arm: group.sessions for arm, group in settings.arms.items() if group.sessions is not None}
    if len(set(planned.values())) < 2:
        return
    weights = np.array(list(planned.values()), float) - np.mean(list(planned.values()))
    for place, measure in enumerate(settings.measures):
        table = np.column_stack([crowd.at(arm, visit, place) for arm in planned])
        arm = max(planned, key=planned.get)
        yield Statistic("slope", measure.instrument, settings.primary_visit, arm, settings.reference, "by session",
                        crowd.asked[:, place],
                        lambda rows, table=table: float(table[rows].mean(axis=0) @ weights / (weights**2).sum()))


def mediated(crowd):
    """What goes through the mediator, and what does not, by two linear models on both baselines in a large trial."""
    settings, visit = crowd.settings, _primary(crowd)
    names = [each.instrument for each in settings.measures]
    for through, outcome in settings.mediated:
        at = max((t for t in range(1, visit)), default=visit)
        m, y = names.index(through), names.index(outcome)
        for (arm, other), measure in ((pair, each) for pair in settings.pairs for each in (0, 1)):
            def value(rows, arm=arm, other=other, measure=measure, m=m, y=y, at=at):
                treated = (np.arange(len(rows)) % 2).astype(float)
                pick = [np.where(treated == 1, crowd.at(arm, t, k)[rows], crowd.at(other, t, k)[rows])
                        for t, k in ((at, m), (visit, y))]
                start = np.column_stack([crowd.at(arm, 0, k)[rows] for k in (m, y)])
                return split(treated, *pick, start)[measure]

            word = ("indirect-effect", "mean-difference")[measure]
            yield Statistic(word, outcome, settings.primary_visit, arm, other,
                            f"through {through}" if not measure else f"not through {through}", crowd.asked[:, y], value)


ALL = (rate_ratios, mean_ratios, odds_ratios, restricted_means, session_changes, shares, event_rates, kappas,
       therapist_variances, group_variances, contrasts, session_slopes, mediated)
