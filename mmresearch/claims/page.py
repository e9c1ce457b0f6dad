"""The page docs/claims.md: every registered claim, how it is tested or why not, and the demo that answers it."""

from collections import Counter

from mmresearch.claims.methods import METHODS
from mmresearch.codebook import codebook

WORDS = {
    "session-outcomes": "session outcomes",
    "laboratory": "needs a laboratory",
    "cohort": "needs a cohort",
    "not-testable": "not testable as worded",
}
COLUMNS = ("claim", "what the articles say", "method", "measured by", "compared with", "days", "asks for",
           "answered in the demo by")


def claims_page(registry, answers):
    """Return the markdown page of a Registry: counts, one table a group of claims, the contradictions.

    answers: {claim id: {demo study's folder: what it answers with, in words}}
    """
    groups = dict.fromkeys(claim.group for claim in registry)
    blocks = [_head(registry, answers), _methods(registry)]
    for group in groups:
        rows = [(*_row(claim), _answered(answers.get(claim.id, {}))) for claim in registry if claim.group == group]
        blocks += [f"## {group}", _table(COLUMNS, rows)]
    blocks += [
        "## Contradictions",
        _table(
            ("id", "where", "what", "claims", "can data settle it"),
            [_against(each) for each in registry.contradictions],
        ),
    ]
    return "\n\n".join(blocks) + "\n"


def _head(registry, answers):
    counts = Counter(claim.testability for claim in registry)
    said = ", ".join(f"{count} {WORDS[kind]}" for kind, count in counts.most_common())
    return (
        f"# The {len(registry)} claims\n\n"
        "Written by `make docs` from the registry and the studies of `data/demo`: edit "
        "`mmresearch/claims/registry/*.toml`, not this page.\n\n"
        f"Testable with: {said}. Instruments, techniques and comparisons stand in order of preference; a study that "
        "lacks the first is asked for the next. Days count from baseline. `any`, `important`, `large`: how large an "
        "effect the articles' own words claim; where they differ, the strongest word is registered.\n\n"
        "The last column was found by asking every claim of every simulated study in `data/demo`: "
        f"{len(answers)} claims have a study that can answer them. The words before a folder's name are what it judges "
        "them by."
    )


def _methods(registry):
    counts = Counter(claim.analysis.method for claim in registry if claim.analysis)
    rows = [(f"`{name}`", METHODS[name].question, str(counts[name])) for name in METHODS if name in counts]
    return _table(("method", "question it answers", "claims"), rows)


def _row(claim):
    if claim.analysis is None:
        return (f"`{claim.id}`", claim.text, WORDS[claim.testability], claim.why_not, "", "", "")
    analysis, book = claim.analysis, codebook()
    against = ", ".join(book.comparators[word].label.lower() for word in analysis.comparators) or "nothing"
    days = " or ".join(f"{first} to {last}" for first, last in analysis.windows)
    return (f"`{claim.id}`", claim.text, _method(analysis), _measured(analysis), against, days, _asks(analysis))


def _answered(studies):
    return "; ".join(f"{words} (`{folder}`)" for folder, words in studies.items())


def _method(analysis):
    extra = [f"by {analysis.modifier}"] if analysis.modifier else []
    extra += [f"through {analysis.mediator}"] if analysis.mediator else []
    return ", ".join([f"`{analysis.method}`", *extra])


def _measured(analysis):
    words = " or ".join(analysis.instruments)
    return f"{words}, and {' and '.join(analysis.also)}" if analysis.also else words


def _asks(analysis):
    if analysis.hypothesis == "superiority":
        return f"{analysis.direction}, {analysis.magnitude}"
    null = f" {analysis.null:g}" if analysis.hypothesis in ("above", "below") else ""
    return f"{analysis.hypothesis}{null}"


def _against(each):
    return each.id, each.where, each.text, ", ".join(f"`{name}`" for name in each.claims), each.resolvable


def _table(names, rows):
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines
    )
