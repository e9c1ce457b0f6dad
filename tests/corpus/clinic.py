"""An invented clinic's study: its tables as they are exported, its study.toml, and what was meant by each cell."""

import copy
import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

from studies import as_toml

from corpus.kinds import EITHER, LOAD, REFUSE, Expected
from corpus.vocabulary import ARMS, DAYS, SEXES, SITES, TECHNIQUES, VISITS, choose_headers, make_pseudonyms

FILES = ("patients", "outcomes", "sessions", "medicines")


@dataclass
class Table:
    """One exported table. Row 0 stands in line 2, under the header."""

    path: str
    header: list
    rows: list = field(repr=False)

    def place(self, header):
        return self.header.index(header)

    def text(self, separator=",", end="\n"):
        """Return the table as delimited text, quoted where that is needed."""
        file = io.StringIO(newline="")
        csv.writer(file, delimiter=separator, lineterminator=end).writerows([self.header, *self.rows])
        return file.getvalue()


class Clinic:
    """A valid study of 24 to 40 patients, that a kind of input bends.

    names     meaning -> header; of an outcome in a wide file a list of (visit, header)
    tables    "patients", "outcomes", and where asked for "sessions" and "medicines" -> Table
    declared  study.toml as a dict
    truth     what was meant: "patients" {id: facts}, "outcomes" {(id, visit, instrument): value}, "sessions" and
              "medicines" likewise
    """

    def __init__(self, dice):
        self.dice, self.names = dice, choose_headers(dice)
        self.wide = dice.random() < 0.5
        self.visits, self.arm_codes = dice.choice(VISITS), dice.choice(ARMS)
        self.sexes, self.sites = dice.choice(SEXES), dice.choice(SITES)
        self.ids = make_pseudonyms(dice, dice.randrange(12, 20) * 2)
        dice.shuffle(self.ids)
        self.tables, self.truth = {}, {name: {} for name in FILES}
        self.declared = self._declare()
        self._add_patients()
        self._add_wide() if self.wide else self._add_long()

    def _declare(self):
        arms = {
            "massage": {"label": "Medical massage", "technique": "medical-massage"},
            "control": {
                "label": "Usual care",
                "technique": "usual-care",
                "comparator_class": "usual-care",
                "reference": True,
            },
        }
        visits = [{"name": name, "day": day} for name, day in zip(self.visits, DAYS, strict=True)]
        return {
            "title": "A corpus study",
            "design": "randomised",
            "simulated": True,
            "primary_visit": self.visits[-1],
            "condition": "low-back-pain",
            "arms": arms,
            "visits": visits,
            "files": {},
        }

    def _add_patients(self):
        dice, names = self.dice, self.names
        rows = []
        for number, patient in enumerate(self.ids):
            arm, sex, age = number % 2, dice.randrange(2), dice.randrange(19, 84)
            site = dice.choice(self.sites)
            rows.append([patient, self.arm_codes[arm], str(age), self.sexes[sex], site])
            self.truth["patients"][patient] = {
                "arm": ("massage", "control")[arm],
                "age": float(age),
                "sex": ("female", "male")[sex],
                "site": site,
            }
        self.map(
            "patients",
            "people.csv",
            rows,
            {
                names["patient"]: {"means": "patient"},
                names["arm"]: {
                    "means": "arm",
                    "values": dict(zip(self.arm_codes, ("massage", "control"), strict=True)),
                },
                names["age"]: {"means": "age"},
                names["sex"]: {"means": "sex", "values": dict(zip(self.sexes, ("female", "male"), strict=True))},
                names["site"]: {"means": "site"},
            },
        )

    def _measured(self, patient, visit):
        """Return the cells of NRS and ODI of a patient at a visit; a tenth were not measured."""
        cells = []
        for instrument, value in (("NRS", self.dice.randrange(0, 11)), ("ODI", self.dice.randrange(4, 96))):
            lost = self.dice.random() < 0.1
            cells.append("" if lost else str(value))
            if not lost:
                self.truth["outcomes"][patient, visit, instrument] = float(value)
        return cells

    def _add_long(self):
        names, pairs = self.names, [(patient, visit) for patient in self.ids for visit in self.visits]
        rows = [[patient, visit, *self._measured(patient, visit)] for patient, visit in pairs]
        self.map(
            "outcomes",
            "scores.csv",
            rows,
            {
                names["patient"]: {"means": "patient"},
                names["visit"]: {"means": "visit"},
                names["NRS"]: {"means": "outcome", "instrument": "NRS"},
                names["ODI"]: {"means": "outcome", "instrument": "ODI"},
            },
        )

    def _add_wide(self):
        columns = {self.names["patient"]: {"means": "patient"}}
        for number, visit in enumerate(self.visits):
            for instrument in ("NRS", "ODI"):
                header = f"{self.names[instrument]}_{number}"
                columns[header] = {"means": "outcome", "instrument": instrument, "visit": visit}
        rows = [[patient, *sum((self._measured(patient, visit) for visit in self.visits), [])] for patient in self.ids]
        self.map("outcomes", "scores.csv", rows, columns)

    def with_sessions(self):
        """Add a table of treatment sessions."""
        dice, names, rows = self.dice, self.names, []
        for patient in self.ids[::2]:
            for number in range(1, dice.randrange(3, 7)):
                word, minutes, who = (
                    dice.choice(list(TECHNIQUES)),
                    dice.choice((20, 30, 45, 60)),
                    f"T{dice.randrange(1, 5)}",
                )
                harm = dice.choice(("none",) * 8 + ("mild",))
                rows.append([patient, str(number), word, str(minutes), who, harm])
                self.truth["sessions"][patient, float(number)] = {
                    "technique": TECHNIQUES[word],
                    "minutes": float(minutes),
                    "therapist": who,
                    "adverse_event": harm,
                }
        words = ("patient", "session", "technique", "minutes", "therapist", "adverse_event")
        self.map("sessions", "sessions.csv", rows, {names[word]: {"means": word} for word in words})
        self.declared["technique_words"] = dict(TECHNIQUES)
        return self

    def with_medicines(self):
        """Add a table of medicines taken at each visit, doses in mg."""
        dice, names, rows = self.dice, self.names, []
        for patient in self.ids:
            for visit, day in zip(self.visits, DAYS, strict=True):
                drug, dose, times = (
                    dice.choice(("tramadol", "oxycodone", "ibuprofen")),
                    dice.choice((5, 10, 50, 100)),
                    dice.randrange(1, 4),
                )
                rows.append([patient, visit, drug, str(dose), str(times)])
                self.truth["medicines"][patient, float(day)] = {
                    "drug": drug,
                    "dose": float(dose),
                    "times_a_day": float(times),
                }
        columns = {names[word]: {"means": word} for word in ("patient", "visit", "drug", "dose", "times_a_day")}
        self.map("medicines", "medicines.csv", rows, {**columns, names["dose"]: {"means": "dose", "unit": "mg"}})
        return self

    def map(self, name, path, rows, columns):
        """Add a table with its entry in study.toml."""
        self.tables[name] = Table(path, list(columns), rows)
        self.declared["files"][name] = {"path": path, "columns": columns}

    def columns(self, name):
        return self.declared["files"][name]["columns"]

    def header(self, meaning):
        """Return (table's name, header) of a column that means `meaning` or holds that instrument, one of them."""
        found = [
            (name, header)
            for name in self.tables
            for header, column in self.columns(name).items()
            if meaning in (column["means"], column.get("instrument")) and header in self.tables[name].header
        ]
        own = [each for each in found if each[0] != "patients"] if meaning != "patient" else found[:1]
        return self.dice.choice(own or found)

    def pick(self, meaning):
        """Return (table's name, header, row) of one cell that is not empty."""
        name, header = self.header(meaning)
        table = self.tables[name]
        place = table.place(header)
        return name, header, self.dice.choice([row for row, cells in enumerate(table.rows) if cells[place]])

    def get(self, name, header, row):
        table = self.tables[name]
        return table.rows[row][table.place(header)]

    def set(self, name, header, row, text):
        table = self.tables[name]
        table.rows[row][table.place(header)] = text

    def rename(self, name, old, new):
        """Give a column another header, in the file and in study.toml."""
        table, columns = self.tables[name], self.columns(name)
        table.header[table.place(old)] = new
        self.declared["files"][name]["columns"] = {
            new if each == old else each: column for each, column in columns.items()
        }

    def add_column(self, name, header, cells, column=None):
        """Add a column to a table; with `column` it is mapped."""
        self.tables[name].header.append(header)
        for row, cell in zip(self.tables[name].rows, cells, strict=True):
            row.append(cell)
        if column is not None:
            self.columns(name)[header] = column

    def rename_file(self, name, path):
        self.tables[name].path = self.declared["files"][name]["path"] = path

    def write(self, folder, files=None, declaration=None):
        """Write the study. files: path -> bytes or text in place of (or beside) the tables'; None leaves one out."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        made = {table.path: table.text() for table in self.tables.values()} | (files or {})
        for path, content in made.items():
            if content is not None:
                raw = content.encode() if isinstance(content, str) else content
                (folder / path).write_bytes(raw)
        text = as_toml(self.declared) if declaration is None else declaration
        (folder / "study.toml").write_bytes(text.encode() if isinstance(text, str) else text)

    def refused(self, name=None, column=None, lines=(), secrets=(), codes=(1,)):
        """What is expected of a study that must not be read. name: of the table at fault."""
        file = self.tables[name].path if name else None
        return Expected(REFUSE, codes, file, column, tuple(lines), tuple(secrets))

    def loads(self):
        return Expected(LOAD, truth=copy.deepcopy(self.truth))

    def either(self, name=None, column=None, lines=(), secrets=(), codes=(1,)):
        file = self.tables[name].path if name else None
        return Expected(EITHER, codes, file, column, tuple(lines), tuple(secrets), truth=copy.deepcopy(self.truth))

    def where(self, name, row):
        """Return what may stand for a row in a message: its line or row, and its number among the records."""
        return (row + 2, row + 1)
