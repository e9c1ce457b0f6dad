"""What was measured: one row a value, from wide files, long files and everything between."""

import pandas as pd

from mmresearch.errors import listed_lines
from mmresearch.study.dataset import OUTCOMES
from mmresearch.study.diaries import for_the_whole_time, observed_shares
from mmresearch.study.findings import counted
from mmresearch.study.patients import rows_again
from mmresearch.study.periods import place_by_period, read_periods
from mmresearch.study.rules import LIMITS, MOST_A_DAY, UNITS, instruments_of, words_known
from mmresearch.study.tables import read_numbers, read_words, refuse_beyond
from mmresearch.study.times import is_time, read_endings, refuse_long_times, timed_frame

TYPES = {
    "patient": "str",
    "visit": "str",
    "day": "float64",
    "instrument": "str",
    "value": "float64",
    "session": "float64",
    "moment": "str",
    "period": "float64",
    "ending": "str",
    "rater": "str",
    "observed": "float64",
    "file": "str",
    "line": "float64",
}
SCALES, ENOUGH = (10, 100), 20  # highest values of scales of scores; values before their range is worth a question
KEYS = ["patient", "visit", "instrument", "session", "moment", "period", "rater"]


def gather_outcomes(study, tables, findings):
    """Return the outcomes' frame: OUTCOMES, values in the instrument's unit, none missing."""
    parts = []
    for table in tables:
        headers = table.headers("outcome")
        shared = _shared_columns(study, table, findings) if headers else None
        parts += [_column_outcomes(study, table, header, shared, findings) for header in headers]
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype=TYPES[name]) for name in OUTCOMES})
    outcomes = pd.concat(parts, ignore_index=True).reindex(columns=list(TYPES)).astype(TYPES)
    _refuse_duplicates(outcomes, {table.path for table in tables if rows_again(table).any()}, findings)
    _refuse_other_scales(study, tables, outcomes, findings)
    _note_windows(study, outcomes, findings)
    return outcomes[[*OUTCOMES]]


def with_rows(outcomes, further):
    """Return the outcomes with rows that follow from elsewhere, in the same types."""
    if further.empty:
        return outcomes
    types = {name: TYPES[name] for name in OUTCOMES}
    return pd.concat([outcomes, further.astype(types)], ignore_index=True).astype(types)


def _shared_columns(study, table, findings):
    """What every outcome of a row has in common: patient; visit, instrument, session, moment where columns say."""
    known, frame = words_known(study), pd.DataFrame({"patient": table.patient})
    for word in ("visit", "instrument", "moment"):
        header = table.header(word)
        frame[word] = (
            pd.NA if header is None else read_words(table, header, findings, known=known[word][0], kind=known[word][1])
        )
    header = table.header("session")
    frame["session"] = float("nan") if header is None else read_numbers(table, header, findings)
    frame["period"] = read_periods(table, findings)
    header = table.header("rater")
    frame["rater"] = pd.NA if header is None else read_words(table, header, findings)
    return frame


def _column_outcomes(study, table, header, shared, findings):
    column, frame = table.columns[header], shared.copy()
    if is_time(study, column.instrument):
        return _times(study, table, header, findings)
    for word in ("visit", "instrument", "moment", "rater"):
        if getattr(column, word) is not None:
            frame[word] = getattr(column, word)
    refuse_long_times(study, table, header, frame, findings)
    frame["value"] = read_numbers(table, header, findings)
    frame["day"] = _days(table, column, findings)
    if column.visit is None and not any(table.header(word) for word in ("visit", "session", "period")):
        frame["visit"] = _visits_on(study, frame["day"], table.where(header), findings)
    frame["visit"], frame["period"] = place_by_period(study, table, header, frame, findings)
    _refuse_timeless(table, header, frame, findings)
    planned = {visit.name: float(visit.day) for visit in study.visits}
    frame["day"] = frame["day"].fillna(frame["visit"].map(planned))
    frame["value"] *= _factor(study, table, header, frame, findings)
    frame["observed"] = observed_shares(study, table, header, frame, findings)
    frame["value"] = for_the_whole_time(frame["value"], frame["observed"])
    _check_range(study, table, header, frame, findings)
    return _measured(table, frame)


def _times(study, table, header, findings):
    column = table.columns[header]
    times = read_numbers(table, header, findings)
    frame = timed_frame(table, column, times, read_endings(table, column.instrument, times, findings))
    frame["value"] *= _factor(study, table, header, frame, findings)
    _check_range(study, table, header, frame, findings)
    return _measured(table, frame)


def _measured(table, frame):
    """The rows with a value, knowing their file and line."""
    kept = frame[frame["value"].notna()]
    return kept.assign(file=table.path, line=[table.lines[row] for row in kept.index])


def _days(table, column, findings):
    """The day it happened, from a `day` column of the same visit, or of the whole row, or of the session."""
    for header in (*table.headers("day"), *table.headers("session_day")):
        other = table.columns[header]
        if other.visit == column.visit or other.visit is None:
            days = read_numbers(table, header, findings) * UNITS["day"].get(other.unit, 1)
            refuse_beyond(table, header, days, LIMITS["day"], findings)
            return days
    return pd.Series(float("nan"), index=table.cells.index)


