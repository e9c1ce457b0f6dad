"""A claim that contradicts itself cannot be made, and a broken registry says at once all that is wrong with it."""

import pytest
from pydantic import ValidationError

from mmresearch.claims import Analysis, Claim, read_registry
from mmresearch.codebook.book import findings
from mmresearch.errors import RegistryError, UsageError

ANALYSIS = {
    "population": {"words": "adults with pain"},
    "techniques": ["massage"],
    "comparators": ["usual-care"],
    "windows": [[28, 84]],
    "instruments": ["NRS"],
    "direction": "lower",
    "method": "change",
}
CLAIM = {
    "id": "pain",
    "group": "pain",
    "text": "Massage reduces pain",
    "question": "Does massage reduce pain?",
    "sources": [{"article": "a.txt", "line": 1, "quote": "It reduces pain"}],
    "testability": "session-outcomes",
    "analysis": ANALYSIS,
}
TOML = """
[claims.{id}]
group = "own"
text = "Massage reduces pain"
question = "Does massage reduce pain?"
testability = "session-outcomes"
{more}
[[claims.{id}.sources]]
article = "protocol.pdf"
where = "page 3"
quote = "Massage will reduce pain."
[claims.{id}.analysis]
population = {{ words = "adults with pain", conditions = ["{condition}"] }}
techniques = ["massage"]
comparators = ["usual-care"]
windows = [[28, 84]]
instruments = ["{instrument}"]
direction = "{direction}"
method = "{method}"
"""


def toml(name="pain", condition="pain", instrument="NRS", direction="lower", method="change", more=""):
    return TOML.format(
        id=name, condition=condition, instrument=instrument, direction=direction, method=method, more=more
    )


def refusal(record, **changes):
    with pytest.raises(ValidationError) as caught:
        record(**changes)
    return "\n".join(findings("x", caught.value))


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"windows": [[84, 28]]}, "a window ends before it begins"),
        ({"windows": [[-7, 28]]}, "a window begins before baseline"),
        ({"windows": []}, "windows: Tuple should have at least 1 item"),
        ({"comparators": []}, "a difference needs comparator classes"),
        ({"instruments": ["NRS", "NRS"]}, "stands twice"),
        ({"also": ["NRS"]}, "stands twice"),
        ({"hypothesis": "above", "null": None}, "above and below need the registered value as null"),
        ({"hypothesis": "exists", "null": 1}, "exists is against a null of 0"),
        ({"measure": "rate-ratio", "method": "counts"}, "ratios have null 1"),
        ({"measure": "risk-difference"}, "risk-difference belongs to the method responder or harms"),
        ({"missing": "non-responder"}, "non-responder imputation belongs to the method responder"),
        ({"threshold_value": 2}, "threshold and threshold_value belong to the method responder"),
        ({"mediator": "RELAX"}, "mediator and the method mediation go together"),
        ({"method": "mediation"}, "mediator and the method mediation go together"),
        ({"by_session": 2}, "by_session belongs to the method course"),
        ({"cutoff": 2}, "cutoff belongs to the methods proportion and harms"),
        ({"modifier_at_least": 3}, "modifier_at_least needs a modifier"),
        ({"method": "counts", "model": "mmrm"}, "model and also belong to the method change"),
        ({"direction": "up"}, "direction: expected 'higher', 'lower', 'better' or 'worse'"),
        ({"population": {"words": "x", "where": [{"column": "age"}]}}, "filter on 'age' asks nothing"),
        ({"margin": 2}, "margin: no such key"),
    ],
)
def test_an_analysis_that_contradicts_itself_cannot_be_made(changes, said):
    assert said in refusal(Analysis, **{**ANALYSIS, **changes})


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"analysis": None}, "testability 'session-outcomes' and analysis do not go together"),
        ({"testability": "laboratory", "analysis": None}, "a claim without analysis says why_not and would_settle"),
        ({"testability": "cohort"}, "testability 'cohort' and analysis do not go together"),
        ({"why_not": "Because."}, "why_not and would_settle are for claims without analysis"),
        ({"question": "Massage reduces pain."}, "question does not end in a question mark"),
        ({"sources": CLAIM["sources"] * 2}, "a quote stands twice"),
        ({"sources": [{"article": "a.txt", "quote": "It reduces pain"}]}, "a quote has a line"),
        ({"contradicts": {"pain": "it says so"}}, "a claim does not contradict itself"),
        ({"id": "Pain general"}, "id: String should match pattern"),
    ],
)
def test_a_claim_that_contradicts_itself_cannot_be_made(changes, said):
    assert said in refusal(Claim, **{**CLAIM, **changes})


