"""How to invent one study of each method: numpy's dice, patients an arm and the true effect in, a Dataset out.

Numbers are as drawn, without an instrument's bounds and steps, unless they are counts or grades: so that the truth is
the effect itself, exactly.
"""

import numpy as np
import pandas as pd
from scipy import special

from bench.crowds import ARMS, at_visit, declare, draw_crowd, one_arm, people_of, rows, study_of

SKILL = 0.35  # SD of therapists in points of pain: an ICC of 0.05 at a residual SD of 1.5
TWO = declare(visits=[{"name": "baseline", "day": 0}, {"name": "week 12", "day": 84}])
THREE, ALONE = declare(), declare(**one_arm())
HAZARD, PULL, HORIZON = 0.01, 0.2, 182
WHY = {"reason": "a size to judge by"}


def pain(crowd, dice, effect, noise=1.5):
    start = 6 + 1.5 * crowd.level
    return start, 2 + 0.6 * start + effect * crowd.treated + SKILL * crowd.skill + dice.normal(0, noise, len(start))


def change(dice, n, effect):
    crowd = draw_crowd(dice, n)
    people, (start, later) = people_of(crowd), pain(crowd, dice, effect)
    return study_of(TWO, people, [at_visit(people, start, "NRS", "baseline"),
                                  at_visit(people, later, "NRS", "week 12", crowd.stays)])


def interacting(dice, n, effect):
    """Age matters in the treated arm alone: `effect` points a year above or below 50."""
    crowd = draw_crowd(dice, n)
    people, (start, later) = people_of(crowd), pain(crowd, dice, 0.0)
    people["age"] = 50 + 10 * dice.standard_normal(len(start))
    later = later + effect * crowd.treated * (people["age"].to_numpy(float) - 50)
    return study_of(TWO, people, [at_visit(people, start, "NRS", "baseline"),
                                  at_visit(people, later, "NRS", "week 12", crowd.stays)])


def repeated(dice, n, effect):
    """Who leaves after week 6 had more pain then."""
    crowd = draw_crowd(dice, n)
    own = dice.normal(0, 1.1, len(crowd.level))
    (start, middle), (_, later) = pain(crowd, dice, effect / 2, 1.0), pain(crowd, dice, effect, 1.0)
    middle, later, people = middle + own, later + own, people_of(crowd)
    stays = crowd.stays & (dice.random(len(own)) < special.expit(2.5 - 0.4 * (middle - 5)))
    return study_of(THREE, people, [at_visit(people, start, "NRS", "baseline"),
                                    at_visit(people, middle, "NRS", "week 6", crowd.stays),
                                    at_visit(people, later, "NRS", "week 12", stays)])


def counted(kind):
    """Return the inventor of counts or doses; effect: log ratio of means."""
    instrument = {"bounded": "HADAYS", "open": "SIDE", "dose": "MME"}[kind]

    def invent(dice, n, effect):
        crowd = draw_crowd(dice, n)
        people, size = people_of(crowd), len(crowd.level)
        bent = 0.15 * crowd.skill - 0.15**2 / 2 * crowd.treated  # the mean of its exponential is 1
        ratio = np.exp(effect * crowd.treated + bent)
        if kind == "bounded":
            calm = np.clip(crowd.level, -2, 2)
            before = dice.binomial(28, 0.4 * np.exp(0.35 * calm))
            share = np.clip(0.28 * np.exp(0.35 * calm) * ratio, 0, 0.99)
            after = dice.binomial(28, dice.beta(6 * share, 6 * (1 - share)))
        elif kind == "open":
            before = dice.poisson(6 * np.exp(0.5 * crowd.level))
            after = dice.poisson(5 * np.exp(0.4 * crowd.level) * ratio * dice.gamma(4, 0.25, size))
        else:
            before = 30 * np.exp(0.5 * crowd.level)
            after = (dice.random(size) < 0.67) * 25 * np.exp(0.4 * crowd.level) * ratio * np.exp(
                dice.normal(0, 0.4, size))
        return study_of(TWO, people, [at_visit(people, before, instrument, "baseline"),
                                      at_visit(people, after, instrument, "week 12", crowd.stays)])

    return invent


