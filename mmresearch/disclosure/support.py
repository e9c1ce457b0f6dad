"""The patients behind each number of a report, as bits: what the gate asks and what the last check asks again."""

from dataclasses import dataclass, field
from functools import cached_property

ALL = "all arms"


@dataclass(frozen=True)
class Support:
    """The groups behind a study's report; prints as nothing.

    described  describe.Behind; estimated: claim id -> models.BehindEstimate, of claims with an estimate
    """

    described: object = field(repr=False)
    estimated: dict = field(repr=False)

    @property
    def baseline(self):
        """The name of the visit that is the baseline, or None."""
        return self.described.baseline

    @cached_property
    def _place(self):
        return {patient: 1 << place for place, patient in enumerate(self.described.patients)}

    def bits(self, patients):
        """Return the group as one integer, a bit a patient of the study."""
        made = 0
        for patient in patients:
            made |= self._place.get(patient, 0)
        return made

    @cached_property
    def arms(self):
        """arm -> its patients; ALL -> everybody."""
        made = {arm: self.bits(who) for arm, who in self.described.arms.items()}
        return made | {ALL: self.bits(self.described.patients)}

    def known(self, label):
        """Patients with a value of that row of Table 1."""
        return self.bits(self.described.columns.get(label, ()))

    def level(self, label, level):
        """Patients of that level of a row of Table 1."""
        values = self.described.columns.get(label, {})
        return self.bits(patient for patient, value in values.items() if value == level)

    def numbers(self, label, crowd):
        """The values of that row of Table 1 of the patients of a group."""
        return self._of(self.described.columns.get(label, {}), crowd)

    def _of(self, values, crowd):
        return [value for patient, value in values.items() if self._place.get(patient, 0) & crowd]

    def measured(self, instrument, visit, arm=None):
        """Patients with a value of an instrument at a visit; of those in an arm then."""
        if arm is not None:
            return self.bits(self.described.periods.get((instrument, visit, arm), ()))
        return self.bits(self.described.measured.get((instrument, visit), ()))

    def values(self, instrument, visit, crowd):
        return self._of(self.described.measured.get((instrument, visit), {}), crowd)

    def given(self, instrument):
        """Patients with a value of an instrument at any visit."""
        return self._any(lambda key: key[0] == instrument)

    def seen(self, visit):
        """Patients with any outcome at a visit."""
        return self._any(lambda key: key[1] == visit)

    def _any(self, holds):
        made = 0
        for key in self.described.measured:
            made |= self.measured(*key) if holds(key) else 0
        return made

    def analysed(self, claim, arm):
        return self.bits(self.estimated[claim].analysed.get(arm, ()))

    def divisor(self, estimate, arm):
        """Patients an Estimate counts under an arm: a share of all arms' patients stands under the first of them."""
        arms = self.estimated[estimate.claim].asked
        return self.bits(patient for each in (arms if estimate.n.keys() < arms.keys() else [arm])
                         for patient in self.estimated[estimate.claim].analysed.get(each, ()))

    def asked(self, claim, arm):
        return self.bits(self.estimated[claim].asked.get(arm, ()))

    def observed(self, claim, arm):
        return self.bits(self.estimated[claim].observed.get(arm, ()))

    def judged(self, claim, crowd):
        """The judged values of the patients of a group; empty where the outcome is not one value a patient."""
        return self._of(self.estimated[claim].values, crowd)

    def staff(self, crowd, labels):
        """Patients by label (therapist, site) among a group: the counts, largest first."""
        counts = {}
        for patient, label in labels.items():
            if self._place.get(patient, 0) & crowd and label == label and label is not None:
                counts[label] = counts.get(label, 0) + 1
        return sorted(counts.values(), reverse=True)
