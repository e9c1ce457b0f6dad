"""What commands cost: wall time, CPU of all their processes also when orphaned, peak memory of all together."""

import ctypes
import os
import resource
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

EVERY = 1  # seconds between two looks at the memory, which cost some CPU themselves
SUBREAPER = 36  # Linux: prctl's PR_SET_CHILD_SUBREAPER


@dataclass(frozen=True)
class Cost:
    """Wall seconds, CPU seconds and peak megabytes."""

    wall: float
    cpu: float
    peak: float

    def __add__(self, other):
        return Cost(self.wall + other.wall, self.cpu + other.cpu, max(self.peak, other.peak))


def watch(command):
    """Run a command and return its Cost. Orphans come to this process and are waited for, so their CPU counts."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
    peak, done = [0.0], threading.Event()
    watcher = threading.Thread(target=_sample, args=(peak, done))
    before, begun = _used(), time.perf_counter()
    watcher.start()
    try:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    finally:
        wall = time.perf_counter() - begun
        done.set()
        watcher.join()
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)
    return Cost(wall, _used() - before, peak[0])


def _used():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _sample(peak, done):
    while not done.wait(EVERY):
        peak[0] = max(peak[0], sum(proportional_megabytes(pid) for pid in descendants(os.getpid())))


def descendants(ancestor):
    """Return the ids of all processes below `ancestor`."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError):  # it has ended since
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
    found, left = [], [ancestor]
    while left:
        parent = left.pop()
        children = [pid for pid, its in parents.items() if its == parent]
        found += children
        left += children
    return found


def proportional_megabytes(pid):
    """Return a process's memory, pages shared between processes counted in shares (PSS), in MB."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0
