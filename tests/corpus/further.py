"""Kinds that no catalogue lists: what else clinics, spreadsheets and people do to a table."""

from corpus.kinds import kind
from corpus.records import CODES


@kind("U200", "a second table beside the first")
def beside(clinic, folder):
    table = clinic.tables["patients"]
    rows = [[*cells, "", "Mean", "4"] if place < 3 else [*cells, "", "", ""] for place, cells in enumerate(table.rows)]
    table.header, table.rows = [*table.header, "", "Summary", "Value"], rows
    clinic.write(folder)
    return clinic.loads()


@kind("U201", "a header of two rows")
def two_rows(clinic, folder):
    table = clinic.tables["outcomes"]
    top = ["", *("Pain" for _ in table.header[1:])]
    clinic.write(folder, {table.path: ",".join(top) + "\n" + table.text()})
    return clinic.either("outcomes")


@kind("U202", "values filled in only where they change")
def not_filled(clinic, folder):
    table = clinic.tables["outcomes"]
    rows = [row for row in range(1, len(table.rows)) if table.rows[row][0] == table.rows[row - 1][0]]
    if clinic.wide:
        rows = range(1, len(table.rows), 2)
    for row in rows:
        clinic.set("outcomes", clinic.names["patient"], row, "")
    clinic.write(folder)
    return clinic.refused("outcomes", clinic.names["patient"], [row + 2 for row in rows])


@kind("U203", "ditto marks")
def ditto(clinic, folder):
    row = clinic.dice.randrange(1, len(clinic.tables["outcomes"].rows))
    clinic.set("outcomes", clinic.names["patient"], row, clinic.dice.choice(('"', "do.", "''", "\u3003")))
    clinic.write(folder)
    return clinic.refused("outcomes", lines=clinic.where("outcomes", row), codes=CODES)


@kind("U204", "a colour's legend under the table")
def legend(clinic, folder):
    table = clinic.tables["outcomes"]
    clinic.write(folder, {table.path: table.text() + "yellow = to be checked\n"})
    return clinic.refused("outcomes", lines=(len(table.rows) + 2,), codes=CODES)


@kind("U205", "a row of dashes under the header")
def ruled(clinic, folder):
    table = clinic.tables["outcomes"]
    table.rows.insert(0, ["---"] * len(table.header))
    clinic.write(folder)
    return clinic.refused("outcomes", lines=(2,), codes=CODES)


@kind("U206", "visits in other words in one row")
def other_visit(clinic, folder):
    if clinic.wide:
        return _loads(clinic, folder)
    name, header, row = clinic.pick("visit")
    clinic.set(name, header, row, clinic.get(name, header, row) + clinic.dice.choice((" (phone)", "*", " - late")))
    clinic.write(folder)
    return clinic.refused(name, header, clinic.where(name, row), codes=CODES)


def _loads(clinic, folder):
    clinic.write(folder)
    return clinic.loads()


@kind("U207", "a visit's name in other case")
def visit_case(clinic, folder):
    if clinic.wide:
        return _loads(clinic, folder)
    name, header, row = clinic.pick("visit")
    clinic.set(name, header, row, clinic.get(name, header, row).swapcase())
    clinic.write(folder)
    return clinic.either(name, header, clinic.where(name, row), codes=CODES)


@kind("U208", "a cell above any number's precision")
def precise(clinic, folder):
    name, header, row = clinic.pick("ODI")
    text = clinic.get(name, header, row)
    clinic.set(name, header, row, text + "." + "0" * 40)
    clinic.write(folder)
    return clinic.either(name, header, clinic.where(name, row), codes=CODES)


@kind("U209", "all outcomes empty")
def all_empty(clinic, folder):
    for header, column in clinic.columns("outcomes").items():
        if column["means"] == "outcome":
            for row in range(len(clinic.tables["outcomes"].rows)):
                clinic.set("outcomes", header, row, "")
    clinic.truth["outcomes"], clinic.truth["patients"] = {}, {}
    clinic.write(folder)
    return clinic.either("outcomes")


@kind("U210", "two sexes' codes exchanged in study.toml by case")
def sex_case(clinic, folder):
    name, header, row = clinic.pick("sex")
    clinic.set(name, header, row, clinic.dice.choice(("X", "?", "0/1", "mf", "divers-?")))
    clinic.write(folder)
    return clinic.refused(name, header, clinic.where(name, row), codes=CODES)


