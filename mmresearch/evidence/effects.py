"""Reads the table of published effects (package data) and finds the rows that bear on a claim."""

import csv
import io
from dataclasses import fields
from functools import cache
from importlib.resources import files

from mmresearch.errors import RegistryError
from mmresearch.evidence.records import COMPARATORS, LEVELS, PublishedEffect

NUMBERS = ("effect", "low", "high")
COLUMNS = tuple(each.name for each in fields(PublishedEffect) if each.name != "decimals")


@cache
def published_effects():
    """Return every PublishedEffect of the package's table, in its order. Raises RegistryError with all findings."""
    return read_effects((files("mmresearch.evidence") / "effects.csv").read_text(encoding="utf-8"))


@cache
def bearing_on(claim):
    """Return the published effects that name this claim id, in a fixed order.

    By comparator class (COMPARATORS), reviews before trials, newest first, then by id. They overlap: reviews hold
    trials, arms share controls. They are to be read one by one, never pooled. Empty means none in our table.
    """
    rows = [effect for effect in published_effects() if claim in effect.claims]
    return tuple(sorted(rows, key=lambda each: (COMPARATORS.index(each.comparator_class), LEVELS.index(each.level),
                                                -each.year, each.effect_id)))


def read_effects(text, where="evidence/effects.csv"):
    """Return the PublishedEffects in CSV text. Raises RegistryError with every broken rule, by line and row."""
    lines = csv.DictReader(io.StringIO(text), strict=True)
    if tuple(lines.fieldnames or ()) != COLUMNS:
        raise RegistryError(where, f"columns are {', '.join(lines.fieldnames or ('none',))}",
                            remedy=f"Expected, in this order: {', '.join(COLUMNS)}.")
    made, broken = {}, []
    for cells in lines:
        row = f"line {lines.line_num} ({cells['effect_id']})"
        if cells["effect_id"] in made:
            broken.append(f"{row}: effect_id stands twice")
            continue
        try:
            made[cells["effect_id"]] = _effect(cells)
        except RegistryError as error:
            broken += [f"{row}: {finding}" for finding in error.findings]
    broken += _repeated(made.values())
    if broken:
        raise RegistryError(where, f"{len(broken)} rules are broken ({len(made)} sound rows read)", broken,
                            "Compare the row with its publication; a row that was printed wrong stays out.")
    return tuple(made.values())


def _effect(cells):
    if None in cells or None in cells.values():
        raise RegistryError("row", "cells", ["has more or fewer cells than there are columns"])
    try:
        numbers = {name: float(cells[name]) for name in NUMBERS}
        counts = {name: int(cells[name]) if cells[name] else None for name in ("k", "n", "year")}
    except ValueError:
        raise RegistryError("row", "cells", ["effect, low, high are numbers; year, k and n whole numbers"]) from None
    if counts["year"] is None:
        raise RegistryError("row", "cells", ["year is missing"])
    decimals = tuple(len(cells[name].partition(".")[2]) for name in NUMBERS)
    claims = tuple(each for each in cells["claims"].split(";") if each)
    return PublishedEffect(**{**cells, **numbers, **counts, "claims": claims, "decimals": decimals})


def _repeated(effects):
    seen, broken = {}, []
    for each in effects:
        key = (each.study, each.title, each.population, each.technique, each.comparator, each.outcome, each.instrument,
               each.time)
        if key in seen:
            broken.append(f"{each.effect_id}: the same study, technique, comparator, outcome and time as {seen[key]}")
        seen.setdefault(key, each.effect_id)
    return broken
