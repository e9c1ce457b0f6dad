"""Every trouble a fit may report: code, severity and meaning. docs/formats.md lists the same codes."""

from mmresearch.estimate import Trouble

MISSING_SHARE = 0.30  # design: "over 30% missing" limits the words
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
    "few-events": ("note", f"fewer than {FEW_EVENTS} patients of an arm reached, or missed, the threshold"),
    "fit-warning": ("note", "the fitting routine warned"),
    "few-groups": ("serious", "results of fewer than three groups cannot say how much groups differ"),
    "grades-separate": ("note", "the arms' grades do not overlap, and half a patient was added to each grade"),
    "missing-outcomes": ("note", "over 30% of an arm's patients have no outcome at the judged visit"),
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
    """Return a trouble when over 30% of an arm's patients (arm -> count in both) lack the judged outcome.

    visit: the judged Visit, or None where the outcome belongs to none.
    """
    poor = [arm for arm in randomised if randomised[arm] and 1 - n[arm] / randomised[arm] > MISSING_SHARE]
    if not poor:
        return ()
    parts = [f"{randomised[arm] - n[arm]} of {randomised[arm]} in {labels[arm]}" for arm in poor]
    when = f" at {visit.name}" if visit else ""
    return (trouble("missing-outcomes", f"Over 30% have no outcome{when}: {' and '.join(parts)}."),)


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
