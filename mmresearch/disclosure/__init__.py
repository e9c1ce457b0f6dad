"""What may leave the building: a gate over records, a last check over records and pages, and a ledger of what left."""

from mmresearch.disclosure.gate import Gated, gate_run
from mmresearch.disclosure.inspection import inspect_records
from mmresearch.disclosure.ledger import Entry, add_entry, find_conflicts, make_entry, read_ledger
from mmresearch.disclosure.markup import inspect_pages, safe_cell
from mmresearch.disclosure.pages import PSEUDONYM, RULES, Finding, scan
from mmresearch.disclosure.policy import Policy, Withheld
from mmresearch.disclosure.statements import Statement, list_statements
from mmresearch.disclosure.support import Support
from mmresearch.disclosure.tables import write_tables

__all__ = [
    "PSEUDONYM", "RULES", "Entry", "Finding", "Gated", "Policy", "Statement", "Support", "Withheld", "add_entry",
    "find_conflicts", "gate_run", "inspect_pages", "inspect_records", "list_statements", "make_entry", "read_ledger",
    "safe_cell", "scan", "write_tables",
]
