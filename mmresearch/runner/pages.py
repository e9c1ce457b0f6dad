"""The records of the runner: a page to execute, and what came of it."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from mmresearch.errors import UsageError

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
PLAIN = (str, int, float, bool)


@dataclass(frozen=True)
class Page:
    """One execution of one notebook.

    name        what the page is called in progress, failures and its file: `<name>.ipynb`
    notebook    path of the template
    parameters  plain strings, numbers and booleans by name, checked against the template's `parameters` cell
    folder      the page's own folder: the notebook runs there and is left there; made when absent
    reads       names of parameters that are paths, relative to `folder`, of what every machine sees: the study
    brings      files and folders below `folder` that the notebook reads; they travel where it runs elsewhere
    Raises UsageError where the name is not a file's name.
    """

    name: str
    notebook: Path
    folder: Path
    parameters: dict = field(default_factory=dict)
    reads: tuple = ("study",)
    brings: tuple = ()

    def __post_init__(self):
        object.__setattr__(self, "notebook", Path(self.notebook).absolute())
        object.__setattr__(self, "folder", Path(self.folder).absolute())
        if not NAME.fullmatch(self.name):
            raise UsageError("page", f"'{self.name}' is not the name of a file (letters, digits, . _ -)")

    @property
    def executed(self):
        """Where the executed notebook is left."""
        return self.folder / f"{self.name}.ipynb"


@dataclass(frozen=True)
class Failure:
    """Why a page failed, in words that hold no patient's value.

    error     the exception's type, or what else went wrong as one word
    sentence  an error of ours in its own words; for any other only its type and the cell
    """

    error: str
    sentence: str


@dataclass(frozen=True)
class Result:
    """What came of a page: the executed notebook, or the failure; and how many seconds it took.

    from_cache: it was executed by an earlier run, and took that many seconds then
    """

    page: Page
    seconds: float
    failure: Failure | None = None
    from_cache: bool = False

    @property
    def executed(self):
        """Path of the executed notebook, or None where the page failed."""
        return None if self.failure else self.page.executed
