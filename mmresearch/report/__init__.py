"""Writes a run's pages and JSON into a staging folder and moves the finished folder in whole."""

from mmresearch.report.record import FailedPage, Family, RunRecord

__all__ = ["FailedPage", "Family", "RunRecord"]
