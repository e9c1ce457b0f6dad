"""Reads the table of published effects (data/evidence/effects.csv) and finds the rows that bear on a claim."""

import csv
import hashlib
import io
from functools import cache
from importlib.resources import files

from mmresearch.errors import RegistryError
from mmresearch.evidence.records import PublishedEffect
from mmresearch.evidence.strangers import repeated, strangers

NUMBERS = ("effect", "low", "high")
LISTS = ("claims", "conditions", "techniques", "mixed_of", "instruments", "part_of")  # separated by semicolons
COLUMNS = (
    "effect_id", "study", "year", "title", "doi", "pmid", "seen_at", "level", "k", "n", "population", "conditions",
    "technique", "techniques", "comparator", "comparator_class", "mixed_of", "outcome", "instrument", "instruments",
    "unit", "time", "days", "effect_type", "effect", "low", "high", "benefit_direction", "claims", "part_of", "note",
    "off_centre")
REMEDY = "Compare the row with its publication; a row that was printed wrong stays out. docs/evidence.md has the rules."


@cache
def published_effects():
    """Return every PublishedEffect of our table, in its order. Raises RegistryError with all findings."""
    return read_effects((files("mmresearch.evidence") / "effects.csv").read_text(encoding="utf-8"))


def hash_effects():
    """Return the SHA-256 of our table as it stands."""
    return hashlib.sha256((files("mmresearch.evidence") / "effects.csv").read_bytes()).hexdigest()


def read_effects(text, where="data/evidence/effects.csv"):
    """Return the PublishedEffects in CSV text. Raises RegistryError with every broken rule, by line and row."""
    lines = csv.DictReader(io.StringIO(text), strict=True)
    if tuple(lines.fieldnames or ()) != COLUMNS:
        raise RegistryError(where, f"columns are {', '.join(lines.fieldnames or ('none',))}",
                            remedy=f"Expected, in this order and separated by commas: {', '.join(COLUMNS)}.")
    made, named, broken = {}, set(), []
    try:
        for cells in lines:
            _take(cells, lines.line_num, made, named, broken)
    except csv.Error as error:
        broken.append(f"line {lines.line_num}: not CSV: {error}")
    broken += [*strangers(made, named), *repeated(made.values())]
    if broken:
        raise RegistryError(where, f"{len(broken)} rules are broken ({len(made)} sound rows read)", broken, REMEDY)
    return tuple(made.values())


def _take(cells, line, made, named, broken):
    """Put one row into `made`, or its findings into `broken`."""
    name = cells["effect_id"]
    row = f"line {line} ({name})"
    if name in named:
        broken.append(f"{row}: effect_id stands twice")
        return
    named.add(name)
    try:
        made[name] = _effect(cells)
    except RegistryError as error:
        broken += [f"{row}: {finding}" for finding in error.findings]


def _effect(cells):
    if None in cells or None in cells.values():
        raise RegistryError("row", "cells", ["has more or fewer cells than there are columns"])
    if not cells["effect_id"]:
        raise RegistryError("row", "cells", ["effect_id is missing"])
    try:
        numbers = {name: float(cells[name]) for name in NUMBERS}
        counts = {name: int(cells[name]) if cells[name] else None for name in ("k", "n", "year")}
    except ValueError:
        raise RegistryError("row", "cells", ["effect, low, high are numbers; year, k and n whole numbers"]) from None
    if counts["year"] is None:
        raise RegistryError("row", "cells", ["year is missing"])
    decimals = tuple(len(cells[name].partition(".")[2]) for name in NUMBERS)
    lists = {name: tuple(each for each in cells[name].split(";") if each) for name in LISTS}
    return PublishedEffect(**{**cells, **numbers, **counts, **lists, "days": _days(cells["days"]),
                              "decimals": decimals})


def _days(text):
    """Return (first, last) of `70`, `0-182` or `183-` (last None), or ()."""
    first, ranged, last = text.partition("-")
    if not all(each.isdecimal() for each in (first, last) if each) or (text and not first):
        raise RegistryError("row", "cells", ["days are a day (70), a range (0-182), an open range (183-) or empty"])
    if not text:
        return ()
    return int(first), int(last) if last else None if ranged else int(first)
