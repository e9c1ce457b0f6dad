"""What trials say of a claim: the reading, the rows it was read from as a forest plot, and the study set beside it."""

from mmresearch.exhibits.literature_forest import draw_panels
from mmresearch.exhibits.markup import join, tag
from mmresearch.exhibits.published import LIMITS, list_publications
from mmresearch.exhibits.record import Exhibit
from mmresearch.exhibits.tables import bullets, fold

RESTS, MATCHES = "The reading rests on this result.", "Matches the claim, alone."
TITLE = "What trials have published (not part of the verdict)"


def show_literature(claim, reading, comparison=None):
    """Return the Exhibit of a claim's Reading: word, sentence, limits, forest plot, the same rows as a table.

    comparison: the evidence.Comparison of a study's estimate with it, where there is a study.
    """
    shown = [tag("p", reading_badge(reading), " ", _said(reading)),
             bullets(reading.limits, "limits"), _beside(comparison)]
    if reading.rows:
        named = (reading.row,) if reading.row else reading.trials
        count = "result" if len(reading.rows) == 1 else f"{len(reading.rows)} results"
        shown += [draw_panels(claim, reading.rows, named, RESTS if reading.basis else MATCHES,
                              comparison and comparison.study),
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


def _said(reading):
    """The sentence without the word that the badge before it says."""
    opening, colon, rest = reading.sentence.partition(": ")
    return rest if colon and reading.word and opening.lower().startswith(reading.word) else reading.sentence


def _beside(comparison):
    if comparison is None:
        return None
    notes = tag("small", " ".join(comparison.notes)) if comparison.notes else None
    return tag("p", tag("strong", "Beside this study. "), comparison.sentence, " ", notes)
