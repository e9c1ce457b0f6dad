"""What a notebook imports: opens a study, a claim, a run's verdicts or a plan, and shows one thing a call."""

from mmresearch.workbench.claim import open_claim
from mmresearch.workbench.plan import open_plan
from mmresearch.workbench.run import open_verdicts
from mmresearch.workbench.study import open_study

__all__ = ["open_claim", "open_plan", "open_study", "open_verdicts"]
