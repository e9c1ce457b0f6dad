"""How many others share a patient's traits: one row a patient, never one a session.

Twenty rows of one patient are one patient: counted by rows, somebody alone with his traits seems to hide among twenty.
k is the size of the smallest group (Samarati and Sweeney 1998), l the fewest different answers to what is sensitive
within a group (Machanavajjhala 2007).
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import combinations

WANTED = 5  # patients who share all traits, below which a reader of the rows may know one
RARE = 11  # patients of a category: fewer are never shown (CMS cell size policy)
WIDEST = 3  # traits in a combination that is looked at by itself


@dataclass(frozen=True)
class Sharing:
    """Of some traits together: the smallest group of patients who share all of them, and how many share with nobody."""

    traits: tuple
    smallest: int
    alone: int


@dataclass(frozen=True)
class Crowd:
    """How well patients hide among each other. Counts only.

    whole       all traits together
    few         patients in groups smaller than WANTED
    parts       a Sharing for every two and three traits, those with the most patients alone first
    rare        (trait, number of its categories that fewer than RARE patients have)
    told        sensitive answer -> patients whose whole group gives one answer, so that their traits tell it
    """

    patients: int
    whole: Sharing
    few: int
    parts: tuple = ()
    rare: tuple = ()
    told: tuple = ()

    @property
    def sentence(self):
        if not self.whole.traits:
            return "No trait of the patients is read that others could know."
        alone = f"{self.whole.alone} of {self.patients} patients are" if self.whole.alone != 1 else "1 patient is"
        return (
            f"{alone} alone with their {listed(self.whole.traits)}; "
            f"the smallest group that shares all of these has {self.whole.smallest} (k = {self.whole.smallest})"
        )


def listed(traits):
    """Return `age`, `age and sex`, `age, sex and site`."""
    *others, last = traits
    return f"{', '.join(others)} and {last}" if others else last


def look_at(traits, sensitive=None):
    """Return the Crowd of patients. traits: name -> one value a patient; sensitive: likewise, told of apart."""
    rows = list(zip(*traits.values())) if traits else []
    patients = len(next(iter((*traits.values(), *(sensitive or {}).values())), ()))
    groups = Counter(rows)
    whole = _sharing(tuple(traits), rows)
    parts = [
        _sharing(names, list(zip(*(traits[name] for name in names))))
        for size in range(2, min(WIDEST, len(traits)) + 1)
        for names in combinations(traits, size)
    ]
    rare = [
        (name, number)
        for name, values in traits.items()
        if (number := sum(count < RARE for count in Counter(values).values()))
    ]
    return Crowd(
        patients,
        whole,
        sum(count for count in groups.values() if count < WANTED),
        tuple(sorted(parts, key=lambda part: (-part.alone, part.smallest, part.traits))),
        tuple(rare),
        tuple((name, number) for name, values in (sensitive or {}).items() if (number := _told(rows, values))),
    )


def _sharing(names, rows):
    sizes = Counter(rows).values()
    return Sharing(names, min(sizes, default=0), sum(size == 1 for size in sizes))


def _told(rows, values):
    """Patients in groups of two or more who all give the same answer (l = 1)."""
    answers = defaultdict(list)
    for row, value in zip(rows, values):
        answers[row].append(value)
    return sum(len(group) for group in answers.values() if len(group) > 1 and len(set(group)) == 1)
