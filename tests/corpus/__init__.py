"""Bad and clean study folders, made anew from a seed: what a clinic may hand over, and what must come of it.

`python -m corpus` (in tests/) makes them, reads them with `mmresearch check` and prints how mmresearch did.
"""
