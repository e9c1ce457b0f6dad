"""The table of what is calibrated: a method's claim, how to invent its study, three true effects and what they are.

Truths are those of the generator: exact where the effect is the estimand, else by quadrature over therapists and
severity.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from scipy import optimize, special, stats

from bench import invented, invented_course
from bench.crowds import STAYS, WORSE
from mmresearch.claims import Claim
from mmresearch.models.cumulative import proportional_odds

RATIO, NODES = np.log(1.25), np.polynomial.hermite_e.hermegauss(41)
ONE_ARM = {"comparators": [], "designs": ["randomised", "cohort", "single-arm"]}


@dataclass(frozen=True)
class Case:
    """effects: what `invent` is given, at no effect, at the margin and at twice the margin, in the claimed direction.

    truth: effect -> the estimand on its own scale (a ratio as a ratio); bootstrap: 500 draws are enough.
    """

    name: str
    claim: Claim
    invent: Callable = field(repr=False)
    effects: tuple
    truth: Callable = field(repr=False)
    bootstrap: bool = False


def case(name, invent, effects, truth=float, bootstrap=False, **analysis):
    registered = {"population": {"words": "adults with pain"}, "techniques": ["medical-massage"],
                  "comparators": ["usual-care"], "windows": [[70, 98]], "instruments": ["NRS"], "direction": "lower"}
    claim = Claim.model_validate({
        "id": "claim", "group": "pain", "text": "Massage helps.", "question": "Does massage help?",
        "sources": [{"article": "a.txt", "line": 1, "quote": "massage helps"}], "registered": "2025-01-01",
        "testability": "session-outcomes", "analysis": registered | analysis})
    return Case(name, claim, invent, tuple(effects), truth, bootstrap)


def expected(function):
    """Return the mean of a function of a standard normal number."""
    return float(NODES[1] @ function(NODES[0]) / NODES[1].sum())


def share_difference(effect):
    """Arm minus reference share who gain two points and are seen: severity decides both; the rest is noise."""
    def share(treated):
        spread = np.hypot(1.5, invented.SKILL * treated)
        gain = lambda level: 2 + 0.6 * (6 + 1.5 * level) + effect * treated - (6 + 1.5 * level)  # noqa: E731
        stays = lambda level: special.expit(STAYS[1 - treated] - WORSE * level)  # noqa: E731
        return expected(lambda level: stays(level) * stats.norm.cdf((-2 - gain(level)) / spread))
    return share(1) - share(0)


def restricted_days(effect):
    """Arm minus reference mean of min(days, 182), days counted up to whole ones."""
    def mean(hazard):
        return np.exp(-np.multiply.outer(hazard, np.arange(invented.HORIZON))).sum(axis=-1)
    return expected(lambda pull: mean(invented.HAZARD * np.exp(effect + invented.PULL * pull))) - float(
        mean(invented.HAZARD))


@lru_cache
def odds_ratio(effect):
    """The proportional odds ratio to which very many patients would lead, therapists as in the studies."""
    grades, arms = np.arange(4), [(arm, before) for arm in (0, 1) for before in range(4)]
    weights, matrix, codes = [], [], []
    for arm, before in arms:
        def below(pull, cut, arm=arm, before=before):
            latent = invented.BEFORE * (before - 1.35) + effect * arm + invented.PULL_ODDS * arm * pull
            return special.expit(cut - latent)
        chances = np.diff([0.0, *(expected(lambda pull, cut=cut: below(pull, cut)) for cut in invented.CUTS), 1.0])
        share = np.diff([0.0, 0.25, 0.55, 0.85, 1.0])[before]
        weights += list(1e5 * share * chances)
        matrix += [(arm, before)] * 4
        codes += list(grades)
    return float(np.exp(proportional_odds(codes, np.array(matrix, float), np.array(weights)).slopes[0]))


def solved(truth, *values, bracket):
    """Return the effects at which the truth has these values."""
    return [optimize.brentq(lambda each, value=value: truth(each) - value, *bracket) for value in values]


def ratios(sign=-1):
    return (0.0, sign * RATIO, 2 * sign * RATIO)


POINTS = (0.0, -1.0, -2.0)
CASES = (
    case("change (ANCOVA)", invented.change, POINTS, method="change", model="ancova"),
    case("change, interaction", invented.interacting, (0.0, -0.1, -0.2), method="change", model="ancova",
         measure="slope", modifier="age"),
    case("change, non-inferiority", invented.change, (1.0, 0.0, -1.0), method="change", model="ancova",
         hypothesis="non-inferiority"),
    case("change, equivalence", invented.change, (1.0, 0.5, 0.0), method="change", model="ancova",
         hypothesis="equivalence"),
    case("change (MMRM)", invented.repeated, POINTS, method="change", model="mmrm"),
    case("responder", invented.change, solved(share_difference, 0, 0.1, 0.2, bracket=(-5, 2)), share_difference,
         method="responder", measure="risk-difference"),
    case("counts, to 28", invented.counted("bounded"), ratios(), np.exp, method="counts", measure="rate-ratio", null=1,
         instruments=["HADAYS"]),
    case("counts, without end", invented.counted("open"), ratios(), np.exp, method="counts", measure="rate-ratio",
         null=1, instruments=["SIDE"]),
    case("dose", invented.counted("dose"), ratios(), np.exp, method="dose", measure="mean-ratio", null=1,
         instruments=["MME"]),
    case("ordinal", invented.graded, (0.0, -np.log(1.5), -2 * np.log(1.5)), odds_ratio, method="ordinal",
         measure="odds-ratio", null=1, instruments=["SPASM"]),
    case("session-change", invented.sittings, (0.0, 1.0, 2.0), method="session-change", comparators=["attention"],
         windows=[[0, 84]], instruments=["RELAX"], direction="higher"),
    case("crossover", invented.crossed, (0.0, 1.5, 3.0), method="crossover", designs=["crossover"],
         techniques=["sports-massage"], comparators=["attention"], windows=[[0, 1]], instruments=["JUMP"],
         direction="higher"),
    case("course, by a session", invented_course.relieved, POINTS, method="course", by_session=2, windows=[[1, 28]],
         comparators=["waiting-list"]),
    case("course, per session", invented_course.dosed, (0.0, -0.15, -0.3), method="course", measure="slope",
         techniques=["massage-course"], comparators=["other-massage"], windows=[[14, 84]]),
    case("course, by severity", invented_course.reached, (0.0, -0.15, -0.3), np.exp, method="course",
         measure="hazard-ratio", hypothesis="below", null=1, modifier="baseline", windows=[[1, 182]], **ONE_ARM),
    case("time-to-event", invented.until, solved(restricted_days, 0, -14, -28, bracket=(-1, 4)), restricted_days,
         method="time-to-event", measure="rmst-difference", instruments=["RETURN"], windows=[[1, 182]]),
    case("harms, shares", invented.harmed, (0.0, -0.1, -0.2), method="harms", measure="risk-difference",
         instruments=["AE"], windows=[[0, 365]], cutoff=1),
    case("harms, per session", invented.logged, (0.1, 0.05, 0.02), method="harms", measure="rate", hypothesis="below",
         null=0.1, instruments=["AE"], windows=[[0, 365]], cutoff=2, **ONE_ARM),
    case("proportion", invented.told, (0.5, 0.6, 0.7), method="proportion", measure="proportion", hypothesis="above",
         null=0.5, instruments=["PGIC"], cutoff=2, **ONE_ARM),
    case("agreement", invented.rated, (0.4, 0.6, 0.8), method="agreement", measure="kappa", hypothesis="above",
         null=0.4, instruments=["TRP-CAUSE"], direction="higher", windows=[[0, 14]], **ONE_ARM),
    case("variance", invented.differing, (0.0, 0.5, 1.0), method="variance", measure="variance", hypothesis="exists",
         modifier="therapist", direction="higher", **ONE_ARM),
    case("variance, as a share", invented.differing, (0.0, 0.5, 1.0), lambda effect: effect / (effect + 2.25),
         method="variance", measure="icc", hypothesis="exists", modifier="therapist", direction="higher", **ONE_ARM),
    case("mediation, therapists", invented_course.between(True), POINTS, method="mediation",
         measure="indirect-effect", mediator="RELAX"),
    case("mediation, bootstrap", invented_course.between(False), POINTS, bootstrap=True, method="mediation",
         measure="indirect-effect", mediator="RELAX"),
)
