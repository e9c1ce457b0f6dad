"""The gate: each column is blocked, asked about or passed. Cells in, findings with counts out.

Three kinds of rules, in this order: marks (one cell is enough), shares (the column is full of it), and what the
column's name announces. The rules in words: docs/anonymity.md.
"""

import re
from collections import Counter

from mmresearch.anonymity.dates import DATES, SHORT_DATES
from mmresearch.anonymity.headers import SPOKEN, announced, poses, tokens_of
from mmresearch.anonymity.marks import MARKS
from mmresearch.anonymity.names import name_findings, stray_names, word_pseudonyms
from mmresearch.anonymity.numbers import birth_years, day_numbers, full_of, small_areas
from mmresearch.anonymity.places import cities
from mmresearch.anonymity.pseudonyms import weakness
from mmresearch.anonymity.records import Column, Finding
from mmresearch.anonymity.spelling import folded, plain, unmasked
from mmresearch.anonymity.words import vocabulary

OLDEST = 89  # HIPAA Safe Harbor, 45 CFR 164.514(b)(2)(i)(C): older ages are one band
FREE_WORDS, FREE_SHARE = 4, 0.3  # a column where over 30% of cells have four words or more is free text
REPEATED = 3  # a text that stands in so many rows is a category's
DISTINCT, ENOUGH = 0.5, 10  # words that differ in over half of the rows, and are more than these, single people out
_NUMBER = re.compile(r"[+-]?\d{1,8}(?:[.,]\d+)?|[+-]?\d+[.,]\d*", re.ASCII)
_MEASURED = re.compile(  # what is written in a clinic and tells nobody apart: 120/80, 7.5 mg, L4-L5, M54.5, 3 x 10, 6-8
    r"[<>≤≥~±]?\s?[+-]?\d+(?:[.,]\d+)?(?:\s?[/x×:-]\s?\d+(?:[.,]\d+)?){0,3}\s?(?:%|°|[a-zµ]{1,8}(?:/[a-zµ²³0-9]{1,5}){0,2})?"
    r"|[+-]?\d+(?:[.,]\d+)? ?[(\[][\d.,;:±–to -]+[)\]]"
    r"|[A-Z]\d{1,2}(?:[-/][A-Z]?\d{1,2})?|[A-TV-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?",
    re.IGNORECASE,
)
_TWO_WORDS = re.compile(  # `Anna Meier`, `Meier, A.`, `Meier_Anna`; a `Site A` or `NORTH-AB-03` is a code
    r"[^\W\d_]{2,}\s+[^\W\d_]{2,}|[^\W\d_]{2,}\s*,\s*[^\W\d_]|[^\W\d_]\.\s*[^\W\d_]{3,}"
    r"|[A-ZÀ-Þ][a-zß-ÿ]+_[A-ZÀ-Þ][a-zß-ÿ]+"
)


def judge_columns(columns):
    """Return the Findings of the mapped Columns of one file, in their order; a column with none passes."""
    return tuple(finding for column in columns for finding in _judge(column, columns))


def singling_out(words):
    """Return how many different words there are where nearly everybody has one alone, else 0. Measurements pass."""
    words = list(words)
    distinct = sum(not _MEASURED.fullmatch(plain(each)) for each in dict.fromkeys(words))
    return distinct if distinct > max(ENOUGH, DISTINCT * len(words)) else 0


def like_names(cells):
    """Return how many cells of a column of codes (of patients, sites or staff) are two words or more, as names are."""
    return sum(_TWO_WORDS.search(plain(cell)) is not None for cell in cells)


def judge_headers(headers):
    """Return the Findings of columns that are not mapped and not read: only their names are looked at."""
    found = []
    for header in headers:
        if poses(header):
            found.append(_posing(header))
        elif kind := announced(header):
            found.append(Finding(header, "ask", "header", f"is not mapped, and its name announces {SPOKEN[kind]}"))
    return tuple(found)


def _judge(column, columns):
    written = Counter(column.cells)
    cells = Counter()
    for cell, number in written.items():
        cells[unmasked(plain(cell)).strip()] += number
    del cells[""]  # nothing but invisible characters
    marked = [*_marks(column, cells)]
    yield from marked
    if marked:  # what one cell gives away says what the column is; further guesses would only repeat it
        return
    shares = [*_shares(column, cells)]
    yield from shares
    if not shares and column.role in ("pseudonym", "code"):
        yield from _codes(column, cells, columns)
    elif not shares and column.role != "age":
        yield from _words(column, {cell: n for cell, n in cells.items() if cell not in column.declared})
    yield from _named(column)


def _marks(column, cells):
    """What a single cell gives away, searched for in all distinct cells at once."""
    worded = {cell: number for cell, number in cells.items() if not _NUMBER.fullmatch(cell)}
    if worded:
        text, total = "\n".join(worded), len(column.cells)
        for (noun, lifts), patterns in _rules(column.role == "pseudonym").items():
            hits = (
                [cell for cell in worded if any(_found(rule, cell) for rule in patterns)]
                if any(rule.within(text) for rule in patterns)
                else ()
            )
            if hits:
                yield _told(column, "block", lifts, f"{sum(map(worded.get, hits))} of {total} cells hold {noun}", hits)
        dates = DATES if column.role == "pseudonym" else DATES + SHORT_DATES
        patterns = [each for each in dates if each.search(text)] if re.search(r"\d", text) else ()
        hits = [cell for cell in worded if any(each.search(cell) for each in patterns)] if patterns else ()
        if hits:
            what = f"{sum(map(worded.get, hits))} of {total} cells hold calendar dates"
            yield _told(column, "block", "dates", what, hits)
    if column.role == "age":
        hits = [cell for cell in cells if _beyond(cell)]
        old = sum(map(cells.get, hits))
        if old:
            yield _told(column, "block", "", f"{old} age{'s' if old > 1 else ''} above 89", hits)


