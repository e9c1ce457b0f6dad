"""Every trouble a fit may report: code, severity and meaning. docs/formats.md lists the same codes."""

from mmresearch.estimate import Trouble

MISSING_SHARE = 0.30  # design: "over 30% missing" limits the words
MISSING_GAP = 0.15  # between the arms' shares
FEW_EVENTS = 5  # responders, or others, in an arm: below this no normal approximation
FEW_DF = 10
FEW_THERAPISTS = 3

TROUBLES = {  # code: (severity, what it means)
    "aliased-columns": ("note", "a covariate followed from others and was left out of the mixed model"),
    "arm-without-outcomes": ("serious", "an arm has no outcome at the judged visit"),
    "baseline-missing": ("note", "the outcome has no baseline in this study, so the comparison is not adjusted for it"),
    "covariates-left-out": ("note", "too little information to adjust for all covariates: some were left out"),
    "covariates-imputed": ("note", "a baseline value was missing and stood in for by the mean, with an indicator"),
    "covariance-fallback": ("note", "the unstructured covariance could not be fitted and a simpler one was used"),
    "few-degrees-of-freedom": (
        "note",
        f"fewer than {FEW_DF} degrees of freedom are left: the interval is wide and fragile",
    ),
    "adjustment-left-out": ("note", "the data could not carry the adjustment, and a plain comparison was made"),
    "co-primary-not-shown": ("note", "one of several outcomes that must each show it does not"),
    "competing-events": ("note", "something else happened to patients that made the event impossible"),
    "few-events": ("note", f"fewer than {FEW_EVENTS} patients of an arm reached, or missed, the threshold"),
    "fit-warning": ("note", "the fitting routine warned"),
    "few-groups": ("serious", "results of fewer than three groups cannot say how much groups differ"),
    "grades-separate": ("note", "the arms' grades do not overlap, and half a patient was added to each grade"),
    "follow-up-short": ("note", "patients were not followed for all of the time the claim is about"),
    "hazards-not-proportional": ("note", "the hazard ratio changes with time"),
    "mediator-not-allocated": ("note", "nobody was allocated to the mediator, so a hidden cause would look the same"),
    "mediator-interacts": ("note", "the mediator may bear on the outcome more in one arm than in the other"),
    "mediator-not-before": ("note", "the mediator was measured at the same time as the outcome, not before it"),
    "missing-outcomes": ("note", "over 30% of an arm's patients have no outcome at the judged visit"),
    "missing-unequal": ("note", "the arms' shares without an outcome at the judged visit differ by over 15 points"),
    "no-events": ("note", "nothing happened: only an upper bound is known, and how patients differ is not"),
    "odds-not-proportional": ("note", "the arms may differ by more at some grades than at others"),
    "raters-vary": ("note", "more than two raters shared the patients, or raters are not named"),
    "repeats-few": ("note", "too few events to estimate how patients, or therapists, differ in them"),
    "ungraded-events": ("note", "adverse events without a grade that is known"),
    "negative-variance": ("note", "a variance of the mixed model was estimated at its boundary"),
    "robustness-not-fitted": ("note", "an analysis meant to stand beside the registered one could not be fitted"),
    "small-sample": ("note", "the degrees of freedom could not be approximated as intended"),
    "therapists-not-modelled": ("note", "patients share therapists, and the standard error does not account for it"),
    "therapists-few-reference": ("note", "fewer than three therapists treated in the reference arm"),
    "therapists-unknown": ("note", "patients of an arm with therapists have none recorded"),
    "therapists-two-arms": ("note", "therapists treated in both arms"),
    "unadjusted": ("note", "arms were not formed by chance and the comparison is not adjusted for how they differ"),
    "visit-without-outcomes": ("note", "a follow-up visit has no outcomes and was left out"),
    "therapists-few": ("serious", f"fewer than {FEW_THERAPISTS} therapists gave the treatment whose effect is claimed"),
    "analysis-stopped": ("serious", "the analysis stopped with an error; a fault of mmresearch"),
    "not-converged": ("serious", "the fit did not converge"),
    "not-estimable": ("serious", "the data do not determine the contrast"),
}


def trouble(code, sentence):
    """Return the Trouble of that code with its registered severity."""
    return Trouble(code, TROUBLES[code][0], sentence)


def warned(caught):
    """Return the troubles for warnings caught during a fit: their kinds and number, never their text."""
    if not caught:
        return ()
    kinds = sorted({warning.category.__name__ for warning in caught})
    return (
        trouble("fit-warning", f"The fit gave {len(caught)} warning{'s' * (len(caught) > 1)} ({', '.join(kinds)})."),
    )


def missing_outcomes(n, randomised, labels, visit):
    """Return a trouble when over 30% of an arm's patients (arm -> count in both) lack the judged outcome, and one when
    the arms' shares differ by over 15 points.

    visit: the judged Visit, or None where the outcome belongs to none.
    """
    lost = {arm: randomised[arm] - n[arm] for arm in randomised if randomised[arm]}
    shares = {arm: count / randomised[arm] for arm, count in lost.items()}
    when = f" at {visit.name}" if visit else ""
    said = {arm: f"{lost[arm]} of {randomised[arm]} in {labels[arm]}" for arm in lost}
    poor, found = [arm for arm in shares if shares[arm] > MISSING_SHARE], []
    if poor:
        words = " and ".join(said[arm] for arm in poor)
        found.append(trouble("missing-outcomes", f"Over 30% have no outcome{when}: {words}."))
    if shares and max(shares.values()) - min(shares.values()) > MISSING_GAP:
        text = f"The arms differ in how many have no outcome{when}: {' and '.join(said.values())}."
        found.append(trouble("missing-unequal", text))
    return tuple(found)


def few_therapists(therapists, label, claimed=True):
    """Return a trouble when an arm's patients (their therapists, missing allowed) had fewer than three.

    Serious in the arm whose effect is claimed, a note in the reference arm. Returns nothing where no therapist is
    recorded: then there is nothing to count.
    """
    count = therapists.dropna().nunique()
    if count == 0 or count >= FEW_THERAPISTS:
        return ()
    who = f"Only {count} therapist{'s' * (count > 1)} treated in {label}"
    text = f"{who}: their skill and the treatment cannot be told apart."
    return (trouble("therapists-few" if claimed else "therapists-few-reference", text),)
