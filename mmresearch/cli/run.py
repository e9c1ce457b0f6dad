"""`mmresearch run`: the rooms in a row, for one study or for a folder of them."""

import shutil
import signal
import sys
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from mmresearch import report, runner
from mmresearch.cli.chain import Job, check_chosen, conclude, plan, prepare, take
from mmresearch.cli.facts import gather_facts, identify
from mmresearch.cli.finished import kept_beside, remember, snapshot_for
from mmresearch.cli.intake import read_studies
from mmresearch.cli.keeping import Keeper, explain_run
from mmresearch.cli.places import NOTEBOOKS, hidden_folder, leave, report_folder, staging_folder, writing
from mmresearch.cli.strata import lay_grid
from mmresearch.cli.unchanged import check_unchanged
from mmresearch.exhibits import split_verdicts
from mmresearch.runner.lock import held

SLOWEST = 3  # pages named at the end of a run
CHOSEN = "Only the pages of --claims were written; every claim is judged."


def run_studies(arguments):
    """Run everything, move the report in whole, and print where it is. Returns 1 where a page failed, else 0."""
    clock = time.perf_counter(), datetime.now(UTC)
    snapshot = snapshot_for(arguments.study)  # before anything is read: what changes from here on is noticed
    target = report_folder(arguments.study, arguments.out)
    place = None if arguments.explain else arguments.dask
    with writing(target), runner.open_executor(arguments.jobs, place) as executor:
        if not arguments.explain and (arguments.anew or not kept_beside(target).folder.exists()):
            executor.start()  # everything will run: workers import what they need while the study is read
        return _run_studies(arguments, executor, (*clock, snapshot))


def _run_studies(arguments, executor, clock):
    studies = read_studies(arguments.study)
    check_chosen(arguments.claims, [registry for _, _, registries in studies for registry in registries])
    target = report_folder(arguments.study, arguments.out)
    stage = staging_folder(target)
    single = studies[0][0].resolve() == arguments.study.resolve() or arguments.study.name == "study.toml"
    jobs = [Job(folder, dataset, registries, stage if single else stage / folder.name)
            for folder, dataset, registries in studies]
    *_, snapshot = clock
    keeper, grid = Keeper(kept_beside(target), snapshot, arguments.anew), lay_grid(jobs, arguments.by)
    if arguments.explain:
        return explain_run(jobs, _plan(jobs, arguments, grid), keeper)
    whose = [identify(job) for job in jobs]
    report.check_target(target, whose)
    with _stopped_like_ctrl_c(keeper), held(hidden_folder(target), target.name, arguments.wait):
        report.clear_up(target)
        report.check_target(target, whose)
        try:
            tokens = [name for job in jobs for name in job.dataset.patients["patient"]]
            clean = _run(jobs, arguments, clock, "" if single else "../index.html", keeper, grid, executor, tokens)
            if not single:
                report.write_overview(stage, {job.stage.name: job.record for job in jobs})
            check_unchanged(jobs, snapshot)
            before = report.read_standing(target)
            report.publish(stage, target, tokens, clean)
            _tell_dropped(before, arguments.by)
            return _finish(jobs, arguments, target, snapshot, keeper, grid)
        finally:
            shutil.rmtree(stage, ignore_errors=True)


def _finish(jobs, arguments, target, snapshot, keeper, grid):
    """Say what came out, keep what the same command needs to say it again at once, and make room."""
    lines = [CHOSEN] if arguments.claims else []
    lines += [line for job in jobs for line in (summarise(job.folder.name, job), *grid.tell(job))] + grid.passed
    failed = any(job.failures for job in jobs)
    with suppress(OSError):  # the report is in its place; what follows only spares work
        if not failed:
            remember(arguments, target, snapshot, lines)
        keeper.close()
    _tell(jobs, lines, target)
    return int(failed)


@contextmanager
def _stopped_like_ctrl_c(keeper):
    """A run that is told to end (SIGTERM) takes its stage and its workers with it, as at Ctrl-C."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        raise KeyboardInterrupt(keeper.told()) from None
    finally:
        signal.signal(signal.SIGTERM, before)


def _tell_dropped(standing, columns):
    """Say which strata the report before had and this one has not. standing: the content of its run.json's."""
    had = dict.fromkeys(each for facts in standing for each in (facts.get("parameters") or {}).get("by") or ())
    gone = ",".join(each for each in had if each not in (columns or ()))
    if gone:
        print(f"The report that stood there had strata by {gone}; this one has none: --by {gone} writes them.",
              file=sys.stderr)


