"""What was fixed before data were seen: the quote, the question, the registered analysis; and whom to cite."""

import tomllib
from functools import cache
from importlib.resources import files

from mmresearch.codebook import codebook
from mmresearch.exhibits.markup import join, tag
from mmresearch.exhibits.record import Exhibit
from mmresearch.exhibits.tables import bullets, facts, fold
from mmresearch.exhibits.words import (
    HYPOTHESES,
    INTERCURRENT,
    MARGIN_SOURCES,
    MEASURES,
    MISSING,
    article_text,
    column_text,
    label_of,
    listed,
    magnitude_text,
)
from mmresearch.verdict.numbers import amount


def show_quotes(claim):
    """Return the Exhibit of a claim as the articles word it."""
    quotes = [tag("blockquote", tag("p", "\u201c", quote.quote, "\u201d"),
                  tag("footer", f"{article_text(quote.article)}, {quote.place}")) for quote in claim.sources]
    return Exhibit("quotes", "The claim, word for word", join([tag("p", claim.text, class_="lead"), *quotes]))


def show_registration(claim, own=None):
    """Return the Exhibit of the registered analysis, or of why there is none and what would settle the claim.

    own: the study's own instruments by id, known beside the codebook's.
    """
    if claim.analysis is None:
        return Exhibit("registration", "Why session outcomes cannot settle it",
                       join([tag("p", claim.why_not), tag("h3", "What would settle it"), tag("p", claim.would_settle)]))
    when = f"Registered {claim.registered.isoformat()}. " if claim.registered else ""
    note = claim.note or claim.analysis.note
    body = [tag("p", _in_short(claim.analysis, own)),
            tag("p", f"{when}{_where(claim.registration)}") if when or claim.registration else None,
            fold("All that was registered", facts(_estimand(claim.analysis, own))),
            tag("p", note, class_="note") if note else None]
    return Exhibit("registration", "The registered analysis", join(body))


def show_citations(claim, estimate=None, instrument=None):
    """Return the Exhibit of how to cite instrument and method.

    instrument: the codebook's record, or the study's own; default: those the claim registers, from the codebook.
    """
    known = codebook().instruments
    names = claim.analysis.instruments if claim.analysis else ()
    measured = [instrument] if instrument else [known[name] for name in names if name in known]
    words = [join([tag("strong", each.name), f". {each.citation or 'No citation known'}. ", *_thresholds(each)])
             for each in measured]
    body = [tag("h3", "Instrument"), bullets(words), tag("h3", "Method"), bullets(_methods(claim, estimate))]
    return Exhibit("citations", "How to cite instrument and method", join(body if words else body[2:]))


def _where(words):
    """Where the registration can be read, as a sentence."""
    return f"{words[:1].upper()}{words[1:]}{'' if words.endswith('.') else '.'}" if words else ""


def _in_short(analysis, own):
    """The estimand in one sentence."""
    against = f" compared with {listed(label_of('comparators', word) for word in analysis.comparators)}" \
        if analysis.comparators else ""
    first, *others = analysis.instruments
    outcome = f"{_instrument(first, own)}{', else ' if others else ''}{listed(others)}"
    days = listed(f"{first} to {last}" for first, last in analysis.windows)
    return (f"{analysis.population.words[:1].upper()}{analysis.population.words[1:]}: "
            f"{listed(label_of('techniques', word) for word in analysis.techniques)}{against}. "
            f"Outcome: {outcome}, day {days}. The words claim {magnitude_text(analysis)}.")


def _estimand(analysis, own):
    return [
        ("Population", _population(analysis.population)),
        ("Treatment", listed(label_of("techniques", word) for word in analysis.techniques)),
        ("Compared with", listed(label_of("comparators", word) for word in analysis.comparators) or "nothing"),
        ("Outcome", listed(_instrument(word, own) for word in analysis.instruments)),
        ("Time", listed(f"day {first} to {last}" for first, last in analysis.windows)),
        ("Claimed side", analysis.direction), ("Measure", MEASURES[analysis.measure]),
        ("Question", HYPOTHESES[analysis.hypothesis]), ("Claimed size", magnitude_text(analysis)),
        ("Method", " ".join(filter(None, [analysis.method, analysis.model and f"({analysis.model})"]))),
        ("Modified by", column_text(analysis.modifier)), ("Adjusted for", None if analysis.adjusted else "nothing"),
        ("Missing values", MISSING[analysis.missing]),
        ("Intercurrent events", INTERCURRENT[analysis.intercurrent]),
        ("Designs that may answer", listed(analysis.designs)),
    ]


def _population(population):
    conditions = listed(label_of("conditions", word) for word in population.conditions)
    bounds = "; ".join(filter(None, [conditions, *(_filter(each) for each in population.where)]))
    return join([population.words, tag("small", f" ({bounds})") if bounds else None])


def _filter(each):
    bounds = [f"at least {each.at_least:g}" if each.at_least is not None else "",
              f"at most {each.at_most:g}" if each.at_most is not None else "", each.equals or ""]
    return f"{column_text(each.column)} {' and '.join(filter(None, bounds))}"


def _instrument(name, own):
    known = (own or {}).get(name) or codebook().instruments.get(name)
    return f"{known.name} ({name})" if known else name


def _thresholds(instrument):
    if instrument.responder:
        known = instrument.responder
        size = [amount(known.absolute, instrument.unit) if known.absolute else "",
                f"{known.percent:g}% of baseline" if known.percent else ""]
        words = f"{' or '.join(filter(None, size))}, {_status(known.status)}: {known.source}"
        yield f"Responder threshold (one person): {words}. "
    if instrument.margin:
        known = instrument.margin
        size = amount(known.value, instrument.unit)
        yield f"Margin (between groups): {size}, {_status(known.status)}: {known.source}."


def _status(status):
    return MARGIN_SOURCES.get(status, status)


def _methods(claim, estimate):
    """The claim's method, then what every verdict rests on."""
    if estimate is None:
        wanted = [claim.analysis.method] if claim.analysis else []
    elif estimate.method == "change":
        mixed = any(word in estimate.model.lower() for word in ("mixed", "mmrm"))
        wanted = ["mmrm" if mixed else "ancova"]
    else:
        wanted = [estimate.method]
    wanted += ["number-needed-to-treat"] if wanted == ["responder"] else []
    known = _references()
    named = [known[name] for name in [*wanted, "holm", "estimand"] if name in known]
    return [join([tag("strong", each["name"]), ". ", each["citation"], "."]) for each in named]


@cache
def _references():
    return tomllib.loads((files("mmresearch.exhibits") / "methods.toml").read_text(encoding="utf-8"))["methods"]
