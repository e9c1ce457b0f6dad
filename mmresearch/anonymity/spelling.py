"""One spelling for what looks alike: an invisible or foreign letter must not carry an identifier past a rule."""

import re
import unicodedata

FILLERS = "\u034f\u115f\u1160\u3164\uffa0\u2800"  # blanks that Unicode counts as letters or marks
# letters of other alphabets that a reader takes for Latin ones, and those Latin letters
CONFUSABLE = str.maketrans(
    "аеорсухкмтвніѕјԁһԛԝӏАВЕКМНОРСТУХІЅЈԌ" + "αοορνικΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aeopcyxkmtbhisjdhqwlABEKMHOPCTYXISJG" + "aooovikABEZHIKMNOPTYX",
)
WORD, TOKEN, ASCII = re.compile(r"[^\W\d_]{2,}"), re.compile(r"\S+"), re.compile(r"[A-Za-z0-9]")


class _Plain(dict):
    """Character -> its plain form, made when first met: no invisible ones, one hyphen, digits 0 to 9, simple blanks."""

    def __missing__(self, code):
        self[code] = plain = _plain_character(chr(code))
        return plain


def _plain_character(character):
    kind = unicodedata.category(character)
    if kind == "Cf" or character in FILLERS or "\ufe00" <= character <= "\ufe0f":
        return ""
    if kind == "Pd" or character in "−⁃":
        return "-"
    if kind == "Nd":
        return str(unicodedata.decimal(character))
    return " " if kind in ("Zs", "Cc", "Zl", "Zp") else character


_PLAIN = _Plain()


def plain(text):
    """Return `text` in NFKC without invisible characters, with one kind of blank, hyphen and digit."""
    if text.isascii():
        return text if text.isprintable() else text.translate(_PLAIN)
    return unicodedata.normalize("NFKC", text.translate(_PLAIN)).translate(_PLAIN).strip()


def folded(text):
    """Return `text` in small letters without accents; letters of another alphabet stay."""
    small = text.casefold()
    if small.isascii():
        return small
    parts = unicodedata.normalize("NFKD", small.translate(str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i"})))
    return unicodedata.normalize("NFC", "".join(each for each in parts if not "\u0300" <= each <= "\u036f"))


def unmasked(text):
    """Return `text` with letters that pose as Latin ones replaced, where ASCII letters or digits stand beside them."""
    if text.isascii():
        return text
    return TOKEN.sub(lambda token: token[0].translate(CONFUSABLE) if ASCII.search(token[0]) else token[0], text)


def mixes_alphabets(text):
    """True where one word has Latin letters and letters that only pose as such: a header under a false name."""
    return not text.isascii() and any(_mixed(word) for word in WORD.findall(text))


def _mixed(word):
    posing = [each for each in word if ord(each) in CONFUSABLE]
    return bool(posing) and any(unicodedata.name(each, "").startswith("LATIN") for each in word)
