"""The articles' registry against the inventory it was made from, and against itself."""

import datetime
import hashlib
import json
import os
import re
from collections import Counter
from pathlib import Path

import pytest

from mmresearch.claims import articles
from mmresearch.claims.methods import METHODS
from mmresearch.codebook import codebook

ROOT = Path(__file__).parents[1]
SHARED = Path(os.environ.get("MMRESEARCH_SHARED", ROOT.parent / "shared"))
INVENTORY = json.loads((ROOT / "tests" / "reference" / "claims_inventory.json").read_text(encoding="utf-8"))
CLAIMS = list(articles())
TESTED = [claim for claim in CLAIMS if claim.analysis]
UNTESTED = [claim for claim in CLAIMS if not claim.analysis]
by_id = {"argvalues": CLAIMS, "ids": lambda claim: claim.id}


def test_the_fixture_is_a_copy_of_the_inventory_beside_the_project():
    path = SHARED / "claims" / "claims.yaml"
    if not path.exists():
        pytest.skip("the folder `shared` with claims/claims.yaml is not beside the project")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == INVENTORY["sha256"]


def test_all_148_claims_are_registered_and_no_other():
    assert {claim.id for claim in CLAIMS} == set(INVENTORY["claims"])
    assert Counter(claim.testability for claim in CLAIMS) == {
        "session-outcomes": 93,
        "laboratory": 21,
        "cohort": 7,
        "not-testable": 27,
    }


@pytest.mark.parametrize("claim", **by_id)
def test_a_claim_says_what_the_inventory_says(claim):
    listed = INVENTORY["claims"][claim.id]
    assert [[quote.article, quote.line, quote.quote] for quote in claim.sources] == listed["sources"]
    assert (claim.group, claim.testability) == (listed["group"], listed["testability"])
    assert list(claim.contradicts) == listed["contradicts"] and list(claim.evidence) == listed["evidence"]
    assert claim.registered == datetime.date(2026, 11, 21)


def test_the_23_contradictions_are_the_inventory_s():
    assert {each.id: list(each.claims) for each in articles().contradictions} == INVENTORY["contradictions"]
    assert len(articles().contradictions) == 23
    assert [each.id for each in articles().contradicting("trp-chronic-pain-ok")] == ["X01-trp-chronic-pain"]


@pytest.mark.parametrize("each", articles().contradictions, ids=lambda each: each.id)
def test_a_contradiction_is_told_in_whole_sentences_without_shorthand(each):
    told = [each.text, *filter(None, [each.design])]
    assert all(re.match(r"[A-Z]", said) and said.endswith(".") and len(said.split()) >= 7 for said in told)
    assert not each.resolvable.endswith(".")  # the page puts the full stop
    shorthand = re.compile(r"\b(?!ICD\b)[A-Z]{2,}s?\b|\bS\d\b|\bvs\b|\d\s?x\s?\d|[<>=;/]|\bn/a\b|\.csv|_")
    assert shorthand.findall(" ".join([each.where.replace(";", ","), *told, each.resolvable])) == []


@pytest.mark.parametrize("claim", UNTESTED, ids=lambda claim: claim.id)
def test_a_claim_that_cannot_be_tested_says_why_in_its_own_words(claim):
    assert len(claim.why_not) >= 60 and len(claim.would_settle) >= 25
    twins = [
        other.id
        for other in UNTESTED
        if other.id != claim.id and (other.why_not == claim.why_not or other.would_settle == claim.would_settle)
    ]
    assert not twins


@pytest.mark.parametrize("claim", **by_id)
def test_a_patient_can_read_the_question(claim):
    question = claim.question
    assert len(question.split()) <= 30 and question[0].isupper() and question.endswith("?")
    assert not re.search(r"\b(MFR|TrP|ROM|OTC|RCT|MMRM|comparator|efficacy|superiority|endpoint)\b", question)
    assert not any(name in question.split() for name in codebook().instruments)


def test_questions_and_texts_are_all_different():
    assert max(Counter(claim.question for claim in CLAIMS).values()) == 1
    assert max(Counter(claim.text for claim in CLAIMS).values()) == 1


@pytest.mark.parametrize("claim", TESTED, ids=lambda claim: claim.id)
def test_the_method_is_one_of_issue_4_s_and_the_first_instrument_can_be_judged(claim):
    analysis = claim.analysis
    assert analysis.method in METHODS
    first = codebook().instrument(analysis.instruments[0])
    if analysis.hypothesis in ("non-inferiority", "equivalence"):
        assert first.margin, "without a margin neither equal nor not worse can be said"
    if analysis.direction in ("higher", "lower") and claim.id not in AGAINST_THE_GRAIN:
        assert analysis.direction == first.better


AGAINST_THE_GRAIN = {  # claims of harm, of more sessions, of differences: their side is not the instrument's better one
    "home-does-harm",
    "heterogeneity-of-benefit",
    "therapist-variation",
    "frequency-by-condition",
    "trp-identified-by-professional",
}


def test_only_the_articles_strong_words_ask_for_a_size():
    """'Highly effective', 'extremely beneficial', 'great', 'resolve'; 'proven to be quite beneficial', 'crucial'."""
    asked = {
        size: {claim.id for claim in TESTED if claim.analysis.magnitude == size} for size in ("important", "large")
    }
    assert asked["large"] == {
        "arthritis-pain",
        "fibromyalgia-pain",
        "sports-injury-pain",
        "mfr-back-pain",
        "mfr-whiplash",
        "mfr-disc-problems",
        "deep-tissue-chronic-pain",
        "trp-resolve",
    }
    assert asked["important"] == {"muscle-soreness", "rehab-injury", "rehab-surgery", "rehab-stroke"}
    strong = re.compile(r"highly|extremely|great|proven|crucial|resolve|eliminate", re.IGNORECASE)
    for claim in TESTED:
        if claim.analysis.magnitude != "any":
            assert any(strong.search(quote.quote) for quote in claim.sources), claim.id


def test_the_registry_uses_every_method_and_mostly_the_mixed_model():
    counts = Counter(claim.analysis.method for claim in TESTED)
    assert set(counts) == set(METHODS)
    assert counts["change"] >= 45
