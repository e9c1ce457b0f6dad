"""What may leave the building: finished pages in, findings out. No finding repeats what it found.

Rules, each with what it looks at:

- a patient's pseudonym, in whatever case. With a letter and a digit and at least five characters (P0001, north-17), or
  a number of at least six digits: anywhere, as a whole word; an underscore ends a word (plot_P0001.png). Other
  pseudonyms of at least three characters (A7x, violet, 0104): only where a text between tags, an attribute or a JSON
  string is exactly it. Plain numbers below six digits (104) are not looked for: every count in a table looks like one.
- an e-mail address
- a path of somebody's machine: home folders and the like, which carry a login name; not the file under which a
  notebook's own warnings name a cell (/tmp/ipykernel_7/8.py)
- a reference that a browser would fetch by itself (script, image, style ...). A link to click on is fine.

Base64 (embedded figures) is decoded and read where it is text, in UTF-8 or UTF-16; of a PNG its text chunks are read.
"""

import base64
import binascii
import codecs
import html
import json
import re
from dataclasses import dataclass

from mmresearch.errors import DataError

SHORTEST = 3  # characters of a pseudonym that is looked for at all
LOADING = "script|img|link|iframe|frame|object|embed|source|track|video|audio|image|use|base|form|input|feimage"
FOLDERS = "home|Users|root|mnt|media|srv|tmp|var|opt|private"  # at the top of a machine; data and work are ours as well
CELL = r"(?:private/)?(?:(?:var/)?tmp|var/folders/\w+/\w+/T)/ipykernel_\d+/\d+\.py"
RULES = {
    "e-mail address": re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}\b"),
    "path of a machine": re.compile(
        rf"(?<![\w.:/~%-])(?:/(?!{CELL})(?:{FOLDERS}|work|data)/[\w.-]+|[A-Z]:\\{{1,2}}[\w. -]{{2,}}\\{{1,2}})|"
        rf"(?<!\.)\.\./(?:{FOLDERS})/[\w.-]+|file:///?[\w.]"),
    "reference fetched from elsewhere": re.compile(
        rf"<(?:{LOADING})\b[^>]*?\s(?:xlink:href|href|src|srcset|data|action|poster|background)\s*=\s*[\"']?\s*"
        r"(?:https?:|wss?:)?//"
        r"|url\(\s*[\"']?\s*(?:https?:)?//|@import\s+[\"'](?:https?:)?//"
        r"|\b(?:fetch|sendBeacon|importScripts|WebSocket|EventSource|import)\(\s*[\"'`](?:https?:|wss?:)?//"
        r"|<meta[^>]+http-equiv\s*=\s*[\"']?refresh[^>]+//", re.IGNORECASE),
}
# Without one of these in it a text breaks no rule of that name: looking for them is far faster than the rule.
SIGNS = {
    "e-mail address": ("@",),
    "path of a machine": ("file:/", ":\\", *(f"/{each}/" for each in (*FOLDERS.split("|"), "work", "data"))),
    "reference fetched from elsewhere": ("//",),
}
PSEUDONYM = "pseudonym of a patient"
BASE64 = re.compile(r"[A-Za-z0-9+/]{120,}={0,2}")
FRAME = re.compile(rb"<(style|script)>.*?</\1>", re.DOTALL)
WORD = re.compile(r"[^\W_]+")
EXACT = re.compile(r">([^<>]{3,60})<|=\s*\"([^\"<>]{3,60})\"|=\s*'([^'<>]{3,60})'")


@dataclass(frozen=True)
class Finding:
    """One rule broken on one page, so many times. For pseudonyms: so many different ones."""

    page: str
    rule: str
    count: int

    def __str__(self):
        return f"{self.page}: {self.rule}, {self.count} found"


def scan(pages, tokens=()):
    """Return a Finding for each page and rule that it breaks; empty when the pages may leave.

    pages: name -> bytes of a finished file. tokens: the patients' pseudonyms. Raises DataError for a page not in bytes.
    """
    wrong = sorted(name for name, body in pages.items() if not isinstance(body, bytes))
    if wrong:
        raise DataError("disclosure", "pages are scanned as the bytes that leave",
                        [f"{name}: not bytes" for name in wrong])
    anywhere, exactly = _sorted_tokens(tokens)
    found, frames = [], set()
    for name, body in pages.items():
        texts = list(_texts(_without_seen(body, frames)))
        patients = {token for text in texts for token in _patients(text, anywhere, exactly)}
        found += [Finding(name, PSEUDONYM, len(patients))] if patients else []
        counts = {rule: sum(_count(rule, text) for text in texts) for rule in RULES}
        found += [Finding(name, rule, count) for rule, count in counts.items() if count]
    return tuple(found)


