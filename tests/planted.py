"""Columns that identify and columns that do not, invented anew for each seed.

The words here were written without looking at mmresearch/anonymity's own lists: a rule is measured on what it has not seen.
Numbers of persons come from faker, or from formulas written out here; half of the names are from languages that faker's
lists of names lack.
"""

import hashlib
import random
import string

from faker import Faker

FAKER = {locale: Faker(locale) for locale in ("en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "ko_KR")}
UNLISTED = {  # given and family names of languages without a list in faker
    "amharic": ("Abebe Almaz Bekele Dawit Desta Fikru Genet Girma Hirut Kebede Lemlem Mulugeta Selam Tadesse Tigist Worku Zewdu",
                "Alemayehu Asfaw Ayele Demissie Gebremariam Getachew Haile Kassahun Lemma Mekonnen Negash Shiferaw Tessema Woldu"),
    "albanian": ("Agron Arben Besnik Blerta Dritan Edona Fatmir Gentiana Ilir Kaltrina Lulzim Mirela Shpresa Valdete Xhevdet",
                 "Berisha Bytyqi Dervishi Gashi Haxhiu Hoxha Krasniqi Leka Morina Osmani Prifti Rexhepi Shala Thaqi Zogaj"),
    "basque": ("Ainhoa Amaia Aritz Beñat Eneko Garazi Gorka Haizea Iker Izaro Jokin Koldo Leire Maddi Nerea Unai Xabier",
               "Agirre Arregi Azkarate Bengoetxea Elizalde Etxeberria Garmendia Goikoetxea Ibarretxe Irizar Mendizabal Otxoa Zubiri"),
    "samoan": ("Alofa Fetu Ioane Lagi Lupe Malia Sefo Sina Sione Tala Tavita Tui Vailea Viliamu Fa'anana",
               "Afamasaga Fa'alogo Leavasa Leota Lefiti Malietoa Mata'afa Pouono Seiuli Toleafoa Tuilagi Tupua Vaifale"),
    "mongolian": ("Altantsetseg Batbayar Bolormaa Chuluun Dorjpalam Enkhjargal Ganzorig Khulan Munkhbat Narangerel Oyunaa Sarnai",
                  "Baatarsuren Batmunkh Dashdavaa Erdenebat Gankhuyag Jargalsaikhan Lkhagvasuren Otgonbayar Purevdorj Tseren"),
    "somali": ("Abshir Cawaale Caasha Deqo Faadumo Guuleed Hodan Ifraax Khadra Liibaan Mahad Nimco Sahra Warsame Xaawo",
               "Axmed Cabdulle Diiriye Faarax Geeddi Jaamac Maxamuud Nuur Rooble Samatar Shirwac Warfaa Xirsi Yuusuf"),
    "welsh": ("Aneirin Angharad Blodwen Branwen Cadwaladr Ceridwen Eirlys Ffion Gethin Gwenllian Heulwen Iorwerth Lowri Rhiannon",
              "Bebb Cadwgan Ddu Gruffydd Gwilym Llewelyn Llwyd Maddock Penry Prydderch Rhydderch Tegid Trahaearn Vychan"),
    "khmer": ("Bopha Chantrea Dara Kalyan Kosal Mealea Nimol Phirun Rithy Sokha Sophea Sothy Veasna Vibol Vuthy",
              "Chea Chhim Heng Keo Khieu Meas Nhem Ouk Phan Prak Sao Sok Sovann Thach Yim"),
    "tongan": ("'Ana Fifita Halapua Langi Lesieli Mele Pita Sela Semisi Siaosi Taniela Tevita Vika Viliami",
               "Fakatava Fonua Havili Kaufusi Latu Lolohea Moala Pulotu Taufa Tonga'uiha Tupouniua Vaipulu Vunipola"),
}
HANGUL_LAST, HANGUL_FIRST = "김 이 박 최 정 강 조 윤 장 임 한 오 서 신 권 황".split(), (
    "민준 서연 지훈 수빈 현우 예은 도윤 하윤 지우 채원 준서 시우 은주 미경 영희 성호 동현 상철 정숙 경자").split()

CLINICAL = {  # kinds of words a clinic codes with; each list is one column's categories
    "technique": ["Deep tissue", "Swedish", "Myofascial release", "Trigger point", "Effleurage", "Cross-fibre friction", "Shiatsu"],
    "eponyms": ["Barnes MFR", "Jones SCS", "Butler neurodynamics", "Mulligan SNAG", "Maitland grade III", "McKenzie extension"],
    "more eponyms": ["Cyriax friction", "Rolf series", "Vodder MLD", "Travell injection", "Upledger CST", "Trager approach"],
    "tests": ["Spurling positive", "Lasegue negative", "FABER", "Kemp left", "Phalen", "Tinel", "Hawkins-Kennedy", "Neer", "Thomas test"],
    "site": ["left shoulder", "right shoulder", "lower back", "neck", "upper trapezius", "both knees", "SI joint"],
    "levels": ["L4-L5", "L5-S1", "C5-C6", "C6/C7", "T12-L1"],
    "adverse": ["none", "bruising", "soreness < 24 h", "headache", "light-headed", "skin redness"],
    "setting": ["outpatient clinic", "home visit", "hospital ward", "sports club", "workplace"],
    "insurance": ["Medicare", "Medicaid", "private", "self-pay", "workers compensation"],
    "work": ["full-time", "part-time", "retired", "student", "unemployed", "on sick leave", "homemaker"],
    "school": ["primary", "secondary", "Bachelor", "Master", "Doctorate", "vocational training"],
    "race": ["White", "Black", "Asian", "Hispanic", "Native American", "Pacific Islander", "Other"],
    "marital": ["single", "married", "widowed", "divorced", "living together"],
    "titles": ["Deep Tissue", "Hot Stone", "Lymph Drainage", "Sports Massage", "Thai Yoga", "Chair Massage"],
    "severity": ["mild", "moderate", "severe", "very severe"],
    "answers": ["Strongly Agree", "Agree", "Neutral", "Disagree", "Strongly Disagree"],
    "change": ["Very Much Improved", "Much Improved", "Minimally Improved", "No Change", "Minimally Worse"],
    "drugs": ["Ibuprofen 400 mg", "Paracetamol 1 g", "Tramadol 50 mg", "Naproxen 250 mg", "none"],
    "brands": ["Voltaren", "Tylenol", "Advil", "Percocet", "OxyContin", "Lyrica", "Cymbalta", "Flexeril"],
    "oils": ["sweet almond", "jojoba", "grapeseed", "coconut", "arnica", "unscented lotion"],
    "german": ["Rücken", "Nacken", "Schulter rechts", "Knie links", "Hüfte", "keine Angabe"],
    "german 2": ["Klassische Massage", "Manuelle Therapie", "Lymphdrainage", "Bindegewebsmassage", "Fußreflexzonen"],
    "spanish": ["dolor lumbar", "cervicalgia", "hombro derecho", "rodilla izquierda", "sin dolor"],
    "french": ["douleur lombaire", "cervicalgie", "épaule droite", "genou gauche", "aucune"],
    "korean": ["요통", "경추통", "견관절통", "슬관절통", "두통", "없음"],
    "korean 2": ["스웨디시 마사지", "지압", "도수치료", "근막이완술", "경혈 마사지"],
    "weather": ["Sunny", "Cloudy", "Rain", "Snow", "Windy"],
    "colours": ["amber", "violet", "hazel", "brown", "blue", "green"],
    "yes": ["yes", "no", "unknown"],
    "sex": ["F", "M", "X"],
    "asa": ["ASA I", "ASA II", "ASA III"],
    "visit": ["Screening", "Baseline", "Week 4", "Week 12", "Follow Up 1", "Early Termination"],
    "months": ["month 1", "month 3", "month 6", "month 12"],
    "status": ["Completed", "Withdrawn", "Lost to Follow Up", "Ongoing", "Screen Failure"],
    "posture": ["Prone", "Supine", "Side Lying Left", "Side Lying Right", "Seated"],
    "sports": ["Running", "Cycling", "Swimming", "Weight Lifting", "Nordic Walking", "Tai Chi"],
    "diagnosis": ["Frozen Shoulder", "Tennis Elbow", "Carpal Tunnel", "Plantar Fasciitis", "Herniated Disc", "Piriformis Syndrome"],
    "illness": ["Ehlers-Danlos", "Parkinson", "Raynaud", "Sjögren syndrome", "Bell palsy", "Crohn disease", "Dupuytren"],
    "occupation": ["Nurse", "Truck Driver", "Office Clerk", "School Teacher", "Baker", "Mason", "Software Developer", "Carpenter"],
    "centres": ["North", "South", "East", "West", "Central"],
    "devices": ["Theragun PRO", "Foam Roller", "TENS unit", "Hypervolt", "cupping set"],
    "times of day": ["early morning", "late afternoon", "at night", "after work", "all day"],
    "music": ["Nature Sounds", "Classical Piano", "Silence", "Soft Jazz"],
}


def number_columns(dice):
    """Return {kind: a function making one cell}, of numbers and codes that stand in clean exports."""
    return {
        "nrs": lambda: str(dice.randint(0, 10)), "vas": lambda: str(dice.randint(0, 100)),
        "pressure": lambda: f"{dice.randint(95, 180)}/{dice.randint(55, 110)}",
        "age": lambda: str(dice.randint(18, 89)), "bmi": lambda: f"{dice.uniform(17, 42):.1f}",
        "dose": lambda: dice.choice(["5 mg", "10 mg", "7.5 mg", "2 x 400 mg", "50 mg/d", "0.5 ml", "100 µg"]),
        "minutes": lambda: str(dice.choice([30, 45, 60, 90])), "year": lambda: str(dice.randint(2005, 2025)),
        "icd": lambda: dice.choice(["M54.5", "M54.2", "G43.909", "M79.18", "S13.4XXA", "F41.1", "G56.0"]),
        "cpt": lambda: dice.choice(["97124", "97140", "97110", "97112", "99213", "97010"]),
        "range": lambda: dice.choice(["6-8", "3-4", "1-2", "10-12"]), "ratio": lambda: f"{dice.uniform(0, 2):.3f}",
        "steps": lambda: str(dice.randint(800, 15000)), "grip": lambda: f"{dice.uniform(10, 60):.1f}",
        "angle": lambda: f"{dice.randint(0, 180)}°", "sets": lambda: f"{dice.randint(2, 4)} x {dice.choice([8, 10, 12])}",
        "eq5d": lambda: f"{dice.uniform(-0.2, 1):.3f}", "tscore": lambda: f"{dice.gauss(50, 10):.1f}",
        "platelets": lambda: str(dice.randint(150, 400) * 1000), "crp": lambda: dice.choice(["<0.5", "1.2", "3.4", "12", "<1"]),
        "day": lambda: str(dice.randint(-7, 400)), "percent": lambda: f"{dice.randint(0, 100)} %",
        "clock": lambda: f"{dice.randint(7, 19):02d}:{dice.choice(['00', '15', '30', '45'])}",
        "comma": lambda: f"{dice.uniform(0, 100):.1f}".replace(".", ","), "income": lambda: str(dice.randint(18, 95) * 1000),
        "likert": lambda: f"{dice.randint(1, 5)}/5", "interval": lambda: f"{dice.uniform(0, 3):.1f} ({dice.uniform(0, 1):.1f}-4.2)",
        "change": lambda: f"{dice.uniform(-9, 9):+.1f}", "hr": lambda: str(dice.randint(48, 120)),
        "pvalue": lambda: f"{dice.uniform(0, 1):.4f}", "mean": lambda: f"{dice.uniform(0, 12):.6f}",
        "strength": lambda: dice.choice(["4/5", "5/5", "4+/5", "3/5"]), "vertebra": lambda: dice.choice(["C5", "C6", "L4", "T7", "S1"]),
        "dob-free code": lambda: dice.choice(["RX12", "RX07", "QZ31", "AB10"]), "version": lambda: dice.choice(["v1.2", "v1.3", "2.0.1"]),
        "spo2": lambda: str(dice.randint(92, 100)), "cost": lambda: f"{dice.uniform(40, 160):.2f}",
        "morphine": lambda: str(dice.choice([0, 15, 22.5, 30, 60, 90])), "logs": lambda: f"{dice.gauss(0, 1):.5f}",
        "celsius": lambda: f"{dice.uniform(36, 39):.1f} °C", "seconds": lambda: str(dice.randint(300, 5400)),
        "weeks": lambda: f"{dice.randint(1, 52)} weeks", "temperature": lambda: f"{dice.uniform(20, 24):.2f}",
    }


def clean_column(dice, rows=120):
    """Return (kind, role, cells) of one clean clinical column."""
    numbers = number_columns(dice)
    kind = dice.choice([*CLINICAL, *numbers, "pseudonym", "long pseudonym", "word pseudonym", "keyed pseudonym", "random pseudonym"])
    if kind in CLINICAL:
        words = dice.sample(CLINICAL[kind], dice.randint(2, len(CLINICAL[kind])))
        change = dice.choice([str, str, str.upper, str.lower])
        return kind, "word", [change(dice.choice(words)) for _ in range(rows)]
    if kind in numbers:
        cells = [numbers[kind]() for _ in range(rows)]
        plain = all(cell.replace(".", "").replace("-", "").replace("+", "").isdigit() for cell in cells)
        return kind, dice.choice(["number", "word"]) if plain and len(set(cells)) < rows / 2 else "number" if plain else "word", cells
    return kind, "pseudonym", _pseudonyms(dice, kind, rows)


BIRDS = "heron martin falcon wren kestrel swift robin finch lark jay owl plover raven starling thrush egret dove crane".split()
TINTS = "violet amber crimson hazel olive scarlet ivory russet indigo teal golden ashen cobalt umber coral jade".split()


def _pseudonyms(dice, kind, rows):
    start = dice.randint(1, 900)
    if kind == "pseudonym":
        shape = dice.choice(["P{:03d}", "{:03d}", "S01-{:03d}", "MMT-{:04d}", "2024-{:03d}", "A{:d}", "site2/{:d}", "101-{:03d}"])
        return [shape.format(start + row) for row in range(rows)]
    if kind == "long pseudonym":
        return [str(2024000000 + start + row) for row in range(rows)]
    if kind == "word pseudonym":
        return [f"{tint}-{bird}" for tint, bird in dice.sample([(t, b) for t in TINTS for b in BIRDS], rows)]
    if kind == "keyed pseudonym":
        return [hashlib.blake2b(f"{row}".encode(), key=b"k%d" % start, digest_size=dice.choice([16, 16, 20])).hexdigest()
                for row in range(rows)]
    return ["".join(dice.choices(string.ascii_uppercase + string.digits, k=6)) for _ in range(rows)]


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
    parts = ["123456789", letters, letters + digits, digits, letters, letters + digits, digits, letters, letters, digits, digits]
    return "".join(dice.choice(part) for part in parts)


def _name(dice):
    if dice.random() < 0.5:
        first, last = (words.split() for words in dice.choice(list(UNLISTED.values())))
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
    return {"us": f"({area}) {middle}-{line}", "dashes": f"{area}-{middle}-{line}", "dots": f"{area}.{middle}.{line}",
            "plus": f"+1 {area} {middle} {line}", "german": f"+49 {dice.choice(['30', '89', '221'])} {tail}",
            "korean": f"010-{tail[:4]}-{line}", "french": f"06 {line[:2]} {line[2:]} {tail[:2]} {tail[2:4]}",
            "british": f"020 7{tail[:3]} {line}", "spanish": f"+34 6{tail[:2]} {tail[2:5]} {middle}"}[shape]


MONTHS = {"en": "January February March April May June July August September October November December".split(),
          "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split(),
          "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),
          "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()}


def _date(dice, shape):
    y, m, d = dice.randint(1936, 2024), dice.randint(1, 12), dice.randint(1, 28)
    return {"iso": f"{y}-{m:02d}-{d:02d}", "us": f"{m}/{d}/{y}", "german": f"{d:02d}.{m:02d}.{y}", "compact": f"{y}{m:02d}{d:02d}",
            "english": f"{d} {MONTHS['en'][m - 1]} {y}", "american": f"{MONTHS['en'][m - 1]} {d}, {y}",
            "words": f"{d}. {MONTHS['de'][m - 1]} {y}", "spanish": f"{d} de {MONTHS['es'][m - 1]} de {y}",
            "french": f"{d} {MONTHS['fr'][m - 1]} {y}", "korean": f"{y}년 {m}월 {d}일", "short": f"{d}-{MONTHS['en'][m - 1][:3]}",
            "two": f"{d:02d}/{m:02d}/{y % 100:02d}", "stamp": f"{y}-{m:02d}-{d:02d} 14:05"}[shape]


NAME_SHAPES = {"plain": "{0} {1}", "comma": "{1}, {0}", "title": "Dr. {0} {1}", "initial": "{0[0]}. {1}", "caps": None, "middle": "{0} K. {1}"}
ALONE = ("email", "telephone", "ssn", "url")  # classes of which one cell must be enough


def planters(dice):
    """Return {class: a function that returns a function making one cell}: each column has one shape."""
    fake = FAKER["en_US"]

    def names():
        shape = dice.choice([*NAME_SHAPES, "korean"])
        if shape == "korean":
            return lambda: dice.choice(HANGUL_LAST) + dice.choice(HANGUL_FIRST)
        return lambda: (NAME_SHAPES[shape].format(*_name(dice)) if NAME_SHAPES[shape] else " ".join(_name(dice)).upper())

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
        "telephone": one_of(_telephone, ["us", "dashes", "dots", "plus", "german", "korean", "french", "british", "spanish"]),
        "bare telephone": always(lambda: "".join(_phone(dice))),
        "ssn": always(lambda: fake.ssn()), "bare ssn": always(lambda: fake.ssn().replace("-", "")),
        "dates": one_of(_date, ["iso", "us", "german", "compact", "english", "american", "words", "spanish", "french", "korean",
                                "short", "two", "stamp"]),
        "street": one_of(lambda _, locale: FAKER[locale].street_address(), ["en_US", "de_DE", "fr_FR"]),
        "zip": one_of(lambda _, plus: fake.postcode() + (f"-{dice.randint(1000, 9999)}" if plus else ""), [False, True]),
        "city": always(lambda: fake.city()),
        "record number": one_of(lambda _, shape: shape.format(dice.randint(10**5, 10**7)), ["MRN {}", "MRN-{}", "Chart no. {}"]),
        "mbi": always(lambda: _mbi(dice)), "npi": always(lambda: _npi(dice)), "nhs": always(lambda: _nhs(dice)),
        "iban": one_of(lambda _, locale: FAKER[locale].iban(), ["de_DE", "fr_FR", "es_ES"]),
        "national": one_of(lambda _, locale: FAKER[locale].ssn(), ["ko_KR", "fr_FR"]),
        "vin": always(lambda: fake.vin()), "mac": always(lambda: fake.mac_address()),
        "ip": always(lambda: f"{dice.choice([192, 172, 84, 131])}.{dice.randint(0, 255)}.{dice.randint(0, 255)}.{dice.randint(1, 254)}"),
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
    """Return (role, cells): `fill` is "all", "some" (one cell in twenty) or "one"; a third of the columns are disguised."""
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
