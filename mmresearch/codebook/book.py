"""The codebook itself: package data read once, checked, and looked up by word."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pydantic import ValidationError

from mmresearch.codebook.records import Convention, Instrument, Word
from mmresearch.errors import RegistryError, UsageError, nearest


@dataclass(frozen=True)
class Codebook:
    instruments: dict
    conditions: dict
    techniques: dict
    comparators: dict
    conventions: dict

    def instrument(self, name):
        return _find(self.instruments, name, "instrument")

    def condition(self, name):
        return _find(self.conditions, name, "condition")

    def is_kind_of(self, condition, broader):
        """True when `condition` is `broader` or one of its kinds (any depth)."""
        if condition == broader:
            return True
        return any(self.is_kind_of(parent, broader) for parent in self.condition(condition).kind_of)


@cache
def codebook():
    """Return the Codebook of the package. Raises RegistryError with every broken record."""
    instruments = read_records("instruments", "instruments", Instrument)
    words = {kind: read_records("words.toml", kind, Word) for kind in ("conditions", "techniques", "comparators")}
    book = Codebook(instruments, **words, conventions=read_records("conventions.toml", "conventions", Convention))
    strays = [
        f"{word.id}: kind_of '{parent}' is not a condition"
        for word in book.conditions.values()
        for parent in word.kind_of
        if parent not in book.conditions
    ]
    if strays:
        raise RegistryError("codebook/words.toml", "broader words must exist", strays)
    return book


def read_records(name, table, record):
    """Return the records of one table; `name` is a file, or a folder whose files are read as one."""
    made, broken = {}, []
    for entry in _entries(name):
        for key, fields in tomllib.loads(entry.read_text(encoding="utf-8")).get(table, {}).items():
            broken += [f"{entry.name}: {key} stands in two files"] if key in made else []
            try:
                made[key] = record(id=key, **fields)
            except ValidationError as error:
                broken += [f"{entry.name}: {finding}" for finding in findings(key, error)]
    if broken:
        raise RegistryError(
            f"codebook/{name}",
            f"{len(broken)} rules are broken",
            broken,
            "Correct the TOML; docs/formats.md explains every key.",
        )
    return made


def _entries(name):
    entry = files("mmresearch.codebook") / name
    inside = entry.iterdir() if entry.is_dir() else [entry]
    return sorted((each for each in inside if each.name.endswith(".toml")), key=lambda each: each.name)


def findings(key, error):
    """Return one line for each thing a pydantic ValidationError found, in our words; never the value received."""
    lines = []
    for each in error.errors(include_input=False, include_url=False):
        where = ".".join(map(str, each["loc"]))
        lines.append(f"{key}: {where}: {_said(each)}" if where else f"{key}: {_said(each)}")
    return lines


def _said(finding):
    expected = finding.get("ctx", {}).get("expected")
    return {"extra_forbidden": "no such key", "missing": "missing", "literal_error": f"expected {expected}"}.get(
        finding["type"], finding["msg"].removeprefix("Value error, ").replace("Input should be", "expected", 1)
    )


def _find(table, name, kind):
    if name not in table:
        raise UsageError(f"{kind} '{name}'", f"the codebook has no such {kind}.{nearest(name, table)}")
    return table[name]
