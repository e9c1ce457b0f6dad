"""Weak pseudonyms: what anybody can compute back into a number, a birth date or another column of the same file."""

import hashlib
import random
import re
from collections import Counter

from mmresearch.anonymity.dates import COMPACT, SIX

HEXES = re.compile(r"(?:0x)?[0-9a-f]{10,128}", re.IGNORECASE)
KINDS = {32: ("md5",), 40: ("sha1",), 56: ("sha224",), 64: ("sha256",), 96: ("sha384",), 128: ("sha512",)}
SHORTENED = ("md5", "sha1", "sha256")
LARGEST = 10**7  # record numbers of clinics lie below
FIRST, MOST = 20_000, 1_000_000  # numbers tried one by one; numbers tried at all
SURE = 0.01  # chance of missing a column of hashed numbers
SPELLINGS = ("{}", "{:04d}", "{:05d}", "{:06d}", "{:07d}", "{:08d}")
BIRTH = re.compile(r"[A-Z]{1,4}[-_. ]?(\d{8}|\d{6})(?:[-_. ]?\d{1,2})?|(\d{8}|\d{6})[-_. ]?[A-Z]{1,4}", re.IGNORECASE)
STAMPED = re.compile(
    r"(?:[A-Z]{0,4}[-_]?)((?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))[-_.]?\d{1,6}", re.IGNORECASE
)
RECORD = re.compile(r"(?:MRN|PID|HOSP|EMR|EHR|CHART|SSN|NHS|PAT(?:IENT)?NR|KV)[-_:# .]*\d{3,}", re.IGNORECASE)
MOSTLY = 0.8


def weakness(cells, others=()):
    """Return (outcome, number of cells, why) for a column of pseudonyms, or None.

    cells: pseudonym -> how many rows; others: the distinct cells of the file's other mapped columns
    """
    distinct = list(cells)
    for test, outcome, why in (
        (RECORD.fullmatch, "block", "begin like a number of the clinic's records"),
        (_with_birth(distinct), "block", "are letters beside a date, as initials and a birth date are"),
        (_stamped(distinct), "block", "begin with a calendar date"),
    ):
        hits = [cell for cell in distinct if test(cell)]
        if len(hits) >= MOSTLY * len(distinct):
            return outcome, sum(cells[cell] for cell in hits), why
    return _hashed(cells, others)


def _with_birth(cells):
    """A test for letters beside six or eight digits that are dates, where years and days vary as birth dates do."""

    def test(cell):
        found = BIRTH.fullmatch(cell)
        digits = found and (found[1] or found[2])
        return digits if digits and (COMPACT if len(digits) == 8 else SIX).fullmatch(digits) else None

    dates = [digits for cell in cells if (digits := test(cell))]
    varied = len({digits[: 2 if len(digits) == 6 else 4] for digits in dates}) >= min(5, len(cells))
    ends = len({digits[-2:] for digits in dates}) >= min(5, len(cells))
    return test if varied and ends and len(cells) > 1 else lambda cell: None


def _stamped(cells):
    days = {found[1] for cell in cells if (found := STAMPED.fullmatch(cell))}
    return STAMPED.fullmatch if len(days) >= min(3, len(cells)) else lambda cell: None


def _hashed(cells, others):
    shaped = {cell.lower().removeprefix("0x"): number for cell, number in cells.items() if HEXES.fullmatch(cell)}
    lettered = sum(not cell.isdigit() for cell in shaped)
    if not shaped or len(shaped) < MOSTLY * len(cells) or lettered < 0.5 * len(shaped):
        return None
    length = Counter(map(len, shaped)).most_common(1)[0][0]
    targets = {bytes.fromhex(cell[: length - length % 2]) for cell in shaped if len(cell) == length}
    kinds = KINDS.get(length, SHORTENED)
    for kind in kinds:
        make = getattr(hashlib, kind)
        size = min(length // 2, make().digest_size)
        if _of_texts(make, size, targets, others):
            return "block", len(targets), f"are plain hashes ({kind}) of another column of the file"
        if _of_numbers(make, size, targets, MOST // len(kinds)):
            return "block", len(targets), f"are plain hashes ({kind}) of small numbers"
    return None


def _of_texts(make, size, targets, others):
    texts = {form for text in others for form in (text, text.lower(), text.upper(), text.replace(" ", ""))}
    return any(make(text.encode()).digest()[:size] in targets for text in texts)


def _of_numbers(make, size, targets, most):
    """Whether some pseudonym is the hash of a number below ten million: all small ones are tried, then a sample.

    Of n hashed numbers drawn from N, k random tries miss all with chance (1 - k/N)^n: more patients, fewer tries.
    """
    for number in range(FIRST):
        for text in {spelling.format(number) for spelling in (SPELLINGS if number < 10_000 else SPELLINGS[:1])}:
            if make(text.encode()).digest()[:size] in targets:
                return True
    tries = min(most, int(LARGEST * (1 - SURE ** (1 / len(targets)))))
    dice = random.Random(0)
    start, step = dice.randrange(LARGEST), 7_368_787  # a prime: its multiples visit every number below ten million once
    return any(make(b"%d" % ((start + turn * step) % LARGEST)).digest()[:size] in targets for turn in range(tries))
