"""Sums and differences of released groups, and cells of tables: what an attacker can work out must stay hidden."""

import itertools
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmresearch.disclosure.differencing import parts_few, size, split, tells_few
from mmresearch.disclosure.numbers import trim_interval
from mmresearch.disclosure.policy import Policy, dominated
from mmresearch.disclosure.propagation import push
from mmresearch.disclosure.suppression import Table, bounds, choose_shown
from mmresearch.errors import UsageError

FEW = 11


def crowd(*ranges):
    return sum(1 << place for each in ranges for place in each)


@pytest.mark.parametrize("one, other, told", [
    (range(50), range(49), True), (range(50), range(40), True), (range(50), range(39), False),
    (range(50), range(50), False), (range(30), range(30, 60), False), (range(30), range(5, 35), False),
])
def test_a_part_of_a_group_tells_of_the_rest(one, other, told):
    assert parts_few(crowd(one), crowd(other), FEW) is told
    assert parts_few(crowd(other), crowd(one), FEW) is told


@pytest.mark.parametrize("groups, told", [
    ([range(60), range(30), range(30, 60)], False),  # all, and two arms
    ([range(60), range(30)], False),
    ([range(60), range(55)], True),
    ([range(60), range(30), range(30, 55)], True),  # all less two groups leaves five
    ([range(30), range(1, 31)], True),  # one left, one came
    ([range(20), range(20, 40), range(40)], False),
])
def test_sums_over_groups_combine(groups, told):
    assert tells_few([crowd(each) for each in groups], FEW) is told


def test_sums_that_overlap_by_few_are_found_by_their_span():
    first, second = range(20), range(20, 40)
    both_and_three, without = [crowd(range(43)), crowd(first), crowd(second)], [crowd(first), crowd(second)]
    assert tells_few(both_and_three, FEW) and not tells_few(without, FEW)


def test_atoms_are_the_patients_no_group_tells_apart():
    atoms = split([crowd(range(10)), crowd(range(5, 15))])
    assert sorted(map(size, atoms)) == [5, 5, 5]


@pytest.mark.parametrize("values, found", [
    ([1000, 900, 1, 1, 1, 1], True), ([1000, 0, 0, 0, 50], True), ([10] * 12, False), ([5, 3, 4, 2, 6], False),
    ([-1000, 900, 1, 1], False), ([0, 0, 0], False), ([1, 1], False),
])
def test_one_or_two_patients_may_not_make_up_a_sum(values, found):
    assert dominated(values) is found


@pytest.mark.parametrize("numbers", [{"fewest": 4}, {"base": 0}, {"base": 12}])
def test_a_policy_that_promises_nothing_cannot_be_made(numbers):
    with pytest.raises(UsageError):
        Policy(**numbers)


def test_rounding_goes_to_the_nearest_multiple_that_is_not_small():
    assert [Policy(base=5).rounded(count) for count in (0, 11, 12, 13, 17, 18, 145, None)] == [
        0, 15, 15, 15, 15, 20, 145, None]


def make_table(seed, arms=3, levels=3):
    """A characteristic by arm with totals; some small cells; arms' and all patients public."""
    dice = random.Random(seed)
    counts, sums, names = {}, [], [f"arm {index}" for index in range(arms)]
    for level in range(levels):
        for name in names:
            low = 25 if level == levels - 1 else dice.choice([0, 11, 11])  # an arm has more patients than the threshold
            counts[level, name] = dice.randint(low, 10 if low == 0 else 40)
        counts[level, "all"] = sum(counts[level, name] for name in names)
        sums.append(((level, "all"), tuple((level, name) for name in names)))
    for name in [*names, "all"]:
        counts["people", name] = sum(counts[level, name] for level in range(levels))
        sums.append((("people", name), tuple((level, name) for level in range(levels))))
    wanted = tuple(key for key in counts if key[0] != "people")
    return Table(counts, tuple(sums), wanted, told=frozenset(key for key in counts if key[0] == "people"))


