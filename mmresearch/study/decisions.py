"""Where somebody decides that the gate is wrong of a column, or that what it found may stand: one named decision."""

import datetime
from typing import Literal

from pydantic import Field

from mmresearch.anonymity import LIFTABLE
from mmresearch.codebook.records import Record
from mmresearch.errors import nearest

Lifts = Literal[tuple(LIFTABLE)]
LIKEWISE = 3  # further decisions that are spelled out: a message fits on a screen
PASTE = """[[decisions]]
file = "{file}"
columns = [{columns}]
lifts = "{lifts}"
why = ""   # say why {because}
by = ""    # who decides
on = {today}"""


class Decision(Record):
    """One rule lifted for named columns of one file, with who, when and why; shown in the report.

    file     as messages call it
    columns  their names in the file
    lifts    the rule, by its word in the message that stopped the read
    """

    file: str
    columns: tuple[str, ...] = Field(min_length=1)
    lifts: Lifts
    why: str = Field(min_length=10)
    by: str = Field(min_length=2)
    on: datetime.date

    def covers(self, file, column, lifts):
        return (self.file, self.lifts) == (file, lifts) and column in self.columns


def check_decisions(study, findings):
    """Add a finding for every decision about a file that the study does not have, or made on a day to come."""
    labels = [file.label for file in study.files.values()]
    for number, decision in enumerate(study.decisions, 1):
        if decision.file not in labels:
            findings.wrong(f"decisions.number {number}", f"no file '{decision.file}'.{nearest(decision.file, labels)}")
        if decision.on > datetime.date.today():
            findings.wrong(f"decisions.number {number}", "`on` is after today; give the day it was decided")


def note_idle(findings):
    """Add a note for every decision that lifted nothing: it may be left out, and must not hide what comes later."""
    for number, decision in enumerate(findings.decisions, 1):
        if decision not in findings.lifted:
            what = f"lifts '{decision.lifts}', which was not found in these columns; leave it out"
            findings.note(f"decisions, number {number}, {decision.file}", what)


def lines_to_paste(asked):
    """Return the lines of study.toml that lift what was found. asked: [(file, column, lifts)] in order, none empty."""
    groups = {}
    for file, column, lifts in asked:
        groups.setdefault((file, lifts), []).append(column)
    first, *others = [
        (file, ", ".join(f'"{column}"' for column in dict.fromkeys(columns)), lifts)
        for (file, lifts), columns in groups.items()
    ]
    file, columns, lifts = first
    text = PASTE.format(file=file, columns=columns, lifts=lifts, because=LIFTABLE[lifts], today=datetime.date.today())
    more = [f'likewise: file = "{file}", columns = [{columns}], lifts = "{lifts}"'
            for file, columns, lifts in others[:LIKEWISE]]
    more += [f"and {len(others) - LIKEWISE} more decisions like these"] if len(others) > LIKEWISE else []
    return "\n".join([text, *more])
