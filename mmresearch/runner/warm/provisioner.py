"""Jupyter's side of a warm kernel: asks a template for a fork, and falls back to an ordinary kernel where it cannot."""

import asyncio
import os
import select
import signal
import socket
import weakref
from contextlib import suppress
from pathlib import Path

import ipykernel
from jupyter_client.provisioning import LocalProvisioner
from traitlets import List, Unicode

from mmresearch.runner.warm.registration import AHEAD, possible
from mmresearch.runner.warm.templates import ONE_THREAD, Broken, template_for

START_TIMEOUT = 90  # seconds for a template's imports and a kernel's start, on a machine that is busy with others
LAUNCHER = ["-m", "ipykernel_launcher"]
PROGRAM = str(Path(ipykernel.__file__).parents[1] / "ipykernel_launcher.py")
PLAIN = {"cwd", "env", "kernel_id", "independent"}  # what a fork can be given; other wishes are Popen's
GLANCE = 0.005  # seconds between two looks at a process that was told to end
said = set()  # reasons already given in this process


class Forked:
    """A kernel's process, by the descriptor its template handed over. Speaks as subprocess.Popen does."""

    stdin = stdout = stderr = None

    def __init__(self, pid, descriptor):
        self.pid, self._descriptor, self.returncode = pid, descriptor, None
        self._close = weakref.finalize(self, os.close, descriptor)

    def poll(self):
        """None while it runs, else 1: how it ended only its template knows, and nobody asks."""
        if self.returncode is None and select.select([self._descriptor], [], [], 0)[0]:
            self.returncode = 1
        return self.returncode

    def wait(self):
        if self.returncode is None:
            select.select([self._descriptor], [], [])
            self.returncode = 1
        return self.returncode

    def send_signal(self, number):
        if self.poll() is None:
            signal.pidfd_send_signal(self._descriptor, number)

    def terminate(self):
        self.send_signal(signal.SIGTERM)

    def kill(self):
        self.send_signal(signal.SIGKILL)


class WarmProvisioner(LocalProvisioner):
    """Forks a kernel from a template that has imported `modules`. All else is as for a local kernel."""

    modules = List(Unicode(), help="What the template imports; `package.*` for all modules of a package")
    ahead = Unicode(help="`module:function`, called in the template with what the variable AHEAD names, if it is set")

    async def launch_kernel(self, cmd, **kwargs):
        """Launch `cmd`, an IPython kernel's command line, as a fork; anything else as a process of its own."""
        kwargs["env"] = {**(kwargs.get("env") or os.environ), **ONE_THREAD}
        if cmd[1:3] != LAUNCHER or set(kwargs) - PLAIN or kwargs.get("independent"):
            self._tell("this kernel is not started in a way a fork can follow")
        elif not possible():
            self._tell("this system cannot fork one")
        else:
            try:
                return await self._fork(cmd, **kwargs)
            except (Broken, OSError) as error:
                self._tell(f"the template process failed ({type(error).__name__})")
        return await super().launch_kernel(cmd, **kwargs)

    async def send_signal(self, signum):
        """Signal the kernel and what it started; a kernel that has ended is left alone, its number may be another's."""
        if self.process and self.process.poll() is None:
            await super().send_signal(signum)

    async def kill(self, restart=False):
        """Kill the kernel, and see it end: whoever asked looks again only after a tenth of a second."""
        await super().kill(restart)
        for _ in range(100):
            if not self.process or self.process.poll() is not None:
                return
            await asyncio.sleep(GLANCE)

    async def _fork(self, cmd, env, cwd=None, **_):
        env["JPY_PARENT_PID"] = str(os.getpid())  # as an ordinary kernel is told
        cwd = str(Path(cwd or ".").absolute())
        request = {"program": PROGRAM, "argv": cmd[3:], "env": env, "cwd": cwd,
                   "ahead": [self.ahead, env.pop(AHEAD, "")]}
        own, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with own:
            with other:
                template = template_for(env, self.modules)
                template.ask(request, other)
            self.process = await announced(own, template)
        self.pid = self.pgid = self.process.pid
        self.cwd = cwd
        return self.connection_info

    def _tell(self, reason):
        if reason not in said:
            said.add(reason)
            self.log.warning("Kernels start cold, importing everything themselves: %s.", reason)


async def announced(own, template):
    """Return the Forked kernel once its sockets are bound. Raises Broken where there is none in time."""
    own.setblocking(False)
    process = None
    try:
        await readable(own)
        data, descriptors, _, _ = socket.recv_fds(own, 64, 1)
        if not descriptors:
            raise Broken("it made no kernel")
        process = Forked(int(data), descriptors[0])
        await readable(own)
        if own.recv(64) != b"ready":
            raise Broken("the kernel ended while it started")
    except BaseException:
        if template.process is not None or not template.usable():  # one that is shared may be at work for others
            template.leave()
        if process:
            with suppress(OSError):
                process.kill()
        raise
    return process


async def readable(own):
    """Wait until something comes from the socket, or it is closed. Raises Broken past the timeout."""
    loop = asyncio.get_running_loop()
    came = loop.create_future()
    loop.add_reader(own, lambda: came.done() or came.set_result(None))
    try:
        await asyncio.wait_for(came, START_TIMEOUT)
    except TimeoutError:
        raise Broken("no answer in time") from None
    finally:
        loop.remove_reader(own)
