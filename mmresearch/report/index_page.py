"""What the index of one study holds: counts, table, forest, contradictions, and how the run came about."""

from mmresearch import exhibits
from mmresearch.evidence import read_literature
from mmresearch.exhibits.verdicts import ANSWERED
from mmresearch.exhibits.words import DESIGNS, article_text, listed, page_of, verdict_text, visit_text
from mmresearch.report.notebook import read_notebook

FEW = 12  # claims up to which a table needs no filters


def lay_out_index(record):
    """Return the context of index.html."""
    return {
        "design_sentence": tell_design(record.outline),
        "families": [_family(record, family) for family in record.families],
        "legend": exhibits.show_legend(), "failures": record.failures, "about": list(_about(record)),
        "verdicts_notebook": "verdicts" in record.notebooks, "chosen": _tell_chosen(record),
    }


def lay_out_study(record):
    """Return the context of study.html: the executed notebook where there is one, else the same exhibits."""
    description = record.description
    blocks = read_notebook(record.notebooks["study"]) if "study" in record.notebooks else ()
    if blocks:
        return {"blocks": blocks, "sections": (), "courses": (), "failure": record.failure("study")}
    sections = [exhibits.show_outline(description.outline), exhibits.show_table_one(description.table_one),
                exhibits.show_flow(description.flow), exhibits.show_missing(description.missing)]
    sections += [exhibits.show_dropouts(description.dropouts)] if description.dropouts else []
    return {"blocks": (), "sections": sections, "failure": record.failure("study"),
            "courses": [exhibits.show_course(course) for course in description.courses]}


def lay_out_overview(records):
    """Return the context of the index over several studies. records: folder name -> RunRecord."""
    studies = [{"folder": folder, "outline": record.outline, "design_sentence": tell_design(record.outline),
                "families": [_counts(family) for family in record.families],
                "failures": len(record.failures)} for folder, record in records.items()]
    return {"studies": studies, "legend": exhibits.show_legend(),
            "simulated": any(record.outline.simulated for record in records.values())}


def tell_design(outline):
    """Return the design in one or two sentences: who was compared, how many, when judged."""
    arms = [f"{arm.label} ({_count(arm.n)}{', the reference' if arm.reference else ''})" for arm in outline.arms]
    kind = f"Simulated {DESIGNS[outline.design].lower()}" if outline.simulated else DESIGNS[outline.design]
    return f"{kind}: {listed(arms, 'and')}. Primary time: {visit_text(outline.primary_visit)}."


def _tell_chosen(record):
    """Return why most claims have no page; empty where every claim has one."""
    claims = [claim.id for _, claim in record.claims]
    pages = sum(record.shows(name) for name in claims)
    return "" if pages == len(claims) else (
        f"Of {len(claims)} claims, {pages} {'has' if pages == 1 else 'have'} a page here: the run was asked for no"
        " other (--claims). Every claim is judged all the same. The same command without --claims writes every page.")


def _count(patients):
    return "patients withheld" if patients is None else f"{patients} patients"


def heading_of(family):
    return "What is claimed in the articles" if family.registry.name == "articles" else "The study's own claims"


def _counts(family):
    counts = exhibits.count_verdicts(family.verdicts)
    tiles = [{"verdict": name, "count": count, "badge": exhibits.badge(name, exploratory=explored)}
             for name, explored, count in exhibits.split_verdicts(family.verdicts)
             if count or len(family.registry) > FEW]
    choices = [(name, verdict_text(name)) for name, count in counts.items() if count]
    return {"name": family.registry.name, "heading": heading_of(family), "tiles": tiles, "choices": choices,
            "summary": exhibits.summarise_verdicts(family.verdicts), "judged": any(counts[name] for name in ANSWERED)}


def _family(record, family):
    def href(name):
        return page_of(name) if record.shows(name) else None

    claims = list(family.registry)
    articles = sorted({quote.article for claim in claims for quote in claim.sources})
    return _counts(family) | {
        "filters": len(claims) > FEW, "groups": sorted({claim.group for claim in claims}),
        "articles": [(name, article_text(name, whole=False)) for name in articles],
        "verdicts": exhibits.show_verdicts(family.registry, family.verdicts, family.outcomes, href,
                                           {claim.id: read_literature(claim) for claim in claims}),
        "forest": exhibits.show_forest(family.registry, family.outcomes, family.verdicts, href),
        "contradictions": exhibits.show_contradictions(family.registry, family.verdicts, href)
        if family.registry.contradictions else None,
    }


def _about(record):
    """(word, what) of where this report comes from; run.json says all of it."""
    facts, outline = record.facts, record.outline
    packages = facts.get("packages") or {}
    commit = facts.get("git") or {}
    yield "Cite the study as", outline.citation or outline.title
    if record.released:
        yield "Data", f"{_count(outline.patients)}; fingerprint {outline.sha256[:16]}, which the clinic can tell"
    else:
        yield "Data", f"{outline.patients} patients, {outline.outcomes:,} values; SHA-256 {outline.sha256[:16]}"
    if facts.get("mmresearch"):
        yield "Made with", f"mmresearch {facts['mmresearch']}, Python {facts.get('python', '?')}"
    if commit.get("commit"):
        yield "Commit", f"{commit['commit'][:12]}{', with changes' if commit.get('changed') else ''}"
    if packages:
        yield "Packages", ", ".join(f"{name} {found}" for name, found in packages.items())
    if facts.get("started"):
        yield "Run", f"{facts['started']}{', {:.0f} seconds'.format(facts['seconds']) if facts.get('seconds') else ''}"
    if record.shown is not None:
        yield "Pages", f"chosen claims only ({len(record.shown)}); the family is whole"
