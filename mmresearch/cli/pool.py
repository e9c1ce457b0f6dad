"""`mmresearch pool`: independent studies of one outcome put together, printed and as a page."""

from pathlib import Path

from mmresearch.errors import UsageError

NARROW = 100  # characters of a line of text


def pool_effects(arguments):
    """Pool what the command line names. Raises UsageError with everything that forbids it."""
    from mmresearch.cli.contributions import gather
    from mmresearch.pooling import pool_studies

    if not arguments.places and not arguments.published:
        raise UsageError("pool", "nothing was named to pool", remedy="Name reports, tables, or --published E001,...")
    synthesis = pool_studies(gather(arguments.places, arguments.claim, arguments.published or ()), arguments.level)
    if arguments.on:
        synthesis = _put_back(synthesis, arguments)
    _print(synthesis, arguments)
    if arguments.out:
        print(f"Page: {_write(synthesis, Path(arguments.out))}")


def _put_back(synthesis, arguments):
    from mmresearch.codebook import codebook
    from mmresearch.planning import find_spread
    from mmresearch.pooling import put_on_points

    instrument = codebook().instrument(arguments.on)
    spread = find_spread(instrument, arguments.sd)
    return put_on_points(synthesis, instrument.id, instrument.unit, spread.sd, spread.source)


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
    for word, sentence in tell_pooled(synthesis):
        yield fill(f"{word}: {sentence}", NARROW, subsequent_indent="  ")
    for note in synthesis.notes:
        yield fill(f"Note: {note}.", NARROW, subsequent_indent="  ")


def _write(synthesis, folder):
    """Write index.html and pooled.json into a folder of their own and move it in whole."""
    from mmresearch.cli.places import make_folder, staging_folder, writing
    from mmresearch.report import check_target, publish, write_pooled

    target = folder.absolute()
    check_target(target)
    stage = staging_folder(target)
    make_folder(stage)
    with writing(stage):
        write_pooled(synthesis, stage)
    return publish(stage, target) / "index.html"
