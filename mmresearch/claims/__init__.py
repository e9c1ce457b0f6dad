"""The registry: articles, their checkable sentences, and the analysis each claim fixed before data are seen."""

from mmresearch.claims.records import Analysis, Claim, Contradiction, Filter, Population, Quote
from mmresearch.claims.registry import Registry, articles, read_registry

__all__ = [
    "Analysis",
    "Claim",
    "Contradiction",
    "Filter",
    "Population",
    "Quote",
    "Registry",
    "articles",
    "read_registry",
]
