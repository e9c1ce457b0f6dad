"""The ledger of releases: who stood behind each number that ever left, so that no two of them can be subtracted.

Kept in the clinic, one JSON object a line, each with the checksum of the one before it and its own. Patients stand in
it under keyed pseudonyms (HMAC-SHA256), groups as bits over them, values as keyed digests: without the key it names
nobody, but it stays inside all the same. Text in, text out: the command reads and writes the file.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass, field, replace

from mmresearch.disclosure.differencing import parts_few, tells_few
from mmresearch.errors import PrivacyError

ALIKE = 0.5  # of the smaller study's patients, unchanged in the other: then two studies are one under two titles
DIGEST = 16  # hexadecimal digits of a digest


@dataclass(frozen=True)
class Entry:
    """One release. patients: keyed pseudonym -> keyed digest of all of the patient's values, in order of the bits.

    counted: the groups whose size was told; summed: variable -> groups whose mean or estimate was told; values:
    variable -> {keyed pseudonym: keyed digest of the value}
    """

    release: str
    study: str
    when: str
    fewest: int
    patients: dict = field(repr=False)
    counted: tuple = field(repr=False)
    summed: dict = field(repr=False)
    values: dict = field(repr=False)


def make_entry(release, study, when, policy, support, statements, key):
    """Return the Entry of what these Statements tell. key: bytes, of the clinic alone."""
    described, names = support.described, {}
    for patient in described.patients:
        names[patient] = _keyed(key, "patient", patient)
    columns = {f"{label}; baseline": values for label, values in described.columns.items()}
    columns |= {f"{name}; {visit}": values for (name, visit), values in described.measured.items()}
    digests = {variable: {names[patient]: _keyed(key, variable, repr(value)) for patient, value in values.items()
                          if patient in names} for variable, values in columns.items()}
    whole = {name: _keyed(key, "all", *(found.get(name, "-") for found in digests.values())) for name in names.values()}
    counted = tuple(sorted({each.crowd for each in statements if each.kind == "count"}))
    summed = {}
    for each in statements:
        if each.kind == "sum":
            summed.setdefault(each.variable, set()).add(each.crowd)
    values = {variable: digests.get(variable, whole) for variable in summed}
    return Entry(release, _keyed(key, "study", study), when, policy.fewest, whole, counted,
                 {variable: tuple(sorted(crowds)) for variable, crowds in sorted(summed.items())}, values)


def _keyed(key, *words):
    return hmac.new(key, "\0".join(map(str, words)).encode(), hashlib.sha256).hexdigest()[:DIGEST]


def read_ledger(text, where="ledger"):
    """Return the Entries of a ledger's text. Raises PrivacyError where a line was changed, lost or cut off."""
    entries, before = [], ""
    for number, line in enumerate(text.splitlines(), 1):
        try:
            record = json.loads(line)
            checksum = record.pop("checksum")
            if record.pop("before") != before or checksum != _checksum(record, before):
                raise ValueError
            entries.append(_entry(record))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise PrivacyError(where, f"line {number} is not as it was written", remedy=(
                "Nothing was released. Put the ledger back from a copy: without it no release can be compared with "
                "earlier ones.")) from None
        before = checksum
    return tuple(entries)


def add_entry(text, entry):
    """Return the ledger's text with one more line."""
    lines = text.splitlines()
    before = json.loads(lines[-1])["checksum"] if lines else ""
    record = _record(entry)
    line = json.dumps(record | {"before": before, "checksum": _checksum(record, before)}, sort_keys=True)
    return "".join(f"{each}\n" for each in (*lines, line))


def find_conflicts(entry, earlier):
    """Return sentences on what the Entry tells of fewer patients than the threshold, beside earlier Entries.

    Compared are releases of one study: of one title, or with half of their patients the same and unchanged.
    """
    found = []
    for other in earlier:
        known = _recognised(entry, other)
        if other.study == entry.study or _alike(known, other):
            found += _conflicts(known, other, max(entry.fewest, other.fewest))
    return tuple(found)


def _recognised(entry, other):
    """The Entry with the other's names for patients whose every value is one's there: pseudonyms may be made anew."""
    same = {name for name, digest in entry.patients.items() if other.patients.get(name) == digest}
    free, known = {}, {name: name for name in same}
    for name, digest in other.patients.items():
        if name not in same:
            free.setdefault(digest, []).append(name)
    known |= {name: free[digest].pop(0) for name, digest in entry.patients.items()
              if name not in same and free.get(digest)}
    taken = set(known.values())
    known |= {name: f"{name} anew" if name in taken else name for name in entry.patients if name not in known}
    return replace(entry, patients={known[name]: digest for name, digest in entry.patients.items()},
                   values={variable: {known[name]: digest for name, digest in digests.items()}
                           for variable, digests in entry.values.items()})


def _alike(entry, other):
    same = sum(other.patients.get(name) == digest for name, digest in entry.patients.items())
    return same >= ALIKE * min(len(entry.patients), len(other.patients)) and same > 0


def _conflicts(entry, other, fewest):
    place = {name: 1 << index for index, name in enumerate(dict.fromkeys((*other.patients, *entry.patients)))}
    counted, counted_before = ([_moved(crowd, each, place) for crowd in each.counted] for each in (entry, other))
    few = sum(any(parts_few(crowd, before, fewest) for before in counted_before) for crowd in counted)
    if few:
        yield f"{few} counts differ from those of release {other.release} by fewer than {fewest} patients"
    for kind, crowded in (("means or estimates", _summed), ("variables", _changed)):
        many = sum(crowded(variable, entry, other, place, fewest) for variable in entry.summed
                   if variable in other.summed)
        if many:
            yield f"{many} {kind} would, beside release {other.release}, tell of fewer than {fewest} patients"


def _summed(variable, entry, other, place, fewest):
    new = [_moved(crowd, entry, place) for crowd in entry.summed[variable]]
    old = [_moved(crowd, other, place) for crowd in other.summed[variable]]
    return bool(set(new) - set(old)) and tells_few([*old, *new], fewest)


def _changed(variable, entry, other, place, fewest):
    """True where a few patients' values were changed since: the same group's two means then tell of them."""
    now, then = entry.values[variable], other.values[variable]
    changed = sum(now.get(name) != then.get(name) for name in now.keys() & then.keys())
    return 0 < changed < fewest


def _moved(crowd, entry, place):
    """A group as bits over the patients of both releases."""
    names, made = list(entry.patients), 0
    while crowd:
        low = crowd & -crowd
        made |= place[names[low.bit_length() - 1]]
        crowd ^= low
    return made


def _record(entry):
    return {"release": entry.release, "study": entry.study, "when": entry.when, "fewest": entry.fewest,
            "patients": list(entry.patients.items()), "counted": [f"{crowd:x}" for crowd in entry.counted],
            "summed": {name: [f"{crowd:x}" for crowd in crowds] for name, crowds in entry.summed.items()},
            "values": entry.values}


def _entry(record):
    summed = {name: tuple(int(crowd, 16) for crowd in crowds) for name, crowds in record["summed"].items()}
    return Entry(record["release"], record["study"], record["when"], record["fewest"],
                 {name: digest for name, digest in record["patients"]},
                 tuple(int(crowd, 16) for crowd in record["counted"]), summed, record["values"])


def _checksum(record, before):
    return hashlib.sha256(f"{before}{json.dumps(record, sort_keys=True)}".encode()).hexdigest()
