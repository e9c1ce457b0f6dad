"""The ledger: the same data may be released again, and data that differ by few patients or few values may not."""

import json

import pytest
from releasing import Prepared, make_tables, open_release
from studies import write_study

from mmresearch.disclosure import Policy, add_entry, find_conflicts, read_ledger
from mmresearch.errors import PrivacyError
from mmresearch.study import read_study

SIZE = dict(patients=80, lost=24)


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    return open_release(tmp_path_factory.mktemp("first"), **SIZE)


def other(folder, tables, **policy):
    from own_claims import OWN_CLAIMS

    return Prepared(read_study(write_study(folder, tables, claims=OWN_CLAIMS)), Policy(**policy))


def test_the_same_again_is_no_difference(first, tmp_path):
    again = open_release(tmp_path, **SIZE)
    assert find_conflicts(again.entry("002"), [first.entry()]) == ()


@pytest.mark.parametrize("patient", [1, 40, 77])
def test_a_study_less_one_patient_is_refused(first, tmp_path, patient):
    """Leave one out: who holds both reports could subtract them; the ledger lets nobody hold both."""
    less = open_release(tmp_path, without=(patient,), **SIZE)
    assert less.inspect() == ()
    for entry, before in ((less.entry("002"), first.entry()), (first.entry("002"), less.entry())):
        assert find_conflicts(entry, [before])


@pytest.mark.slow
def test_leaving_out_any_patient_is_refused(first, tmp_path):
    """Against all of them: an attacker with both reports gets no further than with one."""
    refused = [bool(find_conflicts(open_release(tmp_path / str(number), without=(number,), **SIZE).entry("002"),
                                   [first.entry()])) for number in range(1, SIZE["patients"] + 1)]
    assert all(refused)


@pytest.mark.parametrize("change", [
    {"nrs_6": "9"}, {"nrs_0": "1"},
])
def test_one_corrected_value_is_refused(first, tmp_path, change):
    tables = make_tables(**SIZE)
    tables["pain.csv"][5] |= change
    [told] = [each for each in find_conflicts(other(tmp_path, tables).entry("002"), [first.entry()])
              if "variables" in each]
    assert "fewer than 11 patients" in told


def test_a_study_grown_by_many_is_let_out(first, tmp_path):
    """Sixty more, the last row of old patients unchanged: thirty an arm more are nobody."""
    tables, more = make_tables(**SIZE), make_tables(seed=9, patients=180, lost=60)
    for name in tables:
        tables[name] += [row for row in more[name] if int(row["id"].removeprefix("pt-")) > 80]
    assert find_conflicts(other(tmp_path, tables).entry("002"), [first.entry()]) == ()


def test_another_title_does_not_hide_the_study(first, tmp_path):
    less = open_release(tmp_path, without=(3,), **SIZE)
    assert find_conflicts(less.entry("002", title="Another study"), [first.entry()])


def test_another_study_is_not_compared(first, tmp_path):
    """Pseudonyms of the same form are not the same patients."""
    others = open_release(tmp_path, seed=5, without=(3,), **SIZE)
    assert find_conflicts(others.entry("002", title="Another study"), [first.entry()]) == ()


def test_the_larger_threshold_of_two_releases_holds(first, tmp_path):
    strict = open_release(tmp_path, fewest=20, without=range(1, 31), **SIZE)
    assert find_conflicts(strict.entry("002"), [first.entry()])


def test_entries_come_back_as_they_were(first):
    entry = first.entry()
    text = add_entry(add_entry("", entry), first.entry("002"))
    assert read_ledger(text) == (entry, first.entry("002"))


def test_no_patient_can_be_read_from_a_ledger(first):
    text = add_entry("", first.entry())
    assert "pt-0" not in text and "A small study" not in text
    assert first.entry(key=b"another").patients.keys().isdisjoint(first.entry().patients)


def spoil(text, how):
    lines = text.splitlines(keepends=True)
    if how == "a number changed":
        record = json.loads(lines[0])
        lines[0] = json.dumps(record | {"fewest": 5}) + "\n"
    elif how == "a line lost":
        del lines[0]
    elif how == "cut off":
        lines[-1] = lines[-1][:40]
    else:
        lines.insert(0, "[]\n")
    return "".join(lines)


@pytest.mark.parametrize("how", ["a number changed", "a line lost", "cut off", "a line too many"])
def test_a_ledger_that_was_touched_is_refused(first, how):
    text = add_entry(add_entry("", first.entry()), first.entry("002"))
    with pytest.raises(PrivacyError, match="not as it was written"):
        read_ledger(spoil(text, how))


def test_an_entry_prints_as_nothing_of_its_patients(first):
    assert repr(first.entry()).count("'") <= 8 and "patients=" not in repr(first.entry())
    assert repr(first.support) == "Support()"