def test_a_whole_claim_can_be_made_and_not_changed():
    claim = Claim(**CLAIM)
    with pytest.raises(ValidationError):
        claim.text = "Massage cures"
    assert claim.analysis.missing == "mar" and claim.analysis.intercurrent == "treatment-policy"


def test_a_broken_registry_is_read_as_people_read_it():
    """Four mistakes in two files, one finding each; nothing follows from a mistake but itself."""
    texts = {
        "own.toml": toml("pain-less", condition="lower-back-pain") + toml("sleep", method="chnage"),
        "more.toml": toml("mood", direction="up") + "[contradictions.X1]\nclaims = ['mood', 'slep']\nwhere = 'here'\n"
        "text = 'They cannot both be true.'\nresolvable = 'yes'\n",
    }
    with pytest.raises(RegistryError) as caught:
        read_registry("own", texts)
    assert str(caught.value) == (
        "registry 'own': 4 rules are broken (3 claims read)\n"
        "  more.toml: mood: analysis.direction: expected 'higher', 'lower', 'better' or 'worse'\n"
        "  pain-less: conditions has 'lower-back-pain', not in the codebook. Did you mean 'low-back-pain'?\n"
        "  sleep: method 'chnage' does not exist. Did you mean 'change'?\n"
        "  contradiction X1: claim 'slep' is not registered. Did you mean 'sleep'?\n"
        "Correct the TOML; docs/formats.md explains every key."
    )


@pytest.mark.parametrize(
    "text, said",
    [
        (toml(instrument="NRSS"), "pain: instruments has 'NRSS', not in the codebook. Did you mean 'NRS'?"),
        (
            toml().replace('["massage"]', '["massge"]'),
            "techniques has 'massge', not in the codebook. Did you mean 'massage'?",
        ),
        (toml().replace('["usual-care"]', '["usual"]'), "comparators has 'usual', not in the codebook."),
        (toml() + 'also = ["GAD"]', "also has 'GAD', not in the codebook."),
        (
            toml() + 'measure = "hazard-ratio"\nnull = 1',
            "method 'change' estimates a mean-difference or slope, not a hazard-ratio",
        ),
        (toml() + 'measure = "slope"', "a slope needs a modifier"),
        (
            toml() + 'hypothesis = "equivalence"\nmagnitude = "large"',
            "equivalence has magnitude 'any', not 'large': only superiority has a size to reach",
        ),
        (
            toml(instrument='NRS", "PSFS'),
            "direction is 'lower', but better is not one side (NRS lower, PSFS higher): use better or worse",
        ),
        (
            toml(instrument="RELAX", method="responder", direction="higher") + 'measure = "risk-difference"',
            "method 'responder' needs a responder threshold, and RELAX has none",
        ),
        (
            toml(instrument="GAD7", method="responder") + 'measure = "risk-difference"\nthreshold = "percent"',
            "method 'responder' needs a responder threshold in percent, and GAD7 has none",
        ),
        (toml(more='contradicts = { sleep = "x" }'), "pain: contradicts 'sleep', which is not registered."),
        (
            toml(more='contradicts = { sleep = "x" }') + toml("sleep"),
            "pain: contradicts 'sleep', which does not contradict it: name it on both sides",
        ),
        (
            toml(more='rank = "primary"') + toml("sleep"),
            "rank: give every claim a rank (primary or secondary), or none",
        ),
        ("[claim.pain]", "own.toml: unknown table 'claim'"),
        ("[claims", "own.toml: not TOML"),
    ],
)
def test_each_mistake_of_a_registry_has_its_sentence(text, said):
    with pytest.raises(RegistryError) as caught:
        read_registry("own", {"own.toml": text})
    assert said in str(caught.value) and len(caught.value.findings) == 1


def test_a_claim_stands_in_one_file_only():
    with pytest.raises(RegistryError, match="b.toml: claim 'pain' is registered twice"):
        read_registry("own", {"a.toml": toml(), "b.toml": toml()})


def test_a_study_s_own_instruments_are_known():
    registry = read_registry("own", {"own.toml": toml(instrument="HEADACHE-SCORE")}, instruments=["HEADACHE-SCORE"])
    assert (registry.name, len(registry), [claim.id for claim in registry]) == ("own", 1, ["pain"])


def test_an_unknown_claim_is_refused_with_the_nearest():
    with pytest.raises(UsageError, match=r"claim 'pian'.*Did you mean 'pain'\?"):
        read_registry("own", {"own.toml": toml()}).claim("pian")
