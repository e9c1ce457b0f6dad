"""Numbers that identify when a column is full of them: telephones, national numbers, postal codes, coordinates, dates.

One such cell proves nothing, because a count may look like it; so each rule asks how large a share of the column fits.
"""

import re
from collections import Counter
from datetime import date
from functools import cache

import phonenumbers
from stdnum import luhn, verhoeff
from stdnum.be import nn
from stdnum.bg import egn
from stdnum.br import cpf
from stdnum.ca import sin
from stdnum.ch import ssn as ahv
from stdnum.cl import rut
from stdnum.cz import rc
from stdnum.de import idnr
from stdnum.ee import ik
from stdnum.es import dni, nie
from stdnum.fi import hetu
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.it import codicefiscale
from stdnum.kr import rrn
from stdnum.mx import curp
from stdnum.nl import bsn
from stdnum.no import fodselsnummer
from stdnum.pl import pesel
from stdnum.ro import cnp
from stdnum.se import personnummer
from stdnum.tr import tckimlik
from stdnum.us import itin

from mmresearch.anonymity.dates import COMPACT, SERIAL, SIX

MOSTLY, KNOWN, NEARLY = 0.8, 0.9, 0.95
SAMPLE = 300  # distinct cells that a check digit is computed of: enough to know a share
FEWEST = 3  # distinct cells before a share means anything
NATIONAL = (
    nn,
    egn,
    cpf,
    sin,
    ahv,
    rut,
    rc,
    idnr,
    ik,
    dni,
    nie,
    hetu,
    nir,
    nhs,
    codicefiscale,
    rrn,
    curp,
    bsn,
    fodselsnummer,
    pesel,
    cnp,
    personnummer,
    tckimlik,
    itin,
    verhoeff,
)
UNPREFIXED = ("US", "ES", "IN")  # regions whose numbers are written without a leading zero
REGIONS = ("US", "GB", "DE", "FR", "ES", "KR", "IT", "IN", "AU", "BR", "MX", "JP", "NL", "CH", "AT")
STAMP = re.compile(r"(?:9\d{8}|1\d{9})(?:\d{3})?(?:\.\d+)?", re.ASCII)  # 1998 to 2033, also in milliseconds
DIGITS = re.compile(r"\d+", re.ASCII)
NATIONAL_SHAPE = re.compile(r"(?=(?:.*\d){7})[A-Z\d][A-Z\d .+/-]{6,20}[A-Z\d]", re.IGNORECASE)
SOCIAL = re.compile(r"(?!000|666|9)\d{3}(?!00)\d\d(?!0000)\d{4}")
ZIP_PLUS = re.compile(r"\d{5}-\d{4}")
POSTCODES = re.compile(
    r"[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}|[ABCEGHJ-NPRSTVXY]\d[A-Z] ?\d[A-Z]\d", re.IGNORECASE
)
UNUSED_ZIP = frozenset(  # first three digits that no post office of the United States has
    (
        "000 001 002 003 004 099 213 269 343 345 348 353 419 428 429 517 518 519 529 533 536 552 568 578 579 589 621 "
        "632 642 643 659 663 682 694 695 696 697 698 699 702 709 715 732 742 771 817 818 819 839 848 849 854 858 861 "
        "862 866 867 868 869 876 886 887 888 892 896 899 909 929 987 "
    ).split()
)
SMALL_ZIP3 = frozenset("036 059 063 102 203 556 592 790 821 823 830 831 878 879 884 890 893".split())  # census of 2000
PROCEDURES = re.compile(
    r"9[789]\d{3}|20[56]\d\d|6[24]\d{3}|7[0-7]\d{3}"
)  # CPT codes of treatments, visits, blocks, images
DEGREES = re.compile(r"-?\d{1,3}\.\d{4,8}", re.ASCII)
VIN = re.compile(r"(?=.*[A-Z])(?=.*\d)[A-HJ-NPR-Z\d]{17}", re.IGNORECASE)


