"""Adjusted p values against others' numbers, and what the family counts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from outcomes import make_claim, make_estimate, make_registry
from statsmodels.stats.multitest import multipletests

from mmresearch.estimate import Lack, Trouble
from mmresearch.verdict import judge
from mmresearch.verdict.families import adjust, benjamini_hochberg, holm

ps = st.lists(st.one_of(st.floats(0, 1), st.sampled_from([0.01, 0.02, 0.02])), min_size=1, max_size=30)


# R's p.adjust(p, "holm") and (p, "BH") as the documentation of stdlib's padjust prints them (stdlib.io, stats/padjust;
# its tests are made with R). Tolerance: the three decimals printed.
@pytest.mark.parametrize("adjusting, raw, expected", [
    (holm, [0.319, 0.201, 0.4, 0.374, 0.113], [0.957, 0.804, 0.957, 0.957, 0.565]),
    (benjamini_hochberg, [0.319, 0.201, 0.4, 0.374, 0.113], [0.4, 0.4, 0.4, 0.4, 0.4]),
    (benjamini_hochberg, [0.008, 0.03, 0.123, 0.6, 0.2], [0.04, 0.075, 0.205, 0.6, 0.25]),
])
def test_adjusted_p_as_r_prints_them(adjusting, raw, expected):
    assert adjusting(raw) == pytest.approx(expected, abs=5e-4)


# Origin: statsmodels.stats.multitest.multipletests; tolerance 1e-12.
@settings(max_examples=6)  # its Holm takes a tenth of a second
@given(ps)
def test_adjusted_p_as_statsmodels_computes_them(raw):
    assert holm(raw) == pytest.approx(list(multipletests(raw, method="holm")[1]), abs=1e-12)
    assert benjamini_hochberg(raw) == pytest.approx(list(multipletests(raw, method="fdr_bh")[1]), abs=1e-12)


@given(ps, st.floats(0, 1))
def test_one_more_hypothesis_never_lowers_a_holm_p(raw, another):
    assert all(after >= before for before, after in zip(holm(raw), holm([*raw, another])))


def outcomes_of(**p_values):
    return {name: make_estimate(name, p_value=p, estimand=name) for name, p in p_values.items()}


def registry_of(*names, **ranks):
    return make_registry(*(make_claim(name, rank=ranks.get(name)) for name in (*names, *ranks)))


def test_a_family_of_three():
    family = adjust(registry_of("a", "b", "c"), outcomes_of(a=0.01, b=0.04, c=0.03))
    assert [family[name].p_holm for name in "abc"] == pytest.approx([0.03, 0.06, 0.06])
    assert {(each.family, each.size) for each in family.values()} == {("articles", 3)}


def test_claims_with_the_same_estimand_share_one_p_and_count_once():
    outcomes = outcomes_of(a=0.01, b=0.01, c=0.03)
    outcomes["b"] = make_estimate("b", p_value=0.01, estimand="a")
    family = adjust(registry_of("a", "b", "c"), outcomes)
    assert [family[name].p_holm for name in "abc"] == pytest.approx([0.02, 0.02, 0.03])
    assert family["a"].size == 2


def test_opposite_claims_about_one_difference_are_one_two_sided_hypothesis():
    outcomes = {"a": make_estimate("a", estimand="x"), "b": make_estimate("b", estimand="x", direction="higher")}
    assert adjust(registry_of("a", "b"), outcomes)["a"].size == 1


def test_a_different_null_is_a_different_hypothesis():
    outcomes = {"a": make_estimate("a", estimand="x"), "b": make_estimate("b", estimand="x", null=-0.5)}
    assert adjust(registry_of("a", "b"), outcomes)["a"].size == 2


def test_what_is_outside_the_family():
    claims = [make_claim("a"), make_claim("same", hypothesis="equivalence"),
              make_claim("not-worse", hypothesis="non-inferiority"), make_claim("absent")]
    outcomes = {"a": make_estimate("a"), "same": make_estimate("same", hypothesis="equivalence", estimand="same"),
                "not-worse": make_estimate("not-worse", hypothesis="non-inferiority", margin=None, margin_source=None),
                "absent": Lack("absent", "no-arm", "The study has no such arm.")}
    family = adjust(make_registry(*claims), outcomes)
    assert set(family) == {"a"} and family["a"].size == 1


def test_an_analysis_without_p_counts_as_one():
    family = adjust(registry_of("a", "b"), outcomes_of(a=0.01, b=None))
    assert family["a"].p_holm == pytest.approx(0.02)
    assert (family["b"].p_holm, family["b"].size) == (None, 2)


def test_fixed_sequence_lets_no_secondary_pass_before_every_primary():
    registry = registry_of(p1="primary", p2="primary", s1="secondary", s2="secondary")
    family = adjust(registry, outcomes_of(p1=0.001, p2=0.04, s1=0.001, s2=0.045))
    assert [family[name].p_holm for name in ("p1", "p2", "s1", "s2")] == pytest.approx([0.002, 0.04, 0.04, 0.045])
    assert [family[name].held for name in ("p1", "p2", "s1", "s2")] == [False, False, True, False]
    assert [(family[name].family, family[name].size) for name in ("p1", "s1")] == [("articles, primary", 2),
                                                                                  ("articles, secondary", 2)]


@pytest.mark.parametrize("primary", [
    Lack("p1", "no-instrument", "It was not measured."),
    make_estimate("p1", p_value=None),
    make_estimate("p1", p_value=0.06),
    make_estimate("p1", p_value=0.001, troubles=(Trouble("not-converged", "serious", "The model did not converge."),)),
])
def test_a_primary_that_is_not_rejected_holds_the_secondaries_back(primary):
    registry = registry_of(p1="primary", s1="secondary")
    family = adjust(registry, {**outcomes_of(s1=0.001), "p1": primary})
    assert family["s1"].p_holm >= 0.06


def test_an_equivalence_primary_gates_with_its_own_p():
    registry = make_registry(make_claim("p1", rank="primary", hypothesis="equivalence"),
                             make_claim("s1", rank="secondary"))
    outcomes = {**outcomes_of(s1=0.001), "p1": make_estimate("p1", hypothesis="equivalence", p_value=0.03)}
    assert adjust(registry, outcomes)["s1"].p_holm == pytest.approx(0.03)


def test_a_secondary_that_repeats_a_primary_takes_its_p_and_does_not_count_again():
    outcomes = outcomes_of(p1=0.02, s1=0.02, s2=0.03)
    outcomes["s1"] = make_estimate("s1", p_value=0.02, estimand="p1")
    family = adjust(registry_of(p1="primary", s1="secondary", s2="secondary"), outcomes)
    assert family["s1"] == family["p1"] and family["s2"].size == 1


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6), st.randoms())
def test_verdicts_do_not_depend_on_the_order_of_claims(raw, random):
    names = [f"c{i}" for i in range(len(raw))]
    outcomes = outcomes_of(**dict(zip(names, raw)))
    shuffled = random.sample(names, len(names))
    one, other = (judge(registry_of(*each), outcomes) for each in (names, shuffled))
    assert sorted(one, key=lambda v: v.claim) == sorted(other, key=lambda v: v.claim)
