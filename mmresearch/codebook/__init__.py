"""Facts: instruments with their thresholds and margins, and the words conditions, techniques and comparators go by."""

from mmresearch.codebook.book import Codebook, codebook
from mmresearch.codebook.records import Convention, Instrument, Margin, Responder, Word

__all__ = ["Codebook", "Convention", "Instrument", "Margin", "Responder", "Word", "codebook"]