def _visits_on(study, days, where, findings):
    """Name visits by the window the day falls into; rows in none are noted and left out."""
    names = pd.Series(pd.NA, index=days.index, dtype="str")
    for visit in study.visits:
        names = names.mask(days.between(*(visit.window or (visit.day, visit.day))), visit.name)
    outside = int((days.notna() & names.isna()).sum())
    if outside:
        findings.note(where, f"{counted(outside, 'row')} on a day within no visit's window; not used at any visit")
    return names


def _refuse_timeless(table, outcome, frame, findings):
    for word in ("visit", "instrument", "moment", "session"):
        header = table.header(word)
        lost = (
            0
            if header is None
            else int((frame["value"].notna() & frame[word].isna() & table.cells[header].isna()).sum())
        )
        if lost:
            findings.wrong(table.where(outcome), f"{counted(lost, 'value')} without a {word}")


def _factor(study, table, header, frame, findings):
    column = table.columns[header]
    instrument = instruments_of(study).get(column.instrument)
    if instrument is None or column.unit in (None, instrument.unit):
        return 1.0
    factor = instrument.converts.get(column.unit, float("nan"))
    findings.note(
        table.where(header),
        f"{counted(int(frame['value'].notna().sum()), 'value')} in {column.unit} multiplied by "
        f"{factor:g} to give {instrument.unit}",
    )
    return factor


def _check_range(study, table, header, frame, findings):
    """Values outside an instrument's range, within a rounding error of conversion, are findings."""
    known, unit = instruments_of(study), table.columns[header].unit
    for name, values in frame.groupby("instrument")["value"]:
        low, high = (known[name].low, known[name].high) if name in known else (None, None)
        high = MOST_A_DAY.get(name) if high is None else high
        for bound, beyond, word in (
            (low, values < (low or 0) - 1e-9, "below"),
            (high, values > (high or 0) + 1e-9, "above"),
        ):
            if bound is not None and beyond.any():
                factor = known[name].converts.get(unit)
                written = f"{bound / factor:g} {unit}" if factor else f"{bound:g}"
                findings.wrong(
                    table.where(header),
                    f"{counted(int(beyond.sum()), 'value')} {word} {written} ({table.lines_where(beyond)}), {name}'s "
                    f"{'lowest' if word == 'below' else 'highest'}; correct them, or give `unit` or `missing`",
                )


def _refuse_duplicates(outcomes, told, findings):
    """told: files of which it is a finding already that a patient has two rows."""
    loose = outcomes["day"].where(outcomes["visit"].isna() & outcomes["session"].isna())  # at no visit: one a day
    again = outcomes[outcomes.assign(loose=loose).duplicated([*KEYS, "loose"]) & outcomes["patient"].notna()]
    for (path, instrument), rows in again[~again["file"].isin(told)].groupby(["file", "instrument"]):
        lines = listed_lines(sorted({int(line) for line in rows["line"]}))
        findings.wrong(
            path,
            f"{counted(len(rows), 'value')} of {instrument} ({lines}) for a patient and visit (or session) that "
            "already has one; keep one",
        )


def _refuse_other_scales(study, tables, outcomes, findings):
    """Values that all lie in the lowest tenth of a scale: centimetres for millimetres, 0.4 for 40 per cent, yes or no.

    Who says the unit, of all columns of that instrument, has said that they are meant so.
    """
    known, scored = instruments_of(study), outcomes[outcomes["session"].isna()]
    plain = {(table.path, column.instrument) for table in tables for column in table.columns.values()
             if column.means == "outcome" and column.unit is None}
    for (path, name), rows in scored.groupby(["file", "instrument"]):
        low, high = (known[name].low, known[name].high) if name in known else (None, None)
        asked = {(path, name), (path, None)} & plain and low == 0 and high in SCALES
        if asked and _in_lowest(rows, high):
            unit = known[name].unit
            findings.wrong(
                path,
                f"all values of {name}, or all of one visit, lie in the lowest tenth (shares: hundredth) of its scale, "
                f'which runs to {high:g} {unit}; give the `unit` they are in ("{unit}" where they are right)',
            )


def _in_lowest(rows, high):
    values = rows["value"]
    shares = [each for _, each in rows.groupby("visit")["value"] if (each % 1 != 0).any() and each.max() <= 1]
    shares = [each for each in shares if high == 100 and len(each) >= ENOUGH / 2]
    return bool(shares) or (len(values) >= ENOUGH and 0 < values.max() <= high / 10)


def _note_windows(study, outcomes, findings):
    for visit in study.visits:
        days = outcomes.loc[outcomes["visit"] == visit.name, ["patient", "day"]].drop_duplicates()
        outside = int((~days["day"].between(*visit.window)).sum()) if visit.window else 0
        if outside:
            findings.note(
                f"visit '{visit.name}'",
                f"{counted(outside, 'visit')} outside its window of day {visit.window[0]} to "
                f"{visit.window[1]}; they count as measured then",
            )
