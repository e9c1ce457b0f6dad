"""Towns and cities: by lists, by how their names end, and by a state behind them."""

import re
from functools import cache
from importlib import import_module

from mmresearch.anonymity.spelling import folded
from mmresearch.anonymity.words import vocabulary

STATES = frozenset(
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC "
    "SD TN TX UT VT VA WA WV WI WY DC PR ON QC BC AB NS NB MB SK".split())
WITH_STATE = re.compile(r"[A-ZÀ-Þ][\w.' -]{2,30}, ?([A-Z]{2})(?: \d{5}(?:-\d{4})?)?|\d{4,5} [A-ZÀ-Þ][\w'. -]{2,}|\d{5} .*", re.ASCII)
ENDINGS = re.compile(
    r"(?:ville|burgh?|town|furt|mouth|shire|haven|stadt|chester|bury|borough|hausen|heim|dorf|berg|field|ford|ton|port|side|"
    r"stad|view|fort|land|polis|grad|gorod|sur-\w+|-les-\w+)$")
STARTS = re.compile(r"(?:north|east|west|south|new|lake|port|saint|st\.?|san|santa|los|las|el|la|le|bad|sankt|fort|mount)[ -]")
CAPITALS = frozenset(
    "london paris berlin madrid rome roma vienna wien lisbon amsterdam brussels dublin athens stockholm oslo copenhagen helsinki "
    "warsaw prague budapest zurich geneva bern basel munich munchen hamburg koln cologne frankfurt stuttgart dusseldorf leipzig "
    "dresden bremen hannover nurnberg essen dortmund bonn mannheim karlsruhe augsburg freiburg heidelberg tubingen ulm "
    "lyon marseille toulouse nice nantes strasbourg bordeaux lille rennes grenoble montpellier dijon reims "
    "barcelona valencia sevilla seville zaragoza malaga bilbao murcia granada cordoba alicante valladolid "
    "manchester birmingham liverpool leeds bristol sheffield edinburgh cardiff belfast nottingham leicester oxford cambridge york bath "
    "exeter brighton plymouth norwich reading southampton glasgow aberdeen dundee newcastle coventry "
    "houston phoenix philadelphia dallas austin jacksonville columbus charlotte indianapolis seattle denver boston detroit nashville "
    "memphis portland baltimore milwaukee albuquerque tucson fresno sacramento atlanta omaha miami oakland minneapolis tulsa tampa "
    "cleveland honolulu anaheim pittsburgh cincinnati orlando buffalo madison chicago springfield riverside lexington anchorage "
    "toronto montreal vancouver ottawa calgary edmonton winnipeg quebec halifax sydney melbourne brisbane perth adelaide auckland "
    "tokyo osaka kyoto seoul busan incheon daegu daejeon gwangju suwon ulsan beijing shanghai mumbai delhi bangalore lagos nairobi "
    "cairo istanbul ankara moscow kyiv mexico guadalajara bogota lima santiago caracas 수원 성남 고양 용인 부천 안산 청주 전주 천안 "
    "안양 남양주 화성 김해 평택 포항 창원 시흥 파주 의정부 김포 진주 원주 춘천 강릉 여수 순천 목포 군산 익산 경주 구미 서울 부산 대구 인천 광주 대전 울산"
    .split())


def cities(cells):
    """Return (outcome, number of cells) where most distinct cells of words look like towns, or None."""
    hits = [cell for cell in cells if _is_town(cell)]
    if len(hits) < 3 or len(hits) < 0.6 * len(cells):
        return None
    sure = sum(_is_known(cell) for cell in hits)
    outcome = "block" if sure >= 0.5 * len(cells) or len(hits) >= 0.8 * len(cells) and len(hits) >= 8 else "ask"
    return outcome, sum(cells[cell] for cell in hits)


def _is_town(cell):
    if _is_known(cell):
        return True
    if not cell[0].isupper():
        return False
    low = folded(cell)
    return bool(STARTS.match(low) or ENDINGS.search(low)) and low not in vocabulary().common and not all(
        word in vocabulary().common for word in re.split("[ -]", low))


def _is_known(cell):
    state = WITH_STATE.fullmatch(cell)
    return bool(state and (state[1] is None or state[1] in STATES)) or folded(cell) in _listed()


@cache
def _listed():
    found = set(CAPITALS)
    for locale, key in (("de_DE", "cities"), ("ko_KR", "cities"), ("pl_PL", "cities"), ("ru_RU", "city_names")):
        found.update(folded(name) for name in getattr(import_module(f"faker.providers.address.{locale}").Provider, key))
    return frozenset(found - vocabulary().common | set(CAPITALS) - {"reading", "nice", "bath", "essen"})
