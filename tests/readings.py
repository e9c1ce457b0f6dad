"""A claim, published effects and an estimate made for tests of readings: sound, and changed a field at a time."""

from mmresearch.claims import Claim
from mmresearch.estimate import ArmSummary, Estimate
from mmresearch.evidence import PublishedEffect

ROW = dict(
    effect_id="X1", study="Example 2020", year=2020, title="An example", doi="10.1000/x1", pmid="", seen_at="",
    level="trial", k=None, n=100, population="adults with pain", technique="massage", comparator="usual care",
    comparator_class="usual-care", outcome="pain", instrument="pain scale 0-10", unit="points", time="8 weeks",
    effect_type="MD", effect=-1.0, low=-1.6, high=-0.4, benefit_direction="lower", claims=("pain",),
    decimals=(1, 1, 1), conditions=("low-back-pain",), techniques=("massage",), instruments=("NRS",), days=(56, 56))
ANALYSIS = dict(
    population={"words": "adults with musculoskeletal pain", "conditions": ("musculoskeletal-pain",)},
    techniques=("medical-massage", "massage"), comparators=("usual-care", "waiting-list"), windows=((28, 84),),
    instruments=("NRS", "VAS"), direction="lower", method="change")
ESTIMATE = dict(
    claim="pain", method="change", model="ANCOVA", hypothesis="superiority", measure="mean-difference", null=0,
    instrument="NRS", unit="points", visit="week_8", arm="massage", reference="usual", design="randomised",
    simulated=False, n={"massage": 50, "usual": 50}, n_randomised={"massage": 50, "usual": 50}, point=-2.0,
    standard_error=0.4, df=90.0, low=-2.8, high=-1.2, level=0.95, p_value=0.001, margin=None, margin_source=None,
    direction="lower", comparator_class="usual-care",
    by_arm=(ArmSummary("massage", "Massage", 51, baseline_mean=6, baseline_sd=1.5),
            ArmSummary("usual", "Usual care", 51, baseline_mean=6, baseline_sd=2.5)))


def row(**changes):
    return PublishedEffect(**{**ROW, **changes})


def claim(**changes):
    """A claim whose analysis is ANALYSIS with changes; `analysis=None` and others are of the claim itself."""
    own = {key: changes.pop(key) for key in ("analysis", "testability", "why_not", "would_settle") if key in changes}
    fields = dict(id="pain", group="pain", text="Massage reduces pain", question="Does massage reduce pain?",
                  sources=({"article": "a.txt", "line": 1, "quote": "reduces pain"},), testability="session-outcomes",
                  analysis={**ANALYSIS, **changes})
    return Claim(**{**fields, **own})


def estimate(**changes):
    return Estimate(**{**ESTIMATE, **changes})
