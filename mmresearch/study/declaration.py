"""study.toml as text becomes a Study; what pydantic says of it becomes sentences for people who do not program."""

import tomllib
import unicodedata
from difflib import get_close_matches
from typing import get_args, get_origin

from pydantic import BaseModel, ValidationError

from mmresearch.claims.records import Design
from mmresearch.errors import DataError, nearest
from mmresearch.study.config import NAME, Study
from mmresearch.study.findings import Findings
from mmresearch.study.rules import check_declaration

REMEDY = "Correct study.toml (docs/formats.md explains every key), then: mmresearch check {folder}"
KINDS = {
    "string_type": "must be text in quotation marks",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "tuple_type": "must be a list in square brackets",
    "dict_type": "must be a table",
    "model_type": "must be a table of keys",
    "too_short": "must not be empty",
    "string_too_short": "says too little",
    "date_type": "must be a date such as 2024-05-31, without quotation marks",
    "date_parsing": "must be a date such as 2024-05-31",
    "date_from_datetime_parsing": "must be a date such as 2024-05-31",
    "date_from_datetime_inexact": "must be a date without a time of day",
}
PATTERNS = {
    NAME: "small letters, digits and underscores, beginning with a letter, such as pain_years",
    r"^[A-Z][A-Z0-9]*(-[A-Z0-9]+)*$": "capital letters, digits and hyphens, such as HEADACHE-SCORE",
}


def read_declaration(raw, folder):
    """Return the Study that the bytes of study.toml declare. Raises DataError with every mistake in it."""
    where = f"{folder}/study.toml"
    try:
        table = tomllib.loads(raw.decode("utf-8-sig"))
        findings = [f"{place}: holds a sign that cannot be printed; write it anew" for place in _unprintable(table)]
        if not findings:
            return Study(**table)
    except UnicodeDecodeError:
        findings = ["the file is not UTF-8 text; save it as UTF-8"]
    except tomllib.TOMLDecodeError as error:
        findings = [
            f'not written as TOML: {error}. Texts stand in "quotation marks", a key stands once, '
            "lists in [square brackets] with commas"
        ]
    except (RecursionError, ValueError) as error:
        if not isinstance(error, ValidationError):
            findings = ["lists or tables stand within one another too deeply, or a number has thousands of digits"]
            raise DataError(where, "not as expected", findings, REMEDY.format(folder=folder)) from None
        findings = [_sentence(each) for each in _first_causes(error.errors(include_url=False))]
        findings += _beside_design(raw, error)
    number = f"{len(findings)} keys are" if len(findings) > 1 else "one key or line is"
    raise DataError(where, f"{number} not as expected", findings, REMEDY.format(folder=folder))


def _unprintable(value, place=""):
    """Yield the places of texts that hold control characters or marks of direction: a terminal would obey them."""
    if isinstance(value, str):
        if any(unicodedata.category(sign) in ("Cc", "Cf", "Co", "Cs") and sign not in "\t\n" for sign in value):
            yield place or "study.toml"
    elif isinstance(value, dict):
        for number, (key, inner) in enumerate(value.items(), 1):
            odd = next(_unprintable(key), None)
            yield from [f"{place}.number {number}".lstrip(".")] if odd else ()
            yield from _unprintable(inner, f"{place}.{'' if odd else key}".strip("."))
    elif isinstance(value, list):
        for number, inner in enumerate(value, 1):
            yield from _unprintable(inner, f"{place}.number {number}".lstrip("."))


def _beside_design(raw, error):
    """What else is wrong where only the word for the design is; the other rules are asked with the nearest one."""
    if [each["loc"] for each in error.errors()] != [("design",)]:
        return []
    table, designs = tomllib.loads(raw.decode("utf-8-sig")), get_args(Design)
    meant = next(iter(get_close_matches(str(table.get("design")), designs, n=1, cutoff=0.6)), designs[0])
    findings = Findings()
    check_declaration(Study(**{**table, "design": meant}), findings)
    return [each for each in findings.data if not each.startswith("design")]


def _first_causes(errors):
    """Leave out that a list is empty where that is so only because its items were refused."""
    places = [error["loc"] for error in errors]
    return [
        error
        for error in errors
        if error["type"] != "too_short"
        or not any(len(place) > len(error["loc"]) and place[: len(error["loc"])] == error["loc"] for place in places)
    ]


def _sentence(error):
    steps = [f"number {step + 1}" if isinstance(step, int) else step for step in error["loc"]]
    place, key = ".".join(steps) or "study.toml", steps[-1] if steps else ""
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        return f"{place}: unknown key '{key}'.{nearest(key, _keys_at(error['loc'][:-1]))}"
    if kind == "missing":
        return f"{place}: the key '{key}' is absent"
    if kind == "literal_error":
        hint = nearest(error["input"], _literals(context))
        return f"{place}: '{error['input']}' is not one of {context['expected']}.{hint}"
    if kind == "string_pattern_mismatch":
        return f"{place}: '{error['input']}' must be {PATTERNS.get(context['pattern'], context['pattern'])}"
    return f"{place}: {KINDS.get(kind) or error['msg'].removeprefix('Value error, ')}"


def _literals(context):
    return [word.strip(" '") for part in context["expected"].split(" or ") for word in part.split(",")]


def _keys_at(steps):
    """Return the keys that study.toml may have at this place, by walking down the records' annotations."""
    here = Study
    for step in steps:
        if isinstance(here, type) and issubclass(here, BaseModel):
            here = here.model_fields[step].annotation if step in here.model_fields else None
        else:
            here = get_args(here)[1 if get_origin(here) is dict else 0]
        here = _record_within(here)
    return list(here.model_fields) if isinstance(here, type) and issubclass(here, BaseModel) else []


def _record_within(kind):
    """`RiskOfBias | None` -> RiskOfBias; other annotations as they are."""
    records = [each for each in get_args(kind) if isinstance(each, type) and issubclass(each, BaseModel)]
    return records[0] if records and get_origin(kind) not in (dict, tuple) else kind
