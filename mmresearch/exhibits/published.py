"""What trials and reviews have published on a claim: facts beside the verdict, never part of it."""

from mmresearch.exhibits.markup import join, tag
from mmresearch.exhibits.numbers import show_number
from mmresearch.exhibits.record import Exhibit
from mmresearch.exhibits.tables import fold, table

NONE = "No published trial in our table, which is not the same as no trial."
FEW = 6  # results up to which the table stands open
LIMITS = ("Results that a limited search met, mostly from abstracts: not a systematic review, not pooled, and reviews "
          "overlap. MD: difference between means; SMD: in standard deviations; RR: risk ratio.")


def show_published(effects):
    """Return the Exhibit of published effects (records of the room evidence), with links to their DOIs."""
    title = "What trials have published (not part of the verdict)"
    if not effects:
        return Exhibit("published", title, tag("p", NONE))
    header = ["Publication", "Massage against", "Outcome, time", "Effect (95% interval)"]
    body = table(None, header, [_row(each) for each in effects], "published")
    shown = body if len(effects) <= FEW else fold(f"{len(effects)} published results", body)
    return Exhibit("published", title, join([shown, tag("p", LIMITS, class_="note")]))


def _row(effect):
    against = f"{effect.technique} v {effect.comparator or 'mixed or not stated'}"
    return [_publication(effect), against,
            ", ".join(filter(None, [effect.outcome, effect.instrument, effect.time])), _size(effect)]


def _publication(effect):
    size = f"review of {effect.k} trials" if effect.level == "meta-analysis" and effect.k else effect.level
    people = f", {effect.n} people" if effect.n else ""
    who = f": {effect.population}" if effect.population else ""
    link = effect.link if effect.link.startswith("https://") else None
    name = tag("a", effect.study, href=link, rel="noreferrer") if link else effect.study
    return join([name, ". ", effect.title, " ", tag("small", f"({size}{people}{who})")])


def _size(effect):
    """The numbers at the digits printed, and which side of them favours massage."""
    point, low, high = (show_number(value, digits) for value, digits in
                        zip((effect.effect, effect.low, effect.high), effect.decimals))
    unit = f" {effect.unit}" if effect.effect_type == "MD" else ""
    return join([tag("span", f"{effect.effect_type} {point} ({low} to {high})", class_="whole"), f"{unit} ",
                 tag("small", f"{effect.benefit_direction} favours massage")])
