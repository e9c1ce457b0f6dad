"""Columns of clean clinical exports, invented anew for each seed: words, numbers, codes and pseudonyms."""

import hashlib
import string
import tomllib
from pathlib import Path

WORDS = tomllib.loads(Path(__file__).with_name("planted_words.toml").read_text(encoding="utf-8"))
CLINICAL = WORDS["clinical"]
BIRDS, TINTS = WORDS["words"]["birds"], WORDS["words"]["tints"]


def number_columns(dice):
    """Return {kind: a function making one cell}, of numbers and codes that stand in clean exports."""
    return {
        "nrs": lambda: str(dice.randint(0, 10)),
        "vas": lambda: str(dice.randint(0, 100)),
        "pressure": lambda: f"{dice.randint(95, 180)}/{dice.randint(55, 110)}",
        "age": lambda: str(dice.randint(18, 89)),
        "bmi": lambda: f"{dice.uniform(17, 42):.1f}",
        "dose": lambda: dice.choice(["5 mg", "10 mg", "7.5 mg", "2 x 400 mg", "50 mg/d", "0.5 ml", "100 µg"]),
        "minutes": lambda: str(dice.choice([30, 45, 60, 90])),
        "year": lambda: str(dice.randint(2005, 2025)),
        "icd": lambda: dice.choice(["M54.5", "M54.2", "G43.909", "M79.18", "S13.4XXA", "F41.1", "G56.0"]),
        "cpt": lambda: dice.choice(["97124", "97140", "97110", "97112", "99213", "97010"]),
        "range": lambda: dice.choice(["6-8", "3-4", "1-2", "10-12"]),
        "ratio": lambda: f"{dice.uniform(0, 2):.3f}",
        "steps": lambda: str(dice.randint(800, 15000)),
        "grip": lambda: f"{dice.uniform(10, 60):.1f}",
        "angle": lambda: f"{dice.randint(0, 180)}°",
        "sets": lambda: f"{dice.randint(2, 4)} x {dice.choice([8, 10, 12])}",
        "eq5d": lambda: f"{dice.uniform(-0.2, 1):.3f}",
        "tscore": lambda: f"{dice.gauss(50, 10):.1f}",
        "platelets": lambda: str(dice.randint(150, 400) * 1000),
        "crp": lambda: dice.choice(["<0.5", "1.2", "3.4", "12", "<1"]),
        "day": lambda: str(dice.randint(-7, 400)),
        "percent": lambda: f"{dice.randint(0, 100)} %",
        "clock": lambda: f"{dice.randint(7, 19):02d}:{dice.choice(['00', '15', '30', '45'])}",
        "comma": lambda: f"{dice.uniform(0, 100):.1f}".replace(".", ","),
        "income": lambda: str(dice.randint(18, 95) * 1000),
        "likert": lambda: f"{dice.randint(1, 5)}/5",
        "interval": lambda: f"{dice.uniform(0, 3):.1f} ({dice.uniform(0, 1):.1f}-4.2)",
        "change": lambda: f"{dice.uniform(-9, 9):+.1f}",
        "hr": lambda: str(dice.randint(48, 120)),
        "pvalue": lambda: f"{dice.uniform(0, 1):.4f}",
        "mean": lambda: f"{dice.uniform(0, 12):.6f}",
        "strength": lambda: dice.choice(["4/5", "5/5", "4+/5", "3/5"]),
        "vertebra": lambda: dice.choice(["C5", "C6", "L4", "T7", "S1"]),
        "dob-free code": lambda: dice.choice(["RX12", "RX07", "QZ31", "AB10"]),
        "version": lambda: dice.choice(["v1.2", "v1.3", "2.0.1"]),
        "spo2": lambda: str(dice.randint(92, 100)),
        "cost": lambda: f"{dice.uniform(40, 160):.2f}",
        "morphine": lambda: str(dice.choice([0, 15, 22.5, 30, 60, 90])),
        "logs": lambda: f"{dice.gauss(0, 1):.5f}",
        "celsius": lambda: f"{dice.uniform(36, 39):.1f} °C",
        "seconds": lambda: str(dice.randint(300, 5400)),
        "weeks": lambda: f"{dice.randint(1, 52)} weeks",
        "temperature": lambda: f"{dice.uniform(20, 24):.2f}",
    }


def clean_column(dice, rows=120):
    """Return (kind, role, cells) of one clean clinical column."""
    numbers = number_columns(dice)
    kind = dice.choice(
        [*CLINICAL, *numbers, "pseudonym", "long pseudonym", "word pseudonym", "keyed pseudonym", "random pseudonym"]
    )
    if kind in CLINICAL:
        words = dice.sample(CLINICAL[kind], dice.randint(2, len(CLINICAL[kind])))
        change = dice.choice([str, str, str.upper, str.lower])
        return kind, "word", [change(dice.choice(words)) for _ in range(rows)]
    if kind in numbers:
        cells = [numbers[kind]() for _ in range(rows)]
        plain = all(cell.replace(".", "").replace("-", "").replace("+", "").isdigit() for cell in cells)
        return (
            kind,
            dice.choice(["number", "word"]) if plain and len(set(cells)) < rows / 2 else "number" if plain else "word",
            cells,
        )
    return kind, "pseudonym", _pseudonyms(dice, kind, rows)


def _pseudonyms(dice, kind, rows):
    start = dice.randint(1, 900)
    if kind == "pseudonym":
        shape = dice.choice(
            ["P{:03d}", "{:03d}", "S01-{:03d}", "MMT-{:04d}", "2024-{:03d}", "A{:d}", "site2/{:d}", "101-{:03d}"]
        )
        return [shape.format(start + row) for row in range(rows)]
    if kind == "long pseudonym":
        return [str(2024000000 + start + row) for row in range(rows)]
    if kind == "word pseudonym":
        return [f"{tint}-{bird}" for tint, bird in dice.sample([(t, b) for t in TINTS for b in BIRDS], rows)]
    if kind == "keyed pseudonym":
        return [
            hashlib.blake2b(f"{row}".encode(), key=b"k%d" % start, digest_size=dice.choice([16, 16, 20])).hexdigest()
            for row in range(rows)
        ]
    return ["".join(dice.choices(string.ascii_uppercase + string.digits, k=6)) for _ in range(rows)]
