"""Measurements of mmresearch on the machine at hand, as ratios where a number alone would only describe the machine."""
