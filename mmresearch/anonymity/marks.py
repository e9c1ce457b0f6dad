"""What identifies by its shape, so that one cell is enough: addresses, numbers of persons, places, devices.

Each pattern is searched for in all distinct cells at once, joined by line breaks; so none may match a line break.
"""

import re
import string
from dataclasses import dataclass

from stdnum import iban, luhn
from stdnum.fi import hetu

_ROADS = "street|avenue|road|boulevard|lane|drive|court|place|terrace|parkway|highway|crescent|broadway|square"
_SHORT = "St|Ave|Rd|Blvd|Ln|Dr|Ct|Pkwy|Hwy|Cres|Sq|Terr"
_LETTERS = "AC-HJKMNP-RT-Y"  # of a Medicare number: no S, L, O, I, B, Z
_FIRMS = "com|org|net|edu|gov|info|io|biz|de|fr|es|it|uk|kr|eu|ch|at|nl|ca|au|us|me"


@dataclass(frozen=True)
class Mark:
    """One thing that a single cell gives away.

    check   what a match must hold besides
    loose   too like a pseudonym to be looked for among them
    needs   characters of which a text holds one, or is not searched: most columns hold none, and searching costs most
    """

    noun: str
    lifts: str
    pattern: re.Pattern
    check: object = None
    loose: bool = False
    needs: str = string.digits

    def within(self, text):
        """Whether any line of a text holds it, before `check`."""
        return any(sign in text for sign in self.needs) and self.pattern.search(text) is not None


def _mark(noun, lifts, pattern, *, cased=False, **kinds):
    return Mark(noun, lifts, re.compile(pattern, 0 if cased else re.IGNORECASE), **kinds)


def _is_address(match):
    parts = [int(part) for part in match[0].split(".")]
    return max(parts) <= 255 and max(parts) > 31


def _is_card(match):
    return luhn.is_valid(re.sub(r"\D", "", match[0]))


