"""What trials say of a claim: the reading, the rows it was read from as a forest plot, and the study set beside it."""

import math

from mmresearch.exhibits.literature_forest import draw_panels
from mmresearch.exhibits.markup import join, tag
from mmresearch.exhibits.published import LIMITS, list_publications, name_publication, print_numbers
from mmresearch.exhibits.record import Exhibit
from mmresearch.exhibits.tables import bullets, fold, table
from mmresearch.exhibits.words import page_of

READINGS = ("Trials favour", "Trials do not favour", "Trials disagree", "Too few", "None in our table", "No reading")
COUNTED = {
    "Trials favour": "trials favour {}", "Trials do not favour": "trials do not favour {}",
    "Trials disagree": "trials disagree on {}", "Too few": "trials are too few for {}",
    "None in our table": "{} have none in our table",
    "No reading": "{} are of a kind that no published difference can settle"}
SAY = 4  # the readings that rest on rows of our table
NOT_PRINTED = {(): (), ("comparator",): ("comparators mixed",), ("time",): ("day not printed",),
               ("comparator", "time"): ("comparators mixed, day not printed",)}
RESTS, MATCHES = "The reading rests on this result.", "Matches the claim."
TITLE = "What trials have published (not part of the verdict)"


def show_literature(claim, reading, comparison=None, points=""):
    """Return the Exhibit of a claim's Reading: word, sentence, limits, forest plot, the same rows as a table.

    comparison: the evidence.Comparison of a study's estimate with it, where there is a study; points: the sentence
    that puts a standardised result on an instrument's points, where there is none.
    """
    shown = [tag("p", reading_badge(reading), " ", _said(reading)), tag("p", points) if points else None,
             bullets(reading.limits, "limits"), _beside(comparison)]
    if reading.rows:
        named = (reading.row,) if reading.row else reading.trials
        count = "result" if len(reading.rows) == 1 else f"{len(reading.rows)} results"
        shown += [draw_panels(claim, reading.rows, named, RESTS if reading.basis else MATCHES,
                              tuple(_lines_beside(reading, comparison))),
                  fold(f"The same {count} as a table, with notes", list_publications(reading.rows)),
                  tag("p", LIMITS, class_="note")]
    return Exhibit("published", TITLE, join(shown))


def reading_badge(reading):
    """Return the reading's word in a frame, without colour or sign: it is no verdict."""
    return tag("span", reading_text(reading), class_="reading")


def reading_text(reading):
    """Return a reading's word as a reader meets it; that our table has no row at all is told from too few."""
    if reading.word and not reading.rows:
        return "None in our table"
    return reading.word.capitalize() or "No reading"


def tell_readings(readings):
    """Return how many of these Readings say what, as one sentence."""
    words = [reading_text(each) for each in readings]
    told = [told.format(words.count(word)) for word, told in COUNTED.items() if word in words]
    return f"Of {len(words)} {'claim' if len(words) == 1 else 'claims'}: {', '.join(told)}."


def show_readings(claims, readings, href=page_of):
    """Return the Exhibit of many claims with what trials say of each, by READINGS; what says nothing is folded.

    readings: claim id -> Reading; href: claim id -> its page.
    """
    parts = {word: [claim for claim in claims if reading_text(readings[claim.id]) == word] for word in READINGS}
    said = [claim for word in READINGS[:SAY] for claim in parts[word]]
    body = [table(None, ("Reading", "Claim", "Result it rests on"), [_line(claim, readings, href) for claim in said],
                  "readings") if said else tag("p", "No published result of our table says anything of these claims.")]
    body += [fold(f"{word}: {len(parts[word])}", bullets([tag("a", claim.text, href=href(claim.id))
                                                          for claim in parts[word]]))
             for word in READINGS[SAY:] if parts[word]]
    return Exhibit("readings", "What trials say", join(body))


def _line(claim, readings, href):
    reading = readings[claim.id]
    rests = reading.row and [name_publication(reading.row), " ", print_numbers(reading.row), " ",
                             tag("small", "; ".join([reading.row.outcome, *NOT_PRINTED[reading.unstated]]))]
    return [reading_badge(reading), tag("a", claim.text, href=href(claim.id)),
            tag("div", rests or tag("small", _said(reading)))]


def _said(reading):
    """The sentence without the word that the badge before it says."""
    opening, colon, rest = reading.sentence.partition(": ")
    return rest if colon and reading.word and opening.lower().startswith(reading.word) else reading.sentence


def _lines_beside(reading, comparison):
    """What is drawn above the rows: the study on the scale of the named result, and the pooled trials."""
    if comparison and comparison.study:
        yield "This study", "put on the scale of the result it is set beside", comparison.study
    if reading.pooled:
        ends = (reading.pooled.point, reading.pooled.low, reading.pooled.high)
        yield (f"{reading.pooled.k} trials pooled", "random effects, REML, Hartung-Knapp",
               tuple(map(math.exp, ends)) if reading.trials[0].is_ratio else ends)


def _beside(comparison):
    if comparison is None:
        return None
    notes = tag("small", " ".join(comparison.notes)) if comparison.notes else None
    return tag("p", tag("strong", "Beside this study. "), comparison.sentence, " ", notes)