def full_of(cells, role):
    """Return (lifts, noun, number of cells, outcome) or None: what a column of distinct `cells` -> count is full of."""
    for rule in (_dates, _telephones, _persons, _clocks, _places):
        found = rule(cells, role)
        if found:
            return found
    return None


def day_numbers(cells):
    """Return how many cells are Excel's day numbers, where most are; only a header can tell them from counts."""
    return _mostly(cells, lambda cell: DIGITS.fullmatch(cell) and SERIAL[0] <= int(cell) <= SERIAL[1], MOSTLY)


def small_areas(cells):
    """Return how many cells of a column of three-digit postal areas have at most 20,000 people; `000` may stand."""
    return sum(number for cell, number in cells.items() if cell.zfill(3) in SMALL_ZIP3)


def _dates(cells, role):
    hits = _mostly(cells, COMPACT.fullmatch, MOSTLY)
    if hits and not _counts_up(cells):
        return "dates", "calendar dates written without separators", hits, "block"
    hits = _mostly(cells, SIX.fullmatch, NEARLY) if len(cells) >= 8 else 0
    if hits and min(len({cell[place] for cell in cells}) for place in (slice(0, 2), slice(4, 6))) >= 8:
        return "dates", "calendar dates of six digits", hits, "block"
    return None


def _clocks(cells, role):
    stamps = _mostly(cells, STAMP.fullmatch, NEARLY) if role != "pseudonym" and len(cells) >= FEWEST else 0
    if stamps and not _counts_up(cells):
        return "dates", "numbers as computers count seconds since 1970", stamps, "ask"
    return None


def _telephones(cells, role):
    long = [cell for cell in cells if 8 < len(cell) < 14 and DIGITS.fullmatch(cell)]
    if not long or _counts_up(long):
        return None
    lone = role != "pseudonym" and all(len(cell) < 7 or not cell.isdigit() for cell in cells if cell not in long)
    if len(long) < MOSTLY * len(cells) and not (lone and len(long) < 0.5 * len(cells)):
        return None
    sample = long[:SAMPLE]
    valid = _ringing(sample)
    count = sum(cells[cell] for cell in long)
    if len(long) >= MOSTLY * len(cells):
        enough = len(valid) >= (NEARLY if role == "pseudonym" else MOSTLY) * len(sample) and len(sample) >= FEWEST
        return ("telephone", "telephone numbers", count, "block") if enough else None
    return ("telephone", "telephone numbers", sum(map(cells.get, valid)), "block") if valid else None


def _ringing(cells):
    """Return the cells that are telephone numbers of the region that most of them fit: of several, chance fits all."""
    fits = {region: [cell for cell in cells if _rings(cell, region)] for region in (None, *REGIONS)}
    return max(fits.values(), key=len)


def _rings(cell, region):
    """Whether a region has such a number; without a leading zero only where none is written; None: with any code."""
    if region is None:
        return len(cell) > 10 and cell[0] != "0" and _is_telephone(f"+{cell}", None)
    written = region not in UNPREFIXED if cell[0] == "0" else region in (*UNPREFIXED, "KR")
    return written and _is_telephone(cell, region)


@cache
def _is_telephone(cell, region):
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(cell, region))
    except phonenumbers.NumberParseException:
        return False


