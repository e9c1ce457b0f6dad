"""Lets one run at a time work on a report. The lock is the system's own: it ends with the process, whatever ends it."""

import json
import os
import sys
import warnings
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from mmresearch.errors import SetupError
from mmresearch.runner.cache import replace

GLANCE = 0.2  # seconds between two tries of a run that waits


@contextmanager
def held(place, name, wait=False):
    """Hold the lock of the report `name` in the folder `place`.

    wait: until another run has ended; else SetupError is raised where there is one, and says which.
    """
    from filelock import FileLock

    place = Path(place)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock, holder = FileLock(place / f"{name}.lock", mode=0o600), place / f"{name}.holder"
    _acquire(lock, name, holder, wait)
    try:
        since = datetime.now(UTC).isoformat(timespec="seconds")
        replace(holder, json.dumps({"process": os.getpid(), "since": since}).encode())
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _acquire(lock, name, holder, wait):
    from filelock import Timeout

    try:
        _try(lock, 0)
    except Timeout:
        if not wait:
            raise SetupError(name, f"another run works on this report{_who(holder)}", remedy=(
                "Wait until it has ended, or give --wait, and this run waits by itself.")) from None
        print(f"{name}: waiting for another run{_who(holder)}.", file=sys.stderr, flush=True)
        _try(lock, -1)


def _try(lock, timeout):
    """Acquire; where the file system has no locks, filelock makes a file in their place, and we say what that means."""
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        lock.acquire(timeout=timeout, poll_interval=GLANCE)
    if any("fall" in str(each.message).lower() for each in said):
        print(f"The file system of {Path(lock.lock_file).parent} has no locks, so a file stands in for one: two runs "
              "from different machines could overwrite each other's report.", file=sys.stderr)


def _who(holder):
    try:
        found = json.loads(holder.read_text(encoding="utf-8"))
        return f" (process {int(found['process'])}, since {found['since']})"
    except (OSError, ValueError, TypeError, KeyError):
        return ""
