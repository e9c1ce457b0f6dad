"""A linear mixed model with random intercepts, nested or crossed: patients, therapists. REML, Kenward and Roger."""

from mmresearch.models.intercepts.fits import Fit, fit_intercepts
from mmresearch.models.intercepts.plain import Plain, fit_rows

__all__ = ["Fit", "Plain", "fit_intercepts", "fit_rows"]
