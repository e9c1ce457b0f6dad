"""Published effects of massage, the claims they bear on, and what they say of each. Not a systematic review."""

from mmresearch.evidence.comparison import Comparison, baseline_sd, compare
from mmresearch.evidence.effects import hash_effects, published_effects, read_effects
from mmresearch.evidence.independence import find_dependence, share_patients
from mmresearch.evidence.order import bearing_on, group_rows
from mmresearch.evidence.points import put_back, tell_points
from mmresearch.evidence.reading import RULE, WORDS, Reading, favoured_side, read_literature, side_of
from mmresearch.evidence.records import COMPARATORS, PublishedEffect

__all__ = ["COMPARATORS", "RULE", "WORDS", "Comparison", "PublishedEffect", "Reading", "baseline_sd", "bearing_on",
           "compare", "favoured_side", "find_dependence", "group_rows", "hash_effects", "published_effects", "put_back",
           "read_effects", "read_literature", "share_patients", "side_of", "tell_points"]
