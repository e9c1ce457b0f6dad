"""Which published results may hold the same patients, and so cannot be pooled."""

from itertools import combinations


def share_patients(one, other):
    """Return why two PublishedEffects may hold the same patients, in words, or None where nothing says so.

    Rows of one publication share arms or people. A review may hold any trial that is not newer than it, and reviews may
    hold the same trials: what they held was not read, so what may be is taken to be.
    """
    pair = f"{one.effect_id} and {other.effect_id}"
    if other.effect_id in one.part_of or one.effect_id in other.part_of:
        return f"{pair}: one is a part of the other"
    if (one.study, one.title) == (other.study, other.title):
        return f"{pair} are of one publication ({one.study}) and share arms or patients"
    reviews = [each for each in (one, other) if each.level == "meta-analysis"]
    if len(reviews) == 2:
        return f"{pair} are reviews, which may hold the same trials"
    if reviews and reviews[0].year >= max(one.year, other.year):
        return f"{pair}: the review may hold the trial, which is not newer"
    return None


def find_dependence(rows):
    """Return every reason why these PublishedEffects are not independent of each other; empty: none is known."""
    found = (share_patients(one, other) for one, other in combinations(rows, 2))
    return [reason for reason in found if reason]
