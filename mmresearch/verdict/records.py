"""What is said of one claim. A verdict that contradicts itself cannot be made."""

from dataclasses import asdict, dataclass, fields

from mmresearch.errors import RegistryError
from mmresearch.estimate import rounded

JUDGED = ("supported", "supported-smaller", "refuted", "inconclusive")
UNJUDGED = ("not-assessable", "needs-laboratory", "needs-cohort", "not-testable")
VERDICTS = JUDGED + UNJUDGED


@dataclass(frozen=True)
class Verdict:
    """The answer to one claim in one study, or why there is none.

    sentence          the answer in one sentence, as the page shows it
    reason            the row of the rule that decided, in words; for a claim without estimate, why there is none
    p_holm, p_bh      adjusted over the family; None outside it. p_holm decides, p_bh is information
    family_size       distinct hypotheses in the family, not claims
    confirmatory      False when the analysis was not registered before the data were locked; None where not judged
    limits            further sentences that bound what the sentence says (unblinded, fragile, simulated ...)
    patients_per_arm  randomised patients at which the interval's half-width is expected to be half the margin
    Raises RegistryError when these contradict each other.
    """

    claim: str
    verdict: str
    reason_code: str | None
    reason: str
    sentence: str
    p_holm: float | None = None
    p_bh: float | None = None
    family: str | None = None
    family_size: int | None = None
    confirmatory: bool | None = None
    limits: tuple[str, ...] = ()
    patients_per_arm: int | None = None

    def __post_init__(self):
        broken = [rule for rule, holds in self._rules().items() if not holds]
        if broken:
            raise RegistryError(f"Verdict '{self.claim}'", "a record breaks its own rules", broken)

    def _rules(self):
        adjusted = [p for p in (self.p_holm, self.p_bh) if p is not None]
        return {
            f"verdict is one of {', '.join(VERDICTS)}": self.verdict in VERDICTS,
            "it has a reason and a sentence": bool(self.reason and self.sentence),
            "p is between 0 and 1": all(0 <= p <= 1 for p in adjusted),
            "family and family_size go together": (self.family is None) == (self.family_size is None),
            "an adjusted p belongs to a family": not adjusted or self.family is not None,
            "confirmatory is said of judged claims, and only of them": (self.confirmatory is None) != self.judged,
            "only an inconclusive claim plans for more patients": self.patients_per_arm is None
            or (self.verdict == "inconclusive" and self.patients_per_arm > 0),
        }

    @property
    def judged(self):
        """True where an estimate was judged; False where there was none to judge."""
        return self.verdict in JUDGED

    def to_json(self):
        """Return a plain dict as in docs/schema/verdicts.schema.json, and `limits` and `patients_per_arm` besides."""
        return rounded(asdict(self))


def from_json(record):
    """Return the Verdict that `to_json` wrote. Raises RegistryError on unknown fields."""
    unknown = sorted(set(record) - {each.name for each in fields(Verdict)})
    if unknown:
        raise RegistryError(record.get("claim", "verdict"), f"fields {unknown} are not those of a Verdict")
    return Verdict(**{key: tuple(value) if isinstance(value, list) else value for key, value in record.items()})
