"""What an .xlsx package says beside its cells: hidden things, comments, errors, formulas that were never calculated.

calamine gives an error and a formula without a value as empty cells, and does not see hidden rows or columns. So the
sheet's XML is passed through expat once, which keeps nothing of it. A document type declaration is refused when it
begins, because entities are how XML bombs and stolen files are made.
"""

import posixpath
import re
import zipfile
import zlib
from dataclasses import dataclass, field
from xml.parsers import expat

from mmresearch.formats.sheet import Refusal

LARGEST = 200_000_000  # bytes unpacked, of all parts together
RATIO = 200  # times a part may grow when it is unpacked; sheets of repeated numbers reach 60
SMALL = 1_000_000  # bytes unpacked below which a part may grow as it likes
MOST_PARTS = 10_000
CHUNK = 1 << 20
MARKED = re.compile(rb"[<:]f[\s/>]|['\"]e['\"]|hidden|<!|\x00", re.IGNORECASE)
WORKBOOK = "xl/workbook.xml"


@dataclass
class Marks:
    """Where in a sheet something stands that its cells do not tell; rows and columns count from 0."""

    errors: set = field(default_factory=set)
    uncalculated: set = field(default_factory=set)
    hidden_rows: int = 0
    hidden_columns: set = field(default_factory=set)


def open_package(path):
    """Return the ZipFile of a workbook. Raises Refusal where unpacking it could harm, or it is damaged."""
    try:
        package = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError):
        raise Refusal("is cut off or damaged; open it in Excel and save it again") from None
    parts = package.infolist()
    size = sum(part.file_size for part in parts)
    swollen = [p for p in parts if p.file_size > SMALL and p.file_size > RATIO * max(1, p.compress_size)]
    if len(parts) > MOST_PARTS or size > LARGEST or swollen:
        what = f"would unpack to {size} bytes in {len(parts)} parts, more than a workbook of its size may"
        raise Refusal(f"{what} (a zip bomb, or far too much); save the sheet alone")
    if any(part.flag_bits & 1 for part in parts):
        raise Refusal("is protected by a password; remove the password in Excel and save it again")
    return package


def check_parts(package):
    """Refuse a document type declaration in any part that a reader would parse; it can only stand before the root."""
    for part in package.infolist():
        if part.filename.lower().endswith((".xml", ".rels", ".vml")):
            try:
                _parse(package, part.filename, _enough)
            except _Enough:
                continue


def comments_of(package, sheet_name):
    """Return (number of comments on the sheet, number of pivot tables' copies of data in the workbook)."""
    target, names = _part_of(package, sheet_name), set(package.namelist())
    beside = posixpath.join(posixpath.dirname(target), "_rels", posixpath.basename(target) + ".rels") if target else ""
    links = _links(package, beside) if beside in names else {}
    found = 0

    def count(name, attributes):
        nonlocal found
        found += name == "comment"

    for link in links.values():
        part = _resolved(target, link)
        if "/comments" in part and part in names:
            _parse(package, part, count)
    pivots = sum("pivotcacherecords" in name.lower() and name.endswith(".xml") for name in names)
    return found, pivots


def marks_of(package, sheet_name):
    """Return the Marks of a sheet; of a sheet whose part is not found there are none."""
    target = _part_of(package, sheet_name)
    if target is None or target not in package.namelist():
        return Marks()
    walk = _Walk()
    if _holds_marks(package, target):
        _parse(package, target, walk.begin, walk.end, walk.text)
    return walk.marks


def _holds_marks(package, part):
    """False where neither a formula, an error nor anything hidden can stand in a part: most exports need no walk."""
    before = b""
    try:
        with package.open(part) as file:
            while chunk := file.read(CHUNK):
                if MARKED.search(before + chunk):
                    return True
                before = chunk[-16:]
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError, ValueError, zlib.error):
        raise Refusal("holds a part that is damaged; open it in Excel and save it again") from None
    return False


class _Enough(Exception):
    """The root of a part was reached."""


def _enough(name, attributes):
    raise _Enough


class _Walk:
    """Follows a sheet's XML. A cell may leave out its place: then it stands beside the one before."""

    def __init__(self):
        self.marks, self.row, self.column = Marks(), -1, -1
        self.kind, self.formula, self.value, self.inside = "", False, False, ""

    def begin(self, name, attributes):
        if name == "row":
            self.row = int(attributes["r"]) - 1 if "r" in attributes else self.row + 1
            self.column = -1
            self.marks.hidden_rows += attributes.get("hidden") in ("1", "true")
        elif name == "c":
            self.column = _column(attributes["r"]) if "r" in attributes else self.column + 1
            self.kind, self.formula, self.value = attributes.get("t", ""), False, False
        elif name == "col" and attributes.get("hidden") in ("1", "true"):
            first, last = int(attributes.get("min", 1)), min(int(attributes.get("max", 1)), 16_384)
            self.marks.hidden_columns |= set(range(first - 1, last))
        self.formula |= name == "f"
        self.inside = name

    def text(self, text):
        self.value |= self.inside == "v" and bool(text.strip())

    def end(self, name):
        self.inside = ""
        if name == "c" and self.kind == "e" and self.value:
            self.marks.errors.add((self.row, self.column))
        elif name == "c" and self.formula and not self.value and self.kind != "str":
            self.marks.uncalculated.add((self.row, self.column))


def _column(reference):
    number = 0
    for letter in reference:
        if not letter.isalpha():
            break
        number = number * 26 + ord(letter.upper()) - 64
    return number - 1


def _part_of(package, sheet_name):
    """Return the name of the part that holds a sheet, by the workbook's own list."""
    found = {}

    def note(name, attributes):
        if name == "sheet":
            identity = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), None)
            found[attributes.get("name")] = identity

    _parse(package, WORKBOOK, note)
    links = _links(package, "xl/_rels/workbook.xml.rels")
    link = links.get(found.get(sheet_name))
    return None if link is None else _resolved(WORKBOOK, link)


def _links(package, part):
    found = {}

    def note(name, attributes):
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            found[attributes.get("Id")] = attributes.get("Target", "")

    _parse(package, part, note)
    return found


def _resolved(part, link):
    return posixpath.normpath(posixpath.join("/", posixpath.dirname(part), link)).lstrip("/")


def _parse(package, part, begin, end=None, text=None):
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = lambda name, attributes: begin(name.rpartition(":")[2], attributes)
    parser.EndElementHandler = (lambda name: end(name.rpartition(":")[2])) if end else None
    parser.CharacterDataHandler = text
    size = 0
    try:
        with package.open(part) as file:
            while chunk := file.read(CHUNK):
                size += len(chunk)
                if size > LARGEST:  # the directory of the package told less
                    raise Refusal("unpacks to more than it says (a zip bomb); open it in Excel and save it again")
                parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, zipfile.BadZipFile, zlib.error, KeyError, ValueError, EOFError, NotImplementedError):
        raise Refusal("holds a part that is damaged; open it in Excel and save it again") from None


def _refuse_doctype(*_):
    raise Refusal("holds a document type declaration (DTD), which Excel never writes and which can harm; save it there")
