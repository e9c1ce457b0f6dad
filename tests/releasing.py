"""Studies to release: two arms, three visits, with or without a unique tail of digits on every patient's values."""

import random

from own_claims import OWN_CLAIMS
from studies import write_study

from mmresearch import disclosure, models
from mmresearch.describe import describe_study
from mmresearch.describe.behind import who_is_behind
from mmresearch.estimate import Estimate, Lack
from mmresearch.models.behind import patients_behind
from mmresearch.models.robustness import registered_alone
from mmresearch.models.troubles import TROUBLES
from mmresearch.study import read_study
from mmresearch.verdict import judge
from mmresearch.workbench.opening import OWN, registries

MEANINGS = {code: words for code, (_, words) in TROUBLES.items()}


def tail(number):
    """Return six digits that no other patient has, and that no rounding leaves."""
    return f"{(number * 7919 + 123457) % 900000 + 100000:06d}"


def make_tables(seed=1, patients=60, lost=12, canaries=False, without=()):
    """Return patients.csv and pain.csv. lost: patients without a value at 12 weeks; without: numbers left out."""
    dice, people, pain = random.Random(seed), [], []
    gone = set(dice.sample(range(1, patients + 1), lost))
    for number in range(1, patients + 1):
        extra = f".{tail(number)}" if canaries else ""
        massage, level = number % 2, dice.choice([5, 6, 7, 8])
        falls = [max(0, level - drop * massage - dice.choice([0, 0, 1, 2])) for drop in (1, 2)]
        row = {"id": f"pt-{number:03d}", "group": massage, "age": f"{dice.randint(20, 70)}{extra}",
               "sex": dice.choice("fffmm"), "site": dice.choice(["north", "south"])}
        scores = {"id": row["id"], "nrs_0": f"{level}{extra}", "nrs_6": f"{falls[0]}{extra}",
                  "nrs_12": "99" if number in gone else f"{falls[1]}{extra}"}
        if number not in without:
            people.append(row)
            pain.append(scores)
    return {"patients.csv": people, "pain.csv": pain}


def make_study(folder, claims=OWN_CLAIMS, **options):
    return write_study(folder, make_tables(**options), claims=claims)


def open_release(folder, fewest=11, base=1, **options):
    """Return a Prepared release of the study's own claims: everything the command has before it writes."""
    return Prepared(read_study(make_study(folder, **options)), disclosure.Policy(fewest, base))


class Prepared:
    """dataset, support, policy, originals (claim id -> outcome as fitted), description, gated."""

    def __init__(self, dataset, policy):
        self.dataset, self.policy = dataset, policy
        registry = next(each for each in registries(dataset) if each.name == OWN)
        with registered_alone():
            self.originals = {claim.id: models.fit(claim, dataset) for claim in registry}
        judged = {name: each for name, each in self.originals.items() if isinstance(each, (Estimate, Lack))}
        self.verdicts = judge(registry, judged)
        behind = {claim.id: patients_behind(claim, dataset, self.originals[claim.id].n) for claim in registry
                  if isinstance(self.originals[claim.id], Estimate)}
        self.support = disclosure.Support(who_is_behind(dataset), behind)
        self.description = describe_study(dataset)
        self.gated = disclosure.gate_run(self.description, {OWN: (judged, self.verdicts)}, self.support, policy,
                                         MEANINGS, "fingerprint")

    def inspect(self, description=None, outcomes=None, verdicts=None):
        """Return what the last check finds, of the gated records or of others in their place."""
        gated = self.gated
        return disclosure.inspect_records(
            description or gated.description, outcomes or gated.outcomes, verdicts or gated.verdicts[OWN],
            self.support, self.policy, self.originals)

    def entry(self, release="001", key=b"key", title="A small study"):
        statements = disclosure.list_statements(self.gated.description, self.gated.outcomes, self.support)
        return disclosure.make_entry(release, title, "2026-01-01", self.policy, self.support, statements, key)
