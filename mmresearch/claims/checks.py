"""What one record cannot see of itself: whether a registry's words are known, and its claims fit each other."""

from mmresearch.claims.methods import METHODS
from mmresearch.codebook import codebook
from mmresearch.errors import nearest


def strangers(claims, contradictions, named, own):
    """Return one finding a line for words nobody knows and records that do not fit together.

    claims, contradictions: id -> record, those that could be made; named: ids of all claims, also of those that could
    not; own: ids of the study's instruments, known beside the codebook's.
    """
    broken = []
    for claim in claims.values():
        broken += [f"{claim.id}: {finding}" for finding in _of_claim(claim, claims, named, own)]
    broken += [
        f"contradiction {each.id}: claim '{name}' is not registered.{nearest(name, named)}"
        for each in contradictions.values()
        for name in each.claims
        if name not in named
    ]
    ranks = {claim.rank for claim in claims.values()}
    if None in ranks and len(ranks) > 1:
        broken.append("rank: give every claim a rank (primary or secondary), or none")
    return broken


def _of_claim(claim, claims, named, own):
    for name in claim.contradicts:
        if name not in named:
            yield f"contradicts '{name}', which is not registered.{nearest(name, named)}"
        elif name in claims and claim.id not in claims[name].contradicts:
            yield f"contradicts '{name}', which does not contradict it: name it on both sides"
    if claim.analysis is not None:
        yield from _unknown_words(claim.analysis, own)
        yield from _misfits(claim.analysis)


def _unknown_words(analysis, own):
    book = codebook()
    instruments = set(book.instruments) | own
    for kind, words, known in (
        ("instruments", analysis.instruments, instruments),
        ("also", analysis.also, instruments),
        ("mediator", [analysis.mediator] if analysis.mediator else [], instruments),
        ("techniques", analysis.techniques, book.techniques),
        ("comparators", analysis.comparators, book.comparators),
        ("conditions", analysis.population.conditions, book.conditions),
    ):
        yield from (
            f"{kind} has '{word}', not in the codebook.{nearest(word, known)}" for word in words if word not in known
        )


def _misfits(analysis):
    """Analyses that no study could answer as registered."""
    if analysis.method not in METHODS:
        yield f"method '{analysis.method}' does not exist.{nearest(analysis.method, METHODS)}"
    elif analysis.measure not in METHODS[analysis.method].measures:
        fits = " or ".join(METHODS[analysis.method].measures)
        yield f"method '{analysis.method}' estimates a {fits}, not a {analysis.measure}"
    if analysis.hypothesis != "superiority" and analysis.magnitude != "any":
        size = analysis.magnitude
        yield f"{analysis.hypothesis} has magnitude 'any', not '{size}': only superiority has a size to reach"
    if analysis.measure == "slope" and not (analysis.modifier or analysis.method == "course"):
        yield "a slope needs a modifier: the number it runs along"
    known = [each for each in map(codebook().instruments.get, analysis.instruments + analysis.also) if each]
    yield from _misfitting_instruments(analysis, known)


def _misfitting_instruments(analysis, known):
    if analysis.direction in ("higher", "lower") and len({each.better for each in known}) > 1:
        names = ", ".join(f"{each.id} {each.better}" for each in known)
        yield f"direction is '{analysis.direction}', but better is not one side ({names}): use better or worse"
    if analysis.method == "responder" and analysis.threshold_value is None:
        for each in known:
            rule = each.responder and (analysis.threshold or each.responder.rule)
            if rule is None or getattr(each.responder, rule) is None:
                wanted = (
                    f"a responder threshold in {analysis.threshold}" if analysis.threshold else "a responder threshold"
                )
                yield f"method 'responder' needs {wanted}, and {each.id} has none"
