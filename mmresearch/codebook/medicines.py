"""What a dose of a medicine amounts to: oral morphine equivalents (MME) and WHO's defined daily doses (DDD).

MME are for comparing loads, never for changing one opioid to another (CDC 2022, cautions of the table).
"""

from dataclasses import dataclass
from functools import cache

from mmresearch.codebook.book import read_records
from mmresearch.codebook.records import Medicine, Publication
from mmresearch.errors import RegistryError

ROUTES = {  # our word: how files spell it, small letters
    "oral": ("oral", "po", "p.o.", "per os", "by mouth"),
    "transdermal": ("transdermal", "td", "patch"),
    "buccal": ("buccal",),
    "sublingual": ("sublingual", "sl"),
    "nasal": ("nasal", "intranasal"),
    "rectal": ("rectal", "pr", "suppository"),
    "parenteral": ("parenteral", "iv", "im", "sc", "i.v.", "i.m.", "s.c.", "injection"),
    "topical": ("topical", "cutaneous", "gel", "cream"),
}
MICRO = ("mcg", "ug", "\u00b5g", "\u03bcg")  # the last two are the micro sign and the Greek letter
MILLIGRAMS = {"mg": 1.0, "g": 1000.0, **dict.fromkeys(MICRO, 0.001)}
PER_HOUR = tuple(f"{unit}{per}" for unit in MICRO for per in ("/h", "/hr", "/hour"))
IN_MG = {"mg": 1.0, "mcg": 0.001}  # the units of the table


@dataclass(frozen=True)
class Medicines:
    """The medicines of the codebook by id, the publications their numbers stand in, and every name they go by."""

    medicines: dict
    sources: dict
    names: dict

    def find(self, word):
        """Return the Medicine that goes by `word` (its id, its name or another of its names), or None."""
        return self.names.get(str(word).strip().lower())

    def mme(self, medicine, amount, unit, route="oral", year=None):
        """Return oral morphine milligrams a day of `amount` a day (of a patch: an hour), or None where no source says.

        year: the newest source up to that year counts; None = the newest of all. No opioid: 0, whatever unit and route.
        """
        if medicine.kind != "opioid":
            return 0.0
        fits = [each for each in medicine.mme if each.route == route and _scale(unit, each.unit) is not None]
        years = {self.sources[each.source].year for each in fits}
        newest = max((each for each in years if year is None or each <= year), default=None)
        for each in fits:
            given = amount * _scale(unit, each.unit)
            holds = each.above < given <= each.up_to or given == each.above == 0
            if holds and self.sources[each.source].year == newest:
                return given * each.factor
        return None

    def ddd(self, medicine, amount, unit, route="oral"):
        """Return defined daily doses of `amount` a day (of a patch: an hour), or None where WHO gives none."""
        known = next((each.mg for each in medicine.ddd if each.route == route), None)
        if known is None or not (unit in MILLIGRAMS or unit in PER_HOUR):
            return None
        return amount * (MILLIGRAMS[unit] if unit in MILLIGRAMS else 24 * 0.001) / known


@cache
def medicines():
    """Return the Medicines of the package. Raises RegistryError with every broken record."""
    known, sources = (
        read_records("medicines.toml", table, record)
        for table, record in (("medicines", Medicine), ("sources", Publication))
    )
    broken = [
        f"{each.id}: source '{part.source}' does not stand in the table"
        for each in known.values()
        for part in (*each.mme, *each.ddd)
        if part.source not in sources
    ]
    called = [(name, each) for each in known.values() for name in {each.id, each.name.lower(), *each.also}]
    names = dict(called)
    broken += [] if len(names) == len(called) else ["two medicines go by one name"]
    if broken:
        raise RegistryError("codebook/medicines.toml", f"{len(broken)} rules are broken", broken)
    return Medicines(known, sources, names)


def find_route(word):
    """Return our word for a route as files spell it, or None."""
    return next((route for route, words in ROUTES.items() if str(word).strip().lower() in words), None)


def find_unit(word):
    """Return the unit as the table spells it, or None where it is none of a dose."""
    unit = str(word).strip().lower().replace(" ", "")
    return unit if unit in MILLIGRAMS or unit in PER_HOUR else None


def _scale(unit, wanted):
    """Return the factor from `unit` to the table's unit `wanted`; None where one is a mass and the other a rate."""
    if wanted == "mcg/h":
        return 1.0 if unit in PER_HOUR else None
    return MILLIGRAMS[unit] / IN_MG[wanted] if unit in MILLIGRAMS else None
