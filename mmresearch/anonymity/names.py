"""Names of persons: by lists of names, and by their shape where no list has them.

A cell is judged by its words: how many of them are listed names, and whether one of them means something else (May,
Stone, Barnes). What a column is follows from the share of its distinct cells that are like names, and from how many
differ.
"""

import random
import re
from collections import Counter
from dataclasses import dataclass

from mmresearch.anonymity.spelling import folded, unmasked
from mmresearch.anonymity.words import CHINESE, KOREAN, gazetteer, vocabulary

TITLES = re.compile(
    r"^(?:dr|mr|mrs|ms|miss|prof|herr|frau|sr|sra|srta|don|do[nñ]a|mme|mlle|sir|nurse|sister)\b\.? ?"
    r"|\b(?:jr|sr|ii|iii|md|phd|rn)\b\.?$",
    re.IGNORECASE,
)
NUMBERED = re.compile(r"[ _-]?\(?#?\d+\)?$")
LETTERS = re.compile(r"[^\W\d_]+(?:['’`.-][^\W\d_]+)*\.?")
CAMEL = re.compile(r"([A-ZÀ-Þ][a-zß-ÿ]{2,})[._]?([A-ZÀ-Þ][a-zß-ÿ]{2,})")
INITIALS = re.compile(r"(?:[A-Z]\. ?-?){2,3}|[A-Z]\.[A-Z]\.?", re.ASCII)
PARTED = re.compile(r"[^\W\d_].*[\s,_.].*[^\W\d_]|[^\W\d_]\.|[a-zß-ÿ][A-ZÀ-Þ]")  # more than one word
HANGUL = re.compile(r"[가-힣]{2,4}|[가-힣]{1,2} [가-힣]{1,3}")
HAN = re.compile(r"[\u4e00-\u9fff々]{2,4}|[\u4e00-\u9fff々]{1,3}[ ・][\u4e00-\u9fff々]{1,3}")
PARTICLES = frozenset(
    "de del della di da do dos van von der den ter zu la le el al bin ibn abu mac mc o st y e und af".split()
)
LISTED, LIKELY, SHARED = 0.25, 0.5, 0.6  # shares of distinct cells, from which a column is one of names
OFTEN = 40  # cells that come again and again, from which one that does not stands out
SAMPLE = 500  # distinct cells that are enough to know what a column is
FEW, MANY = 3, 8  # distinct cells: a few may be chance; so many by shape alone are people
DIFFERENT = 0.3  # distinct cells a row: categories repeat, people do not


@dataclass(frozen=True)
class Likeness:
    """How like a name one cell is. full: first and last name listed; half: one of them; shape: only written so."""

    kind: str
    small: bool = False


def name_findings(cells):
    """Return (outcome, number of cells) for words `cells` -> count, or None; of many words a sample decides."""
    if len(cells) > SAMPLE:
        some = {cell: cells[cell] for cell in random.Random(0).sample(sorted(cells), SAMPLE)}
        if found := name_findings(some):
            return found[0], round(found[1] / SAMPLE * len(cells))
    if len(cells) < FEW and not any(PARTED.search(cell) for cell in cells):
        return None  # a few single words, as most categories are: no rule below speaks of them
    likeness = {cell: judged for cell in cells if (judged := like_a_name(cell))}
    if not likeness:
        return None
    kinds, distinct = Counter(each.kind for each in likeness.values()), len(cells)
    hits = sum(cells[cell] for cell in likeness)
    varied = distinct / sum(cells.values())
    outcome = _in_two_words(likeness, kinds, distinct, varied) or _in_one_word(kinds, distinct, varied)
    if outcome:
        return outcome, hits
    stray = [
        cell
        for cell, each in likeness.items()
        if not each.small
        and (each.kind in ("full", "comma") or each.kind in ("half", "shape") and _stands_out(cell, cells))
    ]
    return ("ask", sum(cells[cell] for cell in stray)) if stray else None


def _stands_out(cell, cells):
    """Whether a cell stands once where all else comes again and again, as categories do."""
    others = [number for each, number in cells.items() if number > 1]
    return cells[cell] == 1 and len(others) >= 2 and sum(others) >= OFTEN and min(others) >= FEW


def _in_two_words(likeness, kinds, distinct, varied):
    large = sum(each.kind == "full" and not each.small for each in likeness.values())
    full, half = kinds["full"] + kinds["comma"], kinds["half"]
    shaped = full + half + kinds["shape"] + kinds["loose"]
    listed = full + kinds["loose"]
    if full >= 2 and (large + kinds["comma"] >= LISTED * distinct or full >= LIKELY * distinct):
        return "block"
    if listed + half >= LIKELY * distinct and listed >= 2 and listed + half >= FEW:
        return "block"
    if shaped >= SHARED * distinct and shaped >= MANY and (varied >= DIFFERENT or listed >= LISTED * distinct):
        return "block"
    return "ask" if shaped >= SHARED * distinct and shaped >= FEW + 2 and full + half else None


def _in_one_word(kinds, distinct, varied):
    one = kinds["one"]
    if one >= LIKELY * distinct and one >= 5 and (varied >= 0.1 or one >= 20):
        return "block"
    if kinds["initials"] >= LIKELY * distinct and kinds["initials"] >= FEW:
        return "block"
    if kinds["syllables"] >= SHARED * distinct and kinds["syllables"] >= FEW:
        return "block" if kinds["syllables"] >= MANY and varied >= DIFFERENT else "ask"
    return "ask" if one >= 0.4 * distinct and one >= 4 else None


