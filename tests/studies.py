"""A small valid study that tests bend: two arms, 24 patients, three visits, CSV."""

import csv
import json
import random
from pathlib import Path

DECLARATION = {
    "title": "A small study",
    "design": "randomised",
    "simulated": True,
    "primary_visit": "12 weeks",
    "data_locked": None,
    "blinded": ["assessors"],
    "condition": "low-back-pain",
    "covariates": ["age"],
    "strata": ["site"],
    "arms": {
        "massage": {"label": "Medical massage", "technique": "medical-massage"},
        "control": {
            "label": "Usual care",
            "technique": "usual-care",
            "comparator_class": "usual-care",
            "reference": True,
        },
    },
    "visits": [
        {"name": "baseline", "day": 0},
        {"name": "6 weeks", "day": 42, "window": [35, 56]},
        {"name": "12 weeks", "day": 84, "window": [70, 112]},
    ],
    "files": {
        "patients": {
            "path": "patients.csv",
            "columns": {
                "id": {"means": "patient"},
                "group": {"means": "arm", "values": {"1": "massage", "0": "control"}},
                "age": {"means": "age"},
                "sex": {"means": "sex", "values": {"f": "female", "m": "male"}},
                "site": {"means": "site"},
            },
        },
        "pain": {
            "path": "pain.csv",
            "missing": ["99"],
            "columns": {
                "id": {"means": "patient"},
                "nrs_0": {"means": "outcome", "instrument": "NRS", "visit": "baseline"},
                "nrs_6": {"means": "outcome", "instrument": "NRS", "visit": "6 weeks"},
                "nrs_12": {"means": "outcome", "instrument": "NRS", "visit": "12 weeks"},
            },
        },
    },
}


def small_tables():
    """Return {file name: rows}: patients.csv (id, group, age, sex, site) and pain.csv (id, nrs_0, nrs_6, nrs_12).

    Twelve patients an arm; massage gains about two points more; four values at 12 weeks are missing (99).
    """
    dice, patients, pain = random.Random(2024), [], []
    for number in range(1, 25):
        massage, level = number % 2, dice.choice([5, 6, 7, 8])
        change = [round(min(10, max(0, level - drop * massage + dice.choice([-1, 0, 0, 1])))) for drop in (1, 2)]
        patients.append(
            {
                "id": f"{number:03d}",
                "group": massage,
                "age": dice.randint(20, 70),
                "sex": dice.choice("fm"),
                "site": dice.choice(["north", "south"]),
            }
        )
        pain.append(
            {"id": f"{number:03d}", "nrs_0": level, "nrs_6": change[0], "nrs_12": 99 if number % 6 == 0 else change[1]}
        )
    return {"patients.csv": patients, "pain.csv": pain}


def write_study(folder, tables=None, claims=None, **changes):
    """Write the small study into `folder` and return it as a Path.

    tables   {file name: rows (list of dicts), text or bytes}: replaces or adds files
    claims   text of claims.toml
    changes  keys of study.toml, merged deeply into DECLARATION; None removes a key
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in {**small_tables(), **(tables or {})}.items():
        write_rows(folder / name, rows)
    (folder / "study.toml").write_text(as_toml(merged(DECLARATION, changes)), encoding="utf-8")
    if claims is not None:
        (folder / "claims.toml").write_text(claims, encoding="utf-8")
    return folder


def write_rows(path, rows):
    if isinstance(rows, bytes):
        path.write_bytes(rows)
    elif isinstance(rows, str):
        path.write_text(rows, encoding="utf-8", newline="")
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)


def merged(old, new):
    """Return `old` with the keys of `new`, tables merged deeply, None removing."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return new
    keys = [key for key in {**old, **new} if new.get(key, old.get(key)) is not None]
    return {key: merged(old.get(key), new[key]) if key in new else old[key] for key in keys}


def as_toml(table):
    """Return a TOML document: a line a key, tables inline."""
    return "".join(f"{json.dumps(key)} = {_inline(value)}\n" for key, value in table.items() if value is not None)


def _inline(value):
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(f"{json.dumps(str(key))} = {_inline(item)}" for key, item in value.items() if item is not None)
            + "}"
        )
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_inline(item) for item in value) + "]"
    return str(value) if hasattr(value, "isoformat") else json.dumps(value, ensure_ascii=False)
