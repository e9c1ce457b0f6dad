"""Everything in one long table, as most exports are: a row a patient and visit, with what is constant repeated."""

from corpus.kinds import kind


def join(clinic):
    """Return the number of the joined table's rows; the clinic then has one file, `outcomes`, long."""
    names, people = clinic.names, clinic.tables.pop("patients")
    columns = clinic.declared["files"].pop("patients")["columns"]
    clinic.tables.pop("outcomes")
    clinic.declared["files"].pop("outcomes")
    rows = []
    for cells in people.rows:
        for visit in clinic.visits:
            found = [clinic.truth["outcomes"].get((cells[0], visit, name)) for name in ("NRS", "ODI")]
            rows.append([*cells, visit, *("" if value is None else f"{value:g}" for value in found)])
    clinic.map(
        "outcomes",
        "export.csv",
        rows,
        {
            **columns,
            names["visit"]: {"means": "visit"},
            names["NRS"]: {"means": "outcome", "instrument": "NRS"},
            names["ODI"]: {"means": "outcome", "instrument": "ODI"},
        },
    )
    return len(rows)


@kind("A40", "one long table")
def one_table(clinic, folder):
    join(clinic)
    clinic.write(folder)
    return clinic.loads()


@kind("A41", "one long table, its rows in any order")
def shuffled(clinic, folder):
    join(clinic)
    clinic.dice.shuffle(clinic.tables["outcomes"].rows)
    clinic.write(folder)
    return clinic.loads()


def _changed(meaning, text):
    """One row of a patient says something else than the others."""

    def make(clinic, folder):
        row = clinic.dice.randrange(join(clinic))
        header = clinic.names[meaning]
        old = clinic.get("outcomes", header, row)
        clinic.set("outcomes", header, row, text(clinic, old))
        clinic.write(folder)
        rows = [each for each in range(row - row % 3, row - row % 3 + 3)]
        return clinic.refused("outcomes", header, [each + 2 for each in rows])

    return make


kind("U230", "an arm that changes between visits")(
    _changed("arm", lambda clinic, old: next(each for each in clinic.arm_codes if each != old))
)
kind("U231", "an age that changes by ten years")(
    _changed("age", lambda clinic, old: str(int(old) - 10 if int(old) > 40 else int(old) + 10))
)
kind("U232", "a sex that changes")(
    _changed("sex", lambda clinic, old: next(each for each in clinic.sexes if each != old))
)
kind("U233", "a site that changes")(
    _changed("site", lambda clinic, old: next(each for each in clinic.sites if each != old))
)
kind("U234", "an age in one row that is none")(_changed("age", lambda clinic, old: "x"))


@kind("U235", "a visit twice with other values")
def visit_twice(clinic, folder):
    join(clinic)
    table = clinic.tables["outcomes"]
    row = next(place for place, cells in enumerate(table.rows) if all(cells))
    table.rows.append([*table.rows[row][:-1], str((int(table.rows[row][-1]) + 7) % 95)])
    clinic.write(folder)
    return clinic.refused("outcomes", lines=(row + 2, len(table.rows) + 1))


@kind("U236", "constants written in a patient's first row alone")
def written_once(clinic, folder):
    count = join(clinic)
    for row in range(count):
        if row % 3:
            for meaning in ("arm", "age", "sex", "site"):
                clinic.set("outcomes", clinic.names[meaning], row, "")
    clinic.write(folder)
    return clinic.either("outcomes")


@kind("U237", "a mean under each patient's rows")
def subtotals(clinic, folder):
    join(clinic)
    table = clinic.tables["outcomes"]
    table.rows.insert(3, [*table.rows[0][:5], "Mean", "5", "40"])
    clinic.write(folder)
    return clinic.refused("outcomes", clinic.names["visit"], (5,))


def _respelled(meaning):
    """A word of the clinic's own in another spelling, as people type it."""

    def make(clinic, folder):
        join(clinic)
        header = clinic.names[meaning]
        named = {"site": ("Nord", "Sued"), "patient": None}[meaning]
        table = clinic.tables["outcomes"]
        if named:
            for cells in table.rows:
                place = table.place(header)
                cells[place] = dict(zip(clinic.sites, named, strict=True))[cells[place]]
        else:
            for cells in table.rows:
                cells[0] = "Ka" + cells[0]
        row = clinic.dice.randrange(len(table.rows))
        old = clinic.get("outcomes", header, row)
        new = clinic.dice.choice(
            (old.upper(), old[0].lower() + old[1:], old.replace("a", "\u0430").replace("o", "\u043e"))
        )
        new = old.lower() if new == old else new
        clinic.set("outcomes", header, row, new)
        clinic.write(folder)
        return clinic.refused("outcomes", header, [row - row % 3 + each + 2 for each in range(3)], codes=(1, 3))

    return make


kind("U238", "a site in another spelling")(_respelled("site"))
kind("U239", "a pseudonym in another spelling")(_respelled("patient"))
