"""Pseudonyms and codes as the clinic's files spell them."""

import numpy as np


def patient_codes(cohort):
    return np.array([f"MMT-{number:04d}" for number in range(1, len(cohort) + 1)])


def site_codes(cohort):
    return np.array([f"S{number + 1}" for number in cohort.site])


def therapist_codes(cohort):
    return np.array([f"T{number + 1:02d}" for number in cohort.therapist])
