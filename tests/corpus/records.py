"""Rows that contradict one another, identifiers that spreadsheets distort, units mixed up: V rows of the catalogue."""

from corpus.clean import renumber
from corpus.kinds import kind

CODES = (1, 3)


def _medicine(change, allowed):
    """A cell of the doses that is bent; change(cell) gives its text."""

    def make(clinic, folder):
        clinic.with_medicines()
        header = clinic.names["dose"]
        row = clinic.dice.randrange(len(clinic.tables["medicines"].rows))
        clinic.set("medicines", header, row, change(clinic.get("medicines", header, row)))
        clinic.write(folder)
        tell = clinic.either if allowed else clinic.refused
        return tell("medicines", header, clinic.where("medicines", row), codes=CODES)

    return make


kind("V15", "a dose with its unit")(_medicine(lambda cell: f"{cell} mg", True))
kind("V16", "a dose nobody survives")(_medicine(lambda cell: "120000", False))
kind("V18", "a negative dose")(_medicine(lambda cell: f"-{cell}", False))
kind("U70", "two doses in a cell")(_medicine(lambda cell: f"{cell}-0-{cell}", False))
kind("U71", "a dose when needed")(_medicine(lambda cell: f"{cell} prn", False))


def _session(meaning, text, *, codes=CODES):
    """A cell of the sessions that is bent."""

    def make(clinic, folder):
        clinic.with_sessions()
        header = clinic.names[meaning]
        row = clinic.dice.randrange(len(clinic.tables["sessions"].rows))
        clinic.set("sessions", header, row, clinic.dice.choice(text))
        clinic.write(folder)
        return clinic.refused("sessions", header, clinic.where("sessions", row), codes=codes)

    return make


kind("V19", "a session of no possible length")(_session("minutes", ("-30", "100000", "14400")))
kind("V21", "a session's number that is none")(_session("session", ("0", "-1", "1.5", "first", "I")))
kind("V22", "a technique nobody knows")(_session("technique", ("bowen-xyz", "???", "massage/other")))
kind("U72", "a session's minutes as hours and minutes")(_session("minutes", ("0:45", "45'", "45 min", "3/4 h")))
kind("U73", "two therapists in a cell, by their names")(
    _session("therapist", ("Anna Meier", "Meier, Anna", "J. Novak"))
)


@kind("V23", "a scale of 0 to 100 mixed with one of 0 to 10")
def mixed_scales(clinic, folder):
    name, header, row = clinic.pick("NRS")
    at = []
    for each in range(len(clinic.tables[name].rows)):
        if clinic.dice.random() < 0.3 and clinic.get(name, header, each) not in ("", "0", "1"):
            clinic.set(name, header, each, clinic.get(name, header, each) + "0")
            at += clinic.where(name, each)
    clinic.write(folder)
    return clinic.refused(name, header, at) if at else clinic.loads()


@kind("V25", "a row twice")
def row_twice(clinic, folder):
    name = clinic.dice.choice(("patients", "outcomes"))
    row = clinic.dice.randrange(len(clinic.tables[name].rows))
    while name == "outcomes" and sum(map(bool, clinic.tables[name].rows[row])) < 4:
        row = clinic.dice.randrange(len(clinic.tables[name].rows))
    clinic.tables[name].rows.append(list(clinic.tables[name].rows[row]))
    clinic.write(folder)
    return clinic.either(name, lines=(*clinic.where(name, row), len(clinic.tables[name].rows) + 1))


@kind("V26", "two values for one patient and visit")
def conflicting(clinic, folder):
    row = next(cells for cells in clinic.tables["outcomes"].rows if all(cells))
    again = [*row[:-1], str((int(row[-1]) + 5) % 90)]
    clinic.tables["outcomes"].rows.append(again)
    clinic.write(folder)
    return clinic.refused("outcomes", lines=(len(clinic.tables["outcomes"].rows) + 1,))


def _again(meaning):
    """A patient who stands twice, with another arm (sex, age)."""

    def make(clinic, folder):
        table, header = clinic.tables["patients"], clinic.names[meaning]
        row = clinic.dice.randrange(len(table.rows))
        other = next(cells for cells in table.rows if cells[table.place(header)] != clinic.get("patients", header, row))
        table.rows.append(list(table.rows[row]))
        clinic.set("patients", header, len(table.rows) - 1, other[table.place(header)])
        clinic.write(folder)
        return clinic.refused("patients", lines=(len(table.rows) + 1, row + 2))

    return make


