"""`mmresearch run --by COLUMN`: the exploratory strata of a run, beside its claims and outside their families.

A column makes a grid of its own: every claim with a page times every level. Several columns are several grids, not
their cross, whose cells would hold a handful of patients each.
"""

from collections import Counter
from dataclasses import dataclass, field

from mmresearch import models
from mmresearch.cli.chain import STORIES
from mmresearch.cli.places import NOTEBOOKS, reach
from mmresearch.errors import MMResearchError, UsageError
from mmresearch.estimate import MIME, Estimate, Lack, from_json
from mmresearch.models.question import FEWEST
from mmresearch.runner import Page, handed_over
from mmresearch.strata import Comparison, Found, Interaction, Strata, Stratum


@dataclass
class Grid:
    """The strata of all studies of a run, filled in as the run proceeds; empty where no column was named.

    splits  stage of a study -> its Splits; asked: (stage, column) -> {claim id: what models.divide gave of it}
    passed  lines on studies of a folder that a column cannot divide, while it divides others
    """

    splits: dict = field(default_factory=dict)
    asked: dict = field(default_factory=dict)
    passed: list = field(default_factory=list)

    def plan(self, job, chosen=None):
        """Return the pages of a study's strata. chosen: ids of the claims whose pages are wanted, None for all."""
        pages, path_from = [], reach(job.folder, job.stage)
        for split in self.splits.get(job.stage, ()):
            asked = self.asked[job.stage, split.column] = {
                name: models.divide(question, job.dataset, split) for name, question in job.asked.items()
                if not isinstance(question, Lack) and (chosen is None or name in chosen)}
            for name, (strata, _) in asked.items():
                for level in (level for level, each in strata.items() if not isinstance(each, str)):
                    pages.append(_page(job, name, split, level, path_from))
        return pages

    def conclude(self, job):
        """Return a study's Strata, a record a column, when its pages are done and its claims are judged."""
        return tuple(_gather(job, split, self.asked[job.stage, split.column])
                     for split in self.splits.get(job.stage, ()))

    def tell(self, job):
        """Yield a line a column: how many claims were divided, and how many strata were too small to run."""
        for strata in job.strata:
            lacks = Counter(each.lack for comparison in strata.comparisons for each in comparison.found)
            run = lacks.pop("", 0)
            rest = "".join(f"; {count} not: {why}" for why, count in lacks.most_common())
            claims = f"{len(strata.comparisons)} claim{'' if len(strata.comparisons) == 1 else 's'}"
            yield (f"{job.folder.name} by {strata.split.column}, exploratory: {claims} in {len(strata.split.levels)} "
                   f"strata; {run} estimates{rest} (strata.html)")


def lay_grid(jobs, columns):
    """Return the Grid of a run. columns: names of patients' columns, in order.

    Raises UsageError where a column divides none of the studies, with what each study has.
    """
    grid, refused = Grid({job.stage: [] for job in jobs}), []
    for column in dict.fromkeys(columns or ()):
        reasons = {}
        for job in jobs:
            try:
                grid.splits[job.stage].append(models.split_patients(job.dataset, column))
            except UsageError as error:
                reasons[job.folder.name] = error.what
        lines = [f"{name}: {why}" for name, why in reasons.items()]
        (refused if len(reasons) == len(jobs) else grid.passed).extend(lines)
    if refused:
        refused += [f"{job.folder.name} can be divided by {', '.join(models.divisible(job.dataset)) or 'nothing'}"
                    for job in jobs]
        raise UsageError("--by", "expected columns that divide patients into groups", refused, "Nothing was run.")
    return grid


def _page(job, name, split, level, path_from):
    named = _named(name, split, level)
    folder = job.stage / f".page-{named}"  # as deep as claims/, where the notebook goes
    stratum = str(Stratum(split.column, level))
    story = STORIES[job.claims[name].analysis.method]
    return Page(named, NOTEBOOKS / story, folder, {"study": path_from(folder), "claim": name, "stratum": stratum})


def _named(name, split, level):
    return f"{name}--{split.slugs[level]}"  # an id has no two hyphens in a row


def _gather(job, split, asked):
    whole, comparisons, tested = {}, [], {}
    for name, (strata, why) in asked.items():
        if why:
            whole[name] = why
        elif isinstance(job.outcomes[name], Estimate):
            found = tuple(_found(job, name, split, level, each) for level, each in strata.items())
            question = job.asked[name]
            key = question.estimand, question.analysis.method  # claims that share an estimate share its strata
            if key not in tested:
                tested[key] = _compare(job, name, split.column, found)
            comparisons.append(Comparison(name, split.column, found, tested[key]))
    return Strata(split, tuple(comparisons), whole, FEWEST)


def _found(job, name, split, level, question):
    stratum, page = Stratum(split.column, level), _named(name, split, level)
    if isinstance(question, str):
        return Found(stratum, lack=question)
    if page not in job.executed:
        return Found(stratum, lack="its page failed")
    try:
        return Found(stratum, page, from_json(handed_over(job.executed[page], MIME)))
    except MMResearchError:
        return Found(stratum, lack="its page handed over no estimate")


def _compare(job, name, column, found):
    estimates = {each.stratum.level: each.estimate for each in found if each.estimate is not None}
    try:
        return models.compare_strata(job.asked[name], job.dataset, column, estimates)
    except Exception as error:  # its message may hold a patient's value; the strata themselves stand
        return Interaction(lack=f"the test stopped ({type(error).__name__}, a fault of mmresearch)")
