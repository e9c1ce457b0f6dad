"""A study read before a notebook asks for it, and handed out only while its files hold the same bytes.

Kernels are forked from a process that has read the study: reading it anew was more than half of a page's work.
"""

import hashlib
import tomllib
from pathlib import Path

from mmresearch.study.reader import read_study

UNSEEN = ("database", "url_from")  # what stands in a database can change while its file's bytes stay
_kept = {}  # fingerprint -> Dataset; one at most


def read_ahead(folder):
    """Read the study in `folder` and keep its Dataset for `recall`; a study that changes meanwhile is not kept.

    Returns the Dataset, or None for a study that cannot be kept. Raises as `read_study` does, and OSError or ValueError
    where study.toml cannot be read.
    """
    _kept.clear()
    before = fingerprint(folder)
    if before is None:
        return None
    dataset = read_study(folder)
    if before == fingerprint(folder):
        _kept[before] = dataset
    return dataset


def recall(folder):
    """Return the Dataset read ahead where `folder` holds the very bytes it was read from, else None."""
    try:
        return _kept.get(fingerprint(folder)) if _kept else None
    except (OSError, ValueError):  # whoever reads it says what is wrong with it
        return None


def fingerprint(folder):
    """Return the SHA-256 of study.toml, claims.toml and every file study.toml names; None where a database is named."""
    folder = Path(folder)
    words = dict(_words(tomllib.loads((folder / "study.toml").read_text(encoding="utf-8-sig"))))
    if any(path[-1] in UNSEEN for path in words):
        return None
    named = sorted({"study.toml", "claims.toml", *filter(None, words.values())})
    total = hashlib.sha256()
    for name in named:
        if (folder / name).is_file():
            total.update(f"{name}\0{hashlib.sha256((folder / name).read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def _words(value, path=()):
    """Yield (keys that lead to it, string) for every string in a TOML value."""
    if isinstance(value, str):
        yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in items:
        yield from _words(each, (*path, key))
