"""Where things are: the project's folders, and where a report goes."""

from pathlib import Path

import mmresearch

ROOT = Path(mmresearch.__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"


def report_folder(study, out=None):
    """Return the folder a study's report goes to: `out`, or reports/<name of the study's folder> here."""
    return Path(out).absolute() if out else Path.cwd() / "reports" / Path(study).resolve().name
