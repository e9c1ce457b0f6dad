"""One way to write a table: caption, header cells with scope, first column as row headers, made to fold on a phone."""

from mmresearch.exhibits.markup import plain, tag


def table(caption, header, rows, class_="", number_columns=(), head_first=True, **attributes):
    """Return a table. header: labels; rows: sequences of text or Html, as long as the header.

    number_columns: indices set in tabular figures at the right. head_first: the first cell of a row is its header.
    On a narrow screen each cell shows its column's label (`data-label`), so that rows fold into cards.
    """
    kinds = ["n" if index in number_columns else None for index in range(len(header))]
    head = tag("tr", [tag("th", label, scope="col", class_=kind) for label, kind in zip(header, kinds)])
    body = [_row(row, header, kinds, head_first) for row in rows]
    parts = (tag("caption", caption) if caption else None, tag("thead", head), tag("tbody", body))
    return tag("div", tag("table", *parts, class_=class_ or None, **attributes), class_="scroll", tabindex="0",
               role="region", aria_label=caption or "Table")


def facts(pairs):
    """Return a definition list of (word, text); pairs without text vanish."""
    items = [(tag("dt", word), tag("dd", words)) for word, words in pairs if words not in (None, "", ())]
    return tag("dl", items, class_="facts")


def fold(summary, *children, open_=False):
    """Return what is one click away."""
    return tag("details", tag("summary", summary), *children, open=open_)


def bullets(items, class_=None):
    """Return a list, or nothing where there are no items."""
    return tag("ul", [tag("li", item) for item in items], class_=class_) if items else None


def forest_cells(what, where, numbers):
    """Return a forest plot's line, head or foot in its three columns: words, drawing, numbers."""
    return [tag("div", what, class_="what"), tag("div", where, class_="where"), tag("div", numbers, class_="numbers")]


def _row(cells, header, kinds, head_first):
    made = [tag("th", cell, scope="row", class_=kind) if head_first and not index else
            tag("td", cell, class_=kind, data_label=plain(label))
            for index, (cell, label, kind) in enumerate(zip(cells, header, kinds, strict=True))]
    return tag("tr", made)
