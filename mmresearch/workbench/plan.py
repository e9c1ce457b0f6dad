"""The plan of a trial of one claim: what trials found, patients per arm, power, and what was assumed."""

from mmresearch import exhibits, models
from mmresearch.claims import articles
from mmresearch.errors import MMResearchError, UsageError
from mmresearch.estimate import Lack
from mmresearch.evidence import read_literature
from mmresearch.exhibits.power import show_assumptions_of, show_plan, show_power
from mmresearch.planning import plan_claim
from mmresearch.workbench.opening import find_claim, read


class PlanPage:
    """A trial planned. Made by `open_plan`; no patient's value is in it."""

    def __init__(self, claim, plan):
        self._claim, self._plan = claim, plan

    def __repr__(self):
        return f"PlanPage({self._plan.claim!r}: {len(self._plan.targets)} differences)"

    def published(self):
        """What trials have published on the claim, and the row its reading rests on."""
        return exhibits.show_literature(self._claim, read_literature(self._claim))

    def patients(self):
        """Patients to randomise per arm, at each difference and power."""
        return show_plan(self._plan)

    def power(self):
        """Power against patients per arm."""
        return show_power(self._plan)

    def assumptions(self):
        """What the plan rests on, each number with where it comes from."""
        return show_assumptions_of(self._plan)


def open_plan(claim, study="", **assumed):
    """Return the PlanPage of a trial of the claim with id `claim`.

    study: folder of a study at hand whose precision stands in for SD, drop-out and clustering; empty for none.
    assumed: instrument, effect, sd, share, dropout, icc, per_therapist, correlation, alpha, as planning.plan_claim has
    them; nought or empty for effect, sd, share and instrument is "not given".
    Raises UsageError for a claim that is unknown, has no answer in the study, or no honest plan.
    """
    known = {name: value or None if name in ("instrument", "effect", "sd", "share") else value
             for name, value in assumed.items()}
    try:
        record, estimate = estimate_claim(study, claim) if study else (articles().claim(claim), None)
        return PlanPage(record, plan_claim(record, estimate=estimate, **known))
    except MMResearchError as error:
        raise error from None


def estimate_claim(study, claim):
    """Return (Claim, Estimate) of a claim in the study in folder `study`. Raises UsageError where it has no answer."""
    dataset = read(study)
    record = find_claim(claim, dataset)
    outcome = models.fit(record, dataset)
    if isinstance(outcome, Lack):
        raise UsageError(f"claim '{claim}'", f"this study cannot answer it ({outcome.code})", [outcome.sentence],
                         "Plan from a study that can, or without one, where an SD is enough.")
    return record, outcome
