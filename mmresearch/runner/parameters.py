"""Checks parameters against the notebooks' own `parameters` cells before anything runs: papermill itself only warns.

A parameter is a string, a number, a boolean or a list of them. It stands in the executed notebook, in a cell and in the
metadata, for everyone who gets the report: so no secret and no absolute path is taken.
"""

import ast
import math
import re
from typing import get_args

from mmresearch.errors import UsageError, nearest
from mmresearch.runner.lean import import_papermill
from mmresearch.runner.pages import PLAIN

NAMED = {kind.__name__: kind for kind in PLAIN}
LIST = re.compile(r"(?:typing\.)?[Ll]ist(?:\[\s*(\w+)\s*\])?")
ANYTHING = "a string, number or boolean, or a list of them"
ABSOLUTE = re.compile(r"/.|~|[A-Za-z]:[\\/]|\\\\|file:", re.DOTALL)
SECRET = re.compile(r"passw|secret|token|credential|api_?key", re.IGNORECASE)
LOGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@", re.IGNORECASE)


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

    The type is what the cell annotates (`names: list[str] = []`), else that of the default; `list` takes any plain
    values, None any type. Raises UsageError where the notebook is absent, is no notebook, has no `parameters` cell, or
    where a default is of no such type.
    """
    cell = {name: _kind(found) for name, found in _inspect(notebook).items()}
    if not cell:
        raise UsageError(notebook.name, "expected a cell tagged `parameters` that assigns at least one; found none")
    odd = [f"{name}: {kind.__name__}" for name, (kind, _) in cell.items() if kind and not _known(kind)]
    if odd:
        raise UsageError(notebook.name, f"expected parameters that are {ANYTHING}", odd)
    return cell


def literal(path):
    """Return `path` as papermill takes it: it fills in braces of a path, ours are the folder's own."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _inspect(notebook):
    if not notebook.is_file():
        raise UsageError(notebook.name, "there is no such notebook")
    try:
        return import_papermill().inspect_notebook(literal(notebook))
    except Exception as error:  # nbformat and json raise a dozen kinds
        raise UsageError(notebook.name, f"not a notebook that can be read ({type(error).__name__})") from None


def _kind(found):
    try:
        default = ast.literal_eval(found["default"])
    except (ValueError, SyntaxError):
        default = None
    return _annotated(found["inferred_type_name"]) or _type_of(default), default is None


def _annotated(name):
    """Return the type an annotation names, or None where it is none of ours."""
    listed = LIST.fullmatch(name)
    if not listed:
        return NAMED.get(name)
    return list[NAMED[listed[1]]] if listed[1] in NAMED else list


def _type_of(default):
    """Return the type of a default; of a list, what its items have in common: whole numbers beside others are float."""
    if not isinstance(default, list):
        return None if default is None else type(default)
    kinds = {type(item) for item in default}
    if kinds == {int, float}:
        return list[float]
    one = kinds.pop() if len(kinds) == 1 else None
    return list[one] if one in PLAIN else list


def _known(kind):
    return kind in PLAIN or kind is list or getattr(kind, "__origin__", None) is list


def _findings(page, declared):
    for name, value in page.parameters.items():
        if name not in declared:
            yield f"{page.notebook.name} has no parameter '{name}'.{nearest(name, declared)}"
        elif not _fits(value, declared[name][0]):
            yield f"{page.notebook.name} takes {name} as {_words(declared[name][0])}, not {_found(value)}"
        else:
            yield from (f"{name} {why}" for why in _unfit(name, value))
    yield from (f"{page.notebook.name} must be given {name}" for name, (_, required) in declared.items()
                if required and name not in page.parameters)


def _fits(value, kind):
    if kind is None:
        return type(value) in PLAIN or _fits(value, list)
    if kind in PLAIN:
        return type(value) is kind or (kind is float and type(value) is int)
    item, = get_args(kind) or (None,)
    return type(value) is list and all(_fits(each, item) if item else type(each) in PLAIN for each in value)


def _words(kind):
    if kind is None:
        return ANYTHING
    item, = get_args(kind) or (None,)
    return kind.__name__ if kind in PLAIN else f"list of {item.__name__}" if item else "list of plain values"


def _found(value):
    """Name the type that came; of a list also its items': never the value, which may be anything."""
    kinds = sorted({type(item).__name__ for item in value}) if isinstance(value, list) else ()
    return f"list of {' and '.join(kinds)}" if kinds else type(value).__name__


def _unfit(name, value):
    """Yield why a value of the right type may not stand in a notebook."""
    items = value if isinstance(value, list) else [value]
    texts = [item for item in items if isinstance(item, str)]
    if any(isinstance(item, float) and not math.isfinite(item) for item in items):
        yield "is not a finite number, which a notebook's metadata cannot hold"
    if any(ABSOLUTE.match(text) for text in texts):
        yield "is an absolute path, which would stand in the executed notebook: give it from the page's folder"
    if any(texts) and SECRET.search(name) or any(LOGIN.match(text) for text in texts):
        yield "is a secret, which would stand in the executed notebook: have the notebook read it from its environment"


def _shared(files):
    return [f"{path.name}: two pages would be left in one file" for path in sorted(set(files)) if files.count(path) > 1]
