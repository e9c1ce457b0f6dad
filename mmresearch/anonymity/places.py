"""Towns and cities: by lists, by how their names end, and by a state behind them."""

import re
from functools import cache
from importlib import import_module, resources

from mmresearch.anonymity.spelling import folded
from mmresearch.anonymity.words import vocabulary

STATES = frozenset(
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA "
    "RI SC SD TN TX UT VT VA WA WV WI WY DC PR ON QC BC AB NS NB MB SK".split()
)
WITH_STATE = re.compile(r"[A-ZÀ-Þ][\w.' -]{2,30}, ?([A-Z]{2})(?: \d{5}(?:-\d{4})?)?", re.ASCII)
WITH_CODE = re.compile(r"\d{5} ([A-ZÀ-Þ][^\W\d_][\w'. -]+)")
ENDINGS = re.compile(
    r"(?:ville|burgh?|town|furt|mouth|shire|haven|stadt|chester|bury|borough|hausen|heim|dorf|berg|field|ford|ton|port|side|"
    r"stad|view|fort|land|polis|grad|gorod|sur-\w+|-les-\w+)$"
)
STARTS = re.compile(
    r"(?:north|east|west|south|new|lake|port|saint|st\.?|san|santa|los|las|el|la|le|bad|sankt|fort|mount)[ -]"
)
CITIES = (("de_DE", "cities"), ("ko_KR", "cities"), ("pl_PL", "cities"), ("ru_RU", "city_names"))  # lists of faker
FEWEST = 3  # distinct towns, before a column is one of towns
ALSO_WORDS = {"reading", "nice", "bath", "essen"}


def cities(cells):
    """Return (outcome, number of cells) where most distinct cells of words look like towns, or None."""
    hits = [cell for cell in cells if _is_town(cell)] if len(cells) >= FEWEST else ()
    sure = sum(_is_known(cell) for cell in hits)
    if len(hits) < FEWEST or len(hits) < 0.6 * len(cells) and not (sure >= FEWEST and sure >= 0.3 * len(cells)):
        return None
    outcome = "block" if sure >= 0.5 * len(cells) or len(hits) >= 0.8 * len(cells) and len(hits) >= 8 else "ask"
    return outcome, sum(cells[cell] for cell in hits)


def _is_town(cell):
    if _is_known(cell):
        return True
    if not cell[0].isupper():
        return False
    low = folded(cell)
    if low in _large():
        return False
    return (
        bool(STARTS.match(low) or ENDINGS.search(low))
        and low not in vocabulary().common
        and not all(word in vocabulary().common for word in re.split("[ -]", low))
    )


def _is_known(cell):
    state, code = WITH_STATE.fullmatch(cell), WITH_CODE.fullmatch(cell)
    if state and state[1] in STATES or code and folded(code[1]) not in vocabulary().common:
        return True
    return folded(cell) in _listed()


@cache
def _large():
    """States and countries, which may be told."""
    countries = import_module("faker.providers.address.en").Provider.countries
    return frozenset(map(folded, (*countries, *import_module("faker.providers.address.en_US").Provider.states)))


@cache
def _listed():
    text = (resources.files("mmresearch.anonymity") / "towns.txt").read_text(encoding="utf-8")
    large = {word for line in text.splitlines() if not line.startswith("#") for word in line.split()} - ALSO_WORDS
    found = set()
    for locale, key in CITIES:
        found.update(folded(name) for name in getattr(import_module(f"faker.providers.address.{locale}").Provider, key))
    return frozenset(found - vocabulary().common | large)
