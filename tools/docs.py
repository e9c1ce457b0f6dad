"""Writes the generated pages of docs/ again; tests compare them with what is committed."""

from pathlib import Path

from mmresearch.claims import articles
from mmresearch.claims.page import claims_page

ROOT = Path(__file__).parents[1]
DOCS, DEMO = ROOT / "docs", ROOT / "data" / "demo"


def answers(registry, demo=DEMO):
    """Return {claim id: {folder of a demo study: what it judges by}}, by asking every claim of every study."""
    from mmresearch.models import Question, ask
    from mmresearch.study import read_study

    studies = {path.parent.name: read_study(path.parent) for path in sorted(demo.glob("*/study.toml"))}
    found = {}
    for claim in (each for each in registry if each.analysis is not None):
        asked = {name: (ask(claim, dataset), dataset.study) for name, dataset in studies.items()}
        found[claim.id] = {name: words(question, study) for name, (question, study) in asked.items()
                           if isinstance(question, Question)}
    return {claim: named for claim, named in found.items() if named}


def words(question, study):
    """Return what a study judges a claim by: instrument, visit and arms."""
    when = f" at {question.visit.name}" if question.visit else ""
    arms = " against ".join(study.arms[arm].label for arm in question.arms)
    return f"{question.instrument.id}{when}, {arms}"


if __name__ == "__main__":
    (DOCS / "claims.md").write_text(claims_page(articles(), answers(articles())), encoding="utf-8")
    print("docs/claims.md")
