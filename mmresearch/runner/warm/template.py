"""The template process: imports once, then forks a kernel for each request that comes in by a socket.

It runs no notebook's code and has one thread: a fork inherits neither a notebook's state nor a lock someone held.
Several processes may share it. It ends with the last of them, and a kernel ends with the one that asked for it.

python -m mmresearch.runner.warm DESCRIPTOR MODULE ...
"""

import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import sys
from contextlib import suppress

LARGEST = 1 << 20  # bytes of a request: an environment and a command line
EVERY_KERNEL = (  # what a kernel imports while it starts; the debugger is half of that
    "ipykernel.kernelapp", "ipykernel.ipkernel", "ipykernel.debugger", "IPython.core.completerlib",
    "IPython.core.debugger", "IPython.core.oinspect", "IPython.extensions.storemagic", "sqlite3", "tornado.queues",
    "tornado.platform.asyncio", "xmlrpc.server")
LEAVE = b"leave"  # asks the template to end with its last kernel


def main():
    """Import the modules, then serve; a forked kernel comes out of `serve` with its request, and runs."""
    door = socket.socket(fileno=int(sys.argv[1]))
    # As an ordinary kernel does: what it imports is not looked for in the folder it happens to be started in.
    if sys.path[0] in ("", os.getcwd()):
        del sys.path[0]
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in (*EVERY_KERNEL, *sys.argv[2:]):
        warm(name, door)
    settle()
    template, request = os.getpid(), serve(door)
    if request is not None:
        run_kernel(*request, template)


def settle():
    """Keep what is here out of later collections: collecting it in a kernel would only copy its memory."""
    gc.collect()
    gc.freeze()


def warm(name, door=None):
    """Import the module `name`, with `name.*` all of a package. One that cannot be imported is left to the notebook.

    door: where whoever started us is heard to be gone, which ends this process.
    """
    if door is not None and deserted(door):
        sys.exit()
    package = name.removesuffix(".*")
    with suppress(Exception):
        module = importlib.import_module(package)
        if package != name:
            for each in pkgutil.iter_modules(module.__path__, package + "."):
                warm(each.name, door)


def deserted(door):
    """Whether the other end of the door is closed and nothing waits in it."""
    try:
        return not door.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except ConnectionResetError:  # it ended before it took what was asked of it
        return True


def read_ahead(function, what, done):
    """Call `module:function` with `what`, once until another comes: what it reads, the kernels have.

    What cannot be read is left to the notebook, which says why.
    """
    if what and [function, what] != done:
        done[:] = function, what
        module, _, name = function.partition(":")
        with suppress(Exception):
            getattr(importlib.import_module(module), name)(what)
        settle()


def serve(door):
    """Fork a kernel a request. Returns in each kernel its request and a socket, and None in the template, at its end.

    A request is JSON, the socket by which the kernel is announced, and the process it is for. The end is the door
    closed, or LEAVE and no kernel left.
    """
    kernels, leaving, read = {}, False, []  # descriptor of a kernel's process -> Kernel; what was read ahead

    def end(*_):
        stop(kernels)
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    while not leaving or kernels:
        ready, _, _ = select.select([door, *kernels, *(kernel.master for kernel in kernels.values())], [], [])
        for kernel in [kernel for kernel in kernels.values() if kernel.master in ready]:
            kernel.kill()
        for ended in set(ready) & set(kernels):
            kernels.pop(ended).bury(ended)
        if door not in ready:
            continue
        data, descriptors, _, _ = socket.recv_fds(door, LARGEST, 2)
        if not data:  # all who could ask are gone
            return stop(kernels)
        leaving = leaving or data == LEAVE
        if descriptors:
            request = json.loads(data)
            read_ahead(*request["ahead"], read)
            own = socket.socket(fileno=descriptors[0])
            if fork(own, descriptors[1], kernels) == 0:
                door.close()
                return request, own
            own.close()
    return None


def fork(own, master, kernels):
    """Fork and announce the kernel by `own`; returns 0 in it, and None where no kernel could be made.

    master: descriptor of the process the kernel is for
    """
    try:
        # A lock that another thread holds would be held in the kernel for ever.
        pid = os.fork() if threads() == 1 else None
    except OSError:  # no memory, or too many processes
        pid = None
    if not pid:  # the kernel, or none
        others = [each for process, kernel in kernels.items() for each in (process, kernel.master)]
        for each in (master, *(others if pid == 0 else ())):
            os.close(each)
        if pid == 0:
            kernels.clear()  # they are none of its own
        return pid
    process = os.pidfd_open(pid)  # nobody but us can reap it: the number is still its own
    kernels[process] = Kernel(pid, master)
    with suppress(OSError):  # whoever asked may be gone
        socket.send_fds(own, [str(pid).encode()], [process])
    return pid


class Kernel:
    """A kernel's process in its template: its id, and the descriptor of the process it is for."""

    def __init__(self, pid, master):
        self.pid, self.master = pid, master

    def kill(self):
        """Kill it, with what it started."""
        for end in (os.killpg, os.kill):  # one that was forked just now leads no group yet
            with suppress(OSError):
                end(self.pid, signal.SIGKILL)

    def bury(self, process):
        """Take note that it has ended. process: the descriptor of its process"""
        os.waitpid(self.pid, 0)
        for each in (process, self.master):
            os.close(each)


def stop(kernels):
    """Kill the kernels that are left."""
    for kernel in list(kernels.values()):
        kernel.kill()


def threads():
    """How many threads the system counts in this process: Python does not know those of its libraries."""
    return len(os.listdir("/proc/self/task"))


def run_kernel(request, own, template):
    """Become a kernel as if started by its command line, and tell `own` when its sockets are bound.

    template: the process id of the one that forked it
    """
    from ipykernel.kernelapp import IPKernelApp

    start_afresh(request)
    app = IPKernelApp.instance(parent_handle=template)  # it leaves when the template does, or has done already
    app.initialize(request["argv"])
    with suppress(OSError):
        own.send(b"ready")
    own.close()
    app.start()


def start_afresh(request):
    """Give this process what a new one has: a group, an environment, a folder, signals and random states of its own."""
    os.setsid()
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for each in (signal.SIGTERM, signal.SIGCHLD):
        signal.signal(each, signal.SIG_DFL)
    import time

    time.tzset()
    sys.argv[:] = [request["program"], *request["argv"]]
    if "numpy" in sys.modules:  # Python's own generator is seeded anew by the fork
        sys.modules["numpy"].random.seed()
    if "pandas" in sys.modules:  # imported outside a notebook it takes itself to be in a terminal
        sys.modules["pandas"].set_option("display.max_columns", 20)
    if "matplotlib" in sys.modules:  # it read the environment when it was imported
        backend = request["env"].get("MPLBACKEND", "module://matplotlib_inline.backend_inline")
        sys.modules["matplotlib"].rcParams["backend"] = backend
