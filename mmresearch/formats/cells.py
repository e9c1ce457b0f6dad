"""Typed cells become text: the text a person would have typed, without loss, and the same in every format.

A whole number is its digits: a patient 12 whom Excel stores as 12.0 is "12", as in a CSV. Above 2^53 a floating-point
number no longer knows its last digits, so such a cell is marked as inexact: as a pseudonym it may be two people's.
"""

import datetime
import decimal
import math

EXACT = 2**53  # above it not every whole number has a floating-point number of its own
DIGITS = 10**15  # Excel keeps 15 digits and writes zeros after them
DATE, INEXACT = "date", "inexact"


def as_text(value, most=EXACT):
    """Return (text, mark) of a cell: "" where nothing stands; mark DATE, INEXACT or None."""
    if value is None or isinstance(value, str):
        return value or "", None
    if isinstance(value, bool):
        return ("TRUE" if value else "FALSE"), None
    if isinstance(value, int):
        return str(value), None
    if isinstance(value, float):
        return _number(value, most)
    if isinstance(value, datetime.datetime):
        whole = (value.hour, value.minute, value.second, value.microsecond) == (0, 0, 0, 0)
        return (value.date() if whole else value).isoformat(), DATE
    if isinstance(value, datetime.date):
        return value.isoformat(), DATE
    return _rarer(value), None


def _number(value, most):
    if math.isnan(value):
        return "", None
    if math.isinf(value):
        return ("inf" if value > 0 else "-inf"), None
    if value == int(value):
        return str(int(value)), (INEXACT if abs(value) >= most else None)
    return repr(value), None


def _rarer(value):
    if isinstance(value, decimal.Decimal):
        return format(value.normalize() if value else decimal.Decimal(0), "f")
    if isinstance(value, datetime.timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600}:{seconds % 3600 // 60:02}:{seconds % 60:02}"
    if isinstance(value, (bytes, bytearray, memoryview)):
        return "(bytes)"
    return str(value)
