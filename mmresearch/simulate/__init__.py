"""Invented studies whose true effects are known: a study folder from a design and a seed, and the truth beside it."""

from mmresearch.simulate.folder import simulate_study
from mmresearch.simulate.further import further_truths, whole_truth
from mmresearch.simulate.settings import Settings, design, designs
from mmresearch.simulate.trial import Trial, run_trial
from mmresearch.simulate.truth import Truth, true_effects

__all__ = ["Settings", "Trial", "Truth", "design", "designs", "further_truths", "run_trial", "simulate_study",
           "true_effects", "whole_truth"]
