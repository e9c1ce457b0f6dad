"""Reads a registry: the articles' (package data, one TOML file a group of claims) or a study's own claims.toml."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pydantic import ValidationError

from mmresearch.claims.checks import strangers
from mmresearch.claims.records import Claim, Contradiction
from mmresearch.codebook.book import findings
from mmresearch.errors import RegistryError, UsageError, nearest


@dataclass(frozen=True)
class Registry:
    """Claims by id, in registered order; `name` is the family their error rate is controlled in."""

    name: str
    claims: dict
    contradictions: tuple = ()

    def __len__(self):
        return len(self.claims)

    def __iter__(self):
        return iter(self.claims.values())

    def claim(self, name):
        if name not in self.claims:
            raise UsageError(
                f"claim '{name}'",
                f"the registry has no such claim.{nearest(name, self.claims)}",
                remedy="mmresearch claims lists them all.",
            )
        return self.claims[name]

    def contradicting(self, name):
        return tuple(each for each in self.contradictions if name in each.claims)


@cache
def articles():
    """Return the Registry of the five articles. Raises RegistryError with every broken record."""
    folder = files("mmresearch.claims") / "registry"
    entries = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda entry: entry.name
    )
    return read_registry("articles", {entry.name: entry.read_text(encoding="utf-8") for entry in entries})


def read_registry(name, texts, instruments=()):
    """Return the Registry in `texts` (file name -> TOML text). `instruments`: the study's own, beside the codebook's.

    Raises RegistryError with all findings at once.
    """
    claims, contradictions, named, broken = {}, {}, set(), []
    for where, text in texts.items():
        raw = _read(where, text, broken)
        for key, table in _tables(where, raw, "claims", broken):
            if key in named:
                broken.append(f"{where}: claim '{key}' is registered twice")
            named.add(key)
            _make(Claim, key, table, where, claims, broken)
        for key, table in _tables(where, raw, "contradictions", broken):
            _make(Contradiction, key, table, where, contradictions, broken)
    broken += strangers(claims, contradictions, named, set(instruments))
    if broken:
        raise RegistryError(
            f"registry '{name}'",
            f"{len(broken)} rules are broken ({len(named)} claims read)",
            broken,
            "Correct the TOML; docs/formats.md explains every key.",
        )
    return Registry(name, claims, tuple(contradictions.values()))


def _tables(where, raw, key, broken):
    """Return (name, table) of what stands under a key; what is no table is broken."""
    under = raw.get(key, {})
    if not isinstance(under, dict):
        broken.append(f"{where}: {key} must be tables such as [{key}.its-name]")
        return ()
    odd = [name for name, table in under.items() if not isinstance(table, dict)]
    broken.extend(f"{where}: {key}.{name} must be a table" for name in odd)
    return [(name, table) for name, table in under.items() if name not in odd]


def _read(where, text, broken):
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        broken.append(f"{where}: not TOML: {error}")
        return {}
    except (RecursionError, ValueError):
        broken.append(f"{where}: lists stand within one another too deeply, or a number has thousands of digits")
        return {}
    broken += [f"{where}: unknown table '{key}'" for key in raw if key not in ("claims", "contradictions")]
    return raw


def _make(record, key, table, where, made, broken):
    try:
        made[key] = record(id=key, **table)
    except ValidationError as error:
        broken += [f"{where}: {finding}" for finding in findings(key, error)]
