"""What one claim's page holds: the answer above, the notebook's own figures, then what the notebook did not show."""

from mmresearch import exhibits
from mmresearch.estimate import Estimate, Lack
from mmresearch.evidence import compare, read_literature
from mmresearch.exhibits.words import is_exploratory, is_fragile
from mmresearch.report.notebook import read_notebook


def lay_out_claim(record, family, claim, neighbours):
    """Return the context of one claim's page. neighbours: (claim before, claim after) or None at the ends."""
    outcome = family.outcomes.get(claim.id)
    estimate = outcome if isinstance(outcome, Estimate) else None
    verdict = exhibits.by_claim(family.verdicts)[claim.id]
    blocks = read_notebook(record.notebooks[claim.id]) if claim.id in record.notebooks else ()
    shown = {name for block in blocks for name in block.exhibits}
    above, below = _sections(record, family, claim, estimate)
    return {
        "claim": claim, "verdict": verdict, "chips": chips(verdict, estimate, claim),
        "badge": exhibits.badge(verdict.verdict, exploratory=is_exploratory(verdict)),
        "blocks": blocks, "above": [each for each in above if each.name not in shown],
        "below": [each for each in below if each.name not in shown], "failure": record.failure(claim.id),
        "before": neighbours[0], "after": neighbours[1], "estimate": estimate, "family": family,
        "notebook_file": f"{claim.id}.ipynb" if claim.id in record.notebooks else None,
    }


def chips(verdict, estimate, claim):
    """Return the stamps beside a verdict: what a hurried reader must not miss."""
    said = {
        f"Exploratory: {_unshown(claim, estimate)}": verdict.confirmatory is False,
        "Margin: a convention of ours": estimate is not None and estimate.margin_source == "convention",
        "Fragile under other assumptions": is_fragile(verdict),
    }
    return [words for words, holds in said.items() if holds]


def _unshown(claim, estimate):
    """Why nothing shows that registration came before the data."""
    if claim.registered is None:
        return "no date of registration"
    return "registered after data lock" if estimate and estimate.data_locked else "no data lock given"


def _described(record, claim, outcome):
    """Without a comparison group the change from baseline is shown, and nothing is judged."""
    if not isinstance(outcome, Lack) or outcome.code != "no-comparison-group":
        return []
    courses = {course.instrument: course for course in record.description.courses}
    found = next((courses[name] for name in claim.analysis.instruments if name in courses), None)
    return [exhibits.show_course(found)] if found else []


def _sections(record, family, claim, estimate):
    """(before, after) the notebook's own blocks, as exhibits; those the notebook shows itself are dropped by name."""
    instrument = record.instruments.get(estimate.instrument) if estimate else None
    fitted = [exhibits.show_estimate(estimate), exhibits.show_robustness(estimate),
              exhibits.show_assumptions(estimate), exhibits.show_calibration(claim, estimate)] if estimate else []
    against = family.registry.contradicting(claim.id)
    described = _described(record, claim, family.outcomes.get(claim.id))
    reading = read_literature(claim)
    below = [*fitted, *described, exhibits.show_registration(claim, record.instruments),
             exhibits.show_literature(claim, reading, compare(estimate, reading))]
    if against:
        def href(name):
            return f"{name}.html" if record.shows(name) else None

        below.append(exhibits.show_contradictions(family.registry, family.verdicts, href, against))
    return [exhibits.show_quotes(claim)], [*below, exhibits.show_citations(claim, estimate, instrument)]
