"""The verdicts of a family together: counts, the table, and the articles' contradictions side by side."""

from mmresearch.estimate import Estimate
from mmresearch.exhibits.literature import READINGS, reading_text
from mmresearch.exhibits.markup import join, tag
from mmresearch.exhibits.numbers import line_digits, reading_unit, show_interval, show_p, times
from mmresearch.exhibits.record import Exhibit
from mmresearch.exhibits.tables import table
from mmresearch.exhibits.words import (
    VERDICTS,
    article_text,
    badge,
    glyph,
    is_exploratory,
    is_fragile,
    page_of,
    verdict_text,
)
from mmresearch.verdict.orientation import alpha, orient

ANSWERED = ("supported", "supported-smaller", "refuted", "inconclusive")
PHRASES = {
    "supported": "{} supported", "supported-smaller": "{} supported but smaller than claimed", "refuted": "{} refuted",
    "inconclusive": "{} inconclusive", "not-assessable": "{} could not be assessed in this study",
    "needs-laboratory": "{} would need a laboratory", "needs-cohort": "{} a long-term cohort",
    "not-testable": "{} cannot be tested as worded",
}
HEADER = (("Verdict", None, None), ("Claim and answer", None, None),
          ("Estimate", "n", "Sorts by how far the estimate lies on the claimed side, in widths of its interval"),
          ("p, Holm", "n", "Adjusted for the number of hypotheses in the family"))
PUBLISHED = ("Published trials", "n", "What they say of the claim (docs/evidence.md); no part of the verdict")
TRIALS = dict(zip(READINGS, ("favour", "do not favour", "disagree", "too few", "none in our table", "\u2013")))


def count_verdicts(verdicts):
    """Return verdict word -> how many of the Verdicts, in the order a reader meets them; those nobody got are 0."""
    found = [each.verdict for each in by_claim(verdicts).values()]
    return {name: found.count(name) for name in VERDICTS}


def split_verdicts(verdicts):
    """Return (verdict word, exploratory, how many), as `count_verdicts`: what only supports as exploratory apart."""
    explored = [each.verdict for each in by_claim(verdicts).values() if is_exploratory(each)]
    parts = []
    for name, count in count_verdicts(verdicts).items():
        parts.append((name, False, count - explored.count(name)))
        parts += [(name, True, explored.count(name))] if name in explored else []
    return parts


def by_claim(verdicts):
    """Return claim id -> Verdict, of Verdicts as `judge` returns them or of such a dict."""
    return verdicts if isinstance(verdicts, dict) else {each.claim: each for each in verdicts}


def summarise_verdicts(verdicts):
    """Return the counts as one or two plain sentences."""
    counts = split_verdicts(verdicts)
    judged = sum(count for name, _, count in counts if name in ANSWERED)
    answered = [_phrase(*each) for each in counts if each[0] in ANSWERED and each[2]]
    rest = [_phrase(*each) for each in counts if each[0] not in ANSWERED and each[2]]
    total = len(verdicts)
    were = "claim was" if total == 1 else "claims were"
    first = f"{judged} of {total} {were} judged{': ' if answered else ''}{_and(answered)}."
    return f"{first} Of the others, {_and(rest)}." if rest else first


def show_verdicts(registry, verdicts, outcomes=None, href=page_of, readings=None):
    """Return the Exhibit of every claim of a registry with its verdict and the answer in one sentence.

    verdicts: as `judge` returns them; outcomes (claim id -> Estimate or Lack) add the estimate; href: claim id -> its
    page, or None where it has none; readings: claim id -> evidence.Reading, which add what published trials say, where
    one of them has a published result. Rows carry data-verdict, data-group and data-article, for a page's filters.
    """
    verdicts = by_claim(verdicts)
    published = readings if readings and any(each.rows for each in readings.values()) else {}
    rows = [_row(claim, verdicts[claim.id], (outcomes or {}).get(claim.id), href, published.get(claim.id))
            for claim in registry if claim.id in verdicts]
    header = (*HEADER, PUBLISHED) if published else HEADER
    head = tag("tr", [tag("th", label, scope="col", class_=kind, title=title) for label, kind, title in header])
    caption = tag("caption", f"{len(rows)} {'claim' if len(rows) == 1 else 'claims'}")
    body = tag("table", caption, tag("thead", head), tag("tbody", rows), class_="verdicts")
    return Exhibit("verdicts", "Every claim and its verdict", tag("div", body, class_="scroll"))


def show_contradictions(registry, verdicts, href=page_of, among=None):
    """Return the Exhibit of where articles contradict each other or themselves: their words, and what the data say.

    among: the Contradictions to show, default all of the registry. Those the data speak to come first, unfolded.
    """
    chosen = registry.contradictions if among is None else among
    if not chosen:
        return Exhibit("contradictions", "Where the articles disagree", tag("p", "No contradiction is registered."))
    verdicts = by_claim(verdicts)
    ordered = sorted(chosen, key=lambda each: not _answered(each, verdicts))
    blocks = [_contradiction(each, registry, verdicts, href) for each in ordered]
    return Exhibit("contradictions", "Where the articles disagree", join(blocks))


