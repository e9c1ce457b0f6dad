"""study.toml itself: misspelt, contradictory, full of what other formats execute: P04 to P14 of the catalogue."""

from studies import as_toml

from corpus.kinds import kind

CODES = (1, 2, 3)
BROKEN_CLAIMS = (b"\xff\xfe", "[claims", "claims = 1", "claims.x = 1", "contradictions = [1]", "[claims.x]\nfoo = 1")


def _text(change, codes=CODES, secrets=()):
    """The text of study.toml is bent: change(text, clinic) gives text or bytes."""

    def make(clinic, folder):
        clinic.write(folder, declaration=change(as_toml(clinic.declared), clinic))
        return clinic.refused(codes=codes, secrets=secrets)

    return make


BOMB = "a0 = ['x', 'x']\n" + "".join(f"a{n} = [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))
for _id, _title, _change in (
    ("P04", "YAML that swells", lambda text, c: BOMB),
    ("P05", "YAML that runs code", lambda text, c: f"title: !!python/object/apply:os.system ['touch {c.canary}']\n"),
    ("P06", "a key twice", lambda text, c: text + 'title = "again"\n'),
    ("P07", "a truth in YAML's spelling", lambda text, c: text.replace('"simulated" = true', '"simulated" = no')),
    ("P08", "a number as a word", lambda text, c: text + 'alpha = "0.05"x\n'),
    ("P08b", "a zero before a number", lambda text, c: text + "alpha = 010\n"),
    ("P09", "a misspelt key", lambda text, c: text + "condtion = 'x'\n"),
    ("P09b", "a misspelt key of a file", lambda text, c: text.replace('"path" =', '"paht" =', 1)),
    ("P11", "code as a key", lambda text, c: text + f"\"__import__('os').system('touch {c.canary}')\" = 1\n"),
    ("P12", "a template as a value", lambda text, c: text.replace("low-back-pain", "{{ ''.__class__ }}{0.__init__}%n")),
    ("U120", "bytes that are no text", lambda text, c: text.encode() + b"\xff\xfe\x00"),
    ("U121", "UTF-16", lambda text, c: text.encode("utf-16")),
    ("U122", "an empty file", lambda text, c: ""),
    ("U123", "a list nested five thousand deep", lambda text, c: text + "x = " + "[" * 5000 + "]" * 5000),
    ("U124", "tables nested five thousand deep", lambda text, c: text + "\n[" + ".".join("a" * 5000) + "]\n"),
    ("U125", "a number of ten thousand digits", lambda text, c: text + "alpha = " + "9" * 10_000 + "\n"),
    ("U126", "infinity", lambda text, c: text + "alpha = inf\n"),
    ("U127", "no number", lambda text, c: text + "alpha = nan\n"),
    ("U128", "JSON", lambda text, c: '{"title": "x"}'),
    ("U129", "cut in the middle", lambda text, c: text[: len(text) // 2]),
    ("U130", "a date in another calendar", lambda text, c: text + "data_locked = 2024-02-30\n"),
    (
        "U131",
        "a day to come",
        lambda text, c: text.replace('"simulated" = true', '"simulated" = false') + "data_locked = 2199-01-01\n",
    ),
    ("U132", "an escape sequence in a key", lambda text, c: text + '"a\\u001b[31m" = 1\n'),
    ("U133", "a day beyond all numbers", lambda text, c: text.replace('"day" = 84', '"day" = 99999999999999999999')),
    ("U134", "a negative window", lambda text, c: text.replace('"day" = 84', '"day" = 84, "window" = [90, 80]')),
    ("U135", "two baselines", lambda text, c: text.replace('"day" = 84', '"day" = 0')),
    ("U136", "an alpha beyond sense", lambda text, c: text + "alpha = 5\n"),
    ("U137", "a reference nobody is", lambda text, c: text.replace(', "reference" = true', "")),
    ("U138", "an unknown instrument", lambda text, c: text.replace('"NRS"', '"NRSS"')),
    ("U139", "an unknown technique", lambda text, c: text.replace('"medical-massage"', '"medical-masage"')),
    (
        "U140",
        "a database's address as a variable",
        lambda text, c: text.replace(
            '"path" = "scores.csv"', '"url_from" = "postgresql://u:hunter2@h/d", "table" = "t"'
        ),
    ),
    ("U141", "files as a list", lambda text, c: "files = []\n" + text.replace('"files" =', '"filed" =')),
    ("U142", "an arm's values to nowhere", lambda text, c: text.replace('= "control"', '= "kontrol"')),
    (
        "U143",
        "a separator of two characters",
        lambda text, c: text.replace('"path" = "scores.csv"', '"path" = "scores.csv", "separator" = "::"'),
    ),
    (
        "U144",
        "an encoding that is a codec of another kind",
        lambda text, c: text.replace('"path" = "scores.csv"', '"path" = "scores.csv", "encoding" = "rot13"'),
    ),
    (
        "U145",
        "an encoding that packs",
        lambda text, c: text.replace('"path" = "scores.csv"', '"path" = "scores.csv", "encoding" = "zlib"'),
    ),
    (
        "U146",
        "an encoding nobody knows",
        lambda text, c: text.replace('"path" = "scores.csv"', '"path" = "scores.csv", "encoding" = "../../x"'),
    ),
    (
        "U147",
        "a row of the header beyond the file",
        lambda text, c: text.replace('"path" = "scores.csv"', '"path" = "scores.csv", "header_row" = 99999'),
    ),
    (
        "U148",
        "a column mapped twice in other case",
        lambda text, c: text.replace('{"means" = "age"}', '{"means" = "sex"}'),
    ),
):
    kind(_id, _title)(_text(_change))


@kind("U150", "claims.toml that is none")
def claims(clinic, folder):
    clinic.write(folder, {"claims.toml": clinic.dice.choice(BROKEN_CLAIMS)})
    return clinic.refused(codes=CODES)


@kind("U151", "a missing code that is a name")
def missing_words(clinic, folder):
    clinic.declared["files"]["outcomes"]["missing"] = ["{{7*7}}", "%s", "NA"]
    clinic.write(folder)
    return clinic.loads()


@kind("U152", "two files in one path")
def same_path(clinic, folder):
    clinic.write(folder)
    clinic.declared["files"]["outcomes"]["path"] = "people.csv"
    clinic.write(folder)
    return clinic.refused("patients", codes=CODES)


@kind("U153", "control characters in what people read")
def raw_title(clinic, folder):
    sign = clinic.dice.choice(("\x1b[31m", "\u202e", "\x07", "\u2066", "\x00"))
    if clinic.dice.random() < 0.5:
        clinic.declared["title"] += sign
    else:
        clinic.declared["arms"]["massage"]["label"] += sign
    clinic.write(folder)
    return clinic.refused(codes=CODES)
