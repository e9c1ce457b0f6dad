"""Who took part: one row a patient, gathered from every file that says something constant about a patient."""

from dataclasses import replace

import pandas as pd

from mmresearch.anonymity import singling_out
from mmresearch.errors import listed_lines
from mmresearch.study.dataset import PATIENTS
from mmresearch.study.findings import counted
from mmresearch.study.rules import LIMITS, PATIENT_WORDS, UNITS, words_known
from mmresearch.study.suspicions import bare
from mmresearch.study.tables import read_numbers, read_words, refuse_alike, refuse_beyond

OF_SESSION = frozenset({"site", "therapist"})  # in a file of sessions these are the session's
# with one of these a patient has many rows
REPEATING = ("visit", "instrument", "moment", "session", "day", "drug", "period")
# what stands in a patient's place under a table, bare of case and punctuation; not max or min, which may be pseudonyms
FOOTERS = frozenset(
    "mean means average median sum total totals subtotal grandtotal count sd stddev stdev standarddeviation minimum "
    "maximum summe gesamt gesamtsumme gesamtergebnis insgesamt zwischensumme mittelwert mittel durchschnitt anzahl "
    "standardabweichung moyenne somme médiane".split()
)
NUMBERS = ("age", "duration_months")


def with_patients(study, table, findings):
    """Return the table knowing whose each row is: the pseudonym, or site/pseudonym where it is unique within a site."""
    header = table.header("patient")
    if header is None:
        return table
    refuse_alike(table, header, findings, "where it is the same patient write one, else give them other pseudonyms")
    keys, footers = table.cells[header], _footers(table, header)
    if study.patient_within == "site" and table.header("site"):
        keys = read_words(table, table.header("site"), findings) + "/" + keys
    if keys.isna().any():
        findings.wrong(
            table.where(header),
            f"{counted(int(keys.isna().sum()), 'row')} of {len(keys)} without a patient"
            f"{' or site' if study.patient_within else ''} ({table.lines_where(keys.isna())}); give each row its "
            "patient, or leave the row out",
        )
    if footers.any():
        findings.wrong(
            table.where(header),
            f"{counted(int(footers.sum()), 'row')} ({table.lines_where(footers)}) named like the foot of a spreadsheet "
            "(mean, total ...), which is no patient; leave such rows out of the export",
        )
    return replace(table, patient=keys.astype("str").mask(footers))


def _footers(table, header):
    named = table.cells[header].fillna("").str.casefold().str.replace(r"[\W_]", "", regex=True)
    return named.isin(FOOTERS)


def gather_patients(study, tables, findings):
    """Return the patients' frame: PATIENTS, then covariates by their names; everyone allocated, in file order."""
    roster = [table for table in tables if _lists_patients(table, study)] or tables
    ordered = roster + [table for table in tables if table not in roster]
    parts = [_constants(study, table, findings) for table in ordered]
    frame = pd.concat(parts, ignore_index=True)
    patients = merge_constants(frame, ["patient"], "patient", findings, stand_in(ordered))
    _refuse_singling_out(study, patients, findings)
    listed = pd.concat([table.patient for table in roster]).dropna().unique()
    for table in ordered[len(roster) :]:
        _refuse_strangers(table, roster, listed, findings)
    _refuse_armless(study, roster, listed, findings)
    patients = patients[patients["patient"].isin(listed)].reset_index(drop=True)
    return _completed(study, patients)


def merge_constants(frame, keys, noun, findings, places=None):
    """Return one row for each value of `keys`, filling gaps from other rows; rows that disagree are a finding.

    places: where each row of `frame` stands, as `stand_in` tells
    """
    groups = frame.dropna(subset=keys).groupby(keys, sort=False)
    for column, count in (groups.nunique() > 1).sum().items():
        if count:
            what = f"{counted(int(count), noun)} with more than one {column}; each has one"
            for where, lines in _disagreeing(frame, groups, column, places) if places is not None else [("", "")]:
                findings.wrong(where, f"{what}{lines}")
    return groups.first().reset_index()


def _disagreeing(frame, groups, column, places):
    """Yield (file and column, which lines) of the rows that say another than the first of their group."""
    other = frame[column].notna() & (frame[column] != groups[column].transform("first").reindex(frame.index))
    known = groups[column].transform("size").reindex(frame.index).notna()  # rows with all keys
    for (path, mark), rows in places[other & known].groupby(["path", "noun"]):
        header = rows["headers"].iloc[0].get(column)
        says = "say" if len(rows) > 1 else "says"
        lines = listed_lines(rows["line"].tolist(), mark)
        yield path + (f", column '{header}'" if header else ""), f" ({lines} {says} another than the first)"


def stand_in(tables):
    """Return where each row of these tables stands: path, line, noun, and headers {meaning or name: header}."""
    parts = []
    for table in tables:
        headers = {column.name or column.means: header for header, column in table.columns.items()}
        facts = {"path": table.path, "line": table.lines, "noun": table.noun, "headers": [headers] * len(table.lines)}
        parts.append(pd.DataFrame(facts))
    return pd.concat(parts, ignore_index=True)


