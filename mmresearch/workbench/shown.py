"""Several exhibits as one shown object, and an exhibit that hands over a record besides."""

from dataclasses import dataclass

from mmresearch.exhibits import Exhibit


@dataclass(frozen=True)
class Shown:
    """One output of a notebook: exhibits in order, and a record under a MIME type of its own where `handed` is given.

    handed: (MIME type, JSON-ready record). It travels beside the HTML in one output: neither is without the other.
    """

    exhibits: tuple
    handed: tuple = ()

    def __str__(self):
        return "\n\n".join(exhibit.text for exhibit in self.exhibits)

    def _repr_mimebundle_(self, include=None, exclude=None):
        first, *others = self.exhibits
        html = first._repr_html_() + "".join(exhibit.section for exhibit in others)
        bundle = {"text/html": html, "text/plain": str(self)}
        return bundle | ({self.handed[0]: self.handed[1]} if self.handed else {})


def note(name, title, sentence):
    """Return an Exhibit that is one sentence."""
    from mmresearch.exhibits.markup import tag

    return Exhibit(name, title, tag("p", sentence))
