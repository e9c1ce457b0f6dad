"""Takes what an executed notebook hands over: one output of a MIME type of its own."""

import json
from pathlib import Path

from mmresearch.errors import RegistryError


def handed_over(path, mime):
    """Return the JSON record of the one output of type `mime` in the executed notebook at `path`.

    Raises RegistryError where there is none, or more than one.
    """
    notebook = json.loads(Path(path).read_text(encoding="utf-8"))
    found = [output["data"][mime] for cell in notebook["cells"] for output in cell.get("outputs", ())
             if mime in output.get("data", {})]
    if len(found) != 1:
        raise RegistryError(Path(path).name, f"expected one output of type {mime}; found {len(found)}")
    return found[0]
