"""Moves a finished folder to where readers look: in whole or not at all, and never over what is not a report."""

import json
import os
import shutil
from hashlib import sha256
from pathlib import Path

from mmresearch.disclosure import scan
from mmresearch.errors import PrivacyError, SetupError, UsageError, counted
from mmresearch.report.leftovers import set_aside

MARK = "run.json"  # what a report folder of ours holds, itself or in each of its studies
OURS = {  # folder within a report -> what we leave in it; more than that is somebody's own
    "": ("*.html", "*.ipynb", "*.json", "claims", "estimates", "tables"), "claims": ("*.html", "*.ipynb"),
    "estimates": ("*.json",), "tables": ("*.csv",),
}
SAME_STUDY = ("study", "title", "data_sha256")  # of run.json: one in common, and it is the same study, moved or renamed
LEFT_BY_TOOLS = (".ipynb_checkpoints", ".DS_Store")  # by looking at a report


def publish(stage, target, tokens=(), clean=frozenset()):
    """Move the finished folder `stage` to `target`; a report that stood there is set aside, then removed.

    tokens: the patients' pseudonyms, for the scan of every byte that leaves. stage and target are on one file system.
    clean: what `find_clean` returned for the same tokens; these bytes are not scanned again.
    Raises PrivacyError when the scan finds something, UsageError when something that is no report of ours stands at
    `target`, SetupError when the folder cannot be written; in each case what stood at `target` still stands there.
    """
    stage, target = Path(stage), Path(target)
    check_target(target)
    _check_bytes(stage, target, tokens, clean)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _swap(stage, target)
    except OSError as error:
        raise SetupError(target, f"the report could not be moved in: {error.strerror}",
                         remedy="Choose a folder you may write to with --out; what stood there is unchanged.") from None
    return target


def find_clean(folder, tokens, clean=frozenset()):
    """Return the SHA-256 of each file below `folder`, where the scan for these tokens finds nothing in any of them.

    clean: what it returned before for the same tokens; these bytes are neither scanned nor returned again.
    """
    pages = _unscanned(_pages(Path(folder)), clean)
    return set() if scan(pages, tokens) else {sha256(body).digest() for body in pages.values()}


def check_target(target, studies=None):
    """Raise UsageError unless `target` is free, empty, or a report of ours; SetupError where it may not be moved away.

    studies: what run.json will say of each study of the report to come, an empty list for one that is of no study. A
    report that stands there must then be of one of them, or of none either. None: that is not looked at.
    """
    target = Path(target)
    if target.is_symlink() or target.is_file():
        raise UsageError(target, "expected a folder or nothing; a file or a link stands there",
                         remedy="Choose another --out.")
    if target.is_dir() and any(target.iterdir()) and not is_report(target):
        raise UsageError(target, "the folder holds something that is not a report of mmresearch", remedy=(
            "Nothing was changed. Choose another --out, or move what is yours out of that folder."))
    if target.is_dir() and not os.access(target, os.W_OK | os.X_OK):
        raise SetupError(target, "what stands there cannot be replaced: the folder may not be written", remedy=(
            "Nothing was changed. Get leave to write there, or choose another --out."))
    if studies is not None:
        _check_whose(target, studies)


def read_standing(target):
    """Return the content of each run.json of the report that stands at `target`, one a study; empty where none does."""
    target = Path(target)
    marks = [target / MARK] if (target / MARK).exists() else sorted(target.glob(f"*/{MARK}"))
    return [json.loads(mark.read_text(encoding="utf-8")) for mark in marks]


def _check_whose(target, studies):
    standing = read_standing(target)
    theirs = [facts for facts in standing if "study" in facts]  # a release, a pooling and the literature name none
    if not standing or (_who(theirs) & _who(studies)) or not (theirs or studies):
        return
    told = [f"{facts['study']} ({facts['title']})" if facts.get("title") else facts["study"] for facts in theirs]
    other = "other " if studies else ""
    whose = f"a report of {counted(len(told), f'{other}study', f'{other}studies')}" if told else (
        "a report that is no study's run (but a release, a pooling or what trials have published)")
    raise UsageError(target, f"{whose} stands there", told, (
        "Nothing was changed. Choose another --out, or remove that report if nobody needs it."))


def _who(studies):
    return {(name, str(facts[name])) for facts in studies for name in SAME_STUDY if facts.get(name)}


def is_report(folder):
    """True for a folder that `write_report` or `write_overview` filled, and nobody since.

    It, or each folder in it, has our run.json; and nothing lies there that a run does not leave.
    """
    single, inside = (folder / MARK).exists(), _inside(folder)
    places = [folder] if single else [each for each in inside if each.is_dir()]
    loose = [] if single else [each.name for each in inside if not each.is_dir() and each.name != "index.html"]
    return (folder / "index.html").is_file() and bool(places) and not loose and all(_is_run(each) for each in places)


def _is_run(folder):
    try:
        facts = json.loads((folder / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(facts, dict) and "mmresearch" in facts and all(
        any(each.match(pattern) for pattern in patterns)
        for name, patterns in OURS.items() if (folder / name).is_dir() for each in _inside(folder / name))


def _inside(folder):
    return [each for each in folder.iterdir() if each.name not in LEFT_BY_TOOLS]


def _pages(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def _unscanned(pages, clean):
    return {name: body for name, body in pages.items() if sha256(body).digest() not in clean}


def _check_bytes(stage, target, tokens, clean):
    found = scan(_unscanned(_pages(stage), clean), tokens)
    if found:
        raise PrivacyError(target, f"{len(found)} findings in the finished pages; nothing was published",
                           [str(each) for each in found], "Report this: no page should hold any of these.")


def _swap(stage, target):
    """Rename aside, rename in, remove the old. The gap in which a reader finds no folder is one rename long.

    A run that is killed within it leaves the old one aside; the next puts it back (leftovers.py).
    """
    aside = set_aside(target) if target.exists() else None
    try:
        os.rename(stage, target)
    except OSError:
        if aside:
            os.rename(aside, target)
            aside.parent.rmdir()
        raise
    if aside:
        shutil.rmtree(aside.parent, ignore_errors=True)
