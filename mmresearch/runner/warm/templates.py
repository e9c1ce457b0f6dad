"""The template processes of this process, one for each way an interpreter can be started."""

import json
import os
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

from mmresearch.runner.warm.registration import KERNEL, SPECS
from mmresearch.runner.warm.template import LEAVE, deserted

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1")
READ_AT_START = ("PYTHON", "LD_", "LC_", "LANG")  # variables an interpreter or its libraries read once
COMMAND = [sys.executable, "-m", "mmresearch.runner.warm"]
PACKAGE = Path(__file__).parents[2]
templates, lock = {}, threading.Lock()
kept = []  # the state of the code all templates of this process stay with, where it is a run's


class Broken(Exception):
    """A template that forks no kernel."""


class Template:
    """A template process and the door by which it is asked: this process's own, or one it shares with others.

    door: a socket; process: its Popen, None where another process started it
    """

    def __init__(self, door, process=None):
        self.door, self.process, self.left = door, process, False

    @classmethod
    def start(cls, env, modules, said=None):
        """Start one, which imports while others go on.

        env: its environment; modules: what it imports; said: where its output and its kernels' goes, as for Popen
        Raises OSError where it cannot be started.
        """
        door, inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with inside:
            command = [*COMMAND, str(inside.fileno()), *modules]
            return cls(door, subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                                              pass_fds=[inside.fileno()], start_new_session=True))

    def usable(self):
        """Whether it runs, as far as can be seen."""
        return not self.left and not deserted(self.door)

    def ask(self, request, own):
        """Ask for a kernel; it is announced by the socket `own`, and ends when this process does.

        Raises OSError where nobody listens.
        """
        ourselves = os.pidfd_open(os.getpid())
        try:
            socket.send_fds(self.door, [json.dumps(request).encode()], [own.fileno(), ourselves])
        finally:
            os.close(ourselves)

    def end(self):
        """End it now, with the kernels it has; one that others share goes on."""
        if self.process is not None:
            self.process.terminate()

    def leave(self):
        """Ask it for nothing more. It stays for the kernels it has, and for others who share it."""
        self.left = True
        if self.process is not None:
            with suppress(OSError):  # it may have ended
                self.door.send(LEAVE)


def template_for(env, modules):
    """Return the template whose forks are what a new interpreter with `env` would be, started when there is none."""
    key, now = _key(env, modules), kept[0] if kept else stamp()
    with lock:
        found, then = templates.get(key, (None, None))
        if found is not None and found.usable() and then == now:
            return found
        if found is not None:
            found.leave()  # it holds code that has been changed since
        templates[key] = Template.start(env, modules), now
        return templates[key][0]


def _key(env, modules):
    started = sorted((name, env[name]) for name in env if name.startswith(READ_AT_START))
    return json.dumps([started, list(modules)])


def prepare(door=None):
    """Have the template of the mmresearch kernel before the first notebook needs it: start it, or share another's.

    door: the descriptor of the door of one that was started with this process's environment
    From now on templates of this process stay as they are: the pages of one run are made by one state of the code.
    """
    kept[:] = [stamp()]
    if door is not None:
        templates[_key(os.environ, modules())] = Template(socket.socket(fileno=door)), kept[0]
    template_for(os.environ, modules())


def modules():
    """Return what the mmresearch kernel's template imports, as its kernelspec has it."""
    spec = json.loads((SPECS / "kernels" / KERNEL / "kernel.json").read_text(encoding="utf-8"))
    return spec["metadata"]["kernel_provisioner"]["config"]["modules"]


def lost():
    """Whether a template that kernels of this process were forked from is gone."""
    return any(not template.left and not template.usable() for template, _ in list(templates.values()))


def dismiss():
    """End all templates now. Takes no lock: a signal's handler calls it."""
    for template, _ in list(templates.values()):
        template.end()


def stamp():
    """Return what changes when a file of this package does: a template goes on with the code it has imported."""
    stamps = []
    for folder, _, names in os.walk(PACKAGE):
        for name in names:
            if not name.endswith(".pyc"):
                with suppress(OSError):  # an editor's own file may be gone by now
                    found = os.stat(os.path.join(folder, name))
                    stamps.append((folder, name, found.st_mtime_ns, found.st_size))
    return hash(tuple(sorted(stamps)))