kind("V27", "a patient in two arms")(_again("arm"))
kind("V28", "a patient of two sexes")(_again("sex"))
kind("U74", "a patient of two ages")(_again("age"))


@kind("V29", "an arm in another spelling")
def arm_spelled(clinic, folder):
    name, header, row = clinic.pick("arm")
    cell = clinic.get(name, header, row)
    clinic.set(
        name, header, row, clinic.dice.choice((cell + "2", cell * 2, f"{cell}?", "control group", cell + "\u0430"))
    )
    clinic.write(folder)
    return clinic.refused(name, header, clinic.where(name, row), codes=CODES)


@kind("V30", "everybody in one arm")
def one_arm(clinic, folder):
    for row in range(len(clinic.tables["patients"].rows)):
        clinic.set("patients", clinic.names["arm"], row, clinic.arm_codes[0])
    for facts in clinic.truth["patients"].values():
        facts["arm"] = "massage"
    clinic.write(folder)
    return clinic.either("patients")


@kind("V31", "an arm without any outcome")
def silent_arm(clinic, folder):
    gone = {patient for patient, facts in clinic.truth["patients"].items() if facts["arm"] == "control"}
    clinic.tables["outcomes"].rows = [cells for cells in clinic.tables["outcomes"].rows if cells[0] not in gone]
    for name, place in (("patients", lambda key: key), ("outcomes", lambda key: key[0])):
        clinic.truth[name] = {key: value for key, value in clinic.truth[name].items() if place(key) not in gone}
    clinic.write(folder)
    return clinic.either("outcomes")


@kind("V33", "one patient")
def one_patient(clinic, folder):
    for table in clinic.tables.values():
        table.rows = [cells for cells in table.rows if cells[0] == clinic.ids[0]]
    clinic.truth["patients"] = {key: facts for key, facts in clinic.truth["patients"].items() if key == clinic.ids[0]}
    clinic.truth["outcomes"] = {key: each for key, each in clinic.truth["outcomes"].items() if key[0] == clinic.ids[0]}
    clinic.write(folder)
    return clinic.either("patients", codes=CODES)


def _identifiers(pairs, allowed=True):
    """Pseudonyms that readers merge or lose: loaded as the different texts that they are."""

    def make(clinic, folder):
        renumber(clinic, dict(zip(clinic.ids, pairs(clinic.dice), strict=False)))
        clinic.write(folder)
        return clinic.either("patients", codes=CODES)

    return make


for _id, _title, _pairs in (
    ("V38", "pseudonyms like numbers of science", lambda dice: ("1E05", "1e5", "1.0E5", "100000", "1E+05")),
    ("V39", "pseudonyms that differ in zeros", lambda dice: ("007", "7", "07", "0007", "7.0", "7.")),
    (
        "V40",
        "pseudonyms beyond exact numbers",
        lambda dice: ("9007199254740993", "9007199254740992", "9007199254740994"),
    ),
    ("V41", "pseudonyms that differ in case", lambda dice: ("ab12", "AB12", "Ab12")),
    ("V42", "pseudonyms that differ in a letter's sharpness", lambda dice: ("\u00c5x1", "Ax1", "Q\u00df1", "QSS1")),
    ("V43", "pseudonyms of look-alike letters", lambda dice: ("AB1", "\u0410B1", "\u0391B1")),
    (
        "U75",
        "pseudonyms that are words of programs",
        lambda dice: ("nan", "NULL", "None", "True", "inf", "#N/A", "NA", "-"),
    ),
    ("U76", "pseudonyms like formulas", lambda dice: ("=1+1", "+X1", "-X1", "@X1")),
    ("U77", "pseudonyms of blanks within", lambda dice: ("A 1", "A  1", "A1", "A_1", "A-1")),
    (
        "U78",
        "pseudonyms with separators in them",
        lambda dice: ("A,1", "A;1", 'A"1', "A'1", "A\\1", "A|1", "A%1", "A/1"),
    ),
    ("U79", "pseudonyms of other alphabets", lambda dice: ("\u03a91", "\u042f7", "\u0391\u03a99", "\u2460")),
):
    kind(_id, _title)(_identifiers(_pairs))


@kind("V45", "a pseudonym of a hundred thousand characters")
def endless(clinic, folder):
    renumber(clinic, {clinic.ids[0]: "Q" * 100_000})
    clinic.write(folder)
    return clinic.refused("patients", clinic.names["patient"], clinic.where("patients", 0), codes=CODES)


