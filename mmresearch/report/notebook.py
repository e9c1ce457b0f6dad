"""Reads an executed notebook as a page needs it: headings, our own exhibits, and the code that made them.

Only markup that an Exhibit wrote is taken as markup; whatever else a cell showed is text. The handover of the estimate
is for programs and is left out.
"""

import json
import re
from dataclasses import dataclass, replace
from pathlib import Path

from mmresearch.estimate import MIME
from mmresearch.exhibits import exhibit_style
from mmresearch.exhibits.markup import Html, join, tag

NAME = re.compile(r'<section class="mm" data-exhibit="([a-z-]+)"')
SPAN = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*|\*([^*]+)\*")


@dataclass(frozen=True)
class Block:
    """What a reader sees of one cell. exhibits: names of the exhibits in it; code: what is one click away."""

    html: Html
    exhibits: tuple = ()
    code: str = ""


def read_notebook(path):
    """Return the Blocks of an executed notebook: prose and outputs in order.

    The cell with the notebook's own title is left out, as the page has one. Code that shows nothing (parameters,
    imports) goes with the next that does. Parameters that others replaced are left out: they name another study.
    """
    cells = _in_force(json.loads(Path(path).read_text(encoding="utf-8"))["cells"])
    blocks, waiting = [], []
    for cell in cells:
        block = _block(cell)
        waiting += [block.code] if block.code else []
        if block.html:
            blocks.append(replace(block, code="\n\n".join(waiting) if block.code else ""))
            waiting = [] if block.code else waiting
    return tuple(blocks)


def _in_force(cells):
    """The cells without the notebook's own parameters, where those of the run follow."""
    injected = any("injected-parameters" in _tags(cell) for cell in cells)
    return [cell for cell in cells if not (injected and "parameters" in _tags(cell))]


def _tags(cell):
    return cell.get("metadata", {}).get("tags", ())


def _block(cell):
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        return Block(Html("") if source.startswith("# ") else _prose(source))
    shown = join([_show(output) for output in cell.get("outputs", ())])
    return Block(shown, tuple(NAME.findall(shown)), source)


def _show(output):
    """Html of one output: an Exhibit's own markup as it is, anything else as text, the bare handover not at all."""
    data = output.get("data", {})
    markup = "".join(data.get("text/html", "")).removeprefix(f"<style>{exhibit_style()}</style>")
    if NAME.match(markup):
        return Html(markup)
    text = "" if MIME in data else "".join(output.get("text", "") or data.get("text/plain", ""))
    return tag("pre", text, class_="said") if text.strip() else Html("")


def _prose(source):
    """The little markdown a notebook needs: headings, paragraphs, code, emphasis. Everything else is text."""
    return join([_paragraph(part.strip()) for part in re.split(r"\n\s*\n", source) if part.strip()])


def _paragraph(text):
    heading = re.match(r"(#{2,4}) (.*)", text)
    if not heading:
        return tag("p", _spans(" ".join(text.splitlines())))
    rest = text[heading.end():].strip()
    return join([tag(f"h{len(heading[1])}", _spans(heading[2].strip())), _paragraph(rest) if rest else None])


def _spans(text):
    made, last = [], 0
    for found in SPAN.finditer(text):
        kind = ("code", "strong", "em")[found.lastindex - 1]
        made += [text[last:found.start()], tag(kind, found[found.lastindex])]
        last = found.end()
    return join([*made, text[last:]])
