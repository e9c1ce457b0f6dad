"""Bytes of a text file become text, as study.toml says or as the bytes themselves prove; never by a likely guess."""

import codecs
import re

from mmresearch.errors import counted
from mmresearch.formats.sheet import Refusal

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
SAVE_AS = "save it as CSV UTF-8 and name that file"
MULTIBYTE = re.compile(rb"[\xc3-\xf4][\x80-\xbf]{1,3}")
# what other encodings look like when they are read as Windows-1252: signs of money or measure, or letters of Icelandic,
# touching letters; signs and accented capitals within words; four accented letters in a row
DOUBTFUL = re.compile(
    r"[^\W\d_][¢£¤¥¦¨¬¯±´¶¸¹¼½¾ðþÐÞ×÷]|[¢£¤¥¦¨¬¯±´¶¸¹¼½¾ðþÐÞ×÷][^\W\d_]"
    r"|[^\W\d_][²³¿»«ƒ†‡ˆ‰‹›˜€¡©®°§•‚„][^\W\d_]|[À-ÿ]{4}|[a-zß-ÿ][À-ÞŠŽŒŸ]|[^\W\d_][À-ÞŠŽŒŸ][a-zß-ÿ]"
)
USUAL = frozenset(
    "cp1250 cp1251 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 cp932 cp949 gb18030 gbk big5 euc_jp euc_kr johab koi8_r "
    "shift_jis mac_roman cp850 iso8859_2 iso8859_7 iso8859_9 iso8859_15".split()
)
SAMPLE = 100_000  # bytes of lines with accented letters that a guess is made from


def decode(raw, declared=None):
    """Return (text, notes). Raises Refusal naming byte and line where the bytes are in no encoding, or in two."""
    encoding = declared or next((name for mark, name in MARKS if raw.startswith(mark)), None)
    text, notes = (_known(raw, encoding, declared), ()) if encoding else _found(raw)
    if encoding and not declared and encoding != "utf-8-sig":
        notes = (f"read as {encoding.upper()}, by the mark it begins with",)
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        number = text.count("\0")
        what = f"is not text (it holds {counted(number, 'zero character')}, the first in line {line})"
        raise Refusal(f"{what}; export it again, or name its `encoding` where that is UTF-16")
    return text, notes


def _known(raw, encoding, declared):
    try:
        return raw.decode(encoding)
    except LookupError:
        name = f"'{encoding}' is no encoding"
        raise Refusal(f'{name}; leave `encoding` out, or give "utf-8" or "cp1252"') from None
    except UnicodeError as error:
        why = "; leave `encoding` out to have it found" if declared else f"; {SAVE_AS}"
        raise Refusal(f"cannot be read as {encoding}{_place(raw, error)}{why}") from None


def _place(raw, error):
    start = getattr(error, "start", None)
    return "" if start is None else f": byte {start + 1}, in line {raw.count(bytes((10,)), 0, start) + 1}, is not of it"


def _found(raw):
    """UTF-8 proves itself. What is not may be Windows-1252, unless something speaks against it."""
    try:
        return raw.decode("utf-8"), ()
    except UnicodeDecodeError as error:
        place = _place(raw, error)
    if b"\0" in raw:
        return raw.decode("latin-1"), ()  # refused for its zero characters
    if any(_is_utf8(found[0]) for found in MULTIBYTE.finditer(raw)):
        what = f"mixes UTF-8 with another encoding{place.replace('not of it', 'not UTF-8')}"
        raise Refusal(f"{what}; {SAVE_AS}")
    try:
        text = raw.decode("cp1252")
    except UnicodeDecodeError as error:
        raise Refusal(f"cannot be read as utf-8 or Windows-1252{_place(raw, error)}; {_hint(raw)}{SAVE_AS}") from None
    if DOUBTFUL.search(text):
        line = text[: DOUBTFUL.search(text).start()].count("\n") + 1
        what = f"is not UTF-8, and as Windows-1252 it would have strange signs within words (line {line})"
        raise Refusal(f"{what}; {_hint(raw)}{SAVE_AS}")
    number = sum(ord(each) > 127 for each in text)
    return text, (f"read as Windows-1252, because it is not UTF-8 ({counted(number, 'accented letter')})",)


def _is_utf8(some):
    try:
        return len(some.decode("utf-8")) > 0
    except UnicodeDecodeError:
        return False


def _sample(raw):
    return b"\n".join(line for line in raw.splitlines() if not line.isascii())[:SAMPLE]


def _hint(raw):
    """Return what charset-normalizer finds likeliest, for a person to confirm."""
    from charset_normalizer import from_bytes

    best = from_bytes(_sample(raw)).best()
    known = best is not None and best.encoding in USUAL
    example = f'"{best.encoding}", if its letters are right then' if known else '"cp1252" in Western Europe'
    return f"say its `encoding` (perhaps {example}), or "