def _count(rule, text):
    return len(RULES[rule].findall(text)) if any(sign in text for sign in SIGNS[rule]) else 0


def _without_seen(body, frames):
    """The page without the style and script that stood byte for byte in one before: most of a page is these."""
    def once(found):
        if found[0] in frames:
            return b" "
        frames.add(found[0])
        return found[0]

    return FRAME.sub(once, body)


def _sorted_tokens(tokens):
    """(anywhere: first word -> whole-word patterns, exactly: set of tokens), by the rule of this module's docstring.

    A number stands apart from decimals (0.100234); a colour (#a00010) is nobody's pseudonym in another case.
    """
    anywhere, exactly = {}, set()
    for token in {str(each).strip() for each in tokens}:
        if _distinctive(token):
            word = re.escape(token)
            before, after = (r"(?<!\.)", r"(?!\.\d)") if token.isdigit() else ("", "")
            pattern = re.compile(rf"(?<![^\W_]){before}(?:{word}|(?<!#)(?i:{word}))(?![^\W_]){after}")
            anywhere.setdefault(WORD.search(_folded(token))[0], []).append(pattern)
        elif len(token) >= SHORTEST and not re.fullmatch(r"[1-9]\d*", token):
            exactly.add(token.lower())
    return anywhere, exactly


def _folded(text):
    """The text in one case; but the one mark that would become a letter, and so lengthen a word, is a space."""
    return text.replace("\u0345", " ").casefold()


def _distinctive(token):
    if token.isdigit():
        return len(token) >= 6
    return len(token) >= 5 and any(each.isdigit() for each in token) and any(each.isalpha() for each in token)


def _patients(text, anywhere, exactly):
    if anywhere:
        for word in anywhere.keys() & set(WORD.findall(_folded(text))):
            yield from (pattern.pattern for pattern in anywhere[word] if pattern.search(text))
    if exactly:
        cells = {cell.strip().lower() for groups in EXACT.findall(text) for cell in groups if cell}
        yield from exactly & (cells | set(text.lower().splitlines()))


def _texts(body):
    """Every text that a reader or a program could take out of these bytes."""
    read = list(_readings(body))
    if not read:
        yield from _png_texts(body)
    for text in read:
        text = "\n".join(_strings(text))
        for run in BASE64.findall(text):
            yield from _decoded(run)
        yield html.unescape(BASE64.sub(" ", text))


def _readings(body):
    """The bytes as text. UTF-16 is told by its mark or by the zeros of plain letters; UTF-8 is then read as well."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        yield body.decode("utf-16", "replace")
    zeros = [body[start::2].count(0) for start in (0, 1)]
    if 4 * max(zeros) > len(body) and not body.startswith(b"\x89PNG"):
        yield body.decode("utf-16-be" if zeros[0] > zeros[1] else "utf-16-le", "replace")
    try:
        yield body.decode("utf-8")
    except UnicodeDecodeError:
        return


def _png_texts(body):
    """The text chunks of a PNG (title, author, software): keyword and text."""
    place = 8 if body[:8] == b"\x89PNG\r\n\x1a\n" else len(body)
    while place + 8 <= len(body):
        length, kind = int.from_bytes(body[place:place + 4], "big"), body[place + 4:place + 8]
        if kind in (b"tEXt", b"iTXt"):
            yield body[place + 8:place + 8 + length].replace(b"\0", b" ").decode("utf-8", "replace")
        place += length + 12


def _strings(text):
    """The strings of a JSON document one by one (an escaped newline would hide a word's edge), or the text as it is."""
    try:
        stack = [json.loads(text)] if text[:1] in "[{" else None
    except json.JSONDecodeError:
        stack = None
    if stack is None:
        yield text
        return
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            stack += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            stack += value
        elif value is not None:
            yield str(value)


def _decoded(run):
    try:
        yield from _texts(base64.b64decode(run + "=" * (-len(run) % 4), validate=True))
    except (binascii.Error, ValueError):
        return
