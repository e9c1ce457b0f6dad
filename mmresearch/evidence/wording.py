"""Sentences of a reading: what one named row prints, and everything that limits it."""

import math
from collections import Counter

from mmresearch.evidence.matching import MISSES

MINUS = "\u2212"
NONE = "No published trial in our table, which is not the same as no trial."
SOURCE = ("Mostly read in abstracts; risk of bias was not assessed; our table is what a limited search met, not a "
          "systematic review.")
OPEN = {  # comparators nobody can be blinded to
    "none": "no treatment", "waiting-list": "a waiting list", "usual-care": "usual care",
}
SIZES = {"important": "an important", "large": "a large"}
LIES = {
    "claimed": "the whole interval lies on the claimed side",
    "opposite": "the whole interval lies on the other side",
    "open": "the interval also holds no difference, which does not show that there is none",
}
OPENINGS = {"trials favour": "Trials favour the claim", "trials do not favour": "Trials do not favour the claim",
            "trials disagree": "Trials disagree"}


def number(value, digits):
    """Return a number at so many decimals with a true minus, never before a zero."""
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", MINUS)


def interval(point, low, high, digits):
    """Return `−0.72 (−1.05 to −0.39)`. digits: of each."""
    point, low, high = (number(value, places) for value, places in zip((point, low, high), digits))
    return f"{point} ({low} to {high})"


def print_effect(row):
    """Return a row's numbers as its publication printed them: `SMD −0.72 (−1.05 to −0.39)`."""
    unit = f" {row.unit}" if row.effect_type == "MD" else ""
    return f"{row.effect_type} {interval(row.effect, row.low, row.high, row.decimals)}{unit}"


def describe_source(row):
    """Return `Furlan 2015 (Cochrane), a review of 6 trials`."""
    if row.level == "trial":
        return f"{row.study}, one trial"
    return f"{row.study}, a review" + {None: "", 1: " that found one trial"}.get(row.k, f" of {row.k} trials")


def tell(word, side, row, trials, pooled):
    """Return the sentence of a reading that a review or pooled trials gave."""
    better = f"{row.benefit_direction} is better"
    if pooled:
        ends = (pooled.point, pooled.low, pooled.high)
        ends = [math.exp(end) if row.is_ratio else end for end in ends]
        digits = [max(each.decimals[0] for each in trials)] * 3
        found = (f"{pooled.k} independent trials ({', '.join(each.study for each in trials)}), pooled, give "
                 f"{row.effect_type} {interval(*ends, digits)} for {row.outcome} ({better})")
    else:
        found = (f"{describe_source(row)}, prints {print_effect(row)} for {row.outcome} against {_against(row)} "
                 f"({better})")
    more = {"trials disagree": "; others that match as well say otherwise, by more than chance"}.get(word, "")
    return f"{OPENINGS[word]}: {found}; {LIES[side]}{more}."


def tell_too_few(fits, single):
    """Return why no row of our table gives a reading. fits: of all rows; single: trials that fit, too few to pool."""
    if not fits:
        return NONE
    if single:
        names = ", ".join(dict.fromkeys(each.study for each in single))
        return (f"Too few: {names} {'matches' if len(single) == 1 else 'match'} the claim, and the rule asks for a "
                "review or three independent trials of one outcome in one unit.")
    counts = Counter(fit.misses[0] if fit.misses else "" for fit in fits)
    told = [f"{counts[miss]} {words}" for miss, words in MISSES.items() if counts[miss]]
    told += [f"{counts['']} single trials that say too little of their comparator or time"] if counts[""] else []
    rows = "result bears" if len(fits) == 1 else "results bear"
    return f"Too few: {len(fits)} {rows} on the claim, and none answers it: {', '.join(told)}."


def list_limits(claim, fit, rows, side_of, trials=()):
    """Return what limits a reading, a sentence each, the gravest first. fit: of the named row."""
    row, asked = fit.row, claim.analysis
    told = {
        "Against comparators that are mixed or not printed: they may be active.": "comparator" in fit.unstated,
        f"Measured \u201c{row.time}\u201d, the day not printed; the claim asks for {_windows(asked)}.":
            "time" in fit.unstated,
        f"Measured {_days(row)}; the claim asks for {_windows(asked)}.": row.days and not _inside(row, asked),
        f"Nobody can be blinded to {_or(OPEN[name] for name in row.classes if name in OPEN)}: what patients report may "
        "be overstated.": set(row.classes) & set(OPEN),
        f"The claim promises {SIZES.get(asked.magnitude)} effect; a reading says only on which side of no difference "
        "trials lie.": asked.magnitude in SIZES,
        f"The patients were {row.population}; the claim speaks of {_patients(asked)}.": not _same_patients(row, asked),
        _tell_others(claim, [each for each in rows if each is not row and each not in trials], side_of): True,
        SOURCE: True,
        f"Noted of this result: {row.note}.": row.note and not trials,
    }
    return tuple(words for words, holds in told.items() if holds and words)


def _tell_others(claim, others, side_of):
    """How the rows that the rule did not name lie, so that a reading hides none of them."""
    if not others:
        return ""
    held = sum(side_of(claim, each) == "claimed" for each in others)
    if len(others) == 1:
        return f"One other result bears on it, and {'lies' if held else 'does not lie'} wholly on the claimed side."
    return (f"{len(others)} other results bear on it (other times, comparators, outcomes or patients among them); "
            f"{held or 'none'} of them {'lies' if held < 2 else 'lie'} wholly on the claimed side.")


def _against(row):
    return row.comparator or "comparators that are not stated"


def _patients(asked):
    return asked.population.words.strip().rstrip(".") or "any patient"


def _same_patients(row, asked):
    return bool(set(row.conditions) & set(asked.population.conditions))


def _inside(row, asked):
    return any(first <= row.days[0] and row.days[1] is not None and row.days[1] <= last
               for first, last in asked.windows)


def _days(row):
    first, last = row.days or (0, None)
    if last is None:
        return f"from day {first} on"
    return f"on day {first}" if first == last else f"at some time between days {first} and {last}"


def _windows(asked):
    return _or(f"days {first} to {last}" for first, last in asked.windows)


def _or(words):
    words = list(words)
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else "".join(words)


