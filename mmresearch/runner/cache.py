"""Keeps what was made under the hash of everything that could have changed it. A damaged entry is as good as none."""

import hashlib
import json
import os
import re
import tempfile
import time
import zlib
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

FORMAT = b"mmresearch-kept-1"  # first word of an entry; another one's entries are not read
LIMIT = 2 << 30  # bytes all entries of one folder may take; the oldest go first
ENTRY = re.compile(r"(?P<name>.+)-[0-9a-f]{40}")
UNFINISHED = ".part-"  # an entry while it is written
ABANDONED = 24 * 3600  # seconds after which nobody writes it any more


@dataclass(frozen=True)
class Entry:
    """What was kept: the hashes of what went into it, plain facts about it, and its bytes."""

    ingredients: dict = field(repr=False)
    facts: dict
    content: bytes = field(repr=False)


class Cache:
    """Entries in one folder, readable by its owner alone: they are results of patients.

    folder: made when something is kept; limit: bytes `trim` leaves at most.
    A name is a page's; ingredients are strings (hashes) by name. The same two give the same entry.
    """

    def __init__(self, folder, limit=LIMIT):
        self.folder, self.limit, self._begun = Path(folder), limit, time.time()

    def find(self, name, ingredients):
        """Return the Entry kept under these ingredients, or None: there is none, or it was damaged, and is removed."""
        path = self._path(name, ingredients)
        found = _read(path)
        if found is None or found.ingredients != ingredients:
            with suppress(OSError):
                path.unlink()
            return None
        with suppress(OSError):
            os.utime(path)  # what is used is not what is oldest
        return found

    def keep(self, name, ingredients, content, **facts):
        """Keep bytes under their ingredients, at once and whole or not at all. Raises OSError where it cannot."""
        self._prepare()
        head = json.dumps({"ingredients": ingredients, "facts": facts}).encode()
        packed = zlib.compress(head + b"\n" + content, 1)
        path = self._path(name, ingredients)
        replace(path, b" ".join((FORMAT, hashlib.sha256(packed).hexdigest().encode(), packed)))

    def nearest(self, name, ingredients, **facts):
        """Return the ingredients kept under that name and these facts that differ least (the newest such), or None.

        They say what has changed since.
        """
        entries = [(path.stat().st_mtime, _read(path)) for path in self._entries() if _name_of(path) == name]
        fitting = [(changed(ingredients, entry.ingredients), -time, entry.ingredients) for time, entry in entries
                   if entry and facts.items() <= entry.facts.items()]
        return min(fitting, key=lambda each: (len(each[0]), each[1]))[2] if fitting else None

    def trim(self):
        """Remove the entries longest unused until the rest is within the limit; never one of this run."""
        self._clear()
        entries = sorted((path.stat().st_mtime, path.stat().st_size, path) for path in self._entries())
        excess = sum(size for _, size, _ in entries) - self.limit
        for used, size, path in entries:
            if excess <= 0 or used >= self._begun:
                return
            path.unlink(missing_ok=True)
            excess -= size

    def _path(self, name, ingredients):
        key = hashlib.sha256(json.dumps(ingredients, sort_keys=True).encode()).hexdigest()
        return self.folder / f"{name}-{key[:40]}"

    def _entries(self):
        found = self.folder.iterdir() if self.folder.is_dir() else ()
        return [path for path in found if ENTRY.fullmatch(path.name)]

    def _prepare(self):
        if not self.folder.is_dir():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _clear(self):
        """Remove what killed runs were writing."""
        for path in self.folder.glob(f"{UNFINISHED}*"):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > ABANDONED:
                    path.unlink()


def changed(ingredients, before):
    """Return the names of the ingredients that are not what they were, new and missing ones among them."""
    return [name for name in {**before, **ingredients} if ingredients.get(name) != before.get(name)]


def replace(path, content):
    """Write a file, readable by its owner alone, that a reader finds whole or not at all, even after a power cut."""
    descriptor, part = tempfile.mkstemp(prefix=UNFINISHED, dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(part)
        raise


def _name_of(path):
    return ENTRY.fullmatch(path.name)["name"]


def _read(path):
    """Return the Entry at `path`, or None where it is absent, cut short, altered or of another version."""
    try:
        word, digest, packed = path.read_bytes().split(b" ", 2)
        if word != FORMAT or hashlib.sha256(packed).hexdigest().encode() != digest:
            return None
        head, content = zlib.decompress(packed).split(b"\n", 1)
        return Entry(**json.loads(head), content=content)
    except (OSError, ValueError, TypeError, zlib.error):
        return None
