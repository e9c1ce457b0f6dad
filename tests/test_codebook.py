"""The codebook: every fact has its source, thresholds and margins are never exchanged, errors say what to do."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

from mmresearch.codebook import Instrument, codebook
from mmresearch.codebook.book import findings
from mmresearch.errors import UsageError

INVENTORY = json.loads((Path(__file__).parent / "reference" / "claims_inventory.json").read_text(encoding="utf-8"))
SPLIT = {  # an entry of the inventory -> the instruments it became, where it is not one of the same name
    "WOMAC": ("WOMAC", "WOMAC-PAIN", "WOMAC-FUNCTION", "WOMAC-STIFFNESS"),
    "BCTQ": ("BCTQ-SSS",),
    "STAI": ("STAI-S", "STAI-T"),
}
SEEN_SINCE = {  # numbers the inventory did not verify, and where each was seen
    "HAMA": "the inventory's note: 50%, 'verified as trial definition' (Sherman 2010)",
    "BOTHER": "abstract of Cherkin 2016, JAMA 315:1240: improvement of 30% or more",
    "PROMIS-PI": "abstract of Chen 2018, Pain 159:775: 2 to 3 T points in the pain samples",
    "PROMIS-PF": "abstract of Yost 2011, J Clin Epidemiol 64:507: 4.0 to 6.0",
    "PROMIS-F": "abstract of Yost 2011, J Clin Epidemiol 64:507: 7-item fatigue 3.0 to 5.0",
    "FIQR": "summary of Bennett 2009, J Rheumatol 36:1304: 14.1% of the FIQ's total",
    "ISI": "abstract of Yang 2009, Curr Med Res Opin 25:2487: 6 points",
    "PHQ9": "abstract of Lowe 2004, Med Care 42:1194: 5 points for individual change",
    "EQ5D": "abstract of Walters 2005, Qual Life Res 14:1523: mean 0.074",
    "GRIP": "abstract of Bohannon 2019, J Phys Ther Sci 31:75: 5.0 to 6.5 kg",
}
INSTRUMENTS = sorted(codebook().instruments.values(), key=lambda each: each.id)
SCALE = {
    "id": "OWN",
    "name": "Own scale",
    "measures": "pain",
    "low": 0,
    "high": 10,
    "unit": "points",
    "better": "lower",
    "self_reported": True,
}


def made(**changes):
    return Instrument(**{**SCALE, **changes})


def refusal(**changes):
    with pytest.raises(ValidationError) as caught:
        made(**changes)
    return findings("OWN", caught.value)


@pytest.mark.parametrize("instrument", INSTRUMENTS, ids=lambda each: each.id)
def test_no_instrument_s_margin_is_its_responder_threshold(instrument):
    if instrument.margin and instrument.responder:
        assert instrument.margin.value not in (instrument.responder.absolute, instrument.responder.percent)


@pytest.mark.parametrize("instrument", INSTRUMENTS, ids=lambda each: each.id)
def test_every_instrument_says_how_to_cite_it_and_where_its_numbers_come_from(instrument):
    assert instrument.citation and instrument.measures
    for number in filter(None, (instrument.responder, instrument.margin)):
        assert len(number.source) >= 20, "a reference, or how the convention was derived"
        assert number.status == "published" or not number.checked, "a convention of ours was not seen in a source"


@pytest.mark.parametrize(
    "instrument",
    [each for each in INSTRUMENTS if each.margin and each.margin.source.startswith("half the")],
    ids=lambda each: each.id,
)
def test_half_the_responder_threshold_is_half_of_it(instrument):
    assert instrument.margin.value == pytest.approx(
        instrument.responder.absolute / 2, rel=0.02
    )  # rounded to two digits


@pytest.mark.parametrize("name, value", [("VAS", 10), ("BOTHER", 1.5), ("RMDQ", 2), ("HIT6", 1.5)])
def test_the_four_published_margins_are_the_inventory_s(name, value):
    """mcid_values.between_group of the inventory: Lee 2024, Cherkin 2011 (twice), Smelt 2014."""
    margin = codebook().instrument(name).margin
    assert (margin.value, margin.status, margin.checked) == (value, "published", True)


def test_no_other_margin_is_called_published():
    published = {each.id for each in INSTRUMENTS if each.margin and each.margin.status == "published"}
    assert published == {"VAS", "BOTHER", "RMDQ", "HIT6"}


def test_checked_stands_only_where_the_number_was_seen():
    verified = {
        name for name, status in INVENTORY["verified"].items() if status.startswith(("verified", "threshold verified"))
    }
    allowed = {part for name in verified for part in SPLIT.get(name, (name,))} | set(SEEN_SINCE)
    checked = {each.id for each in INSTRUMENTS if each.responder and each.responder.checked}
    assert checked and checked <= allowed
    assert {"NRS", "VAS", "ODI", "RMDQ", "GAD7", "WOMAC-PAIN"} <= checked


def test_what_session_outcomes_measure_is_in_the_book():
    """Every instrument that a testable claim of the inventory names, or what it was split into."""
    became = {
        **SPLIT,
        "PROMIS": ("PROMIS-PI", "PROMIS-PF", "PROMIS-SD", "PROMIS-F", "PROMIS-GPH", "PROMIS-GMH"),
        "EQ5D": ("EQ5D", "SF12-PCS", "SF12-MCS"),
        "PERF": ("TORQUE", "JUMP", "SPRINT", "PEGBOARD", "YBALANCE"),
        "POSAS": ("POSAS-P", "POSAS-O", "VSS"),
        "SBP": ("SBP", "DBP"),
        "MEDCOUNT": ("MEDDAYS", "SIDE"),
        "PSFS": ("PSFS", "WALK50"),
        "POMS": ("POMS", "MPAC-MOOD"),
        "KAPPA": ("TRP-CAUSE",),
        "STIFF": ("STIFF", "SPASM"),
        "NONE": (),
    }
    named = {
        name
        for claim in INVENTORY["claims"].values()
        if claim["testability"] == "session-outcomes"
        for name in claim["instruments"]
    }
    missing = [
        part for name in sorted(named) for part in became.get(name, (name,)) if part not in codebook().instruments
    ]
    assert not missing


def test_conditions_are_answered_by_their_kinds_and_not_the_other_way_round():
    book = codebook()
    assert book.is_kind_of("whiplash", "neck-pain") and book.is_kind_of("whiplash", "pain")
    assert book.is_kind_of("whiplash", "injury") and book.is_kind_of("lymphoedema", "swelling")
    assert not book.is_kind_of("neck-pain", "whiplash") and not book.is_kind_of("sciatica", "low-back-pain")


def test_the_ten_comparator_classes_are_the_design_s():
    assert set(codebook().comparators) == {
        "none",
        "waiting-list",
        "usual-care",
        "attention",
        "sham",
        "relaxation-massage",
        "other-massage",
        "exercise",
        "drug",
        "other",
    }


def test_an_unknown_word_is_refused_with_the_nearest():
    with pytest.raises(
        UsageError, match=r"instrument 'PSQ1': the codebook has no such instrument. Did you mean 'PSQI'\?"
    ):
        codebook().instrument("PSQ1")


PUBLISHED = {"status": "published", "source": "Someone 2020"}


@pytest.mark.parametrize(
    "changes, said",
    [
        ({"low": 10, "high": 0}, ["OWN: low 10.0 is not below high 0.0"]),
        (
            {"margin": {"value": 2, **PUBLISHED}, "responder": {"absolute": 2, **PUBLISHED}},
            ["OWN: the margin 2.0 is the responder threshold: one is between groups, the other of one person"],
        ),
        ({"margin": {"value": 12, **PUBLISHED}}, ["OWN: the margin 12.0 is wider than the range"]),
        ({"responder": {"absolute": 12, **PUBLISHED}}, ["OWN: the responder threshold 12.0 is wider than the range"]),
        (
            {"responder": {"percent": 30, **PUBLISHED}},
            ["OWN: responder: rule is 'absolute' but no absolute threshold stands beside it"],
        ),
        ({"converts": {"mm": 0}}, ["OWN: converts has a factor that is not positive"]),
        (
            {"better": "up", "mcid": 2, "margin": {"value": 1, "status": "published"}},
            ["OWN: better: expected 'higher' or 'lower'", "OWN: margin.source: missing", "OWN: mcid: no such key"],
        ),
    ],
)
def test_a_broken_instrument_cannot_exist_and_all_findings_come_at_once(changes, said):
    assert sorted(refusal(**changes)) == sorted(said)
