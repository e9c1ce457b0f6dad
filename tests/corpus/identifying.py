"""What identifies a person: N rows of the catalogue. Its words are chosen apart from the gate's own lists."""

import hashlib

from corpus.kinds import kind

GIVEN = (
    "Ama Bram Chidi Dagny Eero Farida Gunnar Hye Ilse Jamal "
    "Kwame Linh Mireille Nkechi Oskar Priya Rosalind Svetlana Tomasz Wanjiru"
).split()
FAMILY = (
    "Abernathy Bjornson Castellanos Dlamini Eriksson Fitzgerald Guerrero Hakobyan Ivanova Johansson "
    "Kowalczyk Lindqvist Mwangi Nakamura Okonkwo Petrosyan Quispe Rasmussen Szymanski Villanueva"
).split()
STREETS = "Mulberry Lane,Ocean Drive,Kirchgasse,Lindenstrasse,Elm Street,Rue de la Paix,Calle Mayor,Harbour Road".split(
    ","
)
CITIES = "Springfield Tuebingen Lyon Salamanca Aberdeen Groningen Uppsala Boise".split()
PROSE = (
    "fell from a ladder while painting the barn",
    "lives with her daughter since the spring",
    "works nights at the bakery in town",
    "was seen by the surgeon before the weekend",
    "prefers to be called by the neighbour",
)


def person(dice):
    return f"{dice.choice(GIVEN)} {dice.choice(FAMILY)}"


def ssn(dice):
    return f"{dice.randrange(100, 600)}-{dice.randrange(10, 99)}-{dice.randrange(1000, 9999)}"


def day(dice):
    return dice.randrange(1, 29), dice.randrange(1, 13), dice.randrange(1940, 2025)


def spelled(pattern):
    def make(dice):
        d, m, y = day(dice)
        months = "January February March April May June July August September October November December".split()
        german = "Januar Februar M\u00e4rz April Mai Juni Juli August September Oktober November Dezember".split()
        return pattern.format(
            d=d, m=m, y=y, yy=f"{y % 100:02d}", name=months[m - 1], short=months[m - 1][:3], german=german[m - 1]
        )

    return make


