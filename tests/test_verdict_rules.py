"""Every cell and boundary of the rule, and what must hold whatever the numbers are."""

import math
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mmresearch.verdict.rules import TABLES, Facts, first_match

M = 1.0  # the margin in every case below
SURE, UNSURE, ALPHA = 0.049, 0.05, 0.05  # p at alpha is not below it
BELOW, ABOVE = math.nextafter(M, 0), math.nextafter(M, 2)


def facts(low, high, p=SURE, **changes):
    return Facts(**{"low": low, "point": (low + high) / 2, "high": high, "p": p, "alpha": ALPHA, "margin": M,
                    **changes})


def decided(hypothesis, *args, **changes):
    row = first_match(hypothesis, facts(*args, **changes))
    return row.verdict, row.code


SUPERIORITY = [  # low, high, p, threshold -> verdict, code; one line a cell, its boundaries beside it
    (-2, -1e-9, SURE, 0, "refuted", "opposite"),
    (-2, 0, SURE, 0, "inconclusive", "interval-too-wide"),  # high = 0 is not below 0
    (-2, -1e-9, UNSURE, 0, "inconclusive", "holm-not-reached"),  # p = alpha
    (-0.9, -0.1, UNSURE, 0, "refuted", "too-small"),  # first match: row 5 before row 6
    (-0.9, -0.1, SURE, 0, "refuted", "opposite"),  # row 3 before row 5
    (1e-9, 2, SURE, 0, "supported", None),
    (0, 2, SURE, 0, "inconclusive", "interval-too-wide"),  # low = 0 is not above 0
    (1e-9, 2, UNSURE, 0, "inconclusive", "holm-not-reached"),
    (0.1, M, SURE, 0, "supported", None),  # high = M is not below M
    (0.1, BELOW, SURE, 0, "supported", "smaller-than-worth-having"),
    (M, 3, SURE, M, "supported", None),  # low = L reaches it
    (BELOW, 3, SURE, M, "supported", "size-not-settled"),
    (0.1, M, SURE, M, "supported", "size-not-settled"),  # high = L is not below L
    (0.1, BELOW, SURE, M, "supported-smaller", "smaller-than-claimed"),
    (2 * M, 3, SURE, 2 * M, "supported", None),
    (1.5, 2 * M, SURE, 2 * M, "supported", "size-not-settled"),
    (1.5, math.nextafter(2 * M, 0), SURE, 2 * M, "supported-smaller", "smaller-than-claimed"),
    (-BELOW, BELOW, UNSURE, 0, "refuted", "too-small"),
    (-BELOW, BELOW, UNSURE, 2 * M, "refuted", "too-small"),  # whatever size was claimed
    (-M, 0.5, UNSURE, 0, "inconclusive", "interval-too-wide"),  # low = -M is not inside
    (-0.5, M, UNSURE, 0, "inconclusive", "interval-too-wide"),  # high = M is not inside
    (0.5, M, UNSURE, M, "inconclusive", "holm-not-reached"),
    (-3, 3, UNSURE, M, "inconclusive", "interval-too-wide"),
]


@pytest.mark.parametrize("low, high, p, threshold, verdict, code", SUPERIORITY)
def test_superiority(low, high, p, threshold, verdict, code):
    assert decided("superiority", low, high, p, threshold=threshold) == (verdict, code)


@pytest.mark.parametrize("low, high, p, threshold, verdict, code", [
    (0.1, 0.2, SURE, 0, "supported", None),  # nothing can be called small
    (0.1, 9, SURE, None, "supported", "size-not-settled"),  # nor important
    (-0.1, 0.1, UNSURE, None, "inconclusive", "interval-too-wide"),  # nor too small to matter
    (-0.2, -0.1, SURE, None, "refuted", "opposite"),
])
def test_superiority_where_no_margin_is_known(low, high, p, threshold, verdict, code):
    assert decided("superiority", low, high, p, margin=None, threshold=threshold) == (verdict, code)


@pytest.mark.parametrize("low, high, p, verdict, code", [
    (-BELOW, 2, SURE, "supported", None),
    (-M, 2, SURE, "inconclusive", "interval-too-wide"),  # low = -M
    (-BELOW, 2, UNSURE, "inconclusive", "holm-not-reached"),
    (-3, -ABOVE, UNSURE, "refuted", "worse"),
    (-3, -M, UNSURE, "inconclusive", "interval-too-wide"),  # high = -M
    (-3, 3, UNSURE, "inconclusive", "interval-too-wide"),
])
def test_non_inferiority(low, high, p, verdict, code):
    assert decided("non-inferiority", low, high, p) == (verdict, code)


@pytest.mark.parametrize("low, high, verdict, code", [
    (-BELOW, BELOW, "supported", None),
    (-M, 0.5, "inconclusive", "interval-too-wide"),
    (-0.5, M, "inconclusive", "interval-too-wide"),
    (ABOVE, 3, "refuted", "outside"),
    (M, 3, "inconclusive", "interval-too-wide"),
    (-3, -ABOVE, "refuted", "outside"),
    (-3, -M, "inconclusive", "interval-too-wide"),
    (-3, 3, "inconclusive", "interval-too-wide"),
])
def test_equivalence_asks_for_no_p(low, high, verdict, code):
    assert decided("equivalence", low, high, p=1.0) == (verdict, code)


