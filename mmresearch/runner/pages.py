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
    Raises UsageError where the name is not a file's name.
    """

    name: str
    notebook: Path
    folder: Path
    parameters: dict = field(default_factory=dict)

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

    error     the exception's type
    sentence  an error of ours in its own words; for any other only its type and the cell
    """

    error: str
    sentence: str


@dataclass(frozen=True)
class Result:
    """What came of a page: the executed notebook, or the failure; and how many seconds it took."""

    page: Page
    seconds: float
    failure: Failure | None = None

    @property
    def executed(self):
        """Path of the executed notebook, or None where the page failed."""
        return None if self.failure else self.page.executed
