"""Every mapped column passes the anonymity gate before it becomes a table; of the others only the name is looked at."""

from mmresearch.anonymity import Column, judge_columns, judge_headers
from mmresearch.errors import listed_lines
from mmresearch.formats import looks_like_a_name

NUMERIC = frozenset(
    {"age", "duration_months", "day", "outcome", "session", "session_day", "minutes", "dose", "times_a_day", "drug_day"}
    | {"days_observed"}
)
CODES = frozenset({"site", "therapist", "rater"})  # of those who treat: codes, never names


def refuse_identifying(file, sheet, findings):
    """Add a finding for every column of a formats.Sheet that identifies, unless a decision of the study lifts it."""
    filled = {each: _filled(sheet, each) for each in sheet.columns}
    columns = [
        Column(each, tuple(cell for _, cell in rows), _role(file.columns[each]), frozenset(file.columns[each].values))
        for each, rows in filled.items()
    ]
    unmapped = [each for each in sheet.header if each not in file.columns and looks_like_a_name(each)]
    for found in (*judge_columns(columns), *judge_headers(unmapped)):
        lines = [filled[found.header][place][0] for place in found.places]
        findings.identifies(
            f"{file.label}, column '{found.header}'",
            f"{found.what} ({listed_lines(lines, sheet.noun)})" if lines else found.what,
            liftable=found.lifts and (file.label, found.header, found.lifts),
            ask=found.outcome == "ask",
        )


def _filled(sheet, header):
    """Return (line, cell) of a column's cells that are neither empty nor stored as dates, which are refused as such."""
    dates = set(sheet.dates.get(header, ()))
    rows = zip(sheet.lines, sheet.columns[header], strict=True)
    return [(line, cell) for line, cell in rows if cell and line not in dates]


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
