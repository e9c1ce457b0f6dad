"""Facts: instruments with their thresholds and margins, medicines, and the words claims and studies share."""

from mmresearch.codebook.book import Codebook, codebook
from mmresearch.codebook.medicines import Medicines, find_route, find_unit, medicines
from mmresearch.codebook.records import Convention, Instrument, Margin, Medicine, Responder, Word

__all__ = [
    "Codebook",
    "Convention",
    "Instrument",
    "Margin",
    "Medicine",
    "Medicines",
    "Responder",
    "Word",
    "codebook",
    "find_route",
    "find_unit",
    "medicines",
]