def possible(table, shown, secret, most=150):
    """Every value a secret cell can have, by trying all whole tables: the adversary that needs no theory.

    Three arms and three levels leave four free cells at most, once rows and columns are summed.
    """
    public = shown | table.told
    names = sorted({key[1] for key in table.counts if key[1] != "all"})
    levels = sorted({key[0] for key in table.counts if key[0] != "people"})
    free = [(level, name) for level in levels[:-1] for name in names[:-1]]
    ranges = [[table.counts[key]] if key in public else range(most) for key in free]
    found = set()
    for values in itertools.product(*ranges):
        cells = dict(zip(free, values))
        if _completed(cells, table, public, levels, names):
            found.add(cells[secret])
    return found


def _completed(cells, table, public, levels, names):
    for level in levels[:-1]:
        if (level, "all") not in public:
            return True
        cells[level, names[-1]] = table.counts[level, "all"] - sum(cells[level, name] for name in names[:-1])
    for name in names:
        cells[levels[-1], name] = table.counts["people", name] - sum(cells[level, name] for level in levels[:-1])
    return all(value >= 0 and (key not in public or value == table.counts[key]) for key, value in cells.items())


@pytest.mark.parametrize("seed", range(12))
def test_no_small_cell_can_be_worked_out(seed):
    """Neither by linear programming over the relations, nor by pushing intervals through them."""
    table = make_table(seed)
    shown = choose_shown(table, FEW)
    known = {key: table.counts[key] for key in shown | table.told}
    pushed = push(known, table.sums)
    for key, count in table.counts.items():
        if 0 < count < FEW:
            low, high = bounds(table, shown | table.told, key)
            assert key not in shown and high - low >= FEW and low <= count <= high
            assert pushed[key][0] <= low + 1e-6 and pushed[key][1] >= high - 1e-6  # intervals bound from outside


def test_a_table_without_small_cells_is_shown_whole():
    table = make_table(0)
    large = Table({key: count + 20 * (key[0] != "people") for key, count in table.counts.items()}, (), table.wanted)
    assert choose_shown(large, FEW) == frozenset(large.wanted)


def test_trying_all_tables_finds_many_values_for_each_small_cell():
    counts = {(0, "a"): 4, (0, "b"): 20, (1, "a"): 26, (1, "b"): 15}
    counts |= {("people", "a"): 30, ("people", "b"): 35, (0, "all"): 24, (1, "all"): 41, ("people", "all"): 65}
    sums = tuple(((level, "all"), ((level, "a"), (level, "b"))) for level in (0, 1, "people")) + tuple(
        (("people", name), ((0, name), (1, name))) for name in ("a", "b", "all"))
    told = frozenset(key for key in counts if key[0] == "people")
    table = Table(counts, sums, tuple(key for key in counts if key[0] != "people"), told=told)
    shown = choose_shown(table, FEW)
    assert shown == {(0, "all"), (1, "all")}  # the totals, and not one cell by arm
    assert len(possible(table, shown, (0, "a"))) > FEW
    assert possible(table, frozenset({(0, "all"), (1, "all"), (0, "b")}), (0, "a")) == {4}


@given(st.integers(0, 10_000))
@settings(max_examples=15)
def test_what_is_shown_never_depends_on_the_order_of_cells(seed):
    table = make_table(seed, arms=2, levels=2)
    turned = Table(dict(reversed(table.counts.items())), tuple(reversed(table.sums)), tuple(reversed(table.wanted)),
                   told=table.told)
    assert choose_shown(table, FEW) == choose_shown(turned, FEW)


@given(st.floats(-50, 50), st.floats(1e-6, 50))
def test_an_interval_that_touches_zero_has_no_further_digits(low, length):
    """A limit near 0 asks for more decimals, so as not to be rounded onto it; six would be a fingerprint."""
    assert all(round(value, 5) == value for value in trim_interval(low, low + length, low + length / 3))
