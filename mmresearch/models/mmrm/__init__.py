"""The mixed model for repeated measures, from additive sufficient statistics; formulas and sources in docs/mmrm.md."""

from mmresearch.models.mmrm.arrays import fit_mmrm, statistics_of
from mmresearch.models.mmrm.chunks import mmrm_chunks
from mmresearch.models.mmrm.contrasts import Contrast
from mmresearch.models.mmrm.fits import Fit
from mmresearch.models.mmrm.fitting import fit_statistics
from mmresearch.models.mmrm.frames import mmrm
from mmresearch.models.mmrm.imputation import Imputed, impute
from mmresearch.models.mmrm.many import bootstrap, jackknife, refit
from mmresearch.models.mmrm.results import RepeatedMeasures
from mmresearch.models.mmrm.robust import cluster_sums, pooled_sums
from mmresearch.models.mmrm.sums import SufficientStatistics

__all__ = [
    "Contrast",
    "Fit",
    "Imputed",
    "RepeatedMeasures",
    "SufficientStatistics",
    "bootstrap",
    "cluster_sums",
    "fit_mmrm",
    "fit_statistics",
    "impute",
    "jackknife",
    "mmrm",
    "mmrm_chunks",
    "pooled_sums",
    "refit",
    "statistics_of",
]
