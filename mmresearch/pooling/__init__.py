"""Pools independent studies of one outcome: random effects by REML, Hartung and Knapp's interval. Records alone."""

from mmresearch.pooling.pool import LEAST, pool
from mmresearch.pooling.records import Pooled
from mmresearch.pooling.studies import (
    MEASURES,
    RATIOS,
    SHORT,
    STANDARDISED,
    StudyEffect,
    disagreements,
    from_error,
    from_interval,
)
from mmresearch.pooling.synthesis import OnPoints, Synthesis, pool_studies, put_on_points

__all__ = [
    "LEAST", "MEASURES", "OnPoints", "Pooled", "RATIOS", "SHORT", "STANDARDISED", "StudyEffect", "Synthesis",
    "disagreements", "from_error", "from_interval", "pool", "pool_studies", "put_on_points",
]
