"""Clean controls: studies as clinics hand them over, which must be read with exactly the values that were written."""

from corpus.kinds import kind

SEPARATORS = {"A01": ("commas", ","), "A03": ("semicolons", ";"), "A04": ("tabs", "\t"), "A05": ("bars", "|")}


def _separated(separator):
    def make(clinic, folder):
        clinic.write(folder, {table.path: table.text(separator) for table in clinic.tables.values()})
        return clinic.loads()

    return make


for _id, (_title, _separator) in SEPARATORS.items():
    kind(_id, f"fields separated by {_title}")(_separated(_separator))


def _encoded(change):
    def make(clinic, folder):
        clinic.write(folder, {table.path: change(table.text()) for table in clinic.tables.values()})
        return clinic.loads()

    return make


kind("A02", "a byte order mark")(_encoded(lambda text: b"\xef\xbb\xbf" + text.encode()))
kind("A06", "lines that end as on Windows")(_encoded(lambda text: text.replace("\n", "\r\n")))
kind("A07", "no line end at the end")(_encoded(lambda text: text.rstrip("\n")))
kind("A08", "blank lines at the end")(_encoded(lambda text: text + "\n\n  \n"))
kind("A09", "UTF-16 with its mark")(_encoded(lambda text: text.encode("utf-16")))
kind("A10", "every field quoted")(
    _encoded(
        lambda text: "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in text.splitlines()) + "\n"
    )
)


@kind("A11", "decimal commas")
def decimal_commas(clinic, folder):
    name, header = clinic.header("ODI")
    for row in range(len(clinic.tables[name].rows)):
        if clinic.get(name, header, row):
            half = f"{clinic.get(name, header, row)},5"
            visit = clinic.columns(name)[header].get("visit") or clinic.get(name, clinic.names["visit"], row)
            clinic.truth["outcomes"][clinic.get(name, clinic.names["patient"], row), visit, "ODI"] += 0.5
            clinic.set(name, header, row, half)
    clinic.write(folder, {clinic.tables[name].path: clinic.tables[name].text(";")})
    return clinic.loads()


@kind("A12", "treatment sessions with therapists and harms")
def sessions(clinic, folder):
    clinic.with_sessions().write(folder)
    return clinic.loads()


@kind("A13", "medicines at every visit")
def medicines(clinic, folder):
    clinic.with_medicines().write(folder)
    return clinic.loads()


@kind("A14", "columns that study.toml does not map")
def unmapped(clinic, folder):
    for name in list(clinic.tables):
        clinic.add_column(name, "remark_code", [str(clinic.dice.randrange(4)) for _ in clinic.tables[name].rows])
    clinic.write(folder)
    return clinic.loads()


@kind("A15", "a declared code for missing")
def declared_missing(clinic, folder):
    code = clinic.dice.choice(("99", "-999", "NA", ".", "n/a", "k.A."))
    clinic.declared["files"]["outcomes"]["missing"] = [code]
    for cells in clinic.tables["outcomes"].rows:
        cells[:] = [cell or code for cell in cells]
    clinic.write(folder)
    return clinic.loads()


@kind("A16", "pseudonyms with leading zeros and like numbers of science")
def zeros(clinic, folder):
    styles = (
        "1E05",
        "1E5",
        "100000",
        "007",
        "7",
        "07",
        "0x10",
        "16",
        "1_0",
        "10",
        "1e1",
        "TRUE",
        "NA",
        "None",
        "inf",
        "nan",
    )
    renumber(clinic, dict(zip(clinic.ids, styles, strict=False)))
    clinic.write(folder)
    return clinic.loads()


def renumber(clinic, new):
    for name, table in clinic.tables.items():
        for row in range(len(table.rows)):
            old = clinic.get(name, clinic.names["patient"], row)
            clinic.set(name, clinic.names["patient"], row, new.get(old, old))
    for facts in clinic.truth.values():
        for key in list(facts):
            place = key if isinstance(key, str) else key[0]
            if place in new:
                facts[new[place] if isinstance(key, str) else (new[place], *key[1:])] = facts.pop(key)


@kind("A17", "pseudonyms longer than numbers are exact")
def long_pseudonyms(clinic, folder):
    renumber(
        clinic,
        {old: f"90071992547{number:02d}9{clinic.dice.randrange(10**5):05d}" for number, old in enumerate(clinic.ids)},
    )
    clinic.write(folder)
    return clinic.loads()


@kind("A18", "an age band for the oldest")
def oldest(clinic, folder):
    name, header, row = clinic.pick("age")
    clinic.set(name, header, row, "90+")
    clinic.truth["patients"][clinic.get(name, clinic.names["patient"], row)]["age"] = 90.0
    clinic.write(folder)
    return clinic.loads()


@kind("A19", "blanks around cells and headers")
def padded(clinic, folder):
    for table in clinic.tables.values():
        table.header = [f" {header} " for header in table.header]
        table.rows = [[f"{cell}  " for cell in cells] for cells in table.rows]
    clinic.write(folder)
    return clinic.loads()


@kind("A20", "columns in another order, rows shuffled")
def shuffled(clinic, folder):
    for table in clinic.tables.values():
        order = clinic.dice.sample(range(len(table.header)), len(table.header))
        table.header = [table.header[place] for place in order]
        table.rows = [[cells[place] for place in order] for cells in table.rows]
        clinic.dice.shuffle(table.rows)
    clinic.write(folder)
    return clinic.loads()


@kind("A21", "Excel's own first line that announces the separator")
def announced(clinic, folder):
    clinic.write(folder, {table.path: "sep=;\r\n" + table.text(";", "\r\n") for table in clinic.tables.values()})
    return clinic.loads()


@kind("A22", "pain in millimetres, declared")
def millimetres(clinic, folder):
    for header, column in clinic.columns("outcomes").items():
        if column.get("instrument") == "NRS":
            column["unit"] = "mm"
            for row in range(len(clinic.tables["outcomes"].rows)):
                cell = clinic.get("outcomes", header, row)
                clinic.set("outcomes", header, row, cell and str(int(cell) * 10))
    clinic.write(folder)
    return clinic.loads()


@kind("A23", "headers with blanks, accents and signs")
def odd_headers(clinic, folder):
    for name, header in (clinic.header("NRS"), clinic.header("ODI"), clinic.header("age")):
        clinic.rename(
            name, header, header + clinic.dice.choice((" (0-10)", " [\u00e4]", " %", " #2", " \u2013 max", "/Tag"))
        )
    clinic.write(folder)
    return clinic.loads()


@kind("A24", "an arm whose code is NA")
def arm_called_na(clinic, folder):
    columns, header = clinic.columns("patients"), clinic.names["arm"]
    code = clinic.dice.choice(("NA", "None", "null", "nan"))
    columns[header]["values"] = {clinic.arm_codes[0]: "massage", code: "control"}
    for row in range(len(clinic.tables["patients"].rows)):
        if clinic.get("patients", header, row) == clinic.arm_codes[1]:
            clinic.set("patients", header, row, code)
    clinic.write(folder)
    return clinic.loads()
