"""One study's way through a run: claims are asked, pages laid out, estimates gathered, verdicts judged."""

import shutil
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from mmresearch import models
from mmresearch.cli.places import NOTEBOOKS, link, make_folder, reach
from mmresearch.describe import describe_study
from mmresearch.errors import MMResearchError, UsageError, nearest
from mmresearch.estimate import MIME, Lack, from_json
from mmresearch.runner import Failure, Page, handed_over
from mmresearch.verdict import judge

STORIES = {  # method: the notebook that tells it
    **dict.fromkeys(("change", "responder", "time-to-event", "mediation"), "outcome_change.ipynb"),
    **dict.fromkeys(("ordinal", "proportion", "agreement", "variance"), "outcome_change.ipynb"),
    "harms": "harms.ipynb",
    **dict.fromkeys(("counts", "dose"), "medication_use.ipynb"),
    **dict.fromkeys(("session-change", "course", "crossover"), "treatment_course.ipynb"),
}


@dataclass
class Job:
    """One study in a run, filled in as the run proceeds.

    asked     claim id -> Question, or the Lack that keeps it from being posed
    results   what the runner made of this study's pages
    executed  page name -> executed notebook, where the report has it
    failures  page name -> Failure
    outcomes  claim id -> Estimate or Lack, of every claim whatever pages were chosen
    judged    registry name -> (outcomes of its claims, Verdicts in registered order)
    strata    exploratory, a strata.Strata a column of --by
    """

    folder: Path
    dataset: object
    registries: tuple
    stage: Path
    asked: dict = field(default_factory=dict)
    results: list = field(default_factory=list)
    executed: dict = field(default_factory=dict)
    failures: dict = field(default_factory=dict)
    outcomes: dict = field(default_factory=dict)
    judged: dict = field(default_factory=dict)
    strata: tuple = ()
    record: object = None

    @cached_property
    def description(self):
        """The study described: asked for twice a run, and the same each time."""
        return describe_study(self.dataset)

    @cached_property
    def measured(self):
        """The instruments the study has outcomes of."""
        return set(self.dataset.outcomes["instrument"].dropna())

    @property
    def claims(self):
        return {claim.id: claim for registry in self.registries for claim in registry}


def check_chosen(chosen, registries):
    """Raise UsageError with every id of `chosen` that none of the registries has."""
    known = dict.fromkeys(name for registry in registries for name in registry.claims)
    unknown = [f"'{name}'.{nearest(name, known)}" for name in chosen or () if name not in known]
    if unknown:
        raise UsageError("--claims", f"{len(unknown)} are not ids of claims", unknown,
                         "mmresearch claims lists them all.")


def prepare(job):
    """Make the stage of a study, from which its notebooks reach its files."""
    make_folder(job.stage)
    link(job.folder, job.stage)


def plan(job, chosen=None):
    """Ask every claim of the study, and return its pages: the study's own, and one for each claim it can answer.

    Writes nothing. chosen: ids of the claims whose pages are wanted, None for all. The others are asked all the same,
    and so are claims whose method no notebook tells: their estimates are fitted without a page.
    """
    job.asked = {name: models.ask(claim, job.dataset) for name, claim in job.claims.items()}
    path_from = reach(job.folder, job.stage)
    pages = [Page("study", NOTEBOOKS / "study.ipynb", job.stage, {"study": path_from(job.stage)})]
    for name, asked in job.asked.items():
        story = None if isinstance(asked, Lack) else STORIES.get(job.claims[name].analysis.method)
        if story and (chosen is None or name in chosen):
            folder = job.stage / f".page-{name}"  # as deep as claims/, where the notebook goes
            pages.append(Page(name, NOTEBOOKS / story, folder, {"study": path_from(folder), "claim": name}))
    return pages


def take(job, results):
    """Take what the runner made of the study's pages: estimates, notebooks, failures."""
    job.results += results
    for result in results:
        estimate, failure = _read(job, result)
        if failure:
            job.failures[result.page.name] = failure
        else:
            job.executed[result.page.name] = _settle(job, result)
        if estimate:
            job.outcomes[result.page.name] = estimate
        if result.page.folder != job.stage:
            shutil.rmtree(result.page.folder, ignore_errors=True)


def _read(job, result):
    """Return (Estimate, None), (None, None) for a page that is no claim's, or (None, Failure)."""
    if result.failure or result.page.name not in job.claims:
        return None, result.failure
    try:
        return from_json(handed_over(result.executed, MIME)), None
    except MMResearchError as error:
        return None, Failure(type(error).__name__, str(error))


def conclude(job, keeper):
    """Fit the claims that have no page, so that the family never shrinks, and judge each registry.

    keeper: keeping.Keeper, which knows what was fitted before
    """
    for name, asked in job.asked.items():
        if name not in job.outcomes:
            job.outcomes[name] = asked if isinstance(asked, Lack) else _fit(job, name, keeper)
    for registry in job.registries:
        outcomes = {claim.id: job.outcomes[claim.id] for claim in registry if claim.analysis is not None}
        job.judged[registry.name] = outcomes, judge(registry, outcomes)


def _settle(job, result):
    """Move an executed notebook to where the report has it."""
    if result.page.folder == job.stage:
        return result.executed
    kept = job.stage / "claims" / result.executed.name
    kept.parent.mkdir(exist_ok=True)
    return result.executed.rename(kept)


def _fit(job, name, keeper):
    """Estimate a claim without its page. A page that failed because its claim has no answer here is no failure."""
    kept = keeper.recall_estimate(job, name)
    if kept is not None:
        return kept
    try:
        outcome = models.fit(job.claims[name], job.dataset)
    except Exception as error:  # one claim's analysis fails no other; its message may hold a patient's value
        reason = f"{type(error).__name__}, a fault of mmresearch"
        job.failures.setdefault(name, Failure(type(error).__name__, f"the analysis stopped: {reason}"))
        return from_json(models.give_up(job.asked[name], job.dataset, reason).to_json())
    if isinstance(outcome, Lack):
        job.failures.pop(name, None)
        return outcome
    keeper.keep_estimate(job, name, outcome)
    return from_json(outcome.to_json())
