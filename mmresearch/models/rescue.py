"""Rescue medication as an intercurrent event (ICH E9 R1): who took it, and the two ways its aftermath can count.

Rescue: from the first follow-up at which a patient's daily dose of analgesics (MME or DDD) exceeds the baseline's by
more than the codebook's `rescue-increase`, or is above nought where there was none. A dose that is not known is no
rescue. The claim registers which way counts; the other stands beside it.
"""

import pandas as pd

from mmresearch.codebook import codebook
from mmresearch.models.needs import NEEDS
from mmresearch.models.wording import counted

DOSES = ("MME", "DDD")
MEDICINES = (*DOSES, "MEDDAYS")  # outcomes that are themselves what was taken
KEPT = "rescue medication: outcomes after it kept (treatment policy)"


def match_rescue(analysis, dataset, lacks):
    """Add a lack where a claim sets rescue medication apart and the study does not know who took it."""
    if analysis.intercurrent in NEEDS[analysis.method].intercurrent[1:] and not _doses(dataset):
        lacks["no-instrument"] = (
            "The claim sets outcomes after rescue medication apart; this study does not record the medicines that "
            "patients took at baseline and later.")


def taken(question, dataset):
    """Return a bool frame (question's patients, the study's visits by day): True from the first rescue on; or None.

    None where nobody of them took any, where the study records no doses, and where the outcome is itself a dose.
    """
    tables = _doses(dataset)
    if not tables or question.instrument.id in MEDICINES:
        return None
    start, limit = dataset.study.baseline.name, codebook().conventions["rescue-increase"].value
    visits = [each.name for each in sorted(dataset.study.visits, key=lambda each: each.day)]
    more = [table.gt(table[start] * limit, axis=0).reindex(columns=visits, fill_value=False) for table in tables]
    found = pd.concat(more).groupby(level=0).any().loc[list(question.patients)].cummax(axis=1)
    return found if found.loc[:, :question.visit.name].any(axis=None) else None


def choose_rows(question, dataset, rows):
    """Return (Rows that count as registered, lines): the outcomes of a mean, and the other choice as (words, Rows)."""
    rescued = taken(question, dataset)
    if rescued is None:
        return rows, ()
    lost = rescued.reindex(index=rows.values.index, columns=rows.values.columns) & rows.values.notna()
    apart = type(rows)(rows.people, rows.values.mask(lost))
    if question.analysis.intercurrent == "hypothetical":
        return apart, ((KEPT, rows),)
    words = f"rescue medication: outcomes after it set aside ({_who(lost)}; hypothetical)"
    return rows, ((words, apart),) if lost.any(axis=None) else ()


def choose_responses(question, dataset, reached):
    """Return (responses that count as registered, lines): the other choice as (words, responses); 1, 0 or NaN."""
    rescued = taken(question, dataset)
    if rescued is None:
        return reached, ()
    after = rescued[question.visit.name].reindex(reached.index)
    failed = reached.mask(after, 0.0)
    if question.analysis.intercurrent == "composite":
        return failed, ((KEPT, reached),)
    words = f"rescue medication: counted as not responding ({counted(int(after.sum()), 'patient')}; composite)"
    return reached, ((words, failed),) if after.any() else ()


def _who(lost):
    return counted(int(lost.any(axis=1).sum()), "patient")


def _doses(dataset):
    """Return the frames of daily doses, a row a patient and a column a visit, of those known at baseline."""
    start = dataset.study.baseline
    frames = [dataset.wide(name) for name in DOSES if len(dataset.outcomes_of(name))]
    return [frame for frame in frames if start is not None and start.name in frame and frame.shape[1] > 1]
