"""Times until something happened: an outcome of kind `time` stands in a column of its own, beside how it ended."""

import pandas as pd

from mmresearch.codebook import codebook
from mmresearch.study.findings import counted
from mmresearch.study.tables import read_words

ENDINGS = ("event", "censored", "competing")


def is_time(study, instrument):
    """True for an instrument (its id) that measures the time until something happens."""
    known = study.instruments.get(instrument) or codebook().instruments.get(instrument)
    return known is not None and known.kind == "time"


def check_times(study, where, file, findings):
    """Add a finding for every time without a column that says how it ended, and every such column without a time."""
    timed = {c.instrument: h for h, c in file.columns.items() if c.means == "outcome" and is_time(study, c.instrument)}
    endings = {column.instrument: header for header, column in file.columns.items() if column.means == "ending"}
    for instrument, header in timed.items():
        column = file.columns[header]
        if instrument not in endings:
            findings.wrong(
                f"{where}.columns.{header}",
                f'{instrument} is a time, so a column of this file must mean "ending", with '
                f'instrument = "{instrument}": {", ".join(ENDINGS)}',
            )
        if column.visit is not None or column.moment is not None:
            findings.wrong(f"{where}.columns.{header}", f"{instrument} is a time and belongs to no visit or moment")
    for instrument, header in endings.items():
        if instrument not in timed:
            findings.wrong(
                f"{where}.columns.{header}",
                "an ending needs the instrument whose time it ends, in a column of this file: "
                f"{', '.join(timed) or 'none'} is there",
            )


def read_endings(table, instrument, times, findings):
    """Return how each row's time ended, a word of ENDINGS; a time without ending, or the reverse, is a finding."""
    headers = [name for name in table.headers("ending") if table.columns[name].instrument == instrument]
    if not headers:  # which is a finding already
        return pd.Series(pd.NA, index=times.index, dtype="str")
    header = headers[0]
    words = read_words(table, header, findings, known=ENDINGS, kind=f"ending ({', '.join(ENDINGS)})")
    told = table.cells[header].notna()
    for lost, one, many in (
        (times.notna() & ~told, "time without its ending", "times without their ending"),
        (told & times.isna(), "ending without its time", "endings without their time"),
    ):
        if lost.any():
            findings.wrong(table.where(header), f"{counted(int(lost.sum()), one, many)} ({table.lines_where(lost)})")
    return words


def refuse_long_times(study, table, header, frame, findings):
    """Add a finding where a long file holds times among other outcomes: there is no place for how they ended."""
    names = [name for name in frame["instrument"].dropna().unique() if is_time(study, name)]
    for name in names:
        count = int((frame["instrument"] == name).sum())
        findings.wrong(
            table.where(header),
            f"{counted(count, 'row')} of {name}, a time; give it a column of its own, beside one that means \"ending\"",
        )


def timed_frame(table, column, times, endings):
    """Return the outcome rows of a column of times: no visit and no day, because the value is the day."""
    frame = pd.DataFrame({"patient": table.patient, "instrument": column.instrument, "value": times, "ending": endings})
    return frame.assign(visit=pd.NA, day=float("nan"), session=float("nan"), moment=pd.NA, period=float("nan"))
