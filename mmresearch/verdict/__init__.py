"""Judges all estimates of a family together. This room cannot see data: a verdict follows from what was registered
and from an interval, and from nothing else."""

from mmresearch.verdict.judgement import judge
from mmresearch.verdict.records import VERDICTS, Verdict, from_json

__all__ = ["VERDICTS", "Verdict", "from_json", "judge"]
