"""Every claim that session outcomes can test has a study in data/demo that can answer it; docs/claims.md says which."""

import importlib.util
from pathlib import Path

import pytest

from mmresearch.claims import articles
from mmresearch.claims.page import claims_page

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def answers():
    spec = importlib.util.spec_from_file_location("docs_tool", ROOT / "tools" / "docs.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool.answers(articles())


def test_every_claim_of_session_outcomes_can_be_answered_by_a_study_of_the_demo(answers):
    asked = {claim.id for claim in articles() if claim.testability == "session-outcomes"}
    assert len(asked) == 93
    assert asked - set(answers) == set()


def test_every_study_of_the_demo_answers_a_claim_that_few_others_answer(answers):
    """A study is there for claims of its own: each answers one that at most one other study answers."""
    folders = {path.parent.name for path in (ROOT / "data" / "demo").glob("*/study.toml")}
    rare = {folder for studies in answers.values() if len(studies) <= 2 for folder in studies}
    assert folders == rare


def test_the_committed_page_is_current(answers):
    page = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
    assert page == claims_page(articles(), answers), "write it again: make docs"
    assert all(f"| `{claim.id}` |" in page for claim in articles())