def _persons(cells, role):
    sample = list(cells)[:SAMPLE]
    if len(sample) < FEWEST or _counts_up(sample):
        return None
    total = sum(cells.values())
    shaped = [cell for cell in sample if NATIONAL_SHAPE.fullmatch(cell)]
    if len(shaped) >= MOSTLY * len(sample):
        if (
            all(DIGITS.fullmatch(cell) and len(cell) == 10 and cell[0] in "12" for cell in shaped)
            and _share(shaped, lambda cell: luhn.is_valid("80840" + cell)) >= MOSTLY
        ):
            return "person-number", "numbers of health professionals (NPI)", total, "block"
        if any(_share(shaped, kind.is_valid) >= MOSTLY for kind in NATIONAL):
            return "person-number", "national numbers of persons", total, "block"
    pseudonym, social = role == "pseudonym", _share(sample, SOCIAL.fullmatch)
    if (social == 1 and len(sample) >= 20) if pseudonym else social >= NEARLY:  # of any nine digits 11% are none
        return "person-number", "social security numbers", total, "ask" if pseudonym else "block"
    if _share(sample, VIN.fullmatch) >= MOSTLY:
        return "person-number", "numbers of vehicles", total, "block"
    return None


def _places(cells, role):
    sample, total = list(cells)[:SAMPLE], sum(cells.values())
    if role == "pseudonym" or len(sample) < FEWEST:
        return None
    if _share(sample, ZIP_PLUS.fullmatch) >= MOSTLY or _share(sample, POSTCODES.fullmatch) >= MOSTLY:
        return "place", "postal codes", total, "block"
    if _share(sample, lambda cell: DIGITS.fullmatch(cell) and len(cell) == 5) >= NEARLY and not _counts_up(sample):
        return _postal(sample, total, role)
    if len(sample) >= 8 and _share(sample, DEGREES.fullmatch) >= MOSTLY and _like_degrees(sample):
        return "place", "numbers with four decimals or more, as degrees on a map have", total, "ask"
    return None


def _like_degrees(cells):
    """All within one region, or on both sides of the equator and the meridian; scores are neither."""
    sizes = sorted(float(cell) for cell in cells if DEGREES.fullmatch(cell))
    near = sizes[-1] - sizes[0] < 5 and min(map(abs, sizes)) >= 20
    return max(map(abs, sizes)) <= 180 and (near or sizes[0] < -20 and sizes[-1] > 20)


def _postal(sample, total, role):
    """Five digits: procedures where their codes prevail and repeat; else postal codes, some from 0."""
    if _share(sample, PROCEDURES.fullmatch) >= MOSTLY and (len(sample) <= 0.5 * total or len(sample) <= 12):
        return None
    if _share(sample, lambda cell: cell.endswith("00")) > 0.5:
        return None
    known, spread = _share(sample, lambda cell: cell[:3] not in UNUSED_ZIP), len({cell[0] for cell in sample})
    if any(cell[0] == "0" for cell in sample) or known >= KNOWN and spread >= 5 and role != "number":
        return "place", "postal codes", total, "block"
    if known >= KNOWN and (spread >= 5 or spread <= 2 and role != "number"):
        return "place", "five digits each, as postal codes have", total, "ask"
    return None


def birth_years(cells):
    """Return how many cells are years of birth of people above 89, in a column of years."""
    limit = date.today().year - 90
    if not _mostly(cells, lambda cell: re.fullmatch(r"(?:19|20)\d\d", cell), NEARLY):
        return 0
    return sum(number for cell, number in cells.items() if cell.isdigit() and int(cell) < limit)


def _counts_up(cells):
    """Pseudonyms made by counting share their beginning: 2024000001, 2024000002."""
    cells = list(cells)
    lengths = {len(cell) for cell in cells}
    if len(cells) < FEWEST or len(lengths) > 1:
        return False
    start = Counter(cell[:-4] for cell in cells).most_common(1)[0][1] if min(lengths) > 6 else 0
    numbers = sorted(int(cell) for cell in cells if DIGITS.fullmatch(cell))
    near = len(numbers) == len(cells) and numbers[-1] - numbers[0] < 3 * len(numbers)
    return near or start >= NEARLY * len(cells)


def _share(cells, test):
    return sum(bool(test(cell)) for cell in cells) / len(cells) if cells else 0


def _mostly(cells, test, share):
    hits = sum(number for cell, number in cells.items() if test(cell))
    return hits if hits and hits >= share * sum(cells.values()) else 0
