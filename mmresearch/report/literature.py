"""The literature report: what trials say of every claim, by article, without a study."""

from dataclasses import dataclass, field
from pathlib import Path

from mmresearch import exhibits
from mmresearch.claims import Registry
from mmresearch.errors import UsageError
from mmresearch.estimate import dumps
from mmresearch.exhibits.words import article_text
from mmresearch.report.frame import frame, template


@dataclass(frozen=True)
class LiteratureRecord:
    """What a literature report is made of: a registry, the Reading of each of its claims, the content of run.json.

    rule: the steps of the rule in words; rows: how many rows our table has; points: claim id -> the sentence that puts
    its standardised result on an instrument's points.
    """

    registry: Registry
    readings: dict = field(repr=False)
    facts: dict = field(default_factory=dict, repr=False)
    rule: tuple = ()
    rows: int = 0
    points: dict = field(default_factory=dict, repr=False)

    def __post_init__(self):
        if list(self.readings) != list(self.registry.claims):
            raise UsageError("literature report", "expected one reading a claim, in registered order",
                             [f"{len(self.registry)} claims, {len(self.readings)} readings"])


def write_literature(record, stage):
    """Write index.html, claims/<id>.html, readings.json and run.json of a LiteratureRecord into the folder `stage`."""
    stage = Path(stage)
    (stage / "claims").mkdir(parents=True, exist_ok=True)
    _write(stage / "readings.json", dumps([each.to_json() for each in record.readings.values()]))
    _write(stage / "run.json", dumps(record.facts))
    _write(stage / "index.html", template("literature_index").render(**frame(), simulated=False, **lay_out(record)))
    claims = list(record.registry)
    for claim, before, after in zip(claims, [None, *claims], [*claims[1:], None]):
        _write(stage / "claims" / f"{claim.id}.html", template("literature_claim").render(
            **frame(), simulated=False, **_lay_out_claim(record, claim), before=before, after=after))


def lay_out(record):
    """Return the context of the index: counts over all claims, then each article's claims with their readings."""
    articles = {}
    for claim in record.registry:
        for name in dict.fromkeys(quote.article for quote in claim.sources):
            articles.setdefault(name, []).append(claim)
    return {
        "claims": len(record.registry), "summary": exhibits.tell_readings(record.readings.values()),
        "rule": record.rule, "rows": record.rows, "facts": record.facts,
        "articles": [{"name": article_text(name), "id": f"article-{name[:3]}",
                      "summary": exhibits.tell_readings([record.readings[claim.id] for claim in claims]),
                      "readings": exhibits.show_readings(claims, record.readings)}
                     for name, claims in sorted(articles.items())],
    }


def _lay_out_claim(record, claim):
    reading = record.readings[claim.id]
    return {"claim": claim, "reading": reading, "facts": record.facts,
            "sections": [exhibits.show_literature(claim, reading, points=record.points.get(claim.id, "")),
                         exhibits.show_quotes(claim), exhibits.show_registration(claim, {})]}


def _write(path, text):
    path.write_text(text, encoding="utf-8", newline="\n")
