"""Named streams of random numbers: each part of a study draws from its own, so a change in one leaves the others."""

import zlib

import numpy as np


def stream(seed, name):
    """Return a numpy Generator that depends on the seed and on the part's name alone."""
    return np.random.default_rng(np.random.SeedSequence([seed, zlib.crc32(name.encode())]))
