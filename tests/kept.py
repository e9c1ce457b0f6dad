"""A run whose pages are executed by a stand-in: in this process, without kernels or fits, and counted."""

import itertools
import json
from types import SimpleNamespace

from outcomes import make_estimate

from mmresearch.claims import Registry, articles
from mmresearch.cli import run
from mmresearch.cli.chain import Job, conclude, plan, prepare
from mmresearch.cli.finished import kept_beside, snapshot_for
from mmresearch.cli.intake import read_studies
from mmresearch.cli.keeping import Keeper
from mmresearch.estimate import MIME
from mmresearch.runner import Result
from mmresearch.workbench.opening import OWN

FEW = ("pain-general", "back-pain", "energy")  # of the articles' claims, so that asking them takes no time
numbers = itertools.count()


def executing(executed, pause=None):
    """Return a stand-in for runner.execute: pages hand over an invented estimate; their names go to `executed`."""
    def execute(pages, on_done, **_):
        results = []
        for page in pages:
            page.folder.mkdir(parents=True, exist_ok=True)
            page.executed.write_text(json.dumps(_notebook(page)), encoding="utf-8")
            executed.append(page.name)
            results.append(Result(page, 0.1))
            on_done(results[-1])
            if pause:
                pause()
        return results
    return execute


def _notebook(page):
    if "claim" not in page.parameters:
        return {"cells": [], "metadata": {}}
    name = page.parameters["claim"]
    claim = articles().claims.get(name)
    estimate = make_estimate(name, hypothesis=claim.analysis.hypothesis if claim else "superiority")
    output = {"output_type": "execute_result", "data": {MIME: estimate.to_json(), "text/plain": "an estimate"}}
    cell = {"cell_type": "code", "source": "page.estimate()", "metadata": {}, "outputs": [output]}
    return {"cells": [cell], "metadata": {}}


class Runs:
    """Runs over one study, one after another, whose report would stand in `folder`; no report is written.

    executed, fitted: names of the pages executed, and of the claims fitted without one, in the last run
    """

    def __init__(self, study, folder, monkeypatch):
        self.study, self.target, self._patch = study, folder / "report", monkeypatch
        self.executed, self.fitted, self.job = [], [], None

    def go(self, chosen=None, anew=False, touch=None):
        """Make one run; return the names of its executed pages, sorted. touch: called once the sources are hashed."""
        self.executed, self.fitted = [], []
        self._patch.setattr("mmresearch.runner.execute", executing(self.executed))
        self._patch.setattr("mmresearch.models.fit", self._fit)
        self._patch.setattr("mmresearch.cli.chain.judge", lambda *_: ())
        keeper = self._open(anew)
        if touch:
            touch()
        prepare(self.job)
        run._execute([self.job], [plan(self.job, chosen)], SimpleNamespace(timeout=60, memory=None), keeper, None,
                     lambda job: conclude(job, keeper))
        return sorted(self.executed)

    def why(self):
        """Return {page: why it would run}, for the pages that would, as --explain says it."""
        keeper = self._open()
        reasons = {page.name: keeper.why(self.job, page) for page in plan(self.job)}
        return {name: why for name, why in reasons.items() if why}

    def estimates(self):
        return {name: each.to_json() for name, each in self.job.outcomes.items() if hasattr(each, "to_json")}

    def _open(self, anew=False):
        snapshot = snapshot_for(self.study)
        (folder, dataset, registries), = read_studies(self.study)
        registries = [Registry(each.name, {claim.id: claim for claim in each if each.name == OWN or claim.id in FEW})
                      for each in registries]
        self.job = Job(folder, dataset, registries, self.target.parent / f".staging-report-{next(numbers)}")
        return Keeper(kept_beside(self.target), snapshot, anew)

    def _fit(self, claim, _):
        self.fitted.append(claim.id)
        return make_estimate(claim.id)