GRADES_BEFORE = special.ndtri([0.25, 0.55, 0.85])
CUTS, BEFORE, PULL_ODDS = np.array([-1.0, 0.4, 1.8]), 0.8, 0.25


def graded(dice, n, effect):
    crowd = draw_crowd(dice, n)
    people, before = people_of(crowd), np.digitize(crowd.level, GRADES_BEFORE).astype(float)
    latent = BEFORE * (before - 1.35) + effect * crowd.treated + PULL_ODDS * crowd.skill
    after = np.digitize(latent + dice.logistic(0, 1, len(before)), CUTS)
    return study_of(TWO, people, [at_visit(people, before, "SPASM", "baseline"),
                                  at_visit(people, after, "SPASM", "week 12", crowd.stays)])


PAIR = {"massage": ARMS["massage"],
        "rest": {"label": "Quiet rest", "technique": "rest", "comparator_class": "attention", "reference": True}}
SITTING = declare(arms=PAIR, margins={"RELAX": {"value": 1.0, **WHY}})


def sittings(dice, n, effect):
    """Four sessions, calm before and after each; who leaves comes no more."""
    crowd = draw_crowd(dice, n)
    people, size = people_of(crowd, ("massage", "rest")), len(crowd.level)
    own, last = dice.normal(0, 0.6, size), np.where(crowd.stays, 4, dice.integers(1, 4, size))
    parts, visits = [], []
    for number in range(1, 5):
        here = last >= number
        before = 4.5 + crowd.level + dice.normal(0, 1, size)
        gain = 0.5 + own + effect * crowd.treated + 0.3 * crowd.skill + dice.normal(0, 1, size)
        when = {"session": float(number), "day": 7.0 * number}
        parts += [rows(people, np.where(here, value, np.nan), "RELAX", moment=moment, **when)
                  for moment, value in (("before", before), ("after", before + gain))]
        visits.append(people.loc[here, ["patient", "therapist"]].assign(**when))
    return study_of(SITTING, people, parts, pd.concat(visits, ignore_index=True))


RESTED = {"massage": {"label": "Sports massage", "technique": "sports-massage"},
          "rest": {**PAIR["rest"], "label": "Rest"}}
CROSSED = declare(design="crossover", arms=RESTED, condition="athlete", primary_visit="jump 1",
                  visits=[{"name": f"jump {each}", "day": day, "period": each} for each, day in ((1, 1), (2, 8))],
                  margins={"JUMP": {"value": 1.5, **WHY}})


def crossed(dice, n, effect):
    """Both periods of n patients in each order; a tenth of the seconds are lost."""
    crowd = draw_crowd(dice, n)
    people, size = people_of(crowd, ("massage", "rest")).assign(condition="athlete", therapist=None), 2 * n
    parts, visits, periods = [], [], []
    who, therapists = crowd.who.copy(), int(crowd.who.max()) + 1
    who[who < 0] = np.resize(np.arange(therapists), n)
    skill = dice.standard_normal(therapists)[who]
    for number in (1, 2):
        treated = crowd.treated == (number == 1)
        value = 35 + 6 * crowd.level + (effect + 0.5 * skill) * treated + (number == 2) + dice.normal(0, 2, size)
        stays = (dice.random(size) < 0.9) | (number == 1)
        parts.append(rows(people, np.where(stays, value, np.nan), "JUMP", visit=f"jump {number}",
                          day=7.0 * number - 6, period=float(number)))
        arm = np.where(treated, "massage", "rest")
        names = [f"t{each}" if hand else None for each, hand in zip(who, treated, strict=True)]
        periods.append(people[["patient"]].assign(period=float(number), arm=arm))
        visits.append(people[["patient"]].assign(session=float(number), period=float(number), therapist=names))
    return study_of(CROSSED, people, parts, pd.concat(visits), _periods=pd.concat(periods, ignore_index=True),
                    allocated={"massage": size, "rest": size})


