"""Small claims, estimates and registries for tests of verdicts and of what is written about them."""

import datetime

from mmresearch.claims import Claim, Registry
from mmresearch.estimate import Estimate

ANALYSIS = {"population": {"words": "adults with pain"}, "techniques": ("massage",), "comparators": ("usual-care",),
            "windows": ((0, 90),), "instruments": ("NRS",), "direction": "lower", "method": "change"}


def make_claim(name="pain", *, rank=None, registered=datetime.date(2024, 1, 1), **analysis):
    return Claim(id=name, group="pain", text="Massage reduces pain", question="Does massage reduce pain?", rank=rank,
                 sources=({"article": "a.txt", "line": 1, "quote": "It reduces pain"},), registered=registered,
                 testability="session-outcomes", analysis={**ANALYSIS, **analysis})


def make_untestable(name, testability):
    return Claim(id=name, group="blood", text="Massage lowers cortisol", question="Does massage lower cortisol?",
                 sources=({"article": "a.txt", "line": 2, "quote": "It lowers cortisol"},), testability=testability,
                 why_not="Cortisol is measured in blood.", would_settle="A trial with blood samples.")


def make_estimate(name="pain", **changes):
    """Pain 1.3 points lower (0.8 to 1.8) in a blinded, registered, randomised trial of 2 x 100 patients; margin 1."""
    fields = {
        "claim": name, "method": "change", "model": "ANCOVA", "hypothesis": "superiority", "measure": "mean-difference",
        "null": 0, "instrument": "NRS", "unit": "points", "visit": "week_12", "arm": "massage", "reference": "usual",
        "design": "randomised", "simulated": False, "n": {"massage": 100, "usual": 100},
        "n_randomised": {"massage": 120, "usual": 130}, "point": -1.3, "standard_error": 0.25, "df": 195, "low": -1.8,
        "high": -0.8, "level": 0.95, "p_value": 0.0002, "margin": 1, "margin_source": "published", "direction": "lower",
        "arm_label": "Medical massage", "reference_label": "Usual care", "data_locked": "2025-01-01",
        "self_reported": True, "blinded": ("patients",), "comparator_class": "usual-care",
    }
    return Estimate(**{**fields, **changes})


def make_registry(*claims, name="articles"):
    return Registry(name, {claim.id: claim for claim in claims})