@kind("U211", "half of the patients' outcomes in a second copy of the file with other values")
def two_copies(clinic, folder):
    table = clinic.tables["outcomes"]
    lines = table.text().splitlines()
    clinic.declared["files"]["more"] = {"path": "copy.csv", "columns": dict(clinic.columns("outcomes"))}
    clinic.write(folder, {"copy.csv": "\n".join(lines)})
    return clinic.refused(codes=CODES)


@kind("U212", "a patient number that is unique only within a site, not declared")
def within_site(clinic, folder):
    table = clinic.tables["patients"]
    table.rows.append(list(table.rows[0]))
    place = table.place(clinic.names["site"])
    table.rows[-1][place] = next(each for each in clinic.sites if each != table.rows[0][place])
    clinic.write(folder)
    return clinic.refused("patients", lines=(len(table.rows) + 1, 2))


@kind("U213", "a wide table of sixty visits that are not declared")
def many_visits(clinic, folder):
    for number in range(60):
        clinic.add_column(
            "outcomes", f"extra_{number}", [str(clinic.dice.randrange(11)) for _ in clinic.tables["outcomes"].rows]
        )
    clinic.write(folder)
    return clinic.loads()


@kind("U214", "outcomes measured in text with a unit in the header")
def header_unit(clinic, folder):
    name, header = clinic.header("ODI")
    clinic.rename(name, header, f"{header} [%]")
    return _loads(clinic, folder)


@kind("U215", "a boolean written in words as the arm")
def boolean_arm(clinic, folder):
    header = clinic.names["arm"]
    clinic.columns("patients")[header]["values"] = {"TRUE": "massage", "FALSE": "control"}
    for cells in clinic.tables["patients"].rows:
        place = clinic.tables["patients"].place(header)
        cells[place] = "TRUE" if cells[place] == clinic.arm_codes[0] else "FALSE"
    clinic.write(folder)
    return clinic.loads()


@kind("U216", "right-to-left text in a category")
def right_to_left(clinic, folder):
    cells = [clinic.dice.choice(("\u05db\u05df", "\u05dc\u05d0")) for _ in clinic.ids]
    clinic.add_column("patients", "sport", cells, {"means": "covariate", "name": "sport", "kind": "category"})
    for cell, facts in zip(cells, clinic.truth["patients"].values(), strict=True):
        facts["sport"] = cell
    clinic.write(folder)
    return clinic.either("patients", codes=CODES)


@kind("U217", "a patient's outcomes at a visit in two rows, half in each")
def halves(clinic, folder):
    table = clinic.tables["outcomes"]
    row = next(place for place, cells in enumerate(table.rows) if all(cells))
    first, second = list(table.rows[row]), list(table.rows[row])
    first[-1], second[-2] = "", ""
    if clinic.wide:
        second[1:-2] = [""] * len(second[1:-2])
    table.rows[row] = first
    table.rows.append(second)
    clinic.write(folder)
    return clinic.either("outcomes", lines=(row + 2, len(table.rows) + 1))


@kind("U218", "decimal points in one column and commas in another")
def two_marks(clinic, folder):
    for meaning, mark in (("NRS", "5.5"), ("ODI", "7,5")):
        name, header, row = clinic.pick(meaning)
        clinic.set(name, header, row, mark)
    clinic.write(folder, {clinic.tables["outcomes"].path: clinic.tables["outcomes"].text(";")})
    return clinic.refused(name, header, clinic.where(name, row), codes=CODES)


@kind("U219", "thousands with points among plain numbers")
def pointed_thousands(clinic, folder):
    clinic.with_medicines()
    header = clinic.names["dose"]
    clinic.set("medicines", header, 0, "1.200,5")
    clinic.write(folder, {"medicines.csv": clinic.tables["medicines"].text(";")})
    return clinic.refused("medicines", header, (2,), codes=CODES)


@kind("U220", "thousands with commas")
def comma_thousands(clinic, folder):
    clinic.with_medicines()
    header = clinic.names["dose"]
    clinic.set("medicines", header, 0, "1,200")
    clinic.write(folder)
    return clinic.refused("medicines", codes=CODES)


@kind("U221", "an age in years and months")
def years_and_months(clinic, folder):
    name, header, row = clinic.pick("age")
    clinic.set(name, header, row, clinic.dice.choice(("45;6", "45y 6m", "45 yrs", "45 J.", "circa 45", "40-49")))
    clinic.write(folder)
    return clinic.refused(name, header, clinic.where(name, row), codes=CODES)


@kind("U222", "a code declared missing that is also a value's")
def missing_and_value(clinic, folder):
    name, header = clinic.header("sex")
    clinic.declared["files"][name].setdefault("columns", {})[header]["missing"] = [clinic.sexes[0]]
    clinic.write(folder)
    return clinic.refused(codes=CODES)
