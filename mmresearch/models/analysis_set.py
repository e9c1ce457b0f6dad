"""Sentences on whom an analysis rests on: who of the population entered it, and how many therapists treated them."""

from mmresearch.models.wording import join


def tell_analysed(n, whole, study, without, also=()):
    """Return a sentence where fewer patients were analysed than the population has; empty where everyone was.

    n, whole: arm -> patients analysed, and of the population; without: what the others lack, by the method's own rule;
    also: visits at which the claim wants patients observed besides.
    """
    if not without or all(n[arm] >= whole.get(arm, 0) for arm in n):
        return ()
    counts = [f"{n[arm]} of {whole[arm]} in {study.arms[arm].label}" for arm in n if arm in whole]
    besides = f", or were not observed at {join(also)}" if also else ""
    return (f"Analysed: {join(counts)}; the others have {without}{besides}.",)


def tell_therapists(people, arms, study):
    """Return a sentence with the number of therapists in each of `arms`; empty where none is recorded.

    people: rows of those analysed, with `arm` and `therapist`, missing allowed.
    """
    theirs = [frozenset(people.loc[people["arm"] == arm, "therapist"].dropna()) for arm in arms]
    if not any(theirs):
        return ()
    told = [f"{len(each) or 'none recorded'} in {study.arms[arm].label}"
            for arm, each in zip(arms, theirs, strict=True)]
    common = len(frozenset.intersection(*theirs)) if len(theirs) > 1 else 0
    where = f", {common} of them in {'both' if len(theirs) == 2 else 'all'}" if common else ""
    return (f"Therapists of those analysed: {join(told)}{where}.",)
