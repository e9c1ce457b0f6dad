"""What a run that was killed leaves beside a report: its staging folder, and the report it had set aside."""

import os
import re
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

ASIDE, STAGING = "old", "staging"  # .old-<report>-<process>-<random>/report, .staging-<report>-<process>


def set_aside(target):
    """Move the folder `target` into a hidden one beside it, whose name says which process did it; return its place."""
    aside = Path(tempfile.mkdtemp(prefix=f".{ASIDE}-{target.name}-{os.getpid()}-", dir=target.parent)) / "report"
    os.rename(target, aside)
    return aside


def clear_up(target):
    """Before a run makes its own: put back a report that a dead run had set aside, and remove what dead runs left.

    A run is dead when no process of this machine has its number. What cannot be moved or removed stays.
    """
    target = Path(target)
    asides = sorted(_left_by_dead(target, ASIDE, r"-[a-z0-9_]{8}"), key=lambda folder: folder.stat().st_mtime)
    for aside in reversed(asides):
        if (aside / "report").is_dir() and _is_free(target):
            with suppress(OSError):
                os.rename(aside / "report", target)
        if not _is_free(target) or not (aside / "report").exists():
            shutil.rmtree(aside, ignore_errors=True)
    for stage in _left_by_dead(target, STAGING, ""):
        shutil.rmtree(stage, ignore_errors=True)


def _left_by_dead(target, kind, ending):
    named = re.compile(rf"\.{kind}-{re.escape(target.name)}-(\d+){ending}")
    inside = list(target.parent.iterdir()) if target.parent.is_dir() else []
    found = [(folder, named.fullmatch(folder.name)) for folder in inside if folder.is_dir()]
    return [folder for folder, name in found if name and not _lives(int(name[1]))]


def _lives(process):
    """True where another process has this number, or where that cannot be asked without harm."""
    if process == os.getpid():
        return False
    try:
        return os.name != "posix" or os.kill(process, 0) is None
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # somebody else's
        return True


def _is_free(target):
    return not target.exists() or target.is_dir() and not any(target.iterdir())
