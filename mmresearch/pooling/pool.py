"""Random-effects pooling with Hartung and Knapp's interval.

Hartung J, Knapp G. Stat Med 2001;20:3875-3889 (also Sidik and Jonkman 2002). With 3 or 4 studies their variance ratio
is truncated at 1, because by chance it is often far below and the interval then narrower than one that knows tau2
(Roever C, Knapp G, Friede T. BMC Med Res Methodol 2015;15:99). Prediction interval: the
Hartung-Knapp standard error and t with k - 1 degrees of freedom, as the interval itself and as `predict` of R's metafor
has it by default; Higgins JP et al. (J R Stat Soc A 2009;172:137-159) take k - 2, which with 3 studies tells nothing.
"""

import math

import numpy as np
from scipy.stats import chi2, t

from mmresearch.errors import UsageError, counted
from mmresearch.pooling.heterogeneity import estimate_tau2, generalised_q, profile_interval, typical_variance, weigh
from mmresearch.pooling.records import Pooled

LEAST = 3  # studies; two cannot tell how much studies differ
PLAINLY = 0.995  # a variance ratio that reads as below 1
FEW = 4  # studies up to which the variance ratio is truncated


def pool(effects, standard_errors, level=0.95):
    """Return the Pooled effect of independent studies.

    effects, standard_errors: one number a study, in one unit (ratios and their errors on the log scale).
    Raises UsageError with fewer than 3 studies, and with numbers of which nothing follows.
    """
    y, s = np.asarray(effects, float), np.asarray(standard_errors, float)
    _refuse(y, s, level)
    v = s**2
    tau2 = estimate_tau2(y, v)
    w, point = weigh(y, v, tau2)
    ratio = generalised_q(y, v, tau2) / (len(y) - 1)
    truncated = len(y) <= FEW and ratio < 1
    if not truncated and ratio < 1e-12:
        raise UsageError("pooling", f"all {len(y)} effects are the same number, and of no spread no interval follows",
                         remedy="Look whether one study was given several times.")
    error = math.sqrt((1.0 if truncated else ratio) / w.sum())
    return _record(y, v, level, tau2, point, error, ratio, truncated, w)


def _record(y, v, level, tau2, point, error, ratio, truncated, w):
    df = len(y) - 1
    reach = t.ppf((1 + level) / 2, df)
    typical, tau2_ends, q = typical_variance(v), profile_interval(y, v, level), generalised_q(y, v, 0.0)
    around = reach * math.sqrt(tau2 + error**2)
    numbers = dict(
        standard_error=error, df=df, low=point - reach * error, high=point + reach * error,
        p_value=2 * t.sf(abs(point) / error, df), prediction_low=point - around, prediction_high=point + around,
        tau2=tau2, tau2_low=tau2_ends[0], tau2_high=tau2_ends[1], i2=tau2 / (tau2 + typical),
        i2_low=tau2_ends[0] / (tau2_ends[0] + typical), i2_high=tau2_ends[1] / (tau2_ends[1] + typical),
        q=q, q_p=chi2.sf(q, df), ratio=ratio)
    return Pooled(k=len(y), level=level, point=point, **{name: float(value) for name, value in numbers.items()} |
                  {"df": df}, truncated=truncated, weights=tuple(float(each) for each in w / w.sum()),
                  notes=_notes(len(y), ratio, truncated, tau2, tau2_ends))


def _notes(k, ratio, truncated, tau2, ends):
    told = {
        f"Hartung and Knapp's variance ratio, {ratio:.2f}, was set to 1, because there are only {k} studies":
            truncated and ratio < PLAINLY,
        f"Hartung and Knapp's variance ratio is {ratio:.2f}: their interval is narrower than one without it":
            not truncated and ratio < PLAINLY,
        "no variance between studies was found, which with so few is not to have shown that there is none":
            tau2 == 0 and k < 10,
        "the Q-profile interval of tau2 is empty, shown as 0 to 0": ends == (0.0, 0.0),
        "the Q-profile interval of tau2 does not hold its REML estimate: the two rest on different equations":
            ends != (0.0, 0.0) and not ends[0] <= tau2 <= ends[1],
    }
    return tuple(sentence for sentence, holds in told.items() if holds)


def _refuse(y, s, level):
    if y.ndim != 1 or y.shape != s.shape:
        raise UsageError("pooling", f"expected one standard error an effect, got {s.size} for {y.size}")
    broken = [rule for rule, bad in {
        "effects are finite": not np.isfinite(y).all(),
        "standard errors are finite and above 0": not (np.isfinite(s).all() and (s > 0).all()),
        "the level is between 0 and 1": not 0 < level < 1,
    }.items() if bad]
    if broken:
        raise UsageError("pooling", f"broken: {counted(len(broken), 'rule')}", broken)
    if len(y) < LEAST:
        raise UsageError("pooling", f"{len(y)} studies: from {LEAST} on they are pooled, because fewer cannot tell how "
                         "much studies differ", remedy="Read them one by one.")
