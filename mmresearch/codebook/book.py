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
    instruments = _read("instruments.toml", "instruments", Instrument)
    words = {kind: _read("words.toml", kind, Word) for kind in ("conditions", "techniques", "comparators")}
    book = Codebook(instruments, **words, conventions=_read("conventions.toml", "conventions", Convention))
    strays = [f"{word.id}: kind_of '{parent}' is not a condition" for word in book.conditions.values()
              for parent in word.kind_of if parent not in book.conditions]
    if strays:
        raise RegistryError("codebook/words.toml", "broader words must exist", strays)
    return book


def _read(name, table, record):
    raw = tomllib.loads((files("mmresearch.codebook") / name).read_text(encoding="utf-8")).get(table, {})
    made, broken = {}, []
    for key, fields in raw.items():
        try:
            made[key] = record(id=key, **fields)
        except ValidationError as error:
            broken += [f"{key}: {'.'.join(map(str, e['loc']))} {e['msg']}" for e in error.errors(include_input=False)]
    if broken:
        raise RegistryError(f"codebook/{name}", f"{len(broken)} records break the rules", broken)
    return made


def _find(table, name, kind):
    if name not in table:
        raise UsageError(f"{kind} '{name}'", f"the codebook has no such {kind}.{nearest(name, table)}")
    return table[name]