def show_counts(verdicts):
    """Return the Exhibit of the counts: a sentence and a table."""
    rows = [[badge(name, exploratory=explored), count, VERDICTS[name][1]]
            for name, explored, count in split_verdicts(verdicts) if count]
    counted = table(None, ["Verdict", "Claims", "What it means"], rows, "counts", (1,))
    return Exhibit("counts", "The verdicts in numbers", join([tag("p", summarise_verdicts(verdicts)), counted]))


def show_legend():
    """Return the Exhibit of how to read a verdict."""
    rows = [[badge(name), meaning] for name, (_, meaning) in VERDICTS.items()]
    return Exhibit("legend", "How to read a verdict", table(None, ["Verdict", "What it means"], rows, "legend-table"))


def _row(claim, verdict, outcome, href, reading=None):
    articles = "|".join(dict.fromkeys(quote.article for quote in claim.sources))
    what = [tag("div", _link(claim, href), class_="claim"), tag("div", verdict.sentence, class_="sentence")]
    order = list(VERDICTS).index(verdict.verdict)
    fragile = tag("div", "fragile under other assumptions", class_="sentence") if is_fragile(verdict) else None
    return tag("tr", tag("td", _badge(verdict), fragile, data_sort=order), tag("td", what, data_sort=claim.text),
               tag("td", _estimate(outcome), class_="n", data_label="Estimate", data_sort=_clearness(claim, outcome)),
               tag("td", _p(verdict, outcome), class_="n", data_label="p, Holm", data_sort=_sortable(verdict.p_holm)),
               reading and _published(reading),
               id=f"row-{claim.id}", data_verdict=verdict.verdict, data_group=claim.group, data_article=articles)


def _published(reading):
    """What trials have published of the claim: beside the verdict and no part of it."""
    order = list(TRIALS).index(reading_text(reading))
    return tag("td", TRIALS[reading_text(reading)], class_="n", data_label=PUBLISHED[0], data_sort=order)


def _p(verdict, outcome):
    return show_p(verdict.p_holm, *([alpha(outcome)] if isinstance(outcome, Estimate) else []))


def _link(claim, href):
    page = href(claim.id)
    return tag("a", claim.text, href=page) if page else claim.text


def _estimate(outcome):
    if not isinstance(outcome, Estimate) or outcome.point is None:
        return "\u2013"
    factor, unit = reading_unit(outcome)
    ends = times(factor, outcome.point, outcome.low, outcome.high)
    return [show_interval(*ends, line_digits(outcome)), " ", tag("small", unit)]


def _clearness(claim, outcome):
    """Units differ, so the column sorts by how far the estimate lies on the claimed side, in widths of its interval."""
    if not isinstance(outcome, Estimate) or None in (outcome.low, outcome.point, outcome.high):
        return ""
    facts = orient(claim, outcome, None)
    return _sortable(facts.point / (facts.high - facts.low) if facts.high > facts.low else None)


def _sortable(value):
    return "" if value is None else f"{value:.6g}"


def _contradiction(record, registry, verdicts, href):
    sides = [_side(registry.claim(name), verdicts.get(name), href) for name in record.claims if name in registry.claims]
    settled = record.resolvable[:1].upper() + record.resolvable[1:]
    said = [tag("p", tag("strong", "Could data settle it? "), settled, "."),
            tag("p", tag("strong", "What would: "), record.design) if record.design else None]
    found = [verdicts[name] for name in record.claims if name in verdicts]
    marks = [glyph(each.verdict, verdict_text(each.verdict, is_exploratory(each))) for each in found]
    summary = tag("summary", tag("span", record.text, class_="said"), " ", tag("span", marks, class_="dots"))
    body = tag("div", tag("p", record.where, class_="note"), tag("ul", sides, class_="sides"), said)
    return tag("details", summary, body, class_="contradiction", id=record.id, open=_answered(record, verdicts))


def _answered(record, verdicts):
    return any(verdicts[name].verdict in ANSWERED for name in record.claims if name in verdicts)


def _side(claim, verdict, href):
    quote = claim.sources[0]
    said = [_badge(verdict, small=True), tag("p", verdict.sentence, class_="sentence")] if verdict else None
    return tag("li", tag("p", _link(claim, href), class_="claim"), tag("blockquote", quote.quote,
               tag("footer", f"{article_text(quote.article, False)}, {quote.place}")), said)


def _badge(verdict, small=False):
    return badge(verdict.verdict, small, is_exploratory(verdict))


def _phrase(name, explored, count):
    return PHRASES[name].format(count) + (" (exploratory)" if explored else "")


def _and(phrases):
    return f"{', '.join(phrases[:-1])} and {phrases[-1]}" if len(phrases) > 1 else "".join(phrases)
