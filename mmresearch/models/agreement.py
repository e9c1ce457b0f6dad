"""Method `agreement`: do two raters agree? Kappa for categories and grades, the intraclass correlation for numbers.

Everyone whom two raters judged, in whatever arm; the first time within the claim's window. The same two raters for all,
or several raters who shared the patients: then they count as interchangeable.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from mmresearch.estimate import ArmSummary, Derived, Lack
from mmresearch.models.analysis_set import tell_analysed
from mmresearch.models.assembly import assemble
from mmresearch.models.inference import p_value
from mmresearch.models.intraclass import intraclass
from mmresearch.models.kappa import ac1, crossed, kappa
from mmresearch.models.least_squares import Fitted
from mmresearch.models.question import ask
from mmresearch.models.troubles import trouble


@dataclass(frozen=True)
class Pairs:
    """Two ratings a patient, raters in sorted order: first, second (n,); arms (n,); raters: how many there were in
    all.
    """

    first: np.ndarray = field(repr=False)
    second: np.ndarray = field(repr=False)
    arms: np.ndarray = field(repr=False)
    raters: int = 2

    @property
    def same_raters(self):
        return self.raters == 2


def fit(claim, dataset):
    """Return the Estimate of two raters' agreement beyond chance (1: always), or the Lack."""
    question = ask(claim, dataset)
    if isinstance(question, Lack):
        return question
    pairs = gather_pairs(question, dataset)
    contrast, how, beside, troubles = FITS[question.analysis.measure](question, pairs, 1 - dataset.study.alpha)
    counts = {name: int((pairs.arms == name).sum()) for name in dataset.study.arms if (pairs.arms == name).any()}
    fitted = Fitted(contrast, how, counts, troubles=(*troubles, *_interchangeable(pairs)))
    interval, p = (
        (contrast.interval(1 - dataset.study.alpha), p_value(contrast, question)) if contrast else (None, None)
    )
    said = ("Everyone counts whom two raters judged, in whatever group, the first time within the window.",)
    estimate = assemble(
        question,
        dataset,
        None,
        fitted,
        interval=interval,
        p=p,
        derived=beside,
        said=said,
        unit=question.analysis.measure,
    )
    return _without_arm(estimate, dataset, counts)


def gather_pairs(question, dataset):
    """Return the Pairs of the question: of each patient the first visit in the window that two raters judged."""
    rows = dataset.outcomes_of(question.instrument.id)
    rows = rows[rows["session"].isna() & rows["rater"].notna()]
    rows = rows[rows["patient"].isin(question.observed)]
    rows = rows[rows["day"].isna() | rows["day"].astype("float64").between(*question.window)]
    rows = rows.sort_values(["day", "patient", "rater"], kind="stable", na_position="last")
    sizes = rows.groupby(["patient", "visit"], dropna=False, sort=False)["rater"].transform("nunique")
    rows = rows[sizes >= 2]
    firsts = rows.drop_duplicates("patient")[["patient", "visit"]]
    rows = rows.merge(firsts, on=["patient", "visit"])
    turn = rows.groupby("patient", sort=False).cumcount()
    first, second = (rows[turn == number].set_index("patient")["value"] for number in (0, 1))
    arms = dataset.patients.set_index("patient")["arm"].loc[first.index].to_numpy()
    used = rows[turn < 2]["rater"].nunique()
    return Pairs(first.to_numpy(float), second.loc[first.index].to_numpy(float), arms, int(used))


def _kappa(question, pairs, level):
    """Return (Correlation, how, derived, troubles): two categories plainly, more weighted by squared distance."""
    levels = sorted({*pairs.first, *pairs.second, *_categories(question.instrument)})
    weighted = len(levels) > 2 and question.instrument.kind != "binary"
    table = crossed(pairs.first, pairs.second, levels, symmetric=not pairs.same_raters)
    agreed = float(np.trace(table) / table.sum())
    try:
        contrast = kappa(table, weighted)
    except ZeroDivisionError:
        return (
            None,
            "kappa",
            (),
            (
                trouble(
                    "not-estimable",
                    "Both raters gave everyone the same rating: agreement by chance alone would look the same.",
                ),
            ),
        )
    name = "Cohen's kappa" if pairs.same_raters else "intraclass kappa (Scott's pi)"
    how = f"{name}{', squared weights' if weighted else ''}; interval on Fisher's z scale, {contrast.df:.0f} df"
    said = Derived(
        "observed-agreement",
        agreed,
        None,
        None,
        "proportion",
        f"The raters gave the same rating in {100 * agreed:.0f}% of patients.",
    )
    return contrast, how, (said, *_chance_free(table, level)), ()


def _categories(instrument):
    """Both categories of a binary instrument, also where nobody got one of them."""
    return (instrument.low, instrument.high) if instrument.kind == "binary" and instrument.low is not None else ()


def _chance_free(table, level):
    contrast = ac1(table)
    low, high = contrast.interval(level)
    high = min(high, 1.0)
    text = (
        f"Gwet's AC1, which a rare or a common finding distorts less than kappa: {contrast.point:.2f} ({low:.2f} to "
        f"{high:.2f})."
    )
    return (Derived("gwet-ac1", float(contrast.point), float(low), float(high), "AC1", text),)


def _icc(question, pairs, level):
    """Return (Intraclass, how, derived, troubles)."""
    contrast = intraclass(pairs.first, pairs.second, pairs.same_raters)
    if contrast is None:
        return (
            None,
            "intraclass correlation",
            (),
            (trouble("not-estimable", "The ratings do not vary enough to tell patients from raters."),),
        )
    kind = "ICC(A,1), two-way random, absolute agreement" if pairs.same_raters else "ICC(1), one-way random"
    return (
        contrast,
        f"intraclass correlation of single ratings, {kind}",
        _limits_of_agreement(question, pairs, level),
        (),
    )


def _limits_of_agreement(question, pairs, level):
    """How far two raters' readings of a patient differ, 95% of the time. Bland and Altman 1986, Lancet 1:307."""
    gaps = pairs.first - pairs.second
    half, middle = 1.96 * float(gaps.std(ddof=1)), float(gaps.mean())
    unit = question.instrument.unit
    text = f"Two raters' readings of one patient differ by {middle - half:.2g} to {middle + half:.2g} {unit} in 95%."
    return (Derived("limits-of-agreement", middle, middle - half, middle + half, unit, text),)


def _interchangeable(pairs):
    if pairs.same_raters:
        return ()
    return (
        trouble(
            "raters-vary",
            f"{pairs.raters} raters shared the patients, two each: they count as "
            "interchangeable, and how much one rates higher than another is part of their disagreement.",
        ),
    )


def _without_arm(estimate, dataset, counts):
    """Agreement belongs to raters, not to an arm: say so in the record."""
    arms = dataset.study.arms
    whole = {name: dataset.allocated.get(name, count) for name, count in counts.items()}
    told = tell_analysed(counts, whole, dataset.study, "no visit within the claim's days that two raters judged")
    return replace(
        estimate,
        arm=None,
        arm_label="",
        unit="",
        n_randomised=whole,
        by_arm=tuple(ArmSummary(name, arms[name].label, count) for name, count in counts.items()),
        assumptions=(*told, *(line for line in estimate.assumptions if not line.startswith("Nothing is compared"))),
    )


FITS = {"kappa": _kappa, "icc": _icc}
