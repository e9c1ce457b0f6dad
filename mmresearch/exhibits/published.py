"""Published effects as a table: facts beside the verdict, never part of it."""

from mmresearch.evidence.wording import interval
from mmresearch.exhibits.markup import join, tag
from mmresearch.exhibits.tables import table

LIMITS = ("Results that a limited search met, mostly from abstracts: not a systematic review, not pooled, and reviews "
          "overlap. MD: difference between means; SMD: in standard deviations; RR: risk ratio.")
HEADER = ("Publication", "Massage against", "Outcome, time", "Effect (95% interval)", "Noted")


def list_publications(effects):
    """Return the table of PublishedEffects, one row each, with links to their DOIs."""
    return table(None, HEADER, [_row(each) for each in effects], "published")


def name_publication(effect):
    """Return `Cherkin 2011 (one trial, 269 people)`, linked to where it can be read."""
    link = effect.link if effect.link.startswith("https://") else None
    name = tag("a", effect.study, href=link, rel="noreferrer") if link else effect.study
    return join([name, " ", tag("small", f"({_size(effect)})")])


def print_numbers(effect):
    """Return the numbers at the digits printed: `SMD −0.72 (−1.05 to −0.39)`."""
    ends = interval(effect.effect, effect.low, effect.high, effect.decimals)
    unit = f" {effect.unit}" if effect.effect_type == "MD" else ""
    return join([tag("span", f"{effect.effect_type} {ends}", class_="whole"), unit])


def _row(effect):
    return [tag("div", name_publication(effect), ". ", effect.title, tag("small", f" {effect.population}")),
            f"{effect.technique} v {effect.comparator or 'mixed or not stated'}",
            ", ".join(filter(None, [effect.outcome, effect.instrument, effect.time])),
            tag("div", print_numbers(effect), " ", tag("small", f"{effect.benefit_direction} favours massage")),
            "; ".join(filter(None, [effect.note, effect.off_centre]))]


def _size(effect):
    if effect.level == "trial":
        size = "one trial"
    else:
        size = f"review of {effect.k} {'trial' if effect.k == 1 else 'trials'}" if effect.k else "review"
    return f"{size}, {effect.n} people" if effect.n else size
