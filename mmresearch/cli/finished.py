"""A run of which nothing changed since its report was finished: answered from that report, importing no other room."""

import json
import sys

from mmresearch.cli.places import HIDDEN, reach, report_folder
from mmresearch.cli.sources import (
    PACKAGE,
    Snapshot,
    hash_bytes,
    installed,
    notebook_files,
    package_files,
    study_files,
    study_folders,
)
from mmresearch.runner.cache import Cache

NAME = "run"
UNCHANGED = "nothing changed since the report was made"
KEPT = "kept"  # folder of the cache within the hidden one
WITHOUT_EFFECT = {  # options that change how a run is made, and nothing in its report
    "command", "study", "out", "jobs", "timeout", "debug", "anew", "explain", "wait", "memory",
    "dask"}


def snapshot_for(path):
    """Return the Snapshot of everything a run on the study or studies at `path` reads."""
    studies = [file for folder in study_folders(path) for file in study_files(folder)[0].values()]
    return Snapshot([*package_files(), *notebook_files(), *studies])


def recall(arguments):
    """Print what the last run printed and return True, where all it was made from and its report are unchanged."""
    target = report_folder(arguments.study, arguments.out)
    ingredients = None if arguments.anew or _left_behind(target) else ingredients_of(arguments, target)
    found = ingredients and kept_beside(target).find(NAME, ingredients)
    if not found or digest_report(target) != found.facts["report"]:
        return False
    if arguments.explain:
        print(f"{target.name}: nothing would run: {UNCHANGED}")
    else:
        print(f"{target.name}: nothing had to run: {UNCHANGED}.", file=sys.stderr)
        print(found.content.decode())
    print(target / "index.html")
    return True


def remember(arguments, target, snapshot, lines):
    """Keep what a finished run printed, with the hash of its report, unless what it was made from changed meanwhile."""
    ingredients = ingredients_of(arguments, target, snapshot)
    if ingredients and not snapshot.changed():
        kept_beside(target).keep(NAME, ingredients, "\n".join(lines).encode(), report=digest_report(target))


def kept_beside(target):
    """Return the Cache beside a report."""
    return Cache(target.parent / HIDDEN / KEPT)


def ingredients_of(arguments, target, snapshot=None):
    """Return what the whole report is made from; None where that cannot be told without asking a database.

    The package stands with every file: verdicts and pages are made from it too.
    """
    folders = study_folders(arguments.study)
    if not folders or not all(study_files(folder)[1] for folder in folders):
        return None
    hashes = (snapshot or snapshot_for(arguments.study)).hashes
    ways = [(folder.name, reach(folder, target)(target)) for folder in folders]
    options = {name: str(each) for name, each in vars(arguments).items() if name not in WITHOUT_EFFECT}
    return installed() | {"files": _digest([(_name(path), digest) for path, digest in hashes.items() if digest]),
                          "report": target.name, "ways": _digest(ways), "options": _digest(sorted(options.items()))}


def digest_report(target):
    """Return one SHA-256 of a report's files, names included; None where there is none."""
    files = Snapshot(sorted(path for path in target.rglob("*") if path.is_file())).hashes if target.is_dir() else {}
    return _digest([(path.relative_to(target).as_posix(), digest) for path, digest in files.items()]) if files else None


def _left_behind(target):
    """Whether a killed run left something that the next one has to clear up."""
    beside = (each.name for each in target.parent.iterdir()) if target.parent.is_dir() else ()
    return any(name.startswith((f".staging-{target.name}-", f".old-{target.name}-")) for name in beside)


def _name(path):
    return "/".join(path.relative_to(PACKAGE).parts if path.is_relative_to(PACKAGE) else path.absolute().parts[-2:])


def _digest(record):
    return hash_bytes(json.dumps(record).encode())
