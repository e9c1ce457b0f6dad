"""How to invent one study of the methods that follow a course or look for what lies between: as in invented.py."""

import numpy as np
import pandas as pd

from bench.crowds import ARMS, at_visit, declare, draw_crowd, one_arm, people_of, rows, study_of

WAITING = {"label": "Waiting list", "technique": "none", "comparator_class": "waiting-list", "reference": True}
WEEKS = {"baseline": 0, "week 1": 7, "week 2": 14, "week 4": 28, "week 8": 56}
WAITED = declare(arms={"massage": ARMS["massage"], "control": WAITING}, primary_visit="week 8",
                 visits=[{"name": name, "day": day} for name, day in WEEKS.items()])
PLANNED = (1, 4, 8)
DOSES = declare(primary_visit="week 8", visits=[{"name": name, "day": WEEKS[name]} for name in
                                                ("baseline", "week 4", "week 8")],
                arms={f"arm{each}": {"label": f"{each} sessions", "technique": "massage-course" if each > 1 else
                                     "massage", "sessions": each, **({} if each > 1 else {
                                         "comparator_class": "other-massage", "reference": True})}
                      for each in PLANNED})
ALONE = declare(**one_arm(), primary_visit="baseline", visits=[{"name": "baseline", "day": 0}])
BOTH = declare()


def relieved(dice, n, effect):
    """Eight weekly sessions; effect at week 2 and after, half of it at week 1; who leaves does so after week 2."""
    crowd = draw_crowd(dice, n)
    people, size = people_of(crowd), len(crowd.level)
    own, start, parts = dice.normal(0, 1, size), 6 + 1.2 * crowd.level, []
    parts.append(rows(people, start, "NRS", visit="baseline", day=0.0))
    for name, day in list(WEEKS.items())[1:]:
        reached = effect * (0.5 if day == 7 else 1.0) * crowd.treated
        value = 1.5 + 0.6 * start + own + reached + 0.35 * crowd.skill + dice.normal(0, 1, size)
        seen = crowd.stays | (day < 14)
        parts.append(rows(people, np.where(seen, value, np.nan), "NRS", visit=name, day=float(day)))
    sessions = pd.concat([people.loc[crowd.treated == 1, ["patient", "therapist"]].assign(
        session=float(number + 1), day=3.0 + 7 * number) for number in range(8)], ignore_index=True)
    return study_of(WAITED, people, parts, sessions)


def dosed(dice, n, slope):
    """Three arms of n with 1, 4 or 8 sessions; therapists treat in every arm; pain falls by `slope` a session."""
    crowd = draw_crowd(dice, n, arms=1)
    crowds = [crowd, *(draw_crowd(dice, n, arms=1) for _ in PLANNED[1:])]
    level, stays = (np.concatenate([getattr(each, name) for each in crowds]) for name in ("level", "stays"))
    therapists = int(crowd.who.max()) + 1
    who = np.concatenate([dice.permutation(crowd.who) for _ in PLANNED])
    skill = dice.standard_normal(therapists)[who]
    planned = np.repeat(PLANNED, n)
    people = pd.concat([people_of(each) for each in crowds], ignore_index=True).assign(
        patient=[f"p{each:04d}" for each in range(len(level))], arm=[f"arm{each}" for each in planned],
        therapist=[f"t{each}" for each in who])
    own, start = dice.normal(0, 1, len(level)), 6 + 1.2 * level
    parts = [rows(people, start, "NRS", visit="baseline", day=0.0)]
    for name, day in (("week 4", 28.0), ("week 8", 56.0)):
        value = 2 + 0.5 * start + own + slope * planned + 0.35 * skill + dice.normal(0, 0.8, len(level))
        parts.append(rows(people, np.where(stays | (day < 50), value, np.nan), "NRS", visit=name, day=day))
    return study_of(DOSES, people, parts)


def reached(dice, n, slope):
    """One arm: a fall of two points after each of up to eight sessions, its log hazard `slope` a point of severity."""
    crowd = draw_crowd(dice, n, arms=1)
    people = people_of(crowd)
    start = np.clip(np.round(6 + 1.4 * crowd.level), 3, 10)
    left, fallen = dice.integers(3, 9, n), np.zeros(n, bool)
    parts, sessions = [rows(people, start, "NRS", visit="baseline", day=0.0)], []
    for number in range(1, 9):
        here, when = left >= number, {"session": float(number), "day": 3.0 + 7 * number}
        hazard = np.exp(-1.3 + slope * (start - 6) + 0.15 * crowd.skill)
        fallen = fallen | (dice.random(n) < 1 - np.exp(-hazard))
        parts.append(rows(people, np.where(here, start - 2.0 * fallen, np.nan), "NRS", moment="after", **when))
        sessions.append(people.loc[here, ["patient", "therapist"]].assign(**when))
    return study_of(ALONE, people, parts, pd.concat(sessions, ignore_index=True))


def between(therapists):
    """Return the inventor of a study in which relaxation at week 6 stands between massage and pain at week 12.

    effect: what goes through it: relaxation rises by it over -0.6. therapists: whether they are recorded and differ.
    """

    def invent(dice, n, effect):
        crowd = draw_crowd(dice, n)
        size = len(crowd.level)
        skill = crowd.skill if therapists else np.zeros(size)
        people = people_of(crowd) if therapists else people_of(crowd).assign(therapist=None)
        calm, start = 4 + 1.2 * dice.standard_normal(size), 6 + 1.5 * crowd.level
        relaxed = 2 + 0.5 * calm + effect / -0.6 * crowd.treated + 0.25 * skill + dice.normal(0, 1, size)
        later = 4 + 0.5 * start - 0.6 * relaxed - 0.3 * crowd.treated + dice.normal(0, 1, size)
        return study_of(BOTH, people, [
            at_visit(people, calm, "RELAX", "baseline"), at_visit(people, relaxed, "RELAX", "week 6"),
            at_visit(people, start, "NRS", "baseline"), at_visit(people, later, "NRS", "week 12", crowd.stays)])

    return invent
