"""Method `session-change`: how much more an outcome changed within one session than in the reference arm.

A linear mixed model of after minus before, a row a session: arm, session number, the value before the patient's first
session and the study's covariates; random intercepts of patients and, where they share them, of therapists within arms;
Kenward-Roger. The value before later sessions is not adjusted for: earlier sessions may have changed it, and arms
compared at the same value before would then be unlike patients (regression to the mean would look like an effect). That
analysis stands beside. In a crossover study the period is adjusted for, and a session belongs to its period's arm.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from mmresearch.estimate import ArmSummary, Derived, Lack, Robustness
from mmresearch.models.analysis_set import tell_therapists
from mmresearch.models.assembly import assemble
from mmresearch.models.intercepts import fit_rows
from mmresearch.models.least_squares import Fitted, adjusted, few_df
from mmresearch.models.places import session_changes
from mmresearch.models.question import ask
from mmresearch.models.repeated import Nested, independent, nest_therapists, unfinished, variance_words
from mmresearch.models.robustness import beside_wanted
from mmresearch.models.table import design
from mmresearch.models.troubles import trouble
from mmresearch.models.wording import counted

MANY = 15  # session numbers beyond which they are a line, not levels


@dataclass(frozen=True)
class Sessions:
    """The sessions compared, a row each, and their patients. people: covariates, `baseline` the first value before."""

    rows: pd.DataFrame = field(repr=False)
    people: pd.DataFrame = field(repr=False)
    codes: np.ndarray = field(repr=False)  # of each row's patient, a place in people
    nested: Nested = field(repr=False)


def fit(claim, dataset):
    """Return the Estimate of the difference in mean change within a session, in the instrument's unit; or the Lack."""
    question = ask(claim, dataset)
    if isinstance(question, Lack):
        return question
    sessions = gather_sessions(question, dataset)
    fitted, beside, derived = analyse(sessions, question, dataset.study)
    fitted = replace(fitted, without=f"no session with {question.instrument.id} both before and after it")
    estimate = assemble(question, dataset, None, fitted, robustness=beside, derived=derived,
                        said=tell_therapists(sessions.rows, question.arms, dataset.study))
    instrument = question.instrument
    return replace(estimate, by_arm=_summaries(sessions, question, dataset.study, fitted),
                   outcome=f"the change in {instrument.measures} within a session ({instrument.id})")


def gather_sessions(question, dataset):
    """Return the Sessions in the claim's window: treated, arm, session, period, before, after, change, therapist."""
    rows, (first, last) = session_changes(dataset, question.instrument.id), question.window
    rows = rows[rows["patient"].isin(question.patients) & (rows["day"].isna() | rows["day"].between(first, last))]
    rows = dataset.with_arms(rows)
    rows = rows[rows["arm"].isin(question.arms)].sort_values(["patient", "session"], ignore_index=True)
    rows = rows.assign(treated=(rows["arm"] == question.arm).astype(float), change=rows["after"] - rows["before"],
                       therapist=_therapists(rows, question, dataset))
    starts = rows.groupby("patient")["before"].first()
    people = dataset.patients.set_index("patient").loc[starts.index].assign(baseline=starts)
    codes = people.index.get_indexer(rows["patient"])
    return Sessions(rows, people, codes, nest_therapists(rows, question, dataset.study))


def _therapists(rows, question, dataset):
    """The sessions' own; where none has one, the patients' (in a crossover study only in the arm that is claimed)."""
    if rows["therapist"].notna().any():
        return rows["therapist"]
    own = rows["patient"].map(dataset.patients.set_index("patient")["therapist"])
    return own if dataset.study.design != "crossover" else own.where(rows["arm"] == question.arm)


def analyse(sessions, question, study):
    """Return (Fitted, robustness, derived) of the difference in mean change."""
    rows, nested = sessions.rows, sessions.nested
    covariates = design(sessions.people, study)
    matrix = independent(session_columns(sessions, covariates))
    n = {arm: int(rows.loc[rows["arm"] == arm, "patient"].nunique()) for arm in question.arms}
    words = f"Mixed model of the change within a session: arm, session number, {adjusted(covariates)}"
    broken = _broken(rows, matrix)
    if broken:
        return Fitted(None, words, n, troubles=(*covariates.troubles, broken), said=covariates.said), (), ()
    found = _fitted(sessions, matrix)
    contrast = found.contrast(matrix.columns == "treated")
    troubles = (*covariates.troubles, *nested.troubles, *few_df(contrast.df), *unfinished(found))
    said = (f"{counted(len(rows), 'session')} of {counted(len(sessions.people), 'patient')}.", *covariates.said)
    fitted = Fitted(contrast, f"{words}; {variance_words(found, nested)}", n, _means(found, matrix, question),
                    nested.modelled, troubles, said)
    if not beside_wanted():
        return fitted, (), ()
    return fitted, _beside(sessions, matrix, 1 - study.alpha), _derived(sessions, matrix, question, 1 - study.alpha)


