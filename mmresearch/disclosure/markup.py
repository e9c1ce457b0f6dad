"""The last check over finished files: what kind they are, what a browser or a spreadsheet would do with them."""

import base64
import csv
import hashlib
import io
import re
from html.parser import HTMLParser

from mmresearch.disclosure.pages import scan

KINDS = (".html", ".json", ".csv")
TAGS = frozenset(
    "html head meta title style body a abbr article aside b blockquote br button caption code dd details div dl dt em "
    "figcaption figure footer form h1 h2 h3 h4 header hr i input label li line main nav ol option p path pre rect "
    "script section select small span strong sub summary sup svg table tbody td text tfoot th thead title "
    "tr ul".split())
MOST_MARKS = 80  # in one figure: groups at visits or claims, never patients
FORMULA = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
LONG = re.compile(r"(?<![\w.#-])\d+\.\d{6,}(?![\w])")
STAMP, INTERNAL = "Released.", "Internal: not for release."


def inspect_pages(pages, tokens=(), staff=()):
    """Return sentences on every file that may not leave. pages: name -> bytes; tokens: pseudonyms; staff: labels."""
    found = [str(each) for each in scan(pages, [*tokens, *staff])]
    for name, body in pages.items():
        if not name.endswith(KINDS):
            found.append(f"{name}: only pages, JSON and CSV leave")
            continue
        text = body.decode("utf-8", "replace")
        check = {".html": _page, ".csv": _sheet, ".json": _record}[name[name.rindex("."):]]
        found += [f"{name}: {words}" for words in dict.fromkeys(check(text))]
    return tuple(found)


def safe_cell(text):
    """Return a cell's text as a spreadsheet takes it for text: an apostrophe before what would start a formula."""
    text = "" if text is None else str(text)
    return f"'{text}" if text.startswith(FORMULA) and not NUMBER.fullmatch(text) else text


def _sheet(text):
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    if any(cell.startswith(FORMULA) and not NUMBER.fullmatch(cell) for cell in cells):
        yield "a cell that a spreadsheet would run as a formula"
    if LONG.search(text):
        yield "a number with six decimals or more"


def _record(text):
    if LONG.search(text):
        yield "a number with six decimals or more"


def _page(text):
    reader = _Reader()
    reader.feed(text)
    reader.close()
    yield from reader.found
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    if not policy or "default-src 'none'" not in policy[1] or "unsafe-eval" in policy[1]:
        yield "no strict content security policy"
    allowed = policy[1] if policy else ""
    for script in reader.scripts:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        if f"'sha256-{digest}'" not in allowed:
            yield "a script that is not the report's own"
    if STAMP not in text or INTERNAL in text:
        yield "it is not stamped as released"
    if LONG.search(reader.text):
        yield "a number with six decimals or more"


class _Reader(HTMLParser):
    """Collects what a page holds besides text and plain markup."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.found, self.scripts, self._said, self._inside, self._marks = [], [], [], "", 0

    @property
    def text(self):
        return " ".join(self._said)

    def handle_starttag(self, tag, attributes):
        self._inside = tag
        kinds = dict(attributes).get("class") or ""
        self._marks = 0 if tag == "svg" and "pic" in kinds.split() else self._marks + (kinds.split()[:1] == ["m"])
        if self._marks > MOST_MARKS:
            self.found.append("a figure with more marks than groups")
        if tag not in TAGS:
            self.found.append(f"an element <{tag[:20]}> that our pages do not have")
        if tag == "script":
            self.scripts.append("")
        for name, value in attributes:
            value = (value or "").strip().lower()
            if name.startswith("on") or name in ("srcdoc", "formaction", "ping"):
                self.found.append("an attribute that runs a script")
            if re.match(r"[\s\x00]*(?:javascript|vbscript|data):", value) and name in ("href", "src", "xlink:href"):
                self.found.append("a link that runs a script")

    def handle_endtag(self, tag):
        self._inside = ""

    def handle_data(self, data):
        if self._inside == "script":
            self.scripts[-1] += data
        elif self._inside != "style":
            self._said.append(data)
