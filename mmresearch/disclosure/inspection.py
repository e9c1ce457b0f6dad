"""The last check over gated records, by other means than the gate: recounts what is shown, and solves for what is not.

The gate chooses what to show; this asks of the records themselves, whoever made them, whether they may leave.
"""

import re
from itertools import combinations
from statistics import fmean, stdev

from mmresearch.disclosure.differencing import parts_few, size, tells_few
from mmresearch.disclosure.estimates import EVENTS, SAME, WITHHELD, list_reached, reason_to_withhold
from mmresearch.disclosure.numbers import mean_decimals
from mmresearch.disclosure.policy import SMALLEST_P, dominated
from mmresearch.disclosure.propagation import find_derivable
from mmresearch.disclosure.sentences import holds_number
from mmresearch.disclosure.statements import list_statements
from mmresearch.estimate import Estimate, Lack
from mmresearch.verdict.records import UNJUDGED

PEOPLE = re.compile(  # "fewer than 3 therapists" is a rule's number and counts nobody
    r"(?<!ewer than )\b\d[\d,]* "
    r"(?:of \d|patients?|participants?|people|therapists?|therapist\(s\)|sites?|drop-?outs?|in [A-Z])")
OURS = frozenset(UNJUDGED) - {"not-assessable"}  # their reasons are the registry's words, of no study


def inspect_records(description, outcomes, verdicts, support, policy, originals):
    """Return sentences on every rule these records break; empty where they may leave.

    outcomes: claim id -> Estimate or Lack, as they would leave; verdicts: all of them; originals: claim id -> Estimate
    or Lack as fitted, for what a gated one no longer says (events, the model's size).
    """
    found = []
    statements = list_statements(description, outcomes, support)
    for rule in (_few, _wrong, _others, _nested, _combined, _uniform):
        found += rule(statements, support, policy)
    found += _derivable(description, support, policy)
    found += _plain(description, policy)
    for name, outcome in outcomes.items():
        found += [f"claim {name}: {words}" for words in _outcome(outcome, originals.get(name), support, policy)]
    found += _thresholds(outcomes, originals, support, policy)
    found += [f"claim {each.claim}: {words}" for each in verdicts for words in _verdict(each, outcomes.get(each.claim))]
    return tuple(dict.fromkeys(found))


def _few(statements, support, policy):
    return [f"{each.where}: fewer than {policy.fewest} patients stand behind a number" for each in statements
            if size(each.crowd) < policy.fewest]


def _wrong(statements, support, policy):
    return [f"{each.where}: a count is not that of its patients" for each in statements
            if each.kind == "count" and each.shown != policy.rounded(size(each.crowd))]


def _others(statements, support, policy):
    """Means that are not of the patients we take them to be of: then nothing else that is asked of them is true."""
    for each in statements:
        values = _values(each, support) if each.kind == "sum" and each.shown is not None else ()
        if values and abs(fmean(values) - each.shown) > 0.51 * 10.0 ** -mean_decimals(
                stdev(values) if len(values) > 1 else 0):
            yield f"{each.where}: a mean is not that of its patients"


def _nested(statements, support, policy):
    """Two counts of which one is part of the other but for few; of a part of something also its rest, and all of it."""
    counts = {}
    for each in statements:
        if each.kind == "count":
            counts.setdefault(each.crowd, each.where)
    found = [f"{counts[one]}: with {counts[other]} it tells of fewer than {policy.fewest} patients"
             for one, other in combinations(counts, 2) if parts_few(one, other, policy.fewest)]
    parts = [each for each in statements if each.base]
    return found + [f"{each.where}: nobody, or everybody, of a group has it" for each in parts
                    if size(each.crowd) in (0, size(each.base))]


def _combined(statements, support, policy):
    sums = {}
    for each in statements:
        if each.kind == "sum":
            sums.setdefault(each.variable, {})[each.crowd] = each.where
    return [f"{next(iter(crowds.values()))}: its means together tell of fewer than {policy.fewest} patients"
            for crowds in sums.values() if tells_few(list(crowds), policy.fewest)]


def _uniform(statements, support, policy):
    """Means of values that are all equal, and sums that one or two patients make up."""
    for each in statements:
        if each.kind != "sum":
            continue
        values = _values(each, support)
        if values and (len(set(values)) == 1 or dominated(values)):
            yield f"{each.where}: its values are equal, or one or two patients make up their sum"


def _values(statement, support):
    first, _, last = statement.variable.partition("; ")
    if last == "baseline" and first in support.described.columns:
        return [value for value in support.numbers(first, statement.crowd) if not isinstance(value, str)]
    return support.values(first, last, statement.crowd)


