"""Every mapped column passes the anonymity gate before it becomes a table; of the others only the name is looked at."""

from mmresearch.anonymity import Column, judge_columns, judge_headers
from mmresearch.formats import looks_like_a_name

NUMERIC = frozenset(
    {"age", "duration_months", "day", "outcome", "session", "session_day", "minutes", "dose", "times_a_day", "drug_day"}
    | {"days_observed"}
)
CODES = frozenset({"site", "therapist", "rater"})  # of those who treat: codes, never names


def refuse_identifying(file, header, cells, findings):
    """Add a finding for every column that identifies, unless a decision of the study lifts it.

    file: a config.File; header: all column names of the file; cells: mapped header -> its cells, none empty.
    """
    columns = [
        Column(each, tuple(texts), _role(file.columns[each]), frozenset(file.columns[each].values))
        for each, texts in cells.items()
    ]
    unmapped = [each for each in header if each not in file.columns and looks_like_a_name(each)]
    for found in (*judge_columns(columns), *judge_headers(unmapped)):
        findings.identifies(
            f"{file.label}, column '{found.header}'",
            found.what,
            liftable=found.lifts and (file.label, found.header, found.lifts),
            ask=found.outcome == "ask",
        )


def _role(column):
    if column.means == "patient":
        return "pseudonym"
    if column.means in CODES:
        return "code"
    if column.means == "age":
        return "age"
    if column.means == "covariate" and column.kind == "category":
        return "category"
    return "number" if column.means in NUMERIC or column.kind == "number" else "word"
