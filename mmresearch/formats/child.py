"""The child process: reads one file that libraries of others parse, within limits, and writes what it found as JSON."""

import importlib
import json
import sys
from dataclasses import asdict
from pathlib import Path

from mmresearch.formats.sheet import Refusal, Source, Unready

MEMORY = 1_500_000_000  # bytes of address space
SECONDS = 45  # of processor time
LONGEST = 400_000_000  # characters handed over
READERS = {  # kind -> module of this room, imported only when it is needed
    **dict.fromkeys(("xlsx", "xls"), "workbook"),
    **dict.fromkeys(("sav", "dta", "xpt", "sas7bdat"), "labelled"),
    **dict.fromkeys(("parquet", "duckdb"), "duckfile"),
    "sqlite": "sqlitefile",
    "postgres": "postgres",
}


def main():
    """Read the job from standard input, write {"sheet": ...}, {"refused": ...} or {"failed": name of the error}."""
    _limit()
    job = json.load(sys.stdin)
    try:
        told = {"sheet": _read(job)}
    except Refusal as refusal:
        unready = isinstance(refusal, Unready)
        told = {"refused": refusal.sentences, "identifying": refusal.identifying, "unready": unready}
    except BaseException as error:  # Rust panics are no Exception; an error's text may hold a cell, its name does not
        told = {"failed": type(error).__name__}
    json.dump(told, sys.stdout)
    sys.stdout.flush()


def _read(job):
    kind = job.pop("kind")
    job = {**job, "folder": Path(job["folder"]), "columns": tuple(job["columns"])}
    reader = importlib.import_module(f"mmresearch.formats.{READERS[kind]}")
    sheet = reader.read_sheet(kind, Source(**job))
    if sum(len(cell) for cells in sheet.columns.values() for cell in cells) > LONGEST:
        raise Refusal(f"its wanted columns hold more than {LONGEST} characters; export only what the study needs")
    return asdict(sheet)


def _limit():
    """Memory, processor time, no written file and no memory dump, where the system knows such limits."""
    try:
        import resource
    except ImportError:  # Windows has none; there the parent's clock alone ends a child
        return
    for name, most in (("RLIMIT_AS", MEMORY), ("RLIMIT_CPU", SECONDS), ("RLIMIT_FSIZE", 0), ("RLIMIT_CORE", 0)):
        kind = getattr(resource, name)
        _, hard = resource.getrlimit(kind)
        wanted = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(kind, (wanted, hard))
        except (ValueError, OSError):  # macOS refuses some of them
            continue
