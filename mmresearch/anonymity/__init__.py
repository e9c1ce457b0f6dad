"""Whether columns identify people: values in, findings with counts out, never paths and never cells."""

from mmresearch.anonymity.crowd import Crowd, look_at
from mmresearch.anonymity.gate import judge_columns, judge_headers, like_names, singling_out
from mmresearch.anonymity.records import LIFTABLE, Column, Finding

__all__ = [
    "LIFTABLE",
    "Column",
    "Crowd",
    "Finding",
    "judge_columns",
    "judge_headers",
    "like_names",
    "look_at",
    "singling_out",
]