def _plan(jobs, arguments, grid):
    """Return the pages of each study, one list a job: its own, its claims', its strata's."""
    return [plan(job, arguments.claims) + grid.plan(job, arguments.claims) for job in jobs]


def _run(jobs, arguments, clock, overview, keeper, grid, executor, tokens):
    """Fill each job's stage: its pages side by side with those of the other studies, then what rests on all of them.

    overview: where the index over the studies is, from a study's own; empty: there is none
    Returns report.find_clean of what is in it: a study's files are written and scanned while pages of others run.
    """
    clean = set()

    def judge(job):
        conclude(job, keeper)
        job.strata = grid.conclude(job)
        record = _record(job, arguments, clock, overview)
        report.write_records(record, job.stage)
        report.write_claims(record, job.stage)
        clean.update(report.find_clean(job.stage / "claims", tokens))

    def finish(job):
        leave(job.stage)
        job.record = _record(job, arguments, clock, overview)
        report.write_report(job.record, job.stage, claims=False)
        clean.update(report.find_clean(job.stage, tokens, clean))

    for job in jobs:
        prepare(job)
    _execute(jobs, _plan(jobs, arguments, grid), arguments, keeper, executor, judge)
    together = [[runner.Page("verdicts", NOTEBOOKS / "verdicts.ipynb", job.stage, {"run": "."},
                             brings=("run.json", "verdicts.json", "estimates"))] for job in jobs]
    _execute(jobs, together, arguments, keeper, executor, finish)
    return clean


def _execute(jobs, pages, arguments, keeper, executor, then):
    """Execute the pages of all studies at once that are not kept from before. pages: one list a job.

    then: called with each job when all its pages are there, of which those of other jobs may still run.
    """
    owners = {page.executed: job for job, each in zip(jobs, pages, strict=True) for page in each}
    found = {page.executed: keeper.recall(owners[page.executed], page) for each in pages for page in each}
    missing = [page for each in pages for page in each if found[page.executed] is None]
    waiting = {job.stage: (job, each) for job, each in zip(jobs, pages, strict=True)}

    def close(job):
        results = [found[page.executed] for page in waiting.pop(job.stage)[1]]
        take(job, results)
        then(job)

    def done(result):
        job = owners[result.page.executed]
        keeper.keep(job, result)
        found[result.page.executed] = result
        if all(found[page.executed] for page in waiting[job.stage][1]):
            close(job)

    keeper.tell(len(found) - len(missing), len(missing))
    executed = runner.execute(missing, executor=executor, timeout=arguments.timeout, memory=arguments.memory,
                              on_done=done)
    found |= {result.page.executed: result for result in executed}
    for job, _ in list(waiting.values()):  # nothing of theirs had to run
        close(job)


def _record(job, arguments, clock, overview):
    begun, started, snapshot = clock
    facts = gather_facts(job, started, time.perf_counter() - begun, arguments, snapshot)
    families = tuple(report.Family(registry, *job.judged[registry.name]) for registry in job.registries)
    failures = tuple(report.FailedPage(name, failure.sentence) for name, failure in job.failures.items())
    return report.RunRecord(job.description, families, dict(job.executed), failures, facts,
                            instruments=dict(job.dataset.study.instruments), shown=arguments.claims, overview=overview,
                            strata=job.strata)


def _tell(jobs, lines, target):
    for job in jobs:
        for name, failure in job.failures.items():
            print(f"{job.folder.name}: page {name} failed: {failure.sentence}", file=sys.stderr)
    ran = [(result.seconds, f"{job.folder.name}/{result.page.name}") for job in jobs for result in job.results
           if not (result.from_cache or result.failure)]
    if ran:
        slowest = ", ".join(f"{name} {seconds:.1f} s" for seconds, name in sorted(ran, reverse=True)[:SLOWEST])
        print(f"Slowest pages: {slowest}.", file=sys.stderr)
    print(*lines, target / "index.html", sep="\n")


def summarise(name, job):
    """Return one line: how many claims got which verdict, a family at a time."""
    parts = []
    for registry in job.registries:
        found = job.judged[registry.name][1]
        counts = ", ".join(f"{count} {name}{' (exploratory)' if explored else ''}"
                           for name, explored, count in split_verdicts(found) if count)
        whose = "the study's own" if registry.name != "articles" else "the articles'"
        parts.append(f"{counts} of {len(found)} claims ({whose})")
    return f"{name}: {'; '.join(parts)}"