def session_columns(sessions, covariates):
    """Return the design: intercept, treated, covariates, session numbers, first value before at the first, periods."""
    rows, people = sessions.rows, covariates.matrix.iloc[sessions.codes].reset_index(drop=True)
    built = {"intercept": pd.Series(1.0, index=rows.index), "treated": rows["treated"]}
    built |= {f"covariate {place}": people[name] for place, name in enumerate(people)}
    numbers = sorted(rows["session"].unique())
    if len(numbers) <= MANY:
        built |= {f"session {number:g}": rows["session"] == number for number in numbers[1:]}
    else:
        built |= {"session": rows["session"], "first session": rows["session"] == numbers[0]}
    if len(numbers) > 1:  # the first value before stands in the first change itself, so it weighs more there
        start = sessions.people["baseline"].to_numpy()[sessions.codes]
        built |= {"start at the first": (start - start.mean()) * _is_first(rows)}
    built |= {f"period {period:g}": rows["period"] == period for period in sorted(rows["period"].dropna().unique())[1:]}
    return pd.DataFrame(built).astype(float)


def _is_first(rows):
    return ~rows["patient"].duplicated()


def _fitted(sessions, matrix):
    return fit_rows(sessions.rows["change"], matrix.to_numpy(), sessions.codes, *sessions.nested.codes)


def _broken(rows, matrix):
    """Return a serious trouble where there is nothing to estimate from."""
    if "treated" not in matrix:
        return trouble("not-estimable", "The arms follow from the covariates, so the data cannot separate the two.")
    if len(rows) <= matrix.shape[1] + 1 or rows["change"].nunique() == 1:
        said = f"{counted(len(rows), 'session')} do not vary enough for a model of {matrix.shape[1]} terms."
        return trouble("not-estimable", said)
    return None


def _means(found, matrix, question):
    """Model means of the change in both arms, at the average of the other columns."""
    average = matrix.mean()
    return {arm: float(average.where(average.index != "treated", treated) @ found.coefficients)
            for arm, treated in ((question.arm, 1.0), (question.reference, 0.0))}


def _beside(sessions, matrix, level):
    """Return the Robustness: the value before each session in place of the first."""
    other = independent(matrix.assign(before=sessions.rows["before"]))
    if "before" not in other:
        return ()
    found = _fitted(sessions, other).contrast(other.columns == "treated")
    return (Robustness("adjusted for the value before each session", found.point, *found.interval(level)),)


def _derived(sessions, matrix, question, level):
    """Return what is Derived: whether the difference grows or fades from session to session."""
    rows = sessions.rows
    numbers = rows["session"] - rows["session"].mean()
    other = independent(matrix.assign(fading=rows["treated"] * numbers))
    if "fading" not in other or rows["session"].nunique() < 2:
        return ()
    found = _fitted(sessions, other).contrast(other.columns == "fading")
    low, high = found.interval(level)
    unit = f"{question.instrument.unit} per session"
    text = f"The difference shifts by {found.point:.2g} ({low:.2g} to {high:.2g}) {unit} from one session to the next."
    return (Derived("shift-per-session", found.point, low, high, unit, text),)


def _summaries(sessions, question, study, fitted):
    """Return an ArmSummary for each arm: patients; mean before and after, of their sessions' means; model's change."""
    made = []
    for arm in question.arms:
        means = sessions.rows[sessions.rows["arm"] == arm].groupby("patient")[["before", "after"]].mean()
        moments = [None if pd.isna(each) else float(each) for column in ("before", "after")
                   for each in (means[column].mean(), means[column].std())]
        made.append(ArmSummary(arm, study.arms[arm].label, len(means), *moments, ls_mean=fitted.ls_means.get(arm)))
    return tuple(made)
