"""Crossover studies: which arm each patient was in during each period, from sequences or from rows that say both."""

import pandas as pd

from mmresearch.study.dataset import PERIODS
from mmresearch.study.findings import counted
from mmresearch.study.patients import merge_constants
from mmresearch.study.rules import words_known
from mmresearch.study.tables import read_numbers, read_words

TYPES = {"patient": "str", "period": "float64", "arm": "str"}


def gather_periods(study, tables, findings):
    """Return the periods' frame: PERIODS, one row a patient and period; empty for other designs."""
    parts = [part for table in tables for part in _parts(study, table, findings)] if study.design == "crossover" else []
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in TYPES.items()})
    frame = pd.concat(parts, ignore_index=True).dropna().astype(TYPES)
    periods = merge_constants(frame, ["patient", "period"], "period of a patient", findings)
    return periods.sort_values(["patient", "period"], kind="stable", ignore_index=True)[[*PERIODS]]


def with_first_arms(patients, periods, findings):
    """Return the patients of a crossover study, each with the arm of the first period; without one is a finding."""
    first = periods.drop_duplicates("patient").set_index("patient")["arm"]
    arms = patients["patient"].map(first).astype("str")
    if arms.isna().any():
        findings.wrong(
            "", f"{counted(int(arms.isna().sum()), 'patient')} without an arm in any period; give them one or leave "
            "the rows out"
        )
    return patients.assign(arm=arms)


def read_periods(table, findings):
    """Return the period of each row of a file, NaN where it does not say."""
    header = table.header("period")
    if header is None:
        return pd.Series(float("nan"), index=table.cells.index)
    numbers = read_numbers(table, header, findings)
    odd = numbers.notna() & ((numbers < 1) | (numbers % 1 != 0))
    if odd.any():
        findings.wrong(table.where(header), f"{counted(int(odd.sum()), 'period')} not 1, 2, 3 ...")
    return numbers


def place_by_period(study, table, header, frame, findings):
    """Return the visits' names and periods of outcome rows, each filled in from the other where only one is said."""
    known = {visit.name: float(visit.period) for visit in study.visits if visit.period is not None}
    of_visit, visits, periods = frame["visit"].map(known).astype("float64"), frame["visit"], frame["period"]
    at_odds = int((of_visit.notna() & periods.notna() & (of_visit != periods)).sum())
    if at_odds:
        findings.wrong(table.where(header), f"{counted(at_odds, 'row')} at a visit of another period than the row's")
    if table.header("period") and not any(table.header(word) for word in ("visit", "session", "day")):
        sole = {period: name for name, period in known.items() if list(known.values()).count(period) == 1}
        visits = visits.fillna(periods.map(sole).astype("str"))
        _refuse_placeless(table, header, frame["value"].notna() & visits.isna(), findings)
    return visits, periods.fillna(of_visit)


def _refuse_placeless(table, header, lost, findings):
    if lost.any():
        findings.wrong(
            table.where(header),
            f"{counted(int(lost.sum()), 'value')} in a period that has no visit of its own, or several; give one visit "
            "of study.toml that period, or map a column that means \"visit\"",
        )


def _parts(study, table, findings):
    if table.header("sequence"):
        words, kind = words_known(study)["sequence"]
        orders = read_words(table, table.header("sequence"), findings, known=words, kind=kind)
        longest = max((len(order) for order in study.sequences.values()), default=0)
        for place in range(longest):
            arms = orders.map({name: order[place] for name, order in study.sequences.items() if place < len(order)})
            yield pd.DataFrame({"patient": table.patient, "period": place + 1.0, "arm": arms})
    if table.header("period") and table.header("arm"):
        words, kind = words_known(study)["arm"]
        arms = read_words(table, table.header("arm"), findings, known=words, kind=kind)
        yield pd.DataFrame({"patient": table.patient, "period": read_periods(table, findings), "arm": arms})
