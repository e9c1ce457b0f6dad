"""A study: `study.toml` and the files it names, checked and reshaped into a Dataset. Only here are patients' files opened."""

from mmresearch.study.config import Arm, Column, File, Study, Visit
from mmresearch.study.dataset import Dataset

__all__ = ["Arm", "Column", "Dataset", "File", "Study", "Visit"]
