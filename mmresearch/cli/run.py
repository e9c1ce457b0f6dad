"""`mmresearch run`: the rooms in a row, for one study or for a folder of them."""

import shutil
import signal
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime

from mmresearch import report, runner
from mmresearch.cli.chain import Job, check_chosen, conclude, plan, take
from mmresearch.cli.facts import gather_facts
from mmresearch.cli.intake import read_studies
from mmresearch.cli.places import NOTEBOOKS, leave, report_folder, staging_folder, writing
from mmresearch.describe import describe_study
from mmresearch.exhibits import split_verdicts


def run_studies(arguments):
    """Run everything, move the report in whole, and print where it is. Returns 1 where a page failed, else 0."""
    clock = time.perf_counter(), datetime.now(UTC)
    studies = read_studies(arguments.study)
    check_chosen(arguments.claims, [registry for _, _, registries in studies for registry in registries])
    target = report_folder(arguments.study, arguments.out)
    report.clear_up(target)
    report.check_target(target)
    stage = staging_folder(target)
    single = studies[0][0].resolve() == arguments.study.resolve() or arguments.study.name == "study.toml"
    jobs = [Job(folder, dataset, registries, stage if single else stage / folder.name)
            for folder, dataset, registries in studies]
    with _stopped_like_ctrl_c(), writing(target):
        try:
            _run(jobs, arguments, clock, "" if single else "../index.html")
            if not single:
                report.write_overview(stage, {job.stage.name: job.record for job in jobs})
            report.publish(stage, target, tokens=[name for job in jobs for name in job.dataset.patients["patient"]])
        finally:
            shutil.rmtree(stage, ignore_errors=True)
    return _tell(jobs, target)


@contextmanager
def _stopped_like_ctrl_c():
    """A run that is told to end (SIGTERM) takes its stage and its workers with it, as at Ctrl-C."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _run(jobs, arguments, clock, overview):
    """Fill each job's stage: its pages side by side with those of the other studies, then what rests on all of them.

    overview: where the index over the studies is, from a study's own; empty: there is none
    """
    _execute(jobs, [plan(job, arguments.claims) for job in jobs], arguments)
    for job in jobs:
        conclude(job)
        report.write_records(_record(job, arguments, clock, overview), job.stage)
    together = [[runner.Page("verdicts", NOTEBOOKS / "verdicts.ipynb", job.stage, {"run": "."})] for job in jobs]
    _execute(jobs, together, arguments)
    for job in jobs:
        leave(job.stage)
        job.record = _record(job, arguments, clock, overview)
        report.write_report(job.record, job.stage)


def _execute(jobs, pages, arguments):
    """Execute the pages of all studies at once. pages: one list a job."""
    results = runner.execute([page for each in pages for page in each], jobs=arguments.jobs, timeout=arguments.timeout)
    for job, each in zip(jobs, pages, strict=True):
        take(job, results[:len(each)])
        results = results[len(each):]


def _record(job, arguments, clock, overview):
    begun, started = clock
    facts = gather_facts(job, started, time.perf_counter() - begun, arguments)
    families = tuple(report.Family(registry, *job.judged[registry.name]) for registry in job.registries)
    failures = tuple(report.FailedPage(name, failure.sentence) for name, failure in job.failures.items())
    return report.RunRecord(describe_study(job.dataset), families, dict(job.executed), failures, facts,
                            instruments=dict(job.dataset.study.instruments), shown=arguments.claims, overview=overview)


def _tell(jobs, target):
    for job in jobs:
        for name, failure in job.failures.items():
            print(f"{job.folder.name}: page {name} failed: {failure.sentence}", file=sys.stderr)
    for job in jobs:
        print(summarise(job.folder.name, job))
    print(target / "index.html")
    return int(any(job.failures for job in jobs))


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
