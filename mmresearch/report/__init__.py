"""Writes a run's pages and JSON into a staging folder and moves the finished folder in whole."""

from mmresearch.report.leftovers import clear_up
from mmresearch.report.literature import LiteratureRecord, write_literature
from mmresearch.report.pooled_page import write_pooled
from mmresearch.report.publication import check_target, find_clean, publish, read_standing
from mmresearch.report.record import FailedPage, Family, RunRecord
from mmresearch.report.writing import write_claims, write_overview, write_records, write_report

__all__ = [
    "FailedPage", "Family", "LiteratureRecord", "RunRecord", "check_target", "clear_up", "find_clean", "publish",
    "read_standing", "write_claims", "write_literature", "write_overview", "write_pooled", "write_records",
    "write_report",
]
