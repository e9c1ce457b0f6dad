"""`mmresearch pool`: independent studies of one outcome put together, printed and as a page."""

import sys
from pathlib import Path

from mmresearch.errors import UsageError

NARROW = 100  # characters of a line of text


def add_pool(commands, common):
    """Add what may be typed after `mmresearch pool`."""
    pool = commands.add_parser("pool", parents=[common], help="pool independent studies of one outcome")
    pool.add_argument("places", nargs="*", type=Path, metavar="FILE|REPORT",
                      help="a table (CSV), a report's estimates/<id>.json, or a report's folder (with --claim)")
    pool.add_argument("--claim", metavar="ID", help="which estimate of a report's folder")
    pool.add_argument("--published", type=_ids, metavar="ID,...", help="published trials, by their row: E001,E054")
    pool.add_argument("--level", type=float, default=0.95, metavar="SHARE", help="of intervals (default: 0.95)")
    pool.add_argument("--on", metavar="INSTRUMENT", help="put a standardised difference back on its points")
    pool.add_argument("--sd", type=float, metavar="NUMBER", help="with that SD (default: ours, where one is known)")
    pool.add_argument("--json", action="store_true", help="as JSON")
    pool.add_argument("--out", type=Path, metavar="DIR", help="also write a page with a forest plot")
    pool.set_defaults(command=pool_effects)


def _ids(text):
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def pool_effects(arguments):
    """Pool what the command line names. Raises UsageError with everything that forbids it."""
    from mmresearch.cli.contributions import gather
    from mmresearch.pooling import pool_studies

    if not arguments.places and not arguments.published:
        raise UsageError("pool", "nothing was named to pool", remedy="Name reports, tables, or --published E001,...")
    if arguments.sd is not None and not arguments.on:
        raise UsageError("--sd", "it puts a standardised difference back on points, and no instrument was named",
                         remedy="Name one with --on.")
    synthesis = pool_studies(gather(arguments.places, arguments.claim, arguments.published or ()), arguments.level)
    if arguments.on:
        synthesis = _put_back(synthesis, arguments)
    _print(synthesis, arguments)
    if arguments.out:
        written = _write(synthesis, arguments.out)
        print(f"Page: {written}", file=sys.stderr if arguments.json else sys.stdout)  # JSON stays JSON alone


def _put_back(synthesis, arguments):
    from mmresearch.codebook import codebook
    from mmresearch.planning import find_spread
    from mmresearch.pooling import put_on_points

    instrument = codebook().instrument(arguments.on)
    spread = find_spread(instrument, arguments.sd)
    return put_on_points(synthesis, instrument.id, instrument.unit, spread.sd, spread.source,
                         instrument.better)


def _print(synthesis, arguments):
    from mmresearch.estimate import dumps

    print(dumps(synthesis.to_json()), end="") if arguments.json else print("\n".join(_lines(synthesis)))


def _lines(synthesis):
    from textwrap import fill

    from mmresearch.exhibits.pooled import lines_of, name_measure, tell_pooled

    rows = lines_of(synthesis)
    widths = [max(len(row[index]) for row in rows) for index in range(4)]
    yield f"{len(rows)} studies: {name_measure(synthesis)}" + ("; SIMULATED" if synthesis.simulated else "")
    yield ""
    for row in rows:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip()
    yield ""
    told = [f"{word}: {sentence}" for word, sentence in tell_pooled(synthesis)]
    for sentence in [*told, *(f"Note: {note}." for note in synthesis.notes)]:
        bound = sentence.replace(" = ", "\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}")  # `p = 0.04` stays on one line
        yield fill(bound, NARROW, subsequent_indent="  ").replace("\N{NO-BREAK SPACE}", " ")


def _write(synthesis, folder):
    """Write index.html and pooled.json into a folder of their own and move it in whole."""
    from mmresearch.cli.places import put_in_place
    from mmresearch.report import write_pooled

    return put_in_place(lambda stage: write_pooled(synthesis, stage), folder) / "index.html"
