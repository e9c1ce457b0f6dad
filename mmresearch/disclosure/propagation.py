"""What sums alone bound: intervals pushed through the relations of a table until nothing moves.

It knows no linear programming and shares no code with the gate: what it can work out, an attentive reader can.
"""

from mmresearch.disclosure.differencing import size
from mmresearch.disclosure.support import ALL


def find_derivable(rows, table, outline, support, policy):
    """Return the withheld cells of one characteristic that sums bound more narrowly than the threshold.

    rows: its rows of a gated TableOne. Small counts are guarded, and those of nobody or of everybody.
    """
    names = [*(arm.name for arm in table.arms), ALL]
    truth, known = {}, {}
    for name, index in zip(names, range(len(names))):
        base = support.arms[name] & support.known(rows[0].label)
        truth["all", name], truth["known", name] = size(support.arms[name]), size(base)
        truth |= {(row.level, name): size(base & support.level(row.label, row.level)) for row in rows}
        known |= {(row.level, name): row.cells[index].count for row in rows if row.cells[index].count is not None}
        if any(row.cells[index].n is not None for row in rows):
            known["known", name] = truth["known", name]
    known |= {("all", arm.name): truth["all", arm.name] for arm in outline.arms if arm.n is not None}
    known |= {("all", ALL): truth["all", ALL]} if outline.patients is not None else {}
    ends = push(known, _relations([row.level for row in rows], names))
    secret = [key for key, count in truth.items() if key not in known
              and (policy.small(count) or key[0] != "known" and count in (0, truth["known", key[1]]))]
    return [key for key in secret if ends.get(key, (0, None))[1] is not None
            and ends[key][1] - ends[key][0] < policy.fewest]


def _relations(levels, names):
    """(total, parts): levels and a rest are those known; those known and not are the arm; arms are all arms."""
    for name in names:
        yield ("known", name), (*((level, name) for level in levels), ("rest", name))
        yield ("all", name), (("known", name), ("unknown", name))
    for kind in (*levels, "rest", "known", "unknown", "all"):
        yield (kind, ALL), tuple((kind, name) for name in names if name != ALL)


def push(known, relations, rounds=50):
    """Return cell -> (low, high or None) that follow from known cells, from counts being at least 0, and from sums."""
    relations, ends = list(relations), {key: (count, count) for key, count in known.items()}
    for _ in range(rounds):
        before = dict(ends)
        for total, parts in relations:
            _tighten(ends, total, parts)
        if ends == before:
            break
    return ends


def _tighten(ends, total, parts):
    lows = {part: ends.get(part, (0, None))[0] for part in parts}
    highs = {part: ends.get(part, (0, None))[1] for part in parts}
    low, high = ends.get(total, (0, None))
    low = max(low, sum(lows.values()))
    high = _least(high, None if None in highs.values() else sum(highs.values()))
    ends[total] = low, high
    for part in parts:
        others = [highs[other] for other in parts if other != part]
        least = lows[part] if None in others else max(lows[part], low - sum(others))
        most = highs[part] if high is None else _least(highs[part], high - sum(lows.values()) + lows[part])
        ends[part] = least, most


def _least(one, other):
    return other if one is None else one if other is None else min(one, other)
