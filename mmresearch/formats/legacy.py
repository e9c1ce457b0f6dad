"""Errors in old Excel workbooks (.xls), which calamine gives as empty cells.

Records BOOLERR and FORMULA as in [MS-XLS] 2.4.24 and 2.4.127, found by their first bytes anywhere in the file; because
other bytes may look the same, only places that calamine left empty count.
"""

import re
import struct

BOOLERR = re.compile(rb"\x05\x02\x08\x00(....)..([\x00\x07\x0f\x17\x1d\x24\x2a])\x01", re.DOTALL)
FORMULA = re.compile(rb"\x06\x00..(....)..\x02.[\x00\x07\x0f\x17\x1d\x24\x2a]...\xff\xff", re.DOTALL)


def errors_of(raw, empty):
    """Return the places (row, column), counting from 0, of `empty` at which an error stands."""
    found = (match[1] for pattern in (BOOLERR, FORMULA) for match in pattern.finditer(raw))
    return {place for place in (struct.unpack("<HH", each) for each in found) if place in empty}
