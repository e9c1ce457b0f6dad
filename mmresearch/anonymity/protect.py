"""What makes values anonymous: keyed pseudonyms, days in place of dates, bands of age, merged rare categories."""

import base64
import hashlib
import hmac
import re
from collections import Counter

from mmresearch.anonymity.dates import read_date

LENGTH = 10  # characters of a pseudonym, 50 bits: two of a million patients collide once in 2,000 studies
OLDEST, BAND = 89, "90+"
OTHER = "other"
NUMBERED = re.compile(r"(\d{1,2})\s?[-/.]\s?(\d{1,2})\s?[-/.]\s?\d{2,4}", re.ASCII)


def pseudonym(text, key, kind):
    """Return a pseudonym nobody can compute without `key` (bytes): HMAC-SHA256, as ten signs after `kind`."""
    digest = hmac.new(key, f"{kind}\0{text}".encode(), hashlib.sha256).digest()
    return kind + base64.b32encode(digest).decode()[:LENGTH]


def date_order(cells):
    """Return "day-month", "month-day" or None (no date shows it). Raises ValueError where cells disagree."""
    numbered = [tuple(map(int, found.groups())) for cell in cells if (found := NUMBERED.fullmatch(cell.strip()))]
    shown = {"day-month" if first > 12 else "month-day" for first, second in numbered if max(first, second) > 12}
    if len(shown) > 1:
        raise ValueError("some dates have the day first and some the month")
    return next(iter(shown), None)


def days_after(cell, start, order):
    """Return the days from `start` (a date) to the date in `cell` as text, or None where either is no date."""
    day = read_date(cell, order)
    return None if day is None or start is None else str((day - start).days)


def years_between(born, day):
    """Return whole years of age on a day, or None where either date is missing."""
    if born is None or day is None:
        return None
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def age_band(years, width):
    """Return an age as text: the middle of its band of `width` years (45 to 49: 47), `90+` above 89."""
    if years > OLDEST:
        return BAND
    return str(int(years // width) * width + (width - 1) // 2)


def merge_rare(words, fewest):
    """Return {word: word or `other`}: words of fewer than `fewest` patients together, until these are enough as well.

    words: one a patient. Where even all together are fewer, everything becomes `other`.
    """
    counts = Counter(words)
    rare, ordered = [], sorted(counts, key=lambda word: (counts[word], word))
    for word in ordered:
        if counts[word] >= fewest and (not rare or sum(map(counts.get, rare)) >= fewest):
            break
        rare.append(word)
    return {word: OTHER if word in rare else word for word in counts}