@pytest.mark.parametrize("hypothesis", ["above", "below"])
@pytest.mark.parametrize("low, high, verdict", [
    (1e-9, 1, "supported"), (0, 1, "inconclusive"), (-1, -1e-9, "refuted"), (-1, 0, "inconclusive"),
    (-1, 1, "inconclusive"),
])
def test_above_and_below(hypothesis, low, high, verdict):
    assert decided(hypothesis, low, high, p=1.0)[0] == verdict


@pytest.mark.parametrize("low, high, p, verdict, code", [
    (0, 2, SURE, "supported", None),  # a one-sided test may reach alpha where the two-sided interval touches 0
    (0, 2, UNSURE, "inconclusive", "interval-too-wide"),
    (0, 0.5, UNSURE, "refuted", "too-small"),
    (0, M, UNSURE, "inconclusive", "interval-too-wide"),
    (-2, -1e-9, SURE, "refuted", "opposite"),
    (-2, 1, SURE, "inconclusive", "interval-too-wide"),  # the point lies on the other side: no support
])
def test_exists(low, high, p, verdict, code):
    assert decided("exists", low, high, p) == (verdict, code)


@pytest.mark.parametrize("hypothesis", TABLES)
@pytest.mark.parametrize("low, high", [(5, 6), (-6, -5), (-0.1, 0.1)])
def test_a_serious_trouble_leaves_at_most_inconclusive(hypothesis, low, high):
    assert decided(hypothesis, low, high, p=0.0, serious=True) == ("inconclusive", "serious-trouble")


@pytest.mark.parametrize("hypothesis", TABLES)
def test_no_interval_is_inconclusive(hypothesis):
    row = first_match(hypothesis, Facts(None, 1.0, None, p=0.0, alpha=ALPHA, margin=M))
    assert (row.verdict, row.code) == ("inconclusive", "no-interval")


@pytest.mark.parametrize("hypothesis", ["non-inferiority", "equivalence"])
def test_without_a_margin_neither_equal_nor_not_worse_can_be_said(hypothesis):
    assert decided(hypothesis, -1, 1, margin=None, threshold=None) == ("not-assessable", "no-margin")


numbers = st.one_of(st.sampled_from([0.0, M, -M, 2 * M, -2 * M]), st.floats(-5, 5))
ps = st.one_of(st.sampled_from([0.0, ALPHA, 1.0]), st.floats(0, 1))
thresholds = st.sampled_from([0.0, M, 2 * M, None])
hypotheses = st.sampled_from(sorted(TABLES))


@st.composite
def any_facts(draw, margins=st.sampled_from([M, None])):  # noqa: B008 (a strategy is a value)
    low, high = sorted([draw(numbers), draw(numbers)])
    margin = draw(margins)
    threshold = draw(thresholds) if margin is not None else draw(st.sampled_from([0.0, None]))
    if margin is not None and threshold is None:
        threshold = 0.0
    return facts(low, high, draw(ps), margin=margin, threshold=threshold, serious=draw(st.booleans()))


def by_hand(f):
    """The design's superiority table as conditions that exclude each other, written apart from the code's rows."""
    left, right, sure = f.high < 0, f.low > 0, f.p < f.alpha
    small = f.margin is not None and f.low > -f.margin and f.high < f.margin
    cells = {
        "inconclusive": f.serious or (not (left and sure) and not (right and sure) and not small),
        "refuted": not f.serious and ((left and sure) or (small and not (right and sure))),
        "supported-smaller": not f.serious and right and sure and f.threshold not in (0, None) and f.high < f.threshold,
        "supported": not f.serious and right and sure and (f.threshold in (0, None) or f.high >= f.threshold),
    }
    return [verdict for verdict, holds in cells.items() if holds]


@given(any_facts())
def test_exactly_one_cell_of_the_table_holds(f):
    assert by_hand(f) == [first_match("superiority", f).verdict]


@given(hypotheses, any_facts())
def test_every_table_always_answers(hypothesis, f):
    assert first_match(hypothesis, f).reason


@given(hypotheses, any_facts(margins=st.just(M)), st.floats(0, 3), st.floats(0, 3))
def test_a_wider_interval_never_turns_inconclusive_into_supported(hypothesis, f, left, right):
    assume(first_match(hypothesis, f).verdict == "inconclusive")
    wider = replace(f, low=f.low - left, high=f.high + right)
    assert not first_match(hypothesis, wider).verdict.startswith("supported")


@given(hypotheses, any_facts(), st.floats(0, 1))
def test_a_larger_p_never_adds_support(hypothesis, f, p):
    assume(p >= f.p and not first_match(hypothesis, f).verdict.startswith("supported"))
    assert not first_match(hypothesis, replace(f, p=p)).verdict.startswith("supported")
