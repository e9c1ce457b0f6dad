"""What was done and taken: one row a treatment session, one row a medication entry."""

import pandas as pd

from mmresearch.study.dataset import MEDICATIONS, SESSIONS
from mmresearch.study.findings import counted
from mmresearch.study.patients import merge_constants, stand_in
from mmresearch.study.periods import read_periods
from mmresearch.study.rules import LIMITS, UNITS, words_known
from mmresearch.study.tables import read_numbers, read_words, refuse_beyond

SESSION_TYPES = {
    "patient": "str",
    "session": "float64",
    "day": "float64",
    "technique": "str",
    "minutes": "float64",
    "therapist": "str",
    "site": "str",
    "setting": "str",
    "adverse_event": "str",
    "period": "float64",
}
MEDICATION_TYPES = {
    "patient": "str",
    "day": "float64",
    "drug": "str",
    "dose": "float64",
    "unit": "str",
    "times_a_day": "float64",
    "route": "str",
}
WITHIN = ("moment", "instrument")  # with one of these a session has several rows


def gather_sessions(study, tables, findings):
    """Return the sessions' frame: SESSIONS, one row for each patient and session number."""
    tables = [table for table in tables if table.header("session")]
    parts = [_file_sessions(study, table, findings) for table in tables]
    if not parts:
        return _empty(SESSION_TYPES)
    frame = pd.concat(parts, ignore_index=True)
    sessions = merge_constants(frame, ["patient", "session"], "session", findings, stand_in(tables))
    return _typed(sessions, SESSION_TYPES)[[*SESSIONS]]


def gather_medications(study, tables, findings):
    """Return the medications' frame: MEDICATIONS, rows as the files have them."""
    parts = [_file_medications(study, table, findings) for table in tables if table.header("drug")]
    return (
        pd.concat([_typed(part, MEDICATION_TYPES) for part in parts], ignore_index=True)[[*MEDICATIONS]]
        if parts
        else _empty(MEDICATION_TYPES)
    )


def _file_sessions(study, table, findings):
    frame = pd.DataFrame({"patient": table.patient, "session": read_numbers(table, table.header("session"), findings)})
    _check_numbering(table, frame, findings)
    for word in ("therapist", "site", "setting", "adverse_event"):
        if table.header(word):
            frame[word] = read_words(table, table.header(word), findings)
    if table.header("period"):
        frame["period"] = read_periods(table, findings)
    if table.header("technique"):
        words, kind = words_known(study)["technique"]
        frame["technique"] = read_words(
            table, table.header("technique"), findings, known=words, kind=kind, further=study.technique_words
        )
    day = table.header("session_day") or table.header("day")
    for name, header in (("minutes", table.header("minutes")), ("day", day)):
        if header:
            frame[name] = _in_our_unit(table, header, findings)
    return frame


def _check_numbering(table, frame, findings):
    where, numbers = table.where(table.header("session")), frame["session"]
    odd = numbers.notna() & ((numbers < 1) | (numbers % 1 != 0))
    if odd.any():
        what = f"{counted(int(odd.sum()), 'session number')} not 1, 2, 3 ... ({table.lines_where(odd)})"
        findings.wrong(where, f"{what}; number each patient's sessions through")
    again = frame[["patient", "session"]].notna().all(axis=1) & frame.duplicated(["patient", "session"])
    if again.any() and not any(table.header(word) for word in WITHIN):
        number = f"{counted(int(again.sum()), 'row')} ({table.lines_where(again)})"
        findings.wrong(where, f"{number} of a patient's session that already has one; keep one")


def _file_medications(study, table, findings):
    frame = pd.DataFrame({"patient": table.patient, "drug": read_words(table, table.header("drug"), findings)})
    dose = table.header("dose")
    frame["unit"] = table.columns[dose].unit if dose else None
    for name, word in (("unit", "dose_unit"), ("route", "route")):
        if table.header(word):
            frame[name] = read_words(table, table.header(word), findings)
    for name, header in (("dose", dose), ("times_a_day", table.header("times_a_day")), ("day", _day_header(table))):
        if header:
            frame[name] = _in_our_unit(table, header, findings)
    if "day" not in frame and table.header("visit"):
        planned = {visit.name: float(visit.day) for visit in study.visits}
        words, kind = words_known(study)["visit"]
        frame["day"] = read_words(table, table.header("visit"), findings, known=words, kind=kind).map(planned)
    return frame[frame["drug"].notna()]


def _day_header(table):
    return table.header("drug_day") or table.header("day")


def _in_our_unit(table, header, findings):
    numbers, column = read_numbers(table, header, findings), table.columns[header]
    numbers = numbers * UNITS.get(column.means, {}).get(column.unit, 1)
    if column.means in LIMITS:
        refuse_beyond(table, header, numbers, LIMITS[column.means], findings)
    return numbers


def _typed(frame, types):
    return frame.reindex(columns=list(types)).astype(types)


def _empty(types):
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in types.items()})
