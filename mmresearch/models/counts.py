"""Method `counts`: days off work, headache days, trigger points: the arm's mean count over the reference arm's.

A model of means chosen by a registered rule (count_models.py), adjusted for the baseline count, covariates and strata;
the ratio is of standardised means, its standard error clustered by therapist (CR2), t distribution throughout. The
difference in days stands beside it.
"""

import numpy as np
from scipy import special

from mmresearch.estimate import Derived, Lack
from mmresearch.models.analysis_set import tell_therapists
from mmresearch.models.assembly import assemble
from mmresearch.models.beta_binomial import likelihood_ratio
from mmresearch.models.count_models import choose, gather_counts, problem, single
from mmresearch.models.least_squares import Fitted, adjusted, few_df, unmodelled
from mmresearch.models.means_beside import means_beside, named_line
from mmresearch.models.question import ask
from mmresearch.models.standardised import standardise
from mmresearch.models.table import gather


def fit(claim, dataset):
    """Return the Estimate of the rate ratio (arm over reference), or the Lack. Below 1: fewer in the arm."""
    question = ask(claim, dataset)
    if isinstance(question, Lack):
        return question
    rows, highest = gather(question, dataset), question.instrument.high
    exposure = dataset.observed_share(question.instrument.id, question.visit.name)
    counts = gather_counts(question, rows, dataset.study, _scale(highest), exposure)
    further, others = _doses(question, dataset, counts.people), _others(highest)
    return estimate_means(question, dataset, rows, counts, lambda each: choose(each, highest), others, further)


def _doses(question, dataset, people):
    """Beside side effects of medicines: how much of them is taken at the judged visit, by arm."""
    if question.instrument.id != "SIDE":
        return ()
    made = []
    for name in ("MME", "DDD"):
        table, instrument = dataset.wide(name), dataset.instrument(name)
        if question.visit.name not in table:
            continue
        doses = table.loc[people.index, question.visit.name].dropna()
        means = [doses[people.loc[doses.index, "arm"] == arm].mean() for arm in question.arms]
        if not all(mean >= 0 for mean in means):
            continue
        labels = [dataset.study.arms[arm].label for arm in question.arms]
        told = [f"{mean:.1f} in {label}" for mean, label in zip(means, labels, strict=True)]
        text = f"{instrument.measures.capitalize()} then, mean in {_spoken(instrument.unit)}: {told[0]}, {told[1]}."
        made.append(Derived(f"dose-{name}", float(means[0] - means[1]), None, None, instrument.unit, text))
    return tuple(made)


def _scale(highest):
    """What the baseline enters as: the logit of its share where it has an end, else the log of one more."""
    if highest is None:
        return np.log1p
    return lambda values: special.logit((values + 0.5) / (highest + 1))


def estimate_means(question, dataset, rows, counts, model, others, further=()):
    """Return the Estimate of a ratio of means.

    model: Counts -> the Model; others: (Counts, Standardised) -> {words: Ratio} of other models; further: Derived.
    """
    study = dataset.study
    n = rows.counts(rows.values[question.visit.name].notna(), question)
    broken = problem(counts, [study.arms[arm].label for arm in question.arms])
    if broken:
        found = (*counts.covariates.troubles, broken)
        fitted = Fitted(None, "No model of means", n, troubles=found, said=counts.covariates.said)
        return assemble(question, dataset, rows, fitted, derived=further)
    chosen = model(counts)
    means = standardise_model(chosen, counts)
    beside = means_beside(question, dataset, rows, counts, means, lambda: others(counts, means),
                          lambda each: standardise_model(model(each), each))
    derived = (*_difference(question, study, means), *further, *beside.derived)
    fitted = _fitted(question, counts, chosen, means, n)
    said = tell_therapists(counts.people, question.arms, study)
    return assemble(question, dataset, rows, fitted, said=said, robustness=beside.lines, derived=derived)


def standardise_model(model, counts):
    """Return the Standardised means of a Model; by patient where therapists are too few to say how much they differ."""
    columns = counts.columns[:, : model.parts[0].columns.shape[1]]
    means = standardise(model.parts, columns, counts.people["therapist"])
    if means.clustered and means.ratio is None:
        return standardise(model.parts, columns, counts.people["therapist"].mask(lambda names: names.notna()))
    return means


def _fitted(question, counts, model, means, n):
    contrast = means.ratio
    shared = counts.people["therapist"].dropna().duplicated().any()
    how = "clustered by therapist (CR2)" if means.clustered else "robust (HC2)"
    words = f"{model.name}, at {question.visit.name}, {adjusted(model)}; ratio of standardised means"
    words += f"; standard error {how}, {contrast.df:.1f} Satterthwaite degrees of freedom" if contrast else ""
    found = (*counts.covariates.troubles, *model.troubles, *unmodelled(shared and not means.clustered))
    found += few_df(contrast.df) if contrast else ()
    return Fitted(contrast, words, n, dict(zip(question.arms, means.means, strict=True)), means.clustered, found,
                  (*counts.covariates.said, *model.said, _left_out(question)),
                  f"no value of {question.instrument.id} at {question.visit.name}")


def _left_out(question):
    return (f"Patients without a value at {question.visit.name} are left out: right where being without one depends on "
            "arm, baseline and covariates only.")


def _others(highest):
    def beside(counts, means):
        quasi = named_line("log-linear quasi-likelihood", standardise_model(single(counts), counts), means)
        if highest is None:
            return quasi
        sizes = highest if counts.exposure is None else highest * counts.exposure
        labels, df = means.labels[: len(counts.outcome)], means.ratio.df
        likely = likelihood_ratio(counts.seen, counts.columns, sizes, labels, df)
        return {"beta-binomial of greatest likelihood": likely, **quasi}

    return beside


def _difference(question, study, means):
    """The difference of the standardised means, in the instrument's unit."""
    contrast = means.difference
    if contrast is None:
        return ()
    low, high = contrast.interval(1 - study.alpha)
    arm, reference = (study.arms[name].label for name in question.arms)
    span = f"{_amount(low)} to {_amount(high)}" if low < 0 < high else f"{abs(low):.1f} to {abs(high):.1f}"
    text = f"{arm}: {_amount(contrast.point)} {_spoken(question.instrument.unit)} than {reference} ({span})."
    return (Derived("difference", contrast.point, low, high, question.instrument.unit, text),)


def _spoken(unit):
    """`days in 28 days`, `mg a day`."""
    return unit.replace("/28", " in 28").replace("/", " a ")


def _amount(difference):
    return f"{abs(difference):.1f} {'fewer' if difference < 0 else 'more'}"
