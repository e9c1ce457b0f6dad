"""What the pages of exploratory strata hold: one over all of them, and one a claim and stratum. No verdict, no p of
their own: an interval, and beside it the test of whether the strata differ."""

from mmresearch.estimate import Estimate
from mmresearch.exhibits.strata import (
    by_text,
    heading_of,
    interval_text,
    level_text,
    show_comparison,
    show_strata_table,
    tell_interaction,
    told_interval,
)
from mmresearch.exhibits.words import listed
from mmresearch.report.notebook import read_notebook


def lay_out_strata(record):
    """Return the context of strata.html: the strata of every column of --by."""
    return {"columns": [_column(record, strata) for strata in record.strata]}


def stratum_pages(record):
    """Yield (name of the page, its context) for every stratum with an executed notebook."""
    for strata in record.strata:
        for family, claim in record.claims:
            comparison, whole = strata.of(claim.id), family.outcomes.get(claim.id)
            if comparison is None or not isinstance(whole, Estimate):
                continue
            for found in comparison.estimated:
                yield found.page, _stratum(record, claim, comparison, whole, found)


def columns_of(record):
    """Return the columns of --by in words, `condition and site`; empty where there are none."""
    return listed([by_text(strata.split.column) for strata in record.strata], "and")


def strata_of(record, claim):
    """Return [(column in words, [(level in words, page or None, interval or why there is none)])] of one claim."""
    found = [(strata, strata.of(claim)) for strata in record.strata]
    return [(by_text(strata.split.column), [
        (level_text(strata.split.column, each.stratum.level), each.page and f"{each.page}.html",
         each.lack or told_interval(each.estimate)) for each in comparison.found])
        for strata, comparison in found if comparison]


def strata_record(record):
    """Return the content of strata.json; docs/formats.md explains it."""
    return {"exploratory": True, "columns": [strata.to_json() for strata in record.strata]}


def _column(record, strata):
    column, claims = strata.split.column, {claim.id: (family, claim) for family, claim in record.claims}
    figures = [_figure(strata, names, claims) for names in _alike(strata, claims)]
    tests = [each["p"] for each in figures if each["p"] is not None]
    alpha = figures[0]["alpha"] if figures else 0.05
    return {
        "column": column, "by": by_text(column), "figures": figures, "few": strata.fewest,
        "levels": listed([level_text(column, level) for level in strata.split.levels], "and"),
        "divided": len(strata.comparisons), "unrecorded": _unrecorded(strata),
        "tests": len(tests), "below": sum(p < alpha for p in tests) or "None", "expected": f"{alpha * len(tests):.1f}",
        "alpha": f"{alpha:g}", "not_divided": [(claims[name][1].text, why) for name, why in strata.whole.items()],
        "table": show_strata_table(strata, {name: claim.text for name, (_, claim) in claims.items()},
                                   lambda page: f"claims/{page}.html"),
    }


def _unrecorded(strata):
    count = strata.split.unrecorded
    if not count:
        return ""
    number = f"fewer than {strata.fewest}" if count < strata.fewest else f"{count}"
    return f"Patients without a recorded {by_text(strata.split.column)}, and so in no stratum: {number}."


def _alike(strata, claims):
    """Return lists of the divided claims' ids: claims that share an estimate share its strata, and one figure."""
    groups = {}
    for comparison in strata.comparisons:
        family, claim = claims[comparison.claim]
        whole = family.outcomes[claim.id]
        groups.setdefault((whole.estimand or claim.id, whole.method, whole.direction), []).append(claim.id)
    return list(groups.values())


def _figure(strata, names, claims):
    family, claim = claims[names[0]]
    comparison, whole = strata.of(claim.id), family.outcomes[claim.id]
    shown = show_comparison(comparison, whole, lambda page: f"claims/{page}.html")
    return {"heading": heading_of(whole, claim.text), "html": shown.body, "p": comparison.interaction.p_value,
            "alpha": whole.alpha, "claims": [(name, claims[name][1].question) for name in names]}


def _stratum(record, claim, comparison, whole, found):
    level = level_text(comparison.column, found.stratum.level)
    blocks = read_notebook(record.notebooks[found.page]) if found.page in record.notebooks else ()
    beside = show_comparison(comparison, whole, lambda page: f"{page}.html", found.stratum.level)
    return {
        "claim": claim, "by": by_text(comparison.column), "level": level, "blocks": blocks, "beside": beside,
        "interval": interval_text(found.estimate), "whole": interval_text(whole), "page": found.page,
        "interaction": tell_interaction(comparison, whole), "percent": f"{round(100 * whole.level, 6):g}%",
        "troubles": [each.sentence for each in found.estimate.serious],
    }
