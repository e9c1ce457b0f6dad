"""Each rule counts: with one of them taken out of the gate the last check stops the report, and the last check's own
rules each catch something that no other of them does."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from outcomes import make_claim, make_estimate, make_registry
from own_claims import ANALYSIS
from releasing import MEANINGS, open_release
from test_disclosure_planted import plant

from mmresearch import exhibits
from mmresearch.describe import ArmCount, Cell, Characteristic, Flow, TableOne
from mmresearch.describe.behind import Behind
from mmresearch.disclosure import Policy, Support, description, estimates, gate, inspection, said, verdicts
from mmresearch.disclosure.propagation import find_derivable
from mmresearch.estimate import ArmSummary, Lack, Robustness, Trouble
from mmresearch.verdict import Verdict, judge
from mmresearch.workbench.opening import OWN

GATE = {  # rule of the gate: (module, name, what stands in its place, the study that needs it)
    "counts that differ by few": (said, "parts_few", lambda *_: False, "small"),
    "means that differ by few": (said, "tells_few", lambda *_: False, "small"),
    "cells that give a small one away": (description, "choose_shown", lambda table, fewest: frozenset(
        name for name in table.wanted if not 0 < table.counts[name] < fewest), "small"),
    "values that are all equal": (description, "may_tell_mean", lambda values: True, "equal"),
    "an estimate of few patients": (estimates, "reason_to_withhold", lambda *_: None, "many lost"),
    "digits of p": (estimates, "shown_p", lambda value: value, "large"),
    "degrees of freedom": (estimates, "coarse_freedom", lambda value: value, "large"),
    "analyses of other patients": (estimates, "SAME", ("",), "lines"),
    "words that count": (estimates, "holds_number", lambda *_: False, "lines"),
    "a verdict of what is withheld": (verdicts, "_is_withheld", lambda outcome: False, "many lost"),
    "exclusions": (description, "_excluded", lambda exclusions, said: exclusions, "excluded"),
    "digits of means": (description, "trim", lambda value, sd: value, "small"),
}


def remade(release, **changes):
    """Gate a Prepared release anew, with other records as fitted."""
    release.description = replace(release.description, **changes.pop("description", {}))
    release.originals = {name: replace(each, **changes) if changes and hasattr(each, "point") else each
                         for name, each in release.originals.items()}
    release.gated = gate.gate_run(release.description, {OWN: (release.originals, release.verdicts)}, release.support,
                                  release.policy, MEANINGS, "fingerprint")
    return release


def study(kind, folder):
    sizes = {"small": dict(patients=44, lost=4), "many lost": dict(patients=64, lost=50)}.get(kind, dict(
        patients=200, lost=60))
    release = open_release(folder, **sizes)
    if kind == "lines":
        return remade(release, robustness=(Robustness("per protocol: at least 80% of 10", -1.0, -2.0, 0.0),),
                      assumptions=("Reached by 9 of 30 patients.",))
    if kind == "excluded":
        flow = release.description.flow
        return remade(release, description={"flow": Flow(flow.arms, flow.steps, (("no consent", 3),))})
    if kind == "equal":
        values = release.support.described.measured["NRS", "6 weeks"]
        values.update(dict.fromkeys(values, 4.0))
        return remade(release, description={"courses": tuple(replace(course, points=tuple(
            replace(point, mean=4.0) if point.visit == "6 weeks" else point for point in course.points))
            for course in release.description.courses)})
    return release


@pytest.mark.parametrize("rule", GATE)
def test_a_gate_without_one_of_its_rules_is_stopped(rule, tmp_path, monkeypatch):
    module, name, stand_in, kind = GATE[rule]
    if kind in ("lines", "excluded", "equal"):  # that the others pass whole, test_disclosure_planted says
        assert study(kind, tmp_path / "whole").inspect() == ()
    with monkeypatch.context() as patch:
        patch.setattr(module, name, stand_in)
        release = study(kind, tmp_path / "without")
    assert release.inspect(), f"the gate does without its rule on {rule}"


ALONE = {  # rule of the last check: a violation that no other of its rules catches
    "_few": "a small count", "_wrong": "a count that is one off", "_nested": "who came to a visit",
    "_combined": "a baseline of nearly the same patients", "_plain": "the hash of the data",
    "_outcome": "a share of few", "_numbers": "exact degrees of freedom", "_words": "a sentence that counts",
    "_verdict": "the verdict of what is withheld", "_others": "a mean of others",
}


@pytest.mark.parametrize("rule", ALONE)
def test_the_last_check_needs_each_of_its_rules(rule, monkeypatch):
    assert plant(ALONE[rule], 1)
    monkeypatch.setattr(inspection, rule, lambda *_: [])
    assert not plant(ALONE[rule], 1)


def test_the_last_check_finds_values_that_are_all_equal(tmp_path, monkeypatch):
    monkeypatch.setattr(description, "may_tell_mean", lambda values: True)
    release = study("equal", tmp_path)
    assert release.inspect()
    monkeypatch.setattr(inspection, "_uniform", lambda *_: [])
    assert not release.inspect()


def grades():
    """Sixty patients in two arms, graded a, b, c: c is rare in the first arm. Support and the rows as counted."""
    arms = {"one": frozenset(range(30)), "two": frozenset(range(30, 60))}
    grade = {patient: "c" if patient in (0, 1, 2, *range(30, 45)) else "ab"[patient % 2] for patient in range(60)}
    behind = Behind(tuple(range(60)), arms, {"Grade": grade}, {}, {}, {}, {})
    groups = [*(tuple(arms[name]) for name in arms), tuple(range(60))]
    rows = tuple(Characteristic("Grade", "", level, tuple(
        Cell(len(group), count=sum(grade[patient] == level for patient in group)) for group in groups))
        for level in "abc")
    counts = tuple(ArmCount(name, name, 30) for name in arms)
    return Support(behind, {}), TableOne(counts, rows, 60)


def test_the_last_check_works_out_a_count_from_its_fellows():
    """c of the first arm withheld alone: it is 30 less a and b. The gate's own table does not let it out."""
    support, table = grades()
    outline = SimpleNamespace(arms=table.arms, patients=60)
    hidden = tuple(replace(row, cells=(Cell(None), *row.cells[1:])) if row.level == "c" else row for row in table.rows)
    assert find_derivable(hidden, replace(table, rows=hidden), outline, support, Policy())
    gated = description.gate_table_one(table, table.arms, 60, support, said.Said(Policy()))
    assert gated.rows[2].cells[0].count is None and any(row.cells[0].count is None for row in gated.rows[:2])
    assert not find_derivable(gated.rows, gated, outline, support, Policy())