MARKS = (
    _mark("e-mail addresses", "", r"(?<![\w.+%'-])[\w.+%'-]+ ?@ ?[\w-]+\.\w+", needs="@"),
    _mark(
        "e-mail addresses",
        "",
        r"\w ?[\[({<] ?at ?[\])}>] ?\w| at [\w-]+ ?[\[(]?dot[\])]? ?[a-z]{2,4}(?!\w)",
        needs="aA",
    ),
    _mark(
        "web addresses",
        "",
        rf"(?:h(?:tt|xx)ps?|ftp)://\S|\bwww\.\S|(?<![\w@.-])[a-z][\w-]+\.(?:{_FIRMS})/\w"
        r"|(?<![\w@.-])[a-z][\w-]{2,}\.(?:com|org|net|edu|gov)(?![\w.])",
        needs=".:",
    ),
    _mark(
        "social security numbers",
        "person-number",
        r"(?<![\d-])(?!000|666|9)\d{3}([-. ])(?!00)\d{2}\1(?!0000)\d{4}(?![\d-])",
    ),
    _mark(
        "telephone numbers",
        "telephone",
        r"\+(?=(?:[ ()/-]{0,2}\d){8,15}(?![\d.]))[\d ()/-]{8,}\d|\+\d{1,3}(?:\.\d{2,4}){3,}|\+\d{1,3}(?: ?\.\d{3}){2,}"
        r"|\(0?\d{2,5}\) ?[.-]? ?\d{3,4}[ .-]?\d{3,5}(?!\d)|(?<![\d.-])1[-. ]\d{3}[-. ]\d{3}[-. ]\d{4}(?!\d)"
        r"|(?<!\d)00[1-9]\d{0,2}[ /-](?:\(?\d\)?[ /-]?){6,12}"
        r"|\b(?:tel|telef[oó]no|telefon|t[ée]l|phone|fax|mobile|cell|handy|tlf)\b[.:# ]*\+?\d[\d ()-]{5,}\d",
    ),
    _mark(
        "telephone numbers",
        "telephone",
        r"(?<![\d.-])\d{3}([-. ])\d{3}\1\d{4}(?![\d-])|(?<![\d.-])\d{3}[ /]\d{3}-\d{4}(?![\d-])"
        r"|(?<![\d.-])0\d{1,4}[ /-]\d{3,4}[ -]?\d{3,5}(?![\d-])|(?<![\d.-])0\d{2,4} ?/ ?\d{4,8}(?![\d-])"
        r"|(?<![\d.-])0\d{3,4} \d{5,7}(?![\d-])|(?<![\d.-])0\d(?:[ .-]\d{2}){4}(?![\d-])"
        r"|(?<![\d.,-])[6-9]\d{2}([ -])\d{3}\2\d{3}(?![\d-])|(?<![\d.,-])[6-9]\d{2} \d{2} \d{2} \d{2}(?![\d-])",
        loose=True,
    ),
    _mark(
        "Medicare numbers",
        "person-number",
        rf"\b[1-9][{_LETTERS}][{_LETTERS}\d]\d-?[{_LETTERS}][{_LETTERS}\d]\d-?[{_LETTERS}]{{2}}\d\d\b",
    ),
    _mark(
        "numbers of persons",
        "person-number",
        r"(?<!\d)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])-[1-8]\d{6}(?!\d)"  # Korea
        r"|\b[A-Z]{6}\d\d[A-EHLMPRST]\d\d[A-Z]\d{3}[A-Z]\b|\b[A-Z]{4}\d{6}[HM][A-Z]{5}[A-Z\d]\d\b"  # Italy, Mexico
        r"|\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d\d ?\d\d ?\d\d ?[A-D]\b"  # Britain
        r"|(?<![\d.])\d{3}\.\d{3}\.\d{3}-\d\d(?!\d)|(?<!\d)756\.\d{4}\.\d{4}\.\d\d(?!\d)"  # Brazil, Switzerland
        r"|(?<![\d.,])[12] ?\d\d ?(?:0[1-9]|1[0-2]) ?\d[\dAB] ?\d{3} ?\d{3} ?\d\d(?!\d)",
    ),  # France
    _mark("numbers of persons", "person-number", r"\b\d{6}[-+A]\d{3}[0-9A-Y]\b", check=lambda m: hetu.is_valid(m[0])),
    _mark(
        "account numbers",
        "person-number",
        r"\b[A-Z]{2}\d\d(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b",
        check=lambda m: iban.is_valid(m[0]),
    ),
    _mark("card numbers", "person-number", r"(?<!\d)\d{4}([ -])\d{4}\1\d{4}\1\d{4}(?!\d)", check=_is_card),
    _mark(
        "record numbers",
        "person-number",
        r"\bMRN\W{0,3}\d{3,}|\b(?:medical record|hospital|chart|insurance|policy|passport|licen[cs]e|member)"
        r" ?(?:no\.?|nr\.?|number|id|#)\W{0,3}[A-Z]{0,3}\d{4,}",
    ),
    _mark(
        "days of birth",
        "dates",
        r"\bD\.? ?O\.? ?B\b\.?|\bborn (?:on |in )?\d|\bgeb(?:oren)?\.? (?:am )?\d|\bn[ée]e? le \d"
        r"|\bnacid[oa] |생년월일|\bbirth(?:day|date)\b",
        needs="bBéÉcC생",
    ),
    _mark("addresses of devices", "device-address", r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])", check=_is_address),
    _mark(
        "addresses of devices",
        "device-address",
        r"(?<![\w:])(?:[0-9a-f]{1,4}:){5,7}[0-9a-f]{1,4}(?![\w:])|(?<![\w:])(?:[0-9a-f]{1,4}:){2,6}:[0-9a-f]{1,4}(?!\w)"
        r"|(?<![\w:-])(?:[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2})(?![\w:-])",
        needs=":-",
    ),
    _mark(
        "addresses of streets",
        "place",
        rf"\b\d{{1,5}}[a-z]?,? (?:[\w.'-]+ ){{0,3}}[\w'-]+ (?:{_ROADS})(?!\w)"
        r"|(?:stra(?:ß|ss)e|str\.|gasse|(?<=[a-zß])weg|(?<=[a-zß])platz|allee|damm|ufer) \d{1,4} ?[a-z]?(?!\w)"
        r"|\b(?:calle|avenida|avda\.?|paseo|plaza|carrera|camino|c/) ?[\w.' áéíóúñ]+,? (?:n[º°o.]* ?)?\d{1,5}(?!\w)"
        r"|\b\d{1,4},? (?:bis |ter )?(?:rue|avenue|boulevard|place|chemin|all[ée]e|impasse|quai|route) (?:d|l|[a-z])"
        r"|\bp\.? ?o\.? box \d|\bpostfach \d|\bapartado \d|[가-힣]+(?:로|길) ?\d+(?:번길)?(?: ?\d+)?(?!\w)"
        r"|[가-힣]+시 [가-힣]+구|[가-힣]+구 [가-힣]+동",
    ),
    _mark(
        "addresses of streets",
        "place",
        rf"\b\d{{1,5}} (?:[NSEW]\.? )?(?:[A-Z0-9][\w.'-]* ){{0,2}}[A-Z0-9][a-z\w'-]+ (?:{_SHORT})(?:\.|(?!\w))(?!\w)"
        r"|\b(?:Apt|Suite|Ste|Unit)\.? #?\d+[A-Z]?(?!\w)",
        cased=True,
    ),
    _mark(
        "places on the map",
        "place",
        r"(?<![\d.])-?\d{1,2}\.\d{4,}°? ?[NS]?[,;/ ] ?-?1?\d{1,2}\.\d{4,}|\d{1,3}\.\d{4,}° ?[NSEWO](?!\w)"
        r"|\d{1,3}° ?\d{1,2}['′] ?\d{1,2}(?:\.\d+)?(?:[\"″]|'') ?[NSEWO]",
    ),
    _mark(
        "names of pictures or recordings",
        "recording",
        r"\w\.(?:jpe?g|png|heic|tiff?|gif|dcm|mp[34]|mov|wav|m4a)(?!\w)",
        needs=".",
    ),
)
