"""`mmresearch release`: the report that may leave, made of gated results, and the entry that remembers it."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import mmresearch
from mmresearch import disclosure, models, report
from mmresearch.cli.chain import Job, conclude
from mmresearch.cli.facts import hash_registry, read_commit
from mmresearch.cli.intake import read_studies
from mmresearch.cli.places import staging_folder, writing
from mmresearch.cli.release_ledger import LedgerFolder
from mmresearch.describe import describe_study
from mmresearch.describe.behind import who_is_behind
from mmresearch.errors import PrivacyError, UsageError
from mmresearch.estimate import Estimate
from mmresearch.models.behind import patients_behind
from mmresearch.models.troubles import TROUBLES
from mmresearch.workbench.opening import OWN

MOST = 12  # findings printed; the others are counted


def release_study(arguments):
    """Gate one study's results, check what came of it, write it, and remember it. Returns 0.

    Raises PrivacyError where a last check finds what may not leave, or an earlier release would tell of few patients
    beside this one: then nothing is written and nothing remembered.
    """
    policy = disclosure.Policy(arguments.threshold, arguments.round)
    job = _judged(arguments.study)
    target = _target(job.folder, arguments.out)
    report.check_target(target)
    with LedgerFolder(arguments.ledger or job.folder.resolve().parent / ".mmresearch-ledger", target) as ledger:
        release = _gate(job, policy, ledger)
        _stop(job.folder.name, "what was about to leave tells of too few patients", disclosure.inspect_records(
            release.gated.description, release.gated.outcomes,
            [each for found in release.gated.verdicts.values() for each in found], release.support, policy,
            job.outcomes))
        conflicts = disclosure.find_conflicts(release.entry, ledger.entries)
        _stop(job.folder.name, "an earlier release and this one would together tell of too few patients", conflicts,
              "Nothing was written. Wait until the study has grown by more patients, or give the same data again.")
        _publish(job, release, policy, target, ledger)
    print(f"{len(release.gated.withheld)} results are withheld. What stays inside: {ledger.place}")
    print(target / "index.html")
    return 0


def _target(folder, out):
    return Path(out).absolute() if out else Path.cwd() / "release" / folder.resolve().name


def _judged(path):
    studies = read_studies(path)
    if len(studies) > 1:
        raise UsageError(path, f"expected one study, found {len(studies)}",
                         remedy="Release one study at a time: each release is a decision of its own.")
    [(folder, dataset, registries)] = studies
    job = Job(folder, dataset, registries, Path())
    job.asked = {name: models.ask(claim, dataset) for name, claim in job.claims.items()}
    conclude(job, _Nothing())
    return job


class _Nothing:
    """Keeps nothing and recalls nothing: what leaves is fitted from the data as they are."""

    def recall_estimate(self, job, name):
        return None

    def keep_estimate(self, job, name, estimate):
        return None


class _Release:
    """One study's gated results and what stands behind them; prints as nothing."""

    def __init__(self, support, gated, statements, entry):
        self.support, self.gated, self.statements, self.entry = support, gated, statements, entry


def _gate(job, policy, ledger):
    estimated = {name: patients_behind(job.claims[name], job.dataset, each.n) for name, each in job.outcomes.items()
                 if isinstance(each, Estimate)}
    support = disclosure.Support(who_is_behind(job.dataset), estimated)
    meanings = {code: words for code, (_, words) in TROUBLES.items()}
    gated = disclosure.gate_run(describe_study(job.dataset), job.judged, support, policy, meanings,
                                ledger.fingerprint(job.dataset.sha256))
    statements = disclosure.list_statements(gated.description, gated.outcomes, support)
    entry = disclosure.make_entry(ledger.next_name(), job.dataset.study.title, datetime.now(UTC).date().isoformat(),
                                  policy, support, statements, ledger.key)
    return _Release(support, gated, statements, entry)


def _publish(job, release, policy, target, ledger):
    """Write the pages into a stage, look at every byte, promise the entry, move the stage in, keep the promise."""
    stage = staging_folder(target)
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            report.write_report(_record(job, release, policy), stage)
            for name, content in disclosure.write_tables(release.gated.description, release.gated.outcomes).items():
                (stage / "tables").mkdir(exist_ok=True)
                (stage / "tables" / name).write_bytes(content)
            described = release.support.described
            pages = {path.relative_to(stage).as_posix(): path.read_bytes() for path in sorted(stage.rglob("*"))
                     if path.is_file()}
            staff = {str(each) for each in (*described.therapists.values(), *described.sites.values())}
            _stop(job.folder.name, "the finished pages hold what may not leave",
                  disclosure.inspect_pages(pages, described.patients, staff))
            ledger.promise(release.entry)
            report.publish(stage, target, described.patients)
            ledger.keep(release.entry, _underlying(release))
        finally:
            shutil.rmtree(stage, ignore_errors=True)


def _record(job, release, policy):
    families = tuple(report.Family(registry, _of(registry, release.gated.outcomes), release.gated.verdicts[
        registry.name]) for registry in job.registries)
    return report.RunRecord(release.gated.description, families, facts=_facts(job, release, policy),
                            instruments=dict(job.dataset.study.instruments), released=str(policy.fewest))


def _of(registry, outcomes):
    return {claim.id: outcomes[claim.id] for claim in registry if claim.id in outcomes}


def _facts(job, release, policy):
    """What run.json of a release says: nothing that comes from a patient's row, a hash of the data included."""
    return {
        "release": release.entry.release, "threshold": policy.fewest, "rounded_to": policy.base,
        "fingerprint": release.gated.description.outline.sha256, "mmresearch": mmresearch.__version__,
        "claims_sha256": {registry.name: hash_registry(registry) for registry in job.registries},
        "started": release.entry.when, "git": read_commit(),
        "own_claims": [claim.model_dump(mode="json", exclude_defaults=True) for registry in job.registries
                       if registry.name == OWN for claim in registry],
    }


def _underlying(release):
    """The true counts behind every released number, and what was withheld and why: for who checks, inside."""
    return {"release": release.entry.release,
            "numbers": [{"where": each.where, "kind": each.kind, "variable": each.variable,
                         "patients": each.crowd.bit_count(), "shown": each.shown} for each in release.statements],
            "withheld": [{"where": each.where, "why": each.why} for each in release.gated.withheld]}


def _stop(name, what, findings, remedy="Nothing was written. Report this: the gate should have withheld it."):
    if findings:
        more = [f"and {len(findings) - MOST} more"] if len(findings) > MOST else []
        raise PrivacyError(name, what, [*findings[:MOST], *more], remedy)
