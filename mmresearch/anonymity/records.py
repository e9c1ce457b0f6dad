"""What the gate is given and what it answers: columns in, findings out. Both print as counts, never as cells."""

from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["block", "ask"]  # a column with neither passes
Role = Literal["pseudonym", "code", "number", "age", "category", "word"]


@dataclass(frozen=True)
class Column:
    """One mapped column: its header and its cells as text, none of them empty.

    role      pseudonym (of patients), code (of sites, staff, raters), number, age, category (of patients, whose words
              are counted by patient), or word (anything else)
    declared  cells that study.toml lists under `values` and so translates into words of ours
    """

    header: str
    cells: tuple = field(repr=False)
    role: Role = "word"
    declared: frozenset = field(default=frozenset(), repr=False)


@dataclass(frozen=True)
class Finding:
    """One rule that a column breaks. `what` follows the column's name in a message and holds counts only.

    lifts   the word by which a decision in study.toml names the rule; empty: no decision lifts it
    places  where single cells are at fault: which of the column's cells, counting from 0; empty where the column is
    """

    header: str
    outcome: Outcome
    lifts: str
    what: str
    places: tuple = ()


LIFTABLE = {  # rule: what somebody decides who lifts it
    "dates": "these are no calendar dates",
    "telephone": "these are no telephone numbers",
    "person-number": "these are no numbers of persons",
    "place": "these say no more than the state or country",
    "names": "these are no names of persons",
    "free-text": "these texts name nobody",
    "singling-out": "these words single nobody out",
    "pseudonym": "nobody can compute these pseudonyms",
    "header": "this column may stay in the file: it is not read, or holds nothing that identifies",
    "device-address": "these are no addresses of devices",
    "recording": "these are no names of pictures or recordings",
    "age": "these are no ages",
}
