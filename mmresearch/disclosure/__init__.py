"""What may leave the building: a gate over records, a last check over records and pages, and a ledger of what left."""

from mmresearch.disclosure.gate import Gated, gate_run
from mmresearch.disclosure.pages import PSEUDONYM, RULES, Finding, scan
from mmresearch.disclosure.policy import Policy, Withheld
from mmresearch.disclosure.support import Support

__all__ = ["PSEUDONYM", "RULES", "Finding", "Gated", "Policy", "Support", "Withheld", "gate_run", "scan"]
