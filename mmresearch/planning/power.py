"""Power of two arms compared, and the patients it takes. Noncentral t, not normal: small arms need more.

The model: outcomes have the standard deviations s1 in the treated arm and s2 in the other, after adjustment; in the
treated arm those of one therapist's patients correlate (ICC rho), in the other arm nobody's do (a partially nested
design: Roberts C, Roberts SA. Clin Trials 2005;2:152-162; Moerbeek M, Wong WK. Stat Med 2008;27:2850-2864). With n
analysed patients an arm, J therapists and n / J patients each,

    V1 = s1^2 ((1 - rho) / n + rho / J)    df1 = J - 1, or n - 1 without therapists
    V2 = s2^2 / n                          df2 = n - 1
    df = (V1 + V2)^2 / (V1^2 / df1 + V2^2 / df2)    (Satterthwaite; 2n - 2 where the arms have one s and no therapists)

and the power is that of a t test with noncentrality difference / sqrt(V1 + V2). The first is n over the design effect
1 + (n / J - 1) rho: more patients of the same therapist help less and less.
"""

import math
from dataclasses import dataclass

from mmresearch.errors import UsageError, counted

MOST = 1_000_000  # patients per arm; beyond it a number helps nobody
THERAPISTS = 3  # fewer in the treated arm are a serious trouble on any estimate, so no plan has fewer


@dataclass(frozen=True)
class Design:
    """What a plan assumes of a trial of two equal arms.

    sd              of one patient's outcome in the unit of the effect, after adjustment (log scale for ratios)
    sd_other        in the other arm, where it is not the same
    alpha           two-sided
    dropout         share of randomised patients not analysed, 0 to below 1
    icc             correlation of two outcomes of one therapist's patients; 0: no clustering
    per_therapist   patients randomised to massage per therapist, None where icc is 0
    lost_df         degrees of freedom the covariates take
    df_per_patient  degrees of freedom an analysed patient brings, where a study tells (more patients of a clustered
                    study mean more therapists, so they grow with it), in place of the formula's
    Raises UsageError with every rule it breaks.
    """

    sd: float
    alpha: float = 0.05
    dropout: float = 0.0
    icc: float = 0.0
    per_therapist: float | None = None
    lost_df: int = 0
    sd_other: float | None = None
    df_per_patient: float | None = None

    def __post_init__(self):
        broken = [rule for rule, holds in {
            "the SD is above 0": all(0 < each < math.inf for each in (self.sd, self.sd_other or self.sd)),
            "alpha is between 0 and 1": 0 < self.alpha < 1,
            "drop-out is from 0 to below 1": 0 <= self.dropout < 1,
            "the correlation within therapists is from 0 to below 1": 0 <= self.icc < 1,
            "patients per therapist are 1 or more": self.per_therapist is None or self.per_therapist >= 1,
            "a correlation within therapists needs the patients per therapist": not self.icc or self.per_therapist,
        }.items() if not holds]
        if broken:
            raise UsageError("power", f"no plan can rest on {counted(len(broken), 'assumption')}", broken)

    @property
    def least(self):
        """The fewest randomised patients an arm that any plan has."""
        return 2 if not self.icc else math.floor((THERAPISTS - 1) * self.per_therapist) + 1

    def therapists(self, patients):
        """Return how many therapists treat that many randomised patients (int), or None without clustering."""
        return math.ceil(patients / self.per_therapist) if self.icc else None

    def precision(self, patients):
        """Return (standard error, degrees of freedom) of the difference with that many randomised patients an arm."""
        n = patients * (1 - self.dropout)
        therapists = self.therapists(patients) or n
        treated = self.sd**2 * ((1 - self.icc) / n + self.icc / therapists)
        other, df_other = (self.sd_other or self.sd) ** 2 / n, n - 1 - self.lost_df / 2
        df_treated = therapists - 1 - (0 if self.icc else self.lost_df / 2)
        if min(df_treated, df_other) <= 0:
            return math.inf, 0.0
        df = (treated + other) ** 2 / (treated**2 / df_treated + other**2 / df_other)
        df = self.df_per_patient * 2 * n if self.df_per_patient else df
        return math.sqrt(treated + other), df


def find_power(difference, patients, design):
    """Return the power, 0 to 1, of the two-sided test with that many randomised patients an arm (number >= 2).

    difference: the true one, from what is tested, in the unit of design.sd.
    """
    from scipy.stats import nct, t

    error, df = design.precision(patients)
    if df <= 0:
        return 0.0
    edge, shift = t.ppf(1 - design.alpha / 2, df), abs(difference) / error
    power = nct.sf(edge, df, shift) + nct.cdf(-edge, df, shift)
    return float(power) if math.isfinite(power) else 1.0  # scipy's tail fails only where nothing is left of it


def count_patients(difference, power, design):
    """Return the randomised patients an arm (int) at which the power is reached, or None beyond a million."""
    if not difference:
        return None
    low, high = design.least - 1, max(design.least, 2)
    while find_power(difference, high, design) < power:
        low, high = high, 2 * high
        if low > MOST:
            return None
    while high - low > 1:  # power rises with patients: error and df both improve
        middle = (low + high) // 2
        low, high = (low, middle) if find_power(difference, middle, design) >= power else (middle, high)
    return high
