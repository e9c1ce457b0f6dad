"""Do strata differ? One test over all of them: arm by stratum within the registered model where that can be had.

change        F of all products of arm and stratum: within the mixed model (Kenward-Roger), or within the analysis of
              covariance. Where patients share therapists the latter is clustered (CR2), and takes two strata
all others    heterogeneity of the strata's own estimates: Cochran's Q (1954, Biometrics 10:101), referred to F as Welch
              does (1951, Biometrika 38:330), because standard errors of few patients are themselves uncertain
"""

import math
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.regression.linear_model import OLS

from mmresearch.errors import MMResearchError
from mmresearch.estimate import RATIOS
from mmresearch.models.clusters import cr2, shared, therapist_labels
from mmresearch.models.inference import Contrast
from mmresearch.models.mixed import Crossing, fit_visits
from mmresearch.models.table import design, estimable, gather
from mmresearch.strata import Interaction, is_sound

IN_MODEL = "arm by stratum within the registered model"
BETWEEN = "heterogeneity of the strata's own estimates, Cochran's Q"
ALONE = "fewer than two strata have an estimate to trust"


@dataclass(frozen=True, eq=False)
class Products:
    """Columns of strata, a row a patient analysed: covariates' Design; what strata add to it; arm by stratum."""

    people: pd.DataFrame = field(repr=False)
    covariates: object = field(repr=False)
    main: pd.DataFrame = field(repr=False)
    crossed: pd.DataFrame = field(repr=False)


def compare_strata(question, dataset, column, estimates):
    """Return the Interaction of a Question's contrast with a column.

    estimates: level -> the stratum's Estimate. Within the model every stratum with an estimate enters; where strata
    are compared by their own estimates, those with a serious trouble or hardly any degrees of freedom do not: a
    standard error that is wrong by chance would make any difference look certain.
    """
    known = {level: each for level, each in estimates.items() if each.point is not None and each.standard_error}
    if question.analysis.method == "change" and len(known) > 1:
        found = _within_model(question, dataset, column, list(known))
        if found is not None:
            return found
    sound = {level: each for level, each in known.items() if is_sound(each)}
    return heterogeneity(sound) if len(sound) > 1 else Interaction(lack=ALONE)


def heterogeneity(estimates):
    """Return Cochran's Q over estimates {level: Estimate}, as F with Welch's degrees of freedom; ratios by their logs.

    F = Q / (k - 1) / (1 + 2 (k - 2) T / (k^2 - 1)), df2 = (k^2 - 1) / (3 T), T = sum of (1 - w / W)^2 / df.
    Without degrees of freedom T is 0 and F (k - 1) is chi-squared. Strata that share therapists count as independent.
    """
    ratio = next(iter(estimates.values())).measure in RATIOS
    points = np.array([math.log(each.point) if ratio else each.point for each in estimates.values()])
    errors = np.array([each.standard_error for each in estimates.values()])
    inverse = np.array([1 / each.df if each.df else 0.0 for each in estimates.values()])
    k, weights = len(points), errors**-2.0
    shares = weights / weights.sum()
    between = float(weights @ (points - shares @ points) ** 2) / (k - 1)
    spread = float((1 - shares) ** 2 @ inverse) / (k * k - 1)
    statistic, df2 = between / (1 + 2 * (k - 2) * spread), 1 / (3 * spread) if spread else None
    two = _difference(list(estimates), points, errors, df2, ratio, next(iter(estimates.values())).alpha)
    how = BETWEEN if df2 is None else f"{BETWEEN} with Welch's degrees of freedom"
    return Interaction(test=how, statistic=statistic, df1=k - 1, df2=df2, p_value=_p(statistic, k - 1, df2), **two)


def _p(statistic, df1, df2):
    return float(stats.chi2.sf(statistic * df1, df1) if df2 is None else stats.f.sf(statistic, df1, df2))


def _difference(levels, points, errors, df, ratio, alpha):
    """Of two strata: the last minus the first, with its interval; of a ratio, their ratio. Of more, nothing."""
    if len(levels) != 2:
        return {}
    return _told(levels, Contrast(float(points[1] - points[0]), float(np.hypot(*errors)), df), ratio, alpha)


def _told(levels, contrast, ratio, alpha):
    ends = (contrast.point, *contrast.interval(1 - alpha))
    point, low, high = (math.exp(end) for end in ends) if ratio else ends
    return {"minus": (levels[1], levels[0]), "point": point, "low": low, "high": high}