@kind("V46", "a row without a patient")
def nameless(clinic, folder):
    name = clinic.dice.choice(("patients", "outcomes"))
    row = clinic.dice.randrange(len(clinic.tables[name].rows))
    clinic.set(name, clinic.names["patient"], row, clinic.dice.choice(("", " ", "\u200b")))
    clinic.write(folder)
    return clinic.refused(name, clinic.names["patient"], clinic.where(name, row))


@kind("V32", "a patient who is not on the list")
def stranger(clinic, folder):
    row = clinic.dice.randrange(len(clinic.tables["outcomes"].rows))
    cells = clinic.tables["outcomes"].rows[row]
    cells[0] = clinic.dice.choice((cells[0] + "9", cells[0].lower() + "x", " 0" + cells[0]))
    clinic.write(folder)
    return clinic.refused("outcomes", lines=clinic.where("outcomes", row))


@kind("V34", "a patient without an arm")
def armless(clinic, folder):
    name, header, row = clinic.pick("arm")
    clinic.set(name, header, row, "")
    clinic.write(folder)
    return clinic.refused(name, lines=clinic.where(name, row))


@kind("V35", "a visit nobody planned")
def unplanned(clinic, folder):
    if clinic.wide:
        name, header, row = clinic.pick("sex")
    else:
        name, header, row = clinic.pick("visit")
    clinic.set(name, header, row, clinic.dice.choice(("week 13", "unscheduled", "V9")))
    clinic.write(folder)
    return clinic.refused(name, header, clinic.where(name, row), codes=CODES)


@kind("V36", "columns of a row moved by one")
def moved(clinic, folder):
    table = clinic.tables["patients"]
    row = clinic.dice.randrange(len(table.rows))
    table.rows[row] = table.rows[row][-1:] + table.rows[row][:-1]
    clinic.write(folder)
    return clinic.refused("patients", lines=clinic.where("patients", row), codes=CODES)


@kind("U80", "ages in days, undeclared")
def days_of_age(clinic, folder):
    header = clinic.names["age"]
    for row in range(len(clinic.ids)):
        clinic.set("patients", header, row, str(int(clinic.get("patients", header, row)) * 365))
    clinic.write(folder)
    return clinic.refused("patients", header, codes=CODES)


@kind("U81", "years of birth as ages")
def birth_years(clinic, folder):
    header = clinic.names["age"]
    for row in range(len(clinic.ids)):
        clinic.set("patients", header, row, str(2024 - int(clinic.get("patients", header, row))))
    clinic.write(folder)
    return clinic.refused("patients", header, codes=CODES)


@kind("U82", "two columns exchanged")
def exchanged(clinic, folder):
    table = clinic.tables["patients"]
    one, other = table.place(clinic.names["age"]), table.place(clinic.names["sex"])
    for cells in table.rows:
        cells[one], cells[other] = cells[other], cells[one]
    clinic.write(folder)
    return clinic.refused("patients", codes=CODES)


@kind("U83", "thousands with a point where commas are decimal")
def thousands(clinic, folder):
    clinic.with_medicines()
    header = clinic.names["dose"]
    clinic.set("medicines", header, 0, "1.200")
    clinic.set("medicines", header, 1, "2,5")
    clinic.write(folder, {"medicines.csv": clinic.tables["medicines"].text(";")})
    return clinic.refused("medicines", header, codes=CODES)


@kind("U84", "days before baseline")
def early(clinic, folder):
    clinic.with_sessions()
    days = [str(clinic.dice.randrange(1, 60)) for _ in clinic.tables["sessions"].rows]
    row = clinic.dice.randrange(len(days))
    days[row] = "-400"
    clinic.add_column("sessions", "study_day", days, {"means": "session_day"})
    clinic.write(folder)
    return clinic.either("sessions", "study_day", clinic.where("sessions", row), codes=CODES)


@kind("V42b", "a pseudonym whose letter is stored in two ways")
def decomposed(clinic, folder):
    renumber(clinic, {clinic.ids[0]: "\u00c5x1"})
    for cells in clinic.tables["outcomes"].rows:
        cells[0] = cells[0].replace("\u00c5", clinic.dice.choice(("A\u030a", "\u212b")))
    clinic.write(folder)
    return clinic.either("outcomes")
