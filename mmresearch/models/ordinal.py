"""Method `ordinal`: graded outcomes, the odds of a higher grade in the arm over the odds in the reference arm.

Proportional odds at the judged visit, adjusted as far as the grades can carry it; standard errors clustered by
therapist (CR2 on the scores) where therapists are recorded, t distribution throughout. Beside it a test of
proportionality and the win odds, which need no model.
"""

import math
from dataclasses import dataclass, field, replace

import numpy as np

from mmresearch.estimate import Derived, Lack, Robustness
from mmresearch.models.analysis_set import tell_therapists
from mmresearch.models.assembly import assemble
from mmresearch.models.clusters import ignoring, shared, therapist_labels
from mmresearch.models.cumulative import information_of, proportional_odds, rows_of, shift_pieces
from mmresearch.models.inference import Ratio
from mmresearch.models.least_squares import Fitted, few_df
from mmresearch.models.proportionality import score_test, win_contrast
from mmresearch.models.question import ask
from mmresearch.models.score_clusters import cluster_sums, score_cr2, shared_variance
from mmresearch.models.table import design, gather
from mmresearch.models.troubles import trouble
from mmresearch.models.wording import join

PER_TERM = 10  # effective patients for each term of the model; Peduzzi et al 1996, J Clin Epidemiol 49:1373
DOUBTFUL, MOST_CUTS = 0.05, 10  # p of the test of proportionality; with more cuts it finds too much in small samples


@dataclass(frozen=True)
class Grades:
    """Patients with a grade at the judged visit. codes: grades 0..K-1; matrix: treated, then covariates; names:
    theirs.
    """

    people: object = field(repr=False)
    values: np.ndarray = field(repr=False)
    codes: np.ndarray = field(repr=False)
    matrix: np.ndarray = field(repr=False)
    names: tuple = ()
    left_out: tuple = ()

    @property
    def treated(self):
        return self.people["treated"].to_numpy() == 1


def fit(claim, dataset):
    """Return the Estimate of the odds ratio (arm over reference) of a higher grade, or the Lack.

    Among patients observed at the judged visit. Above 1: higher grades in the arm, whichever side is better.
    """
    question = ask(claim, dataset)
    if isinstance(question, Lack):
        return question
    rows = gather(question, dataset)
    grades, covariates = gather_grades(question, rows, dataset.study)
    n = rows.counts(rows.values[question.visit.name].notna(), question)
    if len(np.unique(grades.codes)) < 2:
        said = trouble("not-estimable", "Every patient analysed has the same grade: there is no variation to judge by.")
        fitted, beside, further = Fitted(None, "proportional odds", n, troubles=(said,)), (), ()
    else:
        fitted, beside = _fitted(question, grades, covariates, n, 1 - dataset.study.alpha)
        further = _win_odds(grades, dataset.study, question)
    fitted = replace(fitted, without=f"no value of {question.instrument.id} at {question.visit.name}")
    estimate = assemble(question, dataset, rows, fitted, robustness=beside, derived=further, unit="odds ratio",
                        said=tell_therapists(grades.people, question.arms, dataset.study))
    word = "grade" if question.instrument.unit in ("grade", "category") else "value"
    return replace(estimate, outcome=f"a higher {word} of {estimate.outcome}")


