"""`mmresearch evidence`: what published trials say of the articles' claims, without a study; the table's checker."""

from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

OF_A_STUDY = ("claims", "by", "explain", "anew")  # options of `mmresearch run` that mean nothing without a study
NAME = "evidence"  # of the folder under reports/


def add_evidence(commands, common):
    """Add the command to the parser."""
    evidence = commands.add_parser("evidence", parents=[common],
                                   help="what published trials say of the articles' claims, without a study")
    evidence.add_argument("--out", type=Path, metavar="DIR",
                          help=f"where the report goes (default: reports/{NAME})")
    told = evidence.add_mutually_exclusive_group()
    told.add_argument("--json", action="store_true", help="print the reading of every claim; write nothing")
    told.add_argument("--check", type=Path, metavar="FILE",
                      help="check a table of published effects: every broken rule, by row; write nothing")
    evidence.set_defaults(command=read_evidence)


def read_evidence(arguments):
    """Write the literature report, or print it as JSON, or check a table (`--check`). Raises what each finds wrong."""
    if arguments.check:
        return check_table(arguments.check)
    if arguments.json:
        return _print_readings()
    return write_evidence(arguments.out)


def run_without_study(arguments):
    """`mmresearch run` without STUDY: the literature report. Raises UsageError where an option asks for a study."""
    from mmresearch.errors import UsageError

    asking = [f"--{name}" for name in OF_A_STUDY if getattr(arguments, name, None)]
    if asking:
        raise UsageError("mmresearch run", f"{', '.join(asking)} asks for a STUDY, and none was named",
                         remedy="Name a study's folder; without one, run writes what trials have published.")
    write_evidence(arguments.out)


def check_table(path):
    """Check a table of published effects and say how many rows it has. Raises RegistryError with each rule and row."""
    from mmresearch.errors import UsageError
    from mmresearch.evidence import read_effects

    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise UsageError(path, "the table is not UTF-8", remedy="Save it as CSV in UTF-8.") from None
    except OSError as error:
        raise UsageError(path, f"the table cannot be read: {error.strerror}") from None
    rows = read_effects(text, path)
    trials = sum(row.level == "trial" for row in rows)
    print(f"{path}: {len(rows)} rows are sound: {trials} of trials, {len(rows) - trials} of reviews.")


def write_evidence(out=None):
    """Write the literature report of all registered claims and print its address."""
    from mmresearch.cli.places import put_in_place
    from mmresearch.exhibits import tell_readings
    from mmresearch.report import write_literature

    record = _record()
    target = put_in_place(lambda stage: write_literature(record, stage), out or Path.cwd() / "reports" / NAME)
    print(tell_readings(record.readings.values()))
    print(target / "index.html")


def _record():
    from mmresearch import report
    from mmresearch.claims import articles
    from mmresearch.evidence import RULE, published_effects, read_literature

    registry = articles()
    readings = {claim.id: read_literature(claim) for claim in registry}
    return report.LiteratureRecord(registry, readings, _facts(registry), tuple(step.words for step in RULE),
                                   len(published_effects()), {claim.id: _put_on_points(claim, readings[claim.id])
                                                              for claim in registry})


def _put_on_points(claim, reading):
    """Return the sentence that puts a standardised result on the first instrument of the claim whose SD is known."""
    from mmresearch.codebook import codebook
    from mmresearch.errors import UsageError
    from mmresearch.evidence import tell_points
    from mmresearch.planning import find_spread

    if not (reading.basis == "review" and reading.row.effect_type == "SMD"):
        return ""
    for name in claim.analysis.instruments:
        instrument = codebook().instrument(name)
        with suppress(UsageError):  # no SD of it stands in our table
            if name in reading.row.instruments:
                spread = find_spread(instrument)
                return tell_points(reading.row, instrument, spread.sd, spread.source)
    return ""


def _facts(registry):
    """What run.json says: no study, so no patients and no data but the table's."""
    import platform

    import mmresearch
    from mmresearch.cli.facts import hash_registry, read_commit
    from mmresearch.evidence import hash_effects

    return {"evidence_sha256": hash_effects(), "claims_sha256": {registry.name: hash_registry(registry)},
            "git": read_commit(), "mmresearch": mmresearch.__version__, "python": platform.python_version(),
            "started": datetime.now(UTC).isoformat(timespec="seconds")}


def _print_readings():
    from mmresearch.claims import articles
    from mmresearch.estimate import dumps
    from mmresearch.evidence import read_literature

    print(dumps([read_literature(claim).to_json() for claim in articles()]), end="")
