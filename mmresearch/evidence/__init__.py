"""Published effects of massage, the claims they bear on, and what they say of each. Not a systematic review."""

from mmresearch.evidence.effects import published_effects, read_effects
from mmresearch.evidence.order import bearing_on, group_rows
from mmresearch.evidence.records import COMPARATORS, PublishedEffect

__all__ = ["COMPARATORS", "PublishedEffect", "bearing_on", "group_rows", "published_effects", "read_effects"]