def gather_grades(question, rows, study):
    """Return (Grades of the patients observed at the judged visit, their Design of covariates)."""
    outcome = rows.values[question.visit.name]
    seen = outcome.notna()
    people, values = rows.people[seen], outcome[seen].to_numpy()
    covariates = design(people, study)
    levels, codes = np.unique(values, return_inverse=True)
    room = max(int(effective_size(codes) // PER_TERM) - 1, 0)  # the arm is a term too
    kept = [name for name in covariates.names if _columns(covariates.matrix, name)]
    while kept and sum(len(_columns(covariates.matrix, name)) for name in kept) > room:
        kept.pop()  # strata go first, the outcome's own baseline last
    columns = [column for name in kept for column in _columns(covariates.matrix, name)]
    matrix = np.column_stack([people["treated"], covariates.matrix[columns]])
    left_out = tuple(name for name in covariates.names if name not in kept)
    return Grades(people, values, codes, matrix, tuple(kept), left_out), covariates


def effective_size(codes):
    """Return how many patients of a continuous outcome carry as much: n - sum(n_k^3) / n^2.

    Whitehead 1993, Stat Med 12:2257; Harrell, Regression Modeling Strategies, 2nd ed, section 4.4.
    """
    counts = np.bincount(codes)
    return float(counts.sum() - np.sum(counts**3.0) / counts.sum() ** 2) if len(codes) else 0.0


def _columns(matrix, name):
    return [column for column in matrix if column == name or column.startswith((f"{name}=", f"{name} missing"))]


def _fitted(question, grades, covariates, n, level):
    """Return (Fitted, robustness): as adjusted as the grades allow, unadjusted where that fails or separates."""
    found, words, said = _converged(grades)
    contrast, clustered, how = contrast_of(found, grades)
    broken = () if contrast else (trouble("not-converged", "The proportional odds model did not converge."),)
    unmodelled = ()
    if shared(grades.people["therapist"]) and not clustered and contrast:
        unmodelled = (
            trouble(
                "therapists-not-modelled", "Patients share therapists, too few to estimate how much therapists differ."
            ),
        )
    few = few_df(contrast.df) if contrast else ()
    left = (_left_out(grades),) if grades.left_out and not said else ()
    model = f"proportional odds model at {question.visit.name}, {words}; {how}"
    fitted = Fitted(
        contrast,
        model,
        n,
        {},
        clustered,
        (*_relevant(covariates, grades), *left, *said, *broken, *unmodelled, *few, *_doubts(found)),
        covariates.said,
    )
    plain = proportional_odds(grades.codes, grades.matrix[:, :1])
    if not (contrast and plain.converged and words.startswith("adjusted")):
        return fitted, ()
    other, known, _ = contrast_of(plain, replace(grades, matrix=grades.matrix[:, :1]))
    words = "unadjusted" + ignoring(grades.people["therapist"]) * (clustered and not known)
    return fitted, (Robustness(words, other.point, *other.interval(level)),)


def _relevant(covariates, grades):
    """The covariates' troubles, but not of imputed ones where none is in the model."""
    return tuple(each for each in covariates.troubles if grades.names or each.code != "covariates-imputed")


def _left_out(grades):
    return trouble(
        "covariates-left-out",
        f"The grades carry about {effective_size(grades.codes):.0f} patients' "
        f"worth of "
        f"information, too little to adjust for {join(grades.left_out)}.",
    )


def _converged(grades):
    """Return (CumulativeFit, words for its covariates, troubles); without maximum, half a patient a grade and arm
    more.
    """
    found = proportional_odds(grades.codes, grades.matrix)
    if found.converged:
        return found, f"adjusted for {join(grades.names)}" if grades.names else "unadjusted", ()
    plain = proportional_odds(grades.codes, grades.matrix[:, :1])
    if plain.converged:
        return (
            plain,
            "unadjusted",
            (trouble("covariates-left-out", "The covariates separate the grades completely: they were left out."),),
        )
    levels = grades.codes.max() + 1
    codes = np.concatenate([grades.codes, np.tile(np.arange(levels), 2)])
    arms = np.concatenate([grades.matrix[:, 0], np.repeat([0.0, 1.0], levels)])
    weights = np.concatenate([np.ones(len(grades.codes)), np.full(2 * levels, 0.5)])
    said = trouble(
        "grades-separate",
        "The arms' grades do not overlap: the odds ratio has no finite estimate, "
        "so half a "
        "patient was added to every grade of both arms, and nothing is adjusted for.",
    )
    return proportional_odds(codes, arms[:, None], weights), "unadjusted, half a patient added to each grade", (said,)


def contrast_of(found, grades):
    """Return (Ratio or None, clustered, how): CR2 by therapist where patients share one, else the likelihood's
    error.
    """
    place, n = len(found.thresholds), len(grades.codes)
    if not found.converged:
        return None, False, "no maximum"
    point, df = math.exp(found.slopes[0]), float(n - 1 - len(found.slopes))  # thresholds count as one intercept
    variance = found.covariance[place, place]
    plain = Ratio(point, math.sqrt(variance), max(df, 1.0)), False, f"{df:.0f} residual degrees of freedom"
    if not shared(grades.people["therapist"]):
        return plain
    labels = therapist_labels(grades.people["therapist"])
    labels = np.concatenate([labels, labels.max() + 1 + np.arange(len(found.codes) - n)])  # added rows stand alone
    direction, score, spread = shift_pieces(found)
    sums = cluster_sums(found.scores, lambda rows: information_of(rows_of(found.pieces, rows)), labels)
    weights = np.eye(place + len(found.slopes))[place]
    variance, df = score_cr2(*sums, weights, direction, shared_variance(score, spread, labels))
    if not (variance > 0 and df >= 1):
        return plain
    how = f"standard error clustered by therapist (CR2), {df:.1f} Satterthwaite degrees of freedom"
    return Ratio(point, math.sqrt(variance), df), True, how


def _doubts(found):
    """A note where one odds ratio for all cuts of the grades is doubtful."""
    test = score_test(found, [0]) if found.converged and len(found.thresholds) <= MOST_CUTS else None
    if test is None or test.p >= DOUBTFUL:
        return ()
    return (
        trouble(
            "odds-not-proportional",
            "The arms may differ by more at some grades than at others (score test of "
            f"proportional odds, p = {test.p:.2g}): the odds ratio is an average over grades.",
        ),
    )


def _win_odds(grades, study, question):
    """The win odds as a Derived: how often a patient of the arm does better than one of the reference arm, ties
    half.
    """
    sign = -1 if question.instrument.better == "lower" else 1
    one, other = sign * grades.values[grades.treated], sign * grades.values[~grades.treated]
    therapists = grades.people["therapist"]
    labels = therapist_labels(therapists) if shared(therapists) else None
    labels = None if labels is None else np.concatenate([labels[grades.treated], labels[~grades.treated]])
    contrast = win_contrast(one, other, labels)
    if contrast is None or not contrast.df or contrast.df < 1:
        return ()
    low, high = (math.exp(end) for end in contrast.interval(1 - study.alpha))
    point = math.exp(contrast.point)
    arm, reference = (study.arms[name].label for name in question.arms)
    chance = 100 * point / (1 + point)
    text = (
        f"Win odds {point:.2f} ({low:.2f} to {high:.2f}), unadjusted: of a patient from {arm} and one from "
        f"{reference} "
        f"the former is better off in {chance:.0f}% of pairs, ties counted half."
    )
    return (Derived("win-odds", point, low, high, "odds", text),)
