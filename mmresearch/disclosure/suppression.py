"""Which cells of a table of counts may be shown, so that none that is hidden can be worked out from the others.

The attacker knows every shown cell, every sum (a total is its parts, patients are those known and those not), that
counts are not negative, and solves: the gate does the same by linear programming (HiGHS), and hides another cell until
each hidden small cell could be anything within an interval at least as wide as the threshold.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Table:
    """counts: name of a cell -> patients; sums: (total, parts) names; wanted: names that would be shown.

    guarded: names that must not be told whatever their count (nobody, or everybody, has it); told: names that are
    public already. The other cells stand for what a reader can work out: a rest, those without a value.
    """

    counts: dict = field(repr=False)
    sums: tuple = field(repr=False)
    wanted: tuple
    guarded: frozenset = frozenset()
    told: frozenset = frozenset()


def choose_shown(table, fewest):
    """Return the frozenset of wanted names that may be shown: the small ones go, then what would betray them."""
    secret = {name for name, count in table.counts.items() if 0 < count < fewest} | set(table.guarded)
    shown = {name for name in table.wanted if name not in secret}
    while shown:
        public = shown | table.told
        tight = next((name for name in sorted(secret, key=str) if width(table, public, name) < fewest), None)
        if tight is None:
            break
        shown.discard(_betrayer(table, shown, tight, fewest))
    return frozenset(shown)


def width(table, shown, name):
    """Return how wide the interval is in which the hidden cell must lie, for who knows the shown cells and the sums."""
    low, high = bounds(table, shown, name)
    return high - low


def bounds(table, shown, name):
    """Return the least and the greatest count the hidden cell can have; the greatest may be infinite."""
    from scipy.optimize import linprog

    if name in shown:
        return table.counts[name], table.counts[name]
    hidden, sums = _around(table, shown, name)
    left = [[_sign(each, total, parts) for each in hidden] for total, parts in sums]
    right = [-sum(table.counts[each] * _sign(each, total, parts) for each in (total, *parts) if each in shown)
             for total, parts in sums]
    aim = [float(each == name) for each in hidden]
    ends = [linprog([sign * x for x in aim], A_eq=left or None, b_eq=right or None, bounds=(0, None), method="highs")
            for sign in (1, -1)]
    return ends[0].fun if ends[0].success else 0.0, -ends[1].fun if ends[1].success else float("inf")


def _around(table, shown, name):
    """The hidden cells that sums join to this one, and those sums."""
    found, sums, waiting = [name], [], [name]
    while waiting:
        cell = waiting.pop()
        for each in table.sums:
            if each not in sums and cell in (each[0], *each[1]):
                sums.append(each)
                new = [other for other in (each[0], *each[1]) if other not in shown and other not in found]
                found, waiting = found + new, waiting + new
    return found, sums


def _sign(name, total, parts):
    return -1.0 if name == total else float(name in parts)


def _betrayer(table, shown, tight, fewest):
    """The shown cell to hide next: of those in the same sums, the one after which most is uncertain, the smallest."""
    public = shown | table.told
    near = {each for total, parts in _around(table, public, tight)[1] for each in (total, *parts) if each in shown}
    near = near or shown

    def gain(each):
        reach = width(table, public - {each}, tight)
        return -min(reach, fewest), table.counts[each], str(each)

    return min(near, key=gain)
