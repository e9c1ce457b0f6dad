"""A study: `study.toml` and its files, checked and reshaped into a Dataset. Only here are patients' files opened."""

from mmresearch.study.anonymised import Anonymised, anonymise
from mmresearch.study.config import Arm, Column, File, Study, Visit
from mmresearch.study.dataset import Dataset
from mmresearch.study.reader import find_studies, read_study

__all__ = [
    "Anonymised", "Arm", "Column", "Dataset", "File", "Study",
    "Visit", "anonymise", "find_studies", "read_study",
]
