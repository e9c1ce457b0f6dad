"""HTML that is escaped by construction: text becomes markup only through `tag`, which escapes whatever is not Html."""

import html
import re

VOID = frozenset({"br", "hr", "img", "input", "meta", "col", "circle", "line", "path", "rect"})
BLOCK_END = re.compile(r"</(?:p|li|dd|h[1-6]|tr|caption|figure|figcaption|summary|blockquote)>|<br>")
CELL_END = re.compile(r"</(?:td|th|div)>")
DRAWING = re.compile(r'(?s)<svg\b([^>]*)>(?:(?!<svg\b).)*?</svg>')  # the innermost first
LABEL = re.compile(r'aria-label="([^"]*)"')
TAG = re.compile(r"<[^>]*>")
BOUND = re.compile(r"\b[np] (?:=|&lt;|&gt;) (?=\d)")  # `p = 0.04` and `n = 145` stay on one line


class Html(str):
    """A string that is markup already. Made here and by nothing that holds a label of a study."""

    __slots__ = ()

    def __html__(self):  # jinja2 and markupsafe leave it as it is
        return str(self)


def tag(name, *children, **attributes):
    """Return <name ...>children</name> as Html.

    Children: Html stays, sequences are joined, None and False vanish, everything else is escaped. Attributes are
    escaped; `class_` and `for_` lose their underscore, other underscores become hyphens; None and False vanish.
    """
    opened = f"<{name}{''.join(_attribute(key, value) for key, value in attributes.items())}>"
    if name in VOID:
        return Html(opened if name not in ("circle", "line", "path", "rect") else opened[:-1] + "/>")
    return Html(f"{opened}{join(children)}</{name}>")


def join(children, between=""):
    """Return the children as one Html, escaped where they are not Html."""
    return Html(between.join(_child(child) for child in children))


def plain(markup):
    """Return what a reader reads of our own markup: a line a block, cells apart, figures as their alternative."""
    while DRAWING.search(markup):
        markup = DRAWING.sub(_alternative, markup)
    text = TAG.sub("", CELL_END.sub("  ", BLOCK_END.sub("\n", markup.replace("</dt>", ": "))))
    lines = (line.strip() for line in html.unescape(text).replace("\N{NO-BREAK SPACE}", " ").splitlines())
    return "\n".join(line for line in lines if line)


def _alternative(found):
    label = LABEL.search(found[1])
    return f"<p>[{label[1]}]</p>" if label else ""


def _child(child):
    if child is None or child is False:
        return ""
    if isinstance(child, Html):
        return child
    if isinstance(child, (list, tuple)):
        return join(child)
    return BOUND.sub(lambda found: found[0].replace(" ", "\N{NO-BREAK SPACE}"), html.escape(str(child)))


def _attribute(key, value):
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{html.escape(str(value))}"'
