"""What a column's name announces: the classes of identifiers of HIPAA Safe Harbor, in five languages, by its words."""

import re
import tomllib
from functools import cache
from importlib import resources

from mmresearch.anonymity.spelling import folded, mixes_alphabets, plain

SPOKEN = {
    "names": "a name of a person",
    "places": "a place smaller than a state",
    "dates": "a calendar date",
    "telephones": "a telephone or fax number",
    "mail": "an e-mail address",
    "numbers": "a number of a person, record or account",
    "vehicles": "a number of a vehicle",
    "devices": "the number or address of a device",
    "web": "an account or address on the web",
    "body": "a picture, voice or other mark of a body",
}
GENERIC_NAME = frozenset(("name", "nombre", "nom", "names", "nombres"))
ARTICLES = frozenset(("of", "de", "du", "del", "della", "des", "der", "la", "le", "the", "id"))
SPLIT = re.compile(
    r"(?<=[a-zß-ÿ])(?=[A-ZÀ-Þ])|(?<=[A-ZÀ-Þ])(?=[A-ZÀ-Þ][a-zß-ÿ])|(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])|[\W_]+"
)
MAPPED_MAY = frozenset(("dates", "places"))  # of a mapped column its cells say more than such a name does
LAST = 3  # neighbouring tokens that are read as one word


def announced(header, *, mapped=False):
    """Return the class of identifier (a key of SPOKEN) that a column's name announces, or None.

    mapped: the cells are looked at as well, so that words for days and places do not count.
    """
    tokens = tokens_of(header)
    joins = {
        "".join(tokens[start:end])
        for start in range(len(tokens))
        for end in range(start + 2, min(start + LAST, len(tokens)) + 1)
    }
    joins.add("".join(tokens))
    for kind, rules in _classes().items():
        if mapped and kind in MAPPED_MAY:
            continue
        plainly = any(token in rules["words"] and not _harmless(tokens, place) for place, token in enumerate(tokens))
        written_together = joins & (rules["joined"] | rules["words"]) and not _harmless(
            tokens, len(tokens) - 1, after_only=True
        )
        within = any(part in token for part in rules["within"] for token in tokens)
        if plainly or within or written_together or kind == "names" and _named(tokens):
            return kind
    return None


def poses(header):
    """True where a header mixes letters of two alphabets in one word, which no export does by itself."""
    return mixes_alphabets(plain(header))


def tokens_of(header):
    """Return the folded words of a column's name: `dateOfBirth`, `Date of birth` and `DATE_OF_BIRTH` are the same."""
    return [folded(token) for token in SPLIT.split(plain(header)) if token]


def _harmless(tokens, place, after_only=False):
    rules = _exceptions()
    after = tokens[place + 1] if place + 1 < len(tokens) else ""
    before = tokens[place - 1] if place else ""
    return after in rules["harmless_after"] or not after_only and before in rules["harmless_before"]


def _named(tokens):
    """`name` alone or beside a person is a person's; beside a thing it is that thing's."""
    rules = _exceptions()
    for place, token in enumerate(tokens):
        if token in GENERIC_NAME:
            beside = {*tokens[:place], *tokens[place + 1 :]} - ARTICLES
            beside = {each for each in beside if not each.isdigit()}
            if beside & rules["people"] or not beside:
                return True
    return False


@cache
def _tables():
    return tomllib.loads((resources.files("mmresearch.anonymity") / "headers.toml").read_text(encoding="utf-8"))


@cache
def _classes():
    return {
        kind: {key: frozenset(words) for key, words in rules.items()}
        for kind, rules in _tables().items()
        if kind != "exceptions"
    }


@cache
def _exceptions():
    return {key: frozenset(words) for key, words in _tables()["exceptions"].items()}
