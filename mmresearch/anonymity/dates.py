"""Calendar dates in every common spelling: English, German, French, Spanish, Korean; ISO, compact, in words.

Days since baseline say all that an analysis needs; a calendar date is an identifier of its own (HIPAA Safe Harbor,
45 CFR 164.514(b)(2)(i)(C): all elements of dates except the year).
"""

import re
from datetime import date, timedelta

_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d\d"
_ANY_YEAR = r"(?:1[6-9]|2\d)\d\d"  # also of a slip of the pen, such as 2206, where the rest is plainly a date
_NAMES = (
    r"(?:j[aä]n(?:ner|uar[iy]?|v(?:ier)?)?|ene(?:ro)?|feb(?:ruar[iy]?|ruary?|rero)?|f[ée]vr?(?:ier)?|m[aä]r(?:ch|z|s|zo)?"
    r"|mrz|mrt|maart|apr(?:il)?|avr(?:il)?|abr(?:il)?|may|mai|mayo|mei|june?|juni|juin|junio|july?|juli|juil(?:let)?"
    r"|julio|aug(?:ust)?|ao[uû]t|ago(?:sto)?|sept?(?:ember|tembre|iembre)?"
    r"|o[ck]t(?:ober|obre|ubre)?|nov(?:ember|embre|iembre)?|de[cz](?:ember)?|d[ée]c(?:embre)?|dic(?:iembre)?)\.?"
)
DATES = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\d){_ANY_YEAR}[-/.]{_MONTH}[-/.]{_DAY}(?!\d)",
        rf"(?<!\d){_YEAR}\. {_MONTH}\. {_DAY}(?!\d)",
        rf"(?<![\d.]){_DAY} ?[-/.] ?{_DAY} ?[-/.] ?{_ANY_YEAR}(?![\d.])",
        rf"(?<![\d.]){_DAY} {_MONTH} {_YEAR}(?![\d.])",
        rf"(?<!\d){_YEAR}{_MONTH}{_DAY}T\d{{4}}",
        rf"\b{_DAY}(?:st|nd|rd|th)?[ .,/-]*(?:of |de |del )?{_NAMES}(?:[ .,/-]*(?:de |del )?'?\d{{2,4}})?(?![a-z0-9])",
        rf"(?<![a-z]){_NAMES}[ .,/-]*(?:{_DAY}(?:st|nd|rd|th)?[ ,/-]+)?{_YEAR}(?!\d)",
        rf"(?<![a-z]){_NAMES}[ /-]*{_DAY}(?:st|nd|rd|th)?(?![a-z0-9])",
        r"(?:\d{2,4}년 ?)?\d{1,2}월 ?\d{1,2}일|\d{4}년 ?\d{1,2}월|\d{4}年\d{1,2}月",
    )
]
SHORT_DATES = [
    re.compile(pattern)
    for pattern in (  # too like a pseudonym: not looked for in the patient column
        rf"(?<![\d.])(?:{_DAY}([-/.]){_MONTH}|{_MONTH}([-/.]){_DAY})(?:\1|\2)\d\d(?![\d.])",
        rf"(?<![\d-]){_YEAR}-(?:0[1-9]|1[0-2])(?![\d-])",
        rf"(?<![\d/]){_MONTH}/{_YEAR}(?!\d)",
        rf"(?<![\d.]){_DAY}\. ?{_MONTH}\.(?![\d.])",
        rf"(?<!\w){_YEAR}-?(?:[Ww](?:[0-4]\d|5[0-3])|[Qq][1-4])(?!\w)",
        rf"(?<!\w)[Qq][1-4][ -/]{_YEAR}(?!\w)",
    )
]
COMPACT = re.compile(
    rf"{_YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2]){_YEAR}"
)
SIX = re.compile(r"\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d\d")
SERIAL = (7_000, 60_000)  # Excel's day numbers for 1919 to 2064
EPOCH = date(1899, 12, 30)  # day 0 of Excel's day numbers

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?")
_NUMBERS = re.compile(r"(\d{1,2})\s?[-/.]\s?(\d{1,2})\s?[-/.]\s?(\d{4}|\d{2})")
_KOREAN = re.compile(r"(\d{4})년\s*(\d{1,2})월\s*(\d{1,2})일")
_WORDED = re.compile(rf"({_DAY})(?:st|nd|rd|th)?[ .,/-]*(?:of |de )?({_NAMES})[ .,/-]*(?:de )?(\d{{4}}|\d{{2}})", re.I)
_AMERICAN = re.compile(rf"({_NAMES})[ .]*({_DAY})(?:st|nd|rd|th)?[ ,]+({_YEAR})", re.I)
_STARTS = (  # how the months begin in five languages, folded; the longest that fits decides
    ("jan", "ene"),
    ("feb", "fev"),
    ("mar", "mrz", "maa"),
    ("apr", "avr", "abr"),
    ("may", "mai", "mei"),
    ("jun", "juin"),
    ("jul", "juil"),
    ("aug", "aou", "ago"),
    ("sep",),
    ("oct", "okt"),
    ("nov",),
    ("dec", "dez", "dic"),
)


def read_date(cell, order=None):
    """Return the date that a cell writes, or None. order: "day-month" or "month-day", where 3/4/2024 leaves it open.

    Raises ValueError where day and month cannot be told apart and `order` is None.
    """
    cell = cell.strip()
    found = _ISO.fullmatch(cell) or _KOREAN.fullmatch(cell)
    if found:
        return _made(*map(int, found.groups()))
    if re.fullmatch(r"(?:19|20)\d{6}", cell):
        return _made(int(cell[:4]), int(cell[4:6]), int(cell[6:]))
    if re.fullmatch(r"\d{5}", cell) and SERIAL[0] <= int(cell) <= SERIAL[1]:
        return EPOCH + timedelta(days=int(cell))
    if found := _NUMBERS.fullmatch(cell):
        return _numbered(*map(int, found.groups()), order)
    if found := _WORDED.fullmatch(cell):
        return _made(_century(int(found[3])), _month(found[2]), int(found[1]))
    if found := _AMERICAN.fullmatch(cell):
        return _made(int(found[3]), _month(found[1]), int(found[2]))
    return None


def _numbered(first, second, year, order):
    year = _century(year)
    if first > 12 or second > 12 or first == second:
        return _made(year, second, first) if first > 12 or first == second else _made(year, first, second)
    if order is None:
        raise ValueError("day and month cannot be told apart")
    return _made(year, second, first) if order == "day-month" else _made(year, first, second)


def _century(year):
    if year >= 100:
        return year
    return year + 2000 if year + 2000 <= date.today().year else year + 1900


def _month(name):
    from mmresearch.anonymity.spelling import folded

    name = folded(name)
    fits = [
        (len(start), number) for number, starts in enumerate(_STARTS, 1) for start in starts if name.startswith(start)
    ]
    return max(fits)[1] if fits else 0


def _made(year, month, day):
    try:
        return date(year, month, day)
    except ValueError:
        return None
