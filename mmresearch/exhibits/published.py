"""What trials and reviews have published on a claim: facts beside the verdict, never part of it."""

from mmresearch.exhibits.markup import join, tag
from mmresearch.exhibits.numbers import show_interval
from mmresearch.exhibits.record import Exhibit
from mmresearch.exhibits.tables import table

NONE = "No published trial in our table, which is not the same as no trial."
LIMITS = ("Results that a limited search met, mostly from abstracts: not a systematic review, not pooled, and reviews overlap. "
          "MD: difference between means; SMD: in standard deviations; RR: risk ratio.")


def show_published(effects):
    """Return the Exhibit of published effects (records of the room evidence), with links to their DOIs."""
    title = "What trials have published (not part of the verdict)"
    if not effects:
        return Exhibit("published", title, tag("p", NONE))
    header = ["Publication", "Who", "Compared", "Outcome and time", "Effect (95% interval)", "Favours massage"]
    body = table(None, header, [_row(each) for each in effects], "published", (4,))
    return Exhibit("published", title, join([body, tag("p", LIMITS, class_="note")]))


def _row(effect):
    return [_publication(effect), effect.population, f"{effect.technique} v {effect.comparator}",
            ", ".join(filter(None, [effect.outcome, effect.instrument, effect.time])),
            f"{effect.effect_type} {show_interval(effect.effect, effect.ci_low, effect.ci_high, 2)}"
            f"{' ' + effect.unit if effect.effect_type == 'MD' and effect.unit else ''}",
            f"{effect.benefit_direction} values"]


def _publication(effect):
    size = f"{effect.k_studies} trials" if effect.level == "meta-analysis" and effect.k_studies else effect.level
    people = f", {effect.n_total} people" if effect.n_total else ""
    name = tag("a", effect.study, href=f"https://doi.org/{effect.doi}", rel="noreferrer") if effect.doi else effect.study
    return join([name, ". ", effect.title_short, " ", tag("small", f"({size}{people})")])
