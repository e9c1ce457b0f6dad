"""A table as the text of a TOML file: what the standard library reads and does not write."""

import json
import re

BARE = re.compile(r"[A-Za-z0-9_-]+")
INLINE = ("columns",)  # tables whose entries stand on one line each


def as_toml(table):
    """Return the TOML document of nested dicts, lists, texts, numbers, booleans and dates."""
    return "\n".join(_section(table, ())).strip() + "\n"


def _section(table, path):
    later = {}
    for key, value in table.items():
        if isinstance(value, dict) or (
            isinstance(value, list) and value and all(isinstance(each, dict) for each in value)
        ):
            later[key] = value
        elif value is not None:
            yield f"{_key(key)} = {_value(value)}"
    for key, value in later.items():
        name = ".".join(map(_key, (*path, key)))
        if isinstance(value, list):
            for each in value:
                yield f"\n[[{name}]]"
                yield from _section(each, (*path, key))
        elif key in INLINE:
            yield f"\n[{name}]"
            yield from (f"{_key(each)} = {_value(entry)}" for each, entry in value.items())
        else:
            lines = list(_section(value, (*path, key)))
            yield from lines if lines and lines[0].startswith("\n[") else (f"\n[{name}]", *lines)


def _key(key):
    return key if BARE.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def _value(value):
    if isinstance(value, dict):
        return (
            "{ " + ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items() if each is not None) + " }"
        )
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_value, value)) + "]"
    return value.isoformat() if hasattr(value, "isoformat") else json.dumps(value, ensure_ascii=False)
