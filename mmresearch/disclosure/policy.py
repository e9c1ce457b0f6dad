"""The numbers a release is held to, and what is said of what it holds back. Each number has its source."""

from dataclasses import dataclass

from mmresearch.errors import UsageError

LARGEST_SHARE = 0.90  # of a sum, from its two largest contributors: NK(2, 90%), as acro and the ESS guidelines have it
NEAREST = 0.10  # p% rule: the second largest contributor may not know the largest to within this share
PARAMETERS = 0.33  # of the patients at most, DataSHIELD's nfilter.glm
LEAST_FREEDOM = 10  # residual degrees of freedom counted on patients, as acro
THERAPISTS = 3  # at least, where results are told by therapist or site
ONE_THERAPIST = 0.90  # of an arm's patients at most, there
SMALLEST_P = 0.001


@dataclass(frozen=True)
class Policy:
    """fewest: patients behind every number that leaves; base: counts are rounded to its multiples, 1 leaves them.

    Raises UsageError for a threshold below 5 or a base above it: such a release would promise nothing.
    """

    fewest: int = 11
    base: int = 1

    def __post_init__(self):
        if self.fewest < 5:
            raise UsageError("--threshold", f"expected at least 5 patients, not {self.fewest}",
                             remedy="11 is the rule of CMS (no cell of 1 to 10); say a larger number to be stricter.")
        if not 1 <= self.base <= self.fewest:
            raise UsageError("--round", f"expected a whole number from 1 to {self.fewest}, not {self.base}")

    @property
    def reason(self):
        return f"withheld: fewer than {self.fewest} patients"

    def small(self, count):
        """True of a count that names a group too small to be told: 1 to fewest - 1. Nobody is not a group."""
        return 0 < count < self.fewest

    def rounded(self, count):
        """Return a count as it is shown: to the nearest multiple of the base that is no small one; None stays None."""
        if not count or self.base == 1:
            return count
        return self.base * max(int(count / self.base + 0.5), -(-self.fewest // self.base))


@dataclass(frozen=True)
class Withheld:
    """One result that was held back: where it would have stood, and why, in words without a number of the study."""

    where: str
    why: str

    def __str__(self):
        return f"{self.where}: {self.why}"


def dominated(values):
    """True where one or two patients make up nearly all of a sum of values that are not negative.

    values: one a patient. NK(2, 90%): the two largest are over 90% of the sum. p%: the rest is below 10% of the
    largest, so that the second largest could work the largest out. Of values that may be negative it says nothing.
    """
    ordered, total = sorted(values, reverse=True), sum(values)
    if len(ordered) < 3 or ordered[-1] < 0 or total <= 0:
        return False
    return sum(ordered[:2]) > LARGEST_SHARE * total or sum(ordered[2:]) < NEAREST * ordered[0]


def may_tell_mean(values):
    """True of a mean that gives away no value: not all equal, nor a sum that one or two patients make up."""
    return len(set(values)) > 1 and not dominated(values)
