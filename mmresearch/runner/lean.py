"""papermill, imported without what no notebook needs."""

import sys

# jsonschema builds grammars from it to check addresses in other scripts, which the notebook format has none of; that
# takes four fifths of papermill's import, in every process. Where it is absent, jsonschema does without.
GRAMMARS = "rfc3987_syntax"


def import_papermill():
    """Return the package papermill."""
    spared = GRAMMARS not in sys.modules
    if spared:
        sys.modules[GRAMMARS] = None  # Python's own word for a module that is not there
    try:
        import papermill
    finally:
        if spared:
            del sys.modules[GRAMMARS]
    return papermill
