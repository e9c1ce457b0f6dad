"""Which notebooks, with which parameters, in which processes. Only here is papermill called."""

from mmresearch.runner.execution import execute, open_executor
from mmresearch.runner.handover import handed_over
from mmresearch.runner.pages import Failure, Page, Result

__all__ = ["Failure", "Page", "Result", "execute", "handed_over", "open_executor"]
