"""What a run is made from, as hashes: package, notebooks, what is installed, a study's files. Imports nothing heavy.

Only bytes count, never time stamps; these serve to see quickly that nothing was touched since the bytes were read.
"""

import hashlib
import json
import os
import platform
import sys
import tomllib
from pathlib import Path

from mmresearch.cli.places import NOTEBOOKS, ROOT

PACKAGE = ROOT / "mmresearch"
LOCK = ROOT / "requirements.lock"
CODE = frozenset({".py", ".toml", ".csv", ".css", ".js", ".j2", ".html", ".json"})
RUNS_ANEW = ("outputs", "execution_count")  # of a notebook's cell: what an execution replaces
BESIDE = ("-wal", "-journal")  # a database keeps its latest changes in a file beside it


class Snapshot:
    """The hashes of files as they were when the snapshot was taken, and whether they still are.

    hashes: path -> SHA-256, None for a file that could not be read. Taken before a run reads anything.
    """

    def __init__(self, paths):
        self._stamps = {path: _stamp(path) for path in paths}
        self.hashes = {path: _hash_file(path) for path in self._stamps}

    def changed(self):
        """Return the paths whose bytes are not what they were, sorted. A file nobody touched is not read again."""
        return sorted(path for path, stamp in self._stamps.items()
                      if _stamp(path) != stamp and _hash_file(path) != self.hashes[path])


def package_files():
    """Return the package's own files, sorted: code, and the data it carries."""
    return sorted(path for path in PACKAGE.rglob("*") if path.suffix in CODE and "__pycache__" not in path.parts)


def notebook_files():
    return sorted(NOTEBOOKS.glob("*.ipynb"))


def study_folders(path):
    """Return the studies' folders at `path`, as study.find_studies does, which imports pandas; none raises nothing."""
    path = Path(path)
    if path.name == "study.toml" and path.is_file():
        return [path.parent]
    return [path] if (path / "study.toml").is_file() else sorted(each.parent for each in path.glob("*/study.toml"))


def study_files(folder):
    """Return ({name in study.toml: path} of a study's files, itself and claims.toml among them; whether that is all).

    It is not all where a file's content comes from elsewhere, such as a database server.
    """
    folder = Path(folder)
    found = {name: folder / name for name in ("study.toml", "claims.toml")}
    try:
        tables = tomllib.loads((folder / "study.toml").read_text(encoding="utf-8-sig"))["files"].values()
        named = [list(_words({key: each for key, each in table.items() if key != "columns"})) for table in tables]
    except (OSError, ValueError, KeyError, AttributeError):
        return found, False
    here = [[word for word in words if _is_file(folder / word)] for words in named]
    found |= {word + ending: folder / (word + ending) for words in here for word in words for ending in ("", *BESIDE)}
    return found, all(here)


def hash_code(hashes):
    """Return one SHA-256 of the package's own files, names included. hashes: of a Snapshot."""
    lines = [f"{path.relative_to(PACKAGE).as_posix()}\0{digest}\n" for path, digest in hashes.items()
             if path.is_relative_to(PACKAGE)]
    return hash_bytes("".join(lines).encode())


def hash_notebook(path):
    """Return the SHA-256 of what is executed of a notebook: its cells and its metadata, without outputs.

    A notebook that was run in JupyterLab and saved is the same notebook.
    """
    raw = path.read_bytes()
    try:
        notebook = json.loads(raw)
        notebook["cells"] = [{name: each for name, each in cell.items() if name not in RUNS_ANEW}
                             for cell in notebook["cells"]]
    except (ValueError, KeyError, TypeError, AttributeError):
        return hash_bytes(raw)
    return hash_bytes(json.dumps(notebook, sort_keys=True).encode())


def installed():
    """Return what stands under this code: the lock, the versions of all that is installed, Python and the machine."""
    python = f"{platform.python_implementation()} {platform.python_version()} {sys.platform} {platform.machine()}"
    return {"requirements.lock": _hash_file(LOCK), "packages": hash_bytes("\n".join(_packages()).encode()),
            "python": python}


def hash_bytes(content):
    return hashlib.sha256(content).hexdigest()


def _packages():
    """Names and versions, as the folders of their metadata are called; ours is no package of others."""
    places = {os.path.realpath(each) for each in sys.path if each and os.path.isdir(each)} - {os.getcwd(), str(ROOT)}
    return sorted({name for place in places for name in os.listdir(place)
                   if name.endswith((".dist-info", ".egg-info")) and not name.startswith("mmresearch")})


def _words(value):
    """Yield every string in a table of study.toml: any may name a file."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _words(each)


def _is_file(path):
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _hash_file(path):
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _stamp(path):
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino
