"""Pseudonyms that anybody can compute are refused; keyed, counted and invented ones are not."""

import hashlib
import hmac
import random

import pytest

from mmresearch.anonymity import Column, judge_columns

ROWS = 90


def told(cells, *others):
    columns = [
        Column("code", tuple(cells), "pseudonym"),
        *(Column(f"c{n}", tuple(each)) for n, each in enumerate(others)),
    ]
    return [(found.outcome, found.what) for found in judge_columns(columns) if found.header == "code"]


def hashes(kind, texts):
    return [hashlib.new(kind, text.encode()).hexdigest() for text in texts]


@pytest.mark.parametrize("kind", ["md5", "sha1", "sha256", "sha512"])
def test_plain_hashes_of_record_numbers_are_found(kind):
    dice = random.Random(kind)
    numbers = [str(dice.randrange(10**6, 10**7)) for _ in range(ROWS)]
    assert told(hashes(kind, numbers)) == [
        ("block", f"{ROWS} of {ROWS} pseudonyms are plain hashes ({kind}) of small numbers")
    ] or told(hashes(kind, numbers))[0][1].endswith("of small numbers")


@pytest.mark.parametrize("form", ["{}", "{:06d}", "{:04d}"])
def test_plain_hashes_of_counted_numbers_are_found_however_padded(form):
    assert told(hashes("sha256", [form.format(n) for n in range(1, 40)]))[0][0] == "block"


def test_shortened_hashes_are_found():
    assert told([each[:12] for each in hashes("md5", map(str, range(500, 560)))])[0][0] == "block"


def test_hashes_of_another_column_are_found():
    words = [f"card-{random.Random(n).random()}" for n in range(30)]
    assert told(hashes("sha256", words), words)[0][1].endswith("of another column of the file")


def test_keyed_pseudonyms_pass():
    keyed = [hmac.new(b"secret of the clinic", str(n).encode(), "sha256").hexdigest() for n in range(ROWS)]
    assert told(keyed) == [] and told([each[:12] for each in keyed]) == []


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ("{letters}{y}{m:02d}{d:02d}", "letters beside a date"),
        ("{letters}-{yy:02d}{m:02d}{d:02d}", "letters beside a date"),
        ("MRN{n}", ""),
        ("{y}{m:02d}{d:02d}-{k:02d}", "begin with a calendar date"),
        ("PID-{n}", "clinic's records"),
    ],
)
def test_pseudonyms_that_spell_out_who_it_is_are_refused(shape, said):
    dice = random.Random(shape)
    cells = []
    for k in range(ROWS):
        y = dice.randint(1935, 2005)
        letters = "".join(dice.choices("ABCDEFGHJKLMNPRST", k=2))
        cells.append(
            shape.format(
                letters=letters,
                y=y,
                yy=y % 100,
                m=dice.randint(1, 12),
                d=dice.randint(1, 28),
                n=dice.randrange(10**5, 10**7),
                k=k,
            )
        )
    outcome, what = told(cells)[0]
    assert outcome == "block" and said in what


NAMED = [
    "anna-meier",
    "peter-schulz",
    "maria-garcia",
    "john-miller",
    "laura-rossi",
    "paul-martin",
    "sofia-lopez",
    "karl-wagner",
]


def test_word_pseudonyms_pass_and_names_in_their_place_do_not():
    tints, birds = ["violet", "amber", "olive", "hazel"], ["martin", "heron", "wren", "finch", "swift"]
    assert told([f"{tint}-{bird}" for tint in tints for bird in birds]) == []
    assert told(NAMED)[0][0] == "block"
    assert told([each.partition("-")[2].title() for each in NAMED])[0][0] == "block"


@pytest.mark.parametrize(
    "cells",
    [
        [f"P{n:03d}" for n in range(60)],
        [str(2024000001 + n) for n in range(60)],
        [f"{site:02d}{ward:02d}{n:02d}" for site in (1, 2) for ward in (1, 2) for n in range(1, 20)],
        [f"2024-{n:03d}" for n in range(60)],
        [f"AB{n:06d}" for n in range(100000, 100060)],
    ],
)
def test_counted_pseudonyms_pass(cells):
    assert told(cells) == []