def _lists_patients(table, study):
    if len(study.arms) > 1 or any(
        column.means == "arm" for file in study.files.values() for column in file.columns.values()
    ):
        return table.header("arm") is not None or table.header("sequence") is not None
    return any(table.headers(word) for word in ("age", "sex", "condition", "covariate"))


def _constants(study, table, findings):
    """What one file says of its patients, a row for each row of the file."""
    frame, known = {"patient": table.patient}, words_known(study)
    for header, column in table.columns.items():
        if column.means in NUMBERS or (column.means == "covariate" and column.kind == "number"):
            frame[column.name or column.means] = _measured(table, header, column, findings)
        elif column.means in PATIENT_WORDS or column.means == "covariate":
            if not (table.header("session") and column.means in OF_SESSION) and not _changes(study, column):
                words, kind = known.get(column.means, (None, ""))
                frame[column.name or column.means] = read_words(table, header, findings, known=words, kind=kind)
    again = rows_again(table)
    if again.any():
        findings.wrong(
            table.path,
            f"{counted(int(again.sum()), 'row')} ({table.lines_where(again)}) of a patient who already has one; "
            "a patient has one row here: keep one",
        )
    return pd.DataFrame(frame)


def rows_again(table):
    """Return which rows are of a patient who stands above already, in a file where a patient has one row."""
    if any(table.headers(word) for word in REPEATING):
        return pd.Series(False, index=table.patient.index)
    return table.patient.notna() & table.patient.duplicated()


def _changes(study, column):
    """In a crossover study a patient's arm is that of a period, not the patient's."""
    return study.design == "crossover" and column.means == "arm"


def _measured(table, header, column, findings):
    numbers = read_numbers(table, header, findings)
    factor = UNITS.get(column.means, {}).get(column.unit, 1)
    if column.means in LIMITS:
        refuse_beyond(table, header, numbers * factor, LIMITS[column.means], findings)
    if factor != 1:
        findings.note(
            table.where(header),
            f"{counted(int(numbers.notna().sum()), 'value')} in {column.unit} "
            f"multiplied by {factor:.6g} to give months",
        )
    return numbers * factor


def _refuse_singling_out(study, patients, findings):
    """Dates in a spelling nobody foresaw, addresses, names: a category that nearly every patient has to himself."""
    for file in study.files.values():
        for header, column in file.columns.items():
            if column.means == "covariate" and column.kind == "category" and column.name in patients:
                given = patients[column.name].dropna()
                if words := singling_out(given):
                    findings.identifies(
                        f"{file.label}, column '{header}'",
                        f"{words} different words among {counted(len(given), 'patient')}; a category is "
                        "shared by many: leave the column unmapped, or say under `values` what each word means",
                        liftable=(file.label, header, "singling-out"),
                        ask=True,
                    )


def _refuse_strangers(table, roster, listed, findings):
    strangers = table.patient.dropna()
    strangers = strangers[~strangers.isin(listed)]
    if len(strangers):
        files = ", ".join(each.path for each in roster)
        known = {bare(each) for each in listed}
        alike = sum(bare(each) in known for each in strangers.unique())
        hint = f"; {alike} of them would be but for case, blanks or leading zeros" if alike else ""
        findings.wrong(
            table.path,
            f"{counted(strangers.nunique(), 'patient')} ({counted(len(strangers), 'row')}) not listed in {files}{hint} "
            f"({table.lines_where(table.patient.isin(strangers))}); list them there, or leave these rows out",
        )


def _refuse_armless(study, roster, listed, findings):
    headers = [(table, table.header("arm")) for table in roster if table.header("arm")]
    if headers and study.design != "crossover":
        given = pd.concat([table.patient[table.cells[header].notna()] for table, header in headers])
        without = len(listed) - given.nunique()
        if without:
            where = ", ".join(table.where(header) for table, header in headers)
            empty = [table.lines_where(gone) for table, header in headers if (gone := table.cells[header].isna()).any()]
            number = counted(without, "patient") + " without an arm" + "".join(f" ({lines})" for lines in empty)
            findings.wrong(where, f"{number}; give every patient an arm or leave the row out")


def _completed(study, patients):
    names = [c.name for file in study.files.values() for c in file.columns.values() if c.means == "covariate"]
    for column in (*PATIENTS, *dict.fromkeys(names)):
        if column not in patients:
            patients[column] = pd.Series(None, index=patients.index, dtype="float64" if column in NUMBERS else "str")
    if study.condition is not None:
        patients["condition"] = patients["condition"].fillna(study.condition)
    if len(study.arms) == 1:
        patients["arm"] = patients["arm"].fillna(next(iter(study.arms)))
    return patients[[*PATIENTS, *dict.fromkeys(names)]]
