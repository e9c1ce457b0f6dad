"""A linear mixed model with random intercepts, nested or crossed: patients, therapists. REML, Kenward and Roger."""

from mmresearch.models.intercepts.fits import Fit, fit_intercepts

__all__ = ["Fit", "fit_intercepts"]
