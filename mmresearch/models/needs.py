"""What each method needs of a study, and which registered analyses it answers. `ask` reads it; no method is imported.

A method that answers nothing is not built yet: whoever builds it fills in `answers`, and changes the other words where
its method can do more or needs less.
"""

from dataclasses import dataclass

from mmresearch.claims.methods import METHODS as WORDS

COMPARISONS = ("superiority", "non-inferiority", "equivalence")
PLACES = {  # where an outcome stands
    "visit": "at a visit",
    "session": "before and after a session",
    "course": "at visits and sessions",
    "event": "at sessions or visits, whenever it happened",
    "time": "as the time until it happened",
    "raters": "by two raters",
    "period": "in each period",
}


@dataclass(frozen=True)
class Needs:
    """What one method needs.

    answers    (hypothesis, measure) pairs it estimates; empty: not built yet
    place      where its outcome stands, a word of PLACES
    start      `none`: no baseline is needed; `baseline`: the instrument was measured at baseline; `threshold`: that,
               and a responder threshold to reach; `threshold-or-cutoff`: that, or the claim's own cut-off
    modifier   `contrast`: whether the difference depends on it; `groups`: between whose values results differ;
               `number`: along which something runs; None: the method has none
    designs    study designs it can analyse
    missing    how missing outcomes may count
    also       whether several instruments can be asked to show it
    lone_slope whether a slope needs no modifier, because the method runs along sessions
    module     the file under models/, where it is not named like the method
    """

    answers: frozenset = frozenset()
    place: str = "visit"
    start: str = "none"
    modifier: str | None = None
    designs: tuple = ("randomised", "cohort", "single-arm")
    missing: tuple = ("mar", "complete-case")
    intercurrent: tuple = ("treatment-policy",)
    also: bool = False
    lone_slope: bool = False
    module: str = ""

    def __post_init__(self):
        assert self.place in PLACES and self.start in ("none", "baseline", "threshold", "threshold-or-cutoff")

    @property
    def built(self):
        return bool(self.answers)


def pairs(hypotheses, *measures):
    """Return every pair of a hypothesis and a measure; one hypothesis may stand alone as a word."""
    hypotheses = (hypotheses,) if isinstance(hypotheses, str) else hypotheses
    return frozenset((hypothesis, measure) for hypothesis in hypotheses for measure in measures)


EVERY = ("randomised", "crossover", "cohort", "single-arm")
NEEDS = {
    "change": Needs(
        answers=pairs(COMPARISONS, "mean-difference") | pairs("superiority", "slope"), modifier="contrast", also=True,
        intercurrent=("treatment-policy", "hypothetical"),
    ),
    "responder": Needs(
        answers=pairs(COMPARISONS, "risk-difference"), start="threshold",
        missing=("non-responder", "complete-case"), intercurrent=("treatment-policy", "composite"),
    ),
    "session-change": Needs(
        answers=pairs(COMPARISONS, "mean-difference"), place="session", designs=("randomised", "crossover", "cohort")
    ),
    "counts": Needs(answers=pairs(COMPARISONS, "rate-ratio"), designs=("randomised", "cohort")),
    "dose": Needs(answers=pairs(COMPARISONS, "mean-ratio"), designs=("randomised", "cohort")),
    "ordinal": Needs(answers=pairs(COMPARISONS, "odds-ratio")),
    "time-to-event": Needs(
        answers=pairs("superiority", "rmst-difference", "hazard-ratio") | pairs(COMPARISONS[1:], "rmst-difference"),
        place="time",
    ),
    "course": Needs(
        answers=pairs("superiority", "mean-difference", "slope") | pairs(("below", "above"), "hazard-ratio"),
        place="course", modifier="number", lone_slope=True,
    ),
    "harms": Needs(
        answers=pairs((*COMPARISONS, "above", "below"), "rate", "risk-difference", "rate-ratio"),
        place="event", designs=EVERY,
    ),
    "proportion": Needs(answers=pairs(("above", "below"), "proportion"), start="threshold-or-cutoff"),
    "agreement": Needs(answers=pairs(("above", "below"), "kappa", "icc"), place="raters", designs=EVERY),
    "variance": Needs(answers=pairs(("exists", "above", "below"), "variance", "icc"), modifier="groups"),
    "mediation": Needs(
        answers=pairs("superiority", "indirect-effect", "mean-difference"), designs=("randomised", "cohort")
    ),
    "crossover": Needs(answers=pairs(COMPARISONS, "mean-difference"), place="period", designs=("crossover",)),
}
MODULES = {
    method: f"mmresearch.models.{each.module or method.replace('-', '_')}"
    for method, each in NEEDS.items() if each.built
}
assert set(NEEDS) == set(WORDS), "every method word of the registry has its needs"