def stray_names(cells):
    """Return how many cells of a column of numbers are like a name in two words: listed, or of that shape alone."""
    judged = {cell: like_a_name(cell) for cell in cells if PARTED.search(cell)}
    return sum(cells[cell] for cell, each in judged.items() if each and each.kind not in ("one", "initials"))


def word_pseudonyms(cells):
    """Return the outcome for a pseudonym or code made of words: `violet-martin` passes, `anna-meier` does not."""
    split = [re.split(r"[-_. ,]+", folded(NUMBERED.sub("", unmasked(cell)))) for cell in cells]
    words = [parts for parts in split if all(len(part) > 1 and part.isalpha() for part in parts)]
    alone = [parts[0] for parts in words if len(parts) == 1 and len(parts[0]) > 2]
    people = sum(_are_named(parts) for parts in words if len(parts) == 2)
    if people >= LIKELY * len(cells) and people >= 2:
        return "block"
    if len(set(alone)) >= FEW:  # the lists of names are long, and most codes are no words
        spelled = sum(bool(HANGUL.fullmatch(cell) and _of_syllables(cell)) for cell in cells)
        if max(spelled, sum(_is_listed(word) for word in alone)) >= max(FEW, SHARED * len(cells)):
            return "block"
    return "ask" if people >= max(FEW, LISTED * len(cells)) else None


def _are_named(parts):
    """Whether two folded words are a first and a last name, in either order, and mean nothing else."""
    (one, two), names = parts, gazetteer()
    known = one in names.first and two in names.last or two in names.first and one in names.last
    return known and not set(parts) & vocabulary().common


def _is_listed(word):
    names = gazetteer()
    return (word in names.first or word in names.last) and word not in vocabulary().common


def like_a_name(cell):
    """Return the Likeness of one cell (plain spelling), or None."""
    if len(cell) > 60 or cell.isdigit():
        return None
    cell = NUMBERED.sub("", TITLES.sub("", unmasked(cell)).strip()).strip()
    if HANGUL.fullmatch(cell):
        return _of_syllables(cell)
    if HAN.fullmatch(cell):
        return Likeness("syllables") if cell[0] in CHINESE or cell[:2] in gazetteer().last else None
    if INITIALS.fullmatch(cell):
        return Likeness("initials")
    if joined := CAMEL.fullmatch(cell):
        return _of_words([joined[1], joined[2]])
    if "_" in cell or (" " not in cell and cell.count(".") == 1 and not cell.endswith(".") and cell[0].islower()):
        return _of_words(re.split(r"[_.]", cell))
    last, comma, rest = cell.partition(",")
    words = [*last.split(), *rest.split()]
    judged = _of_words(words)
    if comma and rest.strip() and judged and judged.kind in ("shape", "half", "loose") and _all_large(words):
        return Likeness("comma") if len(last.split()) <= 2 and judged.kind == "half" else judged
    return judged


def _of_syllables(cell):
    bare = cell.replace(" ", "")
    known = bare in vocabulary().common or any(part in vocabulary().common for part in cell.split())
    return Likeness("syllables") if bare[0] in KOREAN and not known and 2 <= len(bare) <= 4 else None


def _of_words(words):
    words = [word for word in words if word]
    if not 1 <= len(words) <= 5 or not all(LETTERS.fullmatch(word) for word in words):
        return None
    core = [word for word in words if folded(word) not in PARTICLES and len(word.rstrip(".")) > 1]
    marked = len(core) < len(words)
    if len(core) == 1:
        return _alone(core[0], words, marked)
    return _together(core) if core else None


def _alone(word, words, marked):
    """One word: a listed name; with an initial beside it, as good as two."""
    common, low = vocabulary(), folded(word)
    known = any(part in gazetteer().first or part in gazetteer().last for part in (low, *low.split("-")))
    if low in common.common or not _large(word):
        return None
    if marked and any(len(each.rstrip(".")) == 1 and each[0].isupper() for each in words):
        dotted = any(each.endswith(".") for each in words)
        return Likeness("half" if known else "shape") if dotted or known else None
    return Likeness("one") if known and low not in common.eponyms and len(low) > 2 else None


def _together(words):
    common, names = vocabulary(), gazetteer()
    low = [folded(word).rstrip(".") for word in words]
    if not _all_large(words) and not all(word.islower() for word in words):
        return None
    ends = {low[0], low[-1], *low[0].split("-"), *low[-1].split("-")}
    first, last = (any(end in part for end in ends) for part in (names.first, names.last))
    told = [word for word in low if word in common.common]
    ordered = (
        _named(low[0], names.first)
        and _named(low[-1], names.last)
        or (_named(low[-1], names.first) and _named(low[0], names.last))
    )
    if words[0].islower() and words[0].upper() != words[0]:
        return Likeness("full", small=True) if ordered and not told else None
    if all(word in common.eponyms for word in low):
        return None
    if ordered and len(told) < len(low):
        return Likeness("loose" if told else "full")
    if told or any(word in common.eponyms for word in low):
        return None
    return Likeness("half" if first or last else "shape")


def _named(word, names):
    return word in names or any(part in names for part in re.split("['-]", word) if len(part) > 2)


def _all_large(words):
    """Written as names are: each word with a capital, or all in capitals; `Barnes MFR` mixes both, as methods do."""
    shouted = [word.isupper() and len(word.rstrip(".")) > 1 for word in words]
    if any(shouted) and not all(shouted):
        return sum(shouted) == 1 and shouted[0] and len(words[0]) > 4 or (shouted[-1] and len(words[-1]) > 4)
    return all(_large(word) for word in words)


def _large(word):
    return word[0].isupper() or word[0].upper() == word[0].lower()
