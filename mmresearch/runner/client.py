"""The client by which a page's kernel is spoken to: Jupyter's own, but it begins as soon as the kernel answers.

Jupyter's waits a fifth of a second more for what else may come, at every start: a third of a small page's time.
"""

import math
import time
from queue import Empty

from jupyter_client.asynchronous import AsyncKernelClient


class Client(AsyncKernelClient):
    """Whoever uses it heeds only messages that answer its own requests, as nbclient does."""

    async def wait_for_ready(self, timeout=None):
        """Return once the kernel answers, and what it publishes arrives. Raises RuntimeError past `timeout` seconds."""
        ends = time.monotonic() + (math.inf if timeout is None else timeout)
        while not await self._answers():
            if not await self.is_alive():
                raise RuntimeError("the kernel died before it was ready")
            if time.monotonic() > ends:
                raise RuntimeError("the kernel was not ready in time")

    async def _answers(self):
        self.kernel_info()
        try:
            message = await self.get_shell_msg(timeout=1)
            await self.get_iopub_msg(timeout=0.2)  # none comes before the kernel knows that we listen
        except Empty:
            return False
        if message["msg_type"] != "kernel_info_reply":
            return False
        self._handle_kernel_info_reply(message)  # which version of the protocol it speaks
        return True
