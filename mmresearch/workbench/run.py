"""The verdicts of a run, from the JSON files it left: they are the record, nothing is judged again."""

import json
from pathlib import Path

from mmresearch import exhibits
from mmresearch.claims import Claim, Registry, articles
from mmresearch.errors import UsageError
from mmresearch.estimate import from_json as estimate_from
from mmresearch.evidence import read_literature
from mmresearch.verdict import from_json as verdict_from
from mmresearch.workbench.opening import OWN
from mmresearch.workbench.shown import Shown


class VerdictsPage:
    """Every claim of a run with its verdict. Made by `open_verdicts`."""

    def __init__(self, registries, verdicts, estimates):
        self._registries, self._verdicts, self._estimates = registries, verdicts, estimates

    def __repr__(self):
        return f"VerdictsPage({len(self._verdicts)} verdicts, {len(self._estimates)} estimates)"

    def tally(self):
        """How many claims got which verdict, a family at a time."""
        return Shown(tuple(exhibits.show_counts(self._of(registry, self._verdicts)) for registry in self._registries))

    def verdicts(self):
        """Every claim with its verdict, the answer in one sentence, and beside it what published trials say."""
        return Shown(tuple(exhibits.show_verdicts(
            registry, self._of(registry, self._verdicts), self._of(registry, self._estimates),
            readings={claim.id: read_literature(claim) for claim in registry}) for registry in self._registries))

    def forest(self):
        """Every estimate in the claimed direction."""
        return self._shown(exhibits.show_forest, self._estimates, self._verdicts)

    def contradictions(self):
        """Where articles disagree: their words, and what the data say."""
        return Shown(tuple(exhibits.show_contradictions(registry, self._verdicts) for registry in self._registries
                           if registry.contradictions))

    def _shown(self, show, *records):
        return Shown(tuple(show(registry, *(self._of(registry, each) for each in records))
                           for registry in self._registries))

    def _of(self, registry, records):
        return {name: record for name, record in records.items() if name in registry.claims}


def open_verdicts(run):
    """Return the VerdictsPage of the run in folder `run`. Raises UsageError where it is no run's folder."""
    folder = Path(run)
    try:
        facts = _load(folder / "run.json")
        verdicts = [verdict_from(record) for record in _load(folder / "verdicts.json")]
        estimates = {path.stem: estimate_from(_load(path)) for path in sorted((folder / "estimates").glob("*.json"))}
    except (OSError, ValueError):
        raise UsageError(folder, "expected a run's folder, with run.json, verdicts.json and estimates",
                         remedy="`mmresearch run STUDY` leaves one under reports/.") from None
    return VerdictsPage(_registries(facts), {verdict.claim: verdict for verdict in verdicts}, estimates)


def _load(path):
    return json.loads(path.read_text(encoding="utf-8"))


def _registries(facts):
    own = {record["id"]: Claim(**record) for record in facts.get("own_claims", ())}
    return (Registry(OWN, own), articles()) if own else (articles(),)
