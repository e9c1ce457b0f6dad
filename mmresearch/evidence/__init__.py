"""Published effects of massage and the claims they bear on. Not a systematic review; rows overlap: do not pool them."""

from mmresearch.evidence.effects import bearing_on, published_effects, read_effects
from mmresearch.evidence.records import COMPARATORS, PublishedEffect

__all__ = ["COMPARATORS", "PublishedEffect", "bearing_on", "published_effects", "read_effects"]
