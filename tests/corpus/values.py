"""Cells that are not what the column means: V rows of the catalogue, and more of their like."""

from corpus.kinds import kind

WIDE_DIGITS = str.maketrans("0123456789", "".join(map(chr, range(0xFF10, 0xFF1A))))
ARABIC_DIGITS = str.maketrans("0123456789", "".join(map(chr, range(0x660, 0x66A))))
SUPERSCRIPTS = str.maketrans("0123456789", "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079")

NEVER = {  # a cell that no reader may take for a number: id -> (title, means, text or function of dice and the cell)
    "V01": ("pain above the scale", "NRS", lambda dice, cell: str(dice.randrange(11, 60))),
    "V02": ("pain below the scale", "NRS", lambda dice, cell: str(-dice.randrange(1, 9))),
    "V03": ("a share of the scale", "NRS", lambda dice, cell: f"{cell}/10"),
    "V04": ("a range", "NRS", lambda dice, cell: "6-8"),
    "V05": ("a number in words", "NRS", lambda dice, cell: dice.choice(("seven", "sieben", "siete", "sept"))),
    "V06": ("a decimal comma and a point in one column", "ODI", lambda dice, cell: "7,5"),
    "V07": ("an undeclared missing code", "NRS", lambda dice, cell: dice.choice(("99", "88", "77"))),
    "V08": ("a negative missing code", "ODI", lambda dice, cell: dice.choice(("-999", "-99", "-1", "-9"))),
    "V09": (
        "an error of a spreadsheet as text",
        "ODI",
        lambda dice, cell: dice.choice(("#DIV/0!", "#N/A", "#REF!", "#VALUE!")),
    ),
    "V10": ("infinity", "ODI", lambda dice, cell: dice.choice(("inf", "-inf", "Infinity", "\u221e"))),
    "V11": ("a number beyond floating point", "ODI", lambda dice, cell: "1e309"),
    "V14": ("digits grouped by underscores", "ODI", lambda dice, cell: "1_0"),
    "V17": ("a negative age", "age", lambda dice, cell: f"-{cell}"),
    "V20": ("an age of a child written in months", "age", lambda dice, cell: "18 months"),
    "U01": (
        "a comparison in place of a value",
        "NRS",
        lambda dice, cell: dice.choice(("<1", ">10", "\u22647", "~5", "ca. 5")),
    ),
    "U02": ("ten or more", "NRS", lambda dice, cell: dice.choice(("10+", "5-", "5++", "+/-5"))),
    "U03": ("a value with its unit", "ODI", lambda dice, cell: cell + dice.choice((" points", " Pkt.", " %", "pts"))),
    "U04": ("a percent sign", "ODI", lambda dice, cell: f"{cell}%"),
    "U05": ("a negative in brackets", "ODI", lambda dice, cell: f"({cell})"),
    "U06": ("a fraction", "NRS", lambda dice, cell: dice.choice(("1/2", "\u00bd", "6\u00bd", "3 1/2"))),
    "U07": ("a time of day", "NRS", lambda dice, cell: dice.choice(("10:30", "07:05", "1:30 pm"))),
    "U08": ("a duration", "NRS", lambda dice, cell: dice.choice(("1h 30m", "PT30M", "3 d", "0:45:00"))),
    "U09": ("a footnote's superscript", "ODI", lambda dice, cell: cell + "\u00b2"),
    "U10": (
        "a value with a doubt",
        "NRS",
        lambda dice, cell: dice.choice((f"{cell}?", f"{cell}*", f"{cell} (?)", f"[{cell}]")),
    ),
    "U11": ("two values in a cell", "ODI", lambda dice, cell: dice.choice(("40;45", "40 45", "40 / 45", "40 -> 45"))),
    "U12": ("a mixed boolean", "ODI", lambda dice, cell: dice.choice(("TRUE", "yes", "False", "wahr", "x"))),
    "U13": ("a number in base sixteen", "ODI", lambda dice, cell: dice.choice(("0x1F", "1Fh", "0b101", "0o17"))),
    "U14": ("letters that look like digits", "ODI", lambda dice, cell: dice.choice(("1O", "l2", "I5", "4S"))),
    "U15": ("a roman numeral", "NRS", lambda dice, cell: dice.choice(("VII", "\u2167", "iv"))),
    "U16": ("a Han numeral", "NRS", lambda dice, cell: dice.choice(("\u4e03", "\u516b"))),
    "U17": ("a value with its standard deviation", "ODI", lambda dice, cell: f"{cell} \u00b1 3"),
    "U18": ("two points in a number", "ODI", lambda dice, cell: "4.5.0"),
    "U19": ("a stray sign", "ODI", lambda dice, cell: dice.choice(("--5", "5-", "+-5", "- 5"))),
    "U20": ("an arithmetic expression", "ODI", lambda dice, cell: dice.choice(("20+5", "2*10", "=4+4", "10^1"))),
    "U21": (
        "thousands grouped by blanks",
        "ODI",
        lambda dice, cell: dice.choice(("1\u00a0250", "1 250", "1\u202f250", "1'250")),
    ),
    "U22": ("a currency", "ODI", lambda dice, cell: f"$ {cell}"),
    "U23": (
        "a structure of a program",
        "ODI",
        lambda dice, cell: dice.choice(("[40]", '{"v": 40}', "(40, 1)", "b'40'")),
    ),
    "U24": ("a complex number", "ODI", lambda dice, cell: dice.choice(("1+2j", "4i"))),
}
SPELLED = {  # a cell that means the same number in another spelling: read as that, or refused
    "V12": ("full-width digits", "NRS", lambda dice, cell: cell.translate(WIDE_DIGITS)),
    "V13": ("a true minus sign", "age", lambda dice, cell: f"+{cell}"),
    "U30": ("Arabic-Indic digits", "NRS", lambda dice, cell: cell.translate(ARABIC_DIGITS)),
    "U31": ("superscript digits", "NRS", lambda dice, cell: cell.translate(SUPERSCRIPTS)),
    "U32": ("blanks around a number, some of them invisible", "ODI", lambda dice, cell: f"\u00a0{cell}\u2009"),
    "U33": ("a mark of direction in a number", "ODI", lambda dice, cell: f"\u200f{cell}\u200e"),
    "U34": ("a zero behind the point", "ODI", lambda dice, cell: f"{cell}.0"),
    "U35": ("zeros before a number", "ODI", lambda dice, cell: f"00{cell}"),
    "U36": ("the notation of science", "ODI", lambda dice, cell: f"{cell}e0"),
    "U37": ("an apostrophe that Excel hides", "ODI", lambda dice, cell: f"'{cell}"),
    "U38": ("a number in quotation marks within quotation marks", "ODI", lambda dice, cell: f'"{cell}"'),
}
ABSENT = {  # words for `not measured`: read as that, or refused
    "V37": (
        "a word for missing",
        "ODI",
        (
            "NA",
            "N/A",
            "n/a",
            "nan",
            "NaN",
            "null",
            "NULL",
            "None",
            ".",
            "-",
            "--",
            "?",
            "missing",
            "k.A.",
            "fehlt",
            "nicht erhoben",
            "#NULL!",
            "nd",
        ),
    ),
    "U25": ("a blank that cannot be seen", "ODI", ("\u00a0", "\u200b", "\u2003", "\t", "\u3000", "\u2060")),
}


