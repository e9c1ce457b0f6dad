"""How many share a patient's traits: by hand, against pycanon where it is right, and where it is not, why we differ."""

import json
import random
import subprocess
import sys

import pytest

from mmresearch.anonymity import look_at
from mmresearch.anonymity.protect import age_band, date_order, merge_rare, pseudonym

PYCANON = "pycanon==1.3.6"


def test_groups_are_counted_by_hand():
    traits = {"age": [40, 40, 40, 52, 52], "sex": list("ffmmm"), "site": list("aabbb")}
    found = look_at(traits, {"take an opioid": [True, True, True, True, False]})
    assert (found.patients, found.whole.smallest, found.whole.alone, found.few) == (5, 1, 1, 5)
    assert {part.traits: (part.smallest, part.alone) for part in found.parts} == {
        ("age", "sex"): (1, 1),
        ("age", "site"): (1, 1),
        ("sex", "site"): (2, 0),
        ("age", "sex", "site"): (1, 1),
    }
    assert dict(found.rare) == {"age": 2, "sex": 2, "site": 2}
    assert dict(found.told) == {"take an opioid": 2}  # both women of 40 take one; the men of 52 differ
    assert found.sentence.startswith("1 patient is alone with their age, sex and site") and "(k = 1)" in found.sentence


def test_nobody_and_nothing_are_no_error():
    assert look_at({}).whole.smallest == 0 and look_at({"age": []}).patients == 0
    assert "No trait" in look_at({}).sentence


def test_twenty_rows_of_one_patient_are_one_patient():
    """Counted by rows, as pycanon does, k would be 20; the gate is given one row a patient and says 1."""
    from mmresearch.describe.crowd import crowd

    class Once:  # a Dataset's patients: one row each, however many sessions they had
        import pandas as pd

        patients = pd.DataFrame(
            {
                "patient": ["a", "b"],
                "age": [40.0, 41.0],
                "sex": ["female", "male"],
                "site": ["n", "s"],
                "condition": ["x", "y"],
            }
        )
        sessions = pd.DataFrame({"patient": ["a"] * 20 + ["b"] * 20, "adverse_event": ["none"] * 40})

        class study:
            files = {}

        @staticmethod
        def measured(_):
            return []

    assert crowd(Once).whole.smallest == 1


def test_rare_words_are_merged_until_they_are_enough():
    words = ["office"] * 40 + ["farm"] * 15 + ["circus"] + ["sea"] * 3
    assert merge_rare(words, 11) == {"office": "office", "farm": "other", "circus": "other", "sea": "other"}
    assert merge_rare(["a"] * 20 + ["b"] * 20, 11) == {"a": "a", "b": "b"}
    assert set(merge_rare(["a"] * 5 + ["b"] * 4, 11).values()) == {"other"}


def test_ages_dates_and_pseudonyms():
    assert [age_band(age, 5) for age in (18, 47, 49, 89, 90)] == ["17", "47", "47", "87", "90+"] and age_band(
        47, 1
    ) == "47"
    assert date_order(["03/04/2024", "13/04/2024"]) == "day-month" and date_order(["03/14/2024"]) == "month-day"
    assert date_order(["03/04/2024", "2024-05-06"]) is None
    with pytest.raises(ValueError, match="day first and some the month"):
        date_order(["13/04/2024", "04/13/2024"])
    one, two = (pseudonym("MRN1", key, "P") for key in (b"a" * 32, b"b" * 32))
    assert one != two and one == pseudonym("MRN1", b"a" * 32, "P") and one[0] == "P" and len(one) == 11


@pytest.fixture(scope="session")
def pycanon(tmp_path_factory):
    """The Python of an environment of its own that has pycanon; it pins an old pandas. Skips where it cannot be."""
    home = tmp_path_factory.mktemp("pycanon")
    for command in ([sys.executable, "-m", "venv", home], [home / "bin" / "pip", "install", "-q", PYCANON]):
        if subprocess.run(command, capture_output=True, timeout=900).returncode:
            pytest.skip(f"{PYCANON} cannot be installed here")
    return home / "bin" / "python"


ASK = """
import json, sys
import pandas as pd
from pycanon import anonymity
rows = pd.DataFrame(json.load(sys.stdin)).astype(str)
traits = [name for name in rows if name != "answer"]
print(json.dumps([int(anonymity.k_anonymity(rows, traits)), int(anonymity.l_diversity(rows, traits, ["answer"]))]))
"""


@pytest.mark.slow
def test_k_and_l_are_those_of_pycanon_where_a_patient_has_one_row(pycanon):
    for seed in range(20):
        dice = random.Random(seed)
        size, kinds = dice.randint(20, 200), dice.randint(1, 3)
        traits = {name: [dice.randint(0, kinds) for _ in range(size)] for name in ("age", "sex", "site")}
        answer = [dice.random() < 0.5 for _ in range(size)]
        asked = subprocess.run(
            [pycanon, "-c", ASK],
            input=json.dumps({**traits, "answer": answer}),
            capture_output=True,
            text=True,
            check=True,
        )
        k, diverse = json.loads(asked.stdout)
        found = look_at(traits, {"answer": answer})
        assert found.whole.smallest == k
        assert (diverse == 1) == bool(found.told or found.whole.alone)