UNTIL = declare(margins={"RETURN": {"value": 14.0, **WHY}})


def until(dice, n, effect):
    """Exponential times; effect: log ratio of the hazards; a third lost from sight before day 182."""
    crowd = draw_crowd(dice, n)
    people, size = people_of(crowd), len(crowd.level)
    event = dice.exponential(1, size) / (HAZARD * np.exp(effect * crowd.treated + PULL * crowd.skill))
    gone = np.minimum(dice.uniform(50, 450, size), HORIZON)
    days = np.ceil(np.minimum(event, gone))
    ending = np.where(np.ceil(event) <= days, "event", "censored").astype(object)
    return study_of(UNTIL, people, [rows(people, days, "RETURN", ending=ending)])


def harmed(dice, n, risk):
    """effect: how much the arm's risk differs from 30%; therapists by 4 percentage points."""
    crowd = draw_crowd(dice, n)
    people = people_of(crowd)
    chance = np.clip(0.3 + risk * crowd.treated + 0.04 * np.clip(crowd.skill, -2, 2), 0, 1)
    grade = (dice.random(len(chance)) < chance).astype(float)
    return study_of(THREE, people, [at_visit(people, grade, "AE", "week 12", dice.random(len(grade)) < 0.87)])


def logged(dice, n, chance):
    """Six sessions each in one arm, fewer of who leaves; patients and therapists differ."""
    crowd = draw_crowd(dice, n, arms=1)
    people = people_of(crowd)
    own = np.clip(chance * dice.gamma(2, 0.5, n) * (1 + 0.2 * np.clip(crowd.skill, -2, 2)), 0, 1)
    came = np.where(crowd.stays, 6, dice.integers(1, 6, n))
    patient = np.repeat(np.arange(n), came)
    number = np.concatenate([np.arange(1, each + 1) for each in came])
    events = np.where(dice.random(len(patient)) < own[patient], "moderate", "none")
    sessions = people.loc[patient, ["patient", "therapist"]].assign(
        session=number.astype(float), day=7.0 * (number - 1), adverse_event=events)
    return study_of(ALONE, people, [], sessions.reset_index(drop=True))


def told(dice, n, share):
    """The share who say much improved, in one arm; therapists differ by 5 percentage points."""
    crowd = draw_crowd(dice, n, arms=1)
    people = people_of(crowd)
    better = dice.random(n) < share + 0.05 * np.clip(crowd.skill, -2, 2)
    return study_of(ALONE, people, [at_visit(people, np.where(better, 2, 4), "PGIC", "week 12", dice.random(n) < 0.87)])


def rated(dice, n, kappa):
    """Two raters of 2n patients, a finding that half of them have."""
    crowd = draw_crowd(dice, n)
    people, size = people_of(crowd), 2 * n
    first = dice.random(size) < 0.5
    second = np.where(dice.random(size) < kappa, first, dice.random(size) < 0.5)
    return study_of(THREE, people, [at_visit(people, value, "TRP-CAUSE", "baseline").assign(rater=rater)
                                    for rater, value in (("A", first), ("B", second))])


def differing(dice, n, variance):
    """Six to twelve therapists who differ by `variance` points squared, patients by 2.25."""
    crowd = draw_crowd(dice, n, therapists={20: 6, 40: 8}.get(n, 12))
    people, start = people_of(crowd), 6 + 1.5 * crowd.level
    later = 2 + 0.6 * start - crowd.treated + np.sqrt(variance) * crowd.skill + dice.normal(0, 1.5, len(start))
    return study_of(TWO, people, [at_visit(people, start, "NRS", "baseline"),
                                  at_visit(people, later, "NRS", "week 12", crowd.stays)])
