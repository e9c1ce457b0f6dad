"""`mmresearch lab`: JupyterLab on the notebooks, with the interpreter mmresearch runs in."""

import os
import sys
from importlib.util import find_spec

from mmresearch.cli.places import NOTEBOOKS, ROOT
from mmresearch.errors import SetupError

OFFLINE = ("--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
           "--LabApp.extension_manager=readonly")  # nothing is asked of the network


def open_lab(arguments):
    """Become JupyterLab: this process is replaced by it. Raises SetupError where it is not installed."""
    missing = [name for name in ("jupyterlab", "ipykernel") if find_spec(name) is None]
    if missing:
        raise SetupError("mmresearch lab", f"{' and '.join(missing)} not installed in this environment",
                         remedy="make setup installs everything from requirements.lock.")
    if not NOTEBOOKS.is_dir():
        raise SetupError("mmresearch lab", "expected the folder notebooks beside the package; it is absent",
                         remedy="Work in a clone of the project.")
    # The environment's own kernel first: `python3` is then this interpreter, whatever kernels the user has installed.
    environment = os.environ | {"JUPYTER_PREFER_ENV_PATH": "1"}
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={ROOT}",
               "--LabApp.default_url=/lab/tree/notebooks", *OFFLINE, *arguments.rest]
    sys.stdout.flush()
    os.execve(sys.executable, command, environment)
