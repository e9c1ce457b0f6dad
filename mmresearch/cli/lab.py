"""`mmresearch lab`: JupyterLab on copies of the notebooks, with the interpreter mmresearch runs in."""

import os
import shutil
import sys
from importlib.util import find_spec

from mmresearch.cli.places import NOTEBOOKS, ROOT
from mmresearch.errors import SetupError
from mmresearch.runner.kernels import jupyter_holds_sockets
from mmresearch.runner.warm import SPECS

LAB = ROOT / "lab"  # git ignores it; beside notebooks/, so that their relative paths hold in it too
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
    print(f"JupyterLab opens your own copies, in {LAB}. Git ignores them, and a copy that is there stays as it is; "
          "delete one to have it new.")
    copy_notebooks(NOTEBOOKS, LAB)
    # The environment's own kernel first: `python3` is then this interpreter, whatever kernels the user has installed.
    # The warm kernel is offered beside it, also where the project's own kernelspec was not installed.
    environment = os.environ | {"JUPYTER_PREFER_ENV_PATH": "1", "JUPYTER_PATH": os.pathsep.join(
        filter(None, (os.environ.get("JUPYTER_PATH"), str(SPECS)))), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={ROOT}",
               f"--LabApp.default_url=/lab/tree/{LAB.name}", *OFFLINE, *over_sockets(), *arguments.rest]
    sys.stdout.flush()
    os.execve(sys.executable, command, environment)


def over_sockets():
    """Return the options by which kernels are spoken to over sockets in the user's own folder, not over TCP ports."""
    if jupyter_holds_sockets():
        return ["--KernelManager.transport=ipc"]
    print("Kernels are spoken to over TCP ports of this machine: the path of Jupyter's folder is too long for sockets "
          "(JUPYTER_RUNTIME_DIR names another).")
    return []


def copy_notebooks(source, target):
    """Copy into folder `target` each notebook of `source` it lacks: what a person changed there is never overwritten.

    A notebook opened in its own place would keep a study's results where git takes them up. Raises SetupError where
    the folder cannot be written.
    """
    try:
        target.mkdir(exist_ok=True)
        for path in sorted(source.glob("*.ipynb")):
            if not (target / path.name).exists():
                shutil.copyfile(path, target / path.name)
    except OSError as error:
        raise SetupError(target, f"the notebooks cannot be copied here: {error.strerror}",
                         remedy="Work in a clone of the project that you may write to.") from None