def responders(name, events):
    arms = tuple(ArmSummary(arm, arm, 60, events=count, total=60) for arm, count in zip(("massage", "usual"), events))
    return make_estimate(name, method="responder", measure="risk-difference", by_arm=arms, instrument="NRS",
                         visit="12 weeks")


@pytest.mark.parametrize("events, told", [((30, 25), True), ((30, 27), False), ((41, 36), True), ((33, 25), False)])
def test_two_thresholds_may_not_have_few_patients_between_them(events, told):
    """30 reach 30%, 27 reach 50%: three lie between. Equal counts, and eleven between, tell nothing."""
    group = {"massage": 1, "usual": 2}
    support = SimpleNamespace(analysed=lambda claim, arm: group[arm])
    so_far, first, second = said.Said(Policy()), responders("one", (30, 25)), responders("two", events)
    assert so_far.reach(estimates.list_reached(first, support))
    assert so_far.reach(estimates.list_reached(second, support)) is told
    both = {"one": first, "two": second}
    assert inspection._thresholds(both, both, support, Policy()) is not told


MODIFIED = ANALYSIS.format(name="pain-by-sex", condition="low-back-pain") + (
    'direction = "lower"\nmethod = "change"\nmodel = "ancova"\nmodifier = "sex"\n')


def test_a_modifier_with_a_small_group_withholds_its_claim(tmp_path):
    """Twelve men in one arm carry the coefficient; of eight men it would be told."""
    release = open_release(tmp_path / "many", claims=MODIFIED, patients=120, lost=24)
    groups = release.support.estimated["pain-by-sex"].groups
    assert len(groups) == 4 and sum(map(len, groups)) == 96
    assert estimates.reason_to_withhold(release.originals["pain-by-sex"], release.support, Policy()) is None
    few = open_release(tmp_path / "few", claims=MODIFIED, patients=44, lost=4)
    assert min(map(len, few.support.estimated["pain-by-sex"].groups)) < 11
    assert few.gated.outcomes["pain-by-sex"].code == "withheld"


