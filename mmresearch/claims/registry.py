"""Reads a registry: the articles' (package data, one TOML file a group of claims) or a study's own claims.toml."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from pydantic import ValidationError

from mmresearch.claims.records import Claim, Contradiction
from mmresearch.codebook import codebook
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
            raise UsageError(f"claim '{name}'", f"the registry has no such claim.{nearest(name, self.claims)}",
                             remedy="mmresearch claims lists them all.")
        return self.claims[name]

    def contradicting(self, name):
        return tuple(each for each in self.contradictions if name in each.claims)


@cache
def articles():
    """Return the Registry of the five articles. Raises RegistryError with every broken record."""
    folder = files("mmresearch.claims") / "registry"
    texts = {entry.name: entry.read_text(encoding="utf-8") for entry in folder.iterdir() if entry.name.endswith(".toml")}
    return read_registry("articles", dict(sorted(texts.items())))


def read_registry(name, texts, instruments=()):
    """Return the Registry in `texts` (file name -> TOML text). `instruments`: the study's own, beside the codebook's.

    Raises RegistryError with all findings at once.
    """
    claims, contradictions, broken = {}, [], []
    for where, text in texts.items():
        try:
            raw = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            broken.append(f"{where}: not TOML: {error}")
            continue
        broken += [f"{where}: unknown table '{key}'" for key in raw if key not in ("claims", "contradictions")]
        for key, table in raw.get("claims", {}).items():
            if key in claims:
                broken.append(f"{where}: claim '{key}' is registered twice")
            _make(Claim, key, table, where, claims, broken)
        made = {}
        for key, table in raw.get("contradictions", {}).items():
            _make(Contradiction, key, table, where, made, broken)
        contradictions += made.values()
    broken += _strangers(claims, contradictions, set(instruments))
    if broken:
        raise RegistryError(f"registry '{name}'", f"{len(broken)} rules are broken ({len(claims)} claims read)", broken,
                            "Correct the TOML; docs/formats.md explains every key.")
    return Registry(name, claims, tuple(contradictions))


def _make(record, key, table, where, made, broken):
    try:
        made[key] = record(id=key, **table)
    except ValidationError as error:
        broken += [f"{where}: {key}: {'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors(include_input=False)]


def _strangers(claims, contradictions, own):
    """Every word of a claim must be the codebook's (or, for instruments, the study's own)."""
    book = codebook()
    known = {"instruments": set(book.instruments) | own, "techniques": set(book.techniques),
             "comparators": set(book.comparators)}
    broken = []
    for claim in claims.values():
        if claim.analysis is None:
            continue
        words = [(kind, word) for kind in known for word in getattr(claim.analysis, kind) if word not in known[kind]]
        broken += [f"{claim.id}: {kind} has '{word}', not in the codebook.{nearest(word, known[kind])}" for kind, word in words]
        broken += [f"{claim.id}: condition '{word}' is not in the codebook.{nearest(word, book.conditions)}"
                   for word in claim.analysis.population.conditions if word not in book.conditions]
    broken += [f"contradiction {each.id}: claim '{name}' is not registered"
               for each in contradictions for name in each.claims if name not in claims]
    ranks = {claim.rank for claim in claims.values()}
    if None in ranks and len(ranks) > 1:
        broken.append("rank: give every claim a rank (primary or secondary), or none")
    return broken
