"""Which therapists treat in which arm, and what that allows: a random effect, degrees of freedom, troubles."""

from dataclasses import dataclass, field, replace

import numpy as np

from mmresearch.estimate import Trouble

FEWEST = 3  # therapists in an arm; below, nothing can be said of the therapists' variance


@dataclass(frozen=True, eq=False)
class Nesting:
    """Therapists in a trial. codes (n,): a number a therapist, -1 none; counts {arm: therapists}, arms with any only.

    variance: of the therapists' effects, in the outcome's unit squared; share: of the mean variance of an outcome
    (ICC).
    """

    codes: np.ndarray = field(repr=False)
    counts: dict
    both: int  # therapists who treat in more than one arm
    unknown: int  # patients without a therapist in an arm that has some
    variance: float | None = None
    share: float | None = None

    @property
    def modelled(self):
        return sum(self.counts.values()) - self.both >= FEWEST

    def most(self, arm, reference=None):
        """Return the upper limit of the degrees of freedom of a contrast (or an arm's mean): its therapists - 2."""
        used = [self.counts[each] for each in (arm, reference) if each in self.counts]
        if not used or not self.modelled:
            return np.inf
        return float(max(min(sum(used), sum(self.counts.values()) - self.both) - 2, 1))

    def estimated(self, fit):
        """Return the Nesting with the variance a Fit found."""
        if not fit.nested:
            return self
        variance = fit.point.t * fit.moments.columns.scale[-1] ** 2
        total = variance + float(np.trace(fit.sigma, axis1=1, axis2=2).mean() / fit.moments.T)
        return replace(self, variance=float(variance), share=float(variance / total))

    @property
    def troubles(self):
        found = []
        few = [f"{arm} ({count})" for arm, count in self.counts.items() if count < FEWEST]
        if few:
            found.append(
                Trouble(
                    "therapists-few",
                    "serious",
                    f"Fewer than {FEWEST} therapists treat in: {', '.join(few)}. "
                    "An effect of the arm cannot be told from that of its therapists.",
                )
            )
        if self.both:
            found.append(
                Trouble("therapists-two-arms", "note", f"{self.both} therapist(s) treat in more than one arm.")
            )
        if self.unknown:
            found.append(
                Trouble(
                    "therapists-unknown",
                    "note",
                    f"{self.unknown} patient(s) of an arm with therapists have "
                    "none recorded and count as treated by nobody else's therapist.",
                )
            )
        return tuple(found)


def nested_in(table, name):
    """Return the Nesting of a Table by one of its extra columns; None when no patient has a therapist."""
    codes = np.where(np.isnan(table.y).all(axis=1), -1, table.extra[name])  # who has no outcome tells nothing of any
    if (codes < 0).all():
        return None
    sets = {arm: np.unique(codes[(table.arm == j) & (codes >= 0)]) for j, arm in enumerate(table.arms)}
    counts = {arm: len(each) for arm, each in sets.items() if len(each)}
    seen = np.concatenate(list(sets.values()))
    unknown = sum(
        int(((table.arm == j) & (table.extra[name] < 0)).sum()) for j, arm in enumerate(table.arms) if arm in counts
    )
    return Nesting(codes, counts, int(len(seen) - len(np.unique(seen))), unknown)
