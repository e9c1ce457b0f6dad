"""What is pooled: effects from reports of mmresearch, from rows of a table, and from published trials."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

from mmresearch.codebook import codebook
from mmresearch.errors import MMResearchError, UsageError, counted, nearest
from mmresearch.estimate import from_json
from mmresearch.evidence import published_effects
from mmresearch.pooling import MEASURES, RATIOS, SHORT, StudyEffect, from_error, from_interval

NUMBERS = ("effect", "low", "high", "se")
WORDS = ("unit", "instrument", "outcome", "better", "comparator", "time", "design")
COLUMNS = ("study", "measure", *NUMBERS, *WORDS, "doi")


def gather(places, claim=None, published=()):
    """Return the StudyEffects of all sources. Raises UsageError with every finding of every source."""
    made, broken = [], []
    for read, source in [*((read_place, each) for each in places), *((_published, each) for each in published)]:
        try:
            made += read(source, claim)
        except MMResearchError as error:
            broken += [f"{error.where}: {error.what}", *(f"  {finding}" for finding in error.findings)]
    if broken:
        raise UsageError("pool", "not every source can be pooled", broken,
                         "Correct the source, or leave it out; docs/evidence.md says what a table holds.")
    return _told_apart(made)


def read_place(place, claim=None):
    """Return the StudyEffects of a CSV table, of an estimates/<id>.json, or of a report's folder (with `claim`)."""
    place = Path(place)
    if place.is_dir():
        return _reports(place, claim)
    try:
        text = place.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise UsageError(place, "expected a file of UTF-8 text, or a report's folder") from None
    return [_estimated(place, text)] if place.suffix == ".json" else read_table(text, place.name)


def read_table(text, where):
    """Return the StudyEffects of CSV text. Raises UsageError with every finding, by line."""
    lines = csv.DictReader(io.StringIO(text))
    given = lines.fieldnames or []
    unknown = [f"column '{name}' is not known.{nearest(name, COLUMNS)}" for name in given if name not in COLUMNS]
    lacking = [f"column '{name}' is missing" for name in ("study", "measure", "effect") if name not in given]
    if unknown or lacking:
        raise UsageError(where, f"a table to pool has the columns {', '.join(COLUMNS)}, separated by commas",
                         unknown + lacking)
    made, broken = [], []
    for cells in lines:
        try:
            made.append(_row(cells, where))
        except MMResearchError as error:
            broken += [f"line {lines.line_num}: {finding}" for finding in error.findings or [error.what]]
    if broken or not made:
        read = f"{counted(len(made), 'sound row')} read"
        raise UsageError(where, f"broken: {counted(len(broken), 'rule')} ({read})", broken)
    return made


def _row(cells, where):
    cells = {name: (cells.get(name) or "").strip() for name in COLUMNS} | {"extra": cells.get(None)}
    if cells["extra"]:
        raise UsageError(where, "has more cells than there are columns")
    try:
        numbers = {name: float(cells[name]) for name in NUMBERS if cells[name]}
    except ValueError:
        raise UsageError(where, "effect, low, high and se are numbers with a decimal point") from None
    words = {name: cells[name] for name in WORDS} | {"source": where, "marks": _marks(doi=cells["doi"])}
    measure = SHORT.get(cells["measure"], cells["measure"])
    if measure not in MEASURES:
        raise UsageError(where, f"the measure is one of {', '.join(MEASURES)}.{nearest(measure, MEASURES)}")
    if set(numbers) == {"effect", "low", "high"}:
        return from_interval(cells["study"], measure, numbers["effect"], numbers["low"], numbers["high"], **words)
    if set(numbers) == {"effect", "se"}:
        return from_error(cells["study"], measure, numbers["effect"], numbers["se"], **words)
    raise UsageError(where, "an effect has low and high (95%), or se (of a ratio: of its logarithm), and not both")