@pytest.mark.parametrize("changes", [
    dict(measure="rate-ratio", null=1.0, point=0.0004, low=0.000001, high=0.2),
    dict(point=None, low=None, high=None, standard_error=None, df=None, p_value=None),
    dict(point=0.0, low=0.0, high=0.0),
])
def test_an_odd_estimate_is_stripped_and_stays_valid(changes, tmp_path):
    """A ratio near 0, no number at all, an interval of no width: what leaves is a record, and can be shown."""
    release = open_release(tmp_path, patients=120, lost=24)
    odd = replace(release.originals["pain-less"], **changes)
    gated = estimates.gate_outcome(odd, release.support, said.Said(Policy()), MEANINGS)
    assert gated.claim == "pain-less" and exhibits.show_estimate(gated).html


@pytest.mark.parametrize("withheld", ["n", "n_randomised", "by_arm"])
def test_how_many_would_settle_it_goes_with_any_withheld_count(withheld):
    """It follows from the standard error, from how many were analysed, and from how many left."""
    arm = ArmSummary("massage", "Massage", 100)
    full = make_estimate("pain", point=-0.1, low=-1.5, high=1.3, by_arm=(arm,))
    claim = make_registry(make_claim("pain"))
    [verdict] = judge(claim, {"pain": full})
    assert verdict.patients_per_arm and "patients per arm" in verdict.sentence
    less = {"by_arm": (replace(arm, n=None),)}.get(withheld) or {"massage": None}
    [gated] = verdicts.gate_verdicts([verdict], {"pain": replace(full, **{withheld: less})})
    assert gated.patients_per_arm is None and "patients per arm" not in gated.sentence
    [kept] = verdicts.gate_verdicts([verdict], {"pain": full})
    assert kept.patients_per_arm == verdict.patients_per_arm


def test_a_withheld_claims_p_does_not_stand_at_another():
    """Holm's p of a claim is the largest of those before it: it may be the withheld one's."""
    shared = {"p_holm": 0.04, "p_bh": 0.03, "family": "articles", "family_size": 2, "confirmatory": True}
    told, held = (Verdict(name, "supported", None, "why", "Yes (p = 0.040 after Holm).", **shared)
                  for name in ("told", "held"))
    outcomes = {"told": make_estimate("told"), "held": Lack("held", "withheld", "Withheld: fewer than 11 patients.")}
    one, other = verdicts.gate_verdicts([told, held], outcomes)
    assert (one.p_holm, one.p_bh, other.p_holm, other.verdict) == (None, None, None, "not-assessable")


def test_no_registered_trouble_stops_a_release():
    """"Fewer than 3 therapists" is our rule's number; that 3 therapists treated is the clinic's."""
    from mmresearch.disclosure.inspection import _words
    from mmresearch.models.troubles import TROUBLES

    estimate = make_estimate("one", by_arm=(), model="as registered")
    troubles = estimates._troubles(replace(estimate, troubles=tuple(
        Trouble(code, severity, "As found.") for code, (severity, _) in TROUBLES.items())), MEANINGS)
    assert len(troubles) > 20 and [*_words(replace(estimate, troubles=troubles))] == []
    assert [*_words(replace(estimate, troubles=(Trouble("therapists-few", "serious", "Only 2 therapists treated."),)))]
