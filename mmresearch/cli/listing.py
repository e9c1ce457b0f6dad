"""`mmresearch claims`: the registry as a list, or one claim whole."""

import json
import textwrap

from mmresearch.claims import articles


def list_claims(arguments):
    """Print all claims, or the one asked for. Raises UsageError for an id the registry lacks."""
    registry = articles()
    chosen = [registry.claim(arguments.id)] if arguments.id else list(registry)
    if arguments.json:
        records = [claim.model_dump(mode="json") for claim in chosen]
        print(json.dumps(records[0] if arguments.id else records, indent=1, ensure_ascii=False))
    elif arguments.id:
        print(_whole(chosen[0], registry))
    else:
        print("\n".join(_lines(registry)))


def _lines(registry):
    width = max(len(claim.id) for claim in registry)
    group = None
    for claim in registry:
        if claim.group != group:
            group = claim.group
            yield from ("", group)
        how = claim.analysis.method if claim.analysis else claim.testability
        yield f"  {claim.id:<{width}}  {how:<16}  {textwrap.shorten(claim.text, 90, placeholder=' ...')}"
    testable = sum(claim.analysis is not None for claim in registry)
    yield from ("", f"{len(registry)} claims; session outcomes can test {testable}. mmresearch claims ID shows one.")


def _whole(claim, registry):
    blocks = [f"{claim.id} ({claim.group})", claim.text, f"Question: {claim.question}"]
    blocks += [f"{quote.article}, line {quote.line}:\n  {quote.quote}" for quote in claim.sources]
    if claim.analysis is None:
        blocks += [f"Testability: {claim.testability}\n{claim.why_not}", f"What would settle it: {claim.would_settle}"]
    else:
        fields = claim.analysis.model_dump(mode="json", exclude_defaults=True)
        lines = [f"  {name}: {_plain(value)}" for name, value in fields.items()]
        blocks.append("\n".join(["Registered analysis", *lines]))
    blocks += [f"Contradiction: {each.text}" for each in registry.contradicting(claim.id)]
    return "\n\n".join(block if "\n" in block else textwrap.fill(block, 110) for block in blocks)


def _plain(value):
    if isinstance(value, list):
        return ", ".join(_plain(item) for item in value)
    if isinstance(value, dict):
        return "; ".join(f"{key} {_plain(item)}" for key, item in value.items() if item not in (None, [], ""))
    return str(value)
