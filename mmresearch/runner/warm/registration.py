"""Makes the warm kernel known to Jupyter in this process, installed or not, and says where it can be had."""

import os
import signal
import sys
from pathlib import Path

KERNEL = "mmresearch"  # the kernelspec's name: its folder, and what papermill takes with -k
PROVISIONER = "mmresearch-warm"
GROUP = "jupyter_client.kernel_provisioners"
AHEAD = "MMRESEARCH_READ_AHEAD"  # the variable that names what a template reads before it forks
SPECS = Path(__file__).parent  # a folder for JUPYTER_PATH: it holds kernels/<name>/kernel.json


def possible():
    """Whether this system forks, and hands out file descriptors by which a process is watched (Linux since 5.3).

    macOS forks too, but its own libraries forbid their use in the fork.
    """
    if not (sys.platform == "linux" and hasattr(os, "pidfd_open") and hasattr(signal, "pidfd_send_signal")):
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:  # an old kernel, or a container that forbids it
        return False
    return True


def register():
    """Add the provisioner to Jupyter's, so that a project run from its clone needs no entry point."""
    from importlib.metadata import EntryPoint

    from jupyter_client.provisioning import KernelProvisionerFactory

    entry = EntryPoint(PROVISIONER, "mmresearch.runner.warm.provisioner:WarmProvisioner", GROUP)
    KernelProvisionerFactory.instance().provisioners.setdefault(PROVISIONER, entry)
