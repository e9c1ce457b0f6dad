"""The kinds of analysis a claim may register, each one file under `models/` once it is built."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Method:
    """question: what it answers, for a reader; measures: what it can estimate."""

    question: str
    measures: tuple


METHODS = {
    "change": Method("how much more an outcome changed in one arm than in another", ("mean-difference", "slope")),
    "responder": Method("how many more patients reached the responder threshold", ("risk-difference",)),
    "session-change": Method("what one session changed, before against after", ("mean-difference",)),
    "counts": Method("counts such as days off work or headache days", ("rate-ratio",)),
    "dose": Method("the dose of a medicine that many patients do not take at all", ("mean-ratio",)),
    "ordinal": Method("graded symptoms, and events by severity", ("odds-ratio",)),
    "time-to-event": Method("how long it takes until something happens", ("rmst-difference", "hazard-ratio")),
    "course": Method("from which session on, and how many sessions", ("mean-difference", "slope", "hazard-ratio")),
    "harms": Method("what went wrong, and how often", ("rate", "risk-difference", "rate-ratio")),
    "proportion": Method("what share of patients report something", ("proportion",)),
    "agreement": Method("whether two raters agree", ("kappa", "icc")),
    "variance": Method("how much results differ between therapists, conditions or goals", ("variance", "icc")),
    "mediation": Method("whether the effect goes through something else", ("indirect-effect", "mean-difference")),
    "crossover": Method("both treatments in the same patients, one after the other", ("mean-difference", "mean-ratio")),
}