def _derivable(description, support, policy):
    """Cells of Table 1 that are not shown and can be worked out nearly, by sums alone; levels of few that are named."""
    table = description.table_one
    for label in dict.fromkeys(row.label for row in table.rows if row.level is not None):
        rows = [row for row in table.rows if row.label == label and row.level is not None]
        if find_derivable(rows, table, description.outline, support, policy):
            yield f"Table 1, {label}: a withheld count can be worked out"
        if any(policy.small(size(support.level(label, row.level))) for row in rows):
            yield f"Table 1, {label}: a level of fewer than {policy.fewest} patients is named"


def _thresholds(outcomes, originals, support, policy):
    """Shares of one group at two thresholds, between which lie few patients; by the counts as fitted."""
    reached = [(name, each) for name, outcome in outcomes.items() if isinstance(outcome, Estimate)
               and isinstance(originals.get(name), Estimate) for each in list_reached(originals[name], support)]
    return [f"claim {name}: with claim {other} it tells of fewer than {policy.fewest} patients"
            for (name, (key, count)), (other, (group, many)) in combinations(reached, 2)
            if key == group and policy.small(abs(count - many))]


def _plain(description, policy):
    """What a description may not carry at all, and digits that tell too much."""
    outline, rows = description.outline, [row for row in description.table_one.rows if row.level is None]
    cells = [(f"Table 1, {row.label}", cell.mean, cell.sd) for row in rows for cell in row.cells]
    cells += [(f"course of {course.name}", point.mean, point.sd) for course in description.courses
              for point in course.points]
    checks = {
        "outline: rows are counted, not patients": outline.outcomes is None and outline.sessions is None,
        "outline: notes of what was read hold counts": not (outline.notes or outline.unread or outline.hidden),
        "outline: a hash of the data would confirm a guess": len(outline.sha256) <= 16,
        "exclusions: fewer patients than the threshold": not any(
            policy.small(count) for _, count in description.flow.exclusions if count is not None),
        "the exclusions' reasons tell one another": None not in (told := [
            count for _, count in description.flow.exclusions]) or not any(told),
    }
    yield from (words for words, fine in checks.items() if not fine)
    yield from (f"{where}: more digits than the scale has" for where, mean, sd in cells
                if mean is not None and round(mean, mean_decimals(sd) if sd else 3) != mean)
    if description.dropouts and any((row.p_value or 1) < SMALLEST_P for row in description.dropouts.rows):
        yield "those who stayed beside those who left: p below 0.001"


def _outcome(outcome, original, support, policy):
    if isinstance(outcome, Lack):
        registered = outcome.code in {WITHHELD, *OURS}
        if outcome.code == "too-few-patients" or not registered and _tells_people(outcome.sentence):
            yield "its reason counts patients"
        return
    if outcome.point is None:
        return
    why = reason_to_withhold(original, support, policy) if isinstance(original, Estimate) else "it was never fitted"
    if why:
        yield why.replace("withheld: ", "")
    yield from _numbers(outcome)
    yield from _words(outcome)


def _numbers(estimate):
    if estimate.p_value is not None and estimate.p_value < SMALLEST_P:
        yield "p below 0.001"
    known = [value for value in (estimate.point, estimate.low, estimate.high, estimate.standard_error)
             if value is not None]
    if any(float(f"{value:.6g}") != value for value in known):
        yield "an estimate with more than six digits"
    if estimate.df is not None and estimate.df % 10 and estimate.df >= 10:
        yield "exact degrees of freedom tell how many were analysed"
    if estimate.method in EVENTS and None in estimate.n.values():
        yield "a share beside a withheld count tells it"
    hidden = [arm for arm in estimate.by_arm if arm.n is None and arm.sd is not None]
    if hidden:
        yield "a standard deviation beside a withheld count tells it"


def _words(estimate):
    allowed = (estimate.visit, estimate.population, estimate.instrument, *(arm.label for arm in estimate.by_arm))
    if any(holds_number(each.sentence) and "%" not in each.sentence and _tells_people(each.sentence)
           for each in estimate.troubles) or any(holds_number(each, allowed) for each in estimate.assumptions):
        yield "a sentence counts patients"
    if holds_number(estimate.model, allowed):
        yield "the model's words hold a count"
    if any(not each.analysis.startswith(SAME) for each in estimate.robustness):
        yield "an analysis of other patients stands beside it"


def _tells_people(text):
    return bool(PEOPLE.search(text))


def _verdict(verdict, outcome):
    held = isinstance(outcome, Lack) and outcome.code == WITHHELD
    if isinstance(outcome, Lack) and (verdict.judged or verdict.p_holm is not None) or held and verdict.limits:
        yield "a verdict tells of an estimate that is withheld"
    if any(p is not None and p < SMALLEST_P for p in (verdict.p_holm, verdict.p_bh)):
        yield "p below 0.001"
    registered = verdict.verdict in OURS or verdict.reason_code == WITHHELD
    if not registered and any(_tells_people(each) for each in (*verdict.limits, verdict.reason)):
        yield "a sentence counts patients"


