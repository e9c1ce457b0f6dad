"""The door: a Source becomes a Sheet, read here where it is text and in a child process where it is not."""

import hashlib
import json

from mmresearch.formats.delimited import read_delimited
from mmresearch.formats.handover import read_elsewhere
from mmresearch.formats.place import check_place, digest
from mmresearch.formats.sheet import Refusal


def read(source):
    """Return (Sheet, SHA-256 of what was read, in hex digits). Raises Refusal with sentences that hold no cell."""
    if source.url_from is not None:
        sheet = read_elsewhere("postgres", "", source)
        return sheet, _digest_of(sheet)
    target, kind = check_place(source)
    if kind != "text":
        before = digest(target)
        sheet = read_elsewhere(kind, target, source)
        if digest(target) != before:
            raise Refusal("was changed while it was read; close it in the program that has it open and start again")
        return sheet, before
    try:
        raw = target.read_bytes()
    except OSError as error:
        raise Refusal(f"cannot be opened ({error.strerror})") from None
    return read_delimited(raw, source), hashlib.sha256(raw).hexdigest()


def _digest_of(sheet):
    """What a server holds has no bytes of a file: its names and cells are hashed as JSON."""
    told = json.dumps([sheet.header, sheet.columns], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()
