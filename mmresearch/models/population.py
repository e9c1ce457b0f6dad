"""Which patients a claim is about: by their condition, by its filters, and by what was measured of them."""

from dataclasses import dataclass, field, replace

import pandas as pd

from mmresearch.codebook import codebook
from mmresearch.models.sharing import once
from mmresearch.models.wording import counted, inside, join

EVERYONE = "all patients"


@dataclass(frozen=True)
class Who:
    """The patients a claim is about: their pseudonyms, canonical words, and what is worth saying of the choice."""

    patients: frozenset = field(repr=False)
    words: str
    notes: tuple = ()


def match_population(analysis, dataset, lacks):
    """Return the Who of a claim: patients whose condition is a kind of one of the claim's, and who pass its filters."""
    asked = analysis.population
    who, lacking = once(dataset, ("population", asked.conditions, asked.where), lambda: _match(analysis, dataset))
    lacks.update(lacking)
    return who


def _match(analysis, dataset):
    """Return (Who, what is lacking: code -> sentence)."""
    patients, lacks = dataset.patients, {}
    kept = pd.Series(True, index=patients.index)
    words, notes = [], []
    if analysis.population.conditions:
        kept = _with_condition(analysis.population.conditions, dataset, patients, lacks)
        if kept.any() and not kept.all():
            words.append(f"with {_labels(_conditions(dataset, patients)[kept])}")
    for rule in analysis.population.where:
        if rule.column == "baseline":  # the outcome's own baseline: known only once the instrument is
            continue
        passed = _passing(rule, patients, lacks)
        if passed is None:
            continue
        if (kept & ~passed).any():
            words.append(_filter_words(rule))
            unknown = int((kept & patients[rule.column].isna()).sum())
            notes += [f"{counted(unknown, 'patient')} without a recorded {rule.column} left out."] * (unknown > 0)
        kept &= passed
    if not kept.any() and "no-population" not in lacks:
        asked = join([_filter_words(rule) for rule in analysis.population.where])
        lacks["no-population"] = f"None of the study's {len(patients)} patients is one the claim is about ({asked})."
    told = f"patients {', '.join(words)}" if words else EVERYONE
    return Who(frozenset(patients.loc[kept, "patient"]), told, tuple(notes)), lacks


def _label(word):
    return codebook().condition(word).label


def _conditions(dataset, patients):
    return patients["condition"].fillna(dataset.study.condition) if dataset.study.condition else patients["condition"]


def _with_condition(wanted, dataset, patients, lacks):
    found = _conditions(dataset, patients)
    book = codebook()
    fitting = {word for word in found.dropna().unique() if any(book.is_kind_of(word, broader) for broader in wanted)}
    if not fitting:
        has = _labels(found)
        asked = join([inside(_label(word)) for word in wanted], "or")
        lacks["no-population"] = (
            f"The claim is about patients with {asked}; this study's patients have {has}."
            if found.notna().any()
            else f"The claim is about patients with {asked}; this study does not record conditions."
        )
    return found.isin(fitting)


def _filter_words(rule):
    name = rule.column.replace("_", " ")
    if rule.equals is not None:
        return f"with {name}: {rule.equals}"
    bounds = {"at least": rule.at_least, "at most": rule.at_most}
    return f"with {name} {join([f'{word} {value:g}' for word, value in bounds.items() if value is not None])}"


def _passing(rule, patients, lacks):
    """Return which rows pass a filter; None, with a lack, where the study does not record the column."""
    if rule.column not in patients or patients[rule.column].isna().all():
        said = f"The claim is about patients {_filter_words(rule)}; this study does not record '{rule.column}'."
        lacks["no-population"] = f"{lacks['no-population']} {said}" if "no-population" in lacks else said
        return None
    return _within(rule, patients[rule.column])


def _within(rule, values):
    passed = values.notna()
    if rule.equals is not None:
        passed &= values.astype("string").fillna("") == rule.equals
    if rule.at_least is not None:
        passed &= pd.to_numeric(values, errors="coerce") >= rule.at_least
    if rule.at_most is not None:
        passed &= pd.to_numeric(values, errors="coerce") <= rule.at_most
    return passed.fillna(False).astype(bool)


def match_measured(dataset, outcome, who):
    """Return `who` narrowed to the instrument's analysis set: as allocated, everyone with a baseline or one follow-up.

    A questionnaire on backs is given to patients with back pain; the others are neither missing nor failures.
    """
    name, seen = outcome.instrument.id, who.patients & outcome.recorded
    if seen == who.patients:
        return who
    note = f"{counted(len(who.patients) - len(seen), 'patient')} without any value of {name} left out."
    words = _by_condition(dataset, seen) or f"{who.words} with {name} recorded"
    return replace(who, patients=frozenset(seen), words=words, notes=(*who.notes, note))


def _by_condition(dataset, kept):
    """Return `patients with ...` where `kept` are all patients with some conditions: equal sets get equal words."""
    patients = dataset.patients
    found, inside_set = _conditions(dataset, patients), patients["patient"].isin(kept)
    whole = found.isin(found[inside_set].dropna().unique())
    return f"patients with {_labels(found[inside_set])}" if kept and whole.equals(inside_set) else None


def _labels(found):
    return join(sorted({inside(_label(word)) for word in found.dropna().unique()}))


def match_baseline(analysis, dataset, outcome, who, lacks):
    """Return `who` narrowed by filters on the outcome's own baseline (column `baseline`)."""
    rules = [rule for rule in analysis.population.where if rule.column == "baseline"]
    if not rules:
        return who
    instrument, start = outcome.instrument, dataset.study.baseline
    rows = dataset.measured(instrument.id)
    values = rows.loc[rows["visit"] == (start.name if start else None)].set_index("patient")["value"]
    values = values.reindex(sorted(who.patients, key=str))
    kept = pd.concat([_within(rule, values) for rule in rules], axis=1).all(axis=1)
    words = join([_filter_words(rule).replace("baseline", f"{instrument.id} at baseline") for rule in rules])
    if not kept.any():
        lacks["no-population"] = f"None of the {len(values)} patients is one the claim is about ({words})."
    narrowed = f"patients {words}" if who.words == EVERYONE else f"{who.words}, {words}"
    return replace(who, patients=frozenset(values.index[kept]), words=who.words if kept.all() else narrowed)
