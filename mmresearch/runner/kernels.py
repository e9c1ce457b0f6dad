"""The kernel of the page that runs now: which process it is, where it is spoken to, and that it does not eat the
machine's memory."""

import os
import signal
import threading
import uuid
from contextlib import contextmanager, suppress
from pathlib import Path

GLANCE = 0.1  # seconds between two looks at a kernel's memory; at the speed memory is filled, a few 100 MB
SHARE = 0.8  # of the memory, for all pages that run side by side
LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")  # a container's own
MEGABYTE = 1 << 20
LONGEST = 100  # bytes of a socket's path that every system takes, less the port's number


class Guard:
    """Watches the memory of the kernel of one page, and ends a kernel that takes more than `megabytes`.

    Resident memory is watched, not address space limited: libraries reserve address space they never use. What a warm
    kernel shares with its template (about 200 MB) counts as its own. Processes it starts are not counted.
    began, reached: megabytes it had when it was first looked at, and last
    """

    def __init__(self, megabytes):
        self.megabytes, self.exceeded, self.pid = megabytes, False, None
        self.began = self.reached = 0
        self._ended = threading.Event()

    def manager(self):
        """Return the class of kernel manager whose kernel this guard watches."""
        from jupyter_client.manager import AsyncKernelManager

        from mmresearch.runner.client import Client

        follow = self.follow

        class Watched(AsyncKernelManager):
            client_class = f"{Client.__module__}.{Client.__name__}"
            client_factory = Client

            async def start_kernel(self, **wishes):
                await super().start_kernel(**wishes)
                follow(self.provisioner.pid)

        return Watched

    def follow(self, pid):
        """Watch the process `pid` from now on."""
        self.pid = pid
        threading.Thread(target=self._watch, daemon=True).start()

    def end(self):
        """Watch no longer: the number may soon be another process's."""
        self.pid = None
        self._ended.set()

    def kill(self):
        """Kill the kernel and what it started, if it runs."""
        if self.pid is not None:
            for ended in (os.killpg, os.kill):
                with suppress(OSError):
                    ended(self.pid, signal.SIGKILL)

    def _watch(self):
        import psutil

        with suppress(psutil.Error):
            process = psutil.Process(self.pid)
            self.began = process.memory_info().rss / MEGABYTE
            while not self._ended.wait(GLANCE):
                self.reached = process.memory_info().rss / MEGABYTE
                if self.reached > self.megabytes:
                    self.exceeded = True
                    return self.kill()


guards = set()  # of the pages that run in this process now


@contextmanager
def guarded(megabytes):
    """Yield a Guard for one page."""
    guard = Guard(megabytes)
    guards.add(guard)
    try:
        yield guard
    finally:
        guard.end()
        guards.discard(guard)


def holds_sockets(place):
    """Whether a kernel may have its sockets at the path `place`, which a number is added to."""
    return os.name == "posix" and len(os.fsencode(place)) <= LONGEST


def jupyter_holds_sockets():
    """Whether kernels that Jupyter itself starts may have theirs in its own folder."""
    from jupyter_core.paths import jupyter_runtime_dir

    return holds_sockets(os.path.join(jupyter_runtime_dir(), f"kernel-{uuid.uuid4()}-ipc"))


def sensible_memory(side_by_side):
    """Return the megabytes each of `side_by_side` pages may take: a share of what this machine, or container, has."""
    import psutil

    total = psutil.virtual_memory().total
    for path in LIMITS:
        with suppress(OSError, ValueError):  # absent, or "max": no limit
            total = min(total, int(Path(path).read_text()))
    return int(SHARE * total / MEGABYTE / side_by_side)