def _reports(folder, claim):
    if claim is None:
        raise UsageError(folder, "a report has many estimates; say which with --claim ID")
    found = [folder] if (folder / "run.json").exists() else sorted(path.parent for path in folder.glob("*/run.json"))
    files = [path for each in found if (path := each / "estimates" / f"{claim}.json").exists()]
    if not files:
        raise UsageError(folder, f"{len(found)} reports stand there, and none has an estimate of '{claim}'")
    return [_estimated(path, path.read_text(encoding="utf-8")) for path in files]


def _estimated(path, text):
    """Return the StudyEffect of an estimate, with what run.json beside it says of the data."""
    try:
        estimate = from_json(json.loads(text))
        facts = json.loads((path.parents[1] / "run.json").read_text(encoding="utf-8"))
        name, data = facts["study"], facts["data_sha256"]
    except (OSError, ValueError, TypeError, KeyError, AttributeError, IndexError):
        raise UsageError(path, "expected estimates/<id>.json in a report's folder, with run.json above it: its hash "
                         "tells whether two reports are of the same data") from None
    lacks = [rule for rule, bad in {
        f"its measure, {estimate.measure}, compares no two groups": estimate.measure not in MEASURES,
        "it has no standard error": not estimate.standard_error,
        "a serious trouble stands on it, so nothing rests on it": bool(estimate.serious),
    }.items() if bad]
    if lacks:
        raise UsageError(path, "this estimate cannot be pooled", lacks)
    words = dict(unit=_unit(estimate), instrument=estimate.instrument or "", outcome=estimate.outcome,
                 better=estimate.direction or "", comparator=estimate.comparator_class or "", design=estimate.design,
                 time=estimate.visit or "", source=f"{path.parts[-3]}/estimates/{path.name}",
                 simulated=estimate.simulated, marks=_marks(data=data))
    ends = estimate.point, estimate.low, estimate.high
    if abs(estimate.level - 0.95) > 1e-9 or None in ends:
        return from_error(name, estimate.measure, estimate.point, estimate.standard_error, **words)
    return StudyEffect(name, estimate.measure, *ends, estimate.standard_error, **words)


def _unit(estimate):
    return "ratio" if estimate.measure in RATIOS else estimate.unit or ""


def _published(effect_id, _claim):
    known = {each.effect_id: each for each in published_effects()}
    if effect_id not in known:
        raise UsageError(f"--published {effect_id}", f"no such row.{nearest(effect_id, known)}")
    row = known[effect_id]
    if row.level != "trial":
        raise UsageError(f"--published {effect_id}", f"{row.study} is a review: it holds trials, and which of them "
                         "stand here too is not known, so it is never pooled")
    return [from_published(row)]


def from_published(row):
    """Return the StudyEffect of a published trial's effect, in the codebook's unit where it names one instrument."""
    instrument = row.instruments[0] if len(row.instruments) == 1 else None
    factor, unit = _convert(row.unit, instrument) if row.effect_type == "MD" else (1.0, row.unit)
    return from_interval(
        row.study, SHORT[row.effect_type], *(factor * each for each in (row.effect, row.low, row.high)), unit=unit,
        instrument=instrument or row.instrument, outcome=row.outcome, better=row.benefit_direction,
        comparator=row.comparator_class or row.comparator, time=row.time, design="randomised", source=row.effect_id,
        marks=_marks(doi=row.doi, pmid=row.pmid, title=row.title))


def _convert(unit, instrument):
    """(factor, unit): the codebook's unit where it knows how to get there, else the row's own."""
    known = codebook().instruments.get(instrument) if instrument else None
    if known is None or unit == known.unit:
        return 1.0, unit
    return (known.converts[unit], known.unit) if unit in known.converts else (1.0, unit)


def _marks(**known):
    return frozenset(f"{name}:{value.strip().casefold()}" for name, value in known.items() if value and value.strip())


def _told_apart(studies):
    """Two folders may have one name: reports of different data get the beginning of their hash beside it."""
    names = [each.name for each in studies]
    made = []
    for each in studies:
        data = next((mark for mark in each.marks if mark.startswith("data:")), None)
        same = data and [other for other in studies if other.name == each.name and other.marks != each.marks]
        made.append(replace(each, name=f"{each.name} ({data[5:13]})") if same and names.count(each.name) > 1 else each)
    return made
