"""Columns that identify and columns that do not, invented anew for each seed.

The words (planted_words.toml) were written without looking at mmresearch/anonymity's own lists: a rule is measured on
what it has not seen. Numbers of persons come from faker, or from formulas written out here; half of the names are from
languages that faker's lists of names lack.
"""

import string

from clean_columns import WORDS, clean_column
from faker import Faker

FAKER = {locale: Faker(locale) for locale in ("en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "ko_KR")}
UNLISTED = WORDS["unlisted"]  # names of languages without a list in faker
HANGUL_LAST, HANGUL_FIRST = WORDS["words"]["hangul_last"], WORDS["words"]["hangul_first"]
MONTHS = WORDS["months"]


def _checked(digits, weights, modulus=11):
    return modulus - sum(int(d) * w for d, w in zip(digits, weights)) % modulus


def _npi(dice):
    body = dice.choice("12") + "".join(dice.choices(string.digits, k=8))
    return body + _luhn("80840" + body)


def _luhn(digits):
    total = sum(sum(divmod(int(d) * (2 - place % 2), 10)) for place, d in enumerate(reversed(digits)))
    return str(-total % 10)


def _nhs(dice):
    while True:
        body = "".join(dice.choices(string.digits, k=9))
        check = _checked(body, range(10, 1, -1)) % 11
        if check != 10 and body[0] != "0":
            return body + str(check)


def _mbi(dice):
    letters, digits = "ACDEFGHJKMNPQRTUVWXY", string.digits
    parts = [
        "123456789",
        letters,
        letters + digits,
        digits,
        letters,
        letters + digits,
        digits,
        letters,
        letters,
        digits,
        digits,
    ]
    return "".join(dice.choice(part) for part in parts)


def _name(dice):
    if dice.random() < 0.5:
        first, last = dice.choice(list(UNLISTED.values())).values()
        return dice.choice(first), dice.choice(last)
    fake = FAKER[dice.choice(["en_US", "en_GB", "de_DE", "fr_FR", "es_ES"])]
    return fake.first_name(), fake.last_name()


def _phone(dice):
    area, line = dice.choice(["212", "415", "617", "303", "718", "512", "404"]), f"{dice.randint(0, 9999):04d}"
    middle = str(dice.randint(200, 999))
    middle = middle if not middle.endswith("11") else "482"
    return area, middle, line


def _telephone(dice, shape):
    area, middle, line = _phone(dice)
    tail = f"{dice.randint(0, 9999999):07d}"
    return {
        "us": f"({area}) {middle}-{line}",
        "dashes": f"{area}-{middle}-{line}",
        "dots": f"{area}.{middle}.{line}",
        "plus": f"+1 {area} {middle} {line}",
        "german": f"+49 {dice.choice(['30', '89', '221'])} {tail}",
        "korean": f"010-{tail[:4]}-{line}",
        "french": f"06 {line[:2]} {line[2:]} {tail[:2]} {tail[2:4]}",
        "british": f"020 7{tail[:3]} {line}",
        "spanish": f"+34 6{tail[:2]} {tail[2:5]} {middle}",
    }[shape]


def _date(dice, shape):
    y, m, d = dice.randint(1936, 2024), dice.randint(1, 12), dice.randint(1, 28)
    return {
        "iso": f"{y}-{m:02d}-{d:02d}",
        "us": f"{m}/{d}/{y}",
        "german": f"{d:02d}.{m:02d}.{y}",
        "compact": f"{y}{m:02d}{d:02d}",
        "english": f"{d} {MONTHS['en'][m - 1]} {y}",
        "american": f"{MONTHS['en'][m - 1]} {d}, {y}",
        "words": f"{d}. {MONTHS['de'][m - 1]} {y}",
        "spanish": f"{d} de {MONTHS['es'][m - 1]} de {y}",
        "french": f"{d} {MONTHS['fr'][m - 1]} {y}",
        "korean": f"{y}년 {m}월 {d}일",
        "short": f"{d}-{MONTHS['en'][m - 1][:3]}",
        "two": f"{d:02d}/{m:02d}/{y % 100:02d}",
        "stamp": f"{y}-{m:02d}-{d:02d} 14:05",
    }[shape]


NAME_SHAPES = {
    "plain": "{0} {1}",
    "comma": "{1}, {0}",
    "title": "Dr. {0} {1}",
    "initial": "{0[0]}. {1}",
    "caps": None,
    "middle": "{0} K. {1}",
}
ALONE = ("email", "telephone", "ssn", "url")  # classes of which one cell must be enough


def planters(dice):
    """Return {class: a function that returns a function making one cell}: each column has one shape."""
    fake = FAKER["en_US"]

    def names():
        shape = dice.choice([*NAME_SHAPES, "korean"])
        if shape == "korean":
            return lambda: dice.choice(HANGUL_LAST) + dice.choice(HANGUL_FIRST)
        return lambda: NAME_SHAPES[shape].format(*_name(dice)) if NAME_SHAPES[shape] else " ".join(_name(dice)).upper()

    def one_of(make, shapes):
        def plant():
            shape = dice.choice(shapes)
            return lambda: make(dice, shape)

        return plant

    def always(make):
        return lambda: make

    return {
        "names": names,
        "email": always(lambda: dice.choice([fake.email, FAKER["de_DE"].email])()),
        "telephone": one_of(
            _telephone, ["us", "dashes", "dots", "plus", "german", "korean", "french", "british", "spanish"]
        ),
        "bare telephone": always(lambda: "".join(_phone(dice))),
        "ssn": always(lambda: fake.ssn()),
        "bare ssn": always(lambda: fake.ssn().replace("-", "")),
        "dates": one_of(
            _date,
            [
                "iso",
                "us",
                "german",
                "compact",
                "english",
                "american",
                "words",
                "spanish",
                "french",
                "korean",
                "short",
                "two",
                "stamp",
            ],
        ),
        "street": one_of(lambda _, locale: FAKER[locale].street_address(), ["en_US", "de_DE", "fr_FR"]),
        "zip": one_of(
            lambda _, plus: fake.postcode() + (f"-{dice.randint(1000, 9999)}" if plus else ""), [False, True]
        ),
        "city": always(lambda: fake.city()),
        "record number": one_of(
            lambda _, shape: shape.format(dice.randint(10**5, 10**7)), ["MRN {}", "MRN-{}", "Chart no. {}"]
        ),
        "mbi": always(lambda: _mbi(dice)),
        "npi": always(lambda: _npi(dice)),
        "nhs": always(lambda: _nhs(dice)),
        "iban": one_of(lambda _, locale: FAKER[locale].iban(), ["de_DE", "fr_FR", "es_ES"]),
        "national": one_of(lambda _, locale: FAKER[locale].ssn(), ["ko_KR", "fr_FR"]),
        "vin": always(lambda: fake.vin()),
        "mac": always(lambda: fake.mac_address()),
        "ip": always(
            lambda: (
                f"{dice.choice([192, 172, 84, 131])}.{dice.randint(0, 255)}.{dice.randint(0, 255)}.1"
            )
        ),
        "url": always(lambda: dice.choice([fake.url, fake.image_url])()),
        "photo": always(lambda: f"{fake.word()}_{dice.randint(1, 999)}.{dice.choice(['jpg', 'png', 'heic'])}"),
        "place": always(lambda: f"{fake.latitude()}, {fake.longitude()}"),
    }


def _disguise(dice, cell):
    """The same text to a reader, other characters to a program."""
    kind = dice.choice(["wide", "zero width", "bidi", "homoglyph", "blank", "hyphen"])
    place = dice.randint(1, len(cell) - 1)
    if kind == "wide":
        return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in cell)
    if kind == "homoglyph":
        return cell.translate(str.maketrans({"a": "а", "e": "е", "o": "о"})) if cell.isascii() else cell
    if kind == "blank":
        return cell.replace(" ", "\u00a0")
    if kind == "hyphen":
        return cell.replace("-", "\u2011")
    return cell[:place] + {"zero width": "\u200b", "bidi": "\u202a"}[kind] + cell[place:]


def planted_column(dice, kind, fill, *, rows=120):
    """Return (role, cells): `fill` is "all", "some" (one cell in twenty) or "one"; every third in disguise."""
    make = planters(dice)[kind]()
    disguised = dice.random() < 1 / 3
    count = {"all": rows, "some": rows // 20, "one": 1}[fill]
    hidden = [_disguise(dice, make()) if disguised else make() for _ in range(count)]
    if fill == "all":
        return "word", hidden
    while True:
        name, role, cells = clean_column(dice, rows)
        if role != "pseudonym":
            break
    for place, cell in zip(dice.sample(range(rows), count), hidden):
        cells[place] = cell
    return role, cells
