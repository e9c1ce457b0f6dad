"""What a row names must exist: claims in the registry, words in the codebook, rows in the table; and only once."""

from mmresearch.claims import articles
from mmresearch.codebook import codebook
from mmresearch.errors import nearest


def strangers(effects, named):
    """Return one finding for each name that does not exist. effects: id -> PublishedEffect; named: all ids read."""
    book = codebook()
    known = {"claims": articles().claims, "conditions": book.conditions, "techniques": book.techniques,
             "instruments": book.instruments, "part_of": named}
    found = [f"{each.effect_id}: {column}: '{name}' is not known.{nearest(name, names)}"
             for each in effects.values() for column, names in known.items()
             for name in getattr(each, column) if name not in names]
    return [*found, *(finding for each in effects.values() for finding in _misplaced(each, effects, book))]


def _misplaced(effect, effects, book):
    """Yield what the row's number cannot be, by what it names."""
    for name in effect.instruments:
        instrument = book.instruments.get(name)
        if instrument and effect.effect_type == "MD" and not _fits(effect, instrument):
            yield f"{effect.effect_id}: the difference or a limit is wider than the range of {name}"
    if effect.effect_type == "MD" and len(effect.instruments) > 1:
        yield f"{effect.effect_id}: a difference between means has one instrument, {len(effect.instruments)} are named"
    for name in effect.part_of:
        if name == effect.effect_id:
            yield f"{effect.effect_id}: a row is no part of itself"
        elif name in effects and effects[name].level != "meta-analysis":
            yield f"{effect.effect_id}: part_of {name}, which is one trial and holds no other row"


def _fits(effect, instrument):
    if None in (instrument.low, instrument.high):
        return True
    factor = 1.0 if effect.unit == instrument.unit else instrument.converts.get(effect.unit, 1.0)
    return factor * max(abs(effect.low), abs(effect.high)) <= instrument.high - instrument.low


def repeated(effects):
    """Return one finding for each row that says the same thing as one before it."""
    seen, broken = {}, []
    for each in effects:
        key = (each.study, each.title, each.population, each.technique, each.comparator, each.outcome, each.instrument,
               each.time)
        if key in seen:
            broken.append(f"{each.effect_id}: the same study, technique, comparator, outcome and time as {seen[key]}")
        seen.setdefault(key, each.effect_id)
    return broken
