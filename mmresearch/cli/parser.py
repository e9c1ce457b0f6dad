"""What may be typed. Each command's function imports what it needs when it is called."""

import argparse
from pathlib import Path

from mmresearch import __version__
from mmresearch.cli.anonymize import add_anonymize
from mmresearch.cli.evidence import add_evidence
from mmresearch.cli.pool import add_pool
from mmresearch.cli.power import add_power
from mmresearch.errors import UsageError

STUDY = "folder that holds study.toml, or a folder of such folders"


class Parser(argparse.ArgumentParser):
    """Says what was mistyped in a line; all that may be typed stands in --help."""

    def error(self, message):
        self.exit(UsageError.exit_code, f"{self.prog}: {message}\n`{self.prog} --help` says what may be typed.\n")


def read_arguments(argv=None):
    """Return the parsed command line; `command` is the function to call with it. Exits with code 2 on a mistake."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--debug", action="store_true",
                        help="show the traceback of an error (may hold values of patients)")
    parser = Parser(
        prog="mmresearch", description="Tests what is claimed of medical massage against a study's session outcomes.")
    parser.add_argument("--version", action="version", version=f"mmresearch {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for add in (_add_run, _add_check, _add_claims, _add_lab, _add_simulate, add_anonymize, add_evidence, add_pool,
                add_power, _add_release):
        add(commands, common)
    return parser.parse_args(argv)


def _add_run(commands, common):
    run = commands.add_parser("run", parents=[common], help="judge every claim in a study and write the report")
    run.add_argument("study", type=Path, nargs="?", metavar="STUDY",
                     help=f"{STUDY}; without one: what trials have published")
    run.add_argument("--claims", type=_ids, metavar="ID,...",
                     help="write the pages of these claims only; every claim is judged")
    run.add_argument("--out", type=Path, metavar="DIR", help="where the report goes (default: reports/<name of STUDY>)")
    run.add_argument("--jobs", type=_count, metavar="N", help="notebooks executed side by side (default: one a core)")
    run.add_argument("--timeout", type=_count, metavar="SECONDS", default=600,
                     help="for one cell, whole seconds (default: %(default)s)")
    run.add_argument("--by", type=_columns, action="extend", metavar="COLUMN,...", help=(
        "exploratory pages within the levels of a patients' column, such as condition or site; each column by itself"))
    run.add_argument("--memory", type=_count, metavar="MB",
                     help="for one page (default: four fifths of the machine's, shared by the pages that run at once)")
    run.add_argument("--dask", metavar="ADDRESS", help="execute the pages on the Dask cluster of this scheduler")
    run.add_argument("--anew", action="store_true", help="execute every page, also what is kept from earlier runs")
    run.add_argument("--explain", action="store_true", help="say which pages would run and why; write nothing")
    run.add_argument("--wait", action="store_true",
                     help="where another run works on this report, say which and wait for its end")
    run.set_defaults(command=_run)


def _add_check(commands, common):
    check = commands.add_parser("check", parents=[common], help="read and check a study; writes nothing")
    check.add_argument("study", type=Path, metavar="STUDY", help=STUDY)
    check.set_defaults(command=_check)


def _add_claims(commands, common):
    claims = commands.add_parser("claims", parents=[common], help="list the registry, or show one claim whole")
    claims.add_argument("id", nargs="?", metavar="ID", help="a claim's id")
    claims.add_argument("--json", action="store_true", help="as JSON")
    claims.set_defaults(command=_claims)


def _add_lab(commands, common):
    lab = commands.add_parser("lab", parents=[common], help="open JupyterLab on the notebooks")
    lab.add_argument("rest", nargs="*", metavar="ARGUMENT", help="handed to JupyterLab (after --)")
    lab.set_defaults(command=_lab)


def _add_simulate(commands, common):
    simulate = commands.add_parser("simulate", parents=[common], help="invent a study with known effects")
    simulate.add_argument("folder", type=Path, metavar="DIR", help="a folder that is absent or empty")
    simulate.add_argument("--seed", type=int, metavar="N", help="another seed gives other patients, the same effects")
    simulate.add_argument("--design", default="three-arm", metavar="NAME",
                          help="the study to invent, named as the folders of data/demo (default: three-arm)")
    simulate.set_defaults(command=_simulate)


def _add_release(commands, common):
    release = commands.add_parser("release", parents=[common], help="write the report that may leave the clinic")
    release.add_argument("study", type=Path, metavar="STUDY", help="folder that holds study.toml")
    release.add_argument("--out", type=Path, metavar="DIR", help="where it goes (default: release/<name of STUDY>)")
    release.add_argument("--threshold", type=_count, default=11, metavar="N",
                         help="patients behind every number that leaves (default: %(default)s)")
    release.add_argument("--round", type=_count, default=1, metavar="BASE",
                         help="round counts to multiples of it, such as 5 (default: not)")
    release.add_argument("--ledger", type=Path, metavar="DIR",
                         help="where releases are remembered (default: .mmresearch-ledger beside STUDY)")
    release.set_defaults(command=_release)


def _ids(text):
    ids = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not ids:
        raise argparse.ArgumentTypeError("expected ids of claims, separated by commas")
    return ids


def _columns(text):
    columns = tuple(part.strip() for part in text.split(",") if part.strip())
    if not columns:
        raise argparse.ArgumentTypeError("expected names of columns, separated by commas")
    return columns


def _count(text):
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, not '{text}'")
    return int(text)


def _run(arguments):
    if arguments.study is None:
        from mmresearch.cli.evidence import run_without_study

        return run_without_study(arguments)
    from mmresearch.cli.finished import recall

    if recall(arguments):  # before the rooms are imported, which takes longer than the answer
        return 0
    from mmresearch.cli.run import run_studies

    return run_studies(arguments)


def _check(arguments):
    from mmresearch.cli.intake import check_studies

    return check_studies(arguments)


def _claims(arguments):
    from mmresearch.cli.listing import list_claims

    return list_claims(arguments)


def _lab(arguments):
    from mmresearch.cli.lab import open_lab

    return open_lab(arguments)


def _release(arguments):
    from mmresearch.cli.release import release_study

    return release_study(arguments)


def _simulate(arguments):
    from mmresearch.cli.simulation import simulate_folder

    return simulate_folder(arguments)