def _rules(pseudonym):
    grouped = {}
    for rule in MARKS:
        if not (pseudonym and rule.loose):
            grouped.setdefault((rule.noun, rule.lifts), []).append(rule)
    return grouped


def _found(rule, cell):
    if rule.check is None:
        return rule.pattern.search(cell)
    return any(rule.check(match) for match in rule.pattern.finditer(cell))


def _beyond(cell):
    age = re.fullmatch(r"(\d{2,3})(?:[.,]\d+)?", cell, re.ASCII)
    return age is not None and float(cell.replace(",", ".")) > OLDEST


def _shares(column, cells):
    """What a column is full of."""
    total, tokens = len(column.cells), set(tokens_of(column.header))
    found = full_of(cells, column.role) if column.role != "age" else None
    if found:
        lifts, noun, count, outcome = found
        yield _told(column, outcome, lifts, f"{count} of {total} cells hold {noun}")
        return
    if announced(column.header) == "dates" and (count := day_numbers(cells)):
        yield _told(column, "ask", "dates", f"{count} of {total} cells hold calendar dates as Excel's day numbers")
    if tokens & {"zip", "zip3", "postal", "plz"} and (count := small_areas(cells)):
        yield _told(
            column, "block", "place", f"{count} of {total} cells are postal areas of 20,000 people or fewer; write 000"
        )
    if column.role != "pseudonym" and (count := birth_years(cells)):
        yield _told(
            column,
            "block",
            "age",
            f"{count} of {total} cells are years of birth of people above 89; write 90+ for an age",
        )


def _codes(column, cells, columns):
    """Pseudonyms of patients, and codes of sites and staff: one word that nobody can compute or recognise."""
    open_cells = {cell: number for cell, number in cells.items() if cell not in column.declared}
    hits = [cell for cell in open_cells if _TWO_WORDS.search(cell)]
    worded = sum(map(open_cells.get, hits))
    outcome = word_pseudonyms(open_cells) if open_cells and not worded else None
    if worded:
        yield _told(
            column,
            "block",
            "names",
            f"{worded} of {len(column.cells)} cells of two or more words, as names have; "
            "give pseudonyms of one word, such as P03",
            hits,
        )
    elif outcome:
        yield _told(
            column,
            outcome,
            "names",
            f"{sum(open_cells.values())} of {len(column.cells)} cells are made of words, most of them names of persons",
        )
    elif column.role == "pseudonym":
        others = {cell for each in columns if each is not column for cell in each.cells}
        weak = weakness(open_cells, others) if open_cells else None
        if weak:
            yield _told(column, weak[0], "pseudonym", f"{weak[1]} of {len(open_cells)} pseudonyms {weak[2]}")


def _words(column, cells):
    """Names, places, free text, and words that nearly everybody has alone."""
    worded = {cell: number for cell, number in cells.items() if not _MEASURED.fullmatch(cell)}
    count, total = sum(worded.values()), len(column.cells)
    if not worded:
        return
    if count < 0.2 * total or column.role == "number":
        stray = stray_names(worded)
        found = ("ask", stray) if stray else None
    else:
        found = name_findings(worded)
    if found:
        verb = "look like names" if found[0] == "block" else "may be names"
        yield _told(column, found[0], "names", f"{found[1]} of {total} cells {verb} of persons")
        return
    if places := cities(worded):
        yield _told(column, places[0], "place", f"{places[1]} of {total} cells look like towns or cities")
        return
    wordy = sum(number for cell, number in worded.items() if number < REPEATED and _is_text(cell))
    if column.role != "number" and wordy > FREE_SHARE * total:
        yield _told(
            column,
            "ask",
            "free-text",
            f"{wordy} of {total} cells are free text, which may name a person; use codes, "
            "or say under `values` what each text means",
        )
    elif column.role == "word" and singling_out(column.cells):
        yield _told(
            column,
            "ask",
            "singling-out",
            f"{len(worded)} different words in {total} cells; a category is shared by "
            "many: leave the column unmapped, or say under `values` what each means",
        )


def _is_text(cell):
    """A sentence somebody wrote: words enough, and not all of them words of the clinic, as in `lost to follow up`."""
    words = [word for word in re.findall(r"[^\W_]+", cell) if not word.isdigit()]
    return len(words) >= FREE_WORDS and not all(folded(word) in vocabulary().common for word in words)


def _named(column):
    if poses(column.header):
        yield _posing(column.header)
    elif kind := announced(column.header, mapped=True):
        yield _told(column, "block", "header", f"its name announces {SPOKEN[kind]}")


def _posing(header):
    return Finding(header, "block", "", "its name mixes letters of two alphabets that look alike; write it anew")


def _told(column: Column, outcome, lifts, what, hits=()):
    """hits: the cells at fault, as they are compared, where single ones are."""
    found = frozenset(hits)
    places = [place for place, cell in enumerate(column.cells) if unmasked(plain(cell)) in found] if found else ()
    return Finding(column.header, outcome, lifts, what, tuple(places))