FULL = {  # a column full of it, under a name that says nothing: id -> (title, cell)
    "N01": ("names", person),
    "N02": ("names, family name first", lambda dice: f"{dice.choice(FAMILY)}, {dice.choice(GIVEN)}"),
    "N03": (
        "e-mail addresses",
        lambda dice: f"{dice.choice(GIVEN).lower()}.{dice.randrange(99)}@mail{dice.randrange(9)}.example.org",
    ),
    "N04": ("telephones with hyphens", lambda dice: f"{dice.randrange(201, 989)}-555-{dice.randrange(1000, 9999)}"),
    "N05": ("telephones of other countries", lambda dice: f"+49 171 {dice.randrange(10**6, 10**7)}"),
    "N06": ("social security numbers", ssn),
    "N07": ("streets", lambda dice: f"{dice.randrange(1, 300)} {dice.choice(STREETS[:2] + STREETS[4:5])}"),
    "N08": ("web addresses", lambda dice: f"https://portal.example.org/u/{dice.randrange(10**5)}"),
    "N09": (
        "addresses of computers",
        lambda dice: (
            f"{dice.randrange(33, 223)}.{dice.randrange(33, 255)}.{dice.randrange(33, 255)}.{dice.randrange(1, 255)}"
        ),
    ),
    "N10": ("places on the map", lambda dice: f"{dice.uniform(30, 60):.5f}, {dice.uniform(-9, 20):.5f}"),
    "N11": ("dates with points", spelled("{d:02d}.{m:02d}.{y}")),
    "N12": ("dates with slashes", spelled("{m}/{d}/{y}")),
    "N13": ("dates of the standard", spelled("{y}-{m:02d}-{d:02d}")),
    "N14": ("dates in words", spelled("{d} {name} {y}")),
    "N15": ("dates in German", spelled("{d}. {german} {y}")),
    "N16": ("dates as Excel writes them", spelled("{d}-{short}-{yy}")),
    "N17": ("dates without marks", spelled("{y}{m:02d}{d:02d}")),
    "N18": ("dates with a time", spelled("{y}-{m:02d}-{d:02d}T10:30:00Z")),
    "N19": ("post codes of nine digits", lambda dice: f"{dice.randrange(10000, 99999)}-{dice.randrange(1000, 9999)}"),
    "N20": ("towns", lambda dice: dice.choice(CITIES)),
    "N21": ("free text", lambda dice: dice.choice(PROSE) + f" {dice.randrange(99)}"),
    "N22": ("bank accounts", lambda dice: "DE89370400440532013000"),
    "N23": ("addresses of network cards", lambda dice: ":".join(f"{dice.randrange(256):02x}" for _ in range(6))),
    "N24": (
        "Korean names",
        lambda dice: (
            dice.choice("\uae40\uc774\ubc15\ucd5c\uc815")
            + dice.choice(("\ubbfc\uc900", "\uc11c\uc5f0", "\uc9c0\ud6c8", "\ud558\uc740"))
        ),
    ),
    "N25": (
        "names in Cyrillic",
        lambda dice: (
            dice.choice(("\u0410\u043d\u043d\u0430", "\u0418\u0432\u0430\u043d"))
            + " "
            + dice.choice(("\u041f\u0435\u0442\u0440\u043e\u0432\u0430", "\u0421\u0438\u0434\u043e\u0440\u043e\u0432"))
        ),
    ),
    "N26": ("numbers of Medicare", lambda dice: f"1EG4-TE5-MK{dice.randrange(10, 99)}"),
    "N27": ("telephones of ten digits", lambda dice: f"212{dice.randrange(200, 999)}{dice.randrange(1000, 9999)}"),
    "U160": ("handles of networks", lambda dice: "@" + dice.choice(GIVEN).lower() + str(dice.randrange(99))),
    "U161": ("years of birth of the oldest", lambda dice: str(dice.randrange(1915, 1930))),
    "U162": ("months and years", spelled("{name} {y}")),
    "U163": (
        "dates with Roman months",
        lambda dice: f"{dice.randrange(1, 29)}.{dice.choice(('III', 'IV', 'XII'))}.{dice.randrange(1950, 2024)}",
    ),
    "U164": ("seconds since 1970", lambda dice: str(dice.randrange(1_500_000_000, 1_700_000_000))),
}


def _column(entry):
    def make(clinic, folder):
        cells = [entry(clinic.dice) for _ in clinic.tables["patients"].rows]
        header = clinic.dice.choice(("v17", "q3", "feld_b", "item9"))
        clinic.add_column("patients", header, cells, {"means": "covariate", "name": "further", "kind": "category"})
        clinic.write(folder)
        return clinic.refused("patients", header, codes=(3,), secrets=[cell for cell in cells[:5] if len(cell) > 5])

    return make


for _id, (_title, _entry) in FULL.items():
    kind(_id, f"a column of {_title}")(_column(_entry))


def _cell(entry, meaning):
    def make(clinic, folder):
        name, header, row = clinic.pick(meaning)
        text = entry(clinic.dice)
        clinic.set(name, header, row, text)
        clinic.write(folder)
        return clinic.refused(name, header, clinic.where(name, row), codes=(3,), secrets=(text,))

    return make


