"""What a notebook imports: opens a study, a claim or a run's verdicts, and shows one thing a call."""

from mmresearch.workbench.claim import open_claim
from mmresearch.workbench.run import open_verdicts
from mmresearch.workbench.study import open_study

__all__ = ["open_claim", "open_study", "open_verdicts"]
