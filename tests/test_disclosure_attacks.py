"""What an attentive reader tried on released reports: each test is an attack that once found a patient or a count."""


import pytest
from own_claims import ANALYSIS, OWN_CLAIMS
from releasing import Prepared, make_tables, open_release
from studies import write_study

from mmresearch.disclosure import Policy, find_conflicts
from mmresearch.estimate import Estimate, Lack
from mmresearch.study import read_study

SHARE = ANALYSIS.format(name="share", condition="low-back-pain") + (
    'direction = "lower"\nmeasure = "proportion"\nnull = 0.5\nhypothesis = "above"\nmethod = "proportion"\n'
    'missing = "complete-case"\n')


def prepare(folder, tables, claims=OWN_CLAIMS):
    return Prepared(read_study(write_study(folder, tables, claims=claims)), Policy())


def test_a_share_whose_denominator_is_withheld_is_withheld(tmp_path):
    """0.3929 is 11 of 28 and nothing else of 30 at most: two lost patients would be told."""
    release = prepare(tmp_path, make_tables(patients=88, lost=6), SHARE)
    assert isinstance(release.originals["share"], Estimate) and release.inspect() == ()
    assert isinstance(release.gated.outcomes["share"], Lack)
    whole = prepare(tmp_path / "whole", make_tables(patients=88, lost=0), SHARE)
    assert isinstance(whole.gated.outcomes["share"], Estimate) and whole.inspect() == ()


def test_an_arm_of_equal_values_is_withheld_and_stops_nothing(tmp_path):
    """All of one arm at 0: the other arm's mean and the difference would say so."""
    tables = make_tables(patients=80, lost=0)
    for row in tables["pain.csv"]:
        row["nrs_12"] = "0" if int(row["id"].removeprefix("pt-")) % 2 else row["nrs_12"]
    release = prepare(tmp_path, tables)
    assert release.inspect() == ()
    assert not any(isinstance(each, Estimate) and each.point is not None for each in release.gated.outcomes.values())


def test_the_mean_at_baseline_of_those_who_stayed_is_known_as_theirs(tmp_path):
    """Beside Table 1 it tells of those who left; who they are is taken from the values, not from a rule about them."""
    release = open_release(tmp_path, patients=80, lost=8)
    true, shown = release.originals["pain-less"], release.gated.outcomes["pain-less"]
    assert isinstance(shown, Estimate) and all(each.baseline_mean is not None for each in true.by_arm)
    assert all(each.baseline_mean is None for each in shown.by_arm)


def renumbered(tables, without=()):
    return {name: [row | {"id": f"x{int(row['id'].removeprefix('pt-')) * 7919 % 1000:03d}"} for row in rows
                   if row["id"] not in without] for name, rows in tables.items()}


@pytest.mark.parametrize("title", ["A small study", "Another title"])
def test_other_pseudonyms_do_not_hide_the_study(tmp_path, title):
    """The export was pseudonymised anew, and one patient left out: values tell that the others are the same."""
    tables = make_tables(patients=80, lost=24)
    first = prepare(tmp_path / "first", tables)
    again = prepare(tmp_path / "again", renumbered(tables))
    less = prepare(tmp_path / "less", renumbered(tables, without=("pt-007",)))
    assert find_conflicts(again.entry("002", title=title), [first.entry()]) == ()
    assert find_conflicts(less.entry("002", title=title), [first.entry()])


def test_a_level_of_few_patients_is_not_named(tmp_path):
    """That somebody of the study lives in a lighthouse is itself a value of a patient."""
    tables = make_tables(patients=80, lost=0)
    for number, row in enumerate(tables["patients.csv"]):
        row["home"] = "lighthouse" if number < 3 else ("town", "village")[number % 3 > 0]
    files = {"patients": {"columns": {"home": {"means": "covariate", "name": "home", "kind": "category"}}}}
    release = Prepared(read_study(write_study(tmp_path, tables, claims=OWN_CLAIMS, files=files)), Policy())
    levels = {row.level for row in release.description.table_one.rows}
    named = {row.level for row in release.gated.description.table_one.rows}
    assert "lighthouse" in levels and "lighthouse" not in named and named & levels and release.inspect() == ()
