"""A whole run's record made in code: the articles' claims with a few estimates, the study's own, one notebook."""

import json

from describing import small_dataset
from outcomes import make_claim, make_estimate, make_registry

from mmresearch import describe, exhibits
from mmresearch.claims import articles
from mmresearch.estimate import MIME, ArmSummary, Lack, Robustness, Trouble
from mmresearch.report import FailedPage, Family, RunRecord
from mmresearch.verdict import judge

ARMS = (ArmSummary("massage", "Medical massage", 100, 6.1, 1.8, 3.2, 2.0, 3.1),
        ArmSummary("usual", "Usual care", 100, 6.0, 1.9, 4.6, 2.1, 4.5))
TROUBLE = Trouble("therapists-not-modelled", "note", "Therapists were not modelled.")
FACTS = {"mmresearch": "0.0", "python": "3.11", "started": "2026-01-02T03:04:05+00:00", "seconds": 12.0, "git": None}


def full_estimate(name="pain", **changes):
    """A simulated estimate with arms, robustness, a trouble and an assumption."""
    return make_estimate(name, **{**dict(
        simulated=True, by_arm=ARMS, outcome="pain intensity (NRS)", population="adults with pain", troubles=(TROUBLE,),
        robustness=(Robustness("complete cases", -1.2, -1.8, -0.6),), assumptions=("Missing at random.",)), **changes})


def make_family(registry, estimates):
    """Judge a registry: the estimates given, a Lack for every other claim."""
    outcomes = {claim.id: estimates.get(claim.id) or Lack(claim.id, "no-arm", "No arm had this treatment.")
                for claim in registry}
    tested = {claim.id: outcomes[claim.id] for claim in registry if claim.analysis}
    return Family(registry, outcomes, judge(registry, tested))


def make_run(folder, **fields):
    """The record of a run on eight simulated patients. folder: where its executed notebook is written."""
    tested = [claim for claim in articles() if claim.analysis and claim.analysis.method == "change"
              and claim.analysis.hypothesis == "superiority"][:6]
    points = (-1.3, -0.1, 0.2, 1.4, -2.4, -0.6)
    estimates = {claim.id: full_estimate(claim.id, point=point, low=point - 0.5, high=point + 0.5, estimand=claim.id)
                 for claim, point in zip(tested, points)}
    own = make_registry(make_claim("own-pain"), name="study")
    families = (make_family(own, {"own-pain": full_estimate("own-pain")}), make_family(articles(), estimates))
    notebook = write_notebook(folder / "page.ipynb", families[0].estimates["own-pain"])
    return RunRecord(**{**dict(
        description=describe.describe_study(small_dataset()), families=families, notebooks={"own-pain": notebook},
        failures=(FailedPage(tested[0].id, "The kernel died."),), facts=FACTS), **fields})


def write_notebook(path, estimate):
    """An executed notebook as the runner leaves it: prose, code, an exhibit with the handover beside it."""
    shown = exhibits.show_estimate(estimate)._repr_mimebundle_() | {MIME: estimate.to_json()}
    cells = [_prose("# A title the page has already"), _code('claim = "own-pain"'), _prose("## The estimate"),
             _code("page.estimate()", [{"output_type": "execute_result", "data": shown}]),
             _code("'<script>alert(1)</script>'", [{"output_type": "execute_result", "data": {
                 "text/html": "<script>alert(1)</script>", "text/plain": "'<script>alert(1)</script>'"}}])]
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")
    return path


def _prose(text):
    return {"cell_type": "markdown", "metadata": {}, "source": text}


def _code(text, outputs=()):
    return {"cell_type": "code", "metadata": {}, "source": text, "execution_count": 1, "outputs": list(outputs)}
