"""What identifies a person by its shape alone: dates in any common spelling, addresses, numbers of persons.

Structural patterns only, because one cell is enough to stop a study. A name has a shape only where a code is expected,
by being two words; elsewhere, and as one word, it has none: leave it unmapped.
"""

import re
from collections import Counter

_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d\d"
_NAMES = (
    r"(?:j[aä]n(?:ner|uar[iy]?|v(?:ier)?)?|ene(?:ro)?|feb(?:ruary?|rero)?|f[ée]vr?(?:ier)?|m[aä]r(?:ch|z|s|zo)?|mrz|mrt|maart"
    r"|apr(?:il)?|avr(?:il)?|abr(?:il)?|may|mai|mayo|mei|june?|juni|juin|junio|july?|juli|juil(?:let)?|julio"
    r"|aug(?:ust)?|ao[uû]t|ago(?:sto)?|sept?(?:ember|tembre|iembre)?"
    r"|o[ck]t(?:ober|obre|ubre)?|nov(?:ember|embre|iembre)?|de[cz](?:ember)?|d[ée]c(?:embre)?|dic(?:iembre)?)\.?"
)
_PLAIN = re.compile(r"[+-]?\d{1,8}(?:[.,]\d+)?|[+-]?\d+[.,]\d*", re.ASCII)

DATES = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\d){_YEAR}[-/.]{_MONTH}[-/.]{_DAY}(?!\d)",
        rf"(?<![\d.]){_DAY}\s?[-/.]\s?{_DAY}\s?[-/.]\s?{_YEAR}(?![\d.])",
        rf"(?<!\d){_YEAR}{_MONTH}{_DAY}T\d{{4}}",
        rf"\b{_DAY}(?:st|nd|rd|th)?[ .,/-]*(?:of |de )?{_NAMES}(?:[ .,/-]*(?:de )?\d{{2,4}})?(?![a-z0-9])",
        rf"(?<![a-z]){_NAMES}[ .,/-]*(?:{_DAY}(?:st|nd|rd|th)?[ ,/-]+)?{_YEAR}(?!\d)",
        rf"(?<![a-z]){_NAMES}[ /-]*{_DAY}(?:st|nd|rd|th)?(?![a-z0-9])",
    )
]
SHORT_DATES = [
    re.compile(pattern)
    for pattern in (  # too like a pseudonym: not looked for in the patient column
        rf"(?<![\d.])(?:{_DAY}([-/.]){_MONTH}|{_MONTH}([-/.]){_DAY})(?:\1|\2)\d\d(?![\d.])",
        rf"(?<![\d-]){_YEAR}-(?:0[1-9]|1[0-2])(?![\d-])",
        rf"(?<![\d/]){_MONTH}/{_YEAR}(?!\d)",
        rf"(?<![\d.]){_DAY}\.\s?{_MONTH}\.(?![\d.])",
    )
]
PERSONS = {
    kind: re.compile(pattern, re.IGNORECASE)
    for kind, pattern in {
        "e-mail addresses": r"[\w.+-]+@[\w-]+\.\w+",
        "web addresses": r"(?:https?://|\bwww\.)\S",
        "social security numbers": r"(?<!\d)(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?!\d)",
        "telephone numbers": r"\+\d[\d ()/-]{7,}\d|\(\d{2,5}\)[ .-]?\d{3}[ .-]\d{3,4}",
    }.items()
}
LOCAL_NUMBER = re.compile(
    r"(?<![\d-])(?:\d{3}[ .-]\d{3}[ .-]\d{4}|0\d{2,4}[ /-]\d{3}[ -]?\d{3,})(?![\d-])"
)  # as SHORT_DATES
_WORD = r"[^\W\d_]"
NAMES = re.compile(  # `Anna Meier`, `Meier, A.`, `Meier_Anna`; a `Site A` or `NORTH-AB-03` is a code
    rf"{_WORD}{{2,}}\s+{_WORD}{{2,}}|{_WORD}{{2,}}\s*,\s*{_WORD}|{_WORD}\.\s*{_WORD}{{3,}}|[A-ZÀ-Þ][a-zß-ÿ]+_[A-ZÀ-Þ][a-zß-ÿ]+"
)
COMPACT_DATE = re.compile(rf"{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
DATE_HEADER = re.compile(r"(?:^|[^a-z])(?:date|datum|fecha|dob|birth(?:day)?|born)(?:$|[^a-z])", re.IGNORECASE)
SERIAL = (7_000, 60_000)  # Excel's day numbers for 1919 to 2064
MOSTLY = 0.8  # share of a column from which a weak pattern counts
OLDEST = 89  # HIPAA Safe Harbor, 45 CFR 164.514(b)(2)(i)(C): older ages are one band


def identifying_kinds(cells, *, header="", patient=False):
    """Return {kind: number of cells} for a column of text `cells` (none missing); empty when nothing identifies."""
    counts = Counter(cells)
    worded = {cell: number for cell, number in counts.items() if not _PLAIN.fullmatch(cell)}
    found = {kind: _matching(worded, [pattern]) for kind, pattern in PERSONS.items()}
    found["calendar dates"] = _matching(worded, DATES if patient else DATES + SHORT_DATES)
    found["telephone numbers"] += 0 if patient else _matching(worded, [LOCAL_NUMBER])
    found["calendar dates written without separators"] = _mostly(counts, COMPACT_DATE.fullmatch)
    if DATE_HEADER.search(re.sub(r"([a-z])([A-Z])", r"\1 \2", header)):
        found["calendar dates as Excel's day numbers"] = _mostly(counts, _is_serial)
    return {kind: number for kind, number in found.items() if number}


def like_names(cells):
    """Return how many cells of a column of codes (of patients, sites or staff) are two words or more, as names are."""
    return sum(NAMES.search(cell) is not None for cell in cells)


def beyond_oldest(cells):
    """Return how many text ages are above 89; `90+` is the band that may stand."""
    ages = (re.fullmatch(r"\d{2,3}(?:[.,]\d+)?", cell, re.ASCII) for cell in cells)
    return sum(age is not None and float(age[0].replace(",", ".")) > OLDEST for age in ages)


def _matching(counts, patterns):
    return sum(number for cell, number in counts.items() if any(pattern.search(cell) for pattern in patterns))


def _mostly(counts, test):
    hits = sum(number for cell, number in counts.items() if test(cell))
    return hits if hits and hits >= MOSTLY * sum(counts.values()) else 0


def _is_serial(cell):
    return cell.isascii() and cell.isdigit() and len(cell) in (4, 5) and SERIAL[0] <= int(cell) <= SERIAL[1]