for _id, _title, _meaning, _entry in (
    ("N28", "an e-mail address among sites", "site", FULL["N03"][1]),
    ("N29", "a social security number among pseudonyms", "patient", ssn),
    ("N30", "a date among values", "NRS", FULL["N11"][1]),
    ("N31", "a telephone among ages", "age", FULL["N04"][1]),
    ("N32", "a name among sites", "site", person),
    (
        "N33",
        "an e-mail address obfuscated by signs that are not seen",
        "site",
        lambda dice: FULL["N03"][1](dice).replace("@", "\u200b@\u200b"),
    ),
    (
        "N34",
        "an e-mail address of full-width letters",
        "site",
        lambda dice: "".join(chr(ord(sign) + 0xFEE0) if sign.isalpha() else sign for sign in FULL["N03"][1](dice)),
    ),
    ("N35", "an age above 89", "age", lambda dice: str(dice.randrange(90, 106))),
    ("N36", "a web address among arms", "arm", FULL["N08"][1]),
    ("V48", "a day and month in unknown order", "NRS", spelled("{m:02d}/{d:02d}/{y}")),
    ("V50", "the 30th of February", "ODI", lambda dice: "30.02.2024"),
    ("V51", "a year of two digits", "ODI", spelled("{d:02d}.{m:02d}.{yy}")),
    ("V52", "a year to come", "ODI", lambda dice: "12.03.2206"),
    ("V53", "what Excel makes of a range", "NRS", lambda dice: dice.choice(("1-Mar", "3-Apr", "Mar-01", "05. Jun"))),
    ("V54", "a date with a time", "ODI", spelled("{y}-{m:02d}-{d:02d} 07:45")),
):
    kind(_id, _title)(_cell(_entry, _meaning))


@kind("V49", "days numbered as Excel does")
def serials(clinic, folder):
    cells = [str(clinic.dice.randrange(43000, 45500)) for _ in clinic.tables["patients"].rows]
    header = clinic.dice.choice(("visit_date", "datum", "date_seen", "fecha"))
    clinic.add_column("patients", header, cells, {"means": "covariate", "name": "further", "kind": "number"})
    clinic.write(folder)
    return clinic.refused("patients", header, codes=(3,), secrets=cells[:3])


def _weak(make_one):
    def make(clinic, folder):
        from corpus.clean import renumber

        new = {}
        while len(new) < len(clinic.ids):
            code = make_one(clinic.dice)
            if code not in new.values():
                new[clinic.ids[len(new)]] = code
        renumber(clinic, new)
        clinic.write(folder)
        return clinic.refused("patients", codes=(3,), secrets=list(new.values())[:5])

    return make


for _id, _title, _one in (
    (
        "N37",
        "initials and birth dates",
        lambda dice: "".join(dice.choice("ABDEGHJKLMRST") for _ in range(2)) + spelled("{d:02d}{m:02d}{y}")(dice),
    ),
    ("N38", "hashes of small numbers", lambda dice: hashlib.md5(str(dice.randrange(100_000)).encode()).hexdigest()),
    ("N39", "hashes of record numbers", lambda dice: hashlib.sha256(str(dice.randrange(10**6)).encode()).hexdigest()),
    ("N40", "numbers of records", lambda dice: f"MRN{dice.randrange(10**5, 10**6)}"),
    ("N41", "names", person),
    ("N42", "social security numbers without marks", lambda dice: ssn(dice).replace("-", "")),
    ("U165", "e-mail addresses", FULL["N03"][1]),
):
    kind(_id, f"pseudonyms that are {_title}")(_weak(_one))


def _announced(header, mapped):
    def make(clinic, folder):
        cells = [clinic.dice.choice("ABCD") for _ in clinic.tables["patients"].rows]
        column = {"means": "covariate", "name": "further", "kind": "category"}
        clinic.add_column("patients", header, cells, column if mapped else None)
        clinic.write(folder)
        return clinic.refused("patients", header, codes=(3,))

    return make


for _number, _header in enumerate(
    (
        "Patient Name",
        "date_of_birth",
        "Geburtsdatum",
        "apellidos",
        "nom_de_famille",
        "E-Mail",
        "SSN",
        "telefono",
        "\uc8fc\ubbfc\ub4f1\ub85d\ubc88\ud638",
        "medicalRecordNumber",
        "Adresse",
        "PLZ",
    )
):
    kind(f"N5{_number:02d}", f"a column called {_header}, not mapped")(_announced(_header, False))
for _number, _header in enumerate(("last_name", "Nachname", "MRN", "email_address")):
    kind(f"N6{_number:02d}", f"a column called {_header}, mapped")(_announced(_header, True))
