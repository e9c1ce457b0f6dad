"""What need not run again: pages and estimates of earlier runs, kept under their ingredients, also of a killed run."""

import json
import sys

from mmresearch.cli.ingredients import VERDICTS, Ingredients, explain
from mmresearch.errors import MMResearchError
from mmresearch.estimate import MIME, from_json
from mmresearch.runner import Result, handed_over
from mmresearch.runner.cache import changed

NEVER_RAN, ASKED = "it was never run", "--anew"


class Keeper:
    """Takes from the cache what one run need not do again, and keeps what it does.

    cache: runner.Cache; snapshot: the Snapshot taken before the studies were read; anew: take nothing from the cache
    recalled, ran: how many pages came from the cache, and how many were executed
    """

    def __init__(self, cache, snapshot, anew=False):
        self._cache, self._snapshot, self.anew = cache, snapshot, anew
        self._ingredients = Ingredients(snapshot)
        self.recalled = self.ran = self.planned = 0

    def recall(self, job, page):
        """Return the page's Result and leave its notebook where the runner would have, or None: it has to run."""
        found = None if self.anew else self._cache.find(page.name, self._ingredients.of_page(job, page))
        if found is None:
            return None
        page.folder.mkdir(parents=True, exist_ok=True)
        page.executed.write_bytes(found.content)
        self.recalled += 1
        return Result(page, found.facts["seconds"], from_cache=True)

    def keep(self, job, result):
        """Keep an executed page and its estimate at once, so that a run killed a moment later need not repeat it."""
        page = result.page
        if result.failure or self._snapshot.changed():  # it may have read either state
            return
        self.ran += 1
        facts = {"study": job.folder.name, "seconds": result.seconds}
        if "claim" in page.parameters and "stratum" not in page.parameters:
            try:
                self.keep_estimate(job, page.parameters["claim"], from_json(handed_over(page.executed, MIME)))
            except MMResearchError:  # it hands over no estimate: the run will say so, and again next time
                return
        self._cache.keep(page.name, self._ingredients.of_page(job, page), page.executed.read_bytes(), **facts)

    def recall_estimate(self, job, name):
        """Return the Estimate of the claim with id `name`, or None: it has to be fitted."""
        found = None if self.anew else self._cache.find(*self._estimate_key(job, name))
        return from_json(json.loads(found.content)) if found else None

    def keep_estimate(self, job, name, estimate):
        """Keep the Estimate of a claim, whether it was fitted with or without a page: one serves for the other."""
        if not self._snapshot.changed():
            key, ingredients = self._estimate_key(job, name)
            self._cache.keep(key, ingredients, json.dumps(estimate.to_json()).encode(), study=job.folder.name)

    def why(self, job, page):
        """Return why the page would run, in words; empty where it is kept."""
        if self.anew:
            return ASKED
        ingredients = self._ingredients.of_page(job, page)
        if self._cache.find(page.name, ingredients):
            return ""
        before = self._cache.nearest(page.name, ingredients, study=job.folder.name)
        return f"{explain(changed(ingredients, before))} changed" if before else NEVER_RAN

    def tell(self, recalled, missing):
        """Say how many pages are kept from before, once a run."""
        if recalled and not self.planned:
            rest = f"; {missing} to run" if missing else ""
            print(f"{recalled} of {recalled + missing} pages are kept from before{rest}.", file=sys.stderr, flush=True)
        self.planned += recalled + missing

    def close(self):
        """Make room: what was longest unused goes first."""
        self._cache.trim()

    def told(self):
        """Return what to say to whoever stopped the run; empty before it got as far as its pages."""
        if not self.planned:
            return ""
        kept = self.recalled + self.ran
        return f"Stopped. {kept} of {self.planned} pages are kept; give the same command to go on."

    def _estimate_key(self, job, name):
        return f"{name}.estimate", self._ingredients.of_estimate(job, name)


def explain_run(jobs, pages, keeper):
    """Print which pages would run and which ingredient changed. pages: one list a job; nothing is written."""
    for job, each in zip(jobs, pages, strict=True):
        reasons = {page.name: keeper.why(job, page) for page in each}
        run = {name: why for name, why in reasons.items() if why}
        print(f"{job.folder.name}: {len(run)} of {len(each)} pages would run")
        for name, why in run.items():
            print(f"  {name}: would run: {why}")
        if run:
            print(f"  {VERDICTS}: would run{f': {ASKED}' if keeper.anew else ' if a verdict or an estimate changes'}")
