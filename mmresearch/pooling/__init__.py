"""Pools independent studies of one outcome: random effects by REML, Hartung and Knapp's interval. Numbers alone."""

from mmresearch.pooling.pool import LEAST, pool
from mmresearch.pooling.records import Pooled

__all__ = ["LEAST", "Pooled", "pool"]
