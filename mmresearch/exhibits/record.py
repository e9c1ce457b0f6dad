"""The one thing this room hands on: an Exhibit, the same in a notebook and on a page."""

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from mmresearch.exhibits.markup import Html, plain, tag


@dataclass(frozen=True)
class Exhibit:
    """A table or figure made of counted records.

    name   which exhibit it is (`course`, `estimate` ...): pages use it to know what a notebook has shown
    title  a heading of a few words
    html   markup without style, escaped by construction
    """

    name: str
    title: str
    html: Html = field(repr=False)

    @property
    def text(self):
        """The exhibit as plain text, for terminals and for readers of the notebook's JSON."""
        return f"{self.title}\n{plain(self.html)}"

    @property
    def body(self):
        """The markup marked with the exhibit's name; a notebook's own heading stands above it."""
        return tag("section", self.html, class_="mm", data_exhibit=self.name, aria_label=self.title)

    @property
    def section(self):
        """The markup under the exhibit's own heading, for pages."""
        return tag("section", tag("h2", self.title), self.html, class_="mm", data_exhibit=self.name)

    def __str__(self):
        return self.text

    def _repr_html_(self):
        return f"<style>{exhibit_style()}</style>{self.body}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": self._repr_html_(), "text/plain": self.text}


@cache
def exhibit_style():
    """Return the CSS every exhibit needs: small, under the class `mm`, following JupyterLab's colours where it runs."""
    return (files("mmresearch.exhibits") / "exhibits.css").read_text(encoding="utf-8").strip()
