"""What a run hands to the report: counted records, verdicts and executed notebooks; nothing of a patient."""

from dataclasses import dataclass, field
from pathlib import Path

from mmresearch.claims import Registry
from mmresearch.describe import Description
from mmresearch.errors import UsageError
from mmresearch.estimate import Estimate


@dataclass(frozen=True)
class FailedPage:
    """A page whose notebook failed, and why, in words that hold no patient's value."""

    name: str
    sentence: str


@dataclass(frozen=True)
class Family:
    """One registry judged: outcomes (claim id -> Estimate or Lack) and the Verdicts of all its claims, in order."""

    registry: Registry
    outcomes: dict = field(repr=False)
    verdicts: tuple = field(repr=False)

    def __post_init__(self):
        judged = [each.claim for each in self.verdicts]
        if judged != list(self.registry.claims):
            raise UsageError(f"family '{self.registry.name}'", "expected one verdict a claim, in registered order",
                             [f"{len(self.registry)} claims, {len(judged)} verdicts"])

    @property
    def estimates(self):
        return {name: each for name, each in self.outcomes.items() if isinstance(each, Estimate)}


@dataclass(frozen=True)
class RunRecord:
    """Everything a report is made of.

    description  describe.describe_study(dataset)
    families     the study's own registry first where it has one, then the articles'
    notebooks    page name (a claim's id, `study`, `verdicts`) -> path of the executed notebook
    failures     pages whose notebook failed
    facts        the content of run.json
    instruments  id -> codebook.Instrument, where the study has instruments of its own
    shown        claim ids that get a page of their own; None: all of them
    released     what a released report says of the fewest patients behind its numbers (`11`); empty: internal
    overview     where the index over several studies is, from this study's index (`../index.html`); empty: nowhere
    strata       exploratory: a strata.Strata a column
    Raises UsageError when two families have a claim of the same name: their pages would overwrite each other.
    """

    description: Description
    families: tuple
    notebooks: dict[str, Path] = field(default_factory=dict, repr=False)
    failures: tuple = ()
    facts: dict = field(default_factory=dict, repr=False)
    instruments: dict = field(default_factory=dict, repr=False)
    shown: tuple | None = None
    overview: str = ""
    released: str = ""
    strata: tuple = ()

    def __post_init__(self):
        names = [claim.id for family in self.families for claim in family.registry]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise UsageError("claims.toml", "claims of the study have names the articles' registry uses already", twice,
                             "Rename them in the study's claims.toml.")

    @property
    def outline(self):
        return self.description.outline

    @property
    def claims(self):
        """Yield (family, claim) for every claim of every family, in order."""
        return ((family, claim) for family in self.families for claim in family.registry)

    def shows(self, name):
        """True when the claim of that id gets a page."""
        return self.shown is None or name in self.shown

    def failure(self, name):
        return next((each for each in self.failures if each.name == name), None)
