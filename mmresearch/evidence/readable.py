"""Of which claims published effects can be read: those of one contrast in one outcome. The others say why not."""

NO_ANALYSIS = {  # testability: why trials of patients' outcomes do not settle it either
    "laboratory": "The claim is about what only a laboratory can measure; a difference in patients' outcomes does not "
                  "show it.",
    "cohort": "The claim is about what only years of follow-up could show; no trial of our table does.",
    "not-testable": "No data could settle the sentence as it stands, published or not.",
}
HYPOTHESES = {
    "non-inferiority": "The claim is that massage is not worse; that a result differs from no difference or not does "
                       "not answer it.",
    "equivalence": "The claim is that there is no difference; that a result does not differ from none does not "
                   "show it.",
    "above": "The claim is about a value, not about a difference between treatments.",
    "below": "The claim is about a value, not about a difference between treatments.",
    "exists": "The claim is that something exists or varies, not that treatments differ.",
}
MODIFIER = ("The claim is about for whom massage does more; a published effect of all patients together cannot tell.")
METHODS = {  # method: why its claims have no reading; every other superiority claim is one contrast in one outcome
    "course": "The claim is about the course over sessions; a published difference at one time cannot tell.",
    "dose": "The claim is about how much treatment; a published difference at one dose cannot tell.",
    "mediation": "The claim is about by which way massage works; a published difference cannot tell the way.",
    "variance": "The claim is that results vary, not that treatments differ.",
    "agreement": "The claim is that examiners agree, not that treatments differ.",
    "proportion": "The claim is about a share, not about a difference between treatments.",
    "harms": "The claim is about how often harm happens; a published ratio to another treatment cannot tell.",
}


def why_unreadable(claim):
    """Return in one sentence why published effects cannot be read for this claim; empty where they can."""
    asked = claim.analysis
    if asked is None:
        return NO_ANALYSIS[claim.testability]
    if asked.hypothesis in HYPOTHESES:
        return HYPOTHESES[asked.hypothesis]
    return MODIFIER if asked.modifier else METHODS.get(asked.method, "")