def _within_model(question, dataset, column, levels):
    """Return the Interaction of the registered model; None where it cannot be had, and the strata are compared."""
    rows = gather(question, dataset)
    rows = rows.kept(rows.people[column].astype("string").isin(levels).fillna(False).to_numpy(bool))
    fit = _mixed if question.model == "mmrm" else _least_squares
    try:
        return fit(question, rows, dataset.study, column, levels)
    except (MMResearchError, np.linalg.LinAlgError):  # the engine refuses a model that the data cannot carry
        return None


def _products(people, study, column, levels):
    """Return the Products of strata, the first of `levels` their reference; None where data cannot tell them apart."""
    covariates = design(people, study)
    inside = pd.DataFrame({level: (people[column].astype("string") == level).astype(float) for level in levels[1:]})
    fixed, main = pd.concat([covariates.matrix, people[["treated"]]], axis=1), {}
    for level in inside:
        if estimable(inside[level], fixed):
            main[f"in {level}"], fixed = inside[level], pd.concat([fixed, inside[level]], axis=1)
    crossed = inside.mul(people["treated"], axis=0).add_prefix("treated in ")
    for name in crossed:
        if not estimable(crossed[name], fixed):
            return None
        fixed = pd.concat([fixed, crossed[name]], axis=1)
    return Products(people, covariates, pd.DataFrame(main, index=people.index), crossed)


def _least_squares(question, rows, study, column, levels):
    outcome = rows.values[question.visit.name]
    kept = rows.kept(outcome.notna())
    parts, outcome = _products(kept.people, study, column, levels), outcome.dropna()
    if parts is None:
        return None
    fixed = pd.DataFrame({"intercept": 1.0, "treated": kept.people["treated"]})
    columns = pd.concat([fixed, parts.covariates.matrix, parts.main, parts.crossed], axis=1)
    if len(outcome) <= columns.shape[1] or outcome.nunique() == 1:
        return None
    result = OLS(outcome.to_numpy(float), columns.to_numpy(float)).fit()
    chosen = np.eye(columns.shape[1])[-parts.crossed.shape[1]:]
    if shared(kept.people["therapist"]):
        return _clustered(result, columns, kept.people, chosen, levels, study.alpha)
    test, two = result.f_test(chosen), {}
    if len(chosen) == 1:
        last = Contrast(float(result.params[-1]), float(result.bse[-1]), float(result.df_resid))
        two = _told(levels, last, False, study.alpha)
    return Interaction(test=IN_MODEL, statistic=float(test.fvalue), df1=len(chosen), df2=float(result.df_resid),
                       p_value=float(test.pvalue), **two)


def _clustered(result, columns, people, chosen, levels, alpha):
    """Two strata alone: CR2 has the degrees of freedom of one combination."""
    if len(chosen) > 1:
        return None
    labels = therapist_labels(people["therapist"])
    variance, df = cr2(columns.to_numpy(float), np.asarray(result.resid), labels, chosen[0])
    if not (variance > 0 and df >= 1):
        return None
    point = float(result.params[-1])
    contrast = Contrast(point, math.sqrt(variance), df)
    return Interaction(test=f"{IN_MODEL}, clustered by therapist", statistic=point**2 / variance, df1=1, df2=df,
                       p_value=_p(point**2 / variance, 1, df), **_told(levels, contrast, False, alpha))


def _mixed(question, rows, study, column, levels):
    visits = [visit.name for visit in question.follow_ups]
    seen = rows.values[visits].notna()
    whole = question.analysis.missing == "complete-case"
    kept = rows.kept(seen.all(axis=1) if whole else seen.any(axis=1))
    parts = _products(kept.people, study, column, levels)
    if parts is None:
        return None
    added = pd.concat([parts.main, parts.crossed], axis=1)
    own = {name for name in parts.covariates.matrix if name == column or name.startswith(f"{column}=")}
    result, _ = fit_visits(question, kept, parts.covariates, visits, Crossing(added, frozenset({*added, *own}), column))
    fit, first = result.fit, parts.covariates.matrix.shape[1] + parts.main.shape[1]
    judged = [f"covariate {first + place}:visit[{question.visit.name}]" for place in range(parts.crossed.shape[1])]
    if fit.structure != fit.asked or not set(judged) <= set(fit.names):
        return None
    chosen = np.array([[float(name == each) for name in fit.names] for each in judged])
    joint = fit.joint(chosen)
    two = {}
    if len(chosen) == 1:
        alone = fit.contrast(chosen[0], column)
        two = _told(levels, Contrast(alone.estimate, alone.standard_error, alone.df), False, study.alpha)
    return Interaction(test=f"{IN_MODEL}, Kenward-Roger", statistic=joint.statistic, df1=joint.df1, df2=joint.df2,
                       p_value=joint.p_value, **two)