def _spoiled(entry, allowed):
    title, means, change = entry

    def make(clinic, folder):
        name, header, row = clinic.pick(means)
        text = change(clinic.dice, clinic.get(name, header, row))
        if means == "ODI" and "7,5" in text:  # beside numbers with points
            other = next(
                each for each in range(len(clinic.tables[name].rows)) if each != row and clinic.get(name, header, each)
            )
            clinic.set(name, header, other, "12.5")
        clinic.set(name, header, row, text)
        clinic.write(folder)
        secrets = (text,) if len(text) > 4 else ()
        tell = clinic.either if allowed else clinic.refused
        return tell(name, header, clinic.where(name, row), secrets, codes=(1, 3))

    return title, make


for _id, _entry in NEVER.items():
    _title, _make = _spoiled(_entry, allowed=False)
    kind(_id, _title)(_make)
for _id, _entry in SPELLED.items():
    _title, _make = _spoiled(_entry, allowed=True)
    kind(_id, _title)(_make)


def _absent(words):
    def make(clinic, folder):
        name, header, row = clinic.pick("ODI")
        patient = clinic.get(name, clinic.names["patient"], row)
        visit = clinic.columns(name)[header].get("visit") or clinic.get(name, clinic.names["visit"], row)
        clinic.set(name, header, row, clinic.dice.choice(words))
        del clinic.truth["outcomes"][patient, visit, "ODI"]
        clinic.write(folder)
        return clinic.either(name, header, clinic.where(name, row), codes=(1, 3))

    return make


for _id, (_title, _means, _words) in ABSENT.items():
    kind(_id, _title)(_absent(_words))
