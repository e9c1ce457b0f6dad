"""The fixed order in which the rows that bear on a claim are shown: they overlap, and are read one by one."""

import math
from functools import cache

from mmresearch.claims import articles
from mmresearch.evidence.effects import published_effects
from mmresearch.evidence.records import LEVELS

GROUPS = {  # heading: comparator classes, as a reader asks for them
    "No treatment or waiting list": ("none", "waiting-list"),
    "Usual care": ("usual-care",),
    "Sham, light touch or attention": ("sham", "attention"),
    "Relaxation massage": ("relaxation-massage",),
    "Other active care": ("other-massage", "exercise", "drug", "other"),
    "Comparators mixed or not stated": ("",),
}
HEADINGS = {word: heading for heading, words in GROUPS.items() for word in words}


@cache
def bearing_on(claim):
    """Return the published effects that name this claim id, in a fixed order; empty: none in our table.

    Comparators the claim asks for come first, then by GROUPS; in each the reviews before the trials they may hold, the
    longest follow-up first, a whole before its parts, the newest first. They overlap: reviews hold trials, arms share
    controls. They are to be read one by one, never pooled.
    """
    asked = _asked(claim)
    return tuple(sorted((each for each in published_effects() if claim in each.claims),
                        key=lambda each: (not (each.classes and set(each.classes) <= asked), *_place(each))))


def group_rows(rows):
    """Return {heading: rows} of rows in order, without headings that no row has."""
    groups = {}
    for each in rows:
        groups.setdefault(HEADINGS[each.comparator_class], []).append(each)
    return groups


def last_day(effect):
    """Return the last day of measurement; inf where open, -1 where not printed, so that a stated one is longer."""
    if not effect.days:
        return -1
    return math.inf if effect.days[1] is None else effect.days[1]


def _asked(claim):
    known = articles().claims.get(claim)
    return set(known.analysis.comparators) if known and known.analysis else set()


def _place(effect):
    return (list(GROUPS).index(HEADINGS[effect.comparator_class]), LEVELS.index(effect.level), -last_day(effect),
            bool(effect.part_of), -effect.year, effect.effect_id)
