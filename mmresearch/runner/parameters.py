"""Checks parameters against the notebooks' own `parameters` cells before anything runs: papermill itself only warns."""

import ast

from mmresearch.errors import UsageError, nearest
from mmresearch.runner.pages import PLAIN

NAMED = {kind.__name__: kind for kind in PLAIN}


def check(pages):
    """Raise UsageError with every unknown, missing and ill-typed parameter of `pages`, and every shared folder."""
    declared = {notebook: declare(notebook) for notebook in sorted({page.notebook for page in pages})}
    findings = [f"{page.name}: {finding}" for page in pages for finding in _findings(page, declared[page.notebook])]
    findings += _shared([page.executed for page in pages])
    if findings:
        raise UsageError("parameters", f"{len(findings)} do not fit the notebooks ({len(pages)} pages)", findings,
                         "Nothing ran. `papermill --help-notebook NOTEBOOK` lists what a notebook takes.")


def declare(notebook):
    """Return the parameters of a notebook: name -> the type it takes, and whether it must be given (default None).

    Raises UsageError where the notebook is absent, is no notebook or has no `parameters` cell.
    """
    cell = {name: _kind(found) for name, found in _inspect(notebook).items()}
    if not cell:
        raise UsageError(notebook.name, "expected a cell tagged `parameters` that assigns at least one; found none")
    return cell


def literal(path):
    """Return `path` as papermill takes it: it fills in braces of a path, ours are the folder's own."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _inspect(notebook):
    from papermill import inspect_notebook

    if not notebook.is_file():
        raise UsageError(notebook.name, "there is no such notebook")
    try:
        return inspect_notebook(literal(notebook))
    except Exception as error:  # nbformat and json raise a dozen kinds
        raise UsageError(notebook.name, f"not a notebook that can be read ({type(error).__name__})") from None


def _kind(found):
    try:
        default = ast.literal_eval(found["default"])
    except (ValueError, SyntaxError):
        default = None
    named = NAMED.get(found["inferred_type_name"])
    return named or (None if default is None else type(default)), default is None


def _findings(page, declared):
    for name, value in page.parameters.items():
        if name not in declared:
            yield f"{page.notebook.name} has no parameter '{name}'.{nearest(name, declared)}"
        elif not _fits(value, declared[name][0]):
            kind = declared[name][0]
            expected = kind.__name__ if kind else "a string, number or boolean"
            yield f"{page.notebook.name} takes {name} as {expected}, not {type(value).__name__}"
    yield from (f"{page.notebook.name} must be given {name}" for name, (_, required) in declared.items()
                if required and name not in page.parameters)


def _fits(value, kind):
    if type(value) not in PLAIN:
        return False
    return kind is None or type(value) is kind or (kind is float and type(value) is int)


def _shared(files):
    return [f"{path.name}: two pages would be left in one file" for path in sorted(set(files)) if files.count(path) > 1]
