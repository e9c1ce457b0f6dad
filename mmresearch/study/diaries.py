"""Counts from a diary that was not kept all the time: days out of the days kept, told for the whole of its time."""

import re

import pandas as pd

from mmresearch.study.findings import counted
from mmresearch.study.rules import instruments_of
from mmresearch.study.tables import read_numbers

TIME = re.compile(r"/(\d+) days$")  # `days/28 days`: the time an instrument counts over


def time_of(instrument):
    """Return the days an instrument counts over, or None where its unit names none."""
    found = TIME.search(instrument.unit) if instrument else None
    return int(found[1]) if found else None


def observed_shares(study, table, header, frame, findings):
    """Return the share of the instrument's time that each value was counted in; NA where no column says: all of it.

    frame: of one outcome column, with `instrument` and the raw `value`. A value larger than its days is a finding, and
    so is one without them; a diary kept on no day gives no value.
    """
    shares = pd.Series(float("nan"), index=frame.index)
    known, days = instruments_of(study), _days_kept(table, table.columns[header], findings)
    if days is None:
        return shares
    for name in frame["instrument"].dropna().unique():
        whole, mine = time_of(known.get(name)), frame["instrument"] == name
        if whole is None:
            continue
        given = mine & frame["value"].notna()
        _refuse(table, header, given & days.isna(), "without the days it was counted in", findings)
        more = given & (frame["value"] > days) & (known[name].high == whole)
        _refuse(table, header, more, "above the days it was counted in", findings)
        shares = shares.mask(mine, days / whole)
    return shares


def for_the_whole_time(values, shares):
    """Return counts as they would be had the whole time been observed at the same rate; NA where none of it was."""
    return values.where(shares.isna(), values / shares.where(shares > 0))


def _days_kept(table, column, findings):
    for header in table.headers("days_observed"):
        other = table.columns[header]
        if other.visit == column.visit or other.visit is None:
            return read_numbers(table, header, findings)
    return None


def _refuse(table, header, rows, what, findings):
    if rows.any():
        findings.wrong(
            table.where(header), f"{counted(int(rows.sum()), 'value')} {what} ({table.lines_where(rows)}); correct them"
        )
