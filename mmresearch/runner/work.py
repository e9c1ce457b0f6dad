"""A page as it travels to the process that executes it, and what comes back: bytes both ways, no shared folder."""

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from mmresearch.runner.pages import Failure


@dataclass(frozen=True)
class Work:
    """Everything an execution needs.

    name, notebook  the page's name and its template's file name
    content         the template's bytes
    parameters      plain values by name
    folder          where it runs; made when absent
    reads           (path relative to `folder`, absolute path it leads to): what every machine sees, such as the study
    brings          (path relative to `folder`, bytes): files that only the run has
    timeout         seconds one cell may take, None for no limit
    memory          megabytes its kernel may hold, None for what is sensible on the machine it runs on
    """

    name: str
    notebook: str
    content: bytes = field(repr=False)
    parameters: dict
    folder: str
    reads: tuple = ()
    brings: tuple = field(default=(), repr=False)
    timeout: float | None = None
    memory: float | None = None


@dataclass(frozen=True)
class Done:
    """What came of a Work: the executed notebook's bytes, or the failure; and how many seconds it took."""

    seconds: float
    content: bytes | None = field(default=None, repr=False)
    failure: Failure | None = None


def pack(page, timeout=None, memory=None):
    """Return the Work that `page` is. Raises OSError where its notebook cannot be read."""
    return Work(page.name, page.notebook.name, page.notebook.read_bytes(), dict(page.parameters), str(page.folder),
                tuple((page.parameters[name], os.path.realpath(page.folder / page.parameters[name]))
                      for name in page.reads if name in page.parameters),
                timeout=timeout, memory=memory)


def load(work, page):
    """Return `work` with the files that `page` brings: only another machine needs them, here they are."""
    found = [path for name in page.brings for path in _files(page.folder / name)]
    return replace(work, brings=tuple((path.relative_to(page.folder).as_posix(), path.read_bytes()) for path in found))


def unload(work, root):
    """Lay out in folder `root` what `work` expects around it, and return the Work that runs there.

    Paths by which a notebook names the study are relative, so the page's place is built anew below `root`, with links
    to what every machine sees. A page whose folder lies within that runs in its own place.
    """
    if any(Path(work.folder).is_relative_to(target) for _, target in work.reads):
        return work
    folder = Path(f"{root}{work.folder}")
    folder.mkdir(parents=True)
    for relative, target in work.reads:
        link = Path(os.path.normpath(folder / relative))
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(target, target_is_directory=True)
    for relative, content in work.brings:
        (folder / relative).parent.mkdir(parents=True, exist_ok=True)
        (folder / relative).write_bytes(content)
    return replace(work, folder=str(folder), brings=())


def _files(path):
    return sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
